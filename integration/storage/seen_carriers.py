"""Which carriers were told of as new is remembered in their causes, open and closed."""

from collections.abc import Collection

import sqlalchemy as sa

from integration.storage.store import table_of
from integration.storage.tables import Cause

CAUSE = table_of(Cause)
BATCH = 400


def states(db: sa.Connection, kind: str, keys: Collection[str]) -> dict[str, str | None]:
    """Who closed each of these causes, None where it is open; causes that never were are left out."""
    found: dict[str, str | None] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), BATCH):
        mine = sa.and_(CAUSE.c.kind == kind, CAUSE.c.key.in_(wanted[start : start + BATCH]))
        rows = db.execute(sa.select(CAUSE.c.key, CAUSE.c.closed_by).where(mine))
        found |= {row.key: row.closed_by for row in rows}
    return found


def open_count(db: sa.Connection, kind: str) -> int:
    """How many causes of the kind are open."""
    mine = sa.and_(CAUSE.c.kind == kind, CAUSE.c.closed_at.is_(None))
    return db.scalar(sa.select(sa.func.count()).select_from(CAUSE).where(mine)) or 0


def open_facts(db: sa.Connection, kind: str) -> dict[str, dict[str, str]]:
    """The facts of the open causes of the kind, by key."""
    mine = sa.and_(CAUSE.c.kind == kind, CAUSE.c.closed_at.is_(None))
    return {row.key: row.facts for row in db.execute(sa.select(CAUSE.c.key, CAUSE.c.facts).where(mine))}
