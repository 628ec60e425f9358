"""A database with orders of the past and orders in flight, as the system would have left it after so many."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from integration.storage import Store
from integration.storage.store import table_of
from integration.storage.tables import (
    Announcement,
    Cause,
    Deadline,
    Invoice,
    MarketplaceOrder,
    MarketplaceReturn,
    OrderLine,
    Timeline,
    WorkItem,
)  # fmt: skip

RETAILERS = ("northgate", "calder", "fernhill")
FIRST_NUMBER = 10_000
"""Centra's order numbers, and the ids of shipments and order lines, are this and the number of the order."""
NEW = 100
"""Of the orders in flight so many are not acknowledged, and so many are not in Centra."""
STEPS = ("orders.place", "orders.confirm", "orders.acknowledge", "dispatches.announce")
STORY = ("received", "placed", "confirmed", "acknowledged", "dispatched")
CHUNK = 5_000

Rows = Iterator[dict[str, Any]]


def fill(store: Store, closed: int, in_flight: int, now: datetime) -> None:
    """Store `closed` orders that are over, one each minute, and after them `in_flight` that are not."""
    everything = range(1, closed + in_flight + 1)
    rows: tuple[tuple[type[SQLModel], Rows], ...] = (
        (MarketplaceOrder, (_order(n, closed, now) for n in everything)),
        (OrderLine, (_line(n, closed) for n in everything)),
        (Timeline, (_told(n, what, now) for n in everything for what in STORY[: 5 if n <= closed else 4])),
        (WorkItem, (_item(n, step, now) for n in everything for step in STEPS[: 4 if n <= closed else 3])),
        (Deadline, (_deadline(n, clock, closed, now) for n in everything for clock in ("acknowledge", "dispatch"))),
        (Announcement, (_announcement(n, now) for n in range(1, closed + 1))),
        (MarketplaceReturn, (_return(n, closed, now) for n in everything if n % 20 == 0)),
        (Invoice, (_invoice(n, now) for n in range(1, closed + 1) if n % 3 == 2)),
        (Cause, (_cause(n, closed, now) for n in everything if n % 10 == 0)),
    )
    with store.write() as db:
        for model, each in rows:
            _insert(db, model, each)


def reference(number: int) -> str:
    """What a retailer calls an order."""
    return f"{RETAILERS[number % 3][0].upper()}{number:08}"


def subject(number: int) -> str:
    """How work items and timelines name it."""
    return f"{RETAILERS[number % 3]}/{reference(number)}"


def listed(number: int, customer_id: int) -> dict[str, Any]:
    """An order as its retailer lists it."""
    return {
        "url": f"https://virtualstock.example/restapi/v4/orders/{number}/", "id": number,
        "order_reference": reference(number),
        "retailer": f"https://virtualstock.example/restapi/v4/customers/{customer_id}/",
        "status": "ORDER", "test_flag": False, "items": [
            {"line_reference": "1", "part_number": f"P{number % 500}", "quantity": 1, "status": "ORDER"},
        ],
        "shipping_address": {"full_name": "A. Shopper", "line_1": "1 High Street", "city": "Leeds", "country": "GB"},
        "note": "x" * 1_000,
    }  # fmt: skip


