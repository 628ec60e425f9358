"""Cancellations: what a retailer takes back is taken back in Centra, and the retailer is told."""

from integration import steps
from integration.flows import cancellations
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.CANCELLATIONS_POLL)
def poll(services: Services, subject: str) -> Findings:
    """Note what a retailer asks to cancel."""
    return cancellations.poll(services, subject)


@work_task(steps.CANCELLATIONS_SWEEP)
def sweep(services: Services, subject: str) -> Findings:
    """Find what was cancelled in the portal."""
    return cancellations.sweep(services, subject)


@work_task(steps.CANCELLATIONS_SETTLE)
def settle(services: Services, subject: str) -> Findings:
    """Cancel in Centra what is in no shipment."""
    return cancellations.settle(services, subject)


@work_task(steps.CANCELLATIONS_CONFIRM)
def confirm(services: Services, subject: str) -> Findings:
    """Tell the retailer which units are cancelled."""
    return cancellations.confirm(services, subject)
