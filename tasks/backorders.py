"""Backorders: a retailer hears of late goods before it has to ask."""

from integration import steps
from integration.flows import backorders
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.BACKORDERS_ANNOUNCE)
def announce(services: Services, subject: str) -> Findings:
    """Give the retailer new dates for what waits for stock."""
    return backorders.announce(services, subject)
