"""Names that the machinery has for its work and its quotas are read on a page in the words of those who run it."""

from collections.abc import Mapping

STEPS: Mapping[str, str] = {
    "intake.absorb": "sort Centra's news", "intake.poll": "fetch Centra's news",
    "intake.content": "fetch Centra's news of products",
    "stock.read": "read stock in Centra", "stock.push": "send stock", "stock.sweep": "read all stock in Centra",
    "catalogue.displays": "read what Centra offers", "catalogue.listings": "read the retailer's listings",
    "products.read": "read products in Centra", "products.sweep": "read all products in Centra",
    "products.review": "judge the retailer's products afresh", "products.push": "send product data and prices",
    "products.create": "create the listing", "images.check": "look at image links",
    "orders.poll": "fetch new orders", "orders.place": "put the order into Centra",
    "orders.confirm": "confirm the order in Centra", "orders.acknowledge": "acknowledge the order",
    "cancellations.poll": "fetch wishes to cancel", "cancellations.sweep": "look for cancellations in the portal",
    "cancellations.settle": "cancel in Centra", "cancellations.confirm": "confirm the cancellation",
    "backorders.announce": "tell the new dates", "returns.poll": "fetch returns",
    "returns.acknowledge": "acknowledge the return", "invoices.send": "send the invoice",
    "dispatches.rehearse": "rehearse the dispatch of a test order", "dispatches.sweep": "look for shipments in Centra",
    "dispatches.announce": "announce the dispatch",
}  # fmt: skip
"""What a step does, by its name."""
FLOWS: Mapping[str, str] = {
    "intake": "news from Centra", "stock": "quantities of the listings", "catalogue": "who lists what",
    "products": "product data and prices", "images": "image links of the listings",
    "orders": "new orders, and their acknowledgement", "cancellations": "what retailers cancel",
    "backorders": "new dates where stock is missing", "returns": "goods that come back",
    "invoices": "invoices to the retailers", "dispatches": "what has left the warehouse",
}
"""What a flow carries, by its name."""
_QUOTAS = {"centra": "Centra", "centra-order-api": "Centra's Order API", "virtualstock": "Virtualstock"}


def work(step: str) -> str:
    """What a step does; an unknown one keeps its name."""
    return STEPS.get(step, step)


def flow(name: str) -> str:
    """What a flow carries; nothing is known of an unknown one."""
    return FLOWS.get(name, "")


def quota(name: str) -> str:
    """Whose quota it is: ``Virtualstock, calder`` of ``virtualstock:calder``."""
    platform, _, credential = name.partition(":")
    shown = _QUOTAS.get(platform, platform)
    return f"{shown}, {credential}" if credential else shown
