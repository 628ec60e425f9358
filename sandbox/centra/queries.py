"""Reading: every query of the schema, and the fields of its objects that are computed."""

from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from sandbox.centra import filters
from sandbox.centra.catalogue import COUNTRIES
from sandbox.centra.events import DEFAULT_LIMIT, MAX_LIMIT, Event
from sandbox.centra.filters import between, equal, has, keep, one_of, ordered, paged, text
from sandbox.centra.model import Display, Level, Product, ProductSize, StockChangeLine, Variant
from sandbox.centra.resolvers import Info, Registry, call_of

registry = Registry()

_DATED = {"updatedAt": "updated_at", "createdAt": "created_at"}
_LEVELS = {"warehouseId": "warehouse.id", "productSizeSort": "product_size.id"}
_PRODUCTS: dict[str, filters.Rule] = {
    "id": one_of("id"), "name": text("name"), "productNumber": text("product_number"), "status": one_of("status"),
    "createdAt": between("created_at"), "updatedAt": between("updated_at"), "search": has("name"),
}
_VARIANTS: dict[str, filters.Rule] = {
    "id": one_of("id"), "productId": one_of("product.id"), "variantNumber": text("variant_number"),
    "status": one_of("status"), "updatedAt": between("updated_at"), "search": has("name"),
}
_SIZES: dict[str, filters.Rule] = {
    "id": one_of("id"), "description": text("description"), "EAN": text("ean"), "UPC": text("upc"),
    "SKU": text("sku"), "sizeNumber": text("size_number"), "preorder": equal("preorder"), "search": has("sku"),
    "isActive": equal("is_active"), "updatedAt": between("updated_at"),
}
_DISPLAYS: dict[str, filters.Rule] = {
    "id": one_of("id"), "productId": one_of("product.id"), "storeId": one_of("store.id"), "status": one_of("status"),
    "marketId": lambda wanted: lambda display: any(market.id in wanted for market in display.markets),
    "updatedAt": between("updated_at"), "search": has("name"),
}
_SET_UP: dict[str, filters.Rule] = {
    "id": one_of("id"), "name": text("name"), "status": one_of("status"), "storeId": one_of("store.id"),
}
_CHANGE_LINES: dict[str, filters.Rule] = {"id": one_of("id"), "createdAt": between("stock_change.created_at")}
_EVENTS: dict[str, filters.Rule] = {
    "objectType": one_of("object_type"), "changeType": one_of("change_type"),
    "storeId": lambda wanted: lambda event: event.store is not None and event.store.id in wanted,
    "marketId": lambda wanted: lambda event: event.market is not None and event.market.id in wanted,
}
_LISTENERS: dict[str, filters.Rule] = {
    "objectType": one_of("object_type"), "integrationName": one_of("integration_name"),
}
_CONVERSIONS: dict[str, filters.Rule] = {
    "objectType": one_of("object_type"), "externalId": text("external_id"), "internalId": one_of("internal_id"),
}


def candidates(table: dict[Any, Any], where: dict[str, Any] | None) -> Any:
    """The rows that can match: those of the wanted ids when ids are wanted, else all."""
    wanted = (where or {}).get("id")
    return table.values() if wanted is None else [table[key] for key in sorted(set(wanted)) if key in table]


def known_as(info: Info, object_type: str, where: dict[str, Any] | None) -> dict[str, Any]:
    """The filter with the caller's own ids turned into Centra's."""
    condition = dict(where or {})
    external = condition.pop("externalId", None)
    if external is not None:
        call = call_of(info)
        numbers = [call.world.conversions.internal(call.integration, object_type, text) for text in external]
        condition["id"] = [number for number in numbers if number is not None]
    return condition


@registry.field("Query.rateLimits")
def rate_limits(_root: Any, info: Info) -> Any:
    """All six buckets."""
    return call_of(info).limiter.buckets()


@registry.field("Query.centraIPs")
def centra_ips(_root: Any, _info: Info) -> list[str]:
    """Loopback is all there is here."""
    return ["127.0.0.1"]


@registry.field("Query.events")
def events(_root: Any, info: Info, where: dict[str, Any] | None = None, limit: int | None = None) -> list[Event]:
    """The caller's unconfirmed events, oldest first."""
    size = DEFAULT_LIMIT if limit is None else limit
    if not 1 <= size <= MAX_LIMIT:
        raise GraphQLError(f"limit must be from 1 to {MAX_LIMIT}")
    call, condition = call_of(info), dict(where or {})
    names = condition.pop("integrationName", None)
    if names is not None and call.integration not in names:
        return []
    return keep(call.world.events.waiting(call.integration), condition, _EVENTS)[:size]


@registry.field("Event.object")
def event_object(event: Event, info: Info) -> Any:
    """The object as it is now."""
    if event.change_type == "DELETED":
        return None
    return call_of(info).world.find(event.object_type, event.object_reference)


@registry.field("Query.eventListeners")
def event_listeners(_root: Any, info: Info, where: dict[str, Any] | None = None) -> Any:
    """The caller's listeners."""
    call = call_of(info)
    own = [item for item in call.world.events.listeners.values() if item.integration_name == call.integration]
    return keep(own, where, _LISTENERS)


@registry.field("Query.idConversions")
def id_conversions(
    _root: Any, info: Info, where: dict[str, Any] | None = None, limit: int | None = None, page: int | None = None,
) -> Any:
    """The caller's pairs."""
    call = call_of(info)
    return paged(keep(call.world.conversions.of(call.integration), where, _CONVERSIONS), limit, page)


@registry.field("Query.stores")
def stores(_root: Any, info: Info) -> Any:
    """All stores."""
    return list(call_of(info).world.catalogue.stores.values())


