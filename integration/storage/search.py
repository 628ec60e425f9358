"""Whatever name somebody has for an order or an article leads to it; what they typed is text and never a pattern.

Names with an index are looked at first. Only what is found nowhere is sought in the rows themselves.
"""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from integration.storage.announcements import ANNOUNCEMENT
from integration.storage.listings import LISTING, SIZE
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER

LONGEST = 200
"""Characters; nothing we know is longer than a part number, and a longer one is the paste of something else."""
LARGEST = 2**63 - 1
_IN_BRIEF = (
    ORDER.c.id, ORDER.c.retailer, ORDER.c.reference, ORDER.c.state, ORDER.c.rehearsal, ORDER.c.centra_number,
    ORDER.c.received_at, ORDER.c.placed_at, ORDER.c.acknowledged_at,
)  # fmt: skip
"""Without `raw`: it is large, and it holds personal data."""


def orders_page(
    db: sa.Connection, *, retailer: str | None = None, state: str | None = None, before: int | None = None, limit: int
) -> list[dict[str, Any]]:
    """Orders, newest first: id, retailer, reference, state, rehearsal, centra_number and their moments.

    :param before: the id of the last one seen; None begins with the newest.
    """
    wanted = sa.select(*_IN_BRIEF).order_by(ORDER.c.id.desc()).limit(limit)
    wanted = wanted if retailer is None else wanted.where(ORDER.c.retailer == retailer)
    wanted = wanted if state is None else wanted.where(ORDER.c.state == state)
    wanted = wanted if before is None else wanted.where(ORDER.c.id < before)
    return [dict(row._mapping) for row in db.execute(wanted)]


def orders(db: sa.Connection, text: str, limit: int) -> list[dict[str, Any]]:
    """Orders that `text` names, newest first, in the first of these ways that finds any: reference (also with the
    retailer's code before it), Centra number, SKU, part number or EAN of a line, tracking or shipment number, and the
    beginning of a reference."""
    for find in (_by_name, _by_article, _by_shipment, _by_beginning):
        ids = find(db, text, limit) if 0 < len(text) <= LONGEST else []
        if ids:
            rows = db.execute(sa.select(*_IN_BRIEF).where(ORDER.c.id.in_(ids)).order_by(ORDER.c.id.desc()).limit(limit))
            return [dict(row._mapping) for row in rows]
    return []


def skus(db: sa.Connection, text: str, limit: int) -> list[dict[str, Any]]:
    """SKUs that `text` names, in the first of these ways that finds any: SKU, part number or EAN as it is, or else a
    part of a SKU or part number in any case. Each with the retailers that list it: sku, ean, retailers."""
    if not 0 < len(text) <= LONGEST:
        return []
    exact = sa.union(
        sa.select(LISTING.c.sku).where(LISTING.c.sku == text),
        sa.select(LISTING.c.sku).where(LISTING.c.part_number == text),
        sa.select(SIZE.c.sku).where(sa.or_(SIZE.c.sku == text, SIZE.c.ean == text)),
    ).subquery()
    found = list(db.scalars(sa.select(exact.c.sku).where(exact.c.sku.is_not(None)).order_by(exact.c.sku).limit(limit)))
    if not found:
        part = _small(text)
        names = (_low(db, name) for name in (LISTING.c.sku, LISTING.c.part_number))
        held = sa.or_(*(name.contains(part, autoescape=True) for name in names))
        found = list(db.scalars(
            sa.select(LISTING.c.sku).where(LISTING.c.sku.is_not(None), held).distinct()
            .order_by(LISTING.c.sku).limit(limit)
        ))  # fmt: skip
    return _with_listings(db, found)


def skus_page(db: sa.Connection, *, retailer: str | None, after: str, limit: int) -> list[dict[str, Any]]:
    """Listed SKUs in their order, those after `after`; as `skus`."""
    wanted = sa.select(LISTING.c.sku).where(LISTING.c.sku > after).distinct().order_by(LISTING.c.sku).limit(limit)
    if retailer is not None:
        wanted = wanted.where(LISTING.c.retailer == retailer)
    return _with_listings(db, list(db.scalars(wanted)))


