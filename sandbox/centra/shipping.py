"""A shipment goes from packed to sent as in Centra: complete only when good to go, paid and shipped.

Centra docs: Integration API, shipments. Physical stock falls on completion, not before.
"""

from datetime import datetime

from sandbox.centra import stock
from sandbox.centra.clock import now
from sandbox.centra.model import Level
from sandbox.centra.sales import CarrierInformation, NotPossible, Order, OrderLine, Shipment, ShipmentLine
from sandbox.centra.world import World


def create(
    world: World, order: Order, lines: dict[int, int], *, good_to_go: bool = False, paid: bool = False,
) -> Shipment:
    """Packs units of order lines (line id to units, already checked) into a new shipment."""
    moment = now()
    order.last_shipment += 1
    shipment = Shipment(
        world.next_id("shipment"), f"{order.number}-{order.last_shipment}", order, moment, moment,
        is_good_to_go=good_to_go, is_paid=paid, paid_at=moment if paid else None,
    )
    for line_id, quantity in lines.items():
        _add_line(world, shipment, world.order_lines[line_id], quantity)
    order.shipments.append(shipment)
    world.shipments[shipment.id] = shipment
    order.status = "PROCESSING"
    order.updated_at = moment
    world.shipment_changed(shipment, "CREATED", "create")
    world.order_changed(order, "UPDATED", "update")
    return shipment


def set_good_to_go(world: World, shipment: Shipment) -> None:
    """The warehouse may send it."""
    shipment.is_good_to_go = True
    touch(world, shipment, "good_to_go")


def set_paid(shipment: Shipment, paid: bool) -> None:
    """Money for it was collected, inside Centra or outside."""
    shipment.is_paid = paid
    shipment.paid_at = now() if paid else None


def set_info(
    shipment: Shipment, *, carrier: str | None = None, service: str | None = None, tracking: str | None = None,
    return_tracking: str | None = None, packages: int | None = None,
) -> None:
    """Records who carries it and under which number; what is None stays."""
    known = shipment.carrier_information or CarrierInformation(None, None)
    if carrier is not None or service is not None:
        shipment.carrier_information = CarrierInformation(
            carrier if carrier is not None else known.carrier_name,
            service if service is not None else known.service_name,
        )
    shipment.tracking_number = tracking if tracking is not None else shipment.tracking_number
    if return_tracking is not None:
        shipment.return_tracking_number = return_tracking
    shipment.number_of_packages = packages if packages is not None else shipment.number_of_packages


def touch(world: World, shipment: Shipment, action: str = "update") -> None:
    """The shipment was changed."""
    shipment.updated_at = now()
    world.shipment_changed(shipment, "UPDATED", action)


def complete(world: World, shipment: Shipment, shipped_at: datetime | None = None) -> None:
    """Sends a shipment that is paid and good to go; the caller settles its order afterwards."""
    shipment.is_shipped = True
    shipment.shipped_at = shipped_at or now()
    shipment.updated_at = now()
    shipment.number_of_packages = shipment.number_of_packages or 1
    for line in shipment.lines:
        line.order_line.shipped_quantity += line.quantity
        line.taken = stock.send_out(world, line.order_line, line.quantity, f"Shipment {shipment.number}")
    world.shipment_changed(shipment, "COMPLETED", "complete")


def delete(world: World, shipment: Shipment) -> None:
    """Takes a shipment back, even one that was sent: its units are open again. The caller settles the order.

    :raises NotPossible: something of it was returned.
    """
    if any(line.returned_quantity for line in shipment.lines):
        raise NotPossible(f"Shipment {shipment.number} has returns and can not be deleted", "id")
    if shipment.is_shipped:
        for line in shipment.lines:
            _unsend(world, shipment, line, line.quantity)
    shipment.order.shipments.remove(shipment)
    del world.shipments[shipment.id]
    world.shipment_changed(shipment, "DELETED", "delete")


def repack(world: World, shipment: Shipment, wanted: dict[int, int]) -> None:
    """Sets how many units of order lines (line id to units) are in a shipment, sent or not; the others stay.

    The caller touches the shipment and settles the order.

    :raises NotPossible: more than are ready, fewer than were returned, or nothing would be left.
    """
    packed = {line.order_line.id: line for line in shipment.lines}
    for line_id, units in wanted.items():
        present, order_line = packed.get(line_id), world.order_lines[line_id]
        most = ready(order_line) + (present.quantity if present else 0)
        least = present.returned_quantity if present else 0
        if order_line.order is not shipment.order or not least <= units <= most:
            raise NotPossible(f"Line {line_id} of shipment {shipment.number} can have {least} to {most}", "lines")
    if not any({**{line_id: line.quantity for line_id, line in packed.items()}, **wanted}.values()):
        raise NotPossible(f"Shipment {shipment.number} would be empty", "lines")
    for line_id, units in wanted.items():
        line = packed.get(line_id) or _add_line(world, shipment, world.order_lines[line_id], 0)
        _resize(world, shipment, line, units)
    shipment.lines = [line for line in shipment.lines if line.quantity]


def _resize(world: World, shipment: Shipment, line: ShipmentLine, units: int) -> None:
    more = units - line.quantity
    if shipment.is_shipped and more > 0:
        line.order_line.shipped_quantity += more
        line.taken += stock.send_out(world, line.order_line, more, f"Shipment {shipment.number}")
    elif shipment.is_shipped:
        _unsend(world, shipment, line, -more)
    line.quantity = units


def _unsend(world: World, shipment: Shipment, line: ShipmentLine, units: int) -> None:
    line.order_line.shipped_quantity -= units
    back: list[tuple[Level, int]] = []
    while units and line.taken:
        level, lay = line.taken.pop()
        back.append((level, min(units, lay)))
        if lay > units:
            line.taken.append((level, lay - units))
        units -= back[-1][1]
    stock.bring_back(world, line.order_line, back, f"Shipment {shipment.number} undone")


def _add_line(world: World, shipment: Shipment, line: OrderLine, quantity: int) -> ShipmentLine:
    added = ShipmentLine(world.next_id("shipment_line"), line, quantity)
    shipment.lines.append(added)
    return added


def ready(line: OrderLine) -> int:
    """Units of an order line that are in no shipment and in stock."""
    return line.open_quantity - line.backordered


def all_sent(order: Order) -> bool:
    """True when something was sent and nothing is left to send."""
    return (
        bool(order.shipments) and all(shipment.is_shipped for shipment in order.shipments)
        and all(line.open_quantity == 0 for line in order.lines)
    )
