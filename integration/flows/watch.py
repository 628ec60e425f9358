"""Whatever Centra shows of one of our orders is held against what was agreed with its retailer.

Events, the sweep and every step that reads an order end here, so a cancellation by staff, stock that came, or a
shipment that went away is noticed by whoever reads it first.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra.schema import Order as CentraOrder
from integration.centra.schema import Size
from integration.domain.cancellations import cancelled_units, is_unsettled, short_units
from integration.flows import new_carriers
from integration.lifecycle import OVER, LineState
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes, order_lines, orders, work
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder


def observe_all(services: Services, db: sa.Connection, found: Iterable[CentraOrder]) -> None:
    """Observe those among some Centra orders that are ours, and the carriers of all."""
    by_number = {made.number: made for made in found}
    ours = orders.by_centra_numbers(db, sorted(by_number))
    shown = [shipment for made in by_number.values() for shipment in made.shipments]
    new_carriers.notice(services, db, shown, ours={order.centra_number for order in ours})
    for order in ours:
        observe(services, db, order, by_number[order.centra_number or 0])


def observe(services: Services, db: sa.Connection, order: StoredOrder, made: CentraOrder) -> None:
    """Learn what Centra shows of our lines, and ask for what follows from it."""
    learn_lines(db, order, made)
    after = order_lines.lines(db, order.id)
    if any(is_unsettled(line) for line in after):
        # A shipment may have gone away, or staff may have cancelled it themselves.
        services.promise(db, steps.CANCELLATIONS_SETTLE, [order.subject])
    _ask_stock_steps(services, db, order, after)
    judge_staff_cancellation(services, db, order)


def learn_lines(db: sa.Connection, order: StoredOrder, made: CentraOrder) -> None:
    """Write down what Centra shows of our lines."""
    in_centra = {line.id: line for line in made.lines}
    for line in order_lines.lines(db, order.id):
        theirs = in_centra.get(line.centra_line_id or 0)
        if theirs is None:
            continue
        cancelled = cancelled_units(line, theirs, made)
        short = 0 if line.state in OVER else short_units(line, theirs, made)
        if (cancelled, short) != (line.centra_cancelled, line.short):
            order_lines.learn_centra(db, line.id, cancelled=cancelled, short=short)


def _ask_stock_steps(services: Services, db: sa.Connection, order: StoredOrder, lines: list[StoredLine]) -> None:
    if order.confirmed_at is None and order.placed_at is None:
        return
    rule = services.rules().retailers[order.retailer].backorder
    told = (LineState.RECEIVED, LineState.ACKNOWLEDGED)
    if rule.out_of_stock != "hold" and any(line.short and line.state in told for line in lines):
        services.promise(db, steps.BACKORDERS_ANNOUNCE, [order.subject])
    here = {line.state for line in lines if not line.short}
    if LineState.RECEIVED in here or (LineState.BACKORDERED in here and rule.when_stock_comes == "acknowledge"):
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [order.subject])


def judge_staff_cancellation(services: Services, db: sa.Connection, order: StoredOrder) -> None:
    """Somebody must act as long as units are cancelled in Centra that the retailer still expects."""
    gone = [line for line in order_lines.lines(db, order.id) if _cancelled_unasked(line)]
    now = services.now()
    if not gone:
        why = "nothing is cancelled in Centra that the retailer did not cancel"
        causes.close_one(db, now, why, kinds.CANCELLED_IN_CENTRA.code, order.subject)
        return
    units = ", ".join(f"{line.centra_cancelled - line.cancelled} of line {line.line_reference}" for line in gone)
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "units": units}
    causes.open_for(db, [Problem(kinds.CANCELLED_IN_CENTRA, order.subject, facts)], now, item_id=None)


def _cancelled_unasked(line: StoredLine) -> bool:
    asked = line.state in OVER or line.state is LineState.CANCELLING
    return not asked and line.centra_cancelled > line.cancelled


def stock_came(services: Services, db: sa.Connection, found: Iterable[Size]) -> None:
    """Try again to place what waits for one of these sizes and may find enough of it now."""
    units = {size.sku: sum(each.free_to_allocate for each in size.stock) for size in found if size.sku}
    for subject in orders.waiting_for_stock(db, {sku: count for sku, count in units.items() if count > 0}):
        work.release_subject(db, steps.ORDERS_PLACE.name, subject, services.now())
