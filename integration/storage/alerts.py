"""Every message to a team is a row before it is sent, so a death in between sends it late and never loses it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Alert, Cause, Hold

ALERT, CAUSE, HOLD = table_of(Alert), table_of(Cause), table_of(Hold)
OPEN = CAUSE.c.closed_at.is_(None)
NO_CAUSE = 0
"""The cause of a digest, which is about none."""
BATCH = 400


@dataclass(frozen=True)
class Wanted:
    """That a channel of a team is to be told, from `due_at` on. `recipient`: ``<team>/<channel>``."""

    cause_id: int
    times: int
    level: str
    recipient: str
    due_at: datetime


@dataclass(frozen=True)
class StoredAlert:
    """A row of alert that is not sent."""

    id: int
    cause_id: int
    times: int
    level: str
    recipient: str
    tries: int

    @property
    def team(self) -> str:
        """Who is told."""
        return self.recipient.partition("/")[0]

    @property
    def channel(self) -> str:
        """By which channel."""
        return self.recipient.partition("/")[2]


def openings(db: sa.Connection, before: datetime) -> list[sa.RowMapping]:
    """The open causes that were opened by `before`, as far as it matters for who is told."""
    columns = (
        CAUSE.c.id, CAUSE.c.times, CAUSE.c.kind, CAUSE.c.key, CAUSE.c.owner, CAUSE.c.severity, CAUSE.c.opened_at,
        CAUSE.c.due_at, CAUSE.c.acknowledged_at, CAUSE.c.assigned_to, CAUSE.c.muted_until,
    )  # fmt: skip
    found = db.execute(sa.select(*columns).where(OPEN, CAUSE.c.opened_at <= before).order_by(CAUSE.c.due_at))
    return list(found.mappings())


Levels = Mapping[str, datetime | None]
"""What a recipient is to be told or was told: when it is due, None for what is sent or was tried."""


Made = Mapping[tuple[int, int, str], Levels]
"""The same of each (cause, opening, recipient)."""


def made(db: sa.Connection, digests_since: datetime) -> Made:
    """What is on record of the open causes, and of the digests that were asked for since then."""
    now_open = sa.select(CAUSE.c.id, CAUSE.c.times).where(OPEN)
    rows = db.execute(
        sa.select(ALERT).where(sa.or_(
            sa.tuple_(ALERT.c.cause_id, ALERT.c.times).in_(now_open),
            sa.and_(ALERT.c.cause_id == NO_CAUSE, ALERT.c.made_at >= digests_since),
        ))
    )  # fmt: skip
    found: dict[tuple[int, int, str], dict[str, datetime | None]] = {}
    for row in rows:
        waits = row.sent_at is None and row.tries == 0
        found.setdefault((row.cause_id, row.times, row.recipient), {})[row.level] = row.due_at if waits else None
    return dict(found)


def want(db: sa.Connection, wanted: Iterable[Wanted], now: datetime) -> None:
    """Ask for messages. One that waits already, and was not tried, is brought forward if it may go out earlier."""
    rows = [
        {"cause_id": each.cause_id, "times": each.times, "level": each.level, "recipient": each.recipient,
         "due_at": each.due_at, "made_at": now, "tries": 0}
        for each in sorted(wanted, key=lambda each: (each.cause_id, each.times, each.level, each.recipient))
    ]  # fmt: skip
    statement = insert(db, Alert)
    new = statement.excluded
    earlier = sa.and_(ALERT.c.sent_at.is_(None), ALERT.c.tries == 0, ALERT.c.due_at > new.due_at)
    for start in range(0, len(rows), BATCH):
        db.execute(
            statement.on_conflict_do_update(
                index_elements=["cause_id", "times", "level", "recipient"], set_={"due_at": new.due_at}, where=earlier
            ),
            rows[start : start + BATCH],
        )


def due(db: sa.Connection, now: datetime, limit: int) -> list[StoredAlert]:
    """Messages that are to be sent by now, the oldest first."""
    rows = db.execute(
        sa.select(
            ALERT.c.id, ALERT.c.cause_id, ALERT.c.times, ALERT.c.level, ALERT.c.recipient, ALERT.c.tries
        ).where(ALERT.c.sent_at.is_(None), ALERT.c.due_at <= now).order_by(ALERT.c.due_at, ALERT.c.id).limit(limit)
    )  # fmt: skip
    return [StoredAlert(**row._mapping) for row in rows]


def claim(db: sa.Connection, ids: Sequence[int], now: datetime, until: datetime) -> set[int]:
    """Keep others from sending these until then. Returns those that nobody else has."""
    rows = db.scalars(
        sa.update(ALERT).where(ALERT.c.id.in_(ids), ALERT.c.sent_at.is_(None), ALERT.c.due_at <= now)
        .values(due_at=until, tries=ALERT.c.tries + 1).returning(ALERT.c.id)
    )  # fmt: skip
    return set(rows)


def sent(db: sa.Connection, ids: Collection[int], now: datetime) -> None:
    """They are out."""
    db.execute(sa.update(ALERT).where(ALERT.c.id.in_(list(ids))).values(sent_at=now, last_error=None))


def failed(db: sa.Connection, ids: Collection[int], due_at: datetime, error: str) -> None:
    """The channel did not take them; they are tried again."""
    db.execute(sa.update(ALERT).where(ALERT.c.id.in_(list(ids))).values(due_at=due_at, last_error=error))


def wait(db: sa.Connection, recipient: str, until: datetime) -> None:
    """What else is due for a channel that has just failed waits as long."""
    earlier = sa.and_(ALERT.c.sent_at.is_(None), ALERT.c.due_at < until, ALERT.c.recipient == recipient)
    db.execute(sa.update(ALERT).where(earlier).values(due_at=until))


def drop(db: sa.Connection, ids: Collection[int]) -> None:
    """There is nothing left to be told."""
    db.execute(sa.delete(ALERT).where(ALERT.c.id.in_(list(ids)), ALERT.c.sent_at.is_(None)))


def causes_of(db: sa.Connection, ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """The open ones among some causes, each with how many work items it holds."""
    held = sa.select(sa.func.count()).where(HOLD.c.cause_id == CAUSE.c.id).correlate(CAUSE).scalar_subquery()
    found: dict[int, Mapping[str, Any]] = {}
    known = sorted(set(ids))
    for start in range(0, len(known), BATCH):
        some = known[start : start + BATCH]
        rows = db.execute(sa.select(CAUSE, held.label("held")).where(OPEN, CAUSE.c.id.in_(some))).mappings()
        found |= {row["id"]: row for row in rows}
    return found


def summary(db: sa.Connection, owner: str, since: datetime, limit: int) -> tuple[dict[str, int], list[Any], int]:
    """For a digest: open causes of a team by severity, the most urgent of them, and how many were closed `since`."""
    mine = CAUSE.c.owner == owner
    counted = sa.select(CAUSE.c.severity, sa.func.count().label("open")).where(mine, OPEN).group_by(CAUSE.c.severity)
    rows = db.execute(
        sa.select(CAUSE.c.severity, CAUSE.c.sentence, CAUSE.c.due_at, CAUSE.c.assigned_to)
        .where(mine, OPEN).order_by(CAUSE.c.due_at, CAUSE.c.id).limit(limit)
    ).all()  # fmt: skip
    closed = db.scalar(sa.select(sa.func.count()).where(mine, CAUSE.c.closed_at >= since)) or 0
    return {row.severity: row.open for row in db.execute(counted)}, list(rows), closed


def unsent(db: sa.Connection) -> list[tuple[str, int, datetime]]:
    """Per recipient how many messages wait, and since when the oldest should be out."""
    rows = db.execute(
        sa.select(ALERT.c.recipient, sa.func.count(), sa.func.min(ALERT.c.due_at))
        .where(ALERT.c.sent_at.is_(None)).group_by(ALERT.c.recipient)
    )  # fmt: skip
    return [(recipient, count, oldest) for recipient, count, oldest in rows]


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete what was told long ago, but of an open cause nothing: it would be told again."""
    still_open = sa.select(CAUSE.c.id).where(OPEN)
    db.execute(sa.delete(ALERT).where(ALERT.c.sent_at < before, ALERT.c.cause_id.not_in(still_open)))
