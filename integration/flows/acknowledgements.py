"""A retailer is told, by its own rules, which lines of its order we take; it is told once, or found told."""

from collections.abc import Mapping, Sequence

from integration import kinds, steps
from integration.domain.acknowledgements import Acknowledgement, to_acknowledge
from integration.flows import mirror
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import LineState
from integration.problems import Problem, Refused, TryAgain
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import journal, order_lines, orders
from integration.storage.order_lines import StoredLine
from integration.storage.orders import Intention, StoredOrder
from integration.virtualstock.schema import Order, Status

_TAKEN = (LineState.ACKNOWLEDGED, LineState.DISPATCHED)


def acknowledge(services: Services, subject: str) -> Findings:
    """Tell the retailer that its order is in Centra; once more where it came back as new."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or order.placed_at is None:
        return None
    if not services.rules().retailers[order.retailer].switches.acknowledgements:
        return None
    shown = None
    if order.acknowledging_since or order.came_back:
        shown = mirror.statuses(mirror.look(services, order))
        if not _waiting(services, order, shown):
            return _found(services, order)
    planned = plan_acknowledgement(services, order, shown)
    if isinstance(planned, list):
        return planned
    return _send(services, order, planned) if planned.items else None


def plan_acknowledgement(
    services: Services, order: StoredOrder, shown: Mapping[str, str] | None = None
) -> Acknowledgement | list[Problem]:
    """What the retailer would be told of a stored order, by the newest rules.

    :param shown: the status that the retailer's side shows, by line reference, where it was looked at.
    """
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    return to_acknowledge(
        Order.parse(order.raw), profile, rules.calendars[profile.sla.calendar],
        received_at=order.received_at, now=services.now(), only=_waiting(services, order, shown),
    )  # fmt: skip


def _waiting(services: Services, order: StoredOrder, shown: Mapping[str, str] | None = None) -> list[str]:
    """The lines of which the retailer waits to hear that we take them."""
    profile = services.rules().retailers[order.retailer]
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    new = {line.line_reference for line in lines if order.came_back and _is_new(line, shown)}
    return [line.line_reference for line in lines if line.line_reference in new or _waits(line, profile)]


def _is_new(line: StoredLine, shown: Mapping[str, str] | None) -> bool:
    """Whether a line that we answered is shown as new again. If it is still late, its new dates follow once more."""
    here = shown is None or shown.get(line.line_reference) == Status.ORDER
    return line.state in (LineState.ACKNOWLEDGED, LineState.BACKORDERED) and here


def _waits(line: StoredLine, profile: Retailer) -> bool:
    if line.short and profile.backorder.out_of_stock != "hold":
        return False
    if line.state is LineState.BACKORDERED:
        return profile.backorder.when_stock_comes == "acknowledge"
    return line.state is LineState.RECEIVED


def _send(services: Services, order: StoredOrder, planned: Acknowledgement) -> Findings:
    told = [item.line_ref for item in planned.items]
    with services.store.write() as db:
        orders.intend(db, order.id, Intention.ACKNOWLEDGING, services.now())
    try:
        services.client_of(order.retailer).acknowledge(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except TryAgain:
        with services.store.write() as db:
            orders.drop(db, order.id, Intention.ACKNOWLEDGING)
        raise
    except Refused as failure:
        if failure.about_credential:
            raise
        return _after_refusal(services, order, failure, told)
    return _acknowledged(services, order, "acknowledged", told)


def _after_refusal(services: Services, order: StoredOrder, failure: Refused, said: Sequence[str]) -> Findings:
    """One line in another state has the whole call refused; what a look shows decides what is left to say."""
    left = _waiting(services, order, mirror.statuses(mirror.look(services, order)))
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.ACKNOWLEDGING)
    if not left:
        return _found(services, order)
    if left != said:
        raise TryAgain("some lines moved at the retailer meanwhile; acknowledging the rest", wait=0)
    profile = services.rules().retailers[order.retailer]
    facts = {"retailer": profile.name, "reference": order.reference, "why": failure.reason}
    return [Problem(kinds.ACKNOWLEDGE_REFUSED, order.subject, facts)]


def _found(services: Services, order: StoredOrder) -> Findings:
    """No line waits any more: somebody acknowledged them, or the retailer wants none of them."""
    with services.store.write() as db:
        taken = [line for line in order_lines.lines(db, order.id) if line.state in _TAKEN]
        if not taken:
            orders.drop(db, order.id, Intention.ACKNOWLEDGING)
            return None
    return _acknowledged(services, order, "found acknowledged")


def _acknowledged(services: Services, order: StoredOrder, what: str, told: Sequence[str] = ()) -> Findings:
    now = services.now()
    with services.store.write() as db:
        order_lines.move_all(db, order, LineState.ACKNOWLEDGED, now, what, only=told)
        orders.acknowledged(db, order.id, now)
        mirror.follow(services, db, order)
        journal.tell(db, "order", order.subject, what, now)
        if order.rehearsal:
            services.promise(db, steps.DISPATCHES_REHEARSE, [order.subject])
    return None
