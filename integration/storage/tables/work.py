"""What is promised, and what is waiting for a person: work items, causes, and the holds between them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

OPEN = text("asked > answered")
STILL_OPEN = text("closed_at IS NULL")


class WorkItem(SQLModel, table=True):
    """A durable promise about one subject.

    Open while `asked` exceeds `answered`: each event adds to `asked`, and a run writes the number it saw at its
    start into `answered`, so an event that comes during the run keeps the item open.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("step", "subject"),
        Index("work_item_due", "gate", "lane", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("work_item_done", "step", "done_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    step: str = Field(description="flow and step, as in Flower: stock.push")
    subject: str
    gate: str = Field(description="name of the quota this step mainly spends, or '' for none")
    lane: str
    asked: int = 1
    answered: int = 0
    opened_at: datetime = Field(description="when the first ask that is still unanswered came in")
    due_at: datetime
    handed_until: datetime | None = Field(default=None, description="a message is on its way until then")
    claimed_until: datetime | None = Field(default=None, description="a worker has it until then")
    claim: str | None = Field(default=None, description="fence: only the holder of this token may write the outcome")
    tries: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None
    held: bool = False
    done_at: datetime | None = None


class Cause(SQLModel, table=True):
    """One exception for a person: a kind and a key, however many work items wait behind it."""

    __tablename__ = "cause"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("cause_open", "kind", "key", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    owner: str
    severity: str
    sentence: str
    facts: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    opened_at: datetime
    last_seen_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    times: int = Field(default=1, description="how often it was opened or opened again")
    acknowledged_by: str | None = Field(default=None, description="who has seen it; nobody again when it re-opens")
    acknowledged_at: datetime | None = None
    assigned_to: str | None = Field(default=None, description="the person who deals with it; the team is `owner`")
    muted_until: datetime | None = Field(default=None, description="no alerts before then, also if it re-opens")
    impact: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON),
        description="what it blocks: items, orders, units, money by currency, deadline; None: not weighed yet",
    )


class Hold(SQLModel, table=True):
    """A work item waits for a cause; it is made due again when its last cause is closed."""

    __tablename__ = "hold"

    work_item_id: int = Field(primary_key=True, foreign_key="work_item.id")
    cause_id: int = Field(primary_key=True, foreign_key="cause.id", index=True)
