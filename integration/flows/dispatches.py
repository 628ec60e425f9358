"""Dispatches: the moment Centra ships, the retailer knows carrier, tracking and the true day, once per shipment."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra.schema import Shipment
from integration.domain.dispatches import Dispatch, to_virtualstock
from integration.flows import watch
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import LineState
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import announcements, causes, journal, order_lines, orders, work
from integration.storage.announcements import StoredAnnouncement
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order, Status

SWEEP_ORDERS = 50
SWEEP_AFTER = "dispatches-sweep-after"
SNAPSHOT_FRESH = timedelta(seconds=20)
"""How long a shipment that an event made us read need not be read again."""


def announce(services: Services, subject: str) -> Findings:
    """A shipment left. Tell the retailer, unless it knows."""
    shipment_id = int(subject.partition("/")[2])
    with services.store.read() as db:
        told = announcements.announcement(db, shipment_id)
    if told and told.announced_at:
        return None
    shipment = _shipment(services, shipment_id, told)
    if shipment is None or not shipment.is_shipped:
        return None
    with services.store.read() as db:
        ours = orders.by_centra_numbers(db, [shipment.order_number or 0])
    if not ours or not services.rules().retailers[ours[0].retailer].switches.dispatches:
        return None
    order = ours[0]
    if order.confirmed_at is None or _unanswered(services, order):
        # Later steps must not be sent for an order whose acknowledgement failed, and its lines must be known.
        raise TryAgain(f"{order.subject} is not acknowledged and confirmed yet", wait=2)
    planned = plan(services, order, shipment)
    if not isinstance(planned, Dispatch):
        return planned
    if told and told.announcing_since:
        return _look_first(services, order, shipment, planned, told)
    return _send(services, order, shipment, planned)


def _unanswered(services: Services, order: StoredOrder) -> bool:
    """Whether the retailer waits to hear that we take the order, or any line of it."""
    with services.store.read() as db:
        return any(line.state is LineState.RECEIVED for line in order_lines.lines(db, order.id))


def plan(services: Services, order: StoredOrder, shipment: Shipment) -> Dispatch | list[Problem]:
    """What would be said of a shipment, or everything that keeps it from being said."""
    planned = _plan(services, order, shipment, ())
    if isinstance(planned, Dispatch) or kinds.DISPATCH_INCOMPLETE not in [problem.kind for problem in planned]:
        return planned
    # Part of a line, at a retailer of full lines: with what left before, it may be all of it.
    return _plan(services, order, shipment, _waiting(services, order, shipment))


def ask_announcements(services: Services, db: sa.Connection, shipments: Iterable[Shipment]) -> None:
    """Keep what was read of each completed shipment of ours that no retailer was told of, and ask to announce it."""
    shipped = {each.id: each for each in shipments if each.is_shipped and each.order_number is not None}
    numbers = {each.order_number for each in shipped.values() if each.order_number is not None}
    ours = {order.centra_number: order for order in orders.by_centra_numbers(db, sorted(numbers))}
    untold = announcements.unannounced(db, list(shipped))
    asked = []
    for shipment in shipped.values():
        order = ours.get(shipment.order_number)
        if order is not None and shipment.id in untold:
            subject = f"{order.retailer}/{shipment.id}"
            if _note(services, db, order, shipment):
                # Somebody mended what it may be held for: judge it afresh.
                work.release_subject(db, steps.DISPATCHES_ANNOUNCE.name, subject, services.now())
            asked.append(subject)
    services.promise(db, steps.DISPATCHES_ANNOUNCE, asked)


def _note(services: Services, db: sa.Connection, order: StoredOrder, shipment: Shipment) -> bool:
    """Keep a shipment as read. Returns whether it says something else than when it was read before."""
    known = announcements.announcement(db, shipment.id)
    snapshot = shipment.model_dump(mode="json", exclude={"updated_at"})
    announcements.note_shipment(db, shipment.id, order.id, shipment.number or "", snapshot, services.now())
    return known is not None and known.snapshot not in (None, snapshot)


def _shipment(services: Services, shipment_id: int, told: StoredAnnouncement | None) -> Shipment | None:
    """The shipment as read a moment ago for its event, else read anew: in the meantime somebody may have mended it."""
    if told and told.snapshot and told.read_at and services.now() - told.read_at < SNAPSHOT_FRESH:
        return Shipment.model_validate(told.snapshot)
    found = services.centra.shipments([shipment_id], lane=Lane.ORDERS)
    return found[0] if found else None


def _plan(
    services: Services, order: StoredOrder, shipment: Shipment, waiting: Sequence[Shipment]
) -> Dispatch | list[Problem]:
    rules = services.rules()
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    return to_virtualstock(
        shipment, lines, rules.retailers[order.retailer], rules, services.carriers(order.retailer),
        reference=order.reference, waiting=waiting,
    )  # fmt: skip


def _waiting(services: Services, order: StoredOrder, shipment: Shipment) -> list[Shipment]:
    """Earlier shipments of the order that its retailer has not been told of, oldest first."""
    found = services.centra.orders(numbers=[order.centra_number or 0], lane=Lane.ORDERS)
    earlier = [each for made in found for each in made.shipments if each.is_shipped and each.id < shipment.id]
    with services.store.read() as db:
        untold = announcements.unannounced(db, [each.id for each in earlier])
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
        if announcements.announced(db, order, int(shipment_id), now, f"found dispatched by {by}"):
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
    with services.store.write() as db:
        watch.observe_all(services, db, found)
        ask_announcements(services, db, (shipment for order in found for shipment in order.shipments))
        more = len(numbers) == SWEEP_ORDERS
        journal.move_watermark(db, SWEEP_AFTER, numbers[-1] if more else 0)
        if more:
            services.promise(db, steps.DISPATCHES_SWEEP, [steps.CENTRA])
    return None


def _send(services: Services, order: StoredOrder, shipment: Shipment, planned: Dispatch) -> Findings:
    items = [item.to_json() for item in planned.items]
    with services.store.write() as db:
        announcements.begin_announcing(db, shipment.id, order.id, shipment.number or "", items, services.now())
        for earlier in set(planned.shipment_ids) - {shipment.id}:
            # Its units travel in the items of this one.
            announcements.begin_announcing(db, earlier, order.id, "", [], services.now())
    try:
        services.client_of(order.retailer).dispatch(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        with services.store.write() as db:
            announcements.not_announced(db, shipment.id)
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
        open_units = {line.line_reference: line.open for line in order_lines.lines(db, order.id)}
    if any(item["quantity"] < open_units.get(item["line_ref"], 0) for item in told.items):
        with services.store.write() as db:
            # A retry by the person who looked must send, not hold again.
            announcements.not_announced(db, shipment.id)
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
        told = announcements.announcement(db, shipment.id)
        for earlier in set(planned.shipment_ids) - {shipment.id}:
            announcements.announced(db, order, earlier, now, what)
            # It waited for the rest of its lines; a last look finds it told and closes its exception.
            work.release_subject(db, steps.DISPATCHES_ANNOUNCE.name, f"{order.retailer}/{earlier}", now)
        if announcements.announced(db, order, shipment.id, now, what):
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
