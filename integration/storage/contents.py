"""What each retailer last accepted of a listing is on record, and a call that may be out never counts as accepted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.centra import content
from integration.domain.pricing import PriceNow
from integration.storage.store import insert, table_of
from integration.storage.tables import Listing, ListingContent, Product, ProductPart, SentPrice

LISTING, CONTENT, PRODUCT = table_of(Listing), table_of(ListingContent), table_of(Product)
PART, PRICE = table_of(ProductPart), table_of(SentPrice)
BATCH = 400

Read = tuple[int | None, Mapping[str, str]]
"""What a reading says of a listing: its category and its attributes."""


@dataclass(frozen=True)
class Listed:
    """A listing whose attributes were read, beside the newest reading of its product.

    `product_id` is Virtualstock's. `accepted` are the attributes as we sent or first read them, `shown` as the retailer
    writes them. `unsettled`: a call went out and its outcome is unknown. `withdrawn`: Centra did not offer it when we
    last looked. `stock` is the quantity that the retailer accepted last. `product` is None until it was read, and may
    lack the size; `product_gone`: Centra no longer returns it. `digest` is that of the product.
    """

    listing_id: int
    retailer: str
    sku: str
    product_id: int
    part_number: str
    size_id: int
    category_id: int | None
    accepted: dict[str, str]
    shown: dict[str, str]
    accepted_at: datetime | None
    unsettled: bool
    withdrawn: bool
    stock: int | None
    product: content.Product | None
    product_gone: bool
    digest: str | None


def of_sku(db: sa.Connection, retailer: str, sku: str) -> list[Listed]:
    """The listings of one SKU at one retailer: one, or several where the retailer lists it more than once."""
    return _listed(db, sa.and_(LISTING.c.retailer == retailer, LISTING.c.sku == sku))


def of_skus(db: sa.Connection, retailer: str, skus: Collection[str]) -> list[Listed]:
    """The listings of many SKUs at one retailer."""
    found: list[Listed] = []
    ordered = sorted(set(skus))
    for start in range(0, len(ordered), BATCH):
        mine = LISTING.c.sku.in_(ordered[start : start + BATCH])
        found += _listed(db, sa.and_(LISTING.c.retailer == retailer, mine))
    return found


def of_products(db: sa.Connection, product_ids: Collection[int]) -> list[Listed]:
    """The listings of these Centra products at all retailers, also of sizes that have left them."""
    found: dict[int, Listed] = {}
    ids = sorted(product_ids)
    for start in range(0, len(ids), BATCH):
        mine = sa.select(PART.c.part_id).where(
            PART.c.kind == "size", PART.c.product_id.in_(ids[start : start + BATCH])
        )
        found |= {each.listing_id: each for each in _listed(db, LISTING.c.size_id.in_(mine))}
    return [found[number] for number in sorted(found)]


def of_listings(db: sa.Connection, retailer: str, after_listing_id: int, limit: int) -> list[Listed]:
    """A page of a retailer's listings by listing id, for going through all of them."""
    return _listed(db, sa.and_(LISTING.c.retailer == retailer, LISTING.c.id > after_listing_id), limit)


def record_read(db: sa.Connection, retailer: str, rows: Mapping[int, Read], began: datetime) -> None:
    """Take in what a retailer shows of its listings, by Virtualstock's product id.

    The first reading of a listing counts as accepted. Later an attribute that is not as it was last shown has been
    changed over there, and counts as accepted in its new form: so it differs from what we want, and is sent again.
    Nothing is taken from a listing about which a call may be out, or was accepted since the reading began.

    :param began: when the request left.
    """
    ids = sorted(rows)
    for start in range(0, len(ids), BATCH):
        mine = sa.and_(LISTING.c.retailer == retailer, LISTING.c.product_id.in_(ids[start : start + BATCH]))
        found = db.execute(sa.select(LISTING.c.id, LISTING.c.product_id).where(mine)).all()
        _take(db, {row.id: rows[row.product_id] for row in found}, began)


def intend(db: sa.Connection, listed: Listed, attributes: Mapping[str, str], token: str) -> bool:
    """Write down that `attributes` are about to be sent.

    False: since `listed` was fetched the product was read anew, or another call was accepted. Whoever did that has
    judged the listing afresh, without what we are about to send.
    """
    if listed.product is not None:
        # Shared: who stores a newer reading waits for us and then sees `sending`, or we wait and see their reading.
        now = db.execute(
            sa.select(PRODUCT.c.digest, PRODUCT.c.gone).where(PRODUCT.c.id == listed.product.id)
            .with_for_update(read=True)
        ).one()  # fmt: skip
        if (now.digest, now.gone) != (listed.digest, listed.product_gone):
            return False
    changed = db.execute(
        sa.update(CONTENT)
        .where(_row(listed), CONTENT.c.accepted_at.is_not_distinct_from(listed.accepted_at))
        .values(sending=dict(attributes), sending_by=token)
    )
    return changed.rowcount == 1