@registry.field("Query.countries")
def countries(_root: Any, _info: Info) -> Any:
    """All countries."""
    return COUNTRIES


def _list(table: str, rules: dict[str, filters.Rule], object_type: str | None = None) -> Any:
    def resolve(
        _root: Any, info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
        limit: int | None = None, page: int | None = None,
    ) -> list[Any]:
        condition = known_as(info, object_type, where) if object_type else where
        rows = candidates(getattr(call_of(info).world.catalogue, table), condition)
        return paged(ordered(keep(rows, condition, rules), sort, _DATED), limit, page)

    return resolve


registry.field("Query.products")(_list("products", _PRODUCTS, "Product"))
registry.field("Query.productVariants")(_list("variants", _VARIANTS, "ProductVariant"))
registry.field("Query.productSizes")(_list("sizes", _SIZES))
registry.field("Query.displays")(_list("displays", _DISPLAYS))
registry.field("Query.warehouses")(_list("warehouses", _SET_UP))
registry.field("Query.markets")(_list("markets", _SET_UP))
registry.field("Query.pricelists")(_list("pricelists", _SET_UP))


@registry.field("Query.product")
def product(_root: Any, info: Info, id: int) -> Product | None:
    """One product."""
    return call_of(info).world.catalogue.products.get(id)


@registry.field("Query.productVariant")
def product_variant(_root: Any, info: Info, id: int) -> Variant | None:
    """One variant."""
    return call_of(info).world.catalogue.variants.get(id)


@registry.field("Query.stockChangeLines")
def stock_change_lines(
    _root: Any, info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
    limit: int | None = None, page: int | None = None,
) -> list[StockChangeLine]:
    """Movements of physical stock, size by size."""
    rows = candidates(call_of(info).world.stock_change_lines, where)
    return paged(ordered(keep(rows, where, _CHANGE_LINES), sort, {}), limit, page)


@registry.field("Product.externalId")
def product_external_id(source: Product, info: Info) -> str | None:
    """The caller's own id of the product."""
    return call_of(info).world.conversions.external(call_of(info).integration, "Product", source.id)


@registry.field("ProductVariant.externalId")
def variant_external_id(source: Variant, info: Info) -> str | None:
    """The caller's own id of the variant."""
    return call_of(info).world.conversions.external(call_of(info).integration, "ProductVariant", source.id)


@registry.field("Product.weight")
def product_weight(source: Product, _info: Info) -> Any:
    """Weight in kilograms."""
    return _Weight.of(source.weight_kg)


@registry.field("ProductSize.weight")
def size_weight(source: ProductSize, _info: Info) -> Any:
    """The product's weight."""
    return _Weight.of(source.product_variant.product.weight_kg)


class _Weight:
    unit = "KILOGRAMS"

    def __init__(self, value: Decimal) -> None:
        self.value = value
        self.formatted_value = f"{value:.3f} kg"

    @classmethod
    def of(cls, value: Decimal | None) -> "_Weight | None":
        return None if value is None else cls(value)


@registry.field("Product.displays")
def product_displays(
    source: Product, _info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
    limit: int | None = None, page: int | None = None,
) -> list[Display]:
    """Where the product is shown."""
    return paged(ordered(keep(source.displays, where, _DISPLAYS), sort, _DATED), limit, page, default=None)


@registry.field("ProductSize.size")
def size_in_chart(source: ProductSize, _info: Info) -> Any:
    """Its place in the size chart."""
    return _ChartSize(source)


class _ChartSize:
    def __init__(self, source: ProductSize) -> None:
        self.id = source.id
        self.name = source.description
        self.size_chart = source.product_variant.size_chart


@registry.field("ProductSize.stock")
def size_stock(
    source: ProductSize, _info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
    limit: int | None = None, page: int | None = None,
) -> list[Level]:
    """Levels per warehouse."""
    return paged(ordered(_in(source.levels, where), sort, _LEVELS), limit, page)


@registry.field("ProductVariant.stock")
def variant_stock(
    source: Variant, _info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
    limit: int | None = None, page: int | None = None,
) -> list[Level]:
    """Levels of all its sizes per warehouse."""
    levels = [level for size in source.product_sizes for level in size.levels]
    return paged(ordered(_in(levels, where), sort, _LEVELS), limit, page)


def _in(levels: list[Level], where: dict[str, Any] | None) -> list[Level]:
    if not where:
        return levels
    return keep(levels, where, {"warehouseId": one_of("warehouse.id"), "productSizeId": one_of("product_size.id")})


@registry.field("ProductSize.stockTotals")
def stock_totals(source: ProductSize, _info: Info, where: dict[str, Any] | None = None) -> Any:
    """Levels summed over warehouses."""
    return _Totals(_in(source.levels, where))


class _Totals:
    def __init__(self, levels: list[Level]) -> None:
        self._levels = levels

    def __getattr__(self, name: str) -> int:
        return sum(getattr(level, name) for level in self._levels)


@registry.field("AllocationRule.geographyPriorities")
def geography_priorities(source: Any, _info: Info) -> list[Any]:
    """One set for the whole world."""
    return [_PrioritySet(source)]


class _PrioritySet:
    def __init__(self, rule: Any) -> None:
        self.id = rule.id
        self.priorities = [_Priority(number, house) for number, house in enumerate(rule.warehouses, start=1)]


class _Priority:
    def __init__(self, number: int, warehouse: Any) -> None:
        self.priority_number, self.warehouse = number, warehouse


@registry.field("StockChangeLine.productSize")
def change_line_size(source: StockChangeLine, _info: Info) -> ProductSize:
    """What moved."""
    return source.level.product_size


@registry.field("StockChangeLine.warehouse")
def change_line_warehouse(source: StockChangeLine, _info: Info) -> Any:
    """Where it moved."""
    return source.level.warehouse
