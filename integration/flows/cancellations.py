"""A retailer's wish to cancel is settled in Centra by what is still there, and then answered; neither happens twice.

`poll` finds the wish; `settle` cancels in Centra the units that are in no shipment; `confirm` tells the retailer. Units
in a shipment are dispatched, which is the platform's own way to answer that it is too late.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.centra.schema import Order as CentraOrder
from integration.domain import cancellations as rules
from integration.domain.cancellations import Settlement
from integration.flows import mirror, receiving, watch
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.lifecycle import LineState, OrderState
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import journal, order_lines, orders, work
from integration.storage.order_lines import StoredLine
from integration.storage.orders import Intention, StoredOrder
from integration.virtualstock.actions import CancelItem
from integration.virtualstock.schema import OrderV3, Status

COMMENT = "The retailer cancelled it"
TOO_LATE = "too late to cancel: it ships"


def poll(services: Services, retailer: str) -> Findings:
    """Note every order that a retailer asks to cancel, in whole or in part."""
    profile = services.rules().retailers[retailer]
    if not profile.switches.cancellations:
        return None
    began = services.now()
    rows = services.client_of(retailer).orders(
        Status.CANCEL, retailer_id=profile.virtualstock.customer_id, lane=Lane.ORDERS
    )
    receiving.receive(services, profile, rows, read_at=began)
    return None


def sweep(services: Services, retailer: str) -> Findings:
    """Find what was cancelled and acknowledged in the portal before a poll could see it."""
    profile = services.rules().retailers[retailer]
    if not profile.switches.cancellations:
        return None
    try:
        rows = services.client_of(retailer).orders_cancelled_lately(lane=Lane.RECONCILIATION)
    except Refused as failure:
        # The older API may not be served; the nightly comparison finds the same, only later.
        if failure.about_credential or failure.status != 404:
            raise
        return None
    with services.store.read() as db:
        known = [orders.by_subject(db, f"{retailer}/{OrderV3.parse(row).order_number}") for row in rows]
    for order in known:
        if order is not None and order.state not in (OrderState.CANCELLED, OrderState.DISPATCHED):
            mirror.look(services, order)
    return None


def settle(services: Services, subject: str) -> Findings:
    """Cancel in Centra what the retailer asks for and what is in no shipment."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
        lines = order_lines.lines(db, order.id) if order else []
    if order is None or not any(rules.is_unsettled(line) for line in lines):
        return None
    if unclear := _learn_units(services, order, lines):
        return unclear
    _settle_outside_centra(services, order)
    if order.centra_number is None and not order.rehearsal:
        if _is_over(services, order):
            return None
        raise TryAgain(f"{subject} goes into Centra first; what is to go is cancelled there", wait=2)
    if order.rehearsal:
        return None
    if order.confirmed_at is None:
        raise TryAgain(f"{subject} is on its way into Centra; its cancellation follows", wait=2)
    _wait_for_lost_answer(services, order)
    made = _read(services, order)
    with services.store.write() as db:
        watch.learn_lines(db, order, made)
        lines = order_lines.lines(db, order.id)
    settlement = rules.settle(lines, made)
    if settlement.cancel:
        try:
            _cancel(services, order, made, settlement)
        except Refused as failure:
            if failure.about_credential:
                raise
            return _blocked(services, order, made, failure)
    return _settled(services, order, settlement)


