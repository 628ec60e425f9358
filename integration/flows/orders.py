"""Orders: what a retailer orders is in Centra exactly once, and the warehouse may have it.

`poll` stores the order as it came; `place` translates it and creates it in Centra in two steps (reserve, then
complete), so that a lost answer leaves at worst a reservation that the next try takes up; `confirm` lets the warehouse
have it. Each writes down what it is about to do before it does it, and looks before it repeats anything.
"""

from collections.abc import Sequence
from datetime import timedelta

from integration import kinds, policy, steps
from integration.centra.drafts import OrderDraft
from integration.centra.schema import Order as CentraOrder
from integration.domain.cancellations import asks_for_part
from integration.domain.orders import to_centra
from integration.flows import mirror, receiving, watch
from integration.flows.skus import find_skus, known_skus
from integration.flows.work import Findings, credential_works
from integration.lanes import Lane
from integration.lifecycle import OVER, LineState
from integration.problems import Problem, Refused, TryAgain
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import journal, order_lines, orders, sizes
from integration.storage.order_lines import StoredLine
from integration.storage.orders import Intention, StoredOrder
from integration.virtualstock.schema import Order, Status

LOOK_MARGIN = timedelta(minutes=5)
"""How far before our own time-stamp a Centra order may be dated; clocks differ."""
LARGEST_LOOK = 40
"""Pages of recent orders that a look goes through before it asks to be repeated."""
INCOMPLETE, PENDING = "INCOMPLETE", "PENDING"
NO_STOCK = "-2"
"""Order API, create order: missing stock; every other code is a refusal of what was sent."""


def poll(services: Services, retailer: str) -> Findings:
    """Store every new order of a retailer before anything else is done with it."""
    profile = services.rules().retailers[retailer]
    if not profile.switches.orders:
        return None
    began = services.now()
    rows = services.client_of(retailer).orders(
        Status.ORDER, retailer_id=profile.virtualstock.customer_id, lane=Lane.ORDERS
    )
    receiving.receive(services, profile, rows, read_at=began)
    credential_works(services, steps.ORDERS_POLL, retailer)
    return None


