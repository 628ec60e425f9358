"""An order's invoices are numbered attempts: each is written down whole before it is sent, and at most one counts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from integration.storage import orders
from integration.storage.store import insert, table_of
from integration.storage.tables import Invoice

INVOICE = table_of(Invoice)
_OPEN = sa.and_(INVOICE.c.accepted_at.is_(None), INVOICE.c.replaced_at.is_(None))


class InvoiceState(StrEnum):
    """Where an attempt at an invoice stands."""

    NOT_SENT = "not sent"
    """Nothing of it is over there: it was refused, or no call with it got through."""
    IN_DOUBT = "in doubt"
    """A call with it is out, or its answer was lost."""
    ACCEPTED = "accepted"
    BY_HAND = "by hand"
    """A person saw to it in the portal, or saw that nothing is owed."""
    REPLACED = "replaced"
    """The retailer rejected it; the next attempt takes its place."""


@dataclass(frozen=True)
class StoredInvoice:
    """A row of invoice. Money in `body` is text of two places, as it was sent; by hand, `body` is empty."""

    id: int
    order_id: int
    attempt: int
    number: str
    body: dict[str, Any]
    made_at: datetime
    sending_since: datetime | None
    accepted_at: datetime | None
    replaced_at: datetime | None

    @property
    def state(self) -> InvoiceState:
        """Where it stands."""
        if self.replaced_at is not None:
            return InvoiceState.REPLACED
        if self.accepted_at is not None:
            return InvoiceState.ACCEPTED if self.body else InvoiceState.BY_HAND
        return InvoiceState.NOT_SENT if self.sending_since is None else InvoiceState.IN_DOUBT

    @property
    def currency(self) -> str | None:
        """The ISO code of what its amounts are in."""
        return self.body.get("currency_code")

    @property
    def net(self) -> Decimal | None:
        """What its lines come to without tax; None where we did not write it."""
        return self._sum("subtotal")

    @property
    def tax(self) -> Decimal | None:
        """The tax on all of its lines."""
        return self._sum("tax")

    @property
    def total(self) -> Decimal | None:
        """What the retailer owes, with tax."""
        return self._sum("subtotal", "tax")

    def _sum(self, *names: str) -> Decimal | None:
        rows = self.body.get("lines")
        return sum((Decimal(row[name]) for row in rows for name in names), Decimal()) if rows else None


def of_order(db: sa.Connection, order_id: int) -> list[StoredInvoice]:
    """The invoices of an order, the first attempt first."""
    rows = db.execute(sa.select(INVOICE).where(INVOICE.c.order_id == order_id).order_by(INVOICE.c.attempt))
    return [StoredInvoice(**row._mapping) for row in rows]


def newest(db: sa.Connection, order_id: int) -> StoredInvoice | None:
    """The last attempt at an order's invoice: the only one that may still be sent."""
    found = of_order(db, order_id)
    return found[-1] if found else None


def is_taken(db: sa.Connection, number: str, order_id: int, attempt: int) -> bool:
    """Whether another invoice of ours has this number."""
    own = sa.and_(INVOICE.c.order_id == order_id, INVOICE.c.attempt == attempt)
    return db.scalar(sa.select(INVOICE.c.id).where(INVOICE.c.number == number, ~own)) is not None


def begin_sending(
    db: sa.Connection, order_id: int, attempt: int, number: str, body: dict[str, Any], now: datetime
) -> bool:
    """Written before the call, with exactly what it says. One that is over there already, or may be, stays as it is.

    :returns: whether this is what is sent now; False: a call with what is on record may be out.
    """
    # The row is unique in two ways, and PostgreSQL resolves a race over one of them only.
    orders.lock(db, order_id)
    made = {"number": number, "body": body, "made_at": now, "sending_since": now}
    statement = insert(db, Invoice).values(order_id=order_id, attempt=attempt, **made)
    began = db.execute(
        statement.on_conflict_do_update(
            index_elements=["order_id", "attempt"], set_=made, where=sa.and_(INVOICE.c.sending_since.is_(None), _OPEN)
        ).returning(INVOICE.c.id)
    )
    return began.first() is not None


def not_sent(db: sa.Connection, invoice_id: int) -> bool:
    """It is known not to be over there; the next call may say something else. False: another run got it through."""
    return _changed(db, sa.update(INVOICE).where(INVOICE.c.id == invoice_id, _OPEN).values(sending_since=None))


def accepted(db: sa.Connection, invoice_id: int, now: datetime) -> bool:
    """It is over there. False: that was known already."""
    return _changed(
        db, sa.update(INVOICE).where(INVOICE.c.id == invoice_id, _OPEN).values(accepted_at=now, sending_since=None)
    )


def settled_by_hand(db: sa.Connection, order_id: int, attempt: int, number: str, now: datetime) -> bool:
    """A person saw to an attempt that was not accepted. False: it was."""
    orders.lock(db, order_id)
    done: dict[str, Any] = {"body": {}, "accepted_at": now, "sending_since": None}
    statement = insert(db, Invoice).values(order_id=order_id, attempt=attempt, number=number, made_at=now, **done)
    settled = db.execute(
        statement.on_conflict_do_update(
            index_elements=["order_id", "attempt"], set_=done, where=_OPEN
        ).returning(INVOICE.c.id)
    )  # fmt: skip
    return settled.first() is not None


def replaced(db: sa.Connection, invoice_id: int, now: datetime) -> bool:
    """The retailer rejected it. False: it was not accepted, or is replaced already."""
    counts = sa.and_(INVOICE.c.accepted_at.is_not(None), INVOICE.c.replaced_at.is_(None))
    return _changed(db, sa.update(INVOICE).where(INVOICE.c.id == invoice_id, counts).values(replaced_at=now))


def _changed(db: sa.Connection, statement: sa.Update) -> bool:
    return db.execute(statement).rowcount == 1
