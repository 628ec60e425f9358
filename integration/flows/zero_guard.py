"""A range does not vanish from a retailer by a mistake of ours: a mass of falls to zero waits for a named person.

Only the falls to zero wait. A level that merely moves goes on, and one that rises again frees its SKU: holding those
back as well would oversell what is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from integration import kinds, steps
from integration.domain.guardrails import is_mass
from integration.flows import stops
from integration.problems import Problem
from integration.rulebook.retailer import Guardrails
from integration.services import Services
from integration.storage import causes, guards, work
from integration.storage.listings import Offer

GUARD = "stock to zero"
APPROVED = "0"


class Move(Protocol):
    """A quantity that should be sent, see `flows.stock.Move`."""

    @property
    def offer(self) -> Offer:
        """The listing."""

    @property
    def before(self) -> int | None:
        """What the retailer last accepted."""

    @property
    def quantity(self) -> int:
        """What it should show."""


def watch(services: Services, db: sa.Connection, moves: Iterable[Move]) -> None:
    """Count what is about to fall to zero, before any of it is sent; stop where it is too much."""
    for retailer, falling in _falling(db, moves).items():
        minutes = _rails(services, retailer).window_minutes
        count = guards.note(db, GUARD, retailer, _skus(falling), services.now(), minutes)
        why = _too_many(services, db, retailer, count)
        if why and guards.stop(db, GUARD, retailer, services.now()):
            causes.open_for(db, [_problem(services, db, retailer, why, falling)], services.now(), item_id=None)


def check(services: Services, db: sa.Connection, move: Move) -> Problem | None:
    """Why this fall to zero may not leave now, or None: it may. It is counted, and stops what is too much."""
    watch(services, db, [move])
    retailer = move.offer.retailer
    if (GUARD, retailer) not in guards.stopped(db):
        return None
    return next((_problem(services, db, retailer, "", each) for each in _falling(db, [move]).values()), None)


def foreseen(services: Services, db: sa.Connection, moves: Sequence[Move]) -> dict[int, Problem]:
    """What would keep these moves back if all of them were sent now, by listing; nothing is counted."""
    found: dict[int, Problem] = {}
    for retailer, falling in _falling(db, moves).items():
        minutes = _rails(services, retailer).window_minutes
        count = guards.foresee(db, GUARD, retailer, _skus(falling), services.now(), minutes)
        why = _too_many(services, db, retailer, count)
        if why or (GUARD, retailer) in guards.stopped(db):
            problem = _problem(services, db, retailer, why or "", falling)
            found |= {move.offer.listing_id: problem for move in falling}
    return found


def is_fall(move: Move) -> bool:
    """Whether this is a fall to zero."""
    return move.quantity == 0 and move.before is not None and move.before > 0


def free(db: sa.Connection, risen: Sequence[str], now: datetime) -> None:
    """What waited to fall to zero and does not any more is judged afresh."""
    held = {retailer for guard, retailer in guards.stopped(db) if guard == GUARD} if risen else set()
    subjects = [subject for subject in risen if subject.partition("/")[0] in held]
    if subjects:
        work.release_subjects(db, steps.STOCK_PUSH.name, subjects, now)


def _falling(db: sa.Connection, moves: Iterable[Move]) -> dict[str, list[Move]]:
    """The falls to zero that nobody has let pass, by retailer."""
    found: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        retailer, sku = move.offer.retailer, move.offer.sku
        if is_fall(move) and not guards.approved(db, GUARD, retailer, sku, APPROVED):
            found[retailer].append(move)
    return found


def _too_many(services: Services, db: sa.Connection, retailer: str, count: int) -> str | None:
    rails = _rails(services, retailer)
    if count < rails.least_listings:
        return None
    # Those that fell already cannot be bought any more, and belong to the whole all the same.
    live = guards.live(db, retailer) + guards.fallen(db, GUARD, retailer, services.now(), rails.window_minutes)
    if not is_mass(count, live, rails.most_to_zero_percent, rails.least_listings):
        return None
    return f"{count} of {live} live listings fall to zero within {rails.window_minutes} minutes"


def _problem(services: Services, db: sa.Connection, retailer: str, why: str, falling: Iterable[Move]) -> Problem:
    samples = [f"{move.offer.sku} {move.before} → 0" for move in falling]
    return stops.problem(db, kinds.ZERO_GUARD, retailer, services.rules().retailers[retailer].name, why, samples)


def _rails(services: Services, retailer: str) -> Guardrails:
    return services.rules().retailers[retailer].guardrails


def _skus(moves: Iterable[Move]) -> list[str]:
    return [move.offer.sku for move in moves]
