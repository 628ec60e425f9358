"""A piece of work ends in exactly one of four ways: done, again later, held for a person, or nothing to do."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy.exc
import structlog

from integration import kinds, policy
from integration.problems import Failure, LookFirst, Problem, Refused, Throttled, TryAgain
from integration.services import Services
from integration.steps import CENTRA, Step
from integration.storage import causes, work
from integration.storage.work import Claim, Handed

Findings = Sequence[Problem] | None
"""What a flow returns: the problems a person must solve, or None when its goal is reached."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `defect` is an error of ours, to be raised where somebody sees it."""

    state: Literal["done", "idle", "again", "held"]
    reason: str = ""
    due_at: datetime | None = None
    defect: Exception | None = None


def run(services: Services, step: Step, subject: str, act: Callable[[Services, str], Findings]) -> Outcome:
    """Claim, act, write down. Never leaves an item claimed, whatever `act` does short of dying."""
    with services.store.write() as db:
        claim = work.claim(db, step.name, subject, services.now())
    if claim is None:
        return Outcome("idle", "nothing is asked, or another worker has it")
    try:
        found = _watched(services, claim, act, subject)
    except Throttled as failure:
        return _wait(services, claim, failure)
    except (TryAgain, LookFirst, sqlalchemy.exc.OperationalError) as failure:
        return _again(services, step, subject, claim, failure)
    except Refused as failure:
        return _refused(services, step, subject, claim, failure)
    except Exception as error:
        # Anything else is a defect of ours: the item waits, and the error goes to whoever watches the process.
        log.exception("defect", step=step.name, subject=subject)
        problem = _problem(kinds.DEFECT, step, subject, why=f"{type(error).__name__}")
        return _hold(services, claim, [problem], defect=error)
    if found:
        return _hold(services, claim, list(found))
    return _done(services, step, claim)


def _watched(services: Services, claim: Claim, act: Callable[[Services, str], Findings], subject: str) -> Findings:
    """Act, and write down if it took long. Before the outcome: as soon as that is written, others are handed out."""
    began = services.now()
    try:
        return act(services, subject)
    finally:
        took = services.now() - began
        if took >= policy.SLOW_AFTER:
            log.info("slow", gate=claim.gate, subject=subject, seconds=round(took.total_seconds(), 1))
            with services.store.write() as db:
                work.was_slow(db, claim.gate, services.now())


def _done(services: Services, step: Step, claim: Claim) -> Outcome:
    rest = policy.gap(step.rest, services.quota(CENTRA).left()) if step.rest else None
    with services.store.write() as db:
        kept = work.answer(db, claim, services.now(), rest=rest)
        if kept:
            causes.close_answered(db, claim.id, services.now())
    return Outcome("done") if kept else Outcome("done", "the claim had run out; another worker took over")


def _wait(services: Services, claim: Claim, failure: Throttled) -> Outcome:
    # Spread over a second so that those who wait for one quota do not come back as one.
    due_at = services.now() + policy.SECOND * (failure.wait + services.roll())
    with services.store.write() as db:
        work.postpone(db, claim, due_at=due_at, error=failure.reason, failed_at=None)
    return Outcome("again", failure.reason, due_at)


def _again(services: Services, step: Step, subject: str, claim: Claim, failure: Exception) -> Outcome:
    now = services.now()
    reason = failure.reason if isinstance(failure, Failure) else f"the database is busy ({type(failure).__name__})"
    due_at = step.patience.next_try(
        tries=claim.tries + 1, since=claim.failing_since or now, now=now, roll=services.roll()
    )
    if due_at is None:
        hours = str(int(step.patience.give_up_after / policy.HOUR))
        return _hold(services, claim, [_problem(kinds.GAVE_UP, step, subject, hours=hours, why=reason)])
    if isinstance(failure, TryAgain) and failure.wait is not None:
        due_at = max(due_at, now + policy.SECOND * failure.wait)
    with services.store.write() as db:
        work.postpone(db, claim, due_at=due_at, error=reason, failed_at=now)
    return Outcome("again", reason, due_at)


def _refused(services: Services, step: Step, subject: str, claim: Claim, failure: Refused) -> Outcome:
    if not failure.about_credential:
        why = f"{failure.reason}"
        return _hold(services, claim, [_problem(kinds.DEFECT, step, subject, why=why)])
    # A credential concerns everything that uses it: one cause, and the work goes on by itself once it is renewed.
    gate = services.gate_of(step, subject)
    platform = "Centra" if gate == CENTRA else "Virtualstock"
    facts = {"platform": platform, "credential": gate.partition(":")[2] or "token", "why": failure.reason}
    due_at = services.now() + policy.CREDENTIAL_WAIT * (1 + services.roll())
    if failure.status == 401:
        # Thousands of items would each log in with the same wrong password, and have the account locked.
        services.quota(gate).hold_off(policy.CREDENTIAL_WAIT.total_seconds())
    with services.store.write() as db:
        causes.open_for(db, [Problem(kinds.CREDENTIAL_REFUSED, gate, facts)], services.now(), item_id=None)
        work.postpone(db, claim, due_at=due_at, error=failure.reason, failed_at=None)
    return Outcome("again", failure.reason, due_at)


def _hold(
    services: Services, claim: Claim, problems: Sequence[Problem], defect: Exception | None = None
) -> Outcome:
    reason = " ".join(problem.sentence for problem in problems)
    with services.store.write() as db:
        if work.hold(db, claim, reason):
            causes.open_for(db, problems, services.now(), item_id=claim.id)
    return Outcome("held", reason, defect=defect)


def _problem(kind: kinds.Kind, step: Step, subject: str, **facts: str) -> Problem:
    return Problem(kind, f"{step.name}/{subject}", {"step": step.name, "subject": subject, **facts})


def credential_works(services: Services, step: Step, subject: str) -> None:
    """A call with this credential went through: whatever was said about it is over."""
    gate = services.gate_of(step, subject)
    with services.store.write() as db:
        causes.close(
            db, services.now(), "a call went through", kinds=[kinds.CREDENTIAL_REFUSED.code],
            matches=lambda key: key == gate,
        )  # fmt: skip


def hand_out(services: Services) -> list[Handed]:
    """Mark what is due and has room in its quota as handed out; the caller sends the messages.

    A platform that answers slowly gets few pieces at a time, so that it cannot keep all workers waiting.
    """
    with services.store.read() as db:
        pairs = work.waiting(db, services.now())
        slow = work.slow(db, [gate for gate, _ in pairs], services.now())
    room = {(gate, lane): min(_most(gate, slow), services.quota(gate).room(lane)) for gate, lane in pairs}
    if not any(room.values()):
        return []
    with services.store.write() as db:
        return work.hand_out(db, services.now(), room)


def _most(gate: str, slow: Collection[str]) -> int:
    if gate not in slow:
        return policy.IN_FLIGHT
    return policy.SLOW_CENTRA_IN_FLIGHT if gate == CENTRA else policy.SLOW_IN_FLIGHT
