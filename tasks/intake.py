"""Intake: what Centra says becomes work, by webhook at once and by event list for certain."""

from integration import steps
from integration.flows import content_events, intake
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.INTAKE_ABSORB)
def absorb(services: Services, subject: str) -> Findings:
    """Events came in. Turn them into work."""
    return intake.absorb(services, subject)


@work_task(steps.INTAKE_POLL)
def poll(services: Services, subject: str) -> Findings:
    """Read what Centra's event list says of orders and stock, and confirm what is stored."""
    return intake.poll(services, subject)


@work_task(steps.INTAKE_CONTENT)
def content(services: Services, subject: str) -> Findings:
    """Read what Centra's event list says of content, and confirm what is marked."""
    return content_events.read(services, subject)
