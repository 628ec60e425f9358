"""What came in, what the clock asked for, and the story of every subject."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

WAITING = text("absorbed_at IS NULL")


class Inbox(SQLModel, table=True):
    """An event as it came in, once per (source, event key), until it has been turned into work."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("inbox_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str
    key: str
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    received_at: datetime
    after_read: int = Field(default=0, sa_type=BigInteger, description="number of the newest size reading by then")
    absorbed_at: datetime | None = Field(default=None, index=True)


class Tick(SQLModel, table=True):
    """The timetable asked for a job in a window: the row is unique, so a second beat is harmless."""

    __tablename__ = "tick"

    job: str = Field(primary_key=True)
    window: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(index=True)


class Sequence(SQLModel, table=True):
    """Counters and watermarks that must survive everything."""

    __tablename__ = "sequence"

    name: str = Field(primary_key=True)
    value: int = Field(default=0, sa_type=BigInteger)


class Timeline(SQLModel, table=True):
    """One line of the story of a subject, free of personal data."""

    __tablename__ = "timeline"
    __table_args__ = (Index("timeline_subject", "about", "subject", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    about: str = Field(description="order, sku or cause")
    subject: str
    what: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
