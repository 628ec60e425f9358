"""Orders: what a retailer orders is in Centra exactly once, and the retailer is told so.

`poll` stores the order as it came; `place` translates it and creates it in Centra in two steps (reserve, then
complete), so that a lost answer leaves at worst a reservation that the next try takes up; `acknowledge` tells the
retailer, and `confirm` lets the warehouse have it. Each writes down what it is about to do before it does it, and
looks before it repeats anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.centra.schema import Order as CentraOrder
from integration.centra.schema import OrderDraft
from integration.domain.acknowledgements import Acknowledgement, to_acknowledge
from integration.domain.orders import sku_keys, to_centra
from integration.flows.work import Findings, credential_works
from integration.lanes import Lane
from integration.problems import Problem, Refused, TryAgain
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import causes, journal, listings, orders, sizes, work
from integration.storage.orders import StoredLine, StoredOrder
from integration.virtualstock.schema import Order, OrderItem, Status

LOOK_MARGIN = timedelta(minutes=5)
"""How far before our own time-stamp a Centra order may be dated; clocks differ."""
LARGEST_LOOK = 40
"""Pages of recent orders that a look goes through before it asks to be repeated."""
INCOMPLETE, PENDING = "INCOMPLETE", "PENDING"


@dataclass(frozen=True)
class Skus:
    """What each line's article is in Centra: `found` by line reference, `ambiguous` with the SKUs it could be."""

    found: Mapping[str, str | None]
    ambiguous: Mapping[str, tuple[str, ...]]


def poll(services: Services, retailer: str) -> Findings:
    """Store every new order of a retailer before anything else is done with it."""
    profile = services.rules().retailers[retailer]
    if not profile.switches.orders:
        return None
    rows = services.client_of(retailer).orders(
        Status.ORDER, retailer_id=profile.virtualstock.customer_id, lane=Lane.ORDERS
    )
    problems = []
    with services.store.write() as db:
        for raw in rows:
            order = Order.parse(raw)
            if order.retailer_id not in (None, profile.virtualstock.customer_id):
                continue
            if order.id is None or order.order_reference is None:
                problems.append(_unreadable(profile, order))
            else:
                _receive(services, db, retailer, order.order_reference, order.id, raw)
        # Reported beside the poll, not by holding it: the retailer's other orders must keep coming in.
        causes.open_for(db, problems, services.now(), item_id=None)
    credential_works(services, steps.ORDERS_POLL, retailer)
    return None


def place(services: Services, subject: str) -> Findings:
    """Create one order in Centra, or say everything that keeps it from being created."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or order.state not in (orders.RECEIVED, orders.PLACING):
        return None
    draft = translate(services, order)
    if isinstance(draft, list):
        return draft
    known = order.centra_number or (_look(services, order) if order.placing_since else None)
    made = known or _create(services, order, draft)
    if isinstance(made, Problem):
        return [made]
    with services.store.write() as db:
        number = orders.bind(db, order.id, made)
    return _finish(services, order, number, draft, reserved=known is None and number == made)


def confirm(services: Services, subject: str) -> Findings:
    """Tie our reference to the order in Centra, let the warehouse have it, and learn which line is which."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or order.placed_at is None or order.centra_number is None or order.confirmed_at is not None:
        return None
    number = order.centra_number
    made = _read(services, number)
    if made is None or made.status == INCOMPLETE:
        raise TryAgain(f"Centra does not show order {number} yet")
    try:
        _adopt(services, made, subject)
    except Refused as failure:
        if failure.about_credential:
            raise
        return [_problem(kinds.ORDER_UNCONFIRMED, services.rules().retailers[order.retailer], order, failure.reason)]
    now = services.now()
    with services.store.write() as db:
        orders.confirmed(db, order.id, _centra_lines(orders.lines(db, order.id), made), now)
        journal.tell(db, "order", subject, "confirmed", now, centra_order=number)
    return None


