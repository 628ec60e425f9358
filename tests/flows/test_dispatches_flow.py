"""A retailer is told of each shipment once, with what really left."""

import pytest
from dispatching import CALDER, NORTHGATE, announce, announce_again, bring, facts, northgates, record, told
from ordering import clock, states, stored

from integration import steps
from integration.lifecycle import LineState, OrderState
from integration.problems import Refused, TryAgain
from integration.storage import causes
from tests.world import World, line


@pytest.fixture
def lines(shop: World) -> dict[str, int]:
    """Northgate's order of three T-shirts and a cap is in Centra as order 1200: its Centra lines."""
    return northgates(shop)


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
    assert stored(shop).state is OrderState.DISPATCHED


def test_two_parts_of_one_line_are_announced_each(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2}, shipment=41)
    shop.centra.ships(1200, {lines["1"]: 1, lines["2"]: 1}, shipment=42)

    announce(shop, 41)
    announce(shop, 42)

    assert shop.northgate.left == {(5001, "1"): 3, (5001, "2"): 1}
    assert stored(shop).state is OrderState.DISPATCHED


def test_nothing_is_announced_before_the_order_is_acknowledged(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"))
    found = bring(shop, NORTHGATE, acknowledged=False)
    shop.centra.ships(1200, {found["1"]: 3})

    assert announce(shop).state == "again"
    assert told(shop) == []

    shop.run(steps.ORDERS_ACKNOWLEDGE, NORTHGATE)
    shop.wait(30)
    assert announce_again(shop).state == "done"
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
    assert announce_again(shop).state == "done"
    assert shop.northgate.left == {(5001, "1"): 3}


def test_a_platform_that_is_down_is_asked_again_without_a_look(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.fail("dispatch", TryAgain("down"))
    assert announce(shop).state == "again"
    shop.wait(60)

    assert announce_again(shop).state == "done"
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
    return bring(shop, CALDER)["1"]


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
    assert announce_again(shop, 41, "calder").state == "done"

    assert [[item["quantity"] for item in call] for call in shop.calder.said("dispatch")] == [[3]]
    assert stored(shop, CALDER).state is OrderState.DISPATCHED
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


def test_a_shipment_that_left_before_an_older_one_still_ends_the_wait(shop: World, whole: int) -> None:
    shop.centra.ships(1200, {whole: 1}, shipment=42)
    announce(shop, 42, "calder")
    shop.centra.ships(1200, {whole: 2}, shipment=41)

    announce(shop, 41, "calder")

    assert [[item["quantity"] for item in call] for call in shop.calder.said("dispatch")] == [[3]]
    assert announce_again(shop, 42, "calder").state == "done"
    assert shop.causes() == []


def test_what_is_cancelled_completes_a_line_that_waited(shop: World, whole: int) -> None:
    shop.centra.ships(1200, {whole: 2})
    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    announce_again(shop, 41, "calder")
    assert [code for code, _ in shop.causes()] == ["dispatch-incomplete"]
    shop.calder.wants_cancelled(6001, units=1)
    shop.change("calder", cancel={"part_lines": True})
    shop.do(steps.CANCELLATIONS_POLL, "calder")
    shop.run(steps.CANCELLATIONS_SETTLE, CALDER)
    assert shop.run(steps.CANCELLATIONS_CONFIRM, CALDER).state == "done"
    shop.wait(1)

    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)

    assert announce_again(shop, 41, "calder").state == "done"
    assert shop.calder.left == {(6001, "1"): 2}
    assert shop.causes() == []


@pytest.fixture
def whole_orders(shop: World) -> dict[str, int]:
    """Northgate takes full orders only."""
    shop.change("northgate", dispatch={"full_orders_only": True})
    return northgates(shop)


def test_an_order_waits_where_full_orders_are_wanted(shop: World, whole_orders: dict[str, int]) -> None:
    shop.centra.ships(1200, {whole_orders["1"]: 3})

    assert announce(shop).state == "held"

    assert [code for code, _ in shop.causes()] == ["dispatch-incomplete"]
    assert told(shop) == []


@pytest.mark.parametrize("last", [41, 42, 43])
def test_all_shipments_of_an_order_are_told_in_one_call(
    shop: World, whole_orders: dict[str, int], last: int
) -> None:
    packed = {41: {whole_orders["1"]: 2}, 42: {whole_orders["1"]: 1}, 43: {whole_orders["2"]: 1}}
    for shipment in [each for each in packed if each != last]:
        shop.centra.ships(1200, packed[shipment], shipment=shipment)
        assert announce(shop, shipment).state == "held"
    shop.centra.ships(1200, packed[last], shipment=last)

    assert announce(shop, last).state == "done"

    assert [[(item["line_ref"], item["quantity"]) for item in call] for call in told(shop)] == [[("1", 3), ("2", 1)]]
    assert all(announce_again(shop, each).state == "done" for each in packed if each != last)
    assert shop.causes() == []
    assert stored(shop).state is OrderState.DISPATCHED


def test_a_call_that_failed_leaves_none_of_the_shipments_told(shop: World, whole_orders: dict[str, int]) -> None:
    shop.centra.ships(1200, {whole_orders["1"]: 3}, shipment=41)
    shop.centra.ships(1200, {whole_orders["2"]: 1}, shipment=42)
    shop.northgate.fail("dispatch", TryAgain("down"))
    announce(shop, 42)

    kept = [record(shop, each) for each in (41, 42)]
    assert [each and (each.is_told, each.told_with) for each in kept] == [(False, None), (False, None)]


def test_two_shipments_of_a_line_told_at_once_are_not_more_than_was_ordered(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 2}, shipment=41)
    shop.centra.ships(1200, {lines["1"]: 2}, shipment=42)
    shop.northgate.meanwhile("dispatch", lambda: announce(shop, 42))

    announce(shop, 41)
    shop.wait(60)

    assert announce_again(shop, 42).state == "held"
    assert shop.northgate.left == {(5001, "1"): 2}
    assert [code for code, _ in shop.causes()] == ["dispatch-mismatch"]


