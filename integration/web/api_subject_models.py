"""What calls about orders, SKUs, flows and retailers take and answer has a shape that programs can rely on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from integration.flows.sending import Flow
from integration.web.api_models import Answer
from integration.web.exception_filters import LARGEST_ID, Text, Word

MOST_ROWS = 200
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS)]
Name = Annotated[Word, Field(min_length=1)]


class OrderRow(Answer):
    """An order in brief, free of personal data."""

    id: int
    retailer: str
    reference: str
    state: str
    rehearsal: bool = Field(description="A test order that never reaches Centra.")
    centra_number: int | None
    received_at: datetime
    placed_at: datetime | None
    acknowledged_at: datetime | None


class OrderPage(Answer):
    """Orders, newest first."""

    orders: list[OrderRow]
    next: int | None = Field(description="`before` of the next page; null on the last one.")


class Line(Answer):
    """A line of an order, in units."""

    line_reference: str
    part_number: str
    sku: str | None
    state: str
    quantity: int
    dispatched: int
    cancelled: int
    cancel_asked: int | None
    cancelled_in_centra: int
    short: int


class Shipment(Answer):
    """A shipment and what the retailer was told of it."""

    number: str
    units: dict[str, int] = Field(description="By line reference.")
    carrier: str | None
    tracking_number: str | None
    dispatch_date: str | date | None
    shipped_at: datetime | None
    announcing_since: datetime | None
    announced_at: datetime | None
    unclear_at: datetime | None
    changed_since: bool


class Clock(Answer):
    """A deadline of an order. `percent`: how much of the time that counts is over."""

    clock: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    missed_at: datetime | None
    percent: int


class OfOrder(Answer):
    """An open exception that holds or names an order."""

    id: int
    kind: str
    sentence: str
    owner: str
    severity: str
    opened_at: datetime
    due_at: datetime


class Pending(Answer):
    """Open work: since when, the sentences of what it waits for, and what went wrong last."""

    pending_since: datetime | None
    held_by: list[str]
    last_error: str | None


class Event(Answer):
    """A line of a story."""

    at: datetime
    what: str
    facts: dict[str, Any]


class Order(Answer):
    """Everything known of an order, free of personal data."""

    retailer: str
    reference: str
    state: str
    rehearsal: bool
    waits_for: str = Field(description="Who must act next, on what, and until when.")
    centra_order: int | None
    received_at: datetime
    placed_at: datetime | None
    confirmed_at: datetime | None
    acknowledged_at: datetime | None
    lines: list[Line]
    shipments: list[Shipment]
    returns: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    clocks: list[Clock]
    exceptions: list[OfOrder]
    pending: dict[str, Pending]
    timeline: list[Event]


class ListedAt(Answer):
    """A listing of a SKU in brief."""

    retailer: str
    part_number: str
    agreed: int | None
    agreed_at: datetime | None
    gone: bool


class SkuRow(Answer):
    """A SKU and who lists it."""

    sku: str
    ean: str | None
    retailers: list[ListedAt]


class SkuPage(Answer):
    """SKUs in their order."""

    skus: list[SkuRow]
    next: str | None = Field(description="`after` of the next page; null on the last one.")


class AtRetailer(Answer):
    """What a retailer was told of a SKU, and what is pending."""

    agreed: int | None
    agreed_at: datetime | None
    wanted: int | None
    part_number: str
    product_id: int
    gone: bool
    pending_since: datetime | None
    held_by: list[str]
    last_error: str | None
    products: dict[str, Any]
    prices: list[dict[str, Any]]


class Sku(Answer):
    """Everything known of a SKU."""

    sku: str
    retailers: dict[str, AtRetailer]
    timeline: list[Event]


class Trying(BaseModel):
    """What a flow would send for one order or one SKU."""

    flow: Flow
    order: Name | None = Field(None, description="<retailer>/<reference>")
    sku: Name | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.order is None) == (self.sku is None):
            raise ValueError("name one order or one SKU")
        return self


class Asking(Trying):
    """Send it now."""

    reason: Text


class Calls(Answer):
    """The calls of a dry run, free of personal data; nothing was sent."""

    would_send: list[dict[str, Any]]
    more: bool = Field(description="There are more than are shown.")


class Sent(Answer):
    """How many pieces of work were asked for, and how many of them a paused flow keeps waiting."""

    pieces: int
    paused: int


class Pause(Answer):
    """Who paused a flow, when and why, and what waits for it. `retailer` empty: it is paused for all."""

    flow: str
    retailer: str
    by: str
    reason: str
    at: datetime
    waiting: int
    oldest: datetime | None


class Switch(Answer):
    """A flow at a retailer; `retailer` empty: it is one for all of them."""

    flow: str
    retailer: str
    state: Literal["runs", "shadow", "off", "paused"]
    pause: Pause | None


class Switching(BaseModel):
    """Pause or resume a flow at one retailer, or (null) at all."""

    flow: Name
    retailer: Name | None = None
    reason: Text


class Switched(Answer):
    """How many pieces of work are due again; 0 after a pause."""

    due: int


class Retailer(Answer):
    """A retailer of the published mappings."""

    code: str
    name: str
    timezone: str
    currency: str
    flows: list[Switch]


class Score(Answer):
    """A measure. `percent` null: nothing was counted. `spare`: how many more of the same number may fail."""

    measure: str
    some: int
    all: int
    percent: Decimal | None
    wanted: Decimal
    at_most: bool
    verdict: Literal["met", "missed", "no data"]
    spare: int


class Scorecard(Answer):
    """How we look to a retailer since a moment, against the thresholds of its profile."""

    retailer: str
    since: datetime
    scores: list[Score]
    acknowledged_within_seconds_half: float | None = Field(description="Of the newest orders, half.")
    acknowledged_within_seconds_most: float | None = Field(description="Of the newest orders, 95 of 100.")


class Orders(BaseModel):
    """Which orders. `q`: any name of one; without it all, a page at a time."""

    q: Word = ""
    retailer: Word = ""
    state: Word = ""
    before: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    limit: Limit = 50


class Skus(BaseModel):
    """Which SKUs. `q`: any name of one; without it all, a page at a time."""

    q: Word = ""
    retailer: Word = ""
    after: Word = ""
    limit: Limit = 50
