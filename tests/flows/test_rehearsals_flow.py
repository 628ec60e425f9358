"""A test order is dispatched at its retailer and nowhere else."""

import pytest
from dispatching import NORTHGATE, facts, told
from ordering import acknowledge, clock, place, states, stored

from integration import steps
from integration.flows.work import Outcome
from integration.lifecycle import LineState, OrderState
from integration.problems import LookFirst, Refused, TryAgain
from tests.world import World, line


@pytest.fixture
def rehearsed(shop: World) -> World:
    """Northgate rehearses its test orders; one of three T-shirts and a cap is acknowledged."""
    shop.change("northgate", test_orders={"warehouse": False, "carrier": "royal-mail"})
    lines = (line("1", "71000001", 3, "36.00"), line("2", "71000002", 1))
    shop.orders("northgate", 5001, "PO-1", *lines, test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    assert place(shop).state == "done"
    assert acknowledge(shop).state == "done"
    return shop


def rehearse(world: World) -> Outcome:
    return world.run(steps.DISPATCHES_REHEARSE, NORTHGATE)


def test_all_lines_are_dispatched_under_a_test_number(rehearsed: World) -> None:
    assert rehearse(rehearsed).state == "done"

    (items,) = told(rehearsed)
    assert [(item["line_ref"], item["quantity"]) for item in items] == [("1", 3), ("2", 1)]
    wanted = {"carrier": "royal-mail", "tracking_number": "TEST-PO-1", "supplier_dispatch_date": "2026-03-02"}
    assert all(item.items() >= wanted.items() for item in items)
    assert facts(rehearsed, "rehearsed dispatch")["tracking"] == "TEST-PO-1"
    assert stored(rehearsed).state is OrderState.DISPATCHED
    assert clock(rehearsed, "dispatch").met_at == rehearsed.at


def test_centra_never_hears_of_it(rehearsed: World) -> None:
    rehearse(rehearsed)

    assert rehearsed.centra.calls == []


def test_it_is_dispatched_once(rehearsed: World) -> None:
    rehearse(rehearsed)

    assert rehearsed.do(steps.DISPATCHES_REHEARSE, NORTHGATE).state == "done"

    assert len(told(rehearsed)) == 1


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_is_looked_up(rehearsed: World, arrives: bool) -> None:
    if arrives:
        rehearsed.northgate.lose_answer("dispatch", LookFirst("lost"))
    else:
        rehearsed.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    assert rehearse(rehearsed).state == "again"
    rehearsed.wait(20)
    assert rehearse(rehearsed).state == "idle", "the platform may be at it still"
    rehearsed.wait(40)

    assert rehearse(rehearsed).state == "done"

    assert rehearsed.northgate.left == {(5001, "1"): 3, (5001, "2"): 1}
    assert len(told(rehearsed)) == (1 if arrives else 2)
    assert stored(rehearsed).state is OrderState.DISPATCHED


def test_what_somebody_dispatched_in_the_portal_is_left_out(rehearsed: World) -> None:
    rehearsed.northgate.shows(5001, "DISPATCH", "1")

    rehearse(rehearsed)

    assert [[item["line_ref"] for item in call] for call in told(rehearsed)] == [["2"]]


def test_a_line_that_is_to_be_cancelled_is_settled_first(rehearsed: World) -> None:
    rehearsed.northgate.wants_cancelled(5001, "1")
    assert rehearse(rehearsed).state == "again"
    rehearsed.run(steps.CANCELLATIONS_SETTLE, NORTHGATE)
    assert rehearsed.run(steps.CANCELLATIONS_CONFIRM, NORTHGATE).state == "done"
    rehearsed.wait(60)

    assert rehearse(rehearsed).state == "done"

    assert states(rehearsed) == [LineState.CANCELLED, LineState.DISPATCHED]


def test_a_carrier_that_the_platform_does_not_know_waits_for_a_person(rehearsed: World) -> None:
    rehearsed.change("northgate", test_orders={"carrier": "pigeon"})

    assert rehearse(rehearsed).state == "held"

    assert rehearsed.causes() == [("carrier-not-allowed", "northgate/pigeon")]
    assert told(rehearsed) == []


def test_a_refusal_waits_for_a_person(rehearsed: World) -> None:
    rehearsed.northgate.fail("dispatch", Refused("no", status=400))

    assert rehearse(rehearsed).state == "held"

    assert rehearsed.causes() == [("dispatch-refused", f"{NORTHGATE}/TEST")]


def test_a_refusal_because_a_line_moved_meanwhile_is_judged_again(rehearsed: World) -> None:
    rehearsed.northgate.meanwhile("dispatch", lambda: rehearsed.northgate.shows(5001, "DISPATCH", "1"))
    assert rehearse(rehearsed).state == "again"
    rehearsed.wait(60)

    assert rehearse(rehearsed).state == "done"

    assert stored(rehearsed).state is OrderState.DISPATCHED


def test_a_platform_that_is_down_is_asked_again(rehearsed: World) -> None:
    rehearsed.northgate.fail("dispatch", TryAgain("down"))
    assert rehearse(rehearsed).state == "again"
    rehearsed.wait(60)

    assert rehearse(rehearsed).state == "done"


def test_a_retailer_whose_dispatches_are_switched_off_hears_nothing(rehearsed: World) -> None:
    rehearsed.change("northgate", switches={"dispatches": False})

    rehearse(rehearsed)

    assert told(rehearsed) == []


def test_an_order_that_is_no_test_is_never_rehearsed(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"))
    shop.do(steps.ORDERS_POLL, "northgate")
    place(shop)
    acknowledge(shop)

    assert shop.asked(steps.DISPATCHES_REHEARSE) == []
    assert shop.do(steps.DISPATCHES_REHEARSE, NORTHGATE).state == "done"
    assert told(shop) == []