def accepted(
    db: sa.Connection, listed: Listed, sent: Mapping[str, str], shown: Mapping[str, str], token: str, now: datetime
) -> bool:
    """They took `sent`. False: another worker has sent since, so nobody knows whose call came last.

    :param shown: all attributes as the retailer answered them; empty: it did not say.
    """
    before = db.execute(
        sa.select(CONTENT.c.accepted, CONTENT.c.shown)
        .where(_row(listed), CONTENT.c.sending_by == token).with_for_update()
    ).one_or_none()  # fmt: skip
    if before is None:
        return False
    after = dict(shown) or {**before.shown, **sent}
    moved = {**_moved(before.shown, after), **sent}
    db.execute(
        sa.update(CONTENT).where(_row(listed)).values(
            accepted=_without_empty({**before.accepted, **moved}), shown=_without_empty(after), accepted_at=now,
            sending=sa.null(), sending_by=None,
        )
    )  # fmt: skip
    return True


def not_sent(db: sa.Connection, listed: Listed, token: str) -> None:
    """Nothing happened over there: back to what was known before `intend`."""
    if listed.unsettled:
        return
    db.execute(
        sa.update(CONTENT).where(_row(listed), CONTENT.c.sending_by == token)
        .values(sending=sa.null(), sending_by=None)
    )  # fmt: skip


def unsettle(db: sa.Connection, listed: Listed) -> None:
    """Two calls overlapped: what the retailer shows is unknown until the next one is accepted."""
    db.execute(
        sa.update(CONTENT).where(_row(listed))
        .values(sending=sa.func.coalesce(CONTENT.c.sending, CONTENT.c.accepted), sending_by=None)
    )  # fmt: skip


def set_withdrawn(db: sa.Connection, listing_id: int, flag: bool) -> None:
    """Whether Centra offers it to the retailer's market; stock follows."""
    db.execute(sa.update(CONTENT).where(CONTENT.c.listing_id == listing_id).values(withdrawn=flag))


def remember_prices(
    db: sa.Connection, retailer: str, sku: str, prices: Mapping[str, PriceNow], now: datetime
) -> None:
    """The retailer accepted these prices; where each came from stays on record."""
    rows = [
        {"retailer": retailer, "sku": sku, "attribute": attribute, "amount": f"{price.amount:f}",
         "currency": price.currency, "source": price.source, "at": now}
        for attribute, price in prices.items()
    ]  # fmt: skip
    if rows:
        db.execute(sa.insert(PRICE), rows)


def sent_prices(db: sa.Connection, retailer: str, sku: str, limit: int) -> list["sa.Row[Any]"]:
    """The newest prices that a retailer accepted of a SKU: `attribute`, `amount`, `currency`, `source`, `at`."""
    return list(db.execute(
        sa.select(PRICE.c.attribute, PRICE.c.amount, PRICE.c.currency, PRICE.c.source, PRICE.c.at)
        .where(PRICE.c.retailer == retailer, PRICE.c.sku == sku).order_by(PRICE.c.id.desc()).limit(limit)
    ))  # fmt: skip


def _row(listed: Listed) -> sa.ColumnElement[bool]:
    return CONTENT.c.listing_id == listed.listing_id


def _listed(db: sa.Connection, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Listed]:
    # Inner: a listing whose attributes nobody has read would look as if all of them had to be sent.
    rows = db.execute(
        sa.select(
            LISTING.c.id, LISTING.c.retailer, LISTING.c.sku, LISTING.c.product_id, LISTING.c.part_number,
            LISTING.c.size_id, LISTING.c.agreed, CONTENT.c.category_id, CONTENT.c.accepted, CONTENT.c.shown,
            CONTENT.c.accepted_at, CONTENT.c.sending.is_not(None).label("unsettled"), CONTENT.c.withdrawn,
        )
        .join(CONTENT, CONTENT.c.listing_id == LISTING.c.id)
        .where(where, ~LISTING.c.gone, LISTING.c.size_id.is_not(None), LISTING.c.sku.is_not(None))
        .order_by(LISTING.c.id).limit(limit)
    ).all()  # fmt: skip
    owners = _owners(db, {row.size_id for row in rows})
    return [
        Listed(
            listing_id=row.id, retailer=row.retailer, sku=row.sku, product_id=row.product_id,
            part_number=row.part_number, size_id=row.size_id, category_id=row.category_id, accepted=row.accepted,
            shown=row.shown, accepted_at=row.accepted_at, unsettled=bool(row.unsettled), withdrawn=row.withdrawn,
            stock=row.agreed, product=owner.product if owner else None, product_gone=owner.gone if owner else False,
            digest=owner.digest if owner else None,
        )
        for row in rows for owner in (owners.get(row.size_id),)
    ]  # fmt: skip


