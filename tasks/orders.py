"""Orders: a retailer's order is in Centra once, and the retailer is told."""

from integration import steps
from integration.flows import acknowledgements, orders
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.ORDERS_POLL)
def poll(services: Services, subject: str) -> Findings:
    """Store the new orders of a retailer."""
    return orders.poll(services, subject)


@work_task(steps.ORDERS_PLACE)
def place(services: Services, subject: str) -> Findings:
    """Create an order in Centra, exactly once."""
    return orders.place(services, subject)


@work_task(steps.ORDERS_CONFIRM)
def confirm(services: Services, subject: str) -> Findings:
    """Let the warehouse have the order."""
    return orders.confirm(services, subject)


@work_task(steps.ORDERS_ACKNOWLEDGE)
def acknowledge(services: Services, subject: str) -> Findings:
    """Tell the retailer that its order is in Centra."""
    return acknowledgements.acknowledge(services, subject)
