"""Every step of every flow is one row: the quota it spends, the lane it travels in, and how patient it is."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from integration import policy
from integration.lanes import Lane
from integration.policy import Patience

CENTRA = "centra"
"""The name of the Centra quota, and the subject of steps that are about Centra as a whole."""

ORDER_API = "centra-order-api"
"""The name of the quota of Centra's Order API."""


class Spends(StrEnum):
    """Whose quota a step mainly spends."""

    CENTRA = "centra"
    RETAILER = "the retailer's credential at Virtualstock"


@dataclass(frozen=True)
class Step:
    """One step. Subjects of a step that spends a retailer's quota begin with ``<retailer code>/`` or are the code.

    :param rest: how long the item rests when it was asked for again while it ran; gathers events for a bulk read.
    """

    name: str
    spends: Spends
    lane: Lane
    patience: Patience
    rest: timedelta = timedelta()

    @property
    def flow(self) -> str:
        """The flow it belongs to: the part of the name before the point."""
        return self.name.partition(".")[0]


INTAKE_ABSORB = Step("intake.absorb", Spends.CENTRA, Lane.ORDERS, policy.READS, policy.ABSORB_GAP)
INTAKE_POLL = Step("intake.poll", Spends.CENTRA, Lane.ORDERS, policy.READS)
INTAKE_CONTENT = Step("intake.content", Spends.CENTRA, Lane.CATALOGUE, policy.READS, policy.CONTENT_GAP)
STOCK_READ = Step("stock.read", Spends.CENTRA, Lane.URGENT, policy.READS, policy.READ_GAP)
STOCK_PUSH = Step("stock.push", Spends.RETAILER, Lane.STOCK, policy.STOCK)
STOCK_SWEEP = Step("stock.sweep", Spends.CENTRA, Lane.RECONCILIATION, policy.READS, policy.READ_GAP)
CATALOGUE_DISPLAYS = Step("catalogue.displays", Spends.CENTRA, Lane.CATALOGUE, policy.READS, policy.READ_GAP)
CATALOGUE_LISTINGS = Step("catalogue.listings", Spends.RETAILER, Lane.CATALOGUE, policy.READS)
PRODUCTS_READ = Step("products.read", Spends.CENTRA, Lane.CATALOGUE, policy.READS, policy.CONTENT_GAP)
PRODUCTS_SWEEP = Step("products.sweep", Spends.CENTRA, Lane.RECONCILIATION, policy.READS, policy.READ_GAP)
PRODUCTS_REVIEW = Step("products.review", Spends.RETAILER, Lane.CATALOGUE, policy.READS)
PRODUCTS_PUSH = Step("products.push", Spends.RETAILER, Lane.CATALOGUE, policy.STOCK)
PRODUCTS_CREATE = Step("products.create", Spends.RETAILER, Lane.CATALOGUE, policy.STOCK)
IMAGES_CHECK = Step("images.check", Spends.CENTRA, Lane.CATALOGUE, policy.READS, policy.IMAGE_GAP)
ORDERS_POLL = Step("orders.poll", Spends.RETAILER, Lane.ORDERS, policy.READS)
ORDERS_PLACE = Step("orders.place", Spends.CENTRA, Lane.ORDERS, policy.ORDERS)
ORDERS_CONFIRM = Step("orders.confirm", Spends.CENTRA, Lane.ORDERS, policy.ORDERS)
ORDERS_ACKNOWLEDGE = Step("orders.acknowledge", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)
CANCELLATIONS_POLL = Step("cancellations.poll", Spends.RETAILER, Lane.ORDERS, policy.READS)
CANCELLATIONS_SWEEP = Step("cancellations.sweep", Spends.RETAILER, Lane.RECONCILIATION, policy.READS)
CANCELLATIONS_SETTLE = Step("cancellations.settle", Spends.CENTRA, Lane.ORDERS, policy.ORDERS)
CANCELLATIONS_CONFIRM = Step("cancellations.confirm", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)
BACKORDERS_ANNOUNCE = Step("backorders.announce", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)
RETURNS_POLL = Step("returns.poll", Spends.RETAILER, Lane.CATALOGUE, policy.READS)
RETURNS_ACKNOWLEDGE = Step("returns.acknowledge", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)
INVOICES_SEND = Step("invoices.send", Spends.RETAILER, Lane.CATALOGUE, policy.ORDERS)
DISPATCHES_REHEARSE = Step("dispatches.rehearse", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)
DISPATCHES_SWEEP = Step("dispatches.sweep", Spends.CENTRA, Lane.RECONCILIATION, policy.READS, policy.READ_GAP)
DISPATCHES_ANNOUNCE = Step("dispatches.announce", Spends.RETAILER, Lane.ORDERS, policy.ORDERS)

STEPS: dict[str, Step] = {step.name: step for step in list(globals().values()) if isinstance(step, Step)}
"""Every step by its name."""


def retailer_of(subject: str) -> str:
    """The retailer code that a subject begins with."""
    return subject.partition("/")[0]