@dataclass(frozen=True)
class _Owner:
    """A product, parsed once however many listings have a size of it."""

    product: content.Product
    size_ids: frozenset[int]
    gone: bool
    read_seq: int
    digest: str


def _owners(db: sa.Connection, size_ids: Collection[int]) -> dict[int, _Owner]:
    """The product of each size; where several had it, the one that has it now, and else the one read last."""
    rows: list[sa.Row[Any]] = []
    ids = sorted(size_ids)
    for start in range(0, len(ids), BATCH):
        mine = sa.and_(PART.c.kind == "size", PART.c.part_id.in_(ids[start : start + BATCH]))
        rows += db.execute(sa.select(PART.c.part_id, PART.c.product_id).where(mine))
    products = _products(db, {row.product_id for row in rows})
    owners: dict[int, _Owner] = {}
    for row in rows:
        each, size_id = products.get(row.product_id), row.part_id
        if each and (size_id not in owners or _claim(each, size_id) > _claim(owners[size_id], size_id)):
            owners[size_id] = each
    return owners


def _claim(owner: _Owner, size_id: int) -> tuple[bool, bool, int]:
    return (not owner.gone, size_id in owner.size_ids, owner.read_seq)


def _products(db: sa.Connection, ids: Iterable[int]) -> dict[int, _Owner]:
    found: dict[int, _Owner] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        rows = db.execute(
            sa.select(PRODUCT.c.id, PRODUCT.c.snapshot, PRODUCT.c.gone, PRODUCT.c.read_seq, PRODUCT.c.digest)
            .where(PRODUCT.c.id.in_(ordered[start : start + BATCH]), PRODUCT.c.digest.is_not(None))
        )  # fmt: skip
        for row in rows:
            product = content.Product.model_validate(row.snapshot)
            size_ids = frozenset(size.id for variant in product.variants for size in variant.sizes)
            found[row.id] = _Owner(product, size_ids, row.gone, row.read_seq, row.digest)
    return found


def _take(db: sa.Connection, rows: Mapping[int, Read], began: datetime) -> None:
    """Take in a batch of readings by listing id."""
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    known = {
        row.listing_id: row
        for row in db.execute(
            sa.select(CONTENT).where(CONTENT.c.listing_id.in_(list(rows))).order_by(CONTENT.c.listing_id)
            .with_for_update()
        )
    }  # fmt: skip
    first = [
        {"listing_id": number, "category_id": category, "accepted": _without_empty(read),
         "shown": _without_empty(read), "withdrawn": False}
        for number, (category, read) in sorted(rows.items()) if number not in known
    ]  # fmt: skip
    if first:
        db.execute(insert(db, ListingContent).on_conflict_do_nothing(), first)
    changes = [
        {"of": number, **new}
        for number, row in known.items() if (new := _changes(row, *rows[number], began))
    ]  # fmt: skip
    if changes:
        db.execute(sa.update(CONTENT).where(CONTENT.c.listing_id == sa.bindparam("of")), changes)


def _changes(
    row: "sa.Row[Any]", category: int | None, read: Mapping[str, str], began: datetime
) -> dict[str, Any] | None:
    """The columns that a later reading changes, None where it changes nothing."""
    newer = row.accepted_at is not None and row.accepted_at >= began
    moved = {} if newer or row.sending is not None else _moved(row.shown, read)
    category = row.category_id if category is None else category
    if not moved and category == row.category_id:
        return None
    return {
        "category_id": category, "accepted": _without_empty({**row.accepted, **moved}),
        "shown": _without_empty({**row.shown, **moved}),
    }  # fmt: skip


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The attributes that are not as they were shown before; nothing and an empty text are the same."""
    names = before.keys() | after.keys()
    return {name: after.get(name, "") for name in names if after.get(name, "") != before.get(name, "")}


def _without_empty(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in attributes.items() if text}
