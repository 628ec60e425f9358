"""The records of selling: orders, lines, payments, shipments and returns, named as in Centra's GraphQL types."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sandbox.centra.model import (
    VAT_PERCENT,
    Country,
    Currency,
    Level,
    Market,
    Money,
    Pricelist,
    ProductSize,
    ShippingOption,
    Store,
    Warehouse,
    rounded,
    without_tax,
)

FINISHED = frozenset({"SHIPPED", "ARCHIVED", "CANCELLED"})


class NotPossible(Exception):
    """Centra refuses; the text is for the caller, `path` is the part of the input it is about."""

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.path = list(path)


@dataclass(slots=True, eq=False)
class Address:
    """A postal address with the person who lives there; never printed."""

    country: Country = field(repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    address1: str | None = field(default=None, repr=False)
    address2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    zip_code: str | None = field(default=None, repr=False)
    state_or_province: str | None = field(default=None, repr=False)
    cell_phone_number: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    attention: str | None = field(default=None, repr=False)
    fax_number: None = None
    company_name: None = None
    vat_number: None = None
    state: None = None


@dataclass(slots=True, eq=False)
class Customer:
    """A customer; an order of an unregistered one makes its own."""

    id: int
    email: str | None = field(repr=False)
    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)


@dataclass(slots=True, eq=False)
class Payment:
    """An entry of an order's payment history."""

    id: int
    created_at: datetime
    entry_type: str
    status: str
    value: Money
    external_reference: str | None
    payment_method: str | None


@dataclass(slots=True, eq=False)
class Allocation:
    """Units of a level that are held for an order line."""

    id: int
    order_line: "OrderLine"
    level: Level
    quantity: int
    is_waiting_for_confirmation: bool = False

    @property
    def warehouse(self) -> Warehouse:
        """Where the units lie."""
        return self.level.warehouse


@dataclass(slots=True, eq=False)
class OrderLine:
    """One size of an order. `quantity` leaves out cancelled units, `backordered` units found no stock."""

    typename: ClassVar[str] = "ProductOrderLine"
    id: int
    order: "Order"
    product_size: ProductSize
    quantity: int
    price: Decimal
    original_price: Decimal
    comment: str | None = None
    cancelled_quantity: int = 0
    shipped_quantity: int = 0
    returned_quantity: int = 0
    backordered: int = 0
    allocations: list[Allocation] = field(default_factory=list)
    tax_percent: int = VAT_PERCENT

    @property
    def open_quantity(self) -> int:
        """Units that are in no shipment yet."""
        packed = sum(
            line.quantity for shipment in self.order.shipments for line in shipment.lines if line.order_line is self
        )
        return self.quantity - packed

    @property
    def discount_percent(self) -> Decimal:
        """How far the price is below the original price."""
        if not self.original_price:
            return Decimal(0)
        return rounded((self.original_price - self.price) * 100 / self.original_price)

    def money(self, value: Decimal, includes_tax: bool = True) -> Money:
        """A gross amount of this line, or its net part."""
        return Money(value if includes_tax else without_tax(value), self.order.currency)


