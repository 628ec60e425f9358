"""What an order has besides its lines: returns, invoices, and the clocks that run on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

RUNNING = text("met_at IS NULL")
NOT_OVER = text("closed_at IS NULL")


class MarketplaceReturn(SQLModel, table=True):
    """One return of units of one line, as the retailer's side numbers it."""

    __tablename__ = "marketplace_return"
    __table_args__ = (Index("return_not_over", "retailer", sqlite_where=NOT_OVER, postgresql_where=NOT_OVER),)

    id: str = Field(primary_key=True, description="Virtualstock's UUID")
    retailer: str
    order_id: int | None = Field(default=None, foreign_key="marketplace_order.id", index=True)
    reference: str = Field(description="the order's reference, as the return names it")
    line_reference: str
    part_number: str
    quantity: int
    reason: str
    status: str = Field(description="Virtualstock's status key, as last read")
    state: str = Field(description="domain.returns.ReturnState")
    asked_at: datetime
    acknowledging_since: datetime | None = Field(default=None, description="set before the call that acknowledges it")
    acknowledged_at: datetime | None = None
    centra_return_id: int | None = Field(default=None, index=True, sa_type=BigInteger)
    back_at: datetime | None = Field(default=None, description="when Centra's return was seen complete")
    closed_at: datetime | None = Field(default=None, description="set exactly while the state is one that is over")


class CentraReturn(SQLModel, table=True):
    """A return that was made in Centra for one of our orders; the retailer's may come before or after it."""

    __tablename__ = "centra_return"

    id: int = Field(primary_key=True, sa_type=BigInteger, description="Centra's Return.id")
    order_id: int = Field(foreign_key="marketplace_order.id", index=True)
    units: dict[str, int] = Field(sa_column=Column(JSON, nullable=False), description="units by Centra order line id")
    completed_at: datetime | None = Field(default=None, description="when it was first seen complete")


class Invoice(SQLModel, table=True):
    """An invoice, or an attempt at one: a rejected one is replaced by a row with a higher attempt."""

    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("order_id", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="marketplace_order.id")
    attempt: int = 1
    number: str = Field(unique=True)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False), description="exactly what was sent")
    made_at: datetime
    sending_since: datetime | None = Field(default=None, description="set before the call that sends it")
    accepted_at: datetime | None = None
    replaced_at: datetime | None = Field(default=None, description="rejected; another took its place")


class Deadline(SQLModel, table=True):
    """A clock that runs on an order until it is met."""

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("order_id", "clock"),
        Index("deadline_running", "next_mark_at", sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="marketplace_order.id")
    clock: str = Field(description="domain.deadlines.Clock")
    started_at: datetime
    due_at: datetime
    passed: int = Field(default=0, description="per cent of the time that were marked last: 0, 25, 50, 75 or 100")
    next_mark_at: datetime | None = Field(default=None, description="when the next mark is reached; None after 100")
    met_at: datetime | None = None
    missed_at: datetime | None = None
