"""The story of each order and SKU can be read from first to last, and counters never run backwards."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Sequence, Tick, Timeline

SIZE_READ = "size-read"
"""Counts the readings of Centra's sizes."""

TIMELINE, SEQUENCE, TICK = table_of(Timeline), table_of(Sequence), table_of(Tick)


def tell(db: sa.Connection, about: str, subject: str, what: str, at: datetime, **facts: Any) -> None:
    """Add one line to the story of an order, SKU or cause. Facts must be free of personal data."""
    tell_all(db, about, [subject], what, at, **facts)


def tell_all(db: sa.Connection, about: str, subjects: Iterable[str], what: str, at: datetime, **facts: Any) -> None:
    """Add the same line to many stories."""
    rows = [{"at": at, "about": about, "subject": subject, "what": what, "facts": facts} for subject in subjects]
    if rows:
        db.execute(sa.insert(TIMELINE), rows)


def story(db: sa.Connection, about: str, subject: str, limit: int = 200) -> list[dict[str, Any]]:
    """The newest lines of a story, oldest first."""
    rows = db.execute(
        sa.select(TIMELINE.c.at, TIMELINE.c.what, TIMELINE.c.facts)
        .where(TIMELINE.c.about == about, TIMELINE.c.subject == subject)
        .order_by(TIMELINE.c.id.desc()).limit(limit)
    ).all()  # fmt: skip
    return [{"at": row.at, "what": row.what, **row.facts} for row in reversed(rows)]


def draw(db: sa.Connection, name: str) -> int:
    """The next number of a counter, higher than every one drawn before on any machine."""
    statement = insert(db, Sequence).values(name=name, value=1)
    value: int = db.scalar(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": SEQUENCE.c.value + 1}).returning(
            SEQUENCE.c.value
        )
    )
    return value


def watermark(db: sa.Connection, name: str) -> int:
    """The stored value of a watermark, 0 where there is none."""
    return db.scalar(sa.select(SEQUENCE.c.value).where(SEQUENCE.c.name == name)) or 0


def move_watermark(db: sa.Connection, name: str, value: int) -> None:
    """Set a watermark."""
    statement = insert(db, Sequence).values(name=name, value=value)
    db.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def first_in_window(db: sa.Connection, job: str, window: int, at: datetime) -> bool:
    """True for exactly one caller per (job, window), however many beats run."""
    statement = insert(db, Tick).values(job=job, window=window, at=at)
    return db.execute(statement.on_conflict_do_nothing().returning(TICK.c.window)).first() is not None


def forget_ticks(db: sa.Connection, before: datetime) -> None:
    """Delete windows that are long over."""
    db.execute(sa.delete(TICK).where(TICK.c.at < before))
