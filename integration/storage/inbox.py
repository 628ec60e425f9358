"""What a sender was told is stored, is stored: an event is kept once and stays until it has become work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage import journal
from integration.storage.store import insert, table_of
from integration.storage.tables import Inbox

INBOX = table_of(Inbox)
BATCH = 500


@dataclass(frozen=True)
class Letter:
    """One event waiting in the inbox."""

    id: int
    source: str
    body: dict[str, Any]
    received_at: datetime
    after_read: int


def put(
    db: sa.Connection, source: str, events: Iterable[tuple[str, dict[str, Any]]], now: datetime, *,
    reopen: bool = False,
) -> int:  # fmt: skip
    """Store events as (key, body); one whose key is known already is not stored again. Returns how many were new.

    :param reopen: an event that is known counts as new, for sources that give their events no identity.
    """
    latest = dict(events)
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    after_read = journal.watermark(db, journal.SIZE_READ)
    rows = [
        {"source": source, "key": key, "body": latest[key], "received_at": now, "after_read": after_read}
        for key in sorted(latest)
    ]
    if not rows:
        return 0
    statement = insert(db, Inbox)
    if reopen:
        news = {name: statement.excluded[name] for name in ("received_at", "after_read")}
        news["absorbed_at"] = sa.null()
        statement = statement.on_conflict_do_update(index_elements=["source", "key"], set_=news)
    else:
        statement = statement.on_conflict_do_nothing()
    return len(db.execute(statement.returning(INBOX.c.id), rows).all())


def waiting(db: sa.Connection, limit: int) -> list[Letter]:
    """The oldest events that have not become work yet."""
    rows = db.execute(sa.select(INBOX).where(INBOX.c.absorbed_at.is_(None)).order_by(INBOX.c.id).limit(limit))
    return [Letter(row.id, row.source, row.body, row.received_at, row.after_read) for row in rows]


def absorbed(db: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """These have become work."""
    for start in range(0, len(ids), BATCH):
        db.execute(sa.update(INBOX).where(INBOX.c.id.in_(ids[start : start + BATCH])).values(absorbed_at=now))


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete absorbed events older than that."""
    db.execute(sa.delete(INBOX).where(INBOX.c.absorbed_at < before))
