"""What a monitoring system wants to count is counted in a handful of queries over what is open, never over the past."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from integration.lifecycle import OrderState
from integration.storage.store import table_of
from integration.storage.tables import Cause, Inbox, MarketplaceOrder, WorkItem

ITEM, CAUSE, ORDER, INBOX = (table_of(each) for each in (WorkItem, Cause, MarketplaceOrder, Inbox))
Counted = Mapping[tuple[str, ...], float]
"""A number by the values of its labels."""


def backlog(db: sa.Connection) -> Counted:
    """Open work that waits for nobody, by quota and lane."""
    return _counted(db, ITEM.c.gate, ITEM.c.lane, where=sa.and_(ITEM.c.asked > ITEM.c.answered, ~ITEM.c.held))


def causes(db: sa.Connection) -> Counted:
    """Open causes by kind, owner and severity."""
    return _counted(db, CAUSE.c.kind, CAUSE.c.owner, CAUSE.c.severity, where=CAUSE.c.closed_at.is_(None))


def overdue(db: sa.Connection, now: datetime) -> Counted:
    """Open causes whose due time is over, by owner."""
    return _counted(db, CAUSE.c.owner, where=sa.and_(CAUSE.c.closed_at.is_(None), CAUSE.c.due_at <= now))


def orders(db: sa.Connection) -> Counted:
    """Orders in flight, by retailer and state."""
    # By name, so that the index of states leads to the few in flight and not through all that are over.
    flying = [state.value for state in OrderState if state not in (OrderState.DISPATCHED, OrderState.CANCELLED)]
    return _counted(db, ORDER.c.retailer, ORDER.c.state, where=ORDER.c.state.in_(flying))


def inbox(db: sa.Connection) -> float:
    """Events that have come in and are not turned into work."""
    waiting = sa.select(sa.func.count()).select_from(INBOX).where(INBOX.c.absorbed_at.is_(None))
    return float(db.scalar(waiting) or 0)


def _counted(db: sa.Connection, *by: sa.ColumnElement[str], where: sa.ColumnElement[bool]) -> Counted:
    rows = db.execute(sa.select(*by, sa.func.count()).where(where).group_by(*by))
    return {tuple(labels): float(count) for *labels, count in rows}
