"""What a retailer was told of each Centra shipment is written down before it is told, and counted once.

`snapshot` is the shipment as last read, until an announcement is on its way; from then on it is what was told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage import order_lines
from integration.storage.orders import ORDER, StoredOrder
from integration.storage.store import insert, table_of
from integration.storage.tables import Announcement

ANNOUNCEMENT = table_of(Announcement)
_NOT_ANNOUNCED = ANNOUNCEMENT.c.announced_at.is_(None)
_UNTOLD = sa.and_(ANNOUNCEMENT.c.announcing_since.is_(None), _NOT_ANNOUNCED)


@dataclass(frozen=True)
class StoredAnnouncement:
    """A row of announcement."""

    shipment_id: int
    order_id: int
    number: str
    snapshot: dict[str, Any] | None
    read_at: datetime | None
    items: list[dict[str, Any]]
    told_with: int | None
    announcing_since: datetime | None
    unclear_at: datetime | None
    announced_at: datetime | None
    differs: dict[str, Any] | None

    @property
    def is_told(self) -> bool:
        """Whether the retailer was told of it, or may have been."""
        return self.announcing_since is not None or self.announced_at is not None


def announcement(db: sa.Connection, shipment_id: int) -> StoredAnnouncement | None:
    """What we told the retailer of a shipment."""
    return by_shipments(db, [shipment_id]).get(shipment_id)


def by_shipments(db: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, StoredAnnouncement]:
    """What is on record of these shipments, by shipment."""
    return {each.shipment_id: each for each in _where(db, ANNOUNCEMENT.c.shipment_id.in_(sorted(set(shipment_ids))))}


def announcements(db: sa.Connection, order_id: int) -> list[StoredAnnouncement]:
    """All announcements of an order."""
    return _where(db, ANNOUNCEMENT.c.order_id == order_id)


def of_centra_orders(db: sa.Connection, numbers: Iterable[int]) -> list[StoredAnnouncement]:
    """What is on record of the shipments of these Centra orders."""
    ours = sa.select(ORDER.c.id).where(ORDER.c.centra_number.in_(sorted(set(numbers))))
    return _where(db, ANNOUNCEMENT.c.order_id.in_(ours))


def unannounced(db: sa.Connection, shipment_ids: Sequence[int]) -> set[int]:
    """Those of the shipments that no retailer has been told of."""
    told = db.scalars(
        sa.select(ANNOUNCEMENT.c.shipment_id)
        .where(ANNOUNCEMENT.c.shipment_id.in_(list(shipment_ids)), ANNOUNCEMENT.c.announced_at.is_not(None))
    )  # fmt: skip
    return set(shipment_ids) - set(told)


def units(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Units by line reference in what was said."""
    found: dict[str, int] = {}
    for item in items:
        found[item["line_ref"]] = found.get(item["line_ref"], 0) + item["quantity"]
    return found


def note_shipment(
    db: sa.Connection, shipment_id: int, order_id: int, number: str, snapshot: dict[str, Any], now: datetime
) -> None:
    """Keep a shipment as just read, so that its announcement need not read it again. What was told stays."""
    statement = insert(db, Announcement).values(
        shipment_id=shipment_id, order_id=order_id, number=number, items=[], snapshot=snapshot, read_at=now
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["shipment_id"], set_={"snapshot": snapshot, "read_at": now, "number": number}, where=_UNTOLD
        )
    )


def forget(db: sa.Connection, shipment_id: int) -> None:
    """The shipment is gone, or is none any more, and nobody was told of it."""
    db.execute(sa.delete(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id, _UNTOLD))


def learn_difference(db: sa.Connection, shipment_id: int, differs: dict[str, Any] | None) -> None:
    """What Centra shows of a shipment since it was told; None: what was told, empty: nothing."""
    _set(db, ANNOUNCEMENT.c.shipment_id == shipment_id, differs=differs)


def in_doubt(db: sa.Connection, order_id: int) -> list[StoredAnnouncement]:
    """Announcements of an order that are on their way or whose answer was lost. Nobody else can begin one until this
    transaction ends."""
    # SQLite has one writer at a time anyway, and ignores this.
    db.execute(sa.select(ORDER.c.id).where(ORDER.c.id == order_id).with_for_update())
    return _where(
        db, ANNOUNCEMENT.c.order_id == order_id, ANNOUNCEMENT.c.announcing_since.is_not(None),
        ANNOUNCEMENT.c.announced_at.is_(None),
    )  # fmt: skip


def begin_announcing(
    db: sa.Connection, shipment_id: int, order_id: int, number: str, items: list[dict[str, Any]], now: datetime,
    *, snapshot: dict[str, Any] | None = None, told_with: int | None = None,
) -> None:
    """Written before the dispatching call, with exactly what it says.

    :param snapshot: the shipment that is told; None: the one that is on record.
    :param told_with: the shipment whose items hold the units of this one.
    """
    told: dict[str, Any] = {"items": items, "announcing_since": now, "told_with": told_with, "unclear_at": None}
    if snapshot is not None:
        told |= {"snapshot": snapshot, "differs": None}
    statement = insert(db, Announcement).values(shipment_id=shipment_id, order_id=order_id, number=number, **told)
    db.execute(statement.on_conflict_do_update(index_elements=["shipment_id"], set_=told, where=_NOT_ANNOUNCED))


def not_announced(db: sa.Connection, shipment_id: int) -> None:
    """Nothing happened over there, and what is told next is read anew."""
    _set(
        db, _with(shipment_id),
        announcing_since=None, told_with=None, unclear_at=None, differs=None, read_at=None,
    )  # fmt: skip


def unclear(db: sa.Connection, shipment_id: int, now: datetime) -> None:
    """Nobody can tell whether the announcement counted: a person must look."""
    _set(db, _with(shipment_id), unclear_at=now)


def announced(db: sa.Connection, order: StoredOrder, shipment_id: int, now: datetime, cause: str) -> bool:
    """The retailer took it, and what was told with it: count the units once. False: they were counted already."""
    changed = db.execute(
        sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id, _NOT_ANNOUNCED)
        .values(announced_at=now, announcing_since=None, unclear_at=None)
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    _set(db, _with(shipment_id), announced_at=now, announcing_since=None, unclear_at=None)
    told = announcement(db, shipment_id)
    order_lines.count_dispatched(db, order, units(told.items if told else []), now, cause)
    return True


def _with(shipment_id: int) -> sa.ColumnElement[bool]:
    """A shipment and those that its announcement tells too, as long as it is not known to have arrived."""
    named = sa.or_(ANNOUNCEMENT.c.shipment_id == shipment_id, ANNOUNCEMENT.c.told_with == shipment_id)
    return sa.and_(named, _NOT_ANNOUNCED)


def _set(db: sa.Connection, where: sa.ColumnElement[bool], **values: Any) -> None:
    db.execute(sa.update(ANNOUNCEMENT).where(where).values(**values))


def _where(db: sa.Connection, *where: sa.ColumnElement[bool]) -> list[StoredAnnouncement]:
    rows = db.execute(sa.select(ANNOUNCEMENT).where(*where).order_by(ANNOUNCEMENT.c.shipment_id))
    return [StoredAnnouncement(**row._mapping) for row in rows]
