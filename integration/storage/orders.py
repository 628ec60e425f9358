"""An order is stored once per retailer and reference, and each step of it is written down before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Announcement, MarketplaceOrder, OrderLine

ORDER, LINE, ANNOUNCEMENT = table_of(MarketplaceOrder), table_of(OrderLine), table_of(Announcement)

RECEIVED, PLACING, PLACED, ACKNOWLEDGED, DISPATCHED = "received", "placing", "placed", "acknowledged", "dispatched"


@dataclass(frozen=True)
class StoredOrder:
    """A row of marketplace_order. `raw` holds personal data."""

    id: int
    retailer: str
    reference: str
    virtualstock_id: int
    raw: dict[str, Any]
    received_at: datetime
    state: str
    placing_since: datetime | None
    centra_number: int | None
    placed_at: datetime | None
    confirmed_at: datetime | None
    acknowledging_since: datetime | None
    acknowledged_at: datetime | None

    @property
    def subject(self) -> str:
        """How work items and timelines name it."""
        return f"{self.retailer}/{self.reference}"


@dataclass(frozen=True)
class StoredLine:
    """A row of order_line."""

    id: int
    line_reference: str
    part_number: str
    sku: str
    quantity: int
    dispatched: int
    centra_line_id: int | None


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


def receive(
    db: sa.Connection, retailer: str, reference: str, virtualstock_id: int, raw: dict[str, Any], now: datetime
) -> bool:
    """Store an order as it came. False: it is known already; what is on record stays."""
    statement = insert(db, MarketplaceOrder).values(
        retailer=retailer, reference=reference, virtualstock_id=virtualstock_id, raw=raw, received_at=now,
        state=RECEIVED,
    )  # fmt: skip
    return db.execute(statement.on_conflict_do_nothing().returning(ORDER.c.id)).first() is not None


def by_subject(db: sa.Connection, subject: str) -> StoredOrder | None:
    """The order that `StoredOrder.subject` names."""
    retailer, _, reference = subject.partition("/")
    return _one(db, sa.and_(ORDER.c.retailer == retailer, ORDER.c.reference == reference))


def by_centra_numbers(db: sa.Connection, numbers: Sequence[int]) -> list[StoredOrder]:
    """Our orders among these Centra order numbers."""
    rows = db.execute(sa.select(ORDER).where(ORDER.c.centra_number.in_(list(numbers))))
    return [StoredOrder(**row._mapping) for row in rows]


def by_id(db: sa.Connection, order_id: int) -> StoredOrder | None:
    """One order."""
    return _one(db, ORDER.c.id == order_id)


def find(db: sa.Connection, reference: str) -> list[StoredOrder]:
    """Orders of any retailer with this reference, Centra number or subject."""
    retailer, _, rest = reference.partition("/")
    where = sa.or_(ORDER.c.reference == reference, sa.and_(ORDER.c.retailer == retailer, ORDER.c.reference == rest))
    if reference.isdecimal() and len(reference) < 16:
        where = sa.or_(where, ORDER.c.centra_number == int(reference))
    return [StoredOrder(**row._mapping) for row in db.execute(sa.select(ORDER).where(where).order_by(ORDER.c.id))]


def numbers_in_flight(db: sa.Connection, after: int, limit: int) -> list[int]:
    """Centra numbers above `after` of orders that are in Centra and not fully dispatched, in order."""
    return list(
        db.scalars(
            sa.select(ORDER.c.centra_number)
            .where(ORDER.c.centra_number > after, ORDER.c.state.in_((PLACED, ACKNOWLEDGED)))
            .order_by(ORDER.c.centra_number).limit(limit)
        )
    )  # fmt: skip


def replace_raw(db: sa.Connection, order_id: int, raw: dict[str, Any]) -> None:
    """The retailer corrected an order that is not in Centra yet."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.centra_number.is_(None)).values(raw=raw))


def begin_placing(db: sa.Connection, order_id: int, now: datetime) -> None:
    """Written before a call that may create it in Centra; from then on a look comes first."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(state=PLACING, placing_since=now))


def not_placed(db: sa.Connection, order_id: int) -> None:
    """Centra said no: nothing is there."""
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.centra_number.is_(None))
        .values(state=RECEIVED, placing_since=None)
    )  # fmt: skip


def bind(db: sa.Connection, order_id: int, number: int) -> int:
    """Bind the Centra order, unless another is bound already. Returns the number that counts."""
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.centra_number.is_(None)).values(centra_number=number)
    )
    bound: int = db.scalar(sa.select(ORDER.c.centra_number).where(ORDER.c.id == order_id)) or number
    return bound


def placed(db: sa.Connection, order_id: int, lines: Sequence[dict[str, Any]], now: datetime) -> None:
    """It is in Centra, with these lines: line_reference, part_number, sku, quantity."""
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.state.in_((RECEIVED, PLACING)))
        .values(state=PLACED, placed_at=now)
    )  # fmt: skip
    for line in lines:
        statement = insert(db, OrderLine).values(order_id=order_id, dispatched=0, **line)
        db.execute(statement.on_conflict_do_nothing())


def confirmed(db: sa.Connection, order_id: int, centra_lines: Mapping[str, int | None], now: datetime) -> None:
    """Centra may ship it; each of our lines, by reference, is this Centra order line."""
    for reference, centra_line in centra_lines.items():
        db.execute(
            sa.update(LINE).where(LINE.c.order_id == order_id, LINE.c.line_reference == reference)
            .values(centra_line_id=centra_line)
        )  # fmt: skip
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(confirmed_at=now))


def begin_acknowledging(db: sa.Connection, order_id: int, now: datetime) -> None:
    """Written before the acknowledging call."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(acknowledging_since=now))


def not_acknowledged(db: sa.Connection, order_id: int) -> None:
    """Nothing happened over there."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(acknowledging_since=None))


def acknowledged(db: sa.Connection, order_id: int, now: datetime) -> None:
    """The retailer knows that we have it. Never moves a dispatched order back."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.state == PLACED).values(state=ACKNOWLEDGED))
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id)
        .values(acknowledged_at=sa.func.coalesce(ORDER.c.acknowledged_at, now), acknowledging_since=None)
    )  # fmt: skip


def lines(db: sa.Connection, order_id: int) -> list[StoredLine]:
    """The lines of an order."""
    rows = db.execute(sa.select(LINE).where(LINE.c.order_id == order_id).order_by(LINE.c.id))
    return [
        StoredLine(
            row.id, row.line_reference, row.part_number, row.sku, row.quantity, row.dispatched, row.centra_line_id
        )
        for row in rows
    ]


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


def announced(db: sa.Connection, order_id: int, shipment_id: int, now: datetime) -> bool:
    """The retailer took it: count the units, and close the order when nothing remains. False: counted already."""
    changed = db.execute(
        sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.shipment_id == shipment_id, ANNOUNCEMENT.c.announced_at.is_(None))
        .values(announced_at=now, announcing_since=None)
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    told = announcement(db, shipment_id)
    for item in told.items if told else []:
        db.execute(
            sa.update(LINE).where(LINE.c.order_id == order_id, LINE.c.line_reference == item["line_ref"])
            .values(dispatched=LINE.c.dispatched + item["quantity"])
        )  # fmt: skip
    if all(line.dispatched >= line.quantity for line in lines(db, order_id)):
        db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(state=DISPATCHED))
    return True


def _one(db: sa.Connection, where: sa.ColumnElement[bool]) -> StoredOrder | None:
    row = db.execute(sa.select(ORDER).where(where)).one_or_none()
    return None if row is None else StoredOrder(**row._mapping)