def acknowledge(services: Services, subject: str) -> Findings:
    """Tell the retailer, by its own rules, that its order is in Centra."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None or order.acknowledged_at is not None or order.placed_at is None:
        return None
    profile = services.rules().retailers[order.retailer]
    if not profile.switches.acknowledgements:
        return None
    if order.acknowledging_since and _left_new(services, order):
        return _acknowledged(services, order, "found acknowledged")
    planned = plan_acknowledgement(services, order)
    if isinstance(planned, list):
        return planned
    if not planned.items:
        return _acknowledged(services, order, "nothing to acknowledge")
    with services.store.write() as db:
        orders.begin_acknowledging(db, order.id, services.now())
    try:
        services.client_of(order.retailer).acknowledge(order.virtualstock_id, planned.items, lane=Lane.ORDERS)
    except TryAgain:
        with services.store.write() as db:
            orders.not_acknowledged(db, order.id)
        raise
    except Refused as failure:
        if failure.about_credential:
            raise
        if _left_new(services, order):
            return _acknowledged(services, order, "found acknowledged")
        return [_problem(kinds.ACKNOWLEDGE_REFUSED, profile, order, failure.reason)]
    return _acknowledged(services, order, "acknowledged")


def plan_acknowledgement(services: Services, order: StoredOrder) -> Acknowledgement | list[Problem]:
    """What the retailer would be told of a stored order, by the newest rules."""
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    return to_acknowledge(
        Order.parse(order.raw), profile, rules.calendars[profile.sla.calendar],
        received_at=order.received_at, now=services.now(),
    )  # fmt: skip


def translate(services: Services, order: StoredOrder) -> OrderDraft | list[Problem]:
    """The Centra order that a stored order stands for, by the newest rules."""
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    parsed = Order.parse(order.raw)
    with services.store.read() as db:
        skus = find_skus(db, rules, profile, parsed)
    return to_centra(
        parsed, profile, skus.found, ambiguous=skus.ambiguous, our_reference=order.subject,
        received_at=order.received_at, centra_zone=services.centra_zone,
    )  # fmt: skip


def find_skus(db: sa.Connection, rules: Rulebook, profile: Retailer, order: Order) -> Skus:
    """Match each line by the profile's keys in turn; the first key that matches anything decides."""
    found: dict[str, str | None] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    for item in order.items:
        if item.line_reference is None:
            continue
        candidates = _candidates(db, rules, profile, item)
        found[item.line_reference] = candidates[0] if len(candidates) == 1 else None
        if len(candidates) > 1:
            ambiguous[item.line_reference] = tuple(candidates)
    return Skus(found, ambiguous)


def _candidates(db: sa.Connection, rules: Rulebook, profile: Retailer, item: OrderItem) -> list[str]:
    override = rules.sku_override(profile.code, item.part_number or "")
    if override is not None:
        return [override]
    for where, value in sku_keys(item, profile):
        if where == "listing":
            skus = sorted(listings.skus_by_part_number(db, profile.code, [value]).get(value, set()))
        else:
            skus = sorted(sku for _, sku in sizes.matching(db, where, value))
        if skus:
            return skus
    return []


def _receive(
    services: Services, db: sa.Connection, retailer: str, reference: str, number: int, raw: dict[str, Any]
) -> None:
    now = services.now()
    subject = f"{retailer}/{reference}"
    if orders.receive(db, retailer, reference, number, raw, now):
        journal.tell(db, "order", subject, "received", now, virtualstock_id=number)
        services.promise(db, steps.ORDERS_PLACE, [subject])
        return
    known = orders.by_subject(db, subject)
    if known is None:
        return
    if known.placed_at is None:
        if known.raw != raw:
            # The retailer corrected an order that is not in Centra yet: judge it afresh.
            orders.replace_raw(db, known.id, raw)
            work.release_subject(db, steps.ORDERS_PLACE.name, subject, now)
        services.promise(db, steps.ORDERS_PLACE, [subject])
    elif known.acknowledged_at is None:
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [subject])


def _look(services: Services, order: StoredOrder) -> int | None:
    """Whether an earlier try reached Centra after all: by our external id, then among recent orders by our mark.

    :raises TryAgain: not there yet, and a request sent a moment ago may still be at work.
    """
    since = order.placing_since
    assert since is not None  # noqa: S101 - the caller's condition, for the type checker
    for found in services.centra.orders(external_ids=[order.subject], lane=Lane.ORDERS):
        return found.number
    market = services.rules().retailers[order.retailer].centra.market
    for page in range(1, LARGEST_LOOK + 1):
        recent = services.centra.orders(
            created_from=since - LOOK_MARGIN, market_id=market, page=page, lane=Lane.ORDERS
        )
        for found in recent:
            if f"Reference: {order.subject}" in (found.internal_comment or "").splitlines():
                return found.number
        if not recent:
            break
    else:
        raise TryAgain("too many recent orders in Centra to look through; looking again")
    wait = (since + policy.LOOK_GRACE - services.now()).total_seconds()
    if wait > 0:
        raise TryAgain("the answer was lost and the order is not in Centra yet; looking again", wait=wait)
    return None


