"""The newest reading of each Centra size is kept, and an older one can never take its place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from integration.centra.schema import DisplayItem as DisplayItemRead
from integration.centra.schema import Size as SizeRead
from integration.centra.schema import Warehouse
from integration.storage import readings
from integration.storage.store import insert, table_of
from integration.storage.tables import DisplayItem, MarketWarehouse, Size

SIZE, DISPLAY_ITEM, MARKET_WAREHOUSE = table_of(Size), table_of(DisplayItem), table_of(MarketWarehouse)


def mark_stale(db: sa.Connection, size_ids: Collection[int], after: int) -> None:
    """These sizes must be read again, unless a reading with a number above `after` has brought them."""
    readings.mark_stale(db, Size, size_ids, after)


def mark_skus_stale(db: sa.Connection, skus: Collection[str]) -> None:
    """The same by SKU, for those we know."""
    db.execute(sa.update(SIZE).where(SIZE.c.sku.in_(list(skus))).values(stale_asked=SIZE.c.stale_asked + 1))


def mark_display_items_stale(db: sa.Connection, display_item_ids: Collection[int], after: int) -> set[int]:
    """The sizes behind these storefront ids must be read again, as in `mark_stale`. Returns the ids unknown to us."""
    ids = list(display_item_ids)
    known = {
        row.id: row.variant_id
        for row in db.execute(sa.select(DISPLAY_ITEM).where(DISPLAY_ITEM.c.id.in_(ids)))
    }
    if known:
        db.execute(
            sa.update(SIZE).where(SIZE.c.variant_id.in_(set(known.values())), readings.unread_after(SIZE, after))
            .values(stale_asked=SIZE.c.stale_asked + 1)
        )  # fmt: skip
    return set(ids) - set(known)


def stale(db: sa.Connection, limit: int) -> dict[int, int]:
    """Sizes to be read, as {size id: asked}; hand the numbers back to `record` so that later asks are not lost.

    The least recently read come first. A storefront webhook does not say whether stock or a text changed, and whoever
    edits a product names its sizes over and over: they go behind one that has not been read for a while. Sizes never
    read come last, as no retailer lists them yet.
    """
    rows = db.execute(
        sa.select(SIZE.c.id, SIZE.c.stale_asked).where(SIZE.c.stale_asked > SIZE.c.stale_answered)
        .order_by(SIZE.c.read_at.nulls_last(), SIZE.c.id).limit(limit)
    )  # fmt: skip
    return {row.id: row.stale_asked for row in rows}


def begin_read(db: sa.Connection) -> int:
    """The number of a reading, drawn before its request leaves, see `readings.begin`."""
    return readings.begin(db)


def record(
    db: sa.Connection, sizes: Sequence[SizeRead], seq: int, began: datetime, asked: Mapping[int, int] | None = None
) -> None:
    """Store a reading, unless a later-begun one is there; and settle what was asked before it began.

    :param began: when the request left.
    :param asked: the answer of `stale` this reading is for. A size in it that Centra did not return is gone.
    """
    readings.store(db, Size, [
        {"id": size.id, "sku": size.sku, "ean": size.ean, "variant_id": size.variant_id, "read_seq": seq,
         "read_at": began, "snapshot": size.model_dump(mode="json")}
        for size in sizes
    ])  # fmt: skip
    readings.mark_gone(db, Size, set(asked or ()) - {size.id for size in sizes}, seq, began)
    readings.settle(db, Size, asked or {})


def matching(db: sa.Connection, column: str, value: str) -> list[tuple[int, str]]:
    """Sizes whose `sku` or `ean` is exactly `value`, as (id, SKU); more than one is ambiguous, never guessed."""
    rows = db.execute(
        sa.select(SIZE.c.id, SIZE.c.sku).where(SIZE.c[column] == value, SIZE.c.sku.is_not(None), ~SIZE.c.gone)
    )
    return [(row.id, row.sku) for row in rows]


def record_display_items(db: sa.Connection, items: Iterable[DisplayItemRead]) -> None:
    """Remember which variant stands behind each storefront id."""
    variants = {item.id: item.variant_id for item in items}
    rows = [{"id": number, "variant_id": variants[number]} for number in sorted(variants)]
    for start in range(0, len(rows), readings.BATCH):
        statement = insert(db, DisplayItem)
        known = {"variant_id": statement.excluded.variant_id}
        db.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=known), rows[start : start + readings.BATCH]
        )


def record_warehouses(db: sa.Connection, warehouses: Sequence[Warehouse]) -> None:
    """Remember which warehouses serve each market."""
    rows = [
        {"market_id": market, "warehouse_id": each.id} for each in warehouses for market in sorted(each.market_ids)
    ]
    if not rows:
        return
    db.execute(sa.delete(MARKET_WAREHOUSE))
    db.execute(sa.insert(MARKET_WAREHOUSE), rows)


def warehouses_of(db: sa.Connection, market_id: int) -> frozenset[int]:
    """The warehouses whose stock counts for a market; empty while they have never been read."""
    return frozenset(
        db.scalars(sa.select(MARKET_WAREHOUSE.c.warehouse_id).where(MARKET_WAREHOUSE.c.market_id == market_id))
    )
