"""An order is stored once per retailer and reference, and each step of it is written down before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from integration.lifecycle import LineState, OrderState, order_state
from integration.storage.store import insert, table_of
from integration.storage.tables import MarketplaceOrder, OrderLine
from integration.storage.tables.orders import OPEN_ORDER, UNPLACED

ORDER, LINE = table_of(MarketplaceOrder), table_of(OrderLine)


class Intention(StrEnum):
    """A call that changes something is written down before it is made; each value is a column of the order."""

    PLACING = "placing_since"
    ACKNOWLEDGING = "acknowledging_since"
    BACKORDERING = "backordering_since"
    CANCELLING = "cancelling_since"
    CONFIRMING = "confirming_since"


@dataclass(frozen=True)
class StoredOrder:
    """A row of marketplace_order. `raw` holds personal data."""

    id: int
    retailer: str
    reference: str
    virtualstock_id: int
    raw: dict[str, Any] = field(repr=False)
    received_at: datetime
    state: OrderState
    rehearsal: bool
    placing_since: datetime | None
    centra_number: int | None
    placed_at: datetime | None
    confirmed_at: datetime | None
    acknowledging_since: datetime | None
    acknowledged_at: datetime | None
    acknowledged_again_at: datetime | None
    backordering_since: datetime | None
    cancelling_since: datetime | None
    confirming_since: datetime | None

    @property
    def subject(self) -> str:
        """How work items and timelines name it."""
        return f"{self.retailer}/{self.reference}"

    @property
    def came_back(self) -> bool:
        """It was listed as new after we had acknowledged it, and was not acknowledged since."""
        again, last = self.acknowledged_again_at, self.acknowledged_at
        return again is not None and last is not None and again > last


def receive(
    db: sa.Connection, retailer: str, reference: str, virtualstock_id: int, raw: dict[str, Any], now: datetime,
    *, rehearsal: bool = False,
) -> bool:
    """Store an order as it came. False: it is known already; what is on record stays."""
    statement = insert(db, MarketplaceOrder).values(
        retailer=retailer, reference=reference, virtualstock_id=virtualstock_id, raw=raw, received_at=now,
        state=OrderState.RECEIVED, rehearsal=rehearsal,
    )  # fmt: skip
    return db.execute(statement.on_conflict_do_nothing().returning(ORDER.c.id)).first() is not None


def by_subject(db: sa.Connection, subject: str) -> StoredOrder | None:
    """The order that `StoredOrder.subject` names."""
    retailer, _, reference = subject.partition("/")
    return _one(db, sa.and_(ORDER.c.retailer == retailer, ORDER.c.reference == reference))


def by_centra_numbers(db: sa.Connection, numbers: Sequence[int]) -> list[StoredOrder]:
    """Our orders among these Centra order numbers."""
    rows = db.execute(sa.select(ORDER).where(ORDER.c.centra_number.in_(list(numbers))))
    return [_order(row) for row in rows]


def lock(db: sa.Connection, order_id: int) -> StoredOrder:
    """One order, which nobody else may write until this transaction ends. SQLite has one writer anyway."""
    return _order(db.execute(sa.select(ORDER).where(ORDER.c.id == order_id).with_for_update()).one())


def by_id(db: sa.Connection, order_id: int) -> StoredOrder | None:
    """One order."""
    return _one(db, ORDER.c.id == order_id)


def find(db: sa.Connection, reference: str) -> list[StoredOrder]:
    """Orders of any retailer with this reference, Centra number or subject."""
    retailer, _, rest = reference.partition("/")
    where = sa.or_(ORDER.c.reference == reference, sa.and_(ORDER.c.retailer == retailer, ORDER.c.reference == rest))
    if reference.isdecimal() and len(reference) < 16:
        where = sa.or_(where, ORDER.c.centra_number == int(reference))
    return [_order(row) for row in db.execute(sa.select(ORDER).where(where).order_by(ORDER.c.id))]


def numbers_in_flight(db: sa.Connection, after: int, limit: int) -> list[int]:
    """Centra numbers above `after` of orders that are in Centra and not over, in order."""
    return list(
        db.scalars(
            sa.select(ORDER.c.centra_number)
            .where(ORDER.c.centra_number > after, OPEN_ORDER)
            .order_by(ORDER.c.centra_number).limit(limit)
        )
    )  # fmt: skip


def waiting_for_stock(db: sa.Connection, units: Mapping[str, int]) -> list[str]:
    """The subjects of orders that are not in Centra and have a line that these units by SKU suffice for."""
    unplaced = sa.select(ORDER.c.id).where(UNPLACED).correlate(None)
    rows = db.execute(
        sa.select(ORDER.c.retailer, ORDER.c.reference, LINE.c.sku, LINE.c.quantity)
        .join(LINE, LINE.c.order_id == ORDER.c.id)
        .where(LINE.c.order_id.in_(unplaced), LINE.c.sku.in_(list(units)))
    )  # fmt: skip
    return sorted({f"{row.retailer}/{row.reference}" for row in rows if units[row.sku] >= row.quantity})


def replace_raw(db: sa.Connection, order_id: int, raw: dict[str, Any]) -> None:
    """The retailer corrected an order that is not in Centra yet."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.centra_number.is_(None)).values(raw=raw))


