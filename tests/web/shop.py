"""A merchant with something behind every page and every call: an order, a SKU, mappings and three exceptions."""

from pathlib import Path

from trouble import opens

from integration import kinds, steps
from tests.flows.mapping import publish_files
from tests.world import World, line


def shop(folder: Path) -> World:
    """Northgate lists TEE-M; its order PO-1 is placed; exception 1 holds work, 2 is a guardrail's, 3 is settled by
    word."""
    made = World(folder)
    publish_files(made)
    made.centra.has(11, "TEE-M", 8, ean="5000000000011")
    made.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    made.ask(steps.STOCK_SWEEP, steps.CENTRA)
    made.ask(steps.CATALOGUE_LISTINGS, "northgate")
    made.settle()
    made.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    made.do(steps.ORDERS_POLL, "northgate")
    made.settle()
    opens(made)
    opens(made, kinds.ZERO_GUARD, "northgate", subjects=["northgate/TEE-M"])
    opens(made, kinds.UNREADABLE_EVENT, "centra", subjects=[])
    made.sent.clear()
    return made
