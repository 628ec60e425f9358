"""What each open cause blocks can be read in a few queries, however much waits."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.announcements import ANNOUNCEMENT
from integration.storage.causes import BATCH, CAUSE, HOLD, ITEM
from integration.storage.deadlines import DEADLINE
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER
from integration.storage.returns import RETURN


@dataclass(frozen=True)
class Waiting:
    """An order as far as its weight goes: `amounts` is what the retailer sent of it, without personal data."""

    id: int
    units: int
    deadlines: Sequence[datetime]
    amounts: Mapping[str, Any]


@dataclass(frozen=True)
class Weight:
    """What is written down of a cause; `times` is the opening that was weighed."""

    cause_id: int
    times: int
    severity: str
    due_at: datetime
    impact: Mapping[str, Any]


def open_causes(db: sa.Connection) -> list["sa.Row[Any]"]:
    """All open causes: id, kind, key, facts, severity, opened_at, due_at, times, impact."""
    columns = (
        CAUSE.c.id, CAUSE.c.kind, CAUSE.c.key, CAUSE.c.facts, CAUSE.c.severity, CAUSE.c.opened_at, CAUSE.c.due_at,
        CAUSE.c.times, CAUSE.c.impact,
    )  # fmt: skip
    return list(db.execute(sa.select(*columns).where(CAUSE.c.closed_at.is_(None))))


def held(db: sa.Connection) -> dict[int, list[tuple[str, str]]]:
    """What waits behind each cause, as (step, subject)."""
    rows = db.execute(
        sa.select(HOLD.c.cause_id, ITEM.c.step, ITEM.c.subject).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .order_by(HOLD.c.cause_id, HOLD.c.work_item_id)
    )  # fmt: skip
    found: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.cause_id, []).append((row.step, row.subject))
    return found


def by_reference(db: sa.Connection, subjects: Collection[str]) -> dict[str, int]:
    """The orders that these subjects name, as ``<retailer>/<reference>``."""
    found: dict[str, int] = {}
    for some in _batches(subjects):
        named = sa.tuple_(ORDER.c.retailer, ORDER.c.reference).in_([each.partition("/")[::2] for each in some])
        rows = db.execute(sa.select(ORDER.c.id, ORDER.c.retailer, ORDER.c.reference).where(named))
        found |= {f"{row.retailer}/{row.reference}": row.id for row in rows}
    return found


def by_shipment(db: sa.Connection, subjects: Collection[str]) -> dict[str, int]:
    """The orders of these shipments, each named as ``<retailer>/<shipment id>``."""
    numbers = {int(number): each for each in subjects if (number := each.rpartition("/")[2]).isdecimal()}
    found: dict[str, int] = {}
    for some in _batches(numbers):
        rows = db.execute(
            sa.select(ANNOUNCEMENT.c.shipment_id, ANNOUNCEMENT.c.order_id).where(ANNOUNCEMENT.c.shipment_id.in_(some))
        )
        found |= {numbers[row.shipment_id]: row.order_id for row in rows}
    return found


def by_return(db: sa.Connection, subjects: Collection[str]) -> dict[str, int]:
    """The orders of these returns, each named as ``<retailer>/<return id>``."""
    names = {each.partition("/")[2]: each for each in subjects}
    found: dict[str, int] = {}
    for some in _batches(names):
        rows = db.execute(sa.select(RETURN.c.id, RETURN.c.order_id).where(RETURN.c.id.in_(some)))
        found |= {names[row.id]: row.order_id for row in rows if row.order_id is not None}
    return found


def waiting(db: sa.Connection, order_ids: Collection[int]) -> dict[int, Waiting]:
    """Units that are still open, running deadlines and amounts of these orders."""
    found: dict[int, Waiting] = {}
    for some in _batches(order_ids):
        left = LINE.c.quantity - LINE.c.dispatched - LINE.c.cancelled
        units = sa.select(LINE.c.order_id, sa.func.sum(left).label("units")).where(LINE.c.order_id.in_(some))
        open_units = {row.order_id: int(row.units) for row in db.execute(units.group_by(LINE.c.order_id))}
        running: dict[int, list[datetime]] = {}
        clocks = sa.select(DEADLINE.c.order_id, DEADLINE.c.due_at).where(DEADLINE.c.order_id.in_(some))
        for row in db.execute(clocks.where(DEADLINE.c.met_at.is_(None))):
            running.setdefault(row.order_id, []).append(row.due_at)
        raw = [ORDER.c.raw[name].label(name) for name in ("currency_code", "total", "items")]
        for row in db.execute(sa.select(ORDER.c.id, *raw).where(ORDER.c.id.in_(some))):
            amounts = {"currency_code": row.currency_code, "total": row.total, "items": row._mapping["items"]}
            found[row.id] = Waiting(row.id, open_units.get(row.id, 0), running.get(row.id, ()), amounts)
    return found


def weigh(db: sa.Connection, weights: Sequence[Weight]) -> None:
    """Write down what causes weigh, except of those that were closed or opened again meanwhile."""
    if weights:
        db.execute(_WEIGH, [{f"new_{name}": value for name, value in vars(each).items()} for each in weights])


_WEIGH = (
    sa.update(CAUSE)
    .where(
        CAUSE.c.id == sa.bindparam("new_cause_id"), CAUSE.c.times == sa.bindparam("new_times"),
        CAUSE.c.closed_at.is_(None),
    )
    .values({name: sa.bindparam(f"new_{name}") for name in ("severity", "due_at", "impact")})
)  # fmt: skip


def _batches(keys: Collection[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
