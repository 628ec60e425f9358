"""No price that looks like a mistake leaves by itself: the retailer's prices stop until a named person lets them go on.

Tripped by one price that moves too far in one step, or by too large a share of the live listings changing price within
a window. Every price of that retailer then waits behind one cause, and everything else goes on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa

from integration import kinds
from integration.domain.guardrails import is_mass, jump
from integration.flows import stops
from integration.flows.product_moves import Move
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes, guards

GUARD = "prices"
LEAST = Decimal("0.0001")
"""No retailer shows less: what its staff or a fault left there is no price to judge a step by."""


def watch(services: Services, db: sa.Connection, moves: Sequence[Move]) -> None:
    """Count what is about to change price, before any of it is sent; stop where it is too much."""
    by_retailer: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        if _changed(move) and not _approved(db, move, move.prices):
            by_retailer[move.listed.retailer].append(move)
    for retailer, changing in by_retailer.items():
        skus = [move.listed.sku for move in changing if _is_live(move)]
        if why := _too_many(services, db, changing[0], skus):
            _stop(services, db, retailer, why, changing)


def check(services: Services, db: sa.Connection, move: Move) -> Problem | None:
    """Why the prices of this move may not leave now, or None: they may. It is counted, and stops what is too much."""
    if not move.prices or _approved(db, move, move.prices):
        return None
    counted = [move.listed.sku] if _changed(move) and _is_live(move) else []
    if why := _jumps(move) or _too_many(services, db, move, counted):
        _stop(services, db, move.listed.retailer, why, [move])
    return stopped_now(db, move)


def stopped_now(db: sa.Connection, move: Move) -> Problem | None:
    """The same for whoever only looks: nothing is counted, so a mass that nobody has counted yet does not show."""
    if not move.prices or _approved(db, move, move.prices):
        return None
    retailer, why = move.listed.retailer, _jumps(move)
    if why is None and (GUARD, retailer) not in guards.stopped(db):
        return None
    return stops.problem(db, kinds.PRICE_GUARD, retailer, move.profile.name, why or "", [_sample(move)])


def approve(services: Services, db: sa.Connection, move: Move, *, by: str, reason: str) -> None:
    """Let exactly these prices pass."""
    for name, text in move.prices.items():
        listed = move.listed
        guards.approve(db, GUARD, listed.retailer, listed.sku, f"{name}={text}", by, reason, services.now())


def _approved(db: sa.Connection, move: Move, prices: Mapping[str, str]) -> bool:
    listed = move.listed
    return bool(prices) and all(
        guards.approved(db, GUARD, listed.retailer, listed.sku, f"{name}={text}") for name, text in prices.items()
    )


def _changed(move: Move) -> dict[str, tuple[Decimal, Decimal]]:
    """Price attributes that had a price before; the first price of a listing is no change."""
    found = {}
    for name, text in move.prices.items():
        before = _decimal(move.listed.accepted.get(name))
        if before is not None and before != Decimal(text):
            found[name] = (before, Decimal(text))
    return found


def _is_live(move: Move) -> bool:
    """Whether shoppers can buy it; where nobody knows its stock, they may."""
    return move.listed.stock != 0


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= LEAST else None


def _jumps(move: Move) -> str | None:
    rails = move.profile.guardrails
    whys = (jump(before, after, rails) for before, after in _changed(move).values())
    return next((f"{move.listed.sku} {why}" for why in whys if why is not None), None)


def _too_many(services: Services, db: sa.Connection, move: Move, skus: Sequence[str]) -> str | None:
    rails, retailer = move.profile.guardrails, move.listed.retailer
    if not skus:
        return None
    window = int(services.now().timestamp() // (rails.window_minutes * 60))
    count = guards.note(db, GUARD, retailer, window, skus)
    if count < rails.least_listings:
        return None
    live = guards.offered(db, retailer)
    if not is_mass(count, live, rails.most_price_changes_percent, rails.least_listings):
        return None
    return f"{count} of {live} live listings change price within {rails.window_minutes} minutes"


def _stop(services: Services, db: sa.Connection, retailer: str, why: str, moves: Sequence[Move]) -> None:
    if guards.stop(db, GUARD, retailer, services.now()):
        name = moves[0].profile.name
        samples = [_sample(move) for move in moves]
        found = stops.problem(db, kinds.PRICE_GUARD, retailer, name, why, samples)
        causes.open_for(db, [found], services.now(), item_id=None)


def _sample(move: Move) -> str:
    changes = ", ".join(
        f"{name} {move.listed.accepted.get(name) or 'none'} → {text}" for name, text in move.prices.items()
    )
    return f"{move.listed.sku} {changes}"
