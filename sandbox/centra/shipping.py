"""A shipment goes from packed to sent as in Centra: complete only when good to go, paid and shipped.

Centra docs: Integration API, shipments. Physical stock falls on completion, not before.
"""

from datetime import datetime

from sandbox.centra import stock
from sandbox.centra.clock import now
from sandbox.centra.sales import CarrierInformation, Order, Shipment, ShipmentLine
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
        shipment.lines.append(ShipmentLine(world.next_id("shipment_line"), world.order_lines[line_id], quantity))
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
        stock.send_out(world, line.order_line, line.quantity, f"Shipment {shipment.number}")
    world.shipment_changed(shipment, "COMPLETED", "complete")


def all_sent(order: Order) -> bool:
    """True when something was sent and nothing is left to send."""
    return (
        bool(order.shipments) and all(shipment.is_shipped for shipment in order.shipments)
        and all(line.open_quantity == 0 for line in order.lines)
    )
