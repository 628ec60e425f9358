"""An order that a retailer lists is stored as it came, once, and what the list shows of a known one is adopted.

The polls of new orders and of cancellations both end here: an order may be cancelled before it was ever seen as new.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.flows import deadlines, mirror
from integration.lifecycle import LineState
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import causes, journal, order_lines, orders, work
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order, Status

_ANSWERED = (LineState.ACKNOWLEDGED, LineState.BACKORDERED, LineState.DISPATCHED)


def receive(services: Services, profile: Retailer, rows: Sequence[dict[str, Any]], *, read_at: datetime) -> None:
    """Store what is new among the listed orders of a retailer, and adopt what the list shows of those we have.

    :param read_at: when reading the list began.
    """
    problems = []
    with services.store.write() as db:
        for raw in rows:
            order = Order.parse(raw)
            if order.retailer_id not in (None, profile.virtualstock.customer_id):
                continue
            if order.id is None or order.order_reference is None:
                problems.append(_unreadable(profile, order))
            else:
                problems += _receive(services, db, profile, order, raw, read_at)
        # Reported beside the poll, not by holding it: the retailer's other orders must keep coming in.
        causes.open_for(db, problems, services.now(), item_id=None)


def _receive(
    services: Services, db: sa.Connection, profile: Retailer, order: Order, raw: dict[str, Any], read_at: datetime
) -> list[Problem]:
    now = services.now()
    subject = f"{profile.code}/{order.order_reference}"
    rehearsal = order.test_flag and not profile.test_orders.warehouse
    assert order.id is not None and order.order_reference is not None  # noqa: S101, PT018 - the caller's condition
    if orders.receive(db, profile.code, order.order_reference, order.id, raw, now, rehearsal=rehearsal):
        stored = _stored(db, subject)
        order_lines.store(db, stored.id, mirror.line_rows(order))
        mode = {"rehearsal": True} if rehearsal else {}
        journal.tell(db, "order", subject, "received", now, virtualstock_id=order.id, **mode)
        deadlines.begin(services, db, stored)
        services.promise(db, steps.ORDERS_PLACE, [subject])
        if order.status == Status.CANCEL or any(item.status == Status.CANCEL for item in order.items):
            services.promise(db, steps.CANCELLATIONS_SETTLE, [subject])
        return []
    return _receive_again(services, db, _stored(db, subject), order, raw, read_at)


def _receive_again(
    services: Services, db: sa.Connection, known: StoredOrder, order: Order, raw: dict[str, Any], read_at: datetime
) -> list[Problem]:
    now = services.now()
    mirror.adopt(services, db, known, order, "listed by the retailer", read_at=read_at)
    if known.placed_at is None:
        if known.raw != raw and known.placing_since is None and known.centra_number is None:
            # The retailer corrected an order that is not in Centra yet: judge it afresh.
            orders.replace_raw(db, known.id, raw)
            order_lines.correct(db, known.id, mirror.line_rows(order))
            work.release_subject(db, steps.ORDERS_PLACE.name, known.subject, now)
        services.promise(db, steps.ORDERS_PLACE, [known.subject])
    elif known.acknowledged_at is None:
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [known.subject])
    elif _shows_as_new(db, known, order):
        return _listed_as_new(services, db, known)
    return []


def _shows_as_new(db: sa.Connection, known: StoredOrder, order: Order) -> bool:
    """Whether a line that has its answer is shown as if it had none. The status of the order does not tell: it may be
    that of another line, which still waits."""
    shown = mirror.statuses(order)
    answered = [line for line in order_lines.lines(db, known.id) if line.state in _ANSWERED]
    return any(shown.get(line.line_reference) == Status.ORDER for line in answered)


def _listed_as_new(services: Services, db: sa.Connection, known: StoredOrder) -> list[Problem]:
    """Well after we acknowledged it this is no old reading of their list: the order came back."""
    now, last = services.now(), known.acknowledged_again_at or known.acknowledged_at
    if last is None or now - last < policy.NEW_AGAIN:
        return []
    if known.acknowledged_again_at is not None:
        name = services.rules().retailers[known.retailer].name
        return [Problem(kinds.ORDER_NEW_AGAIN, known.subject, {"retailer": name, "reference": known.reference})]
    orders.came_back_as_new(db, known.id, now)
    services.promise(db, steps.ORDERS_ACKNOWLEDGE, [known.subject])
    return []


def _stored(db: sa.Connection, subject: str) -> StoredOrder:
    found = orders.by_subject(db, subject)
    assert found is not None  # noqa: S101 - it was stored in this transaction
    return found


def _unreadable(profile: Retailer, order: Order) -> Problem:
    name = order.order_reference or f"number {order.id}"
    facts = {"retailer": profile.name, "reference": name, "why": "it has no reference or no id"}
    return Problem(kinds.UNREADABLE_ORDER, f"{profile.code}/{name}", facts)
