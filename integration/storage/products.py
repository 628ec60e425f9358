"""The newest reading of each Centra product is kept with all below it, and an older one can never take its place."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from integration.centra import content
from integration.domain.articles import parts
from integration.storage import readings
from integration.storage.readings import BATCH
from integration.storage.store import insert, table_of
from integration.storage.tables import Product, ProductPart, Size

PRODUCT, PART, SIZE = table_of(Product), table_of(ProductPart), table_of(Size)
STALE = PRODUCT.c.stale_asked > PRODUCT.c.stale_answered


@dataclass(frozen=True)
class Rest:
    """A product that is being edited is not read before `until`; an earlier edit may have set an earlier bound than
    `at_most`."""

    until: datetime
    at_most: datetime


def mark_stale(
    db: sa.Connection, product_ids: Collection[int], after: int, *, rest: Rest | None = None
) -> None:
    """These products must be read again, unless a reading with a number above `after` has brought them.

    :param rest: how long they may wait for more edits. None: they are read at once, whatever comes before or after.
    """
    readings.mark_stale(db, Product, product_ids, after)
    # What this marks for the first time begins to rest; what is to be read at once is never put to rest again.
    first = PRODUCT.c.stale_asked == PRODUCT.c.stale_answered + 1
    values: dict[str, object] = {"rests_until": None, "rests_at_most": None}
    resting: sa.ColumnElement[bool] = STALE
    if rest is not None:
        resting = sa.and_(STALE, sa.or_(first, PRODUCT.c.rests_until.is_not(None)))
        bound = sa.case((first, rest.at_most), else_=PRODUCT.c.rests_at_most)
        values = {"rests_at_most": bound, "rests_until": sa.case((bound < rest.until, bound), else_=rest.until)}
    ordered = sorted(set(product_ids))
    for start in range(0, len(ordered), BATCH):
        mine = PRODUCT.c.id.in_(ordered[start : start + BATCH])
        db.execute(
            sa.update(PRODUCT).where(mine, resting, readings.unread_after(PRODUCT, after)).values(values)
        )


def mark_parts_stale(
    db: sa.Connection, kind: str, ids: Collection[int], after: int, *, rest: Rest | None = None
) -> set[int]:
    """The products that have these parts must be read again, as in `mark_stale`. Returns the ids unknown to us."""
    wanted = sorted(set(ids))
    rows = [
        row
        for start in range(0, len(wanted), BATCH)
        for row in db.execute(
            sa.select(PART.c.part_id, PART.c.product_id)
            .where(PART.c.kind == kind, PART.c.part_id.in_(wanted[start : start + BATCH]))
        )
    ]  # fmt: skip
    mark_stale(db, {row.product_id for row in rows}, after, rest=rest)
    return set(wanted) - {row.part_id for row in rows}


def stale(db: sa.Connection, limit: int, now: datetime) -> dict[int, int]:
    """Products to be read that do not rest any more, as {product id: asked}; hand the numbers back to `record`."""
    rests = PRODUCT.c.rests_until
    rows = db.execute(
        sa.select(PRODUCT.c.id, PRODUCT.c.stale_asked).where(STALE, sa.or_(rests.is_(None), rests <= now))
        .order_by(rests.is_not(None), rests, PRODUCT.c.id).limit(limit)
    )  # fmt: skip
    return {row.id: row.stale_asked for row in rows}


def readable_at(db: sa.Connection, now: datetime) -> datetime | None:
    """When the first of the products to be read has rested, not before `now`; None: none is to be read."""
    at_once = sa.select(PRODUCT.c.id).where(STALE, PRODUCT.c.rests_until.is_(None)).limit(1)
    if db.scalar(at_once) is not None:
        return now
    first: datetime | None = db.scalar(sa.select(sa.func.min(PRODUCT.c.rests_until)).where(STALE))
    return first and max(first, now)


def begin_read(db: sa.Connection) -> int:
    """The number of a reading, drawn before its request leaves, see `readings.begin`."""
    return readings.begin(db)


def record(
    db: sa.Connection, products: Sequence[content.Product], seq: int, began: datetime,
    turns: Mapping[int, datetime | None], asked: Mapping[int, int] | None = None,
) -> set[int]:
    """Store a reading, unless a later-begun one is there; and settle what was asked before it began.

    :param began: when the request left.
    :param turns: when a campaign of each product starts or ends next.
    :param asked: the answer of `stale` this reading is for. A product in it that Centra did not return is gone.

    Returns the products that are not what they were: changed, gone, or back again.
    """
    missing = set(asked or ()) - {product.id for product in products}
    before = _lock(db, {product.id for product in products} | missing)
    newest = {product.id: product for product in products if before[product.id].read_seq < seq}
    snapshots = {number: product.model_dump(mode="json") for number, product in newest.items()}
    digests = {number: digest(snapshot) for number, snapshot in snapshots.items()}
    same = {number for number in newest if before[number].digest == digests[number] and not before[number].gone}
    changed = newest.keys() - same
    readings.store(db, Product, [
        {"id": number, "snapshot": snapshots[number], "digest": digests[number], "read_seq": seq, "read_at": began,
         "turns_at": turns.get(number)}
        for number in changed
    ])  # fmt: skip
    _replace_parts(db, [newest[number] for number in changed])
    _touch(db, same, seq, began)
    readings.mark_gone(db, Product, missing, seq, began)
    readings.settle(db, Product, asked or {})
    return changed | {number for number in missing if before[number].read_seq < seq and not before[number].gone}


def digest(snapshot: Mapping[str, Any]) -> str:
    """Equal for equal snapshots, whatever the order of their keys."""
    return sha256(json.dumps(snapshot, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def turning(db: sa.Connection, now: datetime) -> list[int]:
    """Products of which a campaign has started or ended by now, and nobody has looked since; the oldest first."""
    return list(
        db.scalars(sa.select(PRODUCT.c.id).where(PRODUCT.c.turns_at <= now).order_by(PRODUCT.c.turns_at, PRODUCT.c.id))
    )


def due_to_turn(db: sa.Connection, ids: Collection[int], now: datetime) -> list[content.Product]:
    """Those of these products that are still due to turn, whole; a reading may have come in between."""
    rows = db.scalars(
        sa.select(PRODUCT.c.snapshot).where(PRODUCT.c.id.in_(list(ids)), PRODUCT.c.turns_at <= now)
        .order_by(PRODUCT.c.id)
    )  # fmt: skip
    return [content.Product.model_validate(row) for row in rows]


def set_turn(db: sa.Connection, product_id: int, at: datetime | None) -> None:
    """When a campaign of this product starts or ends next; None: never."""
    db.execute(sa.update(PRODUCT).where(PRODUCT.c.id == product_id).values(turns_at=at))


def of_sku(db: sa.Connection, sku: str) -> content.Product | None:
    """The product with the size of this SKU; None where there is none, or more than one: that is never guessed."""
    sizes = sa.select(SIZE.c.id).where(SIZE.c.sku == sku, ~SIZE.c.gone)
    mine = sa.select(PART.c.product_id).where(PART.c.kind == "size", PART.c.part_id.in_(sizes))
    rows = db.scalars(sa.select(PRODUCT.c.snapshot).where(PRODUCT.c.id.in_(mine), ~PRODUCT.c.gone, _is_read()))
    found = [product for product in map(content.Product.model_validate, rows) if sku in _skus(product)]
    return found[0] if len(found) == 1 else None


def page(db: sa.Connection, after: int, limit: int) -> list[content.Product]:
    """A page of the products that have been read and are not gone, by id."""
    rows = db.scalars(
        sa.select(PRODUCT.c.snapshot).where(PRODUCT.c.id > after, ~PRODUCT.c.gone, _is_read())
        .order_by(PRODUCT.c.id).limit(limit)
    )  # fmt: skip
    return [content.Product.model_validate(row) for row in rows]


def unseen(db: sa.Connection, before_seq: int, limit: int) -> tuple[int, list[int]]:
    """How many products that are not gone no reading from `before_seq` on has brought, and the first `limit` ids."""
    where = sa.and_(~PRODUCT.c.gone, PRODUCT.c.read_seq < before_seq)
    total = db.scalar(sa.select(sa.func.count()).select_from(PRODUCT).where(where)) or 0
    ids = db.scalars(sa.select(PRODUCT.c.id).where(where).order_by(PRODUCT.c.id).limit(limit))
    return total, list(ids)


def _is_read() -> sa.ColumnElement[bool]:
    return PRODUCT.c.digest.is_not(None)


def _skus(product: content.Product) -> set[str | None]:
    return {size.sku for variant in product.variants for size in variant.sizes}


def _lock(db: sa.Connection, ids: Collection[int]) -> dict[int, "sa.Row[Any]"]:
    """Enter what is unknown, so that it can be locked too; then nobody else may write these until the end."""
    found: dict[int, sa.Row[Any]] = {}
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    ordered = sorted(ids)
    empty = {"stale_asked": 0, "stale_answered": 0, "read_seq": 0, "gone": False}
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        db.execute(insert(db, Product).on_conflict_do_nothing(), [{"id": number, **empty} for number in batch])
        rows = db.execute(
            sa.select(PRODUCT.c.id, PRODUCT.c.digest, PRODUCT.c.read_seq, PRODUCT.c.gone)
            .where(PRODUCT.c.id.in_(batch)).order_by(PRODUCT.c.id).with_for_update()
        )  # fmt: skip
        found |= {row.id: row for row in rows}
    return found


def _touch(db: sa.Connection, ids: Collection[int], seq: int, began: datetime) -> None:
    """Read and found unchanged. When it turns stays: a turn that is due has not been looked at yet."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        mine = PRODUCT.c.id.in_(ordered[start : start + BATCH])
        db.execute(sa.update(PRODUCT).where(mine).values(read_seq=seq, read_at=began))


def _replace_parts(db: sa.Connection, products: Iterable[content.Product]) -> None:
    """Write what events may name of these products, whose rows are locked."""
    for product in sorted(products, key=lambda each: each.id):
        now = set(parts(product))
        rows = db.execute(sa.select(PART.c.kind, PART.c.part_id).where(PART.c.product_id == product.id))
        before = {(row.kind, row.part_id) for row in rows}
        left = [
            {"of": product.id, "what": kind, "number": number} for kind, number in sorted(before - now)
            if kind != "size"
        ]  # fmt: skip
        if left:
            db.execute(
                sa.delete(PART).where(PART.c.product_id == sa.bindparam("of"), PART.c.kind == sa.bindparam("what"),
                                      PART.c.part_id == sa.bindparam("number")), left,
            )  # fmt: skip
        new = [{"kind": kind, "part_id": number, "product_id": product.id} for kind, number in sorted(now - before)]
        if new:
            db.execute(insert(db, ProductPart).on_conflict_do_nothing(), new)
