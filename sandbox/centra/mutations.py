"""Writing that is not about orders: listeners, confirmations, identifiers and stock. Shared by all: `mutation`.

A refused mutation is HTTP 200 with `userErrors`; one that skipped a part says so in `userWarnings`
(Centra docs: Integration API, handling errors).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from sandbox.centra import stock
from sandbox.centra.model import Level, ProductSize, Warehouse
from sandbox.centra.resolvers import Call, Info, Registry, call_of, snake
from sandbox.centra.sales import NotPossible, Order, OrderLine, Shipment

registry = Registry()
Input = dict[str, Any]


@dataclass(frozen=True)
class Remark:
    """A user error or warning."""

    message: str
    path: list[str] = field(default_factory=list)


def mutation(into: Registry, name: str, **empty: Any) -> Callable[[Callable[..., Input]], Callable[..., Input]]:
    """Registers a mutation. Its function returns the payload's own fields; `empty` is their form on failure."""

    def register(work: Callable[..., Input]) -> Callable[..., Input]:
        @wraps(work)
        def resolve(_root: Any, info: Info, **arguments: Any) -> Input:
            payload: Input = {"user_errors": [], "user_warnings": []}
            try:
                return payload | work(call_of(info), **arguments)
            except NotPossible as refusal:
                return payload | empty | {"user_errors": [Remark(str(refusal), refusal.path)]}

        into.field(f"Mutation.{name}")(resolve)
        return resolve

    return register


def exactly_one(given: Input, *path: str) -> tuple[str, Any]:
    """The one field that is set.

    :raises NotPossible: none or several are.
    """
    fields = [(name, value) for name, value in given.items() if value is not None]
    if len(fields) != 1:
        raise NotPossible("Exactly one input field should be provided", *path)
    return fields[0]


@mutation(registry, "setEventListeners", event_listeners=[])
def set_event_listeners(call: Call, input: list[Input]) -> Input:
    """Adds to what the caller hears of."""
    listeners = [
        call.world.events.listen(call.integration, item["objectType"], item.get("changeTypes")) for item in input
    ]
    call.world.revision += 1
    return {"event_listeners": listeners}


@mutation(registry, "unsetEventListeners", event_listeners=[])
def unset_event_listeners(call: Call, input: list[Input]) -> Input:
    """Takes away from what the caller hears of, queued events included."""
    left = [call.world.events.unlisten(call.integration, item["objectType"], item.get("changeTypes")) for item in input]
    call.world.revision += 1
    return {"event_listeners": [listener for listener in left if listener]}


@mutation(registry, "confirmEvents", events=[])
def confirm_events(call: Call, input: Input) -> Input:
    """Takes events off the caller's queue; ids that are not in it are remarked on."""
    taken, unknown = call.world.events.confirm(call.integration, input["eventsIds"])
    call.world.revision += bool(taken)
    warnings = [Remark(f"Event {event_id} is not in the queue", ["eventsIds"]) for event_id in unknown]
    return {"events": taken, "user_warnings": warnings}


@mutation(registry, "setIdConversions", entries=[])
def set_id_conversions(call: Call, input: list[Input]) -> Input:
    """Names objects; a colliding pair is overwritten."""
    entries = []
    for item in input:
        if not 0 < len(item["externalId"]) <= 255:
            raise NotPossible("externalId must have 1 to 255 characters", "externalId")
        entry, changed = call.world.conversions.set(
            call.integration, item["objectType"], item["internalId"], item["externalId"]
        )
        call.world.revision += changed
        entries.append(entry)
    return {"entries": entries}


@mutation(registry, "unsetIdConversions")
def unset_id_conversions(call: Call, input: list[Input]) -> Input:
    """Forgets names."""
    attributes = {"id": "id", "internalId": "internal_id", "externalId": "external_id"}
    warnings = []
    for item in input:
        way, wanted = exactly_one(item["idConversion"], "idConversion")
        found = [
            entry for entry in call.world.conversions.of(call.integration)
            if entry.object_type == item["objectType"] and getattr(entry, attributes[way]) == wanted
        ]
        for entry in found:
            call.world.conversions.remove(entry)
            call.world.revision += 1
        if not found:
            warnings.append(Remark(f"Could not find IdConversion with {way} {wanted}", ["idConversion"]))
    return {"user_warnings": warnings}


def warehouse_of(call: Call, given: Input, *path: str) -> Warehouse:
    """The warehouse an input refers to.

    :raises NotPossible: there is none.
    """
    way, wanted = exactly_one(given, *path)
    number = wanted if way == "id" else call.world.conversions.internal(call.integration, "Warehouse", wanted)
    if number not in call.world.catalogue.warehouses:
        raise NotPossible(f"Could not find Warehouse with {way.upper()} {wanted}", *path)
    return call.world.catalogue.warehouses[number]


def order_of(call: Call, given: Input, *path: str) -> Order:
    """The order an input refers to.

    :raises NotPossible: there is none.
    """
    way, wanted = exactly_one(given, *path)
    world = call.world
    number = world.conversions.internal(call.integration, "Order", wanted) if way == "externalId" else wanted
    found = world.orders_by_hash.get(wanted) if way == "id" else world.orders.get(number or 0)
    if found is None:
        raise NotPossible(f"Could not find Order with {way} {wanted}", *path)
    return found


