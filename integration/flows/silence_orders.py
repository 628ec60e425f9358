"""Orders that stop coming, and orders that stop moving, are noticed although nothing has failed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from integration import kinds, policy, steps
from integration.domain.freshness import WEEKS, same_hours, unusually_few
from integration.flows import looks
from integration.lifecycle import OrderState
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.services import Services
from integration.steps import Step
from integration.storage import freshness, pauses
from integration.storage.freshness import Stalled

AT_ONCE = 200
VOLUME = "/volume"
"""Ends the keys of causes about a retailer that orders less than it did."""


@dataclass(frozen=True)
class _Next:
    """What moves an order out of a state, and whether a retailer's profile lets it."""

    step: Step
    runs: Callable[[Retailer], bool]


_NEXT: Mapping[OrderState, _Next] = {
    OrderState.RECEIVED: _Next(steps.ORDERS_PLACE, lambda profile: profile.switches.orders),
    OrderState.PLACING: _Next(steps.ORDERS_PLACE, lambda profile: profile.switches.orders),
    OrderState.PLACED: _Next(steps.ORDERS_ACKNOWLEDGE, lambda profile: profile.switches.acknowledgements),
    OrderState.CANCELLING: _Next(steps.CANCELLATIONS_SETTLE, lambda profile: profile.switches.cancellations),
    OrderState.BACKORDERED: _Next(steps.ORDERS_PLACE, lambda profile: profile.switches.orders),
    OrderState.ACKNOWLEDGED: _Next(steps.DISPATCHES_ANNOUNCE, lambda profile: profile.switches.dispatches),
}


def is_volume(key: str) -> bool:
    """Whether a silent flow is a retailer that orders too little."""
    return key.endswith(VOLUME)


def volume(services: Services) -> None:
    """Retailers that have ordered less in the last hour than chance explains, by the same hour of four weeks."""
    now, found = services.now(), []
    for code, profile in services.rules().retailers.items():
        hours = same_hours(now, profile.timezone)
        with services.store.read() as db:
            off = not profile.switches.orders or pauses.is_paused(db, steps.ORDERS_POLL.flow, code)
            first = freshness.first_order(db, code)
            if off or first is None or first > hours[-1][0]:
                continue
            counted, *before = freshness.orders_between(db, code, hours)
        if unusually_few(counted, before):
            usual = ", ".join(map(str, before))
            why = f"{counted} orders came in the last hour, and {usual} in the same hour of the last {WEEKS} weeks"
            facts = {"flow": "The stream of new orders", "retailer": profile.name, "why": why}
            found.append(Problem(kinds.SILENT_FLOW, f"{code}{VOLUME}", facts))
    looks.settle(services, kinds.SILENT_FLOW, found, owns=is_volume)


def stalled(services: Services) -> None:
    """Orders that have been in a state for too long, where nothing that people know of explains it."""
    now, found = services.now(), []
    for state, after in _NEXT.items():
        with services.store.read() as db:
            rows = freshness.stalled(db, state, now - policy.STALLED_AFTER[state], AT_ONCE)
        found += [_problem(services, row, after) for row in rows if _is_unexplained(services, row, after)]
    looks.settle(services, kinds.ORDER_STALLED, found)


def _is_unexplained(services: Services, row: Stalled, after: _Next) -> bool:
    profile = services.rules().retailers.get(row.retailer)
    if profile is None or not after.runs(profile):
        return False
    with services.store.read() as db:
        return (
            not pauses.is_paused(db, after.step.flow, row.retailer)
            and services.gate_of(after.step, row.retailer) not in looks.explained_gates(db)
            and not freshness.explained(db, f"{row.retailer}/{row.reference}")
        )


def _problem(services: Services, row: Stalled, after: _Next) -> Problem:
    subject = f"{row.retailer}/{row.reference}"
    profile = services.rules().retailers[row.retailer]
    with services.store.read() as db:
        open_work = freshness.asked(db, [(after.step.name, subject)])
    error = next((each.last_error for each in open_work if each.open and each.last_error), None)
    facts = {
        "reference": row.reference, "retailer": profile.name, "state": row.state,
        "since": f"{row.since.astimezone(ZoneInfo(profile.timezone)):%d %B %Y, %H:%M}",
        "waiting": f"The last try of {after.step.name} failed: {error}" if error else _nothing(open_work, after),
    }  # fmt: skip
    return Problem(kinds.ORDER_STALLED, subject, facts)


def _nothing(open_work: list[freshness.Asked], after: _Next) -> str:
    if any(each.open for each in open_work):
        return f"It waits for {after.step.name}, which has not failed"
    return f"Nothing has asked for {after.step.name}"