def _with_listings(db: sa.Connection, found: list[str]) -> list[dict[str, Any]]:
    listed: dict[str, list[dict[str, Any]]] = {sku: [] for sku in found}
    for row in db.execute(
        sa.select(LISTING.c.sku, LISTING.c.retailer, LISTING.c.part_number, LISTING.c.agreed, LISTING.c.agreed_at,
                  LISTING.c.gone)
        .where(LISTING.c.sku.in_(found)).order_by(LISTING.c.sku, LISTING.c.retailer, LISTING.c.id)
    ):  # fmt: skip
        listed[row.sku].append({name: value for name, value in row._mapping.items() if name != "sku"})
    eans = {row.sku: row.ean for row in db.execute(sa.select(SIZE.c.sku, SIZE.c.ean).where(SIZE.c.sku.in_(found)))}
    return [{"sku": sku, "ean": eans.get(sku), "retailers": rows} for sku, rows in listed.items()]


def _by_name(db: sa.Connection, text: str, limit: int) -> list[int]:
    retailer, _, rest = text.partition("/")
    ways = [ORDER.c.reference == text, sa.and_(ORDER.c.retailer == retailer, ORDER.c.reference == rest)]
    if text.isdecimal() and int(text) <= LARGEST:
        ways.append(ORDER.c.centra_number == int(text))
    return _ids(db, (sa.select(ORDER.c.id).where(way) for way in ways), ORDER.c.id, limit)


def _by_shipment(db: sa.Connection, text: str, limit: int) -> list[int]:
    """Rows that hold the text somewhere, and of these only those that hold it as one of the numbers."""
    # As JSON writes it: quotes and anything that is not ASCII are escaped in what is stored.
    written = json.dumps(text)
    told = sa.cast(ANNOUNCEMENT.c["items"], sa.Text).contains(written, autoescape=True)
    # Only what was not told: snapshots are large, and what was told has its tracking number among the items.
    untold = sa.and_(
        ANNOUNCEMENT.c.announced_at.is_(None),
        sa.cast(ANNOUNCEMENT.c.snapshot, sa.Text).contains(written, autoescape=True),
    )
    rows = db.execute(
        sa.select(ANNOUNCEMENT.c.order_id, ANNOUNCEMENT.c.number, ANNOUNCEMENT.c["items"], ANNOUNCEMENT.c.snapshot)
        .where(sa.or_(ANNOUNCEMENT.c.number == text, told, untold))
        .order_by(ANNOUNCEMENT.c.shipment_id.desc()).limit(limit)
    )  # fmt: skip
    return [order_id for order_id, *numbers in rows if text in _numbers(*numbers)]


def _numbers(number: str, items: Iterable[dict[str, Any]], snapshot: dict[str, Any] | None) -> set[str | None]:
    return {number, (snapshot or {}).get("tracking_number"), *(item.get("tracking_number") for item in items)}


def _by_article(db: sa.Connection, text: str, limit: int) -> list[int]:
    named = sa.select(SIZE.c.sku).where(SIZE.c.ean == text, SIZE.c.sku.is_not(None))
    # A line has no SKU before it is placed, but its retailer lists the SKU under the line's part number.
    listed = sa.select(LISTING.c.retailer, LISTING.c.part_number).where(
        sa.or_(LISTING.c.sku == text, LISTING.c.sku.in_(named))
    )
    unplaced = sa.and_(LINE.c.sku.is_(None), sa.tuple_(ORDER.c.retailer, LINE.c.part_number).in_(listed))
    ways = [
        *(sa.select(LINE.c.order_id).where(way)
          for way in (LINE.c.sku == text, LINE.c.part_number == text, LINE.c.sku.in_(named))),
        sa.select(LINE.c.order_id).join(ORDER, ORDER.c.id == LINE.c.order_id).where(unplaced),
    ]  # fmt: skip
    return _ids(db, ways, LINE.c.order_id, limit)


def _by_beginning(db: sa.Connection, text: str, limit: int) -> list[int]:
    begins = _low(db, ORDER.c.reference).startswith(_small(text), autoescape=True)
    # A sum and not the id itself: a planner that expects to find some would rather walk the rows from the newest on,
    # raw and all; where there are none it reads everything. The index of references alone is small.
    return _ids(db, [sa.select(ORDER.c.id).where(begins)], ORDER.c.id + 0, limit)


def _low(db: sa.Connection, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A column in small letters, as far as they are letters of ASCII.

    SQLite knows no others, and PostgreSQL is more than twice as quick at it when it need not look for others.
    """
    return sa.func.lower(column.collate("C") if db.dialect.name == "postgresql" else column)


def _small(text: str) -> str:
    return "".join(each.lower() if each.isascii() else each for each in text)


def _ids(db: sa.Connection, ways: Iterable["sa.Select[Any]"], newest: sa.ColumnElement[int], limit: int) -> list[int]:
    """Each way by itself, so that each uses its own index."""
    return [found for way in ways for found in db.scalars(way.order_by(newest.desc()).limit(limit))]
