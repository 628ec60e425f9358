"""What Centra tells us and what we tell it, as typed values that survive whatever a newer Centra adds.

Read models ignore unknown fields, read a missing optional field as None and keep unknown statuses as text.
Field names of the Integration API are those of "Centra docs: Integration API, GraphQL reference".
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

_CENT = Decimal("0.01")


def _at(first: str, *rest: str) -> Any:
    """A required field, found at that path of the answer."""
    return Field(validation_alias=AliasPath(first, *rest))


def _maybe(first: str, *rest: str, default: Any = None) -> Any:
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


def _whole_pennies(amount: Decimal) -> Decimal:
    """Nothing is rounded behind the caller's back."""
    exact = amount.quantize(_CENT)
    if exact != amount:
        raise ValueError("not an amount in whole pennies")
    return exact


_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

Flag = Annotated[bool, BeforeValidator(bool)]
Count = Annotated[int, BeforeValidator(lambda value: 0 if value is None else value)]
Money = Annotated[Decimal, Field(ge=0, lt=10**12), AfterValidator(_whole_pennies)]
Moment = Annotated[datetime | None, BeforeValidator(_moment_or_none)]
_Rows = BeforeValidator(lambda value: () if value is None else value)


class Read(BaseModel):
    """Base of everything read: frozen, tolerant, also constructible by our own field names."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Event(Read):
    """One unconfirmed entry of the event queue; `reference` of an Order is its number."""

    id: int
    object_type: str = _at("objectType")
    change_type: str = _at("changeType")
    reference: int = _at("objectReference")
    created_at: Moment = _maybe("createdAt")


class WarehouseStock(Read):
    """Free-to-allocate units of a size in one warehouse; `threshold` is not subtracted yet."""

    warehouse_id: int = _at("warehouse", "id")
    free_to_allocate: int = _at("freeToAllocateQuantity")
    threshold: int | None = _maybe("warehouse", "threshold")


class Size(Read):
    """One sellable unit (ProductSize); `stock_offset` of its variant is not subtracted yet."""

    id: int
    sku: str | None = _maybe("SKU")
    ean: str | None = _maybe("EAN")
    preorder: Flag = False
    is_active: Flag = _maybe("isActive", default=True)
    variant_id: int | None = _maybe("productVariant", "id")
    stock_offset: int | None = _maybe("productVariant", "stockOffset")
    stock: Annotated[tuple[WarehouseStock, ...], _Rows] = ()


class DisplayItem(Read):
    """Which variant stands behind a display item id, the id that storefront webhooks name."""

    id: int
    variant_id: int = _at("productVariant", "id")


class Display(Read):
    """A presentation of a product in a store, and its display items."""

    id: int
    items: Annotated[tuple[DisplayItem, ...], _Rows] = _maybe("displayItems", default=())


class StockChangeLine(Read):
    """A size touched by a stock change."""

    id: int
    stock_change_id: int = _at("stockChange", "id")
    size_id: int | None = _maybe("productSize", "id")


class Warehouse(Read):
    """A warehouse and the markets whose allocation rules name it."""

    id: int
    threshold: int | None = None
    market_ids: Annotated[frozenset[int], BeforeValidator(_markets_of)] = _maybe(
        "allocationRules", default=frozenset(),
    )


class ShipmentLine(Read):
    """Units of one order line in a shipment."""

    id: int
    quantity: Count = 0
    order_line_id: int | None = _maybe("orderLine", "id")
    sku: str | None = _maybe("orderLine", "productSize", "SKU")


class Shipment(Read):
    """A parcel or several of one order; complete when good to go, paid and shipped."""

    id: int
    number: str | None = None
    order_number: int | None = _maybe("order", "number")
    is_good_to_go: Flag = _maybe("isGoodToGo", default=False)
    is_paid: Flag = _maybe("isPaid", default=False)
    is_shipped: Flag = _maybe("isShipped", default=False)
    shipped_at: Moment = _maybe("shippedAt")
    tracking_number: str | None = _maybe("trackingNumber")
    packages: Count = _maybe("numberOfPackages", default=0)
    carrier: str | None = _maybe("carrierInformation", "carrierName")
    service: str | None = _maybe("carrierInformation", "serviceName")
    lines: Annotated[tuple[ShipmentLine, ...], _Rows] = ()
    updated_at: Moment = _maybe("updatedAt")


class OrderLine(Read):
    """One line of an order; `quantity` is without the cancelled units."""

    id: int
    quantity: Count = 0
    cancelled_quantity: Count = _maybe("cancelledQuantity", default=0)
    size_id: int | None = _maybe("productSize", "id")
    sku: str | None = _maybe("productSize", "SKU")
    comment: str | None = None


class Order(Read):
    """An order in Centra: `id` is a hash, `number` what people and the Order API call it."""

    id: str
    number: int
    status: str
    is_on_hold: Flag = _maybe("isOnHold", default=False)
    created_at: Moment = _maybe("createdAt")
    internal_comment: str | None = _maybe("internalComment")
    external_id: str | None = _maybe("externalId")
    total: Decimal | None = _maybe("grandTotal", "value")
    currency: str | None = _maybe("grandTotal", "currency", "code")
    lines: Annotated[tuple[OrderLine, ...], _Rows] = ()
    shipments: Annotated[tuple[Shipment, ...], _Rows] = ()


class RateLimit(Read):
    """One bucket as Centra counts it, shared with every other integration of the merchant."""

    type: str
    interval: str = _at("intervalSeconds")
    quota: Decimal
    remaining: Decimal = _at("remainingQuota")


class Created(Read):
    """The numbers of what one creation made; not `finished` = still waiting for `complete_order`."""

    numbers: tuple[int, ...]
    finished: bool


class Draft(BaseModel):
    """Base of everything sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DraftAddress(Draft):
    """Where an order goes. Texts keep out of every repr, log and error."""

    email: str = Field(min_length=3, max_length=254, repr=False)
    first_name: str = Field(max_length=255, repr=False)
    last_name: str = Field(max_length=255, repr=False)
    address: str = Field(min_length=1, max_length=255, repr=False)
    co_address: str = Field(default="", max_length=255, repr=False)
    city: str = Field(max_length=255, repr=False)
    zip_code: str = Field(default="", max_length=32, repr=False)
    state: str = Field(default="", max_length=255, repr=False)
    country: str = Field(pattern="^[A-Z]{2}$")
    phone: str = Field(default="", max_length=64, repr=False)

    @classmethod
    def longest(cls, field: str) -> int:
        """How many characters a text field holds. Centra documents no limits; these are ours."""
        return next(rule.max_length for rule in cls.model_fields[field].metadata if hasattr(rule, "max_length"))

    def to_json(self) -> dict[str, object]:
        """The `address` object of "Centra docs: Order API, create order"."""
        document: dict[str, object] = {
            "email": self.email, "firstName": self.first_name, "lastName": self.last_name,
            "address": self.address, "coaddress": self.co_address, "city": self.city,
            "zipcode": self.zip_code, "state": self.state, "country": self.country, "cell": self.phone,
        }
        return {key: value for key, value in document.items() if value != "" or key in {"firstName", "lastName"}}


