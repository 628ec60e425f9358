"""What a flow in shadow mode would have sent is kept in full, so that a person can judge it before anything is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import table_of
from integration.storage.tables import Shadow

SHADOW = table_of(Shadow)


@dataclass(frozen=True)
class Shaded:
    """One call that would have been made. `listing_id` is 0 for a creation: there is no listing."""

    id: int
    flow: str
    retailer: str
    sku: str
    listing_id: int
    at: datetime
    body: dict[str, Any]


def record(
    db: sa.Connection, flow: str, retailer: str, sku: str, listing_id: int, body: dict[str, str], now: datetime
) -> None:
    """Write down what would have been sent."""
    db.execute(
        sa.insert(SHADOW).values(flow=flow, retailer=retailer, sku=sku, listing_id=listing_id, body=body, at=now)
    )


def last(db: sa.Connection, flow: str, listing_id: int) -> dict[str, str] | None:
    """The newest value of each attribute that was ever written down for a listing; None: nothing was."""
    bodies = db.scalars(
        sa.select(SHADOW.c.body).where(SHADOW.c.flow == flow, SHADOW.c.listing_id == listing_id).order_by(SHADOW.c.id)
    ).all()
    merged: dict[str, str] = {}
    for body in bodies:
        merged |= body
    return merged if bodies else None


def newest_of_sku(db: sa.Connection, flow: str, retailer: str, sku: str) -> dict[str, str] | None:
    """The body that was written down last for an SKU, whole; None: none was."""
    body: dict[str, str] | None = db.scalar(
        sa.select(SHADOW.c.body).where(SHADOW.c.flow == flow, SHADOW.c.retailer == retailer, SHADOW.c.sku == sku)
        .order_by(SHADOW.c.id.desc()).limit(1)
    )  # fmt: skip
    return body


def page(db: sa.Connection, flow: str | None, retailer: str | None, after_id: int, limit: int) -> list[Shaded]:
    """A page of what was written down, oldest first; None stands for every flow or every retailer."""
    wanted = [SHADOW.c.id > after_id]
    wanted += [column == value for column, value in ((SHADOW.c.flow, flow), (SHADOW.c.retailer, retailer)) if value]
    rows = db.execute(sa.select(SHADOW).where(*wanted).order_by(SHADOW.c.id).limit(limit))
    return [Shaded(**row._mapping) for row in rows]