def test_another_line_does_not_wait_for_an_announcement_that_is_on_its_way(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, shipment=41)
    shop.centra.ships(1200, {lines["2"]: 1}, shipment=42)
    shop.northgate.meanwhile("dispatch", lambda: announce(shop, 42))

    announce(shop, 41)

    assert shop.northgate.left == {(5001, "1"): 3, (5001, "2"): 1}


def test_a_shipment_that_changes_while_it_is_judged_is_judged_afresh(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})

    def corrected() -> None:
        shop.centra.ships(1200, {lines["1"]: 3}, tracking_number="RIGHT")
        shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)

    shop.northgate.meanwhile("carriers", corrected)
    assert announce(shop).state == "again"
    shop.wait(60)
    announce_again(shop)

    assert [item["tracking_number"] for call in told(shop) for item in call] == ["RIGHT"]


def test_the_timeline_tells_why_a_line_is_dispatched(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["2"]: 1})
    announce(shop)

    assert facts(shop, "dispatched").items() >= {"carrier": "royal-mail", "tracking": "TRACK41"}.items()
    assert facts(shop, "line dispatched").items() >= {"line": "2", "cause": "dispatched", "dispatched": 1}.items()


def test_the_clocks_stop_and_the_invoice_is_due_when_all_has_left(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, shipment=41)
    announce(shop, 41)
    assert clock(shop, "dispatch").met_at is None
    assert shop.asked(steps.INVOICES_SEND) == []
    shop.centra.ships(1200, {lines["2"]: 1}, shipment=42)

    announce(shop, 42)

    assert clock(shop, "dispatch").met_at == shop.at
    assert shop.asked(steps.INVOICES_SEND) == [NORTHGATE]


def test_what_left_of_a_line_that_is_to_be_cancelled_is_told_and_the_rest_settled(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.wants_cancelled(5001, "1")
    shop.do(steps.CANCELLATIONS_POLL, "northgate")
    shop.run(steps.CANCELLATIONS_SETTLE, NORTHGATE)

    assert announce(shop).state == "done"

    assert shop.northgate.left == {(5001, "1"): 2}
    assert states(shop) == [LineState.CANCELLING, LineState.ACKNOWLEDGED]
    assert shop.asked(steps.CANCELLATIONS_SETTLE) == [NORTHGATE]


def test_a_line_on_backorder_is_dispatched_without_another_acknowledgement(
    shop: World, lines: dict[str, int]
) -> None:
    shop.northgate.shows(5001, "BACKORDER", "1")
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.centra.ships(1200, {lines["1"]: 3})

    assert announce(shop).state == "done"

    assert states(shop)[0] is LineState.DISPATCHED


def test_of_a_shipment_that_the_portal_dispatched_in_part_only_the_rest_is_told(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3, lines["2"]: 1})
    shop.northgate.shows(5001, "DISPATCH", "1")

    assert announce(shop).state == "done"

    assert [[item["line_ref"] for item in call] for call in told(shop)] == [["1", "2"], ["2"]]
    assert stored(shop).state is OrderState.DISPATCHED


def test_a_refusal_that_a_look_does_not_explain_is_not_repeated(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.fail("dispatch", *[Refused("no", status=400)] * 2)

    assert announce(shop).state == "held"

    assert len(told(shop)) == 1


def test_shipments_of_orders_that_are_not_ours_are_ignored(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(77, {5: 1}, shipment=90)
    shop.centra.tells("Shipment", 90, 91)
    shop.centra.tells("Shipment", 92, action="DELETED")
    shop.do(steps.INTAKE_POLL, steps.CENTRA)

    assert shop.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"

    assert shop.asked(steps.DISPATCHES_ANNOUNCE) == []
    assert record(shop, 90) is None
    assert announce(shop, 90).state == "done"
    assert told(shop) == []
    assert shop.causes() == []
