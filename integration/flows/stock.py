"""Stock: Centra is the master, and each retailer shows the newest quantity it may, by one call per real change.

An event only says that a size must be read again. `read` fetches the newest quantities in bulk and asks for a
`push` where a listing differs from what its retailer last accepted; `push` compares once more, then sends.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa

from integration import kinds, steps
from integration.domain.stock import decide, is_urgent, publishable
from integration.flows import sweeps, watch, zero_guard
from integration.flows.sweeps import Sweep
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import LookFirst, Problem, Refused, TryAgain
from integration.rulebook import Rulebook
from integration.services import Services
from integration.storage import guards, journal, listings, shadows, sizes
from integration.storage.listings import Offer

PAGE = 200
"""Sizes a request: the most Centra returns (Centra docs: Integration API, limits)."""
SWEEP = Sweep("stock")
SHADOWED = "stock"


@dataclass(frozen=True)
class Move:
    """A quantity that should be sent: `before` is what the retailer last accepted.

    `shadow`: it is only written down, and `before` is what was written down last.
    """

    offer: Offer
    before: int | None
    quantity: int
    shadow: bool = False

    @property
    def needed(self) -> bool:
        """Whether the retailer shows something else, or may."""
        return self.offer.unsettled or decide(self.quantity, self.before)

    @property
    def body(self) -> dict[str, str]:
        """What a shadow remembers of it."""
        return {"quantity": str(self.quantity)}


def read(services: Services, _subject: str) -> Findings:
    """Read the newest quantities of up to one page of stale sizes, and ask for the pushes that follow."""
    with services.store.write() as db:
        asked = sizes.stale(db, PAGE)
        seq = sizes.begin_read(db)
        began = services.now()
    if not asked:
        return None
    found = services.centra.sizes(sorted(asked), lane=Lane.URGENT)
    with services.store.write() as db:
        sizes.record(db, found, seq, began, asked)
        ask_pushes(services, db, asked, first=Lane.STOCK)
        watch.stock_came(services, db, found)
        if sizes.stale(db, 1):
            services.promise(db, steps.STOCK_READ, [steps.CENTRA])
    return None


def sweep(services: Services, _subject: str) -> Findings:
    """Read one page of all sizes; find what every event missed. Resumes where the last run stopped."""
    page, seq = sweeps.next_page(services, SWEEP)
    if page == 1:
        warehouses = services.centra.warehouses(lane=Lane.RECONCILIATION)
        with services.store.write() as db:
            sizes.record_warehouses(db, warehouses)
    began = services.now()
    found = services.centra.sizes_page(page, PAGE, lane=Lane.RECONCILIATION)
    with services.store.write() as db:
        sizes.record(db, found, seq, began)
        ask_pushes(services, db, [size.id for size in found], first=Lane.CATALOGUE)
        watch.stock_came(services, db, found)
        sweeps.took(services, db, SWEEP, len(found), full=len(found) == PAGE)
    return None


def ask_pushes(services: Services, db: sa.Connection, size_ids: Collection[int], *, first: Lane) -> None:
    """Promise a push for each listing of these sizes that differs from what its retailer accepted.

    :param first: the lane of a listing whose retailer has accepted nothing yet. A first publication is bulk.
    """
    rules, now = services.rules(), services.now()
    asked, risen = [], []
    moves = _moves(db, rules, listings.of_sizes(db, size_ids))
    zero_guard.watch(services, db, [move for move in moves if not move.shadow])
    for move in moves:
        if move.quantity:
            risen.append(f"{move.offer.retailer}/{move.offer.sku}")
        if move.needed:
            rule = rules.stock_rule(move.offer.retailer, move.offer.sku)
            lane = first if move.before is None else Lane.STOCK
            if move.before is not None and is_urgent(move.quantity, move.before, rule.last_units):
                lane = Lane.URGENT
            asked.append((steps.STOCK_PUSH, f"{move.offer.retailer}/{move.offer.sku}", lane))
    services.promise_all(db, asked, now)
    zero_guard.free(db, risen, now)


def plan(services: Services, subject: str) -> list[Move]:
    """What a push of ``<retailer>/<sku>`` would compare and send, now."""
    retailer, _, sku = subject.partition("/")
    with services.store.read() as db:
        return _moves(db, services.rules(), listings.of_sku(db, retailer, sku))


def plan_all(services: Services, db: sa.Connection, retailer: str, skus: Collection[str]) -> list[Move]:
    """The same for many SKUs of a retailer."""
    return _moves(db, services.rules(), listings.of_skus(db, retailer, skus))


def count_falls(services: Services, subjects: Iterable[str]) -> None:
    """These are about to be pushed together; a guardrail that trips half way has let half of a mistake through."""
    falls = [move for subject in subjects for move in plan(services, subject) if not move.shadow]
    with services.store.write() as db:
        zero_guard.watch(services, db, falls)


def push(services: Services, subject: str) -> Findings:
    """A level moved. Send the newest one, unless the retailer has accepted just that."""
    retailer, _, sku = subject.partition("/")
    for move in plan(services, subject):
        if move.needed and (problem := _stopped(services, move) or _send(services, retailer, sku, move)):
            return [problem]
    return None


def _stopped(services: Services, move: Move) -> Problem | None:
    if move.quantity or move.shadow:
        return None
    with services.store.write() as db:
        return zero_guard.check(services, db, move)


def _send(services: Services, retailer: str, sku: str, move: Move) -> Problem | None:
    if move.shadow:
        with services.store.write() as db:
            shadows.record(db, SHADOWED, retailer, sku, move.offer.listing_id, move.body, services.now())
        return None
    token = uuid4().hex
    with services.store.write() as db:
        if not listings.intend(db, move.offer, move.quantity, token):
            # Something read later than our reading has been accepted; the item is asked again if it must be.
            return None
    try:
        services.client_of(retailer).set_stock(move.offer.product_id, move.quantity, lane=_lane(services, move))
    except TryAgain:
        with services.store.write() as db:
            listings.not_sent(db, move.offer, token)
        raise
    except LookFirst as failure:
        # Stock cannot be read back everywhere, and a quantity may be sent twice: look by sending the newest again.
        raise TryAgain(failure.reason) from failure
    except Refused as failure:
        return _refusal(services, retailer, sku, move, token, failure)
    _accept(services, retailer, sku, move, token)
    return None


def _accept(services: Services, retailer: str, sku: str, move: Move, token: str) -> None:
    now = services.now()
    with services.store.write() as db:
        if listings.accepted(db, move.offer, move.quantity, token, now):
            journal.tell(db, "sku", sku, "stock accepted", now, retailer=retailer, before=move.before,
                         quantity=move.quantity)  # fmt: skip
            if move.quantity == 0:
                guards.used(db, zero_guard.GUARD, retailer, sku)
        else:
            listings.unsettle(db, move.offer)
            services.promise(db, steps.STOCK_PUSH, [f"{retailer}/{sku}"], lane=Lane.URGENT)


def _refusal(
    services: Services, retailer: str, sku: str, move: Move, token: str, failure: Refused
) -> Problem:
    if failure.about_credential:
        with services.store.write() as db:
            listings.not_sent(db, move.offer, token)
        raise failure
    gone = failure.status == 404
    with services.store.write() as db:
        listings.mark_gone(db, move.offer) if gone else listings.not_sent(db, move.offer, token)
    kind = kinds.LISTING_GONE if gone else kinds.STOCK_REFUSED
    facts = {"retailer": services.rules().retailers[retailer].name, "sku": sku, "why": failure.reason}
    return Problem(kind, f"{retailer}/{sku}", facts)


def _moves(db: sa.Connection, rules: Rulebook, offers: Collection[Offer]) -> list[Move]:
    moves = []
    for offer in offers:
        profile = rules.retailers.get(offer.retailer)
        if profile is None or not profile.switches.stock or offer.size is None:
            continue
        warehouses = sizes.warehouses_of(db, profile.centra.market)
        if not warehouses:
            # Never read: an empty sum would look like "sold out" to every retailer.
            continue
        rule = rules.stock_rule(offer.retailer, offer.sku)
        nothing = offer.size_gone or offer.withdrawn
        quantity = 0 if nothing else publishable(offer.size, warehouses=warehouses, rule=rule)
        shadow = profile.switches.stock == "shadow"
        before = _shadowed(db, offer) if shadow else offer.agreed
        moves.append(Move(offer, before, quantity, shadow))
    return moves


def _shadowed(db: sa.Connection, offer: Offer) -> int | None:
    """What the retailer would show now, had everything been sent."""
    last = shadows.last(db, SHADOWED, offer.listing_id)
    return int(last["quantity"]) if last else offer.agreed


def _lane(services: Services, move: Move) -> Lane:
    if move.before is None:
        # Bulk of first publications is held back where work is handed out; once it is here, it may go.
        return Lane.STOCK
    rule = services.rules().stock_rule(move.offer.retailer, move.offer.sku)
    return Lane.URGENT if is_urgent(move.quantity, move.before, rule.last_units) else Lane.STOCK
