"""An order that is listed is stored once with its lines, and what the list shows of a known one is adopted."""

import pytest
from ordering import PO, acknowledge, clock, finish, lines, place, states, stored, story, take

from integration import policy, steps
from integration.lifecycle import LineState
from integration.problems import Refused
from tests.world import NOON, World, line

AGAIN = policy.NEW_AGAIN.total_seconds() + 1


def test_an_order_is_stored_with_its_lines_and_its_clocks_run(ordered: World) -> None:
    assert [(each.line_reference, each.quantity, each.state) for each in lines(ordered)] == [
        ("1", 2, LineState.RECEIVED)
    ]
    assert story(ordered) == ["received"]
    started = [clock(ordered, name).started_at for name in ("acknowledge", "dispatch")]
    assert started == [NOON.replace(hour=11)] * 2, "they run since the retailer's moment of the order"


def test_lines_come_in_the_state_they_are_in(shop: World) -> None:
    rows = [
        line("1", "71000001") | {"status": status, "line_reference": str(number)}
        for number, status in enumerate(["ORDER", "ORDER_ACK", "BACKORDER", "CANCEL", "CANCEL_ACK", "DISPATCH", "RMA"])
    ]
    shop.orders("northgate", 5001, "PO-1", *rows, line("9", "71000001", 0))
    shop.do(steps.ORDERS_POLL, "northgate")

    assert states(shop) == [
        LineState.RECEIVED, LineState.ACKNOWLEDGED, LineState.BACKORDERED, LineState.CANCELLING, LineState.CANCELLED,
        LineState.DISPATCHED, LineState.DISPATCHED, LineState.CANCELLED,
    ]  # fmt: skip
    assert [each.open for each in lines(shop)] == [1, 1, 1, 1, 0, 0, 0, 0]


def test_a_line_of_no_units_keeps_nothing_from_being_done(shop: World) -> None:
    take(shop, "northgate", "PO-1", line("1", "71000001", 2), line("2", "71000002", 0), number=5001)

    assert states(shop) == [LineState.ACKNOWLEDGED, LineState.CANCELLED]
    assert shop.items() == []


def test_a_corrected_order_has_the_lines_it_has_now(ordered: World) -> None:
    ordered.orders("northgate", 5001, "PO-1", line("1", "71000001", 1), line("2", "71000002", 1, "7.00"))

    ordered.do(steps.ORDERS_POLL, "northgate")
    ordered.settle()

    assert [(each.line_reference, each.quantity) for each in lines(ordered)] == [("1", 1), ("2", 1)]
    assert [(each.sku, each.quantity) for each in ordered.centra.made[1200].lines] == [("TEE-M", 1), ("CAP", 1)]


def test_a_placed_order_is_not_corrected(taken: World) -> None:
    taken.orders("northgate", 5001, "PO-1", line("1", "71000001", 1))

    taken.do(steps.ORDERS_POLL, "northgate")

    assert [each.quantity for each in lines(taken)] == [2]


# Test orders


