"""Whatever Virtualstock answers is readable, as models that keep unknown keys as text and hide personal data.

`Order.parse` and its siblings accept any JSON value. ``null``, ``""`` and a missing field are the same.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AliasPath, BeforeValidator, Field

from integration.virtualstock.values import (
    Date,
    LinkedId,
    LocalDatetime,
    Price,
    Read,
    StatusText,
    Text,
    WholeNumber,
    as_object,
    as_objects,
)


class Status(StrEnum):
    """Status keys of orders and lines. New ones may appear unannounced, so models keep plain text beside these.

    Virtualstock API docs: Orders, order statuses. Labels differ between their tables; keys do not.
    """

    ORDER = "ORDER"
    ORDER_ACK = "ORDER_ACK"
    BACKORDER = "BACKORDER"
    DISPATCH = "DISPATCH"
    CANCEL = "CANCEL"
    CANCEL_ACK = "CANCEL_ACK"
    RMA = "RMA"
    RMA_ACK = "RMA_ACK"
    RMA_AUTHORISED = "RMA_AUTHORISED"
    RMA_REJ = "RMA_REJ"
    RMA_COLLECTION_BOOKED = "RMA_COLLECTION_BOOKED"
    RMA_REC = "RMA_REC"
    RMA_EXC = "RMA_EXC"


class Address(Read):
    """Where an order goes. Personal data: it shows in no repr."""

    full_name: Text = None
    line_1: Text = None
    line_2: Text = None
    city: Text = None
    state: Text = None
    postal_code: Text = None
    country: Text = None
    """Usually an ISO-2 code, but names spelt out occur."""
    phone: Text = None
    email: Text = None

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        return [("country", self.country)]


class OrderItem(Read):
    """One line of an order. `part_number` and `line_reference` are echoed back in actions, exactly as read."""

    part_number: Text = None
    retailer_sku_reference: Text = None
    supplier_sku_reference: Text = None
    retailer_additional_reference: Text = None
    line_reference: Text = None
    """Read under this name, written as ``line_ref``."""
    quantity: WholeNumber = None
    """Units ordered; 0 occurs (a cancelled line), None means unreadable."""
    name: Text = None
    description: Text = None
    status: StatusText = ""
    """A `Status` key or a text we do not know; can differ from the order's."""
    unit_cost_price: Price = None
    subtotal: Price = None
    tax: Price = None
    tax_rate: Price = None
    """Percentage: 20.00 is 20 %."""
    total: Price = None
    promised_date: LocalDatetime = None
    """Retailer's local time, without zone; None when missing or unreadable."""
    promised_date_text: Text = Field(default=None, validation_alias="promised_date")
    """The same as sent."""


class Order(Read):
    """An order as a retailer placed it. Virtualstock API docs: Orders, list orders."""

    id: LinkedId = Field(default=None, validation_alias="url")
    """Integer in the order's link: the one identifier that actions take."""
    retailer_id: LinkedId = Field(default=None, validation_alias="retailer")
    supplier_id: LinkedId = Field(default=None, validation_alias="supplier")
    retailer_uuid: Text = Field(default=None, validation_alias=AliasPath("retailer_data", "uuid"))
    """The id of the retailer that invoices take; older orders carry none."""
    order_reference: Text = None
    purchase_order_reference: Text = None
    end_user_purchase_order_reference: Text = None
    additional_order_reference: Text = None
    order_date: LocalDatetime = None
    """Retailer's local time, without zone; None when missing or unreadable."""
    order_date_text: Text = Field(default=None, validation_alias="order_date")
    """The same as sent."""
    status: StatusText = ""
    """A `Status` key or a text we do not know."""
    channel: Text = None
    comment: Text = Field(default=None, repr=False)
    test_flag: Annotated[bool, BeforeValidator(lambda value: value in (True, "true", "True"))] = False
    items: Annotated[tuple[OrderItem, ...], BeforeValidator(as_objects)] = ()
    currency_code: Text = None
    subtotal: Price = None
    tax: Price = None
    total: Price = None
    shipping_address: Annotated[Address, BeforeValidator(as_object)] = Address()
    shipping_store_number: Text = None
    delivery_service_code: Text = None
    """The retailer's own label, such as ``standard``."""


