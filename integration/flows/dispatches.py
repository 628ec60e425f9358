"""Dispatches: the moment Centra ships, the retailer knows carrier, tracking and the true day, once per shipment."""

from typing import Any

from integration import kinds, steps
from integration.centra.schema import Shipment
from integration.domain.dispatches import Dispatch, to_virtualstock
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import causes, journal, orders, work
from integration.storage.orders import StoredAnnouncement, StoredOrder
from integration.virtualstock.schema import Order, Status

SWEEP_ORDERS = 50
SWEEP_AFTER = "dispatches-sweep-after"


def announce(services: Services, subject: str) -> Findings:
    """A shipment left. Tell the retailer, unless it knows."""
    shipment_id = int(subject.partition("/")[2])
    found = services.centra.shipments([shipment_id], lane=Lane.ORDERS)
    if not found or not found[0].is_shipped:
        return None
    shipment = found[0]
    with services.store.read() as db:
        ours = orders.by_centra_numbers(db, [shipment.order_number or 0])
        told = orders.announcement(db, shipment_id)
    if not ours or (told and told.announced_at):
        return None
    order = ours[0]
    if not services.rules().retailers[order.retailer].switches.dispatches:
        return None
    if order.acknowledged_at is None:
        # Later steps must not be sent for an order whose acknowledgement failed.
        raise TryAgain(f"{order.subject} is not acknowledged yet", wait=5)
    planned = plan(services, order, shipment)
    if not isinstance(planned, Dispatch):
        return planned
    if told and told.announcing_since:
        return _look_first(services, order, shipment, planned, told)
    return _send(services, order, shipment, planned)


def plan(services: Services, order: StoredOrder, shipment: Shipment) -> Dispatch | list[Problem]:
    """What would be said of a shipment, or everything that keeps it from being said."""
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    waiting = _waiting(services, order, shipment) if profile.dispatch.full_lines_only else []
    with services.store.read() as db:
        lines = orders.lines(db, order.id)
    return to_virtualstock(
        shipment, lines, profile, rules, services.carriers(order.retailer), reference=order.reference, waiting=waiting
    )


def _waiting(services: Services, order: StoredOrder, shipment: Shipment) -> list[Shipment]:
    """Earlier shipments of the order that its retailer has not been told of, oldest first."""
    found = services.centra.orders(numbers=[order.centra_number or 0], lane=Lane.ORDERS)
    earlier = [each for made in found for each in made.shipments if each.is_shipped and each.id < shipment.id]
    with services.store.read() as db:
        untold = orders.unannounced(db, [each.id for each in earlier])
    return sorted((each for each in earlier if each.id in untold), key=lambda each: each.id)


def settle_by_hand(services: Services, key: str, by: str) -> bool:
    """A person looked at the portal and found the units of an unclear dispatch there: count them as announced.

    :param key: the key of a `DISPATCH_UNKNOWN` cause. False: it names no dispatch of ours.
    """
    subject, _, shipment_id = key.rpartition("/")
    now = services.now()
    with services.store.write() as db:
        order = orders.by_subject(db, subject)
        if order is None or not shipment_id.isdecimal():
            return False
        if orders.announced(db, order.id, int(shipment_id), now):
            journal.tell(db, "order", order.subject, "found dispatched", now, shipment=int(shipment_id), by=by)
        causes.close(
            db, now, f"found dispatched by {by}", kinds=[kinds.DISPATCH_UNKNOWN.code],
            matches=lambda each: each == key,
        )  # fmt: skip
    return True


def sweep(services: Services, _subject: str) -> Findings:
    """Read the shipments of a page of orders in flight; find what every event missed."""
    with services.store.read() as db:
        after = journal.watermark(db, SWEEP_AFTER)
        numbers = orders.numbers_in_flight(db, after, SWEEP_ORDERS)
    found = services.centra.orders(numbers=numbers, lane=Lane.RECONCILIATION) if numbers else []
    shipped = {shipment.id: order.number for order in found for shipment in order.shipments if shipment.is_shipped}
    with services.store.write() as db:
        ours = {order.centra_number: order for order in orders.by_centra_numbers(db, list(set(shipped.values())))}
        untold = orders.unannounced(db, list(shipped))
        services.promise(
            db, steps.DISPATCHES_ANNOUNCE,
            [f"{ours[number].retailer}/{each}" for each, number in shipped.items() if each in untold],
        )  # fmt: skip
        more = len(numbers) == SWEEP_ORDERS
        journal.move_watermark(db, SWEEP_AFTER, numbers[-1] if more else 0)
        if more:
            services.promise(db, steps.DISPATCHES_SWEEP, [steps.CENTRA])
    return None


