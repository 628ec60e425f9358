"""One cause, one record: however many items wait behind it, it is opened once, owned once and closed once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from integration import policy
from integration.domain.pacing import spread
from integration.kinds import DUE_HOURS
from integration.lanes import Lane
from integration.problems import Problem
from integration.storage import journal
from integration.storage.store import insert, table_of
from integration.storage.tables import Cause, Hold, WorkItem

CAUSE, HOLD, ITEM = table_of(Cause), table_of(Hold), table_of(WorkItem)
BATCH = 400
Pace = Mapping[tuple[str, Lane], float]
"""Pieces of work a second, by quota and lane."""


def open_for(db: sa.Connection, problems: Sequence[Problem], now: datetime, *, item_id: int | None) -> None:
    """Open each problem's cause, or see it again, and let the work item (if any) wait behind all of them.

    What the item waited for before and waits for no more is over, unless other work waits for it too.
    """
    before = [] if item_id is None else _let_loose(db, item_id)
    opened = [_open(db, problem, now) for problem in problems]
    if item_id is None:
        return
    for cause_id in opened:
        db.execute(insert(db, Hold).values(work_item_id=item_id, cause_id=cause_id).on_conflict_do_nothing())
    _close_empty(db, before, now, "a fresh look found it gone")


def close(
    db: sa.Connection, now: datetime, by: str, *, kinds: Sequence[str], matches: Callable[[str], bool] | None = None
) -> int:
    """Close the open causes of `kinds` whose key `matches`, and make due what waited behind them.

    A released item is judged afresh: if its trouble is still there, the same cause is simply opened again.
    """
    rows = db.execute(
        sa.select(CAUSE.c.id, CAUSE.c.key).where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind.in_(kinds))
    ).all()
    ids = [row.id for row in rows if matches is None or matches(row.key)]
    return _close(db, ids, now, by)


def close_one(db: sa.Connection, now: datetime, by: str, kind: str, key: str) -> int:
    """Close the cause of this kind and key, if it is open."""
    return _close(db, list(db.scalars(
        sa.select(CAUSE.c.id).where(CAUSE.c.kind == kind, CAUSE.c.key == key, CAUSE.c.closed_at.is_(None))
    )), now, by)  # fmt: skip


def close_answered(db: sa.Connection, item_id: int, now: datetime) -> None:
    """The item was done, so causes that held only this item are over."""
    _close_empty(db, _let_loose(db, item_id), now, "the work was done")


def held_by(db: sa.Connection, item_id: int) -> list[str]:
    """The sentences of the causes that an item waits for."""
    rows = db.scalars(
        sa.select(CAUSE.c.sentence).join(HOLD, HOLD.c.cause_id == CAUSE.c.id)
        .where(HOLD.c.work_item_id == item_id).order_by(CAUSE.c.id)
    )  # fmt: skip
    return list(rows)


def by_id(db: sa.Connection, cause_id: int) -> sa.RowMapping | None:
    """One cause, open or closed, as all its columns."""
    return db.execute(sa.select(CAUSE).where(CAUSE.c.id == cause_id)).mappings().one_or_none()


def facts_of(db: sa.Connection, kind: str, key: str) -> dict[str, str]:
    """The facts of an open cause, none where it is not open."""
    return db.scalar(
        sa.select(CAUSE.c.facts).where(CAUSE.c.kind == kind, CAUSE.c.key == key, CAUSE.c.closed_at.is_(None))
    ) or {}  # fmt: skip


def waiting(db: sa.Connection, kind: str, key: str) -> int:
    """How many work items wait behind a cause."""
    return db.scalar(
        sa.select(sa.func.count()).select_from(HOLD).join(CAUSE, CAUSE.c.id == HOLD.c.cause_id)
        .where(CAUSE.c.kind == kind, CAUSE.c.key == key, CAUSE.c.closed_at.is_(None))
    ) or 0  # fmt: skip


def behind(db: sa.Connection, cause_id: int) -> int:
    """How many work items wait behind the cause of this id."""
    return db.scalar(sa.select(sa.func.count()).select_from(HOLD).where(HOLD.c.cause_id == cause_id)) or 0


def held_subjects(db: sa.Connection, cause_id: int) -> dict[int, str]:
    """The subjects of the work items behind a cause, by item."""
    rows = db.execute(
        sa.select(ITEM.c.id, ITEM.c.subject).join(HOLD, HOLD.c.work_item_id == ITEM.c.id)
        .where(HOLD.c.cause_id == cause_id).order_by(ITEM.c.id)
    )  # fmt: skip
    return {row.id: row.subject for row in rows}


def let_go(
    db: sa.Connection, cause_id: int, item_ids: Sequence[int], now: datetime, pace: Pace | None = None
) -> int:
    """Take some items from behind a cause that stays open, and judge them afresh; `pace` as in `release`."""
    for some in _batches(item_ids):
        db.execute(sa.delete(HOLD).where(HOLD.c.cause_id == cause_id, HOLD.c.work_item_id.in_(some)))
    release(db, item_ids, now, pace)
    return len(item_ids)


def release_by_id(db: sa.Connection, cause_id: int, now: datetime, by: str, pace: Pace | None = None) -> int:
    """A person decided that a cause is over: try everything behind it again; `pace` as in `release`."""
    return _close(db, [cause_id], now, by, pace)


def release(db: sa.Connection, item_ids: Sequence[int], now: datetime, pace: Pace | None = None) -> None:
    """Make held items due again, those that have waited longest first, and no faster than leaves room for new work.

    :param pace: pieces of work a second, by quota and lane; `policy.RELEASE_PACE` where it names none.
    """
    rows: list[sa.Row[Any]] = []
    for some in _batches(item_ids):
        rows += db.execute(
            sa.select(ITEM.c.id, ITEM.c.gate, ITEM.c.lane, ITEM.c.opened_at).where(ITEM.c.id.in_(some), ITEM.c.held)
        )
    rows.sort(key=lambda row: (row.gate, row.lane, row.opened_at, row.id))
    for (gate, lane), waited in groupby(rows, key=lambda row: (row.gate, Lane(row.lane))):
        per_second = (pace or {}).get((gate, lane), policy.RELEASE_PACE)
        for due_at, handful in spread([row.id for row in waited], now, per_second):
            db.execute(
                sa.update(ITEM).where(ITEM.c.id.in_(handful), ITEM.c.held)
                .values(held=False, due_at=due_at, tries=0, failing_since=None)
            )  # fmt: skip


def change(db: sa.Connection, cause_ids: Sequence[int], values: Mapping[str, object]) -> list[int]:
    """Set columns of those of the causes that are open. Returns which these are."""
    changed: list[int] = []
    for some in _batches(sorted(set(cause_ids))):
        mine = sa.and_(CAUSE.c.id.in_(some), CAUSE.c.closed_at.is_(None))
        changed += db.scalars(sa.update(CAUSE).where(mine).values(**values).returning(CAUSE.c.id))
    return sorted(changed)


def _let_loose(db: sa.Connection, item_id: int) -> list[int]:
    """The item waits for nothing any more. Returns the causes it waited for."""
    return list(db.scalars(sa.delete(HOLD).where(HOLD.c.work_item_id == item_id).returning(HOLD.c.cause_id)))


def _close_empty(db: sa.Connection, cause_ids: Sequence[int], now: datetime, by: str) -> None:
    """Close those of the causes behind which nothing waits any more."""
    if cause_ids:
        left = set(db.scalars(sa.select(HOLD.c.cause_id).where(HOLD.c.cause_id.in_(cause_ids))))
        _close(db, [cause for cause in cause_ids if cause not in left], now, by)


def _open(db: sa.Connection, problem: Problem, now: datetime) -> int:
    """Nearly always the cause is open already: then that it was seen is all there is to write."""
    kind = problem.kind
    mine = sa.and_(CAUSE.c.kind == kind.code, CAUSE.c.key == problem.key, CAUSE.c.closed_at.is_(None))
    seen = {"sentence": problem.sentence, "facts": dict(problem.facts), "last_seen_at": now}
    known = db.scalar(sa.update(CAUSE).where(mine).values(**seen).returning(CAUSE.c.id))
    if known is not None:
        return int(known)
    fresh = {
        "owner": kind.owner.value, "severity": kind.severity.value, "opened_at": now,
        "due_at": problem.due_at or now + timedelta(hours=DUE_HOURS[kind.severity]), "impact": None,
        "acknowledged_by": None, "acknowledged_at": None,
    }  # fmt: skip
    # Another worker may open it at this very moment: then it is only seen again, and its due time stays.
    over = CAUSE.c.closed_at.is_not(None)
    row = db.execute(
        insert(db, Cause).values(kind=kind.code, key=problem.key, times=1, **seen, **fresh)
        .on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={
                **seen, **{name: sa.case((over, value), else_=CAUSE.c[name]) for name, value in fresh.items()},
                "times": sa.case((over, CAUSE.c.times + 1), else_=CAUSE.c.times), "closed_at": None, "closed_by": None,
            },
        ).returning(CAUSE.c.id, CAUSE.c.times, CAUSE.c.opened_at)
    ).one()  # fmt: skip
    if row.opened_at == now:
        _tell(db, [row.id], "opened" if row.times == 1 else "opened again", now)
    return int(row.id)


def _close(db: sa.Connection, cause_ids: Sequence[int], now: datetime, by: str, pace: Pace | None = None) -> int:
    waited: set[int] = set()
    for some in _batches(sorted(set(cause_ids))):
        closed = list(db.scalars(
            sa.update(CAUSE).where(CAUSE.c.id.in_(some), CAUSE.c.closed_at.is_(None))
            .values(closed_at=now, closed_by=by).returning(CAUSE.c.id)
        ))  # fmt: skip
        _tell(db, closed, f"closed: {by}", now)
        waited.update(db.scalars(sa.delete(HOLD).where(HOLD.c.cause_id.in_(closed)).returning(HOLD.c.work_item_id)))
    release(db, sorted(waited), now, pace)
    return len(waited)


def _tell(db: sa.Connection, cause_ids: Iterable[int], what: str, now: datetime) -> None:
    journal.tell_all(db, "cause", [str(each) for each in cause_ids], what, now)


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
