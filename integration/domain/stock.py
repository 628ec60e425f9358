"""No retailer is offered a unit that Centra's warehouses cannot hand out."""

from integration.centra.schema import Size, WarehouseStock
from integration.rulebook import Stock


def publishable(size: Size, *, warehouses: frozenset[int], rule: Stock) -> int:
    """Units of a size that one retailer may see; never negative.

    Except for preorder sizes with a fixed quantity, never more than the warehouses have free to allocate.

    :param warehouses: ids of the warehouses that serve the retailer's market.
    :param rule: the retailer's stock rule with the buffer of this SKU, see `Rulebook.stock_rule`.
    """
    if not size.is_active:
        return 0
    if size.preorder and rule.preorder == "none":
        return 0
    if size.preorder and rule.preorder_units is not None:
        return rule.preorder_units
    free = sum(_free(stock, size.stock_offset) for stock in size.stock if stock.warehouse_id in warehouses)
    offered = max(0, free - rule.buffer)
    if offered < rule.floor:
        return 0
    return offered if rule.ceiling is None else min(offered, rule.ceiling)


def decide(wanted: int, agreed: int | None) -> bool:
    """Whether a quantity has to be sent: `agreed` is what the retailer last accepted, None if nothing yet."""
    return wanted != agreed


def is_urgent(wanted: int, agreed: int | None, last_units: int) -> bool:
    """Whether a change must overtake the rest because an oversale is near: falling, to the last units or to zero.

    A rise costs at worst a late sale, and a first publication has nothing agreed that could be oversold.
    """
    return agreed is not None and wanted < agreed and wanted <= last_units


def _free(stock: WarehouseStock, offset: int | None) -> int:
    # Centra docs: Integration API, stock. A variant's offset, if any, replaces the warehouse's threshold, and neither
    # is in the figure. Whether the offset counts once or in each warehouse is not said: in each offers less.
    kept = offset if offset is not None and offset > 0 else max(0, stock.threshold or 0)
    return max(0, stock.free_to_allocate - kept)
