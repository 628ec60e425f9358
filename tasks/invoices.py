"""Invoices: what left is invoiced once."""

from integration import steps
from integration.flows import invoices
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.INVOICES_SEND)
def send(services: Services, subject: str) -> Findings:
    """Invoice an order that is over, exactly once."""
    return invoices.send(services, subject)
