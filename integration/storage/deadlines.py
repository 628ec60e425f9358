"""A clock runs once per order and kind; its marks are reached once, and it stops when it is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Deadline

DEADLINE = table_of(Deadline)


@dataclass(frozen=True)
class StoredDeadline:
    """A row of deadline."""

    id: int
    order_id: int
    clock: str
    started_at: datetime
    due_at: datetime
    passed: int
    next_mark_at: datetime | None
    met_at: datetime | None
    missed_at: datetime | None


def start(
    db: sa.Connection, order_id: int, clock: str, started_at: datetime, due_at: datetime, next_mark_at: datetime | None
) -> None:
    """Start a clock, or give a running one another due moment; one that was met stays met."""
    statement = insert(db, Deadline).values(
        order_id=order_id, clock=clock, started_at=started_at, due_at=due_at, passed=0, next_mark_at=next_mark_at
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["order_id", "clock"],
            set_={
                "due_at": due_at, "started_at": started_at, "passed": 0, "next_mark_at": next_mark_at,
                "missed_at": None,
            },
            where=DEADLINE.c.met_at.is_(None),
        )
    )


def meet(db: sa.Connection, order_id: int, now: datetime, clocks: Sequence[str]) -> None:
    """What the retailer waited for has happened."""
    db.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.order_id == order_id, DEADLINE.c.clock.in_(list(clocks)), DEADLINE.c.met_at.is_(None))
        .values(met_at=now)
    )


def reached(db: sa.Connection, now: datetime, limit: int) -> list[StoredDeadline]:
    """Running clocks whose next mark is reached, the earliest first."""
    rows = db.execute(
        sa.select(DEADLINE).where(DEADLINE.c.met_at.is_(None), DEADLINE.c.next_mark_at <= now)
        .order_by(DEADLINE.c.next_mark_at).limit(limit)
    )  # fmt: skip
    return [StoredDeadline(**row._mapping) for row in rows]


def mark(
    db: sa.Connection, row: StoredDeadline, passed: int, next_mark_at: datetime | None, missed_at: datetime | None
) -> bool:
    """Note that a mark is reached. False: another worker noted it, or the clock was met meanwhile."""
    changed = db.execute(
        sa.update(DEADLINE)
        .where(DEADLINE.c.id == row.id, DEADLINE.c.passed == row.passed, DEADLINE.c.met_at.is_(None))
        .values(passed=passed, next_mark_at=next_mark_at, missed_at=missed_at)
    )
    return changed.rowcount == 1


def of_order(db: sa.Connection, order_id: int) -> list[StoredDeadline]:
    """The clocks of an order."""
    rows = db.execute(sa.select(DEADLINE).where(DEADLINE.c.order_id == order_id).order_by(DEADLINE.c.due_at))
    return [StoredDeadline(**row._mapping) for row in rows]


def running(db: sa.Connection, now: datetime, soon: int) -> list[tuple[str, int, int]]:
    """Per clock: how many have passed at least `soon` per cent and are not missed, and how many are missed."""
    late = sa.and_(DEADLINE.c.due_at <= now)
    rows = db.execute(
        sa.select(
            DEADLINE.c.clock,
            sa.func.count().filter(DEADLINE.c.passed >= soon, ~late),
            sa.func.count().filter(late),
        ).where(DEADLINE.c.met_at.is_(None)).group_by(DEADLINE.c.clock)
    )  # fmt: skip
    return [(clock, near, missed) for clock, near, missed in rows]
