"""Stock obeys Centra's rules: orders take from free stock by warehouse priority, shipping takes from the shelf.

Centra docs: Stock; Integration API, optimising stock queries. ``physical = free to allocate + allocated``.
"""

from collections.abc import Iterable

from sandbox.centra.clock import now
from sandbox.centra.model import Level, ProductSize, StockChange, StockChangeLine, Warehouse
from sandbox.centra.sales import Allocation, OrderLine
from sandbox.centra.world import World


def level_of(size: ProductSize, warehouse: Warehouse) -> Level:
    """The level of a size in a warehouse."""
    return next(level for level in size.levels if level.warehouse is warehouse)


def move(world: World, moves: Iterable[tuple[Level, int]], kind: str, comment: str) -> StockChange | None:
    """Moves physical units of one warehouse in (positive) or out; None when nothing moves.

    Units that are held for orders stay: a move out stops at what is free. Units that come in serve waiting orders.
    """
    change: StockChange | None = None
    for level, wanted in moves:
        delta = max(wanted, -level.free_to_allocate_quantity)
        if not delta:
            continue
        if change is None:
            change = StockChange(world.next_id("stock_change"), now(), comment, kind, level.warehouse)
            world.stock_changes[change.id] = change
        level.physical_quantity += delta
        free = level.free_to_allocate_quantity
        line = StockChangeLine(world.next_id("stock_change_line"), change, level, delta, free)
        world.stock_change_lines[line.id] = line
        change.lines.append(line)
        world.stock_of_variant_changed(level.product_size.product_variant)
    if change:
        world.changed("StockChange", "CREATED", change.id)
        for line in change.lines:
            if line.delivered_quantity > 0:
                serve_waiting(world, line.level.product_size)
    return change


def free(size: ProductSize, warehouses: Iterable[Warehouse]) -> int:
    """Units that new orders can take from these warehouses."""
    return sum(max(0, level_of(size, warehouse).free_to_allocate_quantity) for warehouse in warehouses)


def publishable(size: ProductSize, warehouses: Iterable[Warehouse]) -> int | None:
    """What a reader of the API should publish: free units less offset or threshold; None for unlimited preorders."""
    if size.preorder:
        return None
    offset = size.product_variant.stock_offset
    total = 0
    for warehouse in warehouses:
        held_back = offset if offset > 0 else warehouse.threshold or 0
        total += max(0, level_of(size, warehouse).free_to_allocate_quantity - held_back)
    return total


def allocate(world: World, line: OrderLine, quantity: int) -> int:
    """Holds up to `quantity` units for the line, by priority; returns how many were missing.

    The missing units become demand of the first warehouse of the rule.
    """
    size, missing = line.product_size, quantity
    for warehouse in line.order.warehouses:
        level = level_of(size, warehouse)
        taken = min(missing, max(0, level.free_to_allocate_quantity))
        if taken:
            level.allocated_quantity += taken
            line.allocations.append(Allocation(world.next_id("allocation"), line, level, taken))
            missing -= taken
    if missing:
        _demand(world, line, missing)
    world.stock_of_variant_changed(size.product_variant)
    return missing


def allocate_demand(world: World, line: OrderLine) -> int:
    """Tries again for units of the line that found no stock; returns how many were found now."""
    waiting = line.backordered
    if not waiting or not free(line.product_size, line.order.warehouses):
        return 0
    _demand(world, line, -waiting)
    return waiting - allocate(world, line, waiting)


def serve_waiting(world: World, size: ProductSize) -> None:
    """Gives free units to the orders that wait for them, the oldest first, unless the shop does that by hand."""
    waiting = world.waiting.get(size.id)
    if not waiting or not world.options.auto_allocate:
        return
    served = {line.order: None for _, line in sorted(waiting.items()) if allocate_demand(world, line)}
    for order in served:
        order.updated_at = now()
        world.order_changed(order, "UPDATED", "update")


def _demand(world: World, line: OrderLine, units: int) -> None:
    level_of(line.product_size, line.order.warehouses[0]).demand_quantity += units
    line.backordered += units
    waiting = world.waiting.setdefault(line.product_size.id, {})
    if line.backordered:
        waiting[line.id] = line
    else:
        waiting.pop(line.id, None)


def take_back(world: World, line: OrderLine, quantity: int, policy: str, into: Warehouse | None = None) -> None:
    """Lets go of units of a cancelled line: first those that found no stock, then held ones by the policy."""
    waiting = min(quantity, line.backordered)
    _demand(world, line, -waiting)
    for level, units in _consume(line, quantity - waiting):
        level.allocated_quantity -= units
        if policy != "release_items_back_to_warehouse":
            move(world, [(level, -units)], "ORDER_CANCELLED", f"Order {line.order.number}")
        if into:
            move(world, [(level_of(line.product_size, into), units)], "ORDER_CANCELLED", f"Order {line.order.number}")
    world.stock_of_variant_changed(line.product_size.product_variant)


def send_out(world: World, line: OrderLine, quantity: int, comment: str) -> list[tuple[Level, int]]:
    """Takes shipped units of a line off the shelf; returns where they lay."""
    taken = _consume(line, quantity)
    for level, units in taken:
        level.allocated_quantity -= units
        move(world, [(level, -units)], "SHIPMENT", comment)
    return taken


def bring_back(world: World, line: OrderLine, taken: Iterable[tuple[Level, int]], comment: str) -> None:
    """Undoes `send_out`: the units lie where they lay and are held for the line again."""
    for level, units in taken:
        level.allocated_quantity += units
        line.allocations.append(Allocation(world.next_id("allocation"), line, level, units))
        move(world, [(level, units)], "SHIPMENT", comment)


def held(line: OrderLine) -> int:
    """Units of the line that are held in a warehouse."""
    return sum(allocation.quantity for allocation in line.allocations)


def _consume(line: OrderLine, quantity: int) -> list[tuple[Level, int]]:
    taken: list[tuple[Level, int]] = []
    for allocation in line.allocations:
        units = min(quantity, allocation.quantity)
        if units:
            allocation.quantity -= units
            quantity -= units
            taken.append((allocation.level, units))
    line.allocations = [allocation for allocation in line.allocations if allocation.quantity]
    return taken
