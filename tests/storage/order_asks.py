"""Northgate's order PO-1 in the database, and what happens to it, in a line each."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.lifecycle import LineState
from integration.storage import Store, announcements, order_lines, orders
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SUBJECT = "northgate/PO-1"


def receive(
    store: Store, reference: str = "PO-1", raw: dict[str, Any] | None = None, retailer: str = "northgate"
) -> bool:
    """It comes in. False: it was there."""
    with store.write() as db:
        return orders.receive(db, retailer, reference, 5001, raw or {"first": True}, NOW)


def order(store: Store, subject: str = SUBJECT) -> StoredOrder:
    """The order as it is on record."""
    with store.read() as db:
        found = orders.by_subject(db, subject)
    assert found is not None
    return found


def bind(store: Store, number: int) -> int:
    """It gets a number in Centra."""
    with store.write() as db:
        return orders.bind(db, order(store).id, number)


def row(reference: str, quantity: int, state: LineState = LineState.RECEIVED) -> dict[str, Any]:
    """A line as it is stored."""
    return {"line_reference": reference, "part_number": "7", "quantity": quantity, "state": state}


def with_lines(store: Store, *rows: dict[str, Any]) -> StoredOrder:
    """It is stored with these lines."""
    receive(store)
    with store.write() as db:
        order_lines.store(db, order(store).id, rows)
    return order(store)


def lines(store: Store) -> list[StoredLine]:
    """Its lines as they are on record."""
    with store.read() as db:
        return order_lines.lines(db, order(store).id)


def move(store: Store, reference: str, there: LineState, **units: int | None) -> bool:
    """One of its lines goes somewhere. False: it stayed."""
    (line,) = (each for each in lines(store) if each.line_reference == reference)
    with store.write() as db:
        return order_lines.move(db, order(store), line, there, NOW, "a test", **units)


def begin(store: Store, shipment: int, units: Mapping[str, int]) -> None:
    """A shipment is about to be announced."""
    items = [{"line_ref": reference, "quantity": quantity} for reference, quantity in units.items()]
    with store.write() as db:
        announcements.begin_announcing(db, shipment, order(store).id, f"1200-{shipment}", items, NOW)


def announced(store: Store, shipment: int) -> bool:
    """The retailer took it. False: it was counted before."""
    with store.write() as db:
        return announcements.announced(db, order(store), shipment, LATER, "dispatched")
