"""What Centra tells us, as typed values that survive whatever a newer Centra adds.

They ignore unknown fields, read a missing optional field as None and keep unknown statuses as text.
Field names of the Integration API are those of "Centra docs: Integration API, GraphQL reference".
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)


def at(first: str, *rest: str) -> Any:
    """A required field, found at that path of the answer."""
    return Field(validation_alias=AliasPath(first, *rest))


def maybe(first: str, *rest: str, default: Any = None) -> Any:
    """An optional field, found at that path of the answer."""
    return Field(default=default, validation_alias=AliasPath(first, *rest))


def _moment_or_none(value: object) -> object:
    """Centra writes "never" as null, as an empty text or as a date of zeros, depending on the surface."""
    try:
        return _MOMENT.validate_python(value)
    except ValidationError:
        return None


def _markets_of(rules: object) -> object:
    """The ids of all markets of the given allocation rules; ids themselves pass unchanged."""
    if rules is None:
        return ()
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return rules
    return [market["id"] for rule in rules for market in rule.get("markets") or () if "id" in market]


def _units_of(allocations: object) -> object:
    """The units of all given allocations; a number itself passes unchanged."""
    if not isinstance(allocations, list) or not all(isinstance(each, dict) for each in allocations):
        return allocations
    return sum(each.get("quantity") or 0 for each in allocations)


_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

Flag = Annotated[bool, BeforeValidator(bool)]
Count = Annotated[int, BeforeValidator(lambda value: 0 if value is None else value)]
Moment = Annotated[datetime | None, BeforeValidator(_moment_or_none)]
Rows = BeforeValidator(lambda value: () if value is None else value)


class Read(BaseModel):
    """Base of everything read: frozen, tolerant, also constructible by our own field names."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Event(Read):
    """One unconfirmed entry of the event queue; `reference` of an Order is its number."""

    id: int
    object_type: str = at("objectType")
    change_type: str = at("changeType")
    reference: int = at("objectReference")
    created_at: Moment = maybe("createdAt")


class WarehouseStock(Read):
    """Free-to-allocate units of a size in one warehouse; `threshold` is not subtracted yet."""

    warehouse_id: int = at("warehouse", "id")
    free_to_allocate: int = at("freeToAllocateQuantity")
    threshold: int | None = maybe("warehouse", "threshold")


class Size(Read):
    """One sellable unit (ProductSize); `stock_offset` of its variant is not subtracted yet."""

    id: int
    sku: str | None = maybe("SKU")
    ean: str | None = maybe("EAN")
    preorder: Flag = False
    is_active: Flag = maybe("isActive", default=True)
    variant_id: int | None = maybe("productVariant", "id")
    stock_offset: int | None = maybe("productVariant", "stockOffset")
    stock: Annotated[tuple[WarehouseStock, ...], Rows] = ()


class DisplayItem(Read):
    """Which variant stands behind a display item id, the id that storefront webhooks name."""

    id: int
    variant_id: int = at("productVariant", "id")


class Display(Read):
    """A presentation of a product in a store, and its display items."""

    id: int
    items: Annotated[tuple[DisplayItem, ...], Rows] = maybe("displayItems", default=())


class StockChangeLine(Read):
    """A size touched by a stock change."""

    id: int
    stock_change_id: int = at("stockChange", "id")
    size_id: int | None = maybe("productSize", "id")


class Warehouse(Read):
    """A warehouse and the markets whose allocation rules name it."""

    id: int
    threshold: int | None = None
    market_ids: Annotated[frozenset[int], BeforeValidator(_markets_of)] = maybe(
        "allocationRules", default=frozenset(),
    )


class ShipmentLine(Read):
    """Units of one order line in a shipment."""

    id: int
    quantity: Count = 0
    order_line_id: int | None = maybe("orderLine", "id")
    sku: str | None = maybe("orderLine", "productSize", "SKU")


class Shipment(Read):
    """A parcel or several of one order; complete when good to go, paid and shipped."""

    id: int
    number: str | None = None
    order_number: int | None = maybe("order", "number")
    is_good_to_go: Flag = maybe("isGoodToGo", default=False)
    is_paid: Flag = maybe("isPaid", default=False)
    is_shipped: Flag = maybe("isShipped", default=False)
    shipped_at: Moment = maybe("shippedAt")
    tracking_number: str | None = maybe("trackingNumber")
    packages: Count = maybe("numberOfPackages", default=0)
    carrier: str | None = maybe("carrierInformation", "carrierName")
    service: str | None = maybe("carrierInformation", "serviceName")
    lines: Annotated[tuple[ShipmentLine, ...], Rows] = ()
    updated_at: Moment = maybe("updatedAt")


class OrderLine(Read):
    """One line of an order; `quantity` is without the cancelled units, `allocated` None where we may not see it."""

    id: int
    quantity: Count = 0
    cancelled_quantity: Count = maybe("cancelledQuantity", default=0)
    returned_quantity: Count = maybe("returnedQuantity", default=0)
    allocated: Annotated[int | None, BeforeValidator(_units_of)] = maybe("allocations")
    size_id: int | None = maybe("productSize", "id")
    sku: str | None = maybe("productSize", "SKU")
    comment: str | None = None


class Order(Read):
    """An order in Centra: `id` is a hash, `number` what people and the Order API call it."""

    id: str
    number: int
    status: str
    is_on_hold: Flag = maybe("isOnHold", default=False)
    created_at: Moment = maybe("createdAt")
    updated_at: Moment = maybe("updatedAt")
    internal_comment: str | None = maybe("internalComment")
    external_id: str | None = maybe("externalId")
    total: Decimal | None = maybe("grandTotal", "value")
    currency: str | None = maybe("grandTotal", "currency", "code")
    lines: Annotated[tuple[OrderLine, ...], Rows] = ()
    shipments: Annotated[tuple[Shipment, ...], Rows] = ()


class ReturnLine(Read):
    """Units of one order line in a return."""

    id: int
    quantity: Count = 0
    order_line_id: int | None = maybe("shipmentLine", "orderLine", "id")


class Return(Read):
    """Goods of one shipment that come or came back."""

    id: int
    order_number: int | None = maybe("order", "number")
    shipment_id: int | None = maybe("shipment", "id")
    shipment_number: str | None = maybe("shipment", "number")
    status: str | None = None
    return_status: str | None = maybe("returnStatus")
    created_at: Moment = maybe("createdAt")
    lines: Annotated[tuple[ReturnLine, ...], Rows] = ()

    @property
    def is_completed(self) -> bool:
        """Whether Centra calls it completed, the one other state beside pending.

        Which of the two fields says so, and how it is spelled, is documented nowhere; anything else is not completed.
        """
        return any(text.upper().startswith("COMPLETE") for text in (self.return_status, self.status) if text)


class RateLimit(Read):
    """One bucket as Centra counts it, shared with every other integration of the merchant."""

    type: str
    interval: str = at("intervalSeconds")
    quota: Decimal
    remaining: Decimal = at("remainingQuota")


class Created(Read):
    """The numbers of what one creation made; not `finished` = still waiting for `complete_order`."""

    numbers: tuple[int, ...]
    finished: bool
