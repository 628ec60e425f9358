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
    falling: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        if _falls(move):
            falling[move.offer.retailer].append(move)
    for retailer, together in falling.items():
        _judge(services, db, retailer, together)


def check(services: Services, db: sa.Connection, move: Move) -> Problem | None:
    """Why this fall to zero may not leave now, or None: it may."""
    retailer, sku = move.offer.retailer, move.offer.sku
    if not _falls(move) or guards.approved(db, GUARD, retailer, sku, APPROVED):
        return None
    _judge(services, db, retailer, [move])
    if (GUARD, retailer) not in guards.stopped(db):
        return None
    return stops.problem(db, kinds.ZERO_GUARD, retailer, _name(services, retailer), "", [_sample(move)])


def free(db: sa.Connection, risen: Sequence[str], now: datetime) -> None:
    """What waited to fall to zero and does not any more is judged afresh."""
    held = {retailer for guard, retailer in guards.stopped(db) if guard == GUARD} if risen else set()
    subjects = [subject for subject in risen if subject.partition("/")[0] in held]
    if subjects:
        work.release_subjects(db, steps.STOCK_PUSH.name, subjects, now)


def _falls(move: Move) -> bool:
    return move.quantity == 0 and move.before is not None and move.before > 0


def _judge(services: Services, db: sa.Connection, retailer: str, moves: Iterable[Move]) -> None:
    rails, now = services.rules().retailers[retailer].guardrails, services.now()
    window = int(now.timestamp() // (rails.window_minutes * 60))
    fresh = [move for move in moves if not guards.approved(db, GUARD, retailer, move.offer.sku, APPROVED)]
    count = guards.note(db, GUARD, retailer, window, [move.offer.sku for move in fresh]) if fresh else 0
    if count < rails.least_listings:
        return
    # Those that fell in this window already are not live any more, and belong to the share all the same.
    live = max(guards.live(db, retailer), count)
    if not is_mass(count, live, rails.most_to_zero_percent, rails.least_listings):
        return
    if guards.stop(db, GUARD, retailer, now):
        why = f"{count} of {live} live listings fall to zero within {rails.window_minutes} minutes"
        found = stops.problem(db, kinds.ZERO_GUARD, retailer, _name(services, retailer), why, list(map(_sample, fresh)))
        causes.open_for(db, [found], now, item_id=None)


def _name(services: Services, retailer: str) -> str:
    return services.rules().retailers[retailer].name


def _sample(move: Move) -> str:
    return f"{move.offer.sku} {move.before} → 0"