def _send(services: Services, order: StoredOrder, shipment: Shipment, planned: Dispatch) -> Findings:
    items = [item.to_json() for item in planned.items]
    with services.store.write() as db:
        orders.begin_announcing(db, shipment.id, order.id, shipment.number or "", items, services.now())
        for earlier in set(planned.shipment_ids) - {shipment.id}:
            # Its units travel in the items of this one.
            orders.begin_announcing(db, earlier, order.id, "", [], services.now())
    try:
        services.client_of(order.retailer).dispatch(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        with services.store.write() as db:
            orders.not_announced(db, shipment.id)
        if isinstance(failure, TryAgain) or failure.about_credential:
            raise
        # "Already dispatched" is success, but only a look can tell it from a real refusal.
        if _shows_dispatched(services, order, items):
            return _announced(services, order, shipment, planned, "found dispatched")
        return [_problem(services, kinds.DISPATCH_REFUSED, order, shipment, why=failure.reason)]
    return _announced(services, order, shipment, planned, "dispatched")


def _look_first(
    services: Services, order: StoredOrder, shipment: Shipment, planned: Dispatch, told: StoredAnnouncement
) -> Findings:
    """An earlier answer was lost. Whole lines show their state; of part of a line nobody can tell."""
    if _shows_dispatched(services, order, told.items):
        return _announced(services, order, shipment, planned, "found dispatched")
    with services.store.read() as db:
        open_units = {line.line_reference: line.quantity - line.dispatched for line in orders.lines(db, order.id)}
    if any(item["quantity"] < open_units.get(item["line_ref"], 0) for item in told.items):
        with services.store.write() as db:
            # A retry by the person who looked must send, not hold again.
            orders.not_announced(db, shipment.id)
        return [_problem(services, kinds.DISPATCH_UNKNOWN, order, shipment)]
    return _send(services, order, shipment, planned)


def _shows_dispatched(services: Services, order: StoredOrder, items: list[dict[str, Any]]) -> bool:
    raw = services.client_of(order.retailer).order(order.virtualstock_id, lane=Lane.ORDERS)
    status = {item.line_reference: item.status for item in Order.parse(raw).items}
    return bool(items) and all(status.get(item["line_ref"]) == Status.DISPATCH for item in items)


def _announced(
    services: Services, order: StoredOrder, shipment: Shipment, planned: Dispatch, what: str
) -> Findings:
    now = services.now()
    with services.store.write() as db:
        told = orders.announcement(db, shipment.id)
        for earlier in set(planned.shipment_ids) - {shipment.id}:
            orders.announced(db, order.id, earlier, now)
            # It waited for the rest of its lines; a last look finds it told and closes its exception.
            work.release_subject(db, steps.DISPATCHES_ANNOUNCE.name, f"{order.retailer}/{earlier}", now)
        if orders.announced(db, order.id, shipment.id, now):
            first = told.items[0] if told and told.items else {}
            journal.tell(
                db, "order", order.subject, what, now, shipment=shipment.number, carrier=first.get("carrier"),
                tracking=first.get("tracking_number"), dispatch_date=first.get("supplier_dispatch_date"),
            )  # fmt: skip
    return None


def _problem(
    services: Services, kind: kinds.Kind, order: StoredOrder, shipment: Shipment, **facts: str
) -> Problem:
    name = services.rules().retailers[order.retailer].name
    return Problem(
        kind, f"{order.subject}/{shipment.id}",
        {"retailer": name, "reference": order.reference, "shipment": shipment.number or str(shipment.id), **facts},
    )  # fmt: skip