def _create(services: Services, order: StoredOrder, draft: OrderDraft) -> int | Problem:
    """Reserve the order in Centra. A `LookFirst` leaves the intention on record, so that the next try looks."""
    with services.store.write() as db:
        orders.begin_placing(db, order.id, services.now())
    try:
        created = services.centra.create_order(draft, create_only=True, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        with services.store.write() as db:
            orders.not_placed(db, order.id)
        if isinstance(failure, TryAgain) or failure.about_credential:
            raise
        return _refusal(services, order, failure)
    if len(created.numbers) != 1:
        return _split(services, order, created.numbers)
    return created.numbers[0]


def _finish(
    services: Services, order: StoredOrder, number: int, draft: OrderDraft, *, reserved: bool
) -> Findings:
    """Complete the reservation if it is one, and write down what it became.

    :param reserved: it was reserved a moment ago; else a look tells whether an earlier try has completed it.
    """
    made = None if reserved else _read(services, number)
    if made is None or made.status == INCOMPLETE:
        try:
            numbers = services.centra.complete_order(number, draft, lane=Lane.ORDERS)
        except Refused as failure:
            if failure.about_credential:
                raise
            return [_refusal(services, order, failure)]
        if numbers and set(numbers) != {number}:
            return [_split(services, order, numbers)]
    return _placed(services, order, number)


def _placed(services: Services, order: StoredOrder, number: int) -> Findings:
    rows = _lines(services, order)
    now = services.now()
    with services.store.write() as db:
        orders.placed(db, order.id, rows, now)
        journal.tell(db, "order", order.subject, "placed", now, centra_order=number)
        sizes.mark_skus_stale(db, {row["sku"] for row in rows})
        services.promise(db, steps.STOCK_READ, [steps.CENTRA])
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [order.subject])
        services.promise(db, steps.ORDERS_CONFIRM, [order.subject])
    return None


def _lines(services: Services, order: StoredOrder) -> list[dict[str, Any]]:
    rules = services.rules()
    parsed = Order.parse(order.raw)
    with services.store.read() as db:
        skus = find_skus(db, rules, rules.retailers[order.retailer], parsed)
    return [
        {"line_reference": item.line_reference, "part_number": item.part_number or "", "sku": sku,
         "quantity": item.quantity}
        for item in parsed.items
        if item.quantity and (sku := skus.found.get(item.line_reference or "")) is not None
    ]  # fmt: skip


def _centra_lines(lines: Sequence[StoredLine], made: CentraOrder) -> dict[str, int | None]:
    """The Centra line each of ours became: the one with its SKU, by its comment where several have it."""
    found: dict[str, int | None] = {}
    for ours in lines:
        same = [line for line in made.lines if line.sku == ours.sku]
        named = [line for line in same if (line.comment or "").strip() == ours.line_reference.strip()]
        line = next(iter(named or same), None)
        found[ours.line_reference] = line.id if line else None
    return found


def _adopt(services: Services, made: CentraOrder, subject: str) -> None:
    pending, named = made.status == PENDING, made.external_id == subject
    if pending and not named:
        services.centra.adopt_order(made.number, subject, lane=Lane.ORDERS)
    elif pending:
        services.centra.confirm_order(made.number, lane=Lane.ORDERS)
    elif not named:
        services.centra.set_external_id(made.number, subject, lane=Lane.ORDERS)


def _read(services: Services, number: int) -> CentraOrder | None:
    found = services.centra.orders(numbers=[number], lane=Lane.ORDERS)
    return found[0] if found else None


def _left_new(services: Services, order: StoredOrder) -> bool:
    """A look: whether the retailer's side no longer counts the order as new."""
    raw = services.client_of(order.retailer).order(order.virtualstock_id, lane=Lane.ORDERS)
    return raw is not None and Order.parse(raw).status not in ("", Status.ORDER)


def _acknowledged(services: Services, order: StoredOrder, what: str) -> Findings:
    now = services.now()
    with services.store.write() as db:
        orders.acknowledged(db, order.id, now)
        journal.tell(db, "order", order.subject, what, now)
    return None


def _refusal(services: Services, order: StoredOrder, failure: Refused) -> Problem:
    profile = services.rules().retailers[order.retailer]
    # Order API, create order: -2 is missing stock, every other code is a refusal of what was sent.
    kind = kinds.OUT_OF_STOCK if failure.code == "-2" else kinds.ORDER_REFUSED
    return _problem(kind, profile, order, failure.reason)


def _split(services: Services, order: StoredOrder, numbers: tuple[int, ...]) -> Problem:
    profile = services.rules().retailers[order.retailer]
    facts = {"retailer": profile.name, "reference": order.reference, "numbers": ", ".join(map(str, numbers))}
    return Problem(kinds.ORDER_SPLIT, order.subject, facts)


def _problem(kind: kinds.Kind, profile: Retailer, order: StoredOrder, why: str) -> Problem:
    return Problem(kind, order.subject, {"retailer": profile.name, "reference": order.reference, "why": why})


def _unreadable(profile: Retailer, order: Order) -> Problem:
    name = order.order_reference or f"number {order.id}"
    facts = {"retailer": profile.name, "reference": name, "why": "it has no reference or no id"}
    return Problem(kinds.UNREADABLE_ORDER, f"{profile.code}/{name}", facts)
