"""One cause, one record: however many items wait behind it, it is opened once, owned once and closed once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from integration.kinds import DUE_HOURS
from integration.problems import Problem
from integration.storage import work
from integration.storage.store import insert, table_of
from integration.storage.tables import Cause, Hold, WorkItem

CAUSE, HOLD, ITEM = table_of(Cause), table_of(Hold), table_of(WorkItem)
BATCH = 400


def open_for(db: sa.Connection, problems: Sequence[Problem], now: datetime, *, item_id: int | None) -> None:
    """Open each problem's cause, or see it again, and let the work item (if any) wait behind all of them."""
    if item_id is not None:
        db.execute(sa.delete(HOLD).where(HOLD.c.work_item_id == item_id))
    for problem in problems:
        cause_id = _open(db, problem, now)
        if item_id is not None:
            db.execute(
                insert(db, Hold).values(work_item_id=item_id, cause_id=cause_id).on_conflict_do_nothing()
            )


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
    mine = sa.select(HOLD.c.cause_id).where(HOLD.c.work_item_id == item_id)
    ids = list(db.scalars(mine))
    if not ids:
        return
    db.execute(sa.delete(HOLD).where(HOLD.c.work_item_id == item_id))
    left = set(db.scalars(sa.select(HOLD.c.cause_id).where(HOLD.c.cause_id.in_(ids))))
    _close(db, [cause for cause in ids if cause not in left], now, "the work was done")


def held_by(db: sa.Connection, item_id: int) -> list[str]:
    """The sentences of the causes that an item waits for."""
    rows = db.scalars(
        sa.select(CAUSE.c.sentence).join(HOLD, HOLD.c.cause_id == CAUSE.c.id)
        .where(HOLD.c.work_item_id == item_id).order_by(CAUSE.c.id)
    )  # fmt: skip
    return list(rows)


def by_id(db: sa.Connection, cause_id: int) -> sa.RowMapping | None:
    """One cause, open or closed: its `kind`, `key`, `closed_at`."""
    return db.execute(
        sa.select(CAUSE.c.kind, CAUSE.c.key, CAUSE.c.closed_at).where(CAUSE.c.id == cause_id)
    ).mappings().one_or_none()


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


def held_subjects(db: sa.Connection, cause_id: int) -> dict[int, str]:
    """The subjects of the work items behind a cause, by item."""
    rows = db.execute(
        sa.select(ITEM.c.id, ITEM.c.subject).join(HOLD, HOLD.c.work_item_id == ITEM.c.id)
        .where(HOLD.c.cause_id == cause_id).order_by(ITEM.c.id)
    )  # fmt: skip
    return {row.id: row.subject for row in rows}


def let_go(db: sa.Connection, cause_id: int, item_ids: Sequence[int], now: datetime) -> int:
    """Take some items from behind a cause that stays open, and judge them afresh."""
    for start in range(0, len(item_ids), BATCH):
        some = item_ids[start : start + BATCH]
        db.execute(sa.delete(HOLD).where(HOLD.c.cause_id == cause_id, HOLD.c.work_item_id.in_(some)))
    work.release(db, item_ids, now)
    return len(item_ids)


def release_by_id(db: sa.Connection, cause_id: int, now: datetime, by: str) -> int:
    """Try everything behind one cause again."""
    return _close(db, [cause_id], now, by)


def _open(db: sa.Connection, problem: Problem, now: datetime) -> int:
    kind = problem.kind
    due_at = problem.due_at or now + timedelta(hours=DUE_HOURS[kind.severity])
    statement = insert(db, Cause).values(
        kind=kind.code, key=problem.key, owner=kind.owner.value, severity=kind.severity.value,
        sentence=problem.sentence, facts=dict(problem.facts), opened_at=now, last_seen_at=now, due_at=due_at, times=1,
    )  # fmt: skip
    again = CAUSE.c.closed_at.is_not(None)
    new = statement.excluded
    cause_id: int = db.scalar(
        statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={
                "sentence": new.sentence,
                "facts": new.facts,
                "last_seen_at": now,
                "opened_at": sa.case((again, new.opened_at), else_=CAUSE.c.opened_at),
                "due_at": sa.case((again, new.due_at), else_=CAUSE.c.due_at),
                "times": sa.case((again, CAUSE.c.times + 1), else_=CAUSE.c.times),
                "closed_at": None,
                "closed_by": None,
            },
        ).returning(CAUSE.c.id)
    )
    return cause_id


def _close(db: sa.Connection, cause_ids: Sequence[int], now: datetime, by: str) -> int:
    if not cause_ids:
        return 0
    db.execute(sa.update(CAUSE).where(CAUSE.c.id.in_(cause_ids)).values(closed_at=now, closed_by=by))
    waited = list(db.scalars(sa.select(HOLD.c.work_item_id).where(HOLD.c.cause_id.in_(cause_ids)).distinct()))
    db.execute(sa.delete(HOLD).where(HOLD.c.cause_id.in_(cause_ids)))
    work.release(db, waited, now)
    return len(waited)
