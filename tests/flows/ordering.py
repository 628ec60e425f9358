"""Northgate's order PO-1 and what a worker does with it, in a word each."""

from typing import Any

from integration import steps
from integration.flows.work import Outcome
from integration.lifecycle import LineState
from integration.storage import causes, deadlines, journal, order_lines, orders
from integration.storage.deadlines import StoredDeadline
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder
from tests.world import World, line

PO, FH = "northgate/PO-1", "fernhill/FH-1"


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


def take(world: World, retailer: str, reference: str, *rows: dict[str, Any], number: int = 7001) -> str:
    """A retailer orders, and all that follows from it is done. Returns the subject."""
    world.orders(retailer, number, reference, *(rows or (line("1", "TEE-M", 3, "30.00"),)))
    world.do(steps.ORDERS_POLL, retailer)
    world.settle()
    return f"{retailer}/{reference}"


def wish(
    world: World, *references: str, retailer: str = "northgate", number: int = 5001, units: int | None = None
) -> None:
    """A retailer asks to cancel lines, and the poll has found that."""
    world.retailers[retailer].wants_cancelled(number, *references, units=units)
    assert world.do(steps.CANCELLATIONS_POLL, retailer).state == "done"


def settle(world: World, subject: str = PO) -> Outcome:
    """Let a worker settle its cancellation in Centra."""
    return world.run(steps.CANCELLATIONS_SETTLE, subject)


def tell(world: World, subject: str = PO) -> Outcome:
    """Let a worker confirm its cancellation to the retailer."""
    return world.run(steps.CANCELLATIONS_CONFIRM, subject)


def finish(world: World) -> None:
    """Everything is done that follows, also what has to wait for something else first."""
    for _ in range(4):
        world.settle()
        world.wait(60)


def retry(world: World, kind: str) -> None:
    """A person has seen to it."""
    with world.store.write() as db:
        assert causes.close(db, world.at, "a person", kinds=[kind])


def part(world: World, units: int = 1) -> None:
    """Fernhill asks to cancel some units of its line, and the poll has found that."""
    wish(world, retailer="fernhill", number=7001, units=units)
