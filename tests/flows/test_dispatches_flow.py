"""A retailer is told of each shipment once, with what really left."""

from typing import Any

import pytest

from integration import steps
from integration.flows import dispatches
from integration.flows.work import Outcome
from integration.lifecycle import LineState, OrderState
from integration.problems import LookFirst, Refused, TryAgain
from integration.storage import announcements, causes, journal, order_lines, orders
from tests.world import World, line

NORTHGATE, CALDER = "northgate/PO-1", "calder/PO-2"


def place(world: World, subject: str, *, acknowledged: bool = True) -> dict[str, int]:
    """Bring an order to Centra; returns the Centra line ids by line reference."""
    retailer = subject.partition("/")[0]
    world.do(steps.ORDERS_POLL, retailer)
    assert world.run(steps.ORDERS_PLACE, subject).state == "done"
    if acknowledged:
        assert world.run(steps.ORDERS_ACKNOWLEDGE, subject).state == "done"
    assert world.run(steps.ORDERS_CONFIRM, subject).state == "done"
    with world.store.read() as db:
        order = orders.by_subject(db, subject)
        assert order is not None
        return {each.line_reference: each.centra_line_id or 0 for each in order_lines.lines(db, order.id)}


@pytest.fixture
def lines(shop: World) -> dict[str, int]:
    """Northgate's order of three T-shirts and a cap is in Centra as order 1200."""
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"), line("2", "71000002", 1))
    return place(shop, NORTHGATE)


def announce(world: World, shipment: int = 41, retailer: str = "northgate") -> Outcome:
    return world.do(steps.DISPATCHES_ANNOUNCE, f"{retailer}/{shipment}")


def told(world: World) -> list[list[dict[str, Any]]]:
    return world.northgate.said("dispatch")


def state(world: World, subject: str = NORTHGATE) -> str:
    with world.store.read() as db:
        order = orders.by_subject(db, subject)
    assert order is not None
    return order.state


def test_a_shipment_is_announced_with_carrier_tracking_and_day(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})

    assert announce(shop).state == "done"

    ((item,),) = told(shop)
    wanted = {"line_ref": "1", "part_number": "71000001", "quantity": 3, "carrier": "royal-mail"}
    assert item.items() >= (wanted | {"tracking_number": "TRACK41", "supplier_dispatch_date": "2026-03-02"}).items()


def test_a_shipment_is_announced_once(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3, lines["2"]: 1})
    announce(shop)

    assert announce(shop).state == "done"

    assert len(told(shop)) == 1
    assert state(shop) == OrderState.DISPATCHED


def test_two_parts_of_one_line_are_announced_each(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2}, shipment=41)
    shop.centra.ships(1200, {lines["1"]: 1, lines["2"]: 1}, shipment=42)

    announce(shop, 41)
    announce(shop, 42)

    assert shop.northgate.left == {(5001, "1"): 3, (5001, "2"): 1}
    assert state(shop) == OrderState.DISPATCHED


