"""What people did, what they switched off, and what they were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Activity(SQLModel, table=True):
    """Something that a person did. `about` and `subject` say to what: cause 12, mappings 7, flow stock/calder."""

    __tablename__ = "activity"
    __table_args__ = (Index("activity_about", "about", "subject", "id"), Index("activity_by", "by", "id"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    door: str = Field(description="console, api or cli")
    verb: str = Field(description="retried, assigned, commented, published, paused, …")
    about: str = Field(description="cause, mappings, flow, sku, order or login")
    subject: str
    reason: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Pause(SQLModel, table=True):
    """A flow that somebody switched off, for one retailer or (retailer '') for all."""

    __tablename__ = "pause"

    flow: str = Field(primary_key=True)
    retailer: str = Field(primary_key=True)
    by: str
    reason: str
    at: datetime


class Alert(SQLModel, table=True):
    """A message to a channel of a team, to be sent or sent: one for each opening of a cause and level, however much
    is held.

    A digest is about no cause: its `cause_id` and `times` are 0, and its `level` is the day, ``2026-11-25``.
    """

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("cause_id", "times", "level", "recipient"), Index("alert_unsent", "sent_at"))

    id: int | None = Field(default=None, primary_key=True)
    cause_id: int
    times: int = Field(description="the opening of the cause that it is about")
    level: str = Field(description="opened, near, late, or the day of a digest")
    recipient: str = Field(description="<team>/<channel>")
    due_at: datetime = Field(description="not before: quiet hours, or another try")
    made_at: datetime
    sent_at: datetime | None = None
    tries: int = 0
    last_error: str | None = None
