"""Returns: what comes back is seen at both ends, and people hear in time what only they can decide."""

from integration import steps
from integration.flows import returns
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.RETURNS_POLL)
def poll(services: Services, subject: str) -> Findings:
    """Note the new returns of a retailer, and what became of the others."""
    return returns.poll(services, subject)


@work_task(steps.RETURNS_ACKNOWLEDGE)
def acknowledge(services: Services, subject: str) -> Findings:
    """Tell the retailer that a return was seen."""
    return returns.acknowledge(services, subject)
