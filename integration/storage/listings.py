"""What each retailer last accepted is on record, and a call whose outcome is unknown is never taken for accepted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.centra.schema import Size as SizeRead
from integration.storage.store import insert, table_of
from integration.storage.tables import Listing, ListingContent, Size

LISTING, CONTENT, SIZE = table_of(Listing), table_of(ListingContent), table_of(Size)
BATCH = 400


@dataclass(frozen=True)
class Offer:
    """A listing beside the newest reading of its size.

    `agreed` is None until the retailer has accepted a quantity. `unsettled`: a call went out and its outcome is
    unknown, so the retailer may show something else than `agreed`. `size_gone`: Centra no longer has the size.
    `withdrawn`: Centra does not offer the article to this retailer's market.
    """

    listing_id: int
    retailer: str
    sku: str
    product_id: int
    agreed: int | None
    unsettled: bool
    size: SizeRead | None
    read_seq: int
    size_gone: bool
    withdrawn: bool


def of_sizes(db: sa.Connection, size_ids: Collection[int]) -> list[Offer]:
    """The offers of these sizes at all retailers."""
    offers: list[Offer] = []
    ids = list(size_ids)
    for start in range(0, len(ids), BATCH):
        offers += _offers(db, LISTING.c.size_id.in_(ids[start : start + BATCH]))
    return offers


def of_sku(db: sa.Connection, retailer: str, sku: str) -> list[Offer]:
    """The offers of one SKU at one retailer: one, or several where the retailer lists it more than once."""
    return _offers(db, sa.and_(LISTING.c.retailer == retailer, LISTING.c.sku == sku))


def of_retailer(
    db: sa.Connection, retailer: str, after: int, limit: int, beginnings: Collection[str] | None = None
) -> list[Offer]:
    """A page of a retailer's offers by listing id, for going through all of them.

    :param beginnings: only SKUs that begin with one of these.
    """
    where = sa.and_(LISTING.c.retailer == retailer, LISTING.c.id > after)
    if beginnings is not None:
        begins = (LISTING.c.sku.startswith(each, autoescape=True) for each in beginnings)
        where = sa.and_(where, sa.or_(sa.false(), *begins))
    return _offers(db, where, limit)


def of_skus(db: sa.Connection, retailer: str, skus: Collection[str]) -> list[Offer]:
    """The offers of many SKUs at one retailer."""
    offers: list[Offer] = []
    ordered = sorted(set(skus))
    for start in range(0, len(ordered), BATCH):
        mine = LISTING.c.sku.in_(ordered[start : start + BATCH])
        offers += _offers(db, sa.and_(LISTING.c.retailer == retailer, mine))
    return offers


def intend(db: sa.Connection, offer: Offer, quantity: int, token: str) -> bool:
    """Write down that `quantity` is about to be sent. False: something newer was accepted meanwhile."""
    changed = db.execute(
        sa.update(LISTING)
        .where(LISTING.c.id == offer.listing_id, LISTING.c.agreed_seq <= offer.read_seq)
        .values(sending=quantity, sending_by=token)
    )
    return changed.rowcount == 1


def accepted(db: sa.Connection, offer: Offer, quantity: int, token: str, now: datetime) -> bool:
    """They took `quantity`. False: another worker has sent since, so nobody knows whose call came last."""
    changed = db.execute(
        sa.update(LISTING)
        .where(LISTING.c.id == offer.listing_id, LISTING.c.sending_by == token)
        .values(agreed=quantity, agreed_seq=offer.read_seq, agreed_at=now, sending=None, sending_by=None, gone=False)
    )
    return changed.rowcount == 1


def not_sent(db: sa.Connection, offer: Offer, token: str) -> None:
    """Nothing happened over there: back to what was known before `intend`."""
    if offer.unsettled:
        return
    db.execute(
        sa.update(LISTING)
        .where(LISTING.c.id == offer.listing_id, LISTING.c.sending_by == token)
        .values(sending=None, sending_by=None)
    )


def unsettle(db: sa.Connection, offer: Offer) -> None:
    """Two calls overlapped: what the retailer shows is unknown until the next one is accepted."""
    db.execute(
        sa.update(LISTING).where(LISTING.c.id == offer.listing_id)
        .values(sending=sa.func.coalesce(LISTING.c.sending, LISTING.c.agreed, -1), sending_by=None)
    )  # fmt: skip


def mark_gone(db: sa.Connection, offer: Offer) -> None:
    """The retailer does not know the product any more."""
    mark_gone_by_id(db, offer.listing_id)


def mark_gone_by_id(db: sa.Connection, listing_id: int) -> None:
    """The same for a listing whose stock nobody has at hand."""
    db.execute(sa.update(LISTING).where(LISTING.c.id == listing_id).values(gone=True, sending=None, sending_by=None))


def record(db: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store listings as read: retailer, product_id, part_number, sku, size_id, seen_at."""
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    ordered = sorted(rows, key=lambda row: (row["retailer"], row["product_id"]))
    for start in range(0, len(ordered), BATCH):
        statement = insert(db, Listing)
        kept = ("part_number", "sku", "size_id", "seen_at", "gone")
        db.execute(
            statement.on_conflict_do_update(
                index_elements=["retailer", "product_id"],
                set_={name: statement.excluded[name] for name in kept},
            ),
            [{"agreed_seq": 0, "gone": False, **row} for row in ordered[start : start + BATCH]],
        )


