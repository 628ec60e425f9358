"""A published rulebook is a version that nobody can change; the newest one is the law for every process."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Published

PUBLISHED = table_of(Published)


def newest_version(db: sa.Connection) -> int | None:
    """The number of the newest version, or None while nothing has been published."""
    found: int | None = db.scalar(sa.select(sa.func.max(PUBLISHED.c.version)))
    return found


def document(db: sa.Connection, version: int) -> dict[str, Any]:
    """What a version says."""
    found: dict[str, Any] = db.scalars(sa.select(PUBLISHED.c.document).where(PUBLISHED.c.version == version)).one()
    return found


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
