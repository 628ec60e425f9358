"""Reading orders and shipments: their queries, and the fields that are computed."""

import base64
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from sandbox.centra import filters
from sandbox.centra.filters import between, equal, keep, one_of, ordered, paged
from sandbox.centra.model import Money, rounded, without_tax
from sandbox.centra.resolvers import Call, Info, Registry, call_of
from sandbox.centra.sales import Order, OrderLine, Shipment, ShipmentLine
from sandbox.centra.stock import held

registry = Registry()
Where = dict[str, Any] | None

_SORT = {"orderDate": "order_date", "createdAt": "created_at", "updatedAt": "updated_at"}
_STORE_TYPE = {"storeType": equal("store.type")}
_ORDERS: dict[str, filters.Rule] = {
    "id": one_of("id"), "number": one_of("number"), "status": one_of("status"), "createdAt": between("created_at"),
    "updatedAt": between("updated_at"), "orderDate": between("order_date"), "marketId": one_of("market.id"),
    "storeId": one_of("store.id"), "isLocked": equal("is_locked"), "isOnHold": equal("is_on_hold"),
    "isWaitingForPayment": equal("is_waiting_for_payment"),
    "search": lambda wanted: lambda order: wanted.strip().lower() in order.searchable, **_STORE_TYPE,
}
_SHIPMENTS: dict[str, filters.Rule] = {
    "id": one_of("id"), "number": one_of("number"), "createdAt": between("created_at"),
    "updatedAt": between("updated_at"), "isGoodToGo": equal("is_good_to_go"), "isShipped": equal("is_shipped"),
    "shippedAt": between("shipped_at"), "isOnHold": equal("is_on_hold"), "isPaid": equal("is_paid"),
    "trackingNumber": one_of("tracking_number"), "orderId": one_of("order.id"), "storeId": one_of("order.store.id"),
    "storeType": equal("order.store.type"),
    "search": lambda wanted: lambda shipment: wanted.lower() in f"{shipment.number} {shipment.tracking_number}".lower(),
}


def visible_orders(call: Call, where: Where) -> list[Order]:
    """The orders that pass the filter, by number."""
    world, condition = call.world, dict(where or {})
    external = condition.pop("externalId", None)
    numbers = condition.get("number")
    if external is not None:
        mapped = {world.conversions.internal(call.integration, "Order", text) for text in external}
        numbers = mapped if numbers is None else mapped & set(numbers)
    rows = (
        world.orders.values() if numbers is None
        else [world.orders[number] for number in numbers if number in world.orders]
    )
    orders = keep(rows, condition, _ORDERS)
    if not world.options.incomplete_in_graphql:
        orders = [order for order in orders if order.status != "INCOMPLETE"]
    return sorted(orders, key=lambda order: order.number)


@registry.field("Query.orders")
def orders(
    _root: Any, info: Info, where: Where = None, sort: list[str] | None = None, limit: int | None = None,
    page: int | None = None,
) -> list[Order]:
    """Orders of the whole instance."""
    return paged(ordered(visible_orders(call_of(info), where), sort, _SORT), limit, page)


@registry.field("Query.order")
def order(_root: Any, info: Info, id: str) -> Order | None:
    """One order by its hash."""
    return call_of(info).world.orders_by_hash.get(id)


class _Connection:
    def __init__(self, found: list[Order], chosen: list[Order]) -> None:
        self.total_count = len(found)
        self.edges = [_Edge(item) for item in chosen]
        self.page_info = self
        self.has_previous_page = bool(chosen) and chosen[0] is not found[0]
        self.has_next_page = bool(chosen) and chosen[-1] is not found[-1]
        self.start_cursor = self.edges[0].cursor if self.edges else None
        self.end_cursor = self.edges[-1].cursor if self.edges else None


class _Edge:
    def __init__(self, node: Order) -> None:
        self.node = node
        self.cursor = base64.b64encode(f"number:{node.number}".encode()).decode()


@registry.field("Query.orderConnection")
def order_connection(
    _root: Any, info: Info, where: Where = None, sort: list[str] | None = None, first: int | None = None,
    after: str | None = None, last: int | None = None, before: str | None = None,
) -> _Connection:
    """Orders with Relay cursors."""
    found = ordered(visible_orders(call_of(info), where), sort, _SORT)
    window = found
    if after:
        window = window[_position(found, after) + 1:]
    if before:
        window = window[:_position(found, before)]
    size = last if last is not None else first if first is not None else 20
    if not 1 <= size <= filters.MAX_LIMIT:
        raise GraphQLError(f"first and last must be from 1 to {filters.MAX_LIMIT}")
    return _Connection(found, window[-size:] if last is not None else window[:size])


def _position(found: list[Order], cursor: str) -> int:
    try:
        number = int(base64.b64decode(cursor).decode().removeprefix("number:"))
        return next(place for place, item in enumerate(found) if item.number == number)
    except (ValueError, StopIteration):
        raise GraphQLError("Cursor is not valid") from None


@registry.field("Query.shipments")
def shipments(
    _root: Any, info: Info, where: Where = None, sort: list[str] | None = None, limit: int | None = None,
    page: int | None = None,
) -> list[Shipment]:
    """Shipments of the whole instance."""
    call, condition = call_of(info), dict(where or {})
    external = condition.pop("externalId", None)
    if external is not None:
        mapped = [call.world.conversions.internal(call.integration, "Shipment", text) for text in external]
        condition["id"] = [number for number in mapped if number in condition.get("id", mapped)]
    rows = keep(call.world.shipments.values(), condition, _SHIPMENTS)
    return paged(ordered(rows, sort, _SORT), limit, page)


