"""Whatever a person does is on record: who, through which door, when, to what, and why."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.people import Person
from integration.storage.store import table_of
from integration.storage.tables import Activity

ACTIVITY = table_of(Activity)


def record(
    db: sa.Connection, person: Person, verb: str, about: str, subject: str, at: datetime, reason: str = "", **facts: Any
) -> None:
    """Write down what somebody did. `facts` must be JSON, and free of secrets and of customers' data."""
    db.execute(
        sa.insert(ACTIVITY).values(
            at=at, by=person.name, door=person.door.value, verb=verb, about=about, subject=subject, reason=reason,
            facts=facts,
        )
    )  # fmt: skip


def page(
    db: sa.Connection,
    *,
    before: int | None,
    limit: int,
    about: str | None = None,
    subject: str | None = None,
    by: str | None = None,
) -> list[dict[str, Any]]:
    """What people did, newest first: all columns, facts as written.

    :param before: the id of the last one seen; None begins with the newest.
    """
    wanted = sa.select(ACTIVITY).order_by(ACTIVITY.c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(ACTIVITY.c.id < before)
    for column, value in ((ACTIVITY.c.about, about), (ACTIVITY.c.subject, subject), (ACTIVITY.c.by, by)):
        if value is not None:
            wanted = wanted.where(column == value)
    return [dict(row._mapping) for row in db.execute(wanted)]
