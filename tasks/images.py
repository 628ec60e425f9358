"""Images: a link that leads nowhere is named before a retailer shows it."""

from integration import steps
from integration.flows import images
from integration.flows.work import Findings
from integration.services import Services
from tasks.work import work_task


@work_task(steps.IMAGES_CHECK)
def check(services: Services, subject: str) -> Findings:
    """Look at the image links that are about to be sent."""
    return images.check(services, subject)
