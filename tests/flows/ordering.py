"""Northgate's order PO-1 and what a worker does with it, in a word each."""

from integration import steps
from integration.flows.work import Outcome
from integration.lifecycle import LineState
from integration.storage import deadlines, journal, order_lines, orders
from integration.storage.deadlines import StoredDeadline
from integration.storage.order_lines import StoredLine
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


def lines(world: World, subject: str = PO) -> list[StoredLine]:
    """Its lines as they are on record."""
    with world.store.read() as db:
        return order_lines.lines(db, stored(world, subject).id)


def states(world: World, subject: str = PO) -> list[LineState]:
    """Where its lines stand."""
    return [line.state for line in lines(world, subject)]


def clock(world: World, name: str, subject: str = PO) -> StoredDeadline:
    """One of its clocks."""
    with world.store.read() as db:
        return next(row for row in deadlines.of_order(db, stored(world, subject).id) if row.clock == name)


def story(world: World, subject: str = PO) -> list[str]:
    """What happened to it, in short."""
    with world.store.read() as db:
        return [row["what"] for row in journal.story(db, "order", subject)]