@dataclass(slots=True, eq=False)
class Order:
    """A direct-to-consumer order. `id` is a hash; people and the Order API use `number`."""

    typename: ClassVar[str] = "DirectToConsumerOrder"
    id: str
    number: int
    status: str
    store: Store
    market: Market
    pricelist: Pricelist
    shipping_price_group: ShippingOption
    shipping_address: Address
    billing_address: Address
    customer: Customer
    created_at: datetime
    updated_at: datetime
    order_date: datetime
    warehouses: tuple[Warehouse, ...]
    shipping_value: Decimal = Decimal(0)
    voucher_value: Decimal = Decimal(0)
    internal_comment: str = ""
    other_comment: str = ""
    lines: list[OrderLine] = field(default_factory=list)
    shipments: "list[Shipment]" = field(default_factory=list)
    payment_history: list[Payment] = field(default_factory=list)
    payment_plugin: int | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    delivery_date: str | None = None
    cancel_date: str | None = None
    is_on_hold: bool = False
    is_locked: bool = False
    is_waiting_for_payment: bool = False
    is_internal: bool = False
    order_hold_reason: str | None = None
    adjusts_stock: bool = True
    emails_sent: int = 0
    confirmed_at: datetime | None = None
    last_shipment: int = 0
    reference: str = ""
    """What its maker knows it by."""

    @property
    def currency(self) -> Currency:
        """Follows the price list."""
        return self.pricelist.currency

    @property
    def country(self) -> Country:
        """Where the goods go."""
        return self.shipping_address.country

    @property
    def line_total(self) -> Decimal:
        """All lines without cancelled units, tax included."""
        return sum((line.price * line.quantity for line in self.lines), Decimal(0))

    @property
    def grand_total(self) -> Decimal:
        """What the customer pays, tax included."""
        return max(Decimal(0), self.line_total + self.shipping_value - self.voucher_value)

    @property
    def searchable(self) -> str:
        """Everything a person might type to find the order, lower case."""
        parts: list[Any] = [
            self.number, self.id, self.internal_comment, self.other_comment, *self.attributes.values(),
            *(payment.external_reference for payment in self.payment_history),
            self.shipping_address.first_name, self.shipping_address.last_name, self.billing_address.email,
        ]
        return "\n".join(str(part) for part in parts if part).lower()


@dataclass(slots=True, eq=False)
class ShipmentLine:
    """Units of an order line in a shipment."""

    id: int
    order_line: OrderLine
    quantity: int
    returned_quantity: int = 0
    taken: list[tuple[Level, int]] = field(default_factory=list)
    """Where its units lay before they were sent."""

    @property
    def returnable_quantity(self) -> int:
        """Sent units that nobody returned yet."""
        return self.quantity - self.returned_quantity


@dataclass(frozen=True, slots=True)
class CarrierInformation:
    """Who carries a shipment."""

    carrier_name: str | None
    service_name: str | None


@dataclass(slots=True, eq=False)
class Shipment:
    """A parcel of an order. It is complete when good to go, paid and shipped."""

    typename: ClassVar[str] = "DirectToConsumerShipment"
    id: int
    number: str
    order: Order
    created_at: datetime
    updated_at: datetime
    lines: list[ShipmentLine] = field(default_factory=list)
    is_good_to_go: bool = False
    is_paid: bool = False
    paid_at: datetime | None = None
    is_captured: bool = False
    is_shipped: bool = False
    shipped_at: datetime | None = None
    tracking_number: str | None = None
    return_tracking_number: str | None = None
    number_of_packages: int = 0
    carrier_information: CarrierInformation | None = None
    additional_message: str | None = None
    is_printed: bool = False
    is_on_hold: bool = False

    @property
    def value(self) -> Decimal:
        """The goods in it, tax included."""
        return sum((line.order_line.price * line.quantity for line in self.lines), Decimal(0))


@dataclass(slots=True, eq=False)
class ReturnLine:
    """Units of a shipment line that came back, and the levels they were put on."""

    id: int
    shipment_line: ShipmentLine
    quantity: int
    restocked: list[tuple[Level, int]] = field(default_factory=list)

    @property
    def order_line(self) -> OrderLine:
        """What was ordered."""
        return self.shipment_line.order_line


@dataclass(slots=True, eq=False)
class Return:
    """Goods of one sent shipment that came back. Completing it closes the matter; it moves no goods."""

    typename: ClassVar[str] = "DirectToConsumerReturn"
    id: int
    shipment: Shipment
    created_at: datetime
    returned_to_stock: bool
    comment: str | None = None
    is_completed: bool = False
    lines: list[ReturnLine] = field(default_factory=list)

    @property
    def order(self) -> Order:
        """The order the goods were sold in."""
        return self.shipment.order

    @property
    def return_status(self) -> str:
        """Pending until somebody completes it."""
        return "COMPLETED" if self.is_completed else "PENDING"

    @property
    def status(self) -> str:
        """In the words of the general `Status` that Centra's reference names; which it uses when is not documented."""
        return "ACTIVE" if self.is_completed else "INACTIVE"

    @property
    def value(self) -> Decimal:
        """The goods in it, tax included."""
        return sum((line.order_line.price * line.quantity for line in self.lines), Decimal(0))