def confirm(services: Services, subject: str) -> Findings:
    """Tell the retailer which units are cancelled."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or not services.rules().retailers[order.retailer].switches.cancellations:
        return None
    if order.confirming_since:
        _look_for_confirmed(services, order)
    with services.store.read() as db:
        told = to_confirm(order_lines.lines(db, order.id))
    if not told:
        return None
    with services.store.write() as db:
        orders.intend(db, order.id, Intention.CONFIRMING, services.now())
    try:
        services.client_of(order.retailer).cancel_acknowledge(order.virtualstock_id, told, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        return _not_confirmed(services, order, failure)
    return _confirmed(services, order, {item.line_ref: item.quantity for item in told})


def _asked(lines: Sequence[StoredLine]) -> list[StoredLine]:
    return [line for line in lines if line.state is LineState.CANCELLING]


def _settle_outside_centra(services: Services, order: StoredOrder) -> None:
    """Lines that are not in Centra will not get there: that is all there is to cancel of them.

    Some units of a line are another matter: the whole line goes into Centra, and those units are cancelled there.
    """
    with services.store.write() as db:
        held = orders.lock(db, order.id)
        if held.placed_at is None and (held.placing_since is not None or held.centra_number is not None):
            # A call may have created it with these lines.
            return
        outside = [line for line in _asked(order_lines.lines(db, order.id)) if _is_outside(line, held)]
        for line in outside:
            order_lines.learn_centra(db, line.id, cancelled=line.cancelled + rules.wanted_units(line), short=0)
        if outside:
            services.promise(db, steps.CANCELLATIONS_CONFIRM, [order.subject])
        # What it was held for no longer matters, or matters only for the lines that are left.
        work.release_subject(db, steps.ORDERS_PLACE.name, order.subject, services.now())


def _is_outside(line: StoredLine, order: StoredOrder) -> bool:
    if order.rehearsal:
        return True
    if order.placed_at is None:
        return not rules.asks_for_part(line)
    return order.confirmed_at is not None and line.centra_line_id is None


def _is_over(services: Services, order: StoredOrder) -> bool:
    """Whether nothing of the order will go into Centra, or nothing that is to be cancelled."""
    with services.store.read() as db:
        return not any(rules.asks_for_part(line) for line in _asked(order_lines.lines(db, order.id)))


def units_asked(
    services: Services, order: StoredOrder, lines: Sequence[StoredLine], lane: Lane
) -> tuple[dict[str, int], list[Problem]]:
    """How many units are to go, by line reference, where the retailer may ask for some of a line; and one problem for
    each line of which nobody tells it. Only the older API does."""
    profile = services.rules().retailers[order.retailer]
    open_ask = [line for line in _asked(lines) if line.cancel_asked is None and line.open > 1]
    if not profile.cancel.part_lines or not open_ask:
        return {}, []
    raw = services.client_of(order.retailer).order_v3(order.virtualstock_id, lane=lane)
    told: dict[str | None, list[int]] = {}
    for item in OrderV3.parse(raw).items if raw is not None else ():
        told.setdefault(item.line_ref, []).extend([item.cancel_quantity] if item.cancel_quantity else [])
    asked, unclear = {}, []
    for line in open_ask:
        units = told.get(line.line_reference, [])
        # A line that is in several shipments stands there as often; if two of its rows tell, nobody knows of what.
        if len(units) == 1 and units[0] <= line.open:
            asked[line.line_reference] = units[0]
        else:
            facts = {"retailer": profile.name, "reference": order.reference, "line": line.line_reference,
                     "quantity": str(line.open)}  # fmt: skip
            unclear.append(Problem(kinds.CANCEL_UNCLEAR, f"{order.subject}/{line.line_reference}", facts))
    return asked, unclear


def _learn_units(services: Services, order: StoredOrder, lines: Sequence[StoredLine]) -> list[Problem]:
    asked, unclear = units_asked(services, order, lines, Lane.ORDERS)
    if unclear and order.confirmed_at is not None:
        by_hand = _cancelled_by_hand(services, order)
        asked |= {problem.facts["line"]: by_hand[problem.facts["line"]] for problem in unclear
                  if problem.facts["line"] in by_hand}  # fmt: skip
        unclear = [problem for problem in unclear if problem.facts["line"] not in by_hand]
    with services.store.write() as db:
        for line in lines:
            if line.line_reference in asked:
                order_lines.learn_wish(db, line.id, asked[line.line_reference])
    return unclear


def _cancelled_by_hand(services: Services, order: StoredOrder) -> dict[str, int]:
    """Units that somebody has cancelled in Centra of lines that are to be cancelled, by line reference."""
    made = _read(services, order)
    with services.store.write() as db:
        watch.learn_lines(db, order, made)
        asked = _asked(order_lines.lines(db, order.id))
    return {line.line_reference: min(line.open, gone) for line in asked
            if (gone := line.centra_cancelled - line.cancelled) > 0}  # fmt: skip


def _read(services: Services, order: StoredOrder) -> CentraOrder:
    found = services.centra.orders(numbers=[order.centra_number or 0], lane=Lane.ORDERS)
    if not found:
        raise TryAgain(f"Centra does not show order {order.centra_number} yet")
    return found[0]


def _wait_for_lost_answer(services: Services, order: StoredOrder) -> None:
    """A cancellation whose answer was lost may still be at work: what Centra shows is believed only after a while."""
    if order.cancelling_since is None:
        return
    wait = (order.cancelling_since + policy.LOOK_GRACE - services.now()).total_seconds()
    if wait > 0:
        raise TryAgain("the answer to a cancellation was lost; looking whether Centra has done it", wait=wait)


def _cancel(services: Services, order: StoredOrder, made: CentraOrder, settlement: Settlement) -> None:
    with services.store.write() as db:
        orders.intend(db, order.id, Intention.CANCELLING, services.now())
    try:
        if settlement.whole_order:
            services.centra.cancel_order(made.id, COMMENT, lane=Lane.ORDERS)
        else:
            services.centra.cancel_lines(made.number, settlement.cancel, COMMENT, lane=Lane.ORDERS)
    except (TryAgain, Refused):
        with services.store.write() as db:
            orders.drop(db, order.id, Intention.CANCELLING)
        raise


def _blocked(services: Services, order: StoredOrder, made: CentraOrder, failure: Refused) -> Findings:
    """Centra said no. If the warehouse was quicker, the next look decides; else a person must."""
    now_there = _read(services, order)
    if (now_there.status, now_there.shipments, now_there.lines) != (made.status, made.shipments, made.lines):
        raise TryAgain("the order moved in Centra meanwhile; looking again", wait=0)
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "why": failure.reason}
    return [Problem(kinds.CANCEL_BLOCKED, order.subject, facts)]


def _settled(services: Services, order: StoredOrder, settlement: Settlement) -> Findings:
    now = services.now()
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.CANCELLING)
        for line in order_lines.lines(db, order.id):
            if rules.units_to_go(line) and line.line_reference not in settlement.ships:
                gone = line.cancelled + settlement.agreed.get(line.line_reference, 0)
                order_lines.learn_centra(db, line.id, cancelled=max(line.centra_cancelled, gone), short=0)
        if settlement.cancel:
            journal.tell(db, "order", order.subject, "cancelled in Centra", now, units=sum(settlement.cancel.values()))
        told = [each.get("line") for each in journal.story(db, "order", order.subject) if each["what"] == TOO_LATE]
        for reference in set(settlement.ships) - set(told):
            journal.tell(db, "order", order.subject, TOO_LATE, now, line=reference)
        if settlement.agreed:
            services.promise(db, steps.CANCELLATIONS_CONFIRM, [order.subject])
    return None


def to_confirm(lines: Sequence[StoredLine]) -> list[CancelItem]:
    """Units that are cancelled in Centra and that the retailer waits to hear of."""
    items = []
    for line in _asked(lines):
        units = rules.wanted_units(line)
        # The platform takes all that it asks for or nothing.
        if 0 < units <= line.centra_cancelled - line.cancelled:
            items.append(
                CancelItem(part_number=line.part_number, line_ref=line.line_reference, quantity=units)
            )
    return items


def _not_confirmed(services: Services, order: StoredOrder, failure: TryAgain | Refused) -> Findings:
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.CONFIRMING)
    if isinstance(failure, TryAgain) or failure.about_credential:
        raise failure
    before, left = _look_for_confirmed(services, order)
    if left != before:
        if left:
            raise TryAgain("some lines moved at the retailer meanwhile; confirming the rest", wait=0)
        return None
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "why": failure.reason}
    return [Problem(kinds.CANCEL_REFUSED, order.subject, facts)]


def _confirmed(services: Services, order: StoredOrder, units: dict[str, int]) -> Findings:
    now = services.now()
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.CONFIRMING)
        order_lines.count_cancelled(db, order, units, now, "confirmed to the retailer")
        _go_on(services, db, order)
    return None


def _look_for_confirmed(services: Services, order: StoredOrder) -> tuple[list[CancelItem], list[CancelItem]]:
    """What was to be confirmed before a look at the retailer's side, and after it.

    Where some units of a line were cancelled, the rest of it goes on as before: it shows no longer that it is to be
    cancelled, and that is all it shows.
    """
    began = services.now()
    seen = mirror.read(services, order)
    shown = mirror.statuses(seen)
    with services.store.write() as db:
        orders.drop(db, order.id, Intention.CONFIRMING)
        lines = {line.line_reference: line for line in order_lines.lines(db, order.id)}
        before = to_confirm(list(lines.values()))
        taken = {
            item.line_ref: item.quantity for item in before if _is_taken(lines[item.line_ref], shown.get(item.line_ref))
        }
        order_lines.count_cancelled(db, order, taken, services.now(), "found confirmed")
        mirror.adopt(services, db, order, seen, "seen at the retailer", read_at=began)
        _go_on(services, db, order)
        return before, to_confirm(order_lines.lines(db, order.id))


def _is_taken(line: StoredLine, shown: str | None) -> bool:
    if shown == Status.DISPATCH:
        # Of a line that had left in part it is the end of the cancelled rest; else somebody dispatched it.
        return line.dispatched > 0
    if rules.asks_for_part(line):
        return shown in (Status.ORDER, Status.ORDER_ACK, Status.BACKORDER)
    return shown == Status.CANCEL_ACK


def _go_on(services: Services, db: sa.Connection, order: StoredOrder) -> None:
    """What is left of the order goes on from where it was."""
    mirror.follow(services, db, order)
    if any(line.state is LineState.RECEIVED for line in order_lines.lines(db, order.id)):
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [order.subject])
