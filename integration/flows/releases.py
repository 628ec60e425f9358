"""What a guardrail stopped is let go by a named person with a reason: all of it, or some SKUs.

What was let go is written down value by value: the values that wait now pass, and nothing else slips through with them.
A stop is seen before most of what it stops: what is still on its way to it waits as well, and is let go with the rest.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from integration import kinds, steps
from integration.flows import price_guard, product_moves, products, stock, sweeps, zero_guard
from integration.flows.sweeps import Sweep
from integration.services import Services
from integration.steps import Step
from integration.storage import causes, guards, journal, work
from integration.storage.causes import Pace

Value = tuple[str, str]
"""An SKU, and what of it a guard looks at."""


@dataclass(frozen=True)
class _Guard:
    """A guard: what it is called, the step that it stops, and the values that are to pass.

    `values` takes a retailer, the SKUs that are held and those that are on their way.
    """

    name: str
    step: Step
    values: Callable[[Services, sa.Connection, str, Collection[str], Collection[str]], Iterable[Value]]


def _prices(
    services: Services, db: sa.Connection, retailer: str, held: Collection[str], coming: Collection[str]
) -> Iterable[Value]:
    for move in product_moves.of_skus(services, db, retailer, {*held, *coming}):
        # A held listing waits with all its prices, also with the first ones.
        if move.listed.sku in held or price_guard.is_watched(move):
            yield from ((move.listed.sku, value) for value in price_guard.values(move))


def _falls(
    services: Services, db: sa.Connection, retailer: str, held: Collection[str], coming: Collection[str]
) -> Iterable[Value]:
    for move in stock.plan_all(services, db, retailer, {*held, *coming}):
        if not move.shadow and zero_guard.is_fall(move):
            yield move.offer.sku, zero_guard.APPROVED


GUARDS: Mapping[str, _Guard] = {
    kinds.PRICE_GUARD.code: _Guard(price_guard.GUARD, steps.PRODUCTS_PUSH, _prices),
    kinds.ZERO_GUARD.code: _Guard(zero_guard.GUARD, steps.STOCK_PUSH, _falls),
}
"""The guard behind each kind."""


class NotReleasable(Exception):
    """What was asked cannot be released.

    :param reason: why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class _Word:
    """What a person said: which SKUs (empty = all), by whom and why; and how fast they come due."""

    skus: frozenset[str]
    by: str
    reason: str
    pace: Pace | None


def release(
    services: Services, cause_id: int, *, skus: Collection[str], by: str, reason: str, pace: Pace | None = None
) -> int:
    """Let go what waits behind a guardrail's cause; `skus` empty = all. Returns of how many SKUs, or of how many
    products that are now looked for.

    :param pace: how fast they come due, see `causes.release`.
    :raises NotReleasable: it is no open cause of a guardrail, or an SKU does not wait behind it.
    """
    with services.store.read() as db:
        cause = causes.by_id(db, cause_id)
    if cause is None or cause["closed_at"] is not None:
        raise NotReleasable(f"There is no open exception {cause_id}.")
    if cause["kind"] == kinds.SHORT_READ_GUARD.code:
        return _believe(services, cause_id, Sweep(cause["key"]), f"released by {by}: {reason}")
    if cause["kind"] not in GUARDS:
        raise NotReleasable("No guardrail stands behind this one: mend its cause, then retry it.")
    with services.store.write() as db:
        word = _Word(frozenset(skus), by, reason, pace)
        return _let_pass(services, db, cause_id, GUARDS[cause["kind"]], cause["key"], word)


def _let_pass(
    services: Services, db: sa.Connection, cause_id: int, guard: _Guard, retailer: str, word: _Word
) -> int:
    now = services.now()
    waits = {subject.partition("/")[2]: item for item, subject in causes.held_subjects(db, cause_id).items()}
    held = {sku: item for sku, item in waits.items() if not word.skus or sku in word.skus}
    coming = {sku for sku in work.coming(db, guard.step.name, retailer) if not word.skus or sku in word.skus}
    values = list(guard.values(services, db, retailer, held.keys(), coming))
    passed = held.keys() | {sku for sku, _ in values}
    if unknown := sorted(word.skus - passed):
        raise NotReleasable(f"Nothing of {', '.join(unknown)} waits behind exception {cause_id}.")
    guards.approve(db, guard.name, ((retailer, *each) for each in values), word.by, word.reason, now)
    journal.tell_all(db, "sku", sorted(passed), "let pass a guardrail", now, guard=guard.name, by=word.by,
                     reason=word.reason, retailer=retailer)  # fmt: skip
    if word.skus:
        causes.let_go(db, cause_id, list(held.values()), now, word.pace)
    else:
        guards.go_on(db, guard.name, retailer)
        causes.release_by_id(db, cause_id, now, f"released by {word.by}: {word.reason}", word.pace)
    return len(passed)


def _believe(services: Services, cause_id: int, sweep: Sweep, said: str) -> int:
    """A reading was short because Centra holds less: what it did not show is read by id, and that answer counts."""
    with services.store.write() as db:
        sweeps.believe(db, sweep)
        count = products.ask_unseen(services, db) if sweep == products.SWEEP else 0
        causes.release_by_id(db, cause_id, services.now(), said)
    return count
