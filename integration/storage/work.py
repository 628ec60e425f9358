"""A promise is kept once however often it is asked for, and survives the death of whoever works on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from integration import policy
from integration.lanes import Lane
from integration.storage import journal
from integration.storage.pauses import PAUSED
from integration.storage.store import insert_into, table_of
from integration.storage.tables import WorkItem

ITEM, MARK = table_of(WorkItem), journal.SEQUENCE
OPEN = ITEM.c.asked > ITEM.c.answered
SLOW = "slow/"
"""Begins the names of the watermarks that say when a quota's work was last seen to be slow, in seconds since 1970."""
BATCH = 500
"""Rows a statement: SQLite allows 32,766 variables, PostgreSQL 65,535."""


@dataclass(frozen=True)
class Promise:
    """That `step` will look at `subject` again."""

    step: str
    subject: str
    gate: str
    lane: Lane
    due_at: datetime


@dataclass(frozen=True)
class Handed:
    """A work item for which a message should now be sent."""

    step: str
    subject: str
    lane: Lane


@dataclass(frozen=True)
class Claim:
    """The right to work on one item until `until`; `token` is the fence that its outcome is written under."""

    id: int
    token: str
    gate: str
    asked: int
    tries: int
    failing_since: datetime | None


def promise(db: sa.Connection, promises: Iterable[Promise], now: datetime) -> None:
    """Ask for each subject once more; one that is open already only counts up, keeping its place and its patience."""
    rows = {(p.step, p.subject): p for p in promises}
    values = [
        {"step": p.step, "subject": p.subject, "gate": p.gate, "lane": p.lane.value, "due_at": p.due_at,
         "opened_at": now, "asked": 1, "answered": 0, "tries": 0, "held": False}
        # Always in the same order: two writers that lock the same rows crosswise would deadlock in PostgreSQL.
        for _, p in sorted(rows.items())
    ]  # fmt: skip
    if values:
        db.execute(_asking(db.dialect.name), values)


@cache
def _asking(dialect: str) -> Any:
    """The statement of `promise`, built once: SQLAlchemy then reuses its compiled form for any number of rows."""
    statement = insert_into(dialect, WorkItem)
    new = statement.excluded
    # Open work only ever moves up a lane: a sweep must not push back what an event made urgent.
    lane = sa.case((sa.and_(OPEN, _rank(ITEM.c.lane) < _rank(new.lane)), ITEM.c.lane), else_=new.lane)
    # A failing item keeps its due time: news must not shorten the patience with a platform that is down.
    due = sa.case(
        (~OPEN, new.due_at),
        (sa.and_(ITEM.c.tries == 0, ITEM.c.due_at > new.due_at), new.due_at),
        else_=ITEM.c.due_at,
    )
    return statement.on_conflict_do_update(
        index_elements=["step", "subject"],
        set_={
            "asked": ITEM.c.asked + 1,
            "due_at": due,
            "lane": lane,
            "opened_at": sa.case((OPEN, ITEM.c.opened_at), else_=new.opened_at),
        },
    )


def hand_out(db: sa.Connection, now: datetime, room: Mapping[tuple[str, Lane], int]) -> list[Handed]:
    """Mark due items as handed out, oldest first, at most as many per (gate, lane) as there is room for."""
    handed: list[Handed] = []
    for (gate, lane), places in room.items():
        free = places - _in_flight(db, gate, lane, now)
        if free > 0:
            handed += _hand_out(db, gate, lane, now, free)
    return handed


def waiting(db: sa.Connection, now: datetime) -> list[tuple[str, Lane]]:
    """The (gate, lane) pairs that have something due and not yet handed out."""
    rows = db.execute(sa.select(ITEM.c.gate, ITEM.c.lane).where(_due(now)).distinct())
    return [(gate, Lane(lane)) for gate, lane in rows]


def was_slow(db: sa.Connection, gate: str, now: datetime) -> None:
    """Write down that a piece of this gate's work took long, for `slow`."""
    journal.move_watermark(db, SLOW + gate, int(now.timestamp()))


def slow(db: sa.Connection, gates: Iterable[str], now: datetime) -> set[str]:
    """Those of the gates whose work was slow lately, or is right now."""
    known = sorted(set(gates))
    # A claim that has run out counts as well: whoever had it may be waiting for the platform still.
    long_claimed = ITEM.c.claimed_until <= now + policy.LEASE - policy.SLOW_AFTER
    running = sa.select(ITEM.c.gate).where(OPEN, ITEM.c.gate.in_(known), long_claimed)
    lately = sa.select(sa.func.substr(MARK.c.name, len(SLOW) + 1)).where(
        MARK.c.name.in_([SLOW + gate for gate in known]),
        MARK.c.value > int((now - policy.SLOW_FOR).timestamp()),
    )
    return set(db.scalars(running.union(lately)))


def last_done(db: sa.Connection, steps: Iterable[str]) -> dict[str, datetime | None]:
    """When work of each step was last done. A seek each: one look at all work would grow with what is done."""
    newest = {step: sa.select(sa.func.max(ITEM.c.done_at)).where(ITEM.c.step == step) for step in steps}
    found = db.execute(sa.select(*(each.scalar_subquery().label(step) for step, each in newest.items()))).one()
    return dict(found._mapping)


