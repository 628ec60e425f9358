"""Where Centra has no stock, the retailer hears new dates by its own rule before it has to ask."""

from integration import kinds
from integration.domain.backorders import Postponement, to_backorder
from integration.flows import deadlines, mirror
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import LineState
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import journal, order_lines, orders
from integration.storage.order_lines import StoredLine
from integration.storage.orders import Intention, StoredOrder
from integration.virtualstock.schema import Order

_CAN_BE_LATE = (LineState.RECEIVED, LineState.ACKNOWLEDGED)


def announce(services: Services, subject: str) -> Findings:
    """Give the retailer new dates for every line that waits for stock and that it still expects on the old ones."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or not services.rules().retailers[order.retailer].switches.acknowledgements:
        return None
    planned = plan_backorder(services, order)
    if isinstance(planned, list):
        return planned
    if order.backordering_since:
        planned = _look_first(services, order, planned)
    if not planned.items:
        return None
    with services.store.write() as db:
        orders.intend(db, order.id, Intention.BACKORDERING, services.now())
    try:
        services.client_of(order.retailer).backorder(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        return _not_told(services, order, failure)
    return _told(services, order, planned)


def _look_first(services: Services, order: StoredOrder, planned: Postponement) -> Postponement:
    """An earlier answer was lost. Note what got through; the rest is still to be told."""
    mirror.look(services, order)
    late = _late(services, order)
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    postponed = {line.line_reference for line in lines if line.state is LineState.BACKORDERED}
    if found := tuple(item for item in planned.items if item.line_ref in postponed):
        _told(services, order, Postponement(found))
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.BACKORDERING)
    return Postponement(tuple(item for item in planned.items if item.line_ref in late))


def plan_backorder(services: Services, order: StoredOrder) -> Postponement | list[Problem]:
    """What the retailer would be told, by the newest rules."""
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    return to_backorder(
        Order.parse(order.raw), profile, rules.calendars[profile.sla.calendar], now=services.now(),
        late=_late(services, order),
    )  # fmt: skip


def _late(services: Services, order: StoredOrder) -> list[str]:
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    return [line.line_reference for line in lines if _is_late(line, order)]


def _is_late(line: StoredLine, order: StoredOrder) -> bool:
    """All of an order that Centra refused for want of stock, else the lines that it has no stock for."""
    return line.state in _CAN_BE_LATE and (line.short > 0 or order.placed_at is None)


def _not_told(services: Services, order: StoredOrder, failure: TryAgain | Refused) -> Findings:
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.BACKORDERING)
    if isinstance(failure, TryAgain) or failure.about_credential:
        raise failure
    before = _late(services, order)
    mirror.look(services, order)
    left = _late(services, order)
    if left != before:
        if left:
            raise TryAgain("some lines moved at the retailer meanwhile; postponing the rest", wait=0)
        return None
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "why": failure.reason}
    return [Problem(kinds.BACKORDER_REFUSED, order.subject, facts)]


def _told(services: Services, order: StoredOrder, planned: Postponement) -> Findings:
    now = services.now()
    day = planned.items[0].supplier_dispatch_date.date()
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.BACKORDERING)
        order_lines.move_all(
            db, order, LineState.BACKORDERED, now, "no stock in Centra", only=[item.line_ref for item in planned.items]
        )
        journal.tell(db, "order", order.subject, "postponed", now, dispatch_date=day.isoformat())
        deadlines.postpone_dispatch(services, db, order, day)
        # New dates are an answer to the order, too.
        if not any(line.state is LineState.RECEIVED for line in order_lines.lines(db, order.id)):
            orders.acknowledged(db, order.id, now)
        mirror.follow(services, db, order)
    return None