def intend(db: sa.Connection, order_id: int, intention: Intention, now: datetime) -> None:
    """Written before a call; from then on a look comes first."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values({intention: now}))
    settle(db, order_id)


def drop(db: sa.Connection, order_id: int, intention: Intention) -> None:
    """Nothing happened over there, or it is known what did."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values({intention: None}))
    settle(db, order_id)


def bind(db: sa.Connection, order_id: int, number: int) -> int:
    """Bind the Centra order, unless another is bound already. Returns the number that counts."""
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.centra_number.is_(None)).values(centra_number=number)
    )
    bound: int = db.scalar(sa.select(ORDER.c.centra_number).where(ORDER.c.id == order_id)) or number
    return bound


def placed(db: sa.Connection, order_id: int, now: datetime) -> None:
    """It is in Centra."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id, ORDER.c.placed_at.is_(None)).values(placed_at=now))
    settle(db, order_id)


def confirmed(db: sa.Connection, order_id: int, now: datetime) -> None:
    """Centra may ship it."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(confirmed_at=now))


def acknowledged(db: sa.Connection, order_id: int, now: datetime) -> None:
    """The retailer knows that we have it."""
    db.execute(
        sa.update(ORDER).where(ORDER.c.id == order_id).values(acknowledged_at=now, acknowledging_since=None)
    )


def came_back_as_new(db: sa.Connection, order_id: int, now: datetime) -> None:
    """It is listed as new although we had acknowledged it."""
    db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(acknowledged_again_at=now))


def settle(db: sa.Connection, order_id: int) -> None:
    """Derive the order's state from its lines."""
    row = db.execute(
        sa.select(ORDER.c.placing_since, ORDER.c.placed_at, ORDER.c.state).where(ORDER.c.id == order_id)
    ).one()
    found = db.execute(
        sa.select(LINE.c.state, LINE.c.dispatched).where(LINE.c.order_id == order_id, LINE.c.quantity > 0)
    )
    lines = [_LineInBrief(LineState(each.state), each.dispatched) for each in found]
    state = order_state(lines, placing=row.placing_since is not None, placed=row.placed_at is not None)
    if state != row.state:
        db.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(state=state))


@dataclass(frozen=True)
class _LineInBrief:
    state: LineState
    dispatched: int


def _one(db: sa.Connection, where: sa.ColumnElement[bool]) -> StoredOrder | None:
    row = db.execute(sa.select(ORDER).where(where)).one_or_none()
    return None if row is None else _order(row)


def _order(row: "sa.Row[Any]") -> StoredOrder:
    return StoredOrder(**{**row._mapping, "state": OrderState(row.state)})
