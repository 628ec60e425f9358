"""What a guardrail stopped is let go by a named person with a reason: all of it, or some SKUs.

What was let go is written down value by value: the values that wait now pass, and nothing else slips through with them.
A stop is seen before most of what it stops: what is still on its way to it waits as well, and is let go with the rest.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from integration import kinds, steps
from integration.flows import price_guard, product_moves, products, stock, sweeps, zero_guard
from integration.flows.sweeps import Sweep
from integration.services import Services
from integration.steps import Step
from integration.storage import causes, guards, journal, work


@dataclass(frozen=True)
class _Word:
    """What a person said."""

    by: str
    reason: str


@dataclass(frozen=True)
class _Guard:
    """A guard: what it is called, the step that it stops, and how values of these SKUs are let pass.

    `approve` takes those that are held and those that are on their way, and returns all SKUs that it let pass.
    """

    name: str
    step: Step
    approve: Callable[[Services, sa.Connection, str, Collection[str], Collection[str], _Word], set[str]]


def _approve_prices(
    services: Services, db: sa.Connection, retailer: str, held: Collection[str], coming: Collection[str], word: _Word
) -> set[str]:
    passed = set(held)
    for move in product_moves.of_skus(services, db, retailer, {*held, *coming}):
        # A held listing waits with all its prices, also with the first ones.
        if move.listed.sku in passed or price_guard.would_stop(db, move):
            price_guard.approve(services, db, move, by=word.by, reason=word.reason)
            passed.add(move.listed.sku)
    return passed


def _approve_zero(
    services: Services, db: sa.Connection, retailer: str, held: Collection[str], coming: Collection[str], word: _Word
) -> set[str]:
    passed = set(held)
    for move in stock.plan_all(services, db, retailer, {*held, *coming}):
        if not move.shadow and zero_guard.would_stop(db, move):
            zero_guard.approve(services, db, move, by=word.by, reason=word.reason)
            passed.add(move.offer.sku)
    return passed


GUARDS: Mapping[str, _Guard] = {
    kinds.PRICE_GUARD.code: _Guard(price_guard.GUARD, steps.PRODUCTS_PUSH, _approve_prices),
    kinds.ZERO_GUARD.code: _Guard(zero_guard.GUARD, steps.STOCK_PUSH, _approve_zero),
}
"""The guard behind each kind."""


class NotReleasable(Exception):
    """What was asked cannot be released.

    :param reason: why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def release(services: Services, cause_id: int, *, skus: Collection[str], by: str, reason: str) -> int:
    """Let go what waits behind a guardrail's cause; `skus` empty = all. Returns of how many SKUs, or of how many
    products that are now looked for.

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
        return _let_pass(services, db, cause_id, cause, set(skus), _Word(by, reason))


def _let_pass(
    services: Services, db: sa.Connection, cause_id: int, cause: sa.RowMapping, skus: set[str], word: _Word
) -> int:
    guard, retailer, now = GUARDS[cause["kind"]], cause["key"], services.now()
    held = {subject.partition("/")[2]: item for item, subject in causes.held_subjects(db, cause_id).items()}
    chosen = {sku: item for sku, item in held.items() if not skus or sku in skus}
    coming = [sku for sku in work.coming(db, guard.step.name, retailer) if not skus or sku in skus]
    passed = guard.approve(services, db, retailer, chosen, coming, word)
    if unknown := sorted(skus - passed):
        raise NotReleasable(f"Nothing of {', '.join(unknown)} waits behind exception {cause_id}.")
    for sku in sorted(passed):
        journal.tell(db, "sku", sku, "let pass a guardrail", now, guard=guard.name, by=word.by, reason=word.reason,
                     retailer=retailer)  # fmt: skip
    if skus:
        causes.let_go(db, cause_id, list(chosen.values()), now)
    else:
        guards.go_on(db, guard.name, retailer)
        causes.release_by_id(db, cause_id, now, f"released by {word.by}: {word.reason}")
    return len(passed)


def _believe(services: Services, cause_id: int, sweep: Sweep, said: str) -> int:
    """A reading was short because Centra holds less: what it did not show is read by id, and that answer counts."""
    with services.store.write() as db:
        sweeps.believe(db, sweep)
        count = products.ask_unseen(services, db) if sweep == products.SWEEP else 0
        causes.release_by_id(db, cause_id, services.now(), said)
    return count
