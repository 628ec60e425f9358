"""No price that looks like a mistake leaves by itself: the retailer's prices stop until a named person lets them go on.

Tripped by one price that moves too far in one step, or by too large a share of the live listings changing price within
a window. Every price of that retailer then waits behind one cause, and everything else goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa

from integration import kinds
from integration.domain.guardrails import is_mass, jump
from integration.flows import stops
from integration.flows.product_judgement import is_held, problems
from integration.flows.product_moves import Move, takes_prices
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import causes, guards

GUARD = "prices"
LEAST = Decimal("0.0001")
"""No retailer shows less: what its staff or a fault left there is no price to judge a step by."""


def concerns(profile: Retailer) -> bool:
    """Whether prices leave for this retailer at all."""
    return takes_prices(profile) and profile.switches.prices is True


@dataclass
class Tally:
    """What is about to change price at one retailer; a large range is gathered page by page."""

    profile: Retailer
    jump: str | None = None
    skus: set[str] = field(default_factory=set)
    samples: list[str] = field(default_factory=list)

    def add(self, db: sa.Connection, move: Move) -> None:
        """Take in a move, unless no price of it is about to change."""
        changed = _changed(move)
        if not changed or _approved(db, move) or is_held(move, problems(db, move)):
            return
        self.jump = self.jump or _jump(move, changed)
        self.samples.append(_sample(move))
        # Whether shoppers can buy it; where nobody knows its stock, they may.
        if move.listed.stock != 0:
            self.skus.add(move.listed.sku)


def watch(services: Services, db: sa.Connection, moves: Iterable[Move]) -> None:
    """Count what is about to change price, before any of it is sent; stop where it is too much."""
    tallies: dict[str, Tally] = {}
    for move in moves:
        tallies.setdefault(move.listed.retailer, Tally(move.profile)).add(db, move)
    now = services.now()
    for retailer, tally in tallies.items():
        minutes = tally.profile.guardrails.window_minutes
        count = guards.note(db, GUARD, retailer, tally.skus, now, minutes) if tally.skus else 0
        why = tally.jump or _too_many(db, tally.profile, count)
        if why and guards.stop(db, GUARD, retailer, now):
            causes.open_for(db, [_problem(db, tally, why)], now, item_id=None)


def check(services: Services, db: sa.Connection, move: Move) -> Problem | None:
    """Why the prices of this move may not leave now, or None: they may. It is counted, and stops what is too much."""
    watch(services, db, [move])
    if (GUARD, move.listed.retailer) not in guards.stopped(db):
        return None
    return kept_back(db, move, _problem(db, Tally(move.profile, samples=[_sample(move)]), ""))


def foreseen(db: sa.Connection, tally: Tally, now: datetime) -> Problem | None:
    """What would keep back the prices of a retailer if all of this were sent now; nothing is counted."""
    retailer, minutes = tally.profile.code, tally.profile.guardrails.window_minutes
    count = guards.foresee(db, GUARD, retailer, tally.skus, now, minutes) if tally.skus else 0
    why = tally.jump or _too_many(db, tally.profile, count)
    if why is None and (GUARD, retailer) not in guards.stopped(db):
        return None
    return _problem(db, tally, why or "")


def kept_back(db: sa.Connection, move: Move, stopped: Problem | None) -> Problem | None:
    """What of a retailer's stop concerns this move: nothing where it has no price, or a person let its prices pass."""
    return stopped if move.prices and not _approved(db, move) else None


def is_watched(move: Move) -> bool:
    """Whether a price of this move takes the place of another: that is what the guard looks at."""
    return bool(_changed(move))


def values(move: Move) -> list[str]:
    """What a person lets pass who lets these prices pass: exactly these."""
    return [f"{name}={text}" for name, text in move.prices.items()]


def _approved(db: sa.Connection, move: Move) -> bool:
    listed, wanted = move.listed, values(move)
    return bool(wanted) and all(guards.approved(db, GUARD, listed.retailer, listed.sku, each) for each in wanted)


def _changed(move: Move) -> list[tuple[Decimal, Decimal]]:
    """Prices before and after of the attributes that had one before; the first price of a listing is no change."""
    found = []
    for name, text in move.prices.items():
        before = _decimal(move.listed.accepted.get(name))
        if before is not None and before != Decimal(text):
            found.append((before, Decimal(text)))
    return found


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= LEAST else None


def _jump(move: Move, changed: Iterable[tuple[Decimal, Decimal]]) -> str | None:
    whys = (jump(before, after, move.profile.guardrails) for before, after in changed)
    return next((f"{move.listed.sku} {why}" for why in whys if why is not None), None)


def _too_many(db: sa.Connection, profile: Retailer, count: int) -> str | None:
    rails = profile.guardrails
    if count < rails.least_listings:
        return None
    live = guards.offered(db, profile.code)
    if not is_mass(count, live, rails.most_price_changes_percent, rails.least_listings):
        return None
    return f"{count} of {live} live listings change price within {rails.window_minutes} minutes"


def _problem(db: sa.Connection, tally: Tally, why: str) -> Problem:
    profile = tally.profile
    return stops.problem(db, kinds.PRICE_GUARD, profile.code, profile.name, why, tally.samples)


def _sample(move: Move) -> str:
    changes = ", ".join(
        f"{name} {move.listed.accepted.get(name) or 'none'} → {text}" for name, text in move.prices.items()
    )
    return f"{move.listed.sku} {changes}"