def test_a_test_order_is_rehearsed_and_never_reaches_centra(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    assert place(shop).state == "done"
    assert acknowledge(shop).state == "done"

    assert stored(shop).rehearsal
    assert shop.centra.calls == []
    assert shop.northgate.status(5001) == "ORDER_ACK"
    assert "rehearsed" in story(shop)
    assert shop.asked(steps.DISPATCHES_REHEARSE) == [PO]


def test_a_test_order_that_is_cancelled_is_confirmed_without_centra(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    place(shop)
    acknowledge(shop)
    shop.northgate.wants_cancelled(5001)
    shop.do(steps.CANCELLATIONS_POLL, "northgate")
    shop.run(steps.CANCELLATIONS_SETTLE, PO)
    shop.run(steps.CANCELLATIONS_CONFIRM, PO)

    assert shop.northgate.status(5001) == "CANCEL_ACK"
    assert shop.centra.calls == []


def test_a_test_order_goes_to_the_warehouse_where_the_profile_says_so(shop: World) -> None:
    shop.change("northgate", test_orders={"warehouse": True, "carrier": None})
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    finish(shop)

    assert not stored(shop).rehearsal
    assert list(shop.centra.made) == [1200]


# New again


@pytest.fixture
def new_again(taken: World) -> World:
    """Well after its acknowledgement, the order is listed as new."""
    taken.northgate.shows(5001, "ORDER")
    taken.wait(AGAIN)
    return taken


def test_an_order_that_comes_back_as_new_is_acknowledged_once_more(new_again: World) -> None:
    new_again.do(steps.ORDERS_POLL, "northgate")
    finish(new_again)

    assert len(new_again.northgate.said("acknowledge")) == 1
    assert new_again.northgate.status(5001) == "ORDER_ACK"
    assert new_again.causes() == []
    assert list(new_again.centra.made) == [1200]


def test_an_old_reading_of_the_list_brings_nothing_back(taken: World) -> None:
    taken.northgate.shows(5001, "ORDER")
    taken.wait(60)

    taken.do(steps.ORDERS_POLL, "northgate")

    assert taken.asked(steps.ORDERS_ACKNOWLEDGE) == []


def test_an_order_that_only_seemed_to_be_new_is_looked_at_and_not_acknowledged(new_again: World) -> None:
    new_again.do(steps.ORDERS_POLL, "northgate")
    new_again.northgate.shows(5001, "ORDER_ACK")
    finish(new_again)

    assert new_again.northgate.said("acknowledge") == []
    assert not stored(new_again).came_back


def test_an_order_that_comes_back_twice_is_told_to_a_person_and_goes_on(new_again: World) -> None:
    for _ in range(2):
        new_again.do(steps.ORDERS_POLL, "northgate")
        finish(new_again)
        new_again.wait(AGAIN)
        new_again.northgate.shows(5001, "ORDER")
    new_again.do(steps.ORDERS_POLL, "northgate")
    finish(new_again)

    assert len(new_again.northgate.said("acknowledge")) == 1
    assert new_again.causes() == [("order-new-again", PO)]
    assert new_again.items() == []


def test_one_line_that_comes_back_is_acknowledged_alone(shop: World) -> None:
    take(shop, "northgate", "PO-1", line("1", "71000001", 2), line("2", "71000002", 1), number=5001)
    shop.northgate.shows(5001, "ORDER", "2")
    shop.wait(AGAIN)

    shop.do(steps.ORDERS_POLL, "northgate")
    finish(shop)

    said = [[item["line_ref"] for item in each] for each in shop.northgate.said("acknowledge")]
    assert said == [["1", "2"], ["2"]]
    assert shop.causes() == []


def test_an_order_that_is_listed_for_a_line_we_never_answered_did_not_come_back(shop: World) -> None:
    """The other line waits for stock and for a person; the platform calls the whole order new as long as it does."""
    shop.retailers["fernhill"].fail("backorder", *[refusal() for _ in range(3)])
    take(shop, "fernhill", "FH-1", line("1", "TEE-M", 9, "90.00"), line("2", "CAP", 1))
    for _ in range(3):
        shop.wait(AGAIN)
        shop.do(steps.ORDERS_POLL, "fernhill")
        finish(shop)

    assert shop.causes() == [("backorder-refused", "fernhill/FH-1")]
    assert len(shop.retailers["fernhill"].said("acknowledge")) == 1


# Statuses


def test_a_status_we_do_not_know_is_told_to_a_person_and_changes_nothing(taken: World) -> None:
    taken.northgate.placed[5001]["items"][0]["status"] = "ON_THE_MOON"
    taken.northgate.placed[5001]["status"] = "ORDER"

    taken.do(steps.ORDERS_POLL, "northgate")
    finish(taken)

    assert taken.causes() == [("unknown-status", PO)]
    assert states(taken) == [LineState.ACKNOWLEDGED]


def test_a_status_that_is_known_again_needs_nobody(taken: World) -> None:
    taken.northgate.shows(5001, "ON_THE_MOON")
    taken.northgate.placed[5001]["status"] = "ORDER"
    taken.do(steps.ORDERS_POLL, "northgate")
    assert taken.causes() == [("unknown-status", PO)]

    taken.northgate.shows(5001, "CANCEL")
    taken.do(steps.CANCELLATIONS_POLL, "northgate")

    assert taken.causes() == []


def refusal() -> Refused:
    return Refused("sub status unknown", status=400)
