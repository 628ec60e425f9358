"""There is one door through which a line's state changes: it asks the table of moves, and it tells the timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.lifecycle import LineState, may_move
from integration.storage import journal
from integration.storage.orders import StoredOrder, settle
from integration.storage.store import insert, table_of
from integration.storage.tables import OrderLine

LINE = table_of(OrderLine)


@dataclass(frozen=True)
class StoredLine:
    """A row of order_line."""

    id: int
    order_id: int
    line_reference: str
    part_number: str
    sku: str | None
    quantity: int
    state: LineState
    moved_at: datetime | None
    state_before: LineState | None
    dispatched: int
    cancelled: int
    cancel_asked: int | None
    centra_line_id: int | None
    centra_cancelled: int
    short: int

    @property
    def open(self) -> int:
        """Units that are neither dispatched nor cancelled."""
        return self.quantity - self.dispatched - self.cancelled


def store(db: sa.Connection, order_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add the lines of an order: line_reference, part_number, quantity, state, and cancelled or dispatched units.

    Lines that are stored already stay as they are.
    """
    for row in rows:
        db.execute(insert(db, OrderLine).values(order_id=order_id, **{**_NO_UNITS, **row}).on_conflict_do_nothing())
    settle(db, order_id)


_NO_UNITS: Mapping[str, Any] = {"dispatched": 0, "cancelled": 0, "centra_cancelled": 0, "short": 0}


def correct(db: sa.Connection, order_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """The retailer corrected an order that is not in Centra yet: articles and quantities follow, states do not."""
    named = [row["line_reference"] for row in rows]
    db.execute(sa.delete(LINE).where(LINE.c.order_id == order_id, LINE.c.line_reference.not_in(named)))
    for row in rows:
        _line(db, order_id, row["line_reference"], part_number=row["part_number"], quantity=row["quantity"])
    store(db, order_id, rows)


def lines(db: sa.Connection, order_id: int) -> list[StoredLine]:
    """The lines of an order."""
    return of_orders(db, [order_id]).get(order_id, [])


def of_orders(db: sa.Connection, order_ids: Sequence[int]) -> dict[int, list[StoredLine]]:
    """The lines of several orders, by order."""
    rows = db.execute(sa.select(LINE).where(LINE.c.order_id.in_(list(order_ids))).order_by(LINE.c.id))
    found: dict[int, list[StoredLine]] = {}
    for row in rows:
        known = dict(row._mapping)
        known["state"] = LineState(row.state)
        known["state_before"] = LineState(row.state_before) if row.state_before else None
        found.setdefault(row.order_id, []).append(StoredLine(**known))
    return found


def move(
    db: sa.Connection, order: StoredOrder, line: StoredLine, there: LineState, now: datetime, cause: str,
    **units: int | None,
) -> bool:
    """Move a line, unless the table of moves forbids it or it moved meanwhile. Returns whether it moved.

    :param cause: why, for the timeline.
    :param units: new values of dispatched, cancelled or cancel_asked.
    """
    if not may_move(line.state, there):
        return False
    if there is LineState.CANCELLING:
        # A new wish: how many units it is about has to be learned anew.
        units.setdefault("cancel_asked", None)
    changed = db.execute(
        sa.update(LINE).where(LINE.c.id == line.id, LINE.c.state == line.state)
        .values(state=there, moved_at=now, state_before=line.state if there is LineState.CANCELLING else None, **units)
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    facts = {name: value for name, value in units.items() if value}
    journal.tell(
        db, "order", order.subject, f"line {there}", now, line=line.line_reference, was=str(line.state), cause=cause,
        **facts,
    )  # fmt: skip
    settle(db, order.id)
    return True


def move_all(
    db: sa.Connection, order: StoredOrder, there: LineState, now: datetime, cause: str,
    only: Sequence[str] | None = None,
) -> None:
    """Move every line (or those with these references) that may go there."""
    for line in lines(db, order.id):
        if only is None or line.line_reference in only:
            move(db, order, line, there, now, cause)


def count_dispatched(
    db: sa.Connection, order: StoredOrder, units: Mapping[str, int], now: datetime, cause: str
) -> None:
    """Count units that the retailer took as dispatched, by line reference; a line without open units is over."""
    for line in lines(db, order.id):
        sent = units.get(line.line_reference, 0)
        if sent and line.state not in (LineState.DISPATCHED, LineState.CANCELLED):
            _count(db, order, line, now, cause, dispatched=line.dispatched + sent)


def count_cancelled(
    db: sa.Connection, order: StoredOrder, units: Mapping[str, int], now: datetime, cause: str
) -> None:
    """Count units whose cancellation the retailer has confirmed from us, by line reference."""
    for line in lines(db, order.id):
        gone = units.get(line.line_reference, 0)
        if gone and line.state is LineState.CANCELLING:
            _count(db, order, line, now, cause, cancelled=line.cancelled + gone, cancel_asked=None)


def learn_skus(db: sa.Connection, order_id: int, skus: Mapping[str, str | None]) -> None:
    """The Centra SKU that each line is placed as, by line reference; None where it is left out."""
    for reference, sku in skus.items():
        _line(db, order_id, reference, sku=sku)


def learn_centra_lines(db: sa.Connection, order_id: int, centra_lines: Mapping[str, int | None]) -> None:
    """The Centra order line that each line became, by line reference."""
    for reference, centra_line in centra_lines.items():
        _line(db, order_id, reference, centra_line_id=centra_line)


def learn_centra(db: sa.Connection, line_id: int, *, cancelled: int, short: int) -> None:
    """Units of a line that Centra no longer has, or never had, and units it has no stock for."""
    db.execute(sa.update(LINE).where(LINE.c.id == line_id).values(centra_cancelled=cancelled, short=short))


def learn_wish(db: sa.Connection, line_id: int, units: int) -> None:
    """How many units of a line the retailer asks to cancel."""
    db.execute(sa.update(LINE).where(LINE.c.id == line_id).values(cancel_asked=units))


def all_short(db: sa.Connection, order_id: int) -> None:
    """Centra has not enough stock for an order; which of its lines are short shows when the order is read."""
    db.execute(sa.update(LINE).where(LINE.c.order_id == order_id).values(short=LINE.c.quantity))


def _count(
    db: sa.Connection, order: StoredOrder, line: StoredLine, now: datetime, cause: str, **units: int | None
) -> None:
    after = replace(line, **units)  # type: ignore[arg-type]
    if after.open <= 0:
        there = LineState.DISPATCHED if after.dispatched else LineState.CANCELLED
    elif line.state is LineState.CANCELLING and "cancelled" in units:
        there = line.state_before or LineState.RECEIVED
    else:
        db.execute(sa.update(LINE).where(LINE.c.id == line.id).values(**units))
        return
    move(db, order, line, there, now, cause, **units)


def _line(db: sa.Connection, order_id: int, reference: str, **values: Any) -> None:
    db.execute(
        sa.update(LINE).where(LINE.c.order_id == order_id, LINE.c.line_reference == reference).values(**values)
    )
