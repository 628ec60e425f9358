"""Every step runs the same way, and Flower shows how it really ended: SUCCESS, RETRY with the reason, or FAILURE."""

from collections.abc import Callable
from typing import Any

from celery.exceptions import Retry

from integration import wiring
from integration.flows import work
from integration.flows.work import Findings, Outcome
from integration.services import Services
from integration.steps import Step
from tasks.app import app

Flow = Callable[[Services, str], Findings]


class Held(Exception):
    """The work waits for a person; the text is what they read."""


class Postponed(Exception):
    """The work did not reach its goal and is due again; the text says why."""


def work_task(step: Step) -> Callable[[Flow], Any]:
    """Make a Celery task of a flow function, with the step's name and the subject as its only argument."""

    def decorate(act: Flow) -> Any:
        # Newer senders may pass more than this release knows; an unknown argument must not fail the work.
        @app.task(name=step.name, throws=(Held,), max_retries=None)
        def task(*, subject: str, **_newer: Any) -> None:
            services = wiring.services()
            outcome = work.run(services, step, subject, act)
            hand_out(services)
            _tell(outcome)

        task.__doc__ = act.__doc__
        return task

    return decorate


def hand_out(services: Services) -> None:
    """Send a message for all work that is due and has room in its quota."""
    services.send(work.hand_out(services))


def _tell(outcome: Outcome) -> None:
    if outcome.defect is not None:
        raise outcome.defect
    if outcome.state == "held":
        raise Held(outcome.reason)
    if outcome.state == "again":
        # Raised, not sent: the row in the database is due again at that time, and Celery only shows it.
        raise Retry(outcome.reason, Postponed(outcome.reason), outcome.due_at)