class OrderItemV3(Read):
    """What only the older generation tells of a line."""

    part_number: Text = None
    line_ref: Text = None
    """The `OrderItem.line_reference`, under the name that actions have for it."""
    quantity: WholeNumber = None
    current_status: Text = None
    """The portal's label, such as ``New Order``; labels may change, so decide by `OrderItem.status`."""
    dispatch_date: Text = None
    tracking_number: Text = None
    cancel_quantity: WholeNumber = None
    """Units the retailer asks to cancel, or had cancelled; None when it does not tell."""
    cancel_reason: Text = None
    return_quantity: WholeNumber = None
    return_code: Text = None
    return_reason: Text = None


class OrderV3(Read):
    """An order as API v3 tells it. Virtualstock API docs: Orders V3, get order."""

    id: LinkedId = Field(default=None, validation_alias="url")
    """The same integer as `Order.id`."""
    order_number: Text = None
    """The `Order.order_reference`."""
    current_status: Text = None
    """The portal's label, as of the items."""
    items: Annotated[tuple[OrderItemV3, ...], BeforeValidator(as_objects)] = ()
    """The lines of all shipments; a line that is in several of them stands here as often."""

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read one JSON value, whatever it is. Never raises."""
        order = as_object(raw)
        rows = [row for each in as_objects(order.get("shipments")) for row in as_objects(each.get("items"))]
        return cls.model_validate({**order, "items": rows})


class ReturnRow(Read):
    """A return of units of one line. Virtualstock API docs: Returns, list returns.

    Moments are stamps of the platform: its local time (the UK's), without zone; None until it happened.
    """

    id: Text = None
    """A UUID."""
    quantity: WholeNumber = None
    order_id: LinkedId = None
    order_reference: Text = None
    retailer_id: LinkedId = None
    """The retailer, by its id in the orders family: a credential sees the returns of all of its retailers."""
    line_reference: Text = None
    part_number: Text = None
    reason_code: Text = None
    """Such as ``225``; retailers may have codes of their own."""
    reason: Text = None
    """What the retailer calls the reason."""
    status: StatusText = ""
    """A `Status` key or a text we do not know. Labels differ between their tables and are not read."""
    requested_at: LocalDatetime = None
    authorised_at: LocalDatetime = None
    declined_at: LocalDatetime = None
    approved_at: LocalDatetime = None
    rejected_at: LocalDatetime = None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read one JSON value, whatever it is. Never raises. Who bought the goods is left behind."""
        row = as_object(raw)
        order, item = as_object(row.get("order")), as_object(row.get("order_item"))
        reason, status = as_object(row.get("return_reason")), row.get("status")
        return cls.model_validate({
            **row,
            "order_id": order.get("url"),
            "order_reference": order.get("order_reference"),
            "retailer_id": order.get("retailer"),
            "line_reference": item.get("line_reference"),
            "part_number": item.get("part_number"),
            "reason_code": row.get("return_reason_code") or reason.get("code"),
            "reason": reason.get("description"),
            "status": status.get("code") if isinstance(status, dict) else status,
        })


class Product(Read):
    """A listing at a retailer. Virtualstock API docs: Products, list products."""

    id: LinkedId = Field(default=None, validation_alias="url")
    """Integer in the product's link: the one identifier that the stock call takes."""
    part_number: Text = None
    client_id: LinkedId = Field(default=None, validation_alias="client")
    """The retailer, by its id in the products family (differs from the id that orders carry)."""
    supplier_id: LinkedId = Field(default=None, validation_alias="supplier")
    category_id: LinkedId = Field(default=None, validation_alias="category")
    """What decides which attributes the retailer's model has for it."""
    data: Annotated[dict[str, Any], BeforeValidator(as_object)] = Field(default_factory=dict)
    """The retailer's own attributes, values as sent."""
    back_in_stock_date: Date = None

    @property
    def texts(self) -> dict[str, str]:
        """The attributes as text: nothing and an empty text are the same to a retailer."""
        return {name: "" if value is None else str(value) for name, value in self.data.items()}


class Category(Read):
    """A branch of a retailer's data model."""

    id: LinkedId = Field(default=None, validation_alias="url")
    name: Text = None


class Carrier(Read):
    """A carrier of the whole platform; being listed does not mean being allowed at a retailer."""

    id: WholeNumber = None
    slug: Text = None
    name: Text = None


class Customer(Read):
    """A retailer, by its id in the orders family."""

    id: WholeNumber = None
    name: Text = None
