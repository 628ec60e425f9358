"""What a retailer's side shows of an order moves our lines along, whoever acted there; never backwards."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.domain.deadlines import Clock
from integration.domain.lines import first_state
from integration.flows import deadlines, watch
from integration.lanes import Lane
from integration.lifecycle import OVER, LineState
from integration.problems import Problem, TryAgain
from integration.services import Services
from integration.storage import causes, order_lines
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order, OrderItem, Status

_KNOWN = frozenset(Status) | {""}


def line_rows(order: Order) -> list[dict[str, Any]]:
    """The lines of an order as they are stored. One that cannot be told from another keeps the order from being
    placed, and is none."""
    named = Counter(item.line_reference for item in order.items)
    return [_row(item, order) for item in order.items if item.line_reference and named[item.line_reference] == 1]


def _row(item: OrderItem, order: Order) -> dict[str, Any]:
    state, quantity = first_state(item, order), item.quantity or 0
    return {
        "line_reference": item.line_reference,
        "part_number": item.part_number or "",
        "quantity": quantity,
        "state": state,
        "dispatched": quantity if state is LineState.DISPATCHED else 0,
        "cancelled": quantity if state is LineState.CANCELLED else 0,
    }


def look(services: Services, order: StoredOrder) -> Order:
    """Read an order at the retailer's side and adopt what it shows.

    :raises TryAgain: it is not there, which cannot be true for long.
    """
    began = services.now()
    seen = read(services, order)
    with services.store.write() as db:
        adopt(services, db, order, seen, "seen at the retailer", read_at=began)
    return seen


def look_moves(services: Services, order: StoredOrder) -> bool:
    """Whether a look at the retailer's side changes anything of our lines. Raises as `look`."""
    with services.store.read() as db:
        before = order_lines.lines(db, order.id)
    look(services, order)
    with services.store.read() as db:
        return order_lines.lines(db, order.id) != before


def read(services: Services, order: StoredOrder) -> Order:
    """Read an order at the retailer's side. Raises as `look`."""
    raw = services.client_of(order.retailer).order(order.virtualstock_id, lane=Lane.ORDERS)
    if raw is None:
        raise TryAgain(f"Virtualstock does not show order {order.reference}")
    return Order.parse(raw)


def adopt(
    services: Services, db: sa.Connection, order: StoredOrder, seen: Order, cause: str, *, read_at: datetime
) -> None:
    """Move our lines to where the retailer's side shows them, and ask for what follows from it.

    :param read_at: when the reading began. It says nothing of a line that moved since: a list that still shows a wish
        which was answered meanwhile would have the same units cancelled twice.
    """
    now = services.now()
    moved = False
    items = {item.line_reference: item for item in seen.items}
    for line in order_lines.lines(db, order.id):
        item = items.get(line.line_reference)
        if item is None or (item.status or seen.status) not in _KNOWN:
            continue
        if line.moved_at is not None and line.moved_at > read_at:
            continue
        there = first_state(item, seen)
        if there in (line.state, LineState.RECEIVED):
            continue
        if not order_lines.move(db, order, line, there, now, cause, **_units(line, there)):
            continue
        moved = True
        if there in (LineState.CANCELLING, LineState.CANCELLED):
            services.promise(db, steps.CANCELLATIONS_SETTLE, [order.subject])
    if moved:
        follow(services, db, order)
    _report_unknown(services, db, order, seen)
    _report_changes(services, db, order, seen)


def follow(services: Services, db: sa.Connection, order: StoredOrder) -> None:
    """Lines moved: stop the clocks of what has happened, and ask for what an order needs that is over."""
    lines = order_lines.lines(db, order.id)
    if not any(_unanswered(line) for line in lines):
        deadlines.meet(services, db, order, Clock.ACKNOWLEDGE)
    if all(line.state in OVER for line in lines):
        deadlines.meet(services, db, order, Clock.DISPATCH)
        for kind in (kinds.ORDER_NEW_AGAIN, kinds.ORDER_CHANGED, kinds.UNKNOWN_STATUS):
            causes.close_one(db, services.now(), "the order is over", kind.code, order.subject)
        if any(line.dispatched for line in lines):
            services.promise(db, steps.INVOICES_SEND, [order.subject])
    watch.judge_staff_cancellation(services, db, order)


def _unanswered(line: StoredLine) -> bool:
    """The retailer has heard nothing of it yet."""
    return LineState.RECEIVED in (line.state, line.state_before)


def statuses(seen: Order) -> Mapping[str, str]:
    """The status that the retailer's side shows, by line reference."""
    return {item.line_reference or "": item.status or seen.status for item in seen.items}


def _units(line: StoredLine, there: LineState) -> dict[str, int | None]:
    """Somebody did it in the portal, with all units that were open."""
    if there is LineState.DISPATCHED:
        return {"dispatched": line.dispatched + line.open}
    if there is LineState.CANCELLED:
        return {"cancelled": line.cancelled + line.open, "cancel_asked": None}
    return {}


def _report_unknown(services: Services, db: sa.Connection, order: StoredOrder, seen: Order) -> None:
    unknown = {status for status in (seen.status, *(item.status for item in seen.items)) if status not in _KNOWN}
    if not unknown:
        causes.close_one(db, services.now(), "we know every status", kinds.UNKNOWN_STATUS.code, order.subject)
        return
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "status": ", ".join(sorted(unknown))[:100]}
    causes.open_for(db, [Problem(kinds.UNKNOWN_STATUS, order.subject, facts)], services.now(), item_id=None)


def _report_changes(services: Services, db: sa.Connection, order: StoredOrder, seen: Order) -> None:
    """An order that is not in Centra yet is judged afresh when it changes; one that is there, a person must change."""
    lines = {line.line_reference: line for line in order_lines.lines(db, order.id)}
    if order.placed_at is None or not lines or all(line.state in OVER for line in lines.values()):
        return
    how = [
        *(f"it has a line {item.line_reference or 'without reference'} that was not ordered"
          for item in seen.items if item.line_reference not in lines and item.quantity),
        # Fewer may be how the platform shows what was dispatched or cancelled; nobody documents it.
        *(f"line {reference} has {item.quantity} units, not {line.quantity}"
          for item in seen.items if (line := lines.get(reference := item.line_reference or ""))
          and (item.quantity or 0) > line.quantity),
        *(["the delivery address"] if _moved_house(order, seen) else []),
    ]  # fmt: skip
    if how:
        name = services.rules().retailers[order.retailer].name
        facts = {"retailer": name, "reference": order.reference, "how": "; ".join(how)[:500]}
        causes.open_for(db, [Problem(kinds.ORDER_CHANGED, order.subject, facts)], services.now(), item_id=None)


def _moved_house(order: StoredOrder, seen: Order) -> bool:
    """Whether the goods should go elsewhere than we were told; an address that is withheld now says nothing."""
    before, after = Order.parse(order.raw).shipping_address, seen.shipping_address
    where = ("full_name", "line_1", "line_2", "city", "postal_code", "country")
    return after.line_1 is not None and any(getattr(before, name) != getattr(after, name) for name in where)
