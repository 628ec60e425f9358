"""A flow can be switched off for one retailer or for all, by name and with a reason; resuming catches up on all of it.

Nothing is lost meanwhile: what is asked for stays asked for, and what would have been polled is polled at once.
"""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.flows.exceptions import NotPossible
from integration.flows.report import RUNS, SHADOWS
from integration.people import Person
from integration.rulebook import Retailer
from integration.services import Services
from integration.steps import CENTRA, STEPS, Spends, Step
from integration.storage import activity, pauses
from integration.storage.pauses import EVERYBODY, StoredPause

FLOWS = tuple(dict.fromkeys(step.flow for step in STEPS.values()))
"""Every flow that can be paused."""
OF_ARTICLES = frozenset({"stock", "catalogue", "products", "images"})
"""Flows about articles; all others are about orders, or bring news of both."""
POLLS = (
    steps.INTAKE_POLL, steps.INTAKE_CONTENT, steps.STOCK_READ, steps.STOCK_SWEEP, steps.CATALOGUE_DISPLAYS,
    steps.CATALOGUE_LISTINGS, steps.PRODUCTS_READ, steps.PRODUCTS_SWEEP, steps.IMAGES_CHECK, steps.ORDERS_POLL,
    steps.CANCELLATIONS_POLL, steps.CANCELLATIONS_SWEEP, steps.RETURNS_POLL, steps.DISPATCHES_SWEEP,
)  # fmt: skip
"""What the timetable asks for; the windows that passed during a pause are made up for by asking once."""


def paused(services: Services) -> list[dict[str, Any]]:
    """Every pause: flow, retailer ("" = all), by, reason, at, and how much work waits for it since when."""
    with services.store.read() as db:
        current = pauses.current(db)
        # Nearly always there is none; to count what waits for each would still read all open work.
        waiting = pauses.waiting(db) if current else {}
        return [_pause(each, *waiting.get((each.flow, each.retailer), (0, None))) for each in current]


def stopping(services: Services, retailers: Collection[str], *, articles: bool) -> list[dict[str, Any]]:
    """The pauses that keep work of one of these retailers about articles, or else about orders, waiting."""
    return [
        each for each in paused(services)
        if each["retailer"] in (EVERYBODY, *retailers) and (each["flow"] in OF_ARTICLES) == articles
    ]  # fmt: skip


def switches(services: Services) -> list[dict[str, Any]]:
    """Every flow at every retailer: its `state` (runs, shadow, off or paused), and what is known of its pause.

    A flow that only reads Centra, for all retailers at once, is one row with the retailer "".
    """
    found = paused(services)
    return [_switch(flow, profile, found) for flow in FLOWS for profile in _places(services, flow)]


def pause(services: Services, flow: str, retailer: str | None, person: Person, reason: str) -> None:
    """Stop a flow at one retailer, or (None) at all; a call that is out is finished.

    :raises NotPossible: there is no such flow or retailer, it is paused already, or no reason is given.
    """
    where, now = _checked(services, flow, retailer, reason), services.now()
    with services.store.write() as db:
        if other := next((each for each in pauses.current(db) if each.covers(flow, where)), None):
            raise NotPossible(f"{_named(other.flow, other.retailer)} is paused already, by {other.by}: {other.reason}")
        pauses.add(db, flow, where, person.name, reason.strip(), now)
        activity.record(db, person, "paused", "flow", _subject(flow, where), now, reason.strip())


def resume(services: Services, flow: str, retailer: str | None, person: Person, reason: str) -> int:
    """Let a flow go on, and make up for what it missed. Returns how many pieces of work are due again.

    :raises NotPossible: just that is not paused, or no reason is given.
    """
    where, now = _checked(services, flow, retailer, reason), services.now()
    with services.store.write() as db:
        if not pauses.remove(db, flow, where):
            raise NotPossible(_not_paused(db, flow, where))
        _catch_up(services, db, flow, where)
        due = pauses.due_again(db, flow, where, now)
        activity.record(db, person, "resumed", "flow", _subject(flow, where), now, reason.strip(), due=due)
    return due


def asked_by_clock(services: Services, db: sa.Connection, step: Step) -> list[str]:
    """The subjects that the timetable asks a step for, without those of which the flow is paused."""
    everybody = [CENTRA] if step.spends is Spends.CENTRA else list(services.rules().retailers)
    current = pauses.current(db)
    return [subject for subject in everybody if not any(each.covers(step.flow, subject) for each in current)]


def _catch_up(services: Services, db: sa.Connection, flow: str, where: str) -> None:
    for step in POLLS:
        if step.flow == flow:
            subjects = asked_by_clock(services, db, step)
            services.promise(db, step, subjects if where == EVERYBODY else [each for each in subjects if each == where])


def _checked(services: Services, flow: str, retailer: str | None, reason: str) -> str:
    """The retailer as it is stored, of a flow that can be switched there."""
    if flow not in FLOWS:
        raise NotPossible(f"There is no flow {flow}; there are {', '.join(FLOWS)}.")
    if not reason.strip():
        raise NotPossible("Say why: whoever finds it switched has to know.")
    if retailer is None:
        return EVERYBODY
    if retailer not in services.rules().retailers:
        raise NotPossible(f"There is no retailer {retailer}; there are {', '.join(services.rules().retailers)}.")
    if not _is_by_retailer(flow):
        raise NotPossible(f"The flow {flow} reads Centra for all retailers at once; it can only be switched for all.")
    return retailer


def _is_by_retailer(flow: str) -> bool:
    return any(step.spends is Spends.RETAILER for step in STEPS.values() if step.flow == flow)


def _not_paused(db: sa.Connection, flow: str, where: str) -> str:
    if where != EVERYBODY and pauses.is_paused(db, flow, EVERYBODY):
        return f"The flow {flow} is paused for all retailers, not for {where} alone: resume it for all."
    alone = [each.retailer for each in pauses.current(db) if each.flow == flow]
    hint = f" It is for {', '.join(alone)}; resume it there." if alone and where == EVERYBODY else ""
    return f"{_named(flow, where)} is not paused.{hint}"


def _named(flow: str, retailer: str) -> str:
    return f"The flow {flow} at {retailer}" if retailer else f"The flow {flow}"


def _subject(flow: str, retailer: str) -> str:
    return f"{flow}/{retailer}" if retailer else flow


def _pause(each: StoredPause, waiting: int, oldest: object) -> dict[str, Any]:
    return {
        "flow": each.flow, "retailer": each.retailer, "by": each.by, "reason": each.reason, "at": each.at,
        "waiting": waiting, "oldest": oldest,
    }  # fmt: skip


def _places(services: Services, flow: str) -> Iterator[Retailer | None]:
    yield from services.rules().retailers.values() if _is_by_retailer(flow) else [None]


def _switch(flow: str, profile: Retailer | None, found: list[dict[str, Any]]) -> dict[str, Any]:
    retailer = profile.code if profile else EVERYBODY
    mine = [each for each in found if each["flow"] == flow and each["retailer"] in (EVERYBODY, retailer)]
    state = "paused" if mine else _by_profile(flow, profile)
    return {"flow": flow, "retailer": retailer, "state": state, "pause": mine[0] if mine else None}


def _by_profile(flow: str, profile: Retailer | None) -> str:
    if profile is None:
        return "runs"
    if flow in RUNS and not RUNS[flow](profile):
        return "off"
    return "shadow" if flow in SHADOWS and SHADOWS[flow](profile) else "runs"
