"""A test order that never reaches the warehouse is dispatched at the retailer all the same, so that it sees the end.

Nothing is written down before the call: only whole lines are told, and those show their state, so a look comes first
every time. Centra never hears of it.
"""

from integration import kinds, policy
from integration.domain.dispatches import to_rehearse
from integration.flows import dispatches, mirror
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import OVER, LineState
from integration.problems import LookFirst, Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import journal, order_lines, orders
from integration.storage.orders import StoredOrder
from integration.virtualstock.actions import DispatchItem


def rehearse(services: Services, subject: str) -> Findings:
    """Tell the retailer that all open lines of a test order have left, under a number that begins with TEST."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or not order.rehearsal or order.acknowledged_at is None:
        return None
    if not services.rules().retailers[order.retailer].switches.dispatches:
        return None
    mirror.look(services, order)
    with services.store.read() as db:
        lines = [line for line in order_lines.lines(db, order.id) if line.state not in OVER]
    if not lines:
        return None
    if waiting := {line.state for line in lines} & {LineState.RECEIVED, LineState.CANCELLING}:
        raise TryAgain(f"lines of {subject} are still {', '.join(sorted(waiting))}", wait=2)
    rules = services.rules()
    planned = to_rehearse(
        lines, rules.retailers[order.retailer], rules, services.carriers(order.retailer),
        reference=order.reference, now=services.now(),
    )  # fmt: skip
    return planned if isinstance(planned, list) else _send(services, order, planned)


def _send(services: Services, order: StoredOrder, items: tuple[DispatchItem, ...]) -> Findings:
    try:
        services.client_of(order.retailer).dispatch(order.virtualstock_id, items, lane=Lane.ORDERS)
    except LookFirst as failure:
        # The next try looks anyway; until it can believe what it sees, it waits.
        raise TryAgain(failure.reason, wait=policy.LOOK_GRACE.total_seconds()) from failure
    except Refused as failure:
        if failure.about_credential:
            raise
        return _after_refusal(services, order, items, failure)
    now, first = services.now(), items[0]
    with services.store.write() as db:
        units = {item.line_ref: item.quantity for item in items}
        order_lines.count_dispatched(db, order, units, now, "rehearsed")
        journal.tell(
            db, "order", order.subject, "rehearsed dispatch", now, carrier=first.carrier,
            tracking=first.tracking_number, dispatch_date=first.supplier_dispatch_date.isoformat(),
        )  # fmt: skip
        dispatches.follow_up(services, db, order)
    return None


def _after_refusal(
    services: Services, order: StoredOrder, items: tuple[DispatchItem, ...], failure: Refused
) -> Findings:
    if mirror.look_moves(services, order):
        raise TryAgain("some lines moved at the retailer meanwhile; rehearsing the rest", wait=0)
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "shipment": items[0].tracking_number}
    return [Problem(kinds.DISPATCH_REFUSED, f"{order.subject}/TEST", facts | {"why": failure.reason})]
