"""An announcement counts its units once, and what was said cannot be taken back."""

import pytest
from order_asks import LATER, NOW, announced, begin, lines, move, order, row, with_lines

from integration.lifecycle import LineState, OrderState
from integration.storage import Store, announcements, orders
from integration.storage.orders import StoredOrder
from tests.racing import race


@pytest.fixture
def placed(store: Store) -> StoredOrder:
    """An order of three and two units, in Centra."""
    known = with_lines(store, row("1", 3), row("2", 2))
    with store.write() as db:
        orders.bind(db, known.id, 1200)
        orders.placed(db, known.id, NOW)
    return order(store)


def acknowledge(store: Store) -> None:
    for reference in ("1", "2"):
        move(store, reference, LineState.ACKNOWLEDGED)


def dispatched(store: Store) -> list[int]:
    return [each.dispatched for each in lines(store)]


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
    acknowledge(store)
    begin(store, 41, {"1": 3})
    announced(store, 41)
    assert order(store).state is OrderState.ACKNOWLEDGED

    begin(store, 42, {"2": 2})
    announced(store, 42)

    assert order(store).state is OrderState.DISPATCHED


def test_a_late_acknowledgement_never_moves_a_dispatched_order_back(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 3, "2": 2})
    announced(store, 41)

    acknowledge(store)

    assert order(store).state is OrderState.DISPATCHED


def test_units_that_ship_although_their_line_is_to_be_cancelled_are_counted(store: Store, placed: StoredOrder) -> None:
    move(store, "1", LineState.CANCELLING)
    begin(store, 41, {"1": 3})

    announced(store, 41)

    assert [line.state for line in lines(store)] == [LineState.DISPATCHED, LineState.RECEIVED]


def test_only_shipments_nobody_was_told_of_are_unannounced(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 1})
    announced(store, 41)
    begin(store, 42, {"1": 1})

    with store.read() as db:
        assert announcements.unannounced(db, [41, 42, 43]) == {42, 43}


def test_what_was_said_of_a_shipment_cannot_be_taken_back(store: Store, placed: StoredOrder) -> None:
    begin(store, 41, {"1": 1})
    announced(store, 41)

    with store.write() as db:
        announcements.not_announced(db, 41)
        told = announcements.announcement(db, 41)

    assert told is not None
    assert told.announced_at == LATER


def test_a_shipment_is_kept_as_it_was_read_last(store: Store, placed: StoredOrder) -> None:
    with store.write() as db:
        announcements.note_shipment(db, 41, placed.id, "1200-41", {"read": 1}, NOW)
        announcements.note_shipment(db, 41, placed.id, "1200-41", {"read": 2}, LATER)
        told = announcements.announcement(db, 41)

    assert told is not None
    assert (told.snapshot, told.read_at, told.is_told) == ({"read": 2}, LATER, False)
