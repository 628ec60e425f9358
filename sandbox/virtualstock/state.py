"""What the Virtualstock twin remembers: orders with their lines, products with their stock, and its switches."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.seed import Listing, Retailer, Seed

LONDON = ZoneInfo("Europe/London")
FIRST_ORDER_ID = 259_313
FIRST_ITEM_ID = 279_610

STATUS_RANK = ("CANCEL", "ORDER", "BACKORDER", "ORDER_ACK", "RMA", "RMA_ACK", "DISPATCH", "CANCEL_ACK")
"""Line statuses, the one that decides the status of the whole order first."""


@dataclass
class TwinSettings:
    """How this Virtualstock behaves where the real one is undocumented or has moods."""

    error_form: str = "text"
    """How a refusal of an order action travels: ``text``, ``json_string`` or ``detail``."""
    window: str = "fixed"
    """``fixed`` calendar minutes or a ``sliding`` minute."""
    requests_per_minute: dict[str, int] = field(default_factory=dict)
    """By retailer code; overrides the retailer's own figure."""
    lie_about_count: bool = False
    duplicate_listing: bool = False
    allow_dispatch_before_ack: bool = False
    access_seconds: float = 300
    refresh_seconds: float = 4 * 3600
    link_host: str = "https://www.the-edge.io"

    def change(self, changes: dict[str, Any]) -> None:
        """Sets the named switches.

        :raises KeyError: a name is unknown.
        :raises ValueError: a word is not one of the choices.
        """
        choices = {"error_form": ("text", "json_string", "detail"), "window": ("fixed", "sliding")}
        for name, value in changes.items():
            if name not in self.__dataclass_fields__:
                raise KeyError(name)
            if name in choices and value not in choices[name]:
                raise ValueError(f"{name} is one of {', '.join(choices[name])}")
            setattr(self, name, value)


@dataclass
class Line:
    """One line of an order. `row` is what the API shows of it, `status` apart."""

    id: int
    sku: str | None
    quantity: int
    row: dict[str, Any]
    status: str = "ORDER"
    dispatched: int = 0
    promise: dict[str, Any] = field(default_factory=dict)
    """What the supplier said last of sub-status and dates."""

    @property
    def remainder(self) -> int:
        """Units that were not dispatched yet."""
        return self.quantity - self.dispatched


@dataclass
class Order:
    """One order of a retailer. `row` is what the API shows of it, lines and status apart."""

    id: int
    retailer: Retailer
    row: dict[str, Any]
    lines: list[Line]
    shown_status: str | None = None
    """A status the twin was told to show instead of the true one."""
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the supplier sent, by action."""

    @property
    def reference(self) -> str:
        """The retailer's order number."""
        return str(self.row["order_reference"])

    @property
    def status(self) -> str:
        """That of the line that is least advanced."""
        return self.shown_status or min((line.status for line in self.lines), key=_rank)


def _rank(status: str) -> int:
    return STATUS_RANK.index(status) if status in STATUS_RANK else len(STATUS_RANK)


@dataclass
class Product:
    """One listing at a retailer; `quantity` is None until the supplier has sent one."""

    listing: Listing
    data: dict[str, str]
    quantity: int | None = None
    back_in_stock_date: str | None = None
    locked_until: float = 0.0


class Memory:
    """All state of the twin. Whoever touches it holds the twin's lock."""

    def __init__(self, seed: Seed, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.settings = TwinSettings()
        self.retailers = {retailer.code: retailer for retailer in seed.retailers}
        self.orders: dict[int, Order] = {}
        self.orders_of: dict[str, list[Order]] = {code: [] for code in self.retailers}
        self.by_reference: dict[str, Order] = {}
        self.products: dict[int, Product] = {}
        self.products_of: dict[str, list[Product]] = {code: [] for code in self.retailers}
        self.by_sku: dict[tuple[str, str], Product] = {}
        self.by_part_number: dict[tuple[str, str], Product] = {}
        self.order_ids = itertools.count(FIRST_ORDER_ID)
        self.item_ids = itertools.count(FIRST_ITEM_ID)
        for listing in seed.listings:
            self._list(listing)

    def now(self) -> datetime:
        """The platform's clock: London time without a zone, to the second."""
        return datetime.fromtimestamp(self.clock(), LONDON).replace(tzinfo=None, microsecond=0)

    def keep(self, order: Order) -> None:
        """Adds a new order."""
        self.orders[order.id] = order
        self.orders_of[order.retailer.code].append(order)
        self.by_reference[order.reference] = order

    def _list(self, listing: Listing) -> None:
        product = Product(listing, _data(listing, self.retailers[listing.retailer]))
        self.products[listing.id] = product
        self.products_of[listing.retailer].append(product)
        self.by_sku[listing.retailer, listing.sku] = product
        self.by_part_number[listing.retailer, listing.part_number] = product


def _data(listing: Listing, retailer: Retailer) -> dict[str, str]:
    """The attributes of a listing in the retailer's own data model; every value is text."""
    if retailer.own_part_numbers:
        return {"tradedCode": listing.sku, "prodId": listing.part_number, "brandName": "Harrow & Fen",
                "supplierNum": "48211", "fulfilmentType": "Direct", "barcode": listing.ean,
                "current_lead_time_to_delivery_in_days": "3"}
    return {"part_number": listing.part_number, "product_name": listing.name, "barcode": listing.ean,
            "lead_time_days": "3", "discontinued": ""}
