"""There is one door through which a return's state changes: it asks the table of moves, and it tells the timeline.

A return of a retailer's and a return in Centra are rows of their own, because either may be known first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.domain.returns import OVER, ReturnState, may_move
from integration.storage import journal
from integration.storage.store import insert, table_of
from integration.storage.tables import CentraReturn, MarketplaceReturn

RETURN, IN_CENTRA = table_of(MarketplaceReturn), table_of(CentraReturn)


@dataclass(frozen=True)
class StoredReturn:
    """A row of marketplace_return."""

    id: str
    retailer: str
    order_id: int | None
    reference: str
    line_reference: str
    part_number: str
    quantity: int
    reason: str
    status: str
    state: ReturnState
    asked_at: datetime
    acknowledging_since: datetime | None
    acknowledged_at: datetime | None
    centra_return_id: int | None
    back_at: datetime | None
    closed_at: datetime | None

    @property
    def subject(self) -> str:
        """How work items and causes name it."""
        return f"{self.retailer}/{self.id}"

    @property
    def order_subject(self) -> str:
        """How timelines name its order."""
        return f"{self.retailer}/{self.reference}"


@dataclass(frozen=True)
class StoredCentraReturn:
    """A row of centra_return: units by Centra order line."""

    id: int
    order_id: int
    units: Mapping[int, int]
    completed_at: datetime | None


def store(db: sa.Connection, **values: Any) -> bool:
    """Keep a return that was not known, as asked for. False: it is known already; what is on record stays."""
    statement = insert(db, MarketplaceReturn).values(state=ReturnState.ASKED, **values)
    return db.execute(statement.on_conflict_do_nothing().returning(RETURN.c.id)).first() is not None


def by_id(db: sa.Connection, return_id: str) -> StoredReturn | None:
    """One return by the platform's UUID."""
    row = db.execute(sa.select(RETURN).where(RETURN.c.id == return_id)).one_or_none()
    return None if row is None else _return(row)


def get(db: sa.Connection, return_id: str) -> StoredReturn:
    """One return that is known to be stored, as it is now; returns are never deleted."""
    return _return(db.execute(sa.select(RETURN).where(RETURN.c.id == return_id)).one())


def of_order(db: sa.Connection, order_id: int) -> list[StoredReturn]:
    """The returns of an order, the oldest first."""
    return _select(db, RETURN.c.order_id == order_id)


def unfinished(db: sa.Connection, retailer: str) -> list[StoredReturn]:
    """The returns of a retailer that are not over, the oldest first."""
    return _select(db, sa.and_(RETURN.c.retailer == retailer, RETURN.c.closed_at.is_(None)))


def learn(db: sa.Connection, return_id: str, **values: Any) -> None:
    """What was read of a return: its status, order, line, units or reason. Not its state: see `move`."""
    db.execute(sa.update(RETURN).where(RETURN.c.id == return_id).values(**values))


def move(db: sa.Connection, row: StoredReturn, there: ReturnState, now: datetime, cause: str) -> bool:
    """Move a return, unless the table of moves forbids it or it moved meanwhile. Returns whether it moved.

    :param cause: why, for the timeline.
    """
    if not may_move(row.state, there):
        return False
    moments = {"back_at": now} if there is ReturnState.BACK else {}
    changed = db.execute(
        sa.update(RETURN).where(RETURN.c.id == row.id, RETURN.c.state == row.state)
        .values(state=there, closed_at=now if there in OVER else None, **moments)
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    tell(db, row, f"return {there}", now, was=str(row.state), cause=cause)
    return True


def tell(db: sa.Connection, row: StoredReturn, what: str, now: datetime, **facts: Any) -> None:
    """Add one line about a return to the story of its order."""
    journal.tell(
        db, "order", row.order_subject, what, now,
        line=row.line_reference, units=row.quantity, return_id=row.id, **facts,
    )  # fmt: skip


def begin_acknowledging(db: sa.Connection, return_id: str, now: datetime) -> None:
    """Written before the call that acknowledges it; from then on a look comes first."""
    learn(db, return_id, acknowledging_since=now)


def not_acknowledged(db: sa.Connection, return_id: str) -> None:
    """Nothing happened over there, or it is known what did."""
    learn(db, return_id, acknowledging_since=None)


def acknowledged(db: sa.Connection, row: StoredReturn, now: datetime, cause: str) -> None:
    """The retailer knows that we have seen it."""
    learn(db, row.id, acknowledged_at=now, acknowledging_since=None)
    if not move(db, row, ReturnState.ACKNOWLEDGED, now, cause):
        # The goods were quicker.
        tell(db, row, "return acknowledged", now, cause=cause)


def link(db: sa.Connection, row: StoredReturn, centra_return: int, now: datetime) -> None:
    """It is the same as a return in Centra."""
    learn(db, row.id, centra_return_id=centra_return)
    tell(db, row, "return matched with Centra's", now, centra_return=centra_return)


def keep_centra_return(
    db: sa.Connection, centra_return: int, order_id: int, units: Mapping[int, int], completed_at: datetime | None
) -> StoredCentraReturn | None:
    """Keep a return of Centra's as just read. Returns what was known of it before.

    :param completed_at: when it was seen complete; the first time counts. None: it is open, maybe again.
    """
    before = _centra_return(db, centra_return)
    first = before.completed_at if before and before.completed_at and completed_at else completed_at
    values = {"units": {str(line): count for line, count in units.items()}, "completed_at": first}
    statement = insert(db, CentraReturn).values(id=centra_return, order_id=order_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    return before


def forget_centra_return(db: sa.Connection, centra_return: int) -> StoredCentraReturn | None:
    """It was deleted in Centra: what was matched with it is free for another. Returns what was known of it."""
    before = _centra_return(db, centra_return)
    db.execute(sa.delete(IN_CENTRA).where(IN_CENTRA.c.id == centra_return))
    db.execute(sa.update(RETURN).where(RETURN.c.centra_return_id == centra_return).values(centra_return_id=None))
    return before


def in_centra(db: sa.Connection, order_id: int) -> list[StoredCentraReturn]:
    """The returns of an order in Centra, the oldest first."""
    rows = db.execute(sa.select(IN_CENTRA).where(IN_CENTRA.c.order_id == order_id).order_by(IN_CENTRA.c.id))
    return [_centra(row) for row in rows]


def _centra_return(db: sa.Connection, centra_return: int) -> StoredCentraReturn | None:
    row = db.execute(sa.select(IN_CENTRA).where(IN_CENTRA.c.id == centra_return)).one_or_none()
    return None if row is None else _centra(row)


def _select(db: sa.Connection, where: sa.ColumnElement[bool]) -> list[StoredReturn]:
    rows: Sequence[Any] = db.execute(sa.select(RETURN).where(where).order_by(RETURN.c.asked_at, RETURN.c.id)).all()
    return [_return(row) for row in rows]


def _return(row: "sa.Row[Any]") -> StoredReturn:
    return StoredReturn(**{**row._mapping, "state": ReturnState(row.state)})


def _centra(row: "sa.Row[Any]") -> StoredCentraReturn:
    return StoredCentraReturn(**{**row._mapping, "units": {int(line): count for line, count in row.units.items()}})
