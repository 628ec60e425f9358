"""A published rulebook is a version that nobody can change; the newest one is the law for every process."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Published

PUBLISHED = table_of(Published)


@dataclass(frozen=True)
class Version:
    """Who published a version, when and why."""

    version: int
    author: str
    reason: str
    published_at: datetime


def newest_version(db: sa.Connection) -> int | None:
    """The number of the newest version, or None while nothing has been published."""
    found: int | None = db.scalar(sa.select(sa.func.max(PUBLISHED.c.version)))
    return found


def document(db: sa.Connection, version: int) -> dict[str, Any]:
    """What a version says."""
    found: dict[str, Any] = db.scalars(sa.select(PUBLISHED.c.document).where(PUBLISHED.c.version == version)).one()
    return found


def documents(db: sa.Connection, versions: Collection[int]) -> dict[int, dict[str, Any]]:
    """What those of the versions say that exist."""
    rows = db.execute(
        sa.select(PUBLISHED.c.version, PUBLISHED.c.document).where(PUBLISHED.c.version.in_(list(versions)))
    )
    return {row.version: row.document for row in rows}


def versions(db: sa.Connection, *, before: int | None, limit: int) -> list[Version]:
    """The versions before a number (None: from the newest on), newest first, without what they say."""
    wanted = sa.select(PUBLISHED.c.version, PUBLISHED.c.author, PUBLISHED.c.reason, PUBLISHED.c.published_at)
    if before is not None:
        wanted = wanted.where(PUBLISHED.c.version < before)
    rows = db.execute(wanted.order_by(PUBLISHED.c.version.desc()).limit(limit))
    return [Version(row.version, row.author, row.reason, row.published_at) for row in rows]


def publish(
    db: sa.Connection, content: dict[str, Any], *, after: int | None, author: str, reason: str, now: datetime
) -> int | None:
    """Store the next version. None: somebody published since `after` was read, and theirs must be seen first."""
    version = (after or 0) + 1
    statement = insert(db, Published).values(
        version=version, document=content, author=author, reason=reason, published_at=now
    )
    stored = db.execute(statement.on_conflict_do_nothing().returning(PUBLISHED.c.version)).first()
    return None if stored is None or newest_version(db) != version else version
