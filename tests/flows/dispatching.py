"""Orders that are in Centra and acknowledged, and what a worker does with their shipments."""

from typing import Any

from ordering import PO, stored

from integration import steps
from integration.flows.work import Outcome
from integration.storage import announcements, journal, order_lines
from integration.storage.announcements import StoredAnnouncement
from tests.world import World, line

NORTHGATE, CALDER = PO, "calder/PO-2"


def bring(world: World, subject: str, *, acknowledged: bool = True) -> dict[str, int]:
    """Bring an order to Centra; returns the Centra line ids by line reference."""
    world.do(steps.ORDERS_POLL, subject.partition("/")[0])
    assert world.run(steps.ORDERS_PLACE, subject).state == "done"
    if acknowledged:
        assert world.run(steps.ORDERS_ACKNOWLEDGE, subject).state == "done"
    assert world.run(steps.ORDERS_CONFIRM, subject).state == "done"
    with world.store.read() as db:
        return {
            each.line_reference: each.centra_line_id or 0
            for each in order_lines.lines(db, stored(world, subject).id)
        }


def northgates(world: World) -> dict[str, int]:
    """Northgate's order of three T-shirts and a cap is in Centra as order 1200."""
    world.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"), line("2", "71000002", 1))
    return bring(world, NORTHGATE)


def announce(world: World, shipment: int = 41, retailer: str = "northgate") -> Outcome:
    """Ask for an announcement, and let a worker make it."""
    return world.do(steps.DISPATCHES_ANNOUNCE, f"{retailer}/{shipment}")


def announce_again(world: World, shipment: int = 41, retailer: str = "northgate") -> Outcome:
    """Let a worker take an announcement that was asked for before."""
    return world.run(steps.DISPATCHES_ANNOUNCE, f"{retailer}/{shipment}")


def told(world: World) -> list[list[dict[str, Any]]]:
    """What Northgate was told, call by call."""
    return world.northgate.said("dispatch")


def record(world: World, shipment: int = 41) -> StoredAnnouncement | None:
    """What is on record of a shipment."""
    with world.store.read() as db:
        return announcements.announcement(db, shipment)


def facts(world: World, what: str, subject: str = NORTHGATE) -> dict[str, Any]:
    """What the order's timeline tells of the last thing of that name."""
    with world.store.read() as db:
        return next(row for row in reversed(journal.story(db, "order", subject)) if row["what"] == what)
