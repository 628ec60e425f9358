"""What a guardrail stopped is let go by a named person with a reason: all of it, or some SKUs.

What was let go is written down value by value: the values that wait now pass, and nothing else slips through with them.
"""

from collections.abc import Callable, Collection, Mapping

import sqlalchemy as sa

from integration import kinds
from integration.flows import price_guard, product_moves, products, sweeps, zero_guard
from integration.flows.sweeps import Sweep
from integration.services import Services
from integration.storage import causes, guards, journal

Approve = Callable[[Services, sa.Connection, str, str, str], None]


def _approve_prices(services: Services, db: sa.Connection, subject: str, by: str, reason: str) -> None:
    for move in product_moves.plan(services, subject):
        price_guard.approve(services, db, move, by=by, reason=reason)


def _approve_zero(services: Services, db: sa.Connection, subject: str, by: str, reason: str) -> None:
    retailer, _, sku = subject.partition("/")
    guards.approve(db, zero_guard.GUARD, retailer, sku, zero_guard.APPROVED, by, reason, services.now())


GUARDS: Mapping[str, tuple[str, Approve]] = {
    kinds.PRICE_GUARD.code: (price_guard.GUARD, _approve_prices),
    kinds.ZERO_GUARD.code: (zero_guard.GUARD, _approve_zero),
}
"""The guard behind each kind, and how one held subject of it is let pass."""


class NotReleasable(Exception):
    """What was asked cannot be released.

    :param reason: why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def release(services: Services, cause_id: int, *, skus: Collection[str], by: str, reason: str) -> int:
    """Let go what waits behind a guardrail's cause; `skus` empty = all. Returns how many pieces of work are due again.

    :raises NotReleasable: it is no open cause of a guardrail, or an SKU does not wait behind it.
    """
    with services.store.read() as db:
        cause = causes.by_id(db, cause_id)
        held = causes.held_subjects(db, cause_id)
    if cause is None or cause["closed_at"] is not None:
        raise NotReleasable(f"There is no open exception {cause_id}.")
    if cause["kind"] == kinds.SHORT_READ_GUARD.code:
        return _believe(services, cause_id, Sweep(cause["key"]), f"released by {by}: {reason}")
    if cause["kind"] not in GUARDS:
        raise NotReleasable("No guardrail stands behind this one: mend its cause, then retry it.")
    chosen = {item: subject for item, subject in held.items() if not skus or subject.partition("/")[2] in skus}
    unknown = sorted(set(skus) - {subject.partition("/")[2] for subject in chosen.values()})
    if unknown:
        raise NotReleasable(f"Nothing of {', '.join(unknown)} waits behind exception {cause_id}.")
    guard, approve = GUARDS[cause["kind"]]
    with services.store.write() as db:
        now = services.now()
        for subject in chosen.values():
            approve(services, db, subject, by, reason)
            journal.tell(db, "sku", subject.partition("/")[2], "let pass a guardrail", now, guard=guard, by=by,
                         reason=reason, retailer=cause["key"])  # fmt: skip
        if skus:
            return causes.let_go(db, cause_id, list(chosen), now)
        guards.go_on(db, guard, cause["key"])
        return causes.release_by_id(db, cause_id, now, f"released by {by}: {reason}")


def _believe(services: Services, cause_id: int, sweep: Sweep, said: str) -> int:
    """A reading was short because Centra holds less: what it did not show is read by id, and that answer counts."""
    with services.store.write() as db:
        sweeps.believe(db, sweep)
        count = products.ask_unseen(services, db) if sweep == products.SWEEP else 0
        causes.release_by_id(db, cause_id, services.now(), said)
    return count
