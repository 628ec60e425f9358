"""Everything that differs by retailer is data in one profile; no other module asks which retailer it is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from integration.rulebook.base import (
    AttributeName,
    ClockTime,
    Code,
    Currency,
    Identifier,
    Mailbox,
    Model,
    Number,
    Percent,
    ProductField,
    ShortText,
    Slug,
    Text,
    Units,
    Zone,
    folded,
)


class Platform(Model):
    """The retailer's ids at Virtualstock: the orders family and the products family number them differently."""

    customer_id: Identifier
    client_id: Identifier
    supplier_id: Identifier
    product_supplier_id: Identifier


class ProductKey(Model):
    """Which field of a Virtualstock product meets which field of a Centra size."""

    virtualstock: ProductField
    meets: Literal["sku", "ean"]


class OrderKey(Model):
    """Which field of an order line is looked up where; `listing` = the SKU our own listing has for it."""

    virtualstock: Literal[
        "part_number", "supplier_sku_reference", "retailer_sku_reference", "retailer_additional_reference"
    ]
    meets: Literal["listing", "sku", "ean"]


class SkuKey(Model):
    """How the two sides name one article; order keys are tried in turn until one matches."""

    product: ProductKey
    order: Annotated[tuple[OrderKey, ...], Field(min_length=1)]


class Shipping(Model):
    """Centra shipping option (its URI) by the retailer's delivery service.

    `none` serves orders that name no service; null there means that such an order waits for a person.
    """

    services: Mapping[Text, Text]
    none: Text | None

    def option(self, service: str | None) -> str | None:
        """The shipping option for a delivery service, or None where nobody mapped it. Case does not matter."""
        if service is None:
            return self.none
        return next((option for name, option in self.services.items() if folded(name) == folded(service)), None)


class CentraSide(Model):
    """Where this retailer's orders land in Centra."""

    store: Identifier
    market: Identifier
    pricelist: Identifier
    shipping: Shipping
    payment: Identifier
    placeholder_email: Mailbox


class Promise(Model):
    """A day promised to the retailer, counted from a day that the rule using it names.

    `promised_date`: the order line's own promise wins where it has one.
    """

    days: Annotated[int, Field(ge=0, le=365)]
    count: Literal["calendar", "working"]
    promised_date: bool


class Acknowledge(Model):
    """What the retailer wants in an acknowledgement; null = the field is left out."""

    sub_status: ShortText | None
    fulfilment_route: Text | None
    dispatch_date: Promise | None
    delivery_date: Promise | None


class Backorder(Model):
    """What the retailer wants when a line is late, and what happens to an order that Centra has no stock for.

    `out_of_stock`: ``hold`` = a person decides; ``backorder`` = the retailer hears new dates and the order is placed
    when stock comes; ``demand`` = it is placed at once as demand, and the retailer hears new dates.
    `when_stock_comes`: ``acknowledge`` = the retailer hears that too; ``dispatch`` = only when the goods leave.
    Days of both dates count from the day on which the retailer is told.
    """

    out_of_stock: Literal["hold", "backorder", "demand"]
    when_stock_comes: Literal["acknowledge", "dispatch"]
    sub_status: ShortText
    dispatch_date: Promise
    delivery_date: Promise | None


class Cancelling(Model):
    """What the retailer may cancel: whole lines only, or also some units of a line (`part_lines`)."""

    part_lines: bool


class Dispatching(Model):
    """What the retailer accepts as a dispatch; `carriers` null = any carrier of the platform's live list."""

    full_lines_only: bool
    full_orders_only: bool
    delivery_date: Promise | None
    carriers: Annotated[tuple[Slug, ...], Field(min_length=1)] | None