class DraftLine(Draft):
    """One line to order; prices are per unit, as the retailer's customer pays them."""

    sku: str = Field(min_length=1)
    quantity: int = Field(ge=1)
    unit_price: Money
    original_price: Money | None = None
    comment: str = ""

    def to_json(self) -> dict[str, object]:
        """One entry of `products` of "Centra docs: Order API, create order"."""
        document: dict[str, object] = {"sku": self.sku, "qty": self.quantity, "unitPrice": self.unit_price}
        if self.original_price is not None:
            document["originalPrice"] = self.original_price
        if self.comment:
            document["comment"] = self.comment
        return document


class OrderDraft(Draft):
    """An order to create. The retailer has been paid, so `total` is recorded as authorised and captured.

    :param zone: the instance's time zone, in which the Order API reads a date without an offset.
    :param reference: recorded as the transaction of the payment.
    """

    address: DraftAddress
    lines: tuple[DraftLine, ...] = Field(min_length=1)
    market_id: int
    pricelist_id: int
    shipping: str = Field(min_length=1)
    shipping_value: Money = Decimal("0.00")
    ordered_at: AwareDatetime
    zone: str
    internal_comment: str
    comment: str = ""
    payment_id: int
    payment_method: str = "marketplace"
    reference: str = Field(min_length=1)
    total: Money
    force_create: bool = False
    extra_attributes: Mapping[str, str] = Field(default_factory=dict)

    def to_json(self, *, create_only: bool) -> dict[str, object]:
        """The body of "Centra docs: Order API, create order"; nothing is left to Centra's defaults."""
        document: dict[str, object] = {
            "address": self.address.to_json(),
            "products": [line.to_json() for line in self.lines],
            "marketId": self.market_id,
            "pricelistId": self.pricelist_id,
            "shippingList": self.shipping,
            "shippingValue": self.shipping_value,
            "orderDate": self._local_order_date(),
            "internalComment": self.internal_comment,
            "customerRegister": False,
            "applyVouchers": False,
            "sendEmail": False,
            "adjustStock": True,
            "forceCreate": self.force_create,
            "createOnly": create_only,
        }
        # A payment recorded in both steps would stand in the history twice.
        if not create_only:
            document["payment"] = self._payment()
        if self.comment:
            document["comment"] = self.comment
        if self.extra_attributes:
            document["extraAttributes"] = dict(self.extra_attributes)
        return document

    def to_completion_json(self) -> dict[str, object]:
        """The body of "Centra docs: Order API, complete order" for an order made with `create_only`."""
        return {"payment": self._payment(), "orderDate": self._local_order_date()}

    def _local_order_date(self) -> str:
        return self.ordered_at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S")

    def _payment(self) -> dict[str, object]:
        done = {"status": 1, "amount": self.total, "transaction": self.reference, "method": self.payment_method}
        return {"id": self.payment_id, "auth": done, "capture": done}
