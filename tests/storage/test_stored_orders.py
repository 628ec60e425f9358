"""An order has one row, one Centra number and counts each of its shipments once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from integration.storage import Store, orders
from integration.storage.orders import StoredOrder
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SUBJECT = "northgate/PO-1"


def receive(
    store: Store, reference: str = "PO-1", raw: dict[str, Any] | None = None, retailer: str = "northgate"
) -> bool:
    with store.write() as db:
        return orders.receive(db, retailer, reference, 5001, raw or {"first": True}, NOW)


def order(store: Store) -> StoredOrder:
    with store.read() as db:
        found = orders.by_subject(db, SUBJECT)
    assert found is not None
    return found


def bind(store: Store, number: int) -> int:
    with store.write() as db:
        return orders.bind(db, order(store).id, number)


def line(reference: str, quantity: int) -> dict[str, Any]:
    return {"line_reference": reference, "part_number": "7", "sku": "TEE-M", "quantity": quantity}


@pytest.fixture
def placed(store: Store) -> StoredOrder:
    """An order of three and two units, in Centra."""
    receive(store)
    bind(store, 1200)
    with store.write() as db:
        orders.placed(db, order(store).id, [line("1", 3), line("2", 2)], NOW)
    return order(store)


def begin(store: Store, shipment: int, units: dict[str, int]) -> None:
    items = [{"line_ref": reference, "quantity": quantity} for reference, quantity in units.items()]
    with store.write() as db:
        orders.begin_announcing(db, shipment, order(store).id, f"1200-{shipment}", items, NOW)


def announced(store: Store, shipment: int) -> bool:
    with store.write() as db:
        return orders.announced(db, order(store).id, shipment, LATER)


def dispatched(store: Store) -> list[int]:
    with store.read() as db:
        return [each.dispatched for each in orders.lines(db, order(store).id)]


def test_an_order_received_twice_is_stored_once_as_it_first_came(store: Store) -> None:
    assert receive(store)
    assert not receive(store, raw={"second": True})

    assert order(store).raw == {"first": True}


def test_racing_polls_store_an_order_once(store: Store) -> None:
    assert sum(race(*[lambda: receive(store)] * 6)) == 1


def test_two_retailers_may_use_one_reference(store: Store) -> None:
    receive(store)

    assert receive(store, retailer="calder")
    with store.read() as db:
        assert {each.subject for each in orders.find(db, "PO-1")} == {SUBJECT, "calder/PO-1"}


def test_an_order_is_found_by_reference_subject_and_centra_number(store: Store) -> None:
    receive(store)
    bind(store, 1200)

    with store.read() as db:
        for name in ("PO-1", SUBJECT, "1200"):
            assert [each.subject for each in orders.find(db, name)] == [SUBJECT], name
        assert orders.find(db, "9" * 40) == []


def test_a_reference_with_a_slash_in_it_is_found_whole(store: Store) -> None:
    receive(store, reference="A/1")

    with store.read() as db:
        found = orders.by_subject(db, "northgate/A/1")
    assert found is not None
    assert found.reference == "A/1"


def test_of_racing_binds_one_number_counts_for_all(store: Store) -> None:
    receive(store)

    told = race(*[lambda number=number: bind(store, number) for number in range(1200, 1206)])

    assert set(told) == {order(store).centra_number}


def test_a_bound_order_keeps_its_number_and_its_content(store: Store) -> None:
    receive(store)
    bind(store, 1200)
    with store.write() as db:
        orders.replace_raw(db, order(store).id, {"corrected": True})
        orders.not_placed(db, order(store).id)

    assert bind(store, 1300) == 1200
    assert order(store).raw == {"first": True}


def test_a_corrected_order_that_is_not_in_centra_replaces_the_old_one(store: Store) -> None:
    receive(store)

    with store.write() as db:
        orders.replace_raw(db, order(store).id, {"corrected": True})

    assert order(store).raw == {"corrected": True}


def test_the_intention_to_place_stays_on_record_until_centra_said_no(store: Store) -> None:
    receive(store)
    with store.write() as db:
        orders.begin_placing(db, order(store).id, NOW)
    assert (order(store).state, order(store).placing_since) == (orders.PLACING, NOW)

    with store.write() as db:
        orders.not_placed(db, order(store).id)

    assert (order(store).state, order(store).placing_since) == (orders.RECEIVED, None)


def test_an_order_placed_twice_has_its_lines_once(store: Store, placed: StoredOrder) -> None:
    with store.write() as db:
        orders.placed(db, placed.id, [line("1", 3), line("2", 2)], LATER)

    with store.read() as db:
        found = orders.lines(db, placed.id)
    assert [(each.line_reference, each.quantity) for each in found] == [("1", 3), ("2", 2)]
    assert order(store).placed_at == NOW


def test_a_confirmed_order_knows_its_lines_in_centra(store: Store, placed: StoredOrder) -> None:
    with store.write() as db:
        orders.confirmed(db, placed.id, {"1": 81, "2": None}, LATER)

    with store.read() as db:
        found = orders.lines(db, placed.id)
    assert [(each.line_reference, each.centra_line_id) for each in found] == [("1", 81), ("2", None)]
    assert order(store).confirmed_at == LATER


def test_the_first_acknowledgement_is_the_one_on_record(store: Store, placed: StoredOrder) -> None:
    with store.write() as db:
        orders.acknowledged(db, placed.id, NOW)
        orders.acknowledged(db, placed.id, LATER)

    assert (order(store).state, order(store).acknowledged_at) == (orders.ACKNOWLEDGED, NOW)


def test_a_shipment_counts_its_units_once(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 2})

    assert announced(store, 41)
    assert not announced(store, 41)

    assert dispatched(store) == [2, 0]


def test_racing_announcements_of_one_shipment_count_once(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 2})

    assert sum(race(*[lambda: announced(store, 41)] * 4)) == 1

    assert dispatched(store) == [2, 0]


def test_an_order_is_dispatched_when_no_unit_remains(store: Store, placed: StoredOrder) -> None:
    with store.write() as db:
        orders.acknowledged(db, placed.id, NOW)
    begin(store, 41, {"1": 3})
    announced(store, 41)
    assert order(store).state == orders.ACKNOWLEDGED

    begin(store, 42, {"2": 2})
    announced(store, 42)

    assert order(store).state == orders.DISPATCHED


def test_a_late_acknowledgement_never_moves_a_dispatched_order_back(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 3, "2": 2})
    announced(store, 41)

    with store.write() as db:
        orders.acknowledged(db, placed.id, LATER)

    assert order(store).state == orders.DISPATCHED


def test_only_shipments_nobody_was_told_of_are_unannounced(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 1})
    announced(store, 41)
    begin(store, 42, {"1": 1})

    with store.read() as db:
        assert orders.unannounced(db, [41, 42, 43]) == {42, 43}


def test_what_was_said_of_a_shipment_cannot_be_taken_back(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 1})
    announced(store, 41)

    with store.write() as db:
        orders.not_announced(db, 41)
        told = orders.announcement(db, 41)

    assert told is not None
    assert told.announced_at == LATER


def test_orders_in_flight_are_paged_by_their_centra_number(store: Store) -> None:
    for number in (1203, 1201, 1202):
        receive(store, reference=str(number))
        with store.write() as db:
            found = orders.by_subject(db, f"northgate/{number}")
            assert found is not None
            orders.bind(db, found.id, number)
            orders.placed(db, found.id, [line("1", 1)], NOW)

    with store.read() as db:
        assert orders.numbers_in_flight(db, 0, 2) == [1201, 1202]
        assert orders.numbers_in_flight(db, 1202, 2) == [1203]


def test_an_error_of_the_database_tells_nothing_of_the_customer(store: Store) -> None:
    with store.write() as db:
        for table in ("announcement", "order_line", "marketplace_order"):
            db.execute(sa.text(f"DROP TABLE {table}"))

    with pytest.raises(sa.exc.SQLAlchemyError) as failed:
        receive(store, raw={"full_name": "Ada King"})

    assert "Ada King" not in f"{failed.value!r} {failed.value}"