def skus_by_part_number(db: sa.Connection, retailer: str, part_numbers: Collection[str]) -> dict[str, set[str]]:
    """The SKUs that a retailer's part numbers stand for, from its listings."""
    rows = db.execute(
        sa.select(LISTING.c.part_number, LISTING.c.sku)
        .where(LISTING.c.retailer == retailer, LISTING.c.part_number.in_(list(part_numbers)))
        .where(LISTING.c.sku.is_not(None))
    )  # fmt: skip
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.part_number, set()).add(row.sku)
    return found


def listed_sizes(
    db: sa.Connection, retailer: str, size_ids: Collection[int], *, still: bool = False
) -> set[int]:
    """Those of these sizes that the retailer lists, or has listed: what it removed is listed again by a person.

    :param still: only those that it has not removed.
    """
    found: set[int] = set()
    ids = list(size_ids)
    for start in range(0, len(ids), BATCH):
        mine = [LISTING.c.retailer == retailer, LISTING.c.size_id.in_(ids[start : start + BATCH])]
        mine += [~LISTING.c.gone] if still else []
        found |= set(db.scalars(sa.select(LISTING.c.size_id).where(*mine)))
    return found


def skus(db: sa.Connection, *, sku: str | None = None, retailer: str | None = None) -> list[tuple[str, str]]:
    """What is listed, as (retailer, SKU): one SKU, those of one retailer, or all."""
    where = [LISTING.c.sku.is_not(None), ~LISTING.c.gone]
    where += [LISTING.c.sku == sku] if sku is not None else []
    where += [LISTING.c.retailer == retailer] if retailer is not None else []
    rows = db.execute(
        sa.select(LISTING.c.retailer, LISTING.c.sku).where(*where).distinct()
        .order_by(LISTING.c.retailer, LISTING.c.sku)
    )  # fmt: skip
    return [(row.retailer, row.sku) for row in rows]


@dataclass(frozen=True)
class Entry:
    """A listing, also one without an article of ours, and what is known of both sides."""

    listing_id: int
    part_number: str
    product_id: int
    sku: str | None
    size_id: int | None
    ean: str | None
    shown: dict[str, str]


def entries(db: sa.Connection, retailer: str, after_listing_id: int, limit: int) -> list[Entry]:
    """A page of all that a retailer lists, by listing id."""
    rows = db.execute(
        sa.select(
            LISTING.c.id, LISTING.c.part_number, LISTING.c.product_id, LISTING.c.sku, LISTING.c.size_id, SIZE.c.ean,
            CONTENT.c.shown,
        )
        .outerjoin(SIZE, SIZE.c.id == LISTING.c.size_id)
        .outerjoin(CONTENT, CONTENT.c.listing_id == LISTING.c.id)
        .where(LISTING.c.retailer == retailer, LISTING.c.id > after_listing_id, ~LISTING.c.gone)
        .order_by(LISTING.c.id).limit(limit)
    )  # fmt: skip
    return [
        Entry(row.id, row.part_number, row.product_id, row.sku, row.size_id, row.ean, row.shown or {}) for row in rows
    ]


def _offers(db: sa.Connection, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Offer]:
    rows = db.execute(
        sa.select(
            LISTING.c.id, LISTING.c.retailer, LISTING.c.sku, LISTING.c.product_id, LISTING.c.agreed,
            LISTING.c.sending, SIZE.c.snapshot, SIZE.c.read_seq, SIZE.c.gone, CONTENT.c.withdrawn,
        )
        .join(SIZE, SIZE.c.id == LISTING.c.size_id)
        .outerjoin(CONTENT, CONTENT.c.listing_id == LISTING.c.id)
        .where(where, ~LISTING.c.gone).order_by(LISTING.c.id).limit(limit)
    )  # fmt: skip
    return [
        Offer(
            row.id, row.retailer, row.sku, row.product_id, row.agreed, row.sending is not None,
            None if row.snapshot is None else SizeRead.model_validate(row.snapshot), row.read_seq, row.gone,
            bool(row.withdrawn),
        )
        for row in rows
    ]  # fmt: skip
