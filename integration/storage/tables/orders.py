"""A retailer's order, the Centra order bound to it, and each announcement of a shipment."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

OPEN_ORDER = text("state NOT IN ('dispatched', 'cancelled')")
"""Orders in flight are found without walking through those of the past."""
UNPLACED = text("placed_at IS NULL AND state NOT IN ('dispatched', 'cancelled')")
TOLD_WITH = text("told_with IS NOT NULL")


class MarketplaceOrder(SQLModel, table=True):
    """An order of a retailer, stored as it came before anything could fail, and its place in Centra."""

    __tablename__ = "marketplace_order"
    __table_args__ = (
        UniqueConstraint("retailer", "reference"),
        Index("order_in_flight", "centra_number", sqlite_where=OPEN_ORDER, postgresql_where=OPEN_ORDER),
        Index("order_unplaced", "placed_at", sqlite_where=UNPLACED, postgresql_where=UNPLACED),
        Index("order_received", "retailer", "received_at"),
        # What is counted of a retailer's newest orders is counted in the index: the rows are large.
        Index("order_of_retailer", "retailer", "id", "state", "rehearsal"),
        # With the id: a search by the beginning of a reference reads the index alone, and not the rows with their raw.
        Index("order_reference", "reference", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    retailer: str
    reference: str
    virtualstock_id: int = Field(sa_type=BigInteger)
    raw: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False), description="personal data: never logged")
    received_at: datetime
    state: str = Field(default="received", index=True, description="domain.lifecycle.OrderState, kept by order_lines")
    rehearsal: bool = Field(default=False, description="a test order that never reaches Centra")
    placing_since: datetime | None = Field(default=None, description="set before the call that creates it in Centra")
    centra_number: int | None = Field(default=None, index=True, sa_type=BigInteger)
    placed_at: datetime | None = None
    confirmed_at: datetime | None = Field(default=None, description="Centra has our reference and may ship it")
    acknowledging_since: datetime | None = Field(default=None, description="set before the call that acknowledges it")
    acknowledged_at: datetime | None = None
    acknowledged_again_at: datetime | None = Field(default=None, description="it came back as new once")
    backordering_since: datetime | None = Field(default=None, description="set before the call that gives new dates")
    cancelling_since: datetime | None = Field(default=None, description="set before the call that cancels in Centra")
    confirming_since: datetime | None = Field(
        default=None, description="set before the call that confirms a cancellation to the retailer"
    )


class OrderLine(SQLModel, table=True):
    """One line: what became of its units, and the Centra order line it became."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_reference"),
        Index("order_line_sku", "sku", "order_id"),
        Index("order_line_part_number", "part_number", "order_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="marketplace_order.id")
    line_reference: str
    part_number: str
    sku: str | None = Field(default=None, description="known once it is placed")
    quantity: int
    state: str = Field(default="received", description="domain.lifecycle.LineState")
    moved_at: datetime | None = Field(default=None, description="older readings say nothing of it")
    state_before: str | None = Field(default=None, description="where it was when the retailer asked to cancel units")
    dispatched: int = Field(default=0, description="units the retailer was told of as dispatched")
    cancelled: int = Field(default=0, description="units cancelled with the retailer")
    cancel_asked: int | None = Field(default=None, description="units the retailer asks to cancel, as far as it told")
    centra_line_id: int | None = Field(default=None, index=True, sa_type=BigInteger)
    centra_cancelled: int = Field(default=0, description="units Centra has not: cancelled there, or left out")
    short: int = Field(default=0, description="units that Centra has no stock for, as last read")


class Announcement(SQLModel, table=True):
    """A Centra shipment of one of our orders and whether the retailer knows of it."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index("announcement_told_with", "told_with", sqlite_where=TOLD_WITH, postgresql_where=TOLD_WITH),
    )

    shipment_id: int = Field(primary_key=True, sa_type=BigInteger, description="Centra's Shipment.id")
    order_id: int = Field(foreign_key="marketplace_order.id", index=True)
    number: str
    snapshot: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON), description="centra.schema.Shipment")
    read_at: datetime | None = Field(default=None, description="when the snapshot was read")
    items: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    told_with: int | None = Field(
        default=None, sa_type=BigInteger, description="the shipment whose announcement tells the units of this one too"
    )
    announcing_since: datetime | None = Field(default=None, description="set before the dispatch call")
    unclear_at: datetime | None = Field(default=None, description="nobody can tell whether that call counted")
    announced_at: datetime | None = None
    differs: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON),
        description="what Centra shows since, where it is not the snapshot that was told; empty: it is gone",
    )  # fmt: skip
