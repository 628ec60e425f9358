"""Goods come back as in Centra: a return belongs to a sent shipment, moves its goods at once and is closed later.

Centra docs: Integration API, returns; Order API, create return. Whether goods reach the shelf when the return is made
or when it is completed is not documented; a pending one is already shown as returned to stock, so here it is at once.
"""

from datetime import datetime

from sandbox.centra import stock
from sandbox.centra.clock import now
from sandbox.centra.model import Level, Warehouse
from sandbox.centra.sales import NotPossible, Return, ReturnLine, Shipment, ShipmentLine
from sandbox.centra.world import World

RELEASE = "release_items_back_to_warehouse"


def create(
    world: World, shipment: Shipment, units: dict[int, int], *, policy: str = RELEASE, into: Warehouse | None = None,
    comment: str | None = None, created_at: datetime | None = None,
) -> Return:
    """Takes back units of shipment lines (line id to units), all of them or none.

    :raises NotPossible: the shipment is not sent, or that many units of it are not out there.
    """
    lines = {line.id: line for line in shipment.lines}
    if not shipment.is_shipped:
        raise NotPossible(f"Shipment {shipment.number} is not sent", "shipment")
    if not units:
        raise NotPossible("A return needs lines", "lines")
    for line_id, quantity in units.items():
        most = lines[line_id].returnable_quantity if line_id in lines else 0
        if not 0 < quantity <= most:
            raise NotPossible(f"Only {most} of shipment line {line_id} can be returned", "lines", "quantity")
    made = Return(
        world.next_id("return"), shipment, created_at or now(), policy != "remove_items_from_stock", comment,
    )
    world.returns[made.id] = made
    for line_id, quantity in units.items():
        row = ReturnLine(world.next_id("return_line"), lines[line_id], quantity)
        made.lines.append(row)
        _count(row, quantity)
        if made.returned_to_stock:
            row.restocked = [(_shelf(row.shipment_line, into), quantity)]
            stock.move(world, row.restocked, "RETURN", f"Return {made.id}")
    world.return_changed("CREATED", made)
    return made


def complete(world: World, returned: Return) -> None:
    """Closes a return.

    :raises NotPossible: it is closed.
    """
    if returned.is_completed:
        raise NotPossible(f"Return {returned.id} is already completed", "id")
    returned.is_completed = True
    world.return_changed("COMPLETED", returned)


def uncomplete(world: World, returned: Return) -> None:
    """Opens a closed return.

    :raises NotPossible: it is open.
    """
    if not returned.is_completed:
        raise NotPossible(f"Return {returned.id} is not completed", "id")
    returned.is_completed = False
    world.return_changed("UPDATED", returned)


def delete(world: World, returned: Return) -> None:
    """Undoes an open return: its units count as sent again, and what is still free of them leaves the shelf.

    :raises NotPossible: it is closed.
    """
    if returned.is_completed:
        raise NotPossible(f"Return {returned.id} is completed and can not be deleted", "id")
    for row in returned.lines:
        _count(row, -row.quantity)
        stock.move(world, [(level, -units) for level, units in row.restocked], "RETURN", f"Return {returned.id}")
    del world.returns[returned.id]
    world.return_changed("DELETED", returned)


def _count(row: ReturnLine, units: int) -> None:
    row.shipment_line.returned_quantity += units
    row.order_line.returned_quantity += units


def _shelf(line: ShipmentLine, into: Warehouse | None) -> Level:
    if into is None and line.taken:
        return line.taken[0][0]
    return stock.level_of(line.order_line.product_size, into or line.order_line.order.warehouses[0])
