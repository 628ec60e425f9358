"""Stock: Centra is the master, and every retailer repeats it within seconds."""

from integration import steps
from integration.flows import stock
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.STOCK_READ)
def read(services: Services, subject: str) -> Findings:
    """Levels moved. Read the newest ones in bulk."""
    return stock.read(services, subject)


@work_task(steps.STOCK_PUSH)
def push(services: Services, subject: str) -> Findings:
    """A level differs. Send the newest one, unless the retailer has it already."""
    return stock.push(services, subject)


@work_task(steps.STOCK_SWEEP)
def sweep(services: Services, subject: str) -> Findings:
    """Read a page of all levels, for what every event missed."""
    return stock.sweep(services, subject)
