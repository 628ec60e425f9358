"""What a retailer was told of each Centra shipment is written down before it is told, and counted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage import order_lines
from integration.storage.orders import StoredOrder
from integration.storage.store import insert, table_of
from integration.storage.tables import Announcement

ANNOUNCEMENT = table_of(Announcement)


@dataclass(frozen=True)
class StoredAnnouncement:
    """A row of announcement."""

    shipment_id: int
    order_id: int
    number: str
    snapshot: dict[str, Any] | None
    read_at: datetime | None
    items: list[dict[str, Any]]
    announcing_since: datetime | None
    announced_at: datetime | None


def announcement(db: sa.Connection, shipment_id: int) -> StoredAnnouncement | None:
    """What we told the retailer of a shipment."""
    row = db.execute(sa.select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id)).one_or_none()
    return None if row is None else StoredAnnouncement(**row._mapping)


def announcements(db: sa.Connection, order_id: int) -> list[StoredAnnouncement]:
    """All announcements of an order."""
    rows = db.execute(sa.select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.order_id == order_id))
    return [StoredAnnouncement(**row._mapping) for row in rows]


def unannounced(db: sa.Connection, shipment_ids: Sequence[int]) -> set[int]:
    """Those of the shipments that no retailer has been told of."""
    told = db.scalars(
        sa.select(ANNOUNCEMENT.c.shipment_id)
        .where(ANNOUNCEMENT.c.shipment_id.in_(list(shipment_ids)), ANNOUNCEMENT.c.announced_at.is_not(None))
    )  # fmt: skip
    return set(shipment_ids) - set(told)


def note_shipment(
    db: sa.Connection, shipment_id: int, order_id: int, number: str, snapshot: dict[str, Any], now: datetime
) -> None:
    """Keep a shipment as just read, so that its announcement need not read it again."""
    statement = insert(db, Announcement).values(
        shipment_id=shipment_id, order_id=order_id, number=number, items=[], snapshot=snapshot, read_at=now
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["shipment_id"], set_={"snapshot": snapshot, "read_at": now, "number": number}
        )
    )


def begin_announcing(
    db: sa.Connection, shipment_id: int, order_id: int, number: str, items: list[dict[str, Any]], now: datetime
) -> None:
    """Written before the dispatching call, with exactly what it says."""
    statement = insert(db, Announcement).values(
        shipment_id=shipment_id, order_id=order_id, number=number, items=items, announcing_since=now
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["shipment_id"], set_={"items": items, "announcing_since": now}
        )
    )


def not_announced(db: sa.Connection, shipment_id: int) -> None:
    """Nothing happened over there."""
    db.execute(
        sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id, ANNOUNCEMENT.c.announced_at.is_(None))
        .values(announcing_since=None)
    )  # fmt: skip


def announced(db: sa.Connection, order: StoredOrder, shipment_id: int, now: datetime, cause: str) -> bool:
    """The retailer took it: count its units once. False: they were counted already."""
    changed = db.execute(
        sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id, ANNOUNCEMENT.c.announced_at.is_(None))
        .values(announced_at=now, announcing_since=None)
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    told = announcement(db, shipment_id)
    units: dict[str, int] = {}
    for item in told.items if told else []:
        units[item["line_ref"]] = units.get(item["line_ref"], 0) + item["quantity"]
    order_lines.count_dispatched(db, order, units, now, cause)
    return True
