"""Held work can be seen together with every cause that it waits for, without an answer for each piece."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold, WorkItem

CAUSE, HOLD, ITEM = table_of(Cause), table_of(Hold), table_of(WorkItem)


@dataclass(frozen=True)
class Behind:
    """A piece of work and one of the causes that it waits for."""

    item_id: int
    step: str
    cause_id: int


@dataclass(frozen=True)
class Waiting:
    """Held pieces of work, the causes that they wait for, and the causes that nothing waits for."""

    items: list[int]
    causes: list[int]
    empty: list[tuple[str, str]]


@dataclass(frozen=True)
class OpenCause:
    """An open cause: what it is about."""

    kind: str
    key: str
    facts: Mapping[str, str]


def open_causes(db: sa.Connection, kinds: Collection[str], limit: int) -> dict[int, OpenCause]:
    """The open causes of these kinds by id."""
    rows = db.execute(
        sa.select(CAUSE.c.id, CAUSE.c.kind, CAUSE.c.key, CAUSE.c.facts)
        .where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind.in_(list(kinds))).order_by(CAUSE.c.id).limit(limit)
    )  # fmt: skip
    return {row.id: OpenCause(row.kind, row.key, row.facts) for row in rows}


def behind(db: sa.Connection, kinds: Collection[str], limit: int) -> list[Behind]:
    """All causes of each piece of work that waits for at least one of these kinds, by item."""
    mine = (
        sa.select(HOLD.c.work_item_id).join(CAUSE, CAUSE.c.id == HOLD.c.cause_id)
        .where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind.in_(list(kinds)))
    )  # fmt: skip
    rows: Any = db.execute(
        sa.select(HOLD.c.work_item_id, ITEM.c.step, HOLD.c.cause_id).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .where(HOLD.c.work_item_id.in_(mine)).order_by(HOLD.c.work_item_id).limit(limit)
    )  # fmt: skip
    return [Behind(row.work_item_id, row.step, row.cause_id) for row in rows]


def waiting(db: sa.Connection, kinds: Collection[str], seen_since: datetime | None = None) -> Waiting:
    """What waits for these kinds. `empty` names kind and key of a cause.

    :param seen_since: only causes that were opened or seen again since then.
    """
    wanted = sa.and_(CAUSE.c.closed_at.is_(None), CAUSE.c.kind.in_(list(kinds)))
    if seen_since is not None:
        wanted = sa.and_(wanted, CAUSE.c.last_seen_at >= seen_since)
    rows = db.execute(
        sa.select(CAUSE.c.id, CAUSE.c.kind, CAUSE.c.key, HOLD.c.work_item_id)
        .outerjoin(HOLD, HOLD.c.cause_id == CAUSE.c.id).where(wanted)
    ).all()  # fmt: skip
    held = [row for row in rows if row.work_item_id is not None]
    return Waiting(
        sorted({row.work_item_id for row in held}), sorted({row.id for row in held}),
        sorted((row.kind, row.key) for row in rows if row.work_item_id is None),
    )  # fmt: skip