def test_nothing_is_announced_before_the_order_is_acknowledged(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"))
    found = place(shop, NORTHGATE, acknowledged=False)
    shop.centra.ships(1200, {found["1"]: 3})

    assert announce(shop).state == "again"
    assert told(shop) == []

    shop.run(steps.ORDERS_ACKNOWLEDGE, NORTHGATE)
    shop.wait(30)
    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert len(told(shop)) == 1


def test_a_shipment_that_has_not_left_is_not_announced(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, is_shipped=False)

    assert announce(shop).state == "done"

    assert told(shop) == []


def test_a_refusal_of_what_is_dispatched_already_is_success(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    for item in shop.northgate.placed[5001]["items"]:
        item["status"] = "DISPATCH"

    assert announce(shop).state == "done"

    assert shop.causes() == []
    announce(shop)
    assert len(told(shop)) == 1


def test_a_real_refusal_waits_for_a_person_and_a_retry_sends_again(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.fail("dispatch", Refused("carrier not allowed", status=400))

    assert announce(shop).state == "held"
    assert shop.causes() == [("dispatch-refused", f"{NORTHGATE}/41")]

    with shop.store.write() as db:
        causes.close(db, shop.at, "a person", kinds=["dispatch-refused"])
    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert shop.northgate.left == {(5001, "1"): 3}


def test_a_lost_answer_about_whole_lines_is_looked_up_and_not_repeated(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    assert announce(shop).state == "again"
    shop.wait(60)

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"

    assert len(told(shop)) == 1


def test_an_announcement_of_whole_lines_that_never_arrived_is_repeated(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    announce(shop)
    shop.wait(60)

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"

    assert shop.northgate.left == {(5001, "1"): 3}


def test_a_lost_answer_about_part_of_a_line_waits_for_a_person(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    announce(shop)
    shop.wait(60)

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "held"

    assert shop.causes() == [("dispatch-unknown", f"{NORTHGATE}/41")]
    assert shop.northgate.left == {(5001, "1"): 2}, "nothing was told twice"


def test_the_person_who_looked_and_retries_lets_it_be_sent(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    announce(shop)
    shop.wait(60)
    shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41")

    with shop.store.write() as db:
        causes.close(db, shop.at, "a person", kinds=["dispatch-unknown"])

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert shop.northgate.left == {(5001, "1"): 2}


def test_the_person_who_found_it_in_the_portal_settles_it_without_another_call(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    announce(shop)
    shop.wait(60)
    shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41")

    assert dispatches.settle_by_hand(shop.services, f"{NORTHGATE}/41", "ops: it is there")
    shop.wait(1)

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert shop.causes() == []
    assert shop.northgate.left == {(5001, "1"): 2}, "nothing was told twice"


def test_a_platform_that_is_down_is_asked_again_without_a_look(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.fail("dispatch", TryAgain("down"))
    assert announce(shop).state == "again"
    shop.wait(60)

    assert shop.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert shop.northgate.left == {(5001, "1"): 2}


def test_an_unmapped_carrier_holds_only_what_travels_with_it(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, carrier="Pigeon Post")
    shop.centra.ships(1200, {lines["2"]: 1}, shipment=42)

    assert announce(shop).state == "held"
    assert announce(shop, 42).state == "done"

    assert [code for code, _ in shop.causes()] == ["unmapped-carrier"]


def test_a_switched_off_retailer_hears_of_no_dispatch(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.change("northgate", switches={"dispatches": False})

    announce(shop)

    assert told(shop) == []


@pytest.fixture
def whole(shop: World) -> int:
    """Calder, which takes whole lines only, has ordered three T-shirts: order 1200, this Centra line."""
    shop.orders("calder", 6001, "PO-2", line("1", "TEE-M", 3, "36.00"))
    return place(shop, CALDER)["1"]


def test_part_of_a_line_waits_where_whole_lines_are_wanted(shop: World, whole: int) -> None:
    shop.centra.ships(1200, {whole: 2}, shipment=41)

    assert announce(shop, 41, "calder").state == "held"

    assert [code for code, _ in shop.causes()] == ["dispatch-incomplete"]
    assert shop.calder.said("dispatch") == []


def test_the_rest_of_a_line_announces_all_of_it_and_ends_the_wait(shop: World, whole: int) -> None:
    shop.centra.ships(1200, {whole: 2}, shipment=41)
    announce(shop, 41, "calder")
    shop.centra.ships(1200, {whole: 1}, shipment=42)

    announce(shop, 42, "calder")
    shop.settle()

    assert [[item["quantity"] for item in call] for call in shop.calder.said("dispatch")] == [[3]]
    assert state(shop, CALDER) == OrderState.DISPATCHED
    assert shop.causes() == [], "the shipment that waited is told too"


def test_a_sweep_asks_for_every_shipment_nobody_was_told_of(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, shipment=41)
    announce(shop, 41)
    shop.centra.ships(1200, {lines["2"]: 1}, shipment=42)
    shop.centra.ships(1200, {}, shipment=43, is_shipped=False)

    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)

    assert shop.asked(steps.DISPATCHES_ANNOUNCE) == ["northgate/42"]


def test_a_sweep_without_orders_in_flight_asks_centra_nothing(shop: World) -> None:
    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)

    assert shop.centra.calls == []