class Stock(Model):
    """What of Centra's stock this retailer may see, in units.

    `floor`: below it nothing is offered. `last_units`: from here down a change is urgent.
    `preorder`: a preorder size shows nothing, its stock like any other size, or always `preorder_units`.
    """

    field: Literal["supplier_free_stock", "free_stock"]
    buffer: Units
    floor: Units
    ceiling: Units | None
    last_units: Units
    preorder: Literal["none", "as_stock", "fixed"]
    preorder_units: Units | None

    @model_validator(mode="after")
    def _consistent(self) -> "Stock":
        if (self.preorder == "fixed") != (self.preorder_units is not None):
            raise ValueError("preorder_units goes with preorder: fixed, and is null otherwise")
        if self.ceiling is not None and self.ceiling < self.floor:
            raise ValueError("ceiling is below floor, so nothing could ever be offered")
        return self


class QuietWindow(Model):
    """When large changes of content travel: while more than `above` listings wait, on the retailer's clock.

    Prices never wait for it. `opens` may be later than `closes`: the window then goes over midnight.
    """

    opens: ClockTime
    closes: ClockTime
    above: Units

    @model_validator(mode="after")
    def _open_at_all(self) -> "QuietWindow":
        if self.opens == self.closes:
            raise ValueError("opens and closes are the same; leave the window out (null) if it is always open")
        return self


class Products(Model):
    """Product data towards the retailer.

    `fields` names the field map, ``fields/<name>.yaml``. `create`: whether a product that the retailer does not list
    is created there, in `category` where the field map names no other. `when_invalid`: a product that fails a rule is
    held whole, or its valid attributes are sent. `images`: whether image links are checked before they are sent.
    """

    enabled: bool
    fields: Code | None
    create: bool
    category: Identifier | None
    when_invalid: Literal["hold", "send_valid"]
    images: Literal["checked", "unchecked"]
    quiet: QuietWindow | None


class PriceField(Model):
    """One price attribute of the retailer.

    `amount`: ``selling`` = with the campaign that runs at the moment, ``list`` = without any, ``recommended`` = the
    pricelist's recommended retail price, ``cost`` = the variant's unit cost, which has no tax. `pricelist` null =
    that of the profile. `tax`: whether the retailer's attribute holds the amount with tax.
    """

    attribute: AttributeName
    amount: Literal["selling", "list", "recommended", "cost"]
    pricelist: Identifier | None
    tax: Literal["included", "excluded"]
    places: Annotated[int, Field(ge=0, le=4)]


class Prices(Model):
    """How prices are read and written.

    `tax` says whether Centra's pricelists hold prices with tax, `tax_percent` how much that is where the two sides
    differ. `rounding`: how halves are rounded.
    """

    enabled: bool
    tax: Literal["included", "excluded"]
    tax_percent: Number
    rounding: Literal["half-up", "half-even"]
    fields: tuple[PriceField, ...]

    @model_validator(mode="after")
    def _usable(self) -> "Prices":
        if self.enabled and not self.fields:
            raise ValueError("prices are enabled, so at least one of the retailer's attributes must be in fields")
        if not 0 <= Decimal(self.tax_percent) <= 100:
            raise ValueError("tax_percent must be between 0 and 100")
        return self


class Returning(Model):
    """Whether returns are polled, and in how many working days the retailer wants the steps of the portal done."""

    enabled: bool
    authorise_days: Annotated[int, Field(ge=0, le=60)]
    decide_days: Annotated[int, Field(ge=0, le=60)]


class Invoices(Model):
    """Whether the retailer is invoiced through Virtualstock.

    `retailer_id` is the UUID that the portal shows for the retailer; null takes the one that its orders carry.
    `number_prefix` stands before Centra's order number in an invoice number.
    """

    enabled: bool
    retailer_id: Text | None
    number_prefix: Annotated[str, Field(max_length=8)]


class TestOrders(Model):
    """What becomes of orders that the retailer marks as a test.

    `warehouse` false: they are rehearsed, never created in Centra, acknowledged, and dispatched with `carrier`.
    """

    warehouse: bool
    carrier: Slug | None

    @model_validator(mode="after")
    def _consistent(self) -> "TestOrders":
        if self.warehouse == (self.carrier is not None):
            raise ValueError("carrier goes with warehouse: false, and is null otherwise")
        return self


