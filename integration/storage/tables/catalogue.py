"""What Centra sells, what each retailer lists of it, and the last quantity that the retailer accepted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

STALE = text("stale_asked > stale_answered")


class Size(SQLModel, table=True):
    """A sellable item of Centra (a product size) as last read, and whether it must be read again."""

    __tablename__ = "size"
    __table_args__ = (Index("size_stale", "id", sqlite_where=STALE, postgresql_where=STALE),)

    id: int = Field(primary_key=True, sa_type=BigInteger, description="Centra's ProductSize.id")
    sku: str | None = Field(default=None, index=True)
    ean: str | None = Field(default=None, index=True)
    variant_id: int | None = Field(default=None, index=True, sa_type=BigInteger)
    snapshot: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON), description="centra.schema.Size as read"
    )
    read_seq: int = Field(
        default=0, sa_type=BigInteger, description="drawn before the read began; a lower one never replaces a higher"
    )
    read_at: datetime | None = Field(default=None, description="when the request of that reading left")
    stale_asked: int = 0
    stale_answered: int = 0
    gone: bool = Field(default=False, description="Centra no longer returns it")


class DisplayItem(SQLModel, table=True):
    """A storefront id, as Centra's stock webhooks name it, and the variant behind it."""

    __tablename__ = "display_item"

    id: int = Field(primary_key=True, sa_type=BigInteger)
    variant_id: int = Field(sa_type=BigInteger)


class Listing(SQLModel, table=True):
    """A retailer's product, the Centra size it stands for, and the last quantity the retailer accepted.

    While `sending` is set a call may be out, so what the retailer shows is unknown until it is answered.
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("retailer", "product_id"),
        Index("listing_part_number", "retailer", "part_number"),
        Index("listing_size", "size_id"),
        Index("listing_sku", "sku", "part_number"),
        Index("listing_agreed", "retailer", "agreed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    retailer: str
    product_id: int = Field(sa_type=BigInteger)
    part_number: str
    sku: str | None = None
    size_id: int | None = Field(default=None, sa_type=BigInteger)
    agreed: int | None = None
    agreed_seq: int = Field(default=0, sa_type=BigInteger)
    agreed_at: datetime | None = None
    sending: int | None = None
    sending_by: str | None = Field(default=None, description="claim token of the worker whose call is out")
    seen_at: datetime
    gone: bool = Field(default=False, description="the retailer answered that it does not know the product")


class MarketWarehouse(SQLModel, table=True):
    """A warehouse whose stock counts for a market, by the market's allocation rule."""

    __tablename__ = "market_warehouse"

    market_id: int = Field(primary_key=True, sa_type=BigInteger)
    warehouse_id: int = Field(primary_key=True, sa_type=BigInteger)