def line_of(order: Order, given: Input, *path: str) -> OrderLine:
    """The line of an order an input refers to.

    :raises NotPossible: there is none.
    """
    _way, wanted = exactly_one(given, *path)
    line = next((line for line in order.lines if line.id == wanted), None)
    if line is None:
        raise NotPossible(f"Could not find OrderLine with ID {wanted}", *path)
    return line


def shipment_of(call: Call, number: int | None, *path: str) -> Shipment:
    """The shipment with this id.

    :raises NotPossible: there is none.
    """
    if number not in call.world.shipments:
        raise NotPossible(f"Could not find Shipment with ID {number}", *path)
    return call.world.shipments[number]


def stock_policy(call: Call, given: Input, *path: str) -> tuple[str, Warehouse | None]:
    """What happens to goods: one of three policies, and the other warehouse if it names one.

    :raises NotPossible: none or several policies are given.
    """
    way, wanted = exactly_one({name: value for name, value in given.items() if value is not False}, *path)
    into = warehouse_of(call, wanted, *path) if way == "sendItemsToDifferentWarehouse" else None
    return snake(way), into


def _size_of(call: Call, given: Input) -> ProductSize:
    way, wanted = exactly_one(given, "productSizes", "productSize")
    catalogue = call.world.catalogue
    tables: dict[str, Callable[[Any], ProductSize | None]] = {
        "id": catalogue.sizes.get, "SKU": catalogue.by_sku.get, "EAN": catalogue.by_ean.get, "any": catalogue.size,
    }
    found = tables[way](wanted) if way in tables else None
    if found is None:
        raise NotPossible(f"Could not find ProductSize with {way} {wanted}", "productSizes", "productSize")
    return found


def _of_variant(call: Call, item: Input, rows: Iterable[Input]) -> Iterator[tuple[ProductSize, Input]]:
    way, wanted = exactly_one(item["productVariant"], "productVariants", "productVariant")
    number = wanted if way == "id" else call.world.conversions.internal(call.integration, "ProductVariant", wanted)
    variant = call.world.catalogue.variants.get(number or 0)
    if variant is None:
        raise NotPossible(f"Could not find ProductVariant with {way} {wanted}", "productVariants", "productVariant")
    for row in rows:
        name, value = exactly_one(row["size"], "productVariants", "size")
        size = next(
            (size for size in variant.product_sizes if value == (size.id if name == "id" else size.description)), None
        )
        if size is None:
            raise NotPossible(f"Could not find Size with {name} {value}", "productVariants", "size")
        yield size, row


def _rows(call: Call, input: Input, sizes_key: str) -> list[tuple[ProductSize, Input]]:
    rows = [(_size_of(call, item["productSize"]), item) for item in input.get("productSizes") or []]
    for item in input.get("productVariants") or []:
        rows.extend(_of_variant(call, item, item[sizes_key]))
    return rows


@mutation(registry, "changeStock")
def change_stock(call: Call, input: Input) -> Input:
    """Moves units in, out, or from one warehouse to the other."""
    given = (input.get("outFromWarehouse"), input.get("intoWarehouse"))
    source = warehouse_of(call, given[0], "outFromWarehouse") if given[0] else None
    target = warehouse_of(call, given[1], "intoWarehouse") if given[1] else None
    if source is None and target is None:
        raise NotPossible("Name a warehouse", "intoWarehouse")
    rows = [(size, row["deliveredQuantity"]) for size, row in _rows(call, input, "sizeChanges")]
    for size, quantity in rows:
        if quantity <= 0:
            raise NotPossible("deliveredQuantity must be above 0", "deliveredQuantity")
        if source and stock.level_of(size, source).free_to_allocate_quantity < quantity:
            raise NotPossible(f"Not enough free stock of {size.sku}", "deliveredQuantity")
    change = None
    for warehouse, sign in ((source, -1), (target, 1)):
        if warehouse:
            moves = [(stock.level_of(size, warehouse), sign * quantity) for size, quantity in rows]
            change = stock.move(call.world, moves, "STOCK_CHANGE", input["description"]) or change
    return {"stock_change": change}


@mutation(registry, "setStock", stock_changes=[])
def set_stock(call: Call, input: Input) -> Input:
    """Sets levels; only real differences make a stock change."""
    warehouse = warehouse_of(call, input["warehouse"], "warehouse")
    moves: list[tuple[Level, int]] = []
    for size, row in _rows(call, input, "sizeStockLevels"):
        if row["quantity"] < 0:
            raise NotPossible("quantity must be 0 or more", "quantity")
        level = stock.level_of(size, warehouse)
        by_shelf = input["stockQuantityType"] == "PHYSICAL"
        present = level.physical_quantity if by_shelf else level.free_to_allocate_quantity
        moves.append((level, row["quantity"] - present))
    change = stock.move(call.world, moves, "STOCK_SET", input["description"])
    return {"stock_changes": [change] if change else []}