class Thresholds(Model):
    """What the retailer measures us by, in per cent over 30 days; ``cvsync flows scorecard`` holds us against it.

    Shares of: orders that are answered in time, orders that leave in time, lines cancelled that it did not ask to
    cancel (at most), shipments told with a tracking number that is still right, days on which it took a quantity.
    """

    acknowledged_in_time: Number = "99"
    dispatched_in_time: Number = "98"
    cancelled_by_us: Number = "1"
    valid_tracking: Number = "98"
    days_with_stock_update: Number = "95"

    @model_validator(mode="after")
    def _shares(self) -> "Thresholds":
        for name in type(self).model_fields:
            if not 0 <= Decimal(getattr(self, name)) <= 100:
                raise ValueError(f"{name} must be between 0 and 100")
        return self


class ServiceLevel(Model):
    """What was promised to the retailer, on the clock of its time zone and the working days of its calendar.

    `acknowledge_hours`: true hours from the order to our answer, counted on working days only and from midnight to
    midnight: with 24, an order from Friday, 17:00, wants its answer by Monday, 17:00.
    `dispatch_days`: working days until the goods leave, by the end of the last; 0 = the same day. Orders made at
    `cut_off` or later count as made on the next working day. The cut-off does not move the hours of the answer.
    """

    acknowledge_hours: Annotated[int, Field(ge=1, le=240)]
    dispatch_days: Annotated[int, Field(ge=0, le=60)]
    cut_off: ClockTime
    calendar: Code
    # Not required: most retailers do not tell, and these are what public marketplaces ask for.
    thresholds: Thresholds = Thresholds()


class Guardrails(Model):
    """When sending stops until a named person lets it go on.

    `most_to_zero_percent`, `most_price_changes_percent`: share of the live listings that may fall to zero, or change
    price, within `window_minutes`. `least_rows_percent`: share of the rows of the last complete reading of Centra that
    the next one must have. `price_fall_percent`, `price_rise_percent`: how far one price may move in one step.
    `least_listings`: fewer than that many are never a mass.
    """

    most_to_zero_percent: Percent
    most_price_changes_percent: Percent
    window_minutes: Annotated[int, Field(ge=1, le=1440)]
    least_rows_percent: Percent
    price_fall_percent: Percent
    price_rise_percent: Annotated[int, Field(ge=0, le=10_000)]
    least_listings: Annotated[int, Field(ge=1, le=1_000_000)]


class Canary(Model):
    """A SKU by which the whole way of stock is proven: what its listing shows is read every ten minutes."""

    sku: Text


Mode = Literal[True, False, "shadow"]
"""A flow runs, does not run, or only writes down what it would have sent."""


class Switches(Model):
    """Flows that may run for this retailer; those of the catalogue can also run in ``shadow``."""

    stock: Mode
    products: Mode
    prices: Mode
    orders: bool
    acknowledgements: bool
    cancellations: bool
    dispatches: bool


class Retailer(Model):
    """One retailer's profile, ``mappings/retailers/<code>.yaml``."""

    code: Code
    name: Text
    credential: Code
    timezone: Zone
    currency: Currency
    requests_per_minute: Annotated[int, Field(ge=1, le=250)]
    virtualstock: Platform
    sku_key: SkuKey
    centra: CentraSide
    acknowledge: Acknowledge
    cancel: Cancelling
    dispatch: Dispatching
    backorder: Backorder
    returns: Returning
    test_orders: TestOrders
    stock: Stock
    products: Products
    prices: Prices
    invoices: Invoices
    sla: ServiceLevel
    guardrails: Guardrails
    switches: Switches
    # Not required: not every retailer's products show their stock.
    canary: Canary | None = None