def _insert(db: sa.Connection, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    each = iter(rows)
    while chunk := list(islice(each, CHUNK)):
        db.execute(sa.insert(table_of(model)), chunk)


def _order(number: int, closed: int, now: datetime) -> dict[str, Any]:
    over, place = number <= closed, number - closed
    at, in_centra = _at(number, now), over or place > NEW
    return {
        "id": number, "retailer": RETAILERS[number % 3], "reference": reference(number), "virtualstock_id": number,
        "raw": listed(number, 13 + number % 3), "received_at": at, "rehearsal": False,
        "state": "dispatched" if over else "placed" if in_centra else "received",
        "centra_number": FIRST_NUMBER + number if in_centra else None, "placed_at": at if in_centra else None,
        "confirmed_at": at if in_centra else None, "acknowledged_at": at if over or place > 2 * NEW else None,
    }  # fmt: skip


def _line(number: int, closed: int) -> dict[str, Any]:
    over, place = number <= closed, number - closed
    return {
        "order_id": number, "line_reference": "1", "part_number": f"P{number % 500}", "sku": f"SKU-{number % 500}",
        "quantity": 1, "state": "dispatched" if over else "acknowledged" if place > 2 * NEW else "received",
        "dispatched": int(over), "cancelled": 0, "centra_line_id": FIRST_NUMBER + number, "centra_cancelled": 0,
        "short": 0,
    }  # fmt: skip


def _told(number: int, what: str, now: datetime) -> dict[str, Any]:
    return {"at": _at(number, now), "about": "order", "subject": subject(number), "what": what, "facts": {"n": number}}


def _item(number: int, step: str, now: datetime) -> dict[str, Any]:
    at, retailer = _at(number, now), RETAILERS[number % 3]
    gate = "centra" if step in ("orders.place", "orders.confirm") else f"virtualstock:{retailer}"
    name = f"{retailer}/{FIRST_NUMBER + number}" if step == "dispatches.announce" else subject(number)
    return {
        "step": step, "subject": name, "gate": gate, "lane": "orders", "asked": 1, "answered": 1, "opened_at": at,
        "due_at": at, "tries": 0, "held": False, "done_at": at,
    }  # fmt: skip


def _deadline(number: int, clock: str, closed: int, now: datetime) -> dict[str, Any]:
    at, met = _at(number, now), number <= closed or (clock == "acknowledge" and number - closed > 2 * NEW)
    # Of those in flight every fiftieth has reached a mark.
    mark = now - timedelta(seconds=1) if number % 50 == 0 else now + timedelta(hours=6)
    return {
        "order_id": number, "clock": clock, "started_at": at, "due_at": now + timedelta(hours=24), "passed": 0,
        "next_mark_at": at if met else mark, "met_at": at if met else None, "missed_at": None,
    }  # fmt: skip


def _announcement(number: int, now: datetime) -> dict[str, Any]:
    return {
        "shipment_id": FIRST_NUMBER + number, "order_id": number, "number": f"{FIRST_NUMBER + number}-1",
        "snapshot": {"id": FIRST_NUMBER + number}, "items": [{"line_ref": "1", "quantity": 1}],
        "announced_at": _at(number, now),
    }  # fmt: skip


def _return(number: int, closed: int, now: datetime) -> dict[str, Any]:
    over = number <= closed
    return {
        "id": f"00000000-0000-0000-0000-{number:012}", "retailer": RETAILERS[number % 3], "order_id": number,
        "reference": reference(number), "line_reference": "1", "part_number": f"P{number % 500}", "quantity": 1,
        "reason": "Changed mind", "status": "RMA_REC" if over else "RMA_ACK",
        "state": "approved" if over else "acknowledged", "asked_at": _at(number, now),
        "closed_at": _at(number, now) if over else None,
    }  # fmt: skip


def _invoice(number: int, now: datetime) -> dict[str, Any]:
    at = _at(number, now)
    return {"order_id": number, "attempt": 1, "number": f"INV-{number}", "body": {}, "made_at": at, "accepted_at": at}


def _cause(number: int, closed: int, now: datetime) -> dict[str, Any]:
    at = _at(number, now)
    return {
        "kind": "tracking-missing", "key": subject(number), "owner": "warehouse", "severity": "today",
        "sentence": "The shipment has no tracking number.", "facts": {}, "opened_at": at, "last_seen_at": at,
        "due_at": at, "closed_at": at if number <= closed else None, "closed_by": None, "times": 1,
    }  # fmt: skip


def _at(number: int, now: datetime) -> datetime:
    return now - timedelta(days=200) + timedelta(minutes=number)
