"""Northgate's order PO-1, invoiced: what happens to it before, and what is on record of its invoices."""

from typing import Any

from integration import steps
from integration.flows import invoices
from integration.flows.work import Outcome
from integration.lifecycle import LineState
from integration.problems import Refused
from integration.storage import announcements, causes, journal, order_lines
from integration.storage import invoices as on_record
from integration.storage.invoices import InvoiceState, StoredInvoice
from tests.flows.ordering import PO, stored
from tests.world import World

DAY = "2026-03-02"


def refused(code: str | None, status: int = 400) -> Refused:
    """Their refusal of an invoice."""
    return Refused("no", status=status, code=code)


def leave(world: World, units: dict[str, int], day: str = DAY, shipment: int = 41) -> None:
    """The retailer was told of a shipment."""
    items = [{"line_ref": each, "quantity": count, "supplier_dispatch_date": day} for each, count in units.items()]
    order = stored(world)
    with world.store.write() as db:
        announcements.begin_announcing(db, shipment, order.id, f"1200-{shipment}", items, world.at)
        announcements.announced(db, order, shipment, world.at, "dispatched")
        over = [each.line_reference for each in order_lines.lines(db, order.id) if not each.open]
    for each in over:
        world.northgate.shows(5001, "DISPATCH", each)


def cancel(world: World, *lines: str) -> None:
    """Lines are cancelled on both sides."""
    order = stored(world)
    with world.store.write() as db:
        order_lines.move_all(db, order, LineState.CANCELLED, world.at, "cancelled", only=lines)
    world.northgate.shows(5001, "CANCEL_ACK", *lines)


def send(world: World) -> Outcome:
    """Ask for the invoice and let a worker send it."""
    return world.do(steps.INVOICES_SEND, PO)


def again(world: World) -> Outcome:
    """Its time comes again."""
    world.wait(3600)
    return world.run(steps.INVOICES_SEND, PO)


def mended(world: World) -> Outcome:
    """A person retried what it is held for."""
    with world.store.write() as db:
        causes.close(db, world.at, "retried", kinds=["invoice-incomplete", "invoice-refused"])
    return world.run(steps.INVOICES_SEND, PO)


def said(world: World) -> list[dict[str, Any]]:
    """The bodies of all calls, those that failed too."""
    return world.northgate.said("invoice")


def attempts(world: World) -> list[StoredInvoice]:
    """What is on record."""
    with world.store.read() as db:
        return on_record.of_order(db, stored(world).id)


def states(world: World) -> list[tuple[str, InvoiceState]]:
    """Number and state of what is on record."""
    return [(each.number, each.state) for each in attempts(world)]


def told(world: World, what: str) -> list[dict[str, Any]]:
    """The entries of that name on the timeline."""
    with world.store.read() as db:
        return [each for each in journal.story(db, "order", PO) if each["what"] == what]


def replace(world: World) -> bool:
    """A person says that it was rejected."""
    return invoices.replace(world.services, PO, by="ada", reason="wrong tax code")
