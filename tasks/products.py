"""Products: what Centra changes of an article, every retailer shows."""

from integration import steps
from integration.flows import creations, product_pushes, products, reviews
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.PRODUCTS_READ)
def read(services: Services, subject: str) -> Findings:
    """Products changed. Read them whole, in bulk."""
    return products.read(services, subject)


@work_task(steps.PRODUCTS_SWEEP)
def sweep(services: Services, subject: str) -> Findings:
    """Read a page of all products, for what every event missed."""
    return products.sweep(services, subject)


@work_task(steps.PRODUCTS_REVIEW)
def review(services: Services, subject: str) -> Findings:
    """Judge a retailer's listings afresh."""
    return reviews.review(services, subject)


@work_task(steps.PRODUCTS_PUSH)
def push(services: Services, subject: str) -> Findings:
    """A listing differs. Send what does, in one call."""
    return product_pushes.push(services, subject)


@work_task(steps.PRODUCTS_CREATE)
def create(services: Services, subject: str) -> Findings:
    """Create an article that a retailer does not list."""
    return creations.create(services, subject)
