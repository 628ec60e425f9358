"""A flow that says nothing is an alarm: clock, workers and flows are judged by work done, not by a living process.

Whatever stops many flows is told once: a clock that stands still, workers that take nothing, a platform that is away.
Only a flow whose silence nothing of this explains is told by its own name.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import structlog

from integration import kinds, policy
from integration.domain.freshness import ago, is_silent
from integration.flows import looks, silence_orders, silence_quotas
from integration.lanes import Lane
from integration.problems import Problem
from integration.rulebook import Rulebook
from integration.services import Services
from integration.steps import CENTRA, STEPS, Spends
from integration.storage import freshness, pauses, work
from integration.storage.freshness import Asked
from integration.storage.pauses import EVERYBODY
from integration.timetable import timetable

log = structlog.get_logger(__name__)

CLOCK, WORKERS = "clock", "workers"
EVERYTHING = "the whole system"


def watch(services: Services) -> None:
    """All looks of a minute. A look that fails keeps no other from being made."""
    failed = []
    for look in (silence_quotas.platforms, flows, silence_quotas.quotas, silence_orders.stalled):
        try:
            look(services)
        except Exception as error:
            log.exception("a look for silence failed", look=look.__name__)
            failed.append(error)
    if failed:
        raise ExceptionGroup("looks for silence failed", failed)


def polled() -> dict[str, timedelta]:
    """How often each step of the timetable is asked for."""
    return {job: timedelta(seconds=every) for job, every in timetable().items() if job in STEPS}


def polls(rules: Rulebook) -> set[tuple[str, str]]:
    """Every (step, subject) that the clock asks for."""
    return {
        (name, subject)
        for name in polled()
        for subject in ([CENTRA] if STEPS[name].spends is Spends.CENTRA else rules.retailers)
    }


def flows(services: Services) -> None:
    """The clock, the workers, and each flow of each retailer against its own clock."""
    found = _clock(services) or _workers(services) or _each(services)
    looks.settle(services, kinds.SILENT_FLOW, found, owns=lambda key: not silence_orders.is_volume(key))


def last_asked(services: Services) -> datetime | None:
    """When the clock last asked for a step. Jobs that are no steps are asked for by the web process too."""
    with services.store.read() as db:
        return freshness.last_tick(db, polled())


def _clock(services: Services) -> list[Problem]:
    now, last = services.now(), last_asked(services)
    with services.store.read() as db:
        began = freshness.began(db) or now
    if not is_silent(last, began, timedelta(), policy.CLOCK_SILENT, now):
        return []
    why = f"it last asked for work {ago(last, now)} ago" if last else "it has never asked for work"
    return [_problem(CLOCK, "The clock (beat)", EVERYTHING, f"{why}, so nothing is polled, swept or tried again")]


def _workers(services: Services) -> list[Problem]:
    now = services.now()
    with services.store.read() as db:
        last = max(filter(None, work.last_done(db, STEPS).values()), default=None)
        began = freshness.began(db) or now
    if not is_silent(last, began, timedelta(), policy.WORKERS_SILENT, now) or not _overdue(services):
        return []
    why = f"the last piece of work was done {ago(last, now)} ago" if last else "no work was ever done"
    return [_problem(WORKERS, "Every worker", EVERYTHING, f"{why}, although work is due. Are Redis and workers alive?")]


def _each(services: Services) -> list[Problem]:
    """Lanes in which nothing is done, and the flows that are silent in those that live."""
    why = f"work has been due for more than {_minutes(policy.WORKERS_SILENT)} minutes, and none was done"
    dead = _dead_lanes(services)
    lanes = [
        _problem(f"{WORKERS}/{lane}", f"The lane {lane}", EVERYTHING, f"{why}. Is its worker alive?")
        for lane in sorted(dead)
    ]
    return [*lanes, *_silent(services, dead)]


def _dead_lanes(services: Services) -> set[Lane]:
    """Lanes that have work and quota, and in which nothing is done: their workers are dead or busy with nothing."""
    with services.store.read() as db:
        alive = freshness.lanes_alive(db, STEPS, services.now() - policy.WORKERS_SILENT)
    return {lane for gate, lane in _overdue(services) if services.quota(gate).room(lane)} - alive


def _overdue(services: Services) -> set[tuple[str, Lane]]:
    """The (quota, lane) pairs with work that nobody takes, unless people know why."""
    with services.store.read() as db:
        explained = looks.explained_gates(db)
        due = freshness.overdue(db, services.now() - policy.WORKERS_SILENT)
    return {(gate, lane) for gate, lane in due if gate not in explained}


def _silent(services: Services, dead: Collection[Lane]) -> Iterator[Problem]:
    """Steps of the timetable that were not done in time, unless people know why."""
    now, rules = services.now(), services.rules()
    every = polled()
    with services.store.read() as db:
        explained, stopped = looks.explained_gates(db), pauses.current(db)
        found = freshness.asked(db, polls(rules))
    for each in found:
        step = STEPS[each.step]
        retailer = EVERYBODY if each.subject == CENTRA else each.subject
        # Work that is held has a cause of its own.
        known = each.held or (each.open and step.lane in dead) or services.gate_of(step, each.subject) in explained
        if known or any(pause.covers(step.flow, retailer) for pause in stopped):
            continue
        if is_silent(each.done_at, each.opened_at, every[each.step], policy.SILENCE_GRACE, now):
            name = rules.retailers[each.subject].name if each.subject in rules.retailers else "Centra"
            yield _problem(f"{each.step}/{each.subject}", each.step, name, _why(each, every[each.step], now))


def _why(each: Asked, every: timedelta, now: datetime) -> str:
    done = f"it was last done {ago(each.done_at, now)} ago" if each.done_at else "it was never done"
    if not each.open:
        rest = "and nobody has asked for it since"
    elif each.last_error:
        rest = f"and fails: {each.last_error.rstrip('.')}"
    else:
        rest = "and waits since it was asked for"
    return f"{done}, {rest}; it should be done every {_minutes(every)} minutes"


def _problem(key: str, flow: str, retailer: str, why: str) -> Problem:
    return Problem(kinds.SILENT_FLOW, key, {"flow": flow, "retailer": retailer, "why": why})


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:g}"
