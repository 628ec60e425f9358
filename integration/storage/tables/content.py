"""What retailers show of our products: what Centra says, what they accepted, and what keeps a value from going out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from integration.storage.tables.catalogue import STALE


class Product(SQLModel, table=True):
    """The newest reading of a Centra product with all below it, and whether it must be read again.

    `turns_at`: when a campaign of it starts or ends next, so that its prices change with no event.
    `rests_until`: while it is edited it is not read before then; `rests_at_most` bounds that. None: it is read at once.
    """

    __tablename__ = "product"
    __table_args__ = (
        Index("product_stale", "id", sqlite_where=STALE, postgresql_where=STALE),
        Index("product_turns", "turns_at"),
    )

    id: int = Field(primary_key=True, sa_type=BigInteger)
    snapshot: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    digest: str | None = Field(default=None, description="of the snapshot: equal = nothing changed")
    read_seq: int = Field(default=0, sa_type=BigInteger)
    read_at: datetime | None = None
    stale_asked: int = 0
    stale_answered: int = 0
    gone: bool = False
    rests_until: datetime | None = None
    rests_at_most: datetime | None = None
    turns_at: datetime | None = None


class ProductPart(SQLModel, table=True):
    """A part that events name (variant, size, display, price, image, category …) and a product that it belongs to.

    A size that has left its product keeps its row, so that its listings still find the product that lacks it.
    """

    __tablename__ = "product_part"
    __table_args__ = (Index("product_part_product", "product_id"),)

    kind: str = Field(primary_key=True)
    part_id: int = Field(primary_key=True, sa_type=BigInteger)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)


class ListingContent(SQLModel, table=True):
    """The attributes of a listing: `accepted` as we sent or first read them, `shown` as the retailer writes them.

    A retailer may write a value in a form of its own; a later reading differs from `shown` only when somebody changed
    it over there. While `sending` is set a call may be out, so what the retailer shows is unknown.
    """

    __tablename__ = "listing_content"

    listing_id: int = Field(primary_key=True, foreign_key="listing.id")
    category_id: int | None = Field(default=None, sa_type=BigInteger)
    accepted: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    shown: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    accepted_at: datetime | None = None
    sending: dict[str, str] | None = Field(default=None, sa_column=Column(JSON))
    sending_by: str | None = None
    withdrawn: bool = Field(default=False, description="Centra does not offer it to this retailer's market")


class SentPrice(SQLModel, table=True):
    """A price that a retailer accepted, and where it came from."""

    __tablename__ = "sent_price"
    __table_args__ = (Index("sent_price_sku", "retailer", "sku"),)

    id: int | None = Field(default=None, primary_key=True)
    retailer: str
    sku: str
    attribute: str
    amount: str
    currency: str
    source: str
    at: datetime


class GuardedMove(SQLModel, table=True):
    """A listing that falls to zero, or changes price, in a minute: a guardrail counts those of its last ones."""

    __tablename__ = "guarded_move"

    guard: str = Field(primary_key=True)
    retailer: str = Field(primary_key=True)
    minute: int = Field(primary_key=True, sa_type=BigInteger, description="number of the minute since 1970")
    sku: str = Field(primary_key=True)


class Stop(SQLModel, table=True):
    """A guardrail that has stopped sending for a retailer, until a named person lets it go on."""

    __tablename__ = "stop"

    guard: str = Field(primary_key=True)
    retailer: str = Field(primary_key=True)
    at: datetime


class Approval(SQLModel, table=True):
    """A value that a person let pass a guardrail."""

    __tablename__ = "approval"

    guard: str = Field(primary_key=True)
    retailer: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    by: str
    reason: str
    at: datetime


class Shadow(SQLModel, table=True):
    """What a flow in shadow mode would have sent; nothing was."""

    __tablename__ = "shadow"
    __table_args__ = (Index("shadow_listing", "flow", "listing_id"),)

    id: int | None = Field(default=None, primary_key=True)
    flow: str
    retailer: str
    sku: str
    listing_id: int
    at: datetime
    body: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class ImageLink(SQLModel, table=True):
    """What was found behind an image link, kept so that no link is asked for often.

    `used_until`: past it no listing wants the link; it is looked at once more, and then forgotten.
    """

    __tablename__ = "image_link"
    __table_args__ = (Index("image_link_due", "check_at"),)

    url: str = Field(primary_key=True)
    used_until: datetime
    wrong: str | None = Field(default=None, description="what is wrong with it; None = an image is there")
    checked_at: datetime | None = None
    check_at: datetime
