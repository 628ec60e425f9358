"""Whatever Virtualstock answers is readable: odd, missing and unknown values become None or text, never a crash.

Reading: `Order.parse` and its siblings accept any JSON value. ``null``, ``""`` and a missing field are the same.
Writing: the ``*Item`` classes hold one line of an order action; `ActionItem.violations` says what is wrong with it
before anything is sent, and nothing is ever cut to fit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

_ID_IN_LINK = re.compile(r"/([0-9]{1,18})/?(\?.*)?$")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,14}(\.[0-9]{1,8})?\s*")
_LARGEST_NUMBER = Decimal(10) ** 14


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


def id_in_link(link: object) -> int | None:
    """The integer a Virtualstock link ends in, with or without ``?format=json`` behind it; None when there is none."""
    found = _ID_IN_LINK.search(link) if isinstance(link, str) else None
    return int(found.group(1)) if found else None


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    # NUL and lone surrogates are legal JSON but neither PostgreSQL nor pydantic takes them.
    text = str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return text if text.strip() else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value.strip()) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return number if number.is_finite() and abs(number) < _LARGEST_NUMBER else None


def _whole_number(value: object) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None and number >= 0 and number == number.to_integral_value() else None


def _linked_id(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else id_in_link(value)


def _local_datetime(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        return None
    # They promise local time without an offset. What carries one is something else and stays text only.
    return moment if isinstance(moment, datetime) and moment.tzinfo is None else None


def _date(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment = _local_datetime(value)
    return moment.date() if moment is not None else None


def _object(value: object) -> object:
    return value if isinstance(value, dict | BaseModel) else {}


def _objects(value: object) -> list[object]:
    """Every row survives: one that is no object is a line nobody can read, not a line that does not exist."""
    return [_object(row) for row in value] if isinstance(value, list | tuple) else []


Text = Annotated[str | None, BeforeValidator(_text)]
StatusText = Annotated[str, BeforeValidator(lambda value: _text(value) or "")]
Price = Annotated[Decimal | None, BeforeValidator(_decimal)]
WholeNumber = Annotated[int | None, BeforeValidator(_whole_number)]
LocalDatetime = Annotated[datetime | None, BeforeValidator(_local_datetime)]
LinkedId = Annotated[int | None, BeforeValidator(_linked_id)]


class _Read(BaseModel):
    """Base of what is read: frozen, unknown fields ignored, any JSON value accepted."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read one JSON value, whatever it is. Never raises."""
        return cls.model_validate(_object(raw))


class Address(_Read):
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


class OrderItem(_Read):
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


class Order(_Read):
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
    items: Annotated[tuple[OrderItem, ...], BeforeValidator(_objects)] = ()
    currency_code: Text = None
    subtotal: Price = None
    tax: Price = None
    total: Price = None
    shipping_address: Annotated[Address, BeforeValidator(_object)] = Address()
    shipping_store_number: Text = None
    delivery_service_code: Text = None
    """The retailer's own label, such as ``standard``."""


class Product(_Read):
    """A listing at a retailer. Virtualstock API docs: Products, list products."""

    id: LinkedId = Field(default=None, validation_alias="url")
    """Integer in the product's link: the one identifier that the stock call takes."""
    part_number: Text = None
    client_id: LinkedId = Field(default=None, validation_alias="client")
    """The retailer, by its id in the products family (differs from the id that orders carry)."""
    supplier_id: LinkedId = Field(default=None, validation_alias="supplier")
    data: Annotated[dict[str, Any], BeforeValidator(_object)] = Field(default_factory=dict)
    """The retailer's own attributes, values as sent."""
    back_in_stock_date: Annotated[date | None, BeforeValidator(_date)] = None


class Carrier(_Read):
    """A carrier of the whole platform; being listed does not mean being allowed at a retailer."""

    id: WholeNumber = None
    slug: Text = None
    name: Text = None


class Customer(_Read):
    """A retailer, by its id in the orders family."""

    id: WholeNumber = None
    name: Text = None


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    """What every order action says of a line."""

    part_number: str
    line_ref: str
    quantity: int

    LIMITS: ClassVar[dict[str, int]] = {
        "part_number": 255,
        "line_ref": 100,
        "sub_status": 100,
        "comment": 255,
        "fulfillment_route": 255,
        "carrier": 255,
        "tracking_number": 100,
        "tracking_url": 255,
    }
    """Longest text per field, in characters."""
    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref")

    def violations(self) -> list[str]:
        """Sentences on what Virtualstock would refuse; empty when the line may be sent. They quote no values."""
        found = [f"{name} is missing" for name in self.REQUIRED if not getattr(self, name)]
        if self.quantity < 1:
            found.append("quantity is below 1")
        for name, value in self._values():
            if isinstance(value, str) and len(value) > self.LIMITS[name]:
                found.append(f"{name} has {len(value)} characters, {self.LIMITS[name]} are allowed")
            if isinstance(value, datetime) and value.tzinfo is not None:
                found.append(f"{name} has a time zone; they take the retailer's local time")
        return found

    def to_json(self) -> dict[str, Any]:
        """The line as the API takes it; what is not set is left out."""
        return {name: self._written(value) for name, value in self._values() if value not in (None, "")}

    @staticmethod
    def _written(value: object) -> object:
        return f"{value:%Y-%m-%dT%H:%M:%S}" if isinstance(value, datetime) else value

    def _values(self) -> list[tuple[str, Any]]:
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


@dataclass(frozen=True, kw_only=True)
class AcknowledgeItem(ActionItem):
    """A line we accept. Dates are datetimes in the retailer's local time, without zone."""

    sub_status: str | None = None
    supplier_dispatch_date: datetime | None = None
    supplier_delivery_date: datetime | None = None
    comment: str | None = field(default=None, repr=False)
    fulfillment_route: str | None = None


@dataclass(frozen=True, kw_only=True)
class BackorderItem(ActionItem):
    """A line that will be late. Dates are datetimes in the retailer's local time, without zone."""

    sub_status: str
    supplier_dispatch_date: datetime
    supplier_delivery_date: datetime | None = None
    comment: str | None = field(default=None, repr=False)
    fulfillment_route: str | None = None

    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref", "sub_status")


@dataclass(frozen=True, kw_only=True)
class DispatchItem(ActionItem):
    """A line that left. `carrier` is a slug; unlike in the other actions, dates are plain dates."""

    carrier: str
    tracking_number: str
    supplier_dispatch_date: date
    supplier_delivery_date: date | None = None
    tracking_url: str | None = None

    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref", "carrier", "tracking_number")

    @staticmethod
    def _written(value: object) -> object:
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


@dataclass(frozen=True, kw_only=True)
class CancelItem(ActionItem):
    """A line whose cancellation we confirm."""

    comment: str | None = field(default=None, repr=False)
