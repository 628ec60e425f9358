"""Dispatches: what Centra shipped, the retailer knows, with carrier and tracking."""

from integration import steps
from integration.flows import dispatches, rehearsals
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.DISPATCHES_ANNOUNCE)
def announce(services: Services, subject: str) -> Findings:
    """A shipment left. Tell the retailer, once."""
    return dispatches.announce(services, subject)


@work_task(steps.DISPATCHES_REHEARSE)
def rehearse(services: Services, subject: str) -> Findings:
    """A test order that no warehouse sees is dispatched at the retailer all the same."""
    return rehearsals.rehearse(services, subject)


@work_task(steps.DISPATCHES_SWEEP)
def sweep(services: Services, subject: str) -> Findings:
    """Read the shipments of open orders, for what every event missed."""
    return dispatches.sweep(services, subject)
