"""One row a minute says how things stood, and rows older than anybody looks at are gone."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Pulse

PULSE = table_of(Pulse)


def write(db: sa.Connection, at: datetime, facts: dict[str, Any]) -> None:
    """Keep how things stand; the first to say it for a minute counts."""
    statement = insert(db, Pulse).values(minute=int(at.timestamp() // 60), at=at, facts=facts)
    db.execute(statement.on_conflict_do_nothing())


def since(db: sa.Connection, moment: datetime) -> list[dict[str, Any]]:
    """The minutes from a moment on, oldest first: ``at`` and the facts."""
    rows = db.execute(
        sa.select(PULSE.c.at, PULSE.c.facts).where(PULSE.c.minute >= int(moment.timestamp() // 60))
        .order_by(PULSE.c.minute)
    )  # fmt: skip
    return [{"at": row.at, **row.facts} for row in rows]


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete the minutes before a moment."""
    db.execute(sa.delete(PULSE).where(PULSE.c.minute < int(before.timestamp() // 60)))