def place(services: Services, subject: str) -> Findings:
    """Create one order in Centra, or say everything that keeps it from being created."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
        lines = order_lines.lines(db, order.id) if order else []
    if order is None or order.placed_at is not None:
        return None
    begun = order.placing_since is not None or order.centra_number is not None
    if not begun and any(_is_unclear(line, services.rules().retailers[order.retailer]) for line in lines):
        raise TryAgain("the retailer cancels units; how many are left to place is being asked", wait=2)
    ordered = [line for line in lines if line.quantity]
    # Without any units an order is not over but unusable, and the translation says so.
    if ordered and not begun and not [line for line in ordered if _to_place(line)]:
        return None
    draft = translate(services, order)
    if isinstance(draft, list):
        return draft
    if order.rehearsal:
        return _placed(services, order, None)
    known = order.centra_number or (_look(services, order) if order.placing_since else None)
    made = known or _create(services, order, lines, draft)
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
        order_lines.learn_centra_lines(db, order.id, _centra_lines(order_lines.lines(db, order.id), made))
        orders.confirmed(db, order.id, now)
        journal.tell(db, "order", subject, "confirmed", now, centra_order=number)
        watch.observe(services, db, order, made)
    return None


def translate(services: Services, order: StoredOrder) -> OrderDraft | list[Problem]:
    """The Centra order that a stored order stands for, by the newest rules."""
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    with services.store.read() as db:
        parsed = _as_it_stands(order, order_lines.lines(db, order.id))
        skus = find_skus(db, rules, profile, parsed)
    return to_centra(
        parsed, profile, skus.found, ambiguous=skus.ambiguous, our_reference=order.subject,
        received_at=order.received_at, centra_zone=services.centra_zone,
    )  # fmt: skip


def _to_place(line: StoredLine) -> bool:
    if line.state is LineState.CANCELLING:
        return asks_for_part(line)
    return line.state not in OVER


def _is_unclear(line: StoredLine, profile: Retailer) -> bool:
    unknown = line.state is LineState.CANCELLING and line.cancel_asked is None and line.open > 1
    return unknown and profile.cancel.part_lines


def _as_it_stands(order: StoredOrder, lines: Sequence[StoredLine]) -> Order:
    """The order as it came, without what the retailer has cancelled since. Once a call may have created it in Centra
    it stays what that call said; what was cancelled since is then cancelled there."""
    parsed = Order.parse(order.raw)
    begun = order.placing_since is not None or order.centra_number is not None
    now = {line.line_reference: _said(line) if begun else _status(line) for line in lines}
    items = tuple(
        item.model_copy(update={"status": now[item.line_reference]})
        if item.line_reference in now and item.quantity else item
        for item in parsed.items
    )  # fmt: skip
    return parsed.model_copy(update={"items": items})


def _status(line: StoredLine) -> Status:
    if _to_place(line):
        return Status.ORDER
    gone = {LineState.CANCELLING: Status.CANCEL, LineState.CANCELLED: Status.CANCEL_ACK}
    return gone.get(line.state, Status.DISPATCH)


def _said(line: StoredLine) -> Status:
    """What the call that may have created it said of a line: those in it have been given their SKU."""
    return Status.ORDER if line.sku is not None else Status.CANCEL_ACK


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


def _create(
    services: Services, order: StoredOrder, lines: Sequence[StoredLine], draft: OrderDraft
) -> int | Problem:
    """Reserve the order in Centra. A `LookFirst` leaves the intention on record, so that the next try looks."""
    with services.store.write() as db:
        orders.lock(db, order.id)
        if [_status(line) for line in order_lines.lines(db, order.id)] != [_status(line) for line in lines]:
            raise TryAgain("the retailer cancelled lines meanwhile; placing the rest", wait=0)
        skus = {each.comment: each.sku for each in draft.lines}
        order_lines.learn_skus(db, order.id, {line.line_reference: skus.get(line.line_reference) for line in lines})
        orders.intend(db, order.id, Intention.PLACING, services.now())
    try:
        created = services.centra.create_order(draft, create_only=True, lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        if isinstance(failure, Refused) and failure.code == NO_STOCK and _as_demand(services, order, draft):
            with services.store.write() as db:
                order_lines.all_short(db, order.id)
            return _create(services, order, lines, draft.model_copy(update={"force_create": True}))
        with services.store.write() as db:
            orders.drop(db, order.id, Intention.PLACING)
            if any(line.state is LineState.CANCELLING for line in order_lines.lines(db, order.id)):
                # Asked for while the call was out, when nobody knew whether there would be something to cancel.
                services.promise(db, steps.CANCELLATIONS_SETTLE, [order.subject])
        if isinstance(failure, TryAgain) or failure.about_credential:
            raise
        return _refusal(services, order, failure)
    if len(created.numbers) != 1:
        return _split(services, order, created.numbers)
    return created.numbers[0]


def _as_demand(services: Services, order: StoredOrder, draft: OrderDraft) -> bool:
    rule = services.rules().retailers[order.retailer].backorder.out_of_stock
    return rule == "demand" and not draft.force_create


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


def _placed(services: Services, order: StoredOrder, number: int | None) -> Findings:
    """Write down that it is in Centra, or that everything which would put it there was rehearsed."""
    skus = known_skus(services, order)
    now = services.now()
    with services.store.write() as db:
        order_lines.store(db, order.id, mirror.line_rows(Order.parse(order.raw)))
        order_lines.learn_skus(db, order.id, skus)
        orders.placed(db, order.id, now)
        if number is None:
            orders.confirmed(db, order.id, now)
            journal.tell(db, "order", order.subject, "rehearsed", now)
        else:
            journal.tell(db, "order", order.subject, "placed", now, centra_order=number)
            sizes.mark_skus_stale(db, set(skus.values()))
            services.promise(db, steps.STOCK_READ, [steps.CENTRA])
            services.promise(db, steps.ORDERS_CONFIRM, [order.subject])
        services.promise(db, steps.ORDERS_ACKNOWLEDGE, [order.subject])
    return None


def _centra_lines(lines: Sequence[StoredLine], made: CentraOrder) -> dict[str, int | None]:
    """The Centra line each of ours became: the one with its SKU that names it in its comment, or names none of ours.

    A line that was left out became none, even where another one has its article.
    """
    names = {line.line_reference.strip() for line in lines}
    found: dict[str, int | None] = {}
    for ours in lines:
        same = [(line.id, (line.comment or "").strip()) for line in made.lines if line.sku == ours.sku]
        named = [number for number, name in same if name == ours.line_reference.strip()]
        nameless = [number for number, name in same if name not in names]
        found[ours.line_reference] = next(iter(named or nameless), None)
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


def _refusal(services: Services, order: StoredOrder, failure: Refused) -> Problem:
    profile = services.rules().retailers[order.retailer]
    if failure.code != NO_STOCK:
        return _problem(kinds.ORDER_REFUSED, profile, order, failure.reason)
    skus = known_skus(services, order)
    postpone = profile.backorder.out_of_stock == "backorder"
    with services.store.write() as db:
        # Known now, so that the stock it waits for finds it.
        order_lines.learn_skus(db, order.id, skus)
        if postpone:
            services.promise(db, steps.BACKORDERS_ANNOUNCE, [order.subject])
    return _problem(kinds.WAITS_FOR_STOCK if postpone else kinds.OUT_OF_STOCK, profile, order, failure.reason)


def _split(services: Services, order: StoredOrder, numbers: tuple[int, ...]) -> Problem:
    profile = services.rules().retailers[order.retailer]
    facts = {"retailer": profile.name, "reference": order.reference, "numbers": ", ".join(map(str, numbers))}
    return Problem(kinds.ORDER_SPLIT, order.subject, facts)


def _problem(kind: kinds.Kind, profile: Retailer, order: StoredOrder, why: str) -> Problem:
    return Problem(kind, order.subject, {"retailer": profile.name, "reference": order.reference, "why": why})