def claim(db: sa.Connection, step: str, subject: str, now: datetime) -> Claim | None:
    """Take one due item, or None: nothing is asked, it is held or paused, not due yet, or somebody else has it."""
    token = uuid4().hex
    row = db.execute(
        sa.update(ITEM)
        .where(ITEM.c.step == step, ITEM.c.subject == subject, OPEN, ~ITEM.c.held, ITEM.c.due_at <= now, ~PAUSED)
        .where(sa.or_(ITEM.c.claimed_until.is_(None), ITEM.c.claimed_until <= now))
        .values(claim=token, claimed_until=now + policy.LEASE, handed_until=None)
        .returning(ITEM.c.id, ITEM.c.gate, ITEM.c.asked, ITEM.c.tries, ITEM.c.failing_since)
    ).one_or_none()
    return None if row is None else Claim(row.id, token, row.gate, row.asked, row.tries, row.failing_since)


def answer(db: sa.Connection, claim: Claim, now: datetime, *, rest: timedelta | None = None) -> bool:
    """Write down that what was asked up to the claim is done. False: the claim had run out and another has it.

    :param rest: how long the item waits if it was asked for again meanwhile.
    """
    return _close(
        db, claim,
        answered=claim.asked, tries=0, failing_since=None, last_error=None, done_at=now,
        opened_at=now, due_at=now + (rest or timedelta()),
    )  # fmt: skip


def postpone(db: sa.Connection, claim: Claim, *, due_at: datetime, error: str, failed_at: datetime | None) -> bool:
    """Put an item back. `failed_at` None: nothing was tried, so it does not count as a failure."""
    if failed_at is None:
        return _close(db, claim, due_at=due_at, last_error=error)
    return _close(
        db, claim,
        due_at=due_at, last_error=error, tries=claim.tries + 1, failing_since=claim.failing_since or failed_at,
    )  # fmt: skip


def hold(db: sa.Connection, claim: Claim, error: str) -> bool:
    """Set an item aside for a person. Its holds are written by `causes`."""
    return _close(db, claim, held=True, last_error=error)


def release(db: sa.Connection, item_ids: Sequence[int], now: datetime) -> None:
    """Make held items due at once, with fresh patience."""
    for start in range(0, len(item_ids), BATCH):
        db.execute(
            sa.update(ITEM)
            .where(ITEM.c.id.in_(item_ids[start : start + BATCH]), ITEM.c.held)
            .values(held=False, due_at=now, tries=0, failing_since=None)
        )


def release_subject(db: sa.Connection, step: str, subject: str, now: datetime) -> None:
    """Judge one held item afresh: what it is about has changed."""
    release_subjects(db, step, [subject], now)


def release_subjects(db: sa.Connection, step: str, subjects: Sequence[str], now: datetime) -> None:
    """The same for many."""
    found: list[int] = []
    for start in range(0, len(subjects), BATCH):
        some = subjects[start : start + BATCH]
        found += db.scalars(sa.select(ITEM.c.id).where(ITEM.c.step == step, ITEM.c.subject.in_(some), ITEM.c.held))
    release(db, sorted(found), now)


def open_count(db: sa.Connection, gate: str, lane: Lane, step: str) -> int:
    """How many items of a step that spend this quota in this lane are open and not held."""
    where = sa.and_(OPEN, ITEM.c.gate == gate, ITEM.c.lane == lane.value, ITEM.c.step == step, ~ITEM.c.held)
    return db.scalar(sa.select(sa.func.count()).where(where)) or 0


def coming(db: sa.Connection, step: str, retailer: str) -> list[str]:
    """The SKUs of a retailer whose item of a step, ``<retailer>/<sku>``, is open and not held."""
    prefix = f"{retailer}/"
    where = sa.and_(OPEN, ~ITEM.c.held, ITEM.c.step == step, ITEM.c.subject.startswith(prefix, autoescape=True))
    return [subject.removeprefix(prefix) for subject in db.scalars(sa.select(ITEM.c.subject).where(where))]


def _rank(lane: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.case({each.value: rank for rank, each in enumerate(Lane)}, value=lane)


def _close(db: sa.Connection, claim: Claim, **values: object) -> bool:
    changed = db.execute(
        sa.update(ITEM)
        .where(ITEM.c.id == claim.id, ITEM.c.claim == claim.token)
        .values(claim=None, claimed_until=None, handed_until=None, **values)
    )
    return changed.rowcount == 1


def _idle(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(ITEM.c.handed_until.is_(None), ITEM.c.handed_until <= now),
        sa.or_(ITEM.c.claimed_until.is_(None), ITEM.c.claimed_until <= now),
    )


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(OPEN, ~ITEM.c.held, ITEM.c.due_at <= now, _idle(now), ~PAUSED)


def _in_flight(db: sa.Connection, gate: str, lane: Lane, now: datetime) -> int:
    busy = sa.or_(ITEM.c.handed_until > now, ITEM.c.claimed_until > now)
    where = sa.and_(OPEN, ITEM.c.gate == gate, ITEM.c.lane == lane.value, busy)
    return db.scalar(sa.select(sa.func.count()).where(where)) or 0


def _hand_out(db: sa.Connection, gate: str, lane: Lane, now: datetime, free: int) -> list[Handed]:
    chosen = (
        sa.select(ITEM.c.id)
        .where(ITEM.c.gate == gate, ITEM.c.lane == lane.value, _due(now))
        .order_by(ITEM.c.due_at, ITEM.c.id)
        .limit(free)
        # Two sweepers never wait for each other; SQLite has one writer anyway and ignores it.
        .with_for_update(skip_locked=True)
    )
    rows = db.execute(
        sa.update(ITEM)
        .where(ITEM.c.id.in_(chosen.scalar_subquery()))
        .values(handed_until=now + policy.HANDED)
        .returning(ITEM.c.step, ITEM.c.subject)
    )
    return [Handed(row.step, row.subject, lane) for row in rows]
