"""Catalogue: every listing is tied to the Centra size it stands for."""

from integration import steps
from integration.flows import catalogue
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.CATALOGUE_DISPLAYS)
def displays(services: Services, subject: str) -> Findings:
    """Read a page of the ids that Centra's stock webhooks name."""
    return catalogue.displays(services, subject)


@work_task(steps.CATALOGUE_LISTINGS)
def listings(services: Services, subject: str) -> Findings:
    """Read a page of a retailer's listings and match them."""
    return catalogue.read_listings(services, subject)
