"""Northgate's order PO-1 and what a worker does with it, in a word each."""

from integration import steps
from integration.flows.work import Outcome
from integration.storage import orders
from integration.storage.orders import StoredOrder
from tests.world import World

PO = "northgate/PO-1"


def stored(world: World, subject: str = PO) -> StoredOrder:
    """The order as it is on record."""
    with world.store.read() as db:
        found = orders.by_subject(db, subject)
    assert found is not None
    return found


def place(world: World, subject: str = PO) -> Outcome:
    """Let a worker place it."""
    return world.run(steps.ORDERS_PLACE, subject)


def acknowledge(world: World, subject: str = PO) -> Outcome:
    """Let a worker acknowledge it."""
    return world.run(steps.ORDERS_ACKNOWLEDGE, subject)


def confirm(world: World, subject: str = PO) -> Outcome:
    """Let a worker confirm it in Centra."""
    return world.run(steps.ORDERS_CONFIRM, subject)
