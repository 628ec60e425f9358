"""Dispatches: the moment Centra ships, the retailer knows carrier, tracking and the true day, once per shipment.

Of two announcements of one line, the second waits until the first is known to have arrived or not: so the units that
are open are always known when more of them are said to have left.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra.schema import Shipment
from integration.domain.calendars import local
from integration.domain.dispatches import Dispatch, to_virtualstock
from integration.domain.shipments import differences, told_elsewhere, without
from integration.flows import lost_dispatches, mirror, shipments, watch
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import LineState
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import announcements, causes, journal, order_lines, orders, work
from integration.storage.announcements import StoredAnnouncement
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder

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
    order = _order(services, shipment, told)
    if order is None or not services.rules().retailers[order.retailer].switches.dispatches:
        return None
    if told and told.announcing_since:
        found = lost_dispatches.find(services, order, told)
        if isinstance(found, Problem):
            return [found]
        if found:
            return _announced(services, order, shipment_id, "found dispatched")
    with services.store.write() as db:
        if shipment is None or not shipment.is_shipped:
            announcements.forget(db, shipment_id)
            return None
        shipments.note(services, db, order, shipment)
    if order.confirmed_at is None or _unanswered(services, order):
        # Later steps must not be sent for an order whose acknowledgement failed, and its lines must be known.
        raise TryAgain(f"{order.subject} is not acknowledged and confirmed yet", wait=2)
    if _stands_in(services, order, shipment):
        return None
    return _tell(services, order, shipment)


def plan(services: Services, order: StoredOrder, shipment: Shipment) -> Dispatch | list[Problem]:
    """What would be said of a shipment, or everything that keeps it from being said. No items: the retailer knows."""
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    known = _known_elsewhere(services, order, shipment)
    rest = without(shipment, lines, known)
    if known and not rest.lines:
        return Dispatch((), (shipment,))
    planned = _plan(services, order, lines, rest, ())
    if isinstance(planned, Dispatch) or kinds.DISPATCH_INCOMPLETE not in [problem.kind for problem in planned]:
        return planned
    # Part of what is told in one piece: with what else has left, it may be all of it.
    return _plan(services, order, lines, rest, _waiting(services, order, shipment))


def sweep(services: Services, _subject: str) -> Findings:
    """Read the shipments of a page of orders in flight; find what every event missed."""
    with services.store.read() as db:
        after = journal.watermark(db, SWEEP_AFTER)
        numbers = orders.numbers_in_flight(db, after, SWEEP_ORDERS)
    found = services.centra.orders(numbers=numbers, lane=Lane.RECONCILIATION) if numbers else []
    missing = sorted(shipments.not_shown(services, found))
    seen = [shipment for order in found for shipment in order.shipments]
    seen += services.centra.shipments(missing, lane=Lane.RECONCILIATION) if missing else []
    with services.store.write() as db:
        watch.observe_all(services, db, found)
        shipments.ask_announcements(services, db, seen, named=missing)
        more = len(numbers) == SWEEP_ORDERS
        journal.move_watermark(db, SWEEP_AFTER, numbers[-1] if more else 0)
        if more:
            services.promise(db, steps.DISPATCHES_SWEEP, [steps.CENTRA])
    return None


def settle_by_hand(services: Services, key: str, by: str) -> bool:
    """A person looked at the portal and found the units of an unclear dispatch there: count them as announced.

    :param key: the key of a `DISPATCH_UNKNOWN` cause. False: it names no dispatch of ours.
    """
    subject, _, shipment_id = key.rpartition("/")
    with services.store.write() as db:
        order = orders.by_subject(db, subject)
        if order is None or not shipment_id.isdecimal():
            return False
        _count(services, db, order, int(shipment_id), "found dispatched", by=by)
        causes.close_one(db, services.now(), f"found dispatched by {by}", kinds.DISPATCH_UNKNOWN.code, key)
    return True


def follow_up(services: Services, db: sa.Connection, order: StoredOrder) -> None:
    """Units have left, as the retailer knows: ask for what follows from it."""
    if any(line.state is LineState.CANCELLING for line in order_lines.lines(db, order.id)):
        # What it still wants cancelled is decided by what has not left.
        services.promise(db, steps.CANCELLATIONS_SETTLE, [order.subject])
    mirror.follow(services, db, order)


def _shipment(services: Services, shipment_id: int, told: StoredAnnouncement | None) -> Shipment | None:
    """The shipment as read a moment ago for its event, else read anew: in the meantime somebody may have mended it."""
    read_at = told.read_at if told and told.snapshot and not told.is_told else None
    if told and read_at and services.now() - read_at < SNAPSHOT_FRESH:
        return Shipment.model_validate(told.snapshot)
    found = services.centra.shipments([shipment_id], lane=Lane.ORDERS)
    return found[0] if found else None


def _order(services: Services, shipment: Shipment | None, told: StoredAnnouncement | None) -> StoredOrder | None:
    with services.store.read() as db:
        if told is not None:
            return orders.by_id(db, told.order_id)
        number = shipment.order_number if shipment is not None else None
        return next(iter(orders.by_centra_numbers(db, [number])), None) if number is not None else None


def _unanswered(services: Services, order: StoredOrder) -> bool:
    """Whether the retailer waits to hear that we take the order, or any line of it."""
    with services.store.read() as db:
        return any(line.state is LineState.RECEIVED for line in order_lines.lines(db, order.id))


def _stands_in(services: Services, order: StoredOrder, shipment: Shipment) -> bool:
    """Whether it was made anew in place of one that was told and then deleted: the retailer knows all of it."""
    with services.store.read() as db:
        told = [each for each in announcements.announcements(db, order.id) if each.announced_at and each.snapshot]
    equal = [each for each in told if not differences(Shipment.model_validate(each.snapshot), shipment)]
    replaced = {each.told_with for each in equal}
    gone = next((each for each in equal if each.differs == {} and each.shipment_id not in replaced), None)
    if gone is None:
        return False
    now, snapshot = services.now(), shipments.as_told(shipment)
    with services.store.write() as db:
        announcements.begin_announcing(
            db, shipment.id, order.id, shipment.number or "", [], now, snapshot=snapshot, told_with=gone.shipment_id
        )
        announcements.announced(db, order, shipment.id, now, "made anew")
        journal.tell(db, "order", order.subject, "shipment made anew", now, shipment=shipment.number, was=gone.number)
        shipments.stands_again(services, db, order, gone.shipment_id, "an equal shipment was made")
    return True


def _tell(services: Services, order: StoredOrder, shipment: Shipment) -> Findings:
    planned = plan(services, order, shipment)
    if not isinstance(planned, Dispatch):
        return planned
    _begin(services, order, shipment, planned)
    if not planned.items:
        return _announced(services, order, shipment.id, "found dispatched")
    try:
        services.client_of(order.retailer).dispatch(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        with services.store.write() as db:
            announcements.not_announced(db, shipment.id)
        if isinstance(failure, TryAgain) or failure.about_credential:
            raise
        return _after_refusal(services, order, shipment, failure)
    return _announced(services, order, shipment.id, "dispatched")


def _begin(services: Services, order: StoredOrder, shipment: Shipment, planned: Dispatch) -> None:
    """Write down what will be said, if nothing has changed since it was judged.

    :raises TryAgain: something has, or another announcement of the same lines is not over.
    """
    now, said = services.now(), [item.to_json() for item in planned.items]
    known = _known_elsewhere(services, order, shipment)
    units, together = announcements.units(said), {each.id: each for each in planned.shipments}
    with services.store.write() as db:
        for doubt in announcements.in_doubt(db, order.id):
            if doubt.shipment_id in together or units.keys() & announcements.units(doubt.items).keys():
                raise TryAgain(f"another announcement of {order.subject} is on its way", wait=2)
        open_units = {line.line_reference: line.open for line in order_lines.lines(db, order.id)}
        on_record = shipments.is_on_record(announcements.announcement(db, shipment.id), shipment)
        if not on_record or any(count > open_units[each] for each, count in units.items()):
            raise TryAgain(f"shipment {shipment.id} or its order changed meanwhile; judging it afresh", wait=0)
        items = said + _items_of(services, order, shipment, known)
        for each in (together | {shipment.id: shipment}).values():
            leads = each.id == shipment.id
            announcements.begin_announcing(
                db, each.id, order.id, each.number or "", items if leads else [], now,
                snapshot=shipments.as_told(each), told_with=None if leads else shipment.id,
            )  # fmt: skip


def _after_refusal(services: Services, order: StoredOrder, shipment: Shipment, failure: Refused) -> Findings:
    """One line in another state has the whole call refused; what a look shows decides what is left to say."""
    if mirror.look_moves(services, order):
        return _tell(services, order, shipment)
    name = services.rules().retailers[order.retailer].name
    label = shipment.number or str(shipment.id)
    facts = {"retailer": name, "reference": order.reference, "shipment": label, "why": failure.reason}
    return [Problem(kinds.DISPATCH_REFUSED, f"{order.subject}/{shipment.id}", facts)]


def _announced(services: Services, order: StoredOrder, shipment_id: int, what: str) -> Findings:
    with services.store.write() as db:
        _count(services, db, order, shipment_id, what)
    return None


def _count(
    services: Services, db: sa.Connection, order: StoredOrder, shipment_id: int, what: str, **facts: str
) -> None:
    """Count the units of an announcement that arrived, once, and go on from there."""
    now = services.now()
    together = [each.shipment_id for each in announcements.announcements(db, order.id) if each.told_with == shipment_id]
    if not announcements.announced(db, order, shipment_id, now, what):
        return
    told = announcements.announcement(db, shipment_id)
    first = told.items[0] if told and told.items else {}
    journal.tell(
        db, "order", order.subject, what, now, shipment=told.number if told else None, carrier=first.get("carrier"),
        tracking=first.get("tracking_number"), dispatch_date=first.get("supplier_dispatch_date"), **facts,
    )  # fmt: skip
    for other in together:
        # It waited for the rest of what is told with it; a last look finds it told and closes its exception.
        work.release_subject(db, steps.DISPATCHES_ANNOUNCE.name, f"{order.retailer}/{other}", now)
    shipments.report_differences(services, db, order, [shipment_id, *together])
    follow_up(services, db, order)


def _plan(
    services: Services, order: StoredOrder, lines: Sequence[StoredLine], shipment: Shipment, waiting: Sequence[Shipment]
) -> Dispatch | list[Problem]:
    rules = services.rules()
    return to_virtualstock(
        shipment, lines, rules.retailers[order.retailer], rules, services.carriers(order.retailer),
        reference=order.reference, waiting=waiting,
    )  # fmt: skip


def _known_elsewhere(services: Services, order: StoredOrder, shipment: Shipment) -> dict[str, int]:
    """Units of the shipment that somebody told the retailer of in its portal, by line reference."""
    with services.store.read() as db:
        lines, told = order_lines.lines(db, order.id), announcements.announcements(db, order.id)
    announced = announcements.units(item for each in told if each.announced_at for item in each.items)
    return told_elsewhere(shipment, lines, announced)


def _items_of(
    services: Services, order: StoredOrder, shipment: Shipment, units: Mapping[str, int]
) -> list[dict[str, Any]]:
    """What is kept of units that we need not tell: how many, and when they left."""
    profile = services.rules().retailers[order.retailer]
    day = {"supplier_dispatch_date": f"{local(shipment.shipped_at, profile):%Y-%m-%d}"} if shipment.shipped_at else {}
    return [{"line_ref": reference, "quantity": count, **day} for reference, count in units.items()]


def _waiting(services: Services, order: StoredOrder, shipment: Shipment) -> list[Shipment]:
    """The other shipments of the order that have left and that its retailer has not been told of."""
    found = services.centra.orders(numbers=[order.centra_number or 0], lane=Lane.ORDERS)
    left = [each for made in found for each in made.shipments if each.is_shipped and each.id != shipment.id]
    with services.store.read() as db:
        untold = announcements.unannounced(db, [each.id for each in left])
    return [each for each in left if each.id in untold]
