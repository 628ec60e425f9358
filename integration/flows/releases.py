"""What a guardrail stopped is let go by a named person with a reason: all of it, or some SKUs.

What was let go is written down value by value: the values that wait now pass, and nothing else slips through with them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import sqlalchemy as sa

from integration import kinds
from integration.flows import price_guard, product_moves, products, sweeps, zero_guard
from integration.flows.sweeps import Sweep
from integration.services import Services
from integration.storage import causes, guards, journal
from integration.storage.causes import Pace

Approve = Callable[[Services, sa.Connection, Sequence[str], str, str], None]


def _approve_prices(services: Services, db: sa.Connection, subjects: Sequence[str], by: str, reason: str) -> None:
    for subject in subjects:
        for move in product_moves.plan(services, subject):
            price_guard.approve(services, db, move, by=by, reason=reason)


def _approve_zero(services: Services, db: sa.Connection, subjects: Sequence[str], by: str, reason: str) -> None:
    values = [(*subject.partition("/")[::2], zero_guard.APPROVED) for subject in subjects]
    guards.approve_all(db, zero_guard.GUARD, values, by, reason, services.now())


GUARDS: Mapping[str, tuple[str, Approve]] = {
    kinds.PRICE_GUARD.code: (price_guard.GUARD, _approve_prices),
    kinds.ZERO_GUARD.code: (zero_guard.GUARD, _approve_zero),
}
"""The guard behind each kind, and how held subjects of it are let pass."""


class NotReleasable(Exception):
    """What was asked cannot be released.

    :param reason: why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def release(
    services: Services, cause_id: int, *, skus: Collection[str], by: str, reason: str, pace: Pace | None = None
) -> int:
    """Let go what waits behind a guardrail's cause; `skus` empty = all. Returns how many pieces of work are due again.

    :param pace: how fast they come due, see `causes.release`.
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
        approve(services, db, list(chosen.values()), by, reason)
        journal.tell_all(
            db, "sku", [subject.partition("/")[2] for subject in chosen.values()], "let pass a guardrail", now,
            guard=guard, by=by, reason=reason, retailer=cause["key"],
        )  # fmt: skip
        if skus:
            return causes.let_go(db, cause_id, list(chosen), now, pace)
        guards.go_on(db, guard, cause["key"])
        return causes.release_by_id(db, cause_id, now, f"released by {by}: {reason}", pace)


def _believe(services: Services, cause_id: int, sweep: Sweep, said: str) -> int:
    """A reading was short because Centra holds less: what it did not show is read by id, and that answer counts."""
    with services.store.write() as db:
        sweeps.believe(db, sweep)
        count = products.ask_unseen(services, db) if sweep == products.SWEEP else 0
        causes.release_by_id(db, cause_id, services.now(), said)
    return count