@registry.field("DirectToConsumerOrder.externalId")
def order_external_id(source: Order, info: Info) -> str | None:
    """The caller's own id of the order."""
    return call_of(info).world.conversions.external(call_of(info).integration, "Order", source.number)


@registry.field("DirectToConsumerShipment.externalId")
def shipment_external_id(source: Shipment, info: Info) -> str | None:
    """The caller's own id of the shipment."""
    return call_of(info).world.conversions.external(call_of(info).integration, "Shipment", source.id)


@registry.field("DirectToConsumerOrder.grandTotal")
def order_total(source: Order, _info: Info, including_tax: bool = True) -> Money:
    """What the customer pays."""
    return _money(source.grand_total, source, including_tax)


@registry.field("DirectToConsumerOrder.lines")
def order_lines(source: Order, _info: Info, include_fully_cancelled: bool | None = False) -> list[OrderLine]:
    """Its lines; fully cancelled ones only on request."""
    return [line for line in source.lines if line.quantity or include_fully_cancelled]


@registry.field("DirectToConsumerOrder.discountsApplied")
def discounts(source: Order, _info: Info) -> list[Any]:
    """The voucher, if there is one."""
    return [_Discount(source)] if source.voucher_value else []


class _Discount:
    def __init__(self, source: Order) -> None:
        self.value, self.date = Money(source.voucher_value, source.currency), source.created_at


@registry.field("DirectToConsumerOrder.paymentMethod")
def payment_method(source: Order, _info: Info) -> Any:
    """The plugin named at creation."""
    return _Plugin(source.payment_plugin) if source.payment_plugin else None


class _Plugin:
    status, uri, plugin, name = "ACTIVE", "marketplace", "external", "Marketplace"

    def __init__(self, number: int) -> None:
        self.id = number


@registry.field("DirectToConsumerOrder.totals")
def order_totals(source: Order, _info: Info) -> Any:
    """Sums over its lines."""
    return _Totals(source)


class _Totals:
    def __init__(self, source: Order) -> None:
        def amount(value: Decimal) -> Money:
            return Money(rounded(value), source.currency)

        self.quantity = sum(line.quantity for line in source.lines)
        self.cancelled_quantity = sum(line.cancelled_quantity for line in source.lines)
        self.original_quantity = self.quantity + self.cancelled_quantity
        self.unexpedited_quantity = self.quantity - sum(line.shipped_quantity for line in source.lines)
        self.line_values, self.shipping = amount(source.line_total), amount(source.shipping_value)
        self.discounts = amount(source.voucher_value)
        self.handling = self.tax_added = self.tax_deducted = amount(Decimal(0))
        self.tax_included = amount(source.grand_total - without_tax(source.grand_total))


@registry.field("ProductOrderLine.unitPrice")
def unit_price(source: OrderLine, _info: Info, including_tax: bool = True) -> Money:
    """Price of one unit."""
    return source.money(source.price, including_tax)


@registry.field("ProductOrderLine.unitOriginalPrice")
def unit_original_price(source: OrderLine, _info: Info, including_tax: bool = True) -> Money:
    """Price of one unit before discounts."""
    return source.money(source.original_price, including_tax)


@registry.field("ProductOrderLine.lineValue")
def line_value(source: OrderLine, _info: Info, including_tax: bool = True) -> Money:
    """Price of all units."""
    return source.money(source.price * source.quantity, including_tax)


@registry.field("ProductOrderLine.hasAnyDiscount")
def has_any_discount(source: OrderLine, _info: Info) -> bool:
    """True below the original price."""
    return source.price < source.original_price


@registry.field("ProductOrderLine.allocations")
def allocations(source: OrderLine, _info: Info) -> Any:
    """Units held for it."""
    return source.allocations if held(source) else []


def _through(*path: str) -> Any:
    def resolve(source: Any, _info: Info) -> Any:
        for name in path:
            source = getattr(source, name)
        return source

    return resolve


for _field, _path in {
    "size": ("product_size", "description"),
    "productNumber": ("product_size", "product_variant", "product", "product_number"),
    "productName": ("product_size", "product_variant", "product", "name"),
    "productBrand": ("product_size", "product_variant", "product", "brand", "name"),
    "productVariantName": ("product_size", "product_variant", "name"),
    "productVariant": ("product_size", "product_variant"),
    "product": ("product_size", "product_variant", "product"),
}.items():
    registry.field(f"ProductOrderLine.{_field}")(_through(*_path))
registry.field("DirectToConsumerShipment.store")(_through("order", "store"))
registry.field("DirectToConsumerShipment.shippingAddress")(_through("order", "shipping_address"))


@registry.field("DirectToConsumerShipment.grandTotal")
def shipment_total(source: Shipment, _info: Info, including_tax: bool = True) -> Money:
    """The goods in it."""
    return _money(source.value, source.order, including_tax)


@registry.field("ShipmentLine.unitPrice")
def shipment_unit_price(source: ShipmentLine, _info: Info, including_tax: bool = True) -> Money:
    """Price of one unit."""
    return source.order_line.money(source.order_line.price, including_tax)


@registry.field("ShipmentLine.lineValue")
def shipment_line_value(source: ShipmentLine, _info: Info, including_tax: bool = True) -> Money:
    """Price of its units."""
    return source.order_line.money(source.order_line.price * source.quantity, including_tax)


def _money(value: Decimal, source: Order, includes_tax: bool) -> Money:
    return Money(value if includes_tax else without_tax(value), source.currency)
