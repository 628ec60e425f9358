"""What the Virtualstock twin remembers: orders with their lines, returns and invoices, products with their stock."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.seed import IMAGES, Listing, Retailer, Seed
from sandbox.virtualstock.listing_data import ListingData
from sandbox.virtualstock.models import installed
from sandbox.virtualstock.switches import TwinSettings

LONDON = ZoneInfo("Europe/London")
FIRST_ORDER_ID = 259_313
FIRST_ITEM_ID = 279_610

STATUS_RANK = ("CANCEL", "ORDER", "BACKORDER", "ORDER_ACK", "RMA", "RMA_ACK", "RMA_AUTHORISED", "RMA_COLLECTION_BOOKED",
               "RMA_REC", "RMA_EXC", "RMA_REJ", "DISPATCH", "CANCEL_ACK")
"""Line statuses, the one that decides the status of the whole order first."""


@dataclass
class Line:
    """One line of an order. `row` is what the API shows of it, `status` apart."""

    id: int
    sku: str | None
    quantity: int
    row: dict[str, Any]
    status: str = "ORDER"
    dispatched: int = 0
    cancelled: int = 0
    cancel_asked: int = 0
    """Units the retailer asks to cancel and nobody has confirmed or sent yet."""
    before_cancel: str = "ORDER"
    """The status that comes back when only a part is cancelled."""
    cancellation: dict[str, Any] = field(default_factory=dict)
    """What the retailer said with its last wish to cancel: ``reason_code``, ``comment``, ``at``."""
    parcel: dict[str, Any] = field(default_factory=dict)
    """The item of the last dispatch."""
    promise: dict[str, Any] = field(default_factory=dict)
    """What the supplier said last of sub-status and dates."""

    @property
    def reference(self) -> str:
        """The retailer's name of the line."""
        return str(self.row["line_reference"])

    @property
    def remainder(self) -> int:
        """Units that were neither dispatched nor cancelled yet."""
        return self.quantity - self.dispatched - self.cancelled


@dataclass
class Return:
    """Units of one line that a customer of the retailer sends back."""

    id: str
    number: int
    line: Line
    quantity: int
    reason_code: str
    method: str | None
    status: str
    stamps: dict[str, datetime]
    """When what happened, London time: ``created``, ``requested``, ``authorised``, ``declined`` ..."""
    changed: int = 0
    """Grows with every change of any return of the order: the last one gives the line its status."""
    amount: str | None = None
    withdrawn: bool = False

    @property
    def holds(self) -> int:
        """Units that cannot be asked back once more."""
        return 0 if self.withdrawn or self.status == "RMA_REJ" else self.quantity


@dataclass
class Invoice:
    """What the supplier wants for an order: ``PENDING``, then ``ISSUED`` or ``REJECTED``, or ``WITHDRAWN``."""

    id: str
    number: str
    row: dict[str, Any]
    status: str = "PENDING"


@dataclass
class Order:
    """One order of a retailer. `row` is what the API shows of it, lines and status apart."""

    id: int
    retailer: Retailer
    row: dict[str, Any]
    lines: list[Line]
    shown_status: str | None = None
    """A status the twin was told to show instead of the true one."""
    created: float = 0.0
    modified: float = 0.0
    returns: list[Return] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the supplier sent, by action; what somebody did in the portal stands under ``portal``."""

    @property
    def reference(self) -> str:
        """The retailer's order number."""
        return str(self.row["order_reference"])

    @property
    def status(self) -> str:
        """That of the line that is least advanced."""
        return self.shown_status or min((line.status for line in self.lines), key=_rank)

    def returned(self, line: Line) -> int:
        """Units of a line that are on their way back, are back, or are asked for."""
        return sum(each.holds for each in self.returns if each.line is line)


def _rank(status: str) -> int:
    return STATUS_RANK.index(status) if status in STATUS_RANK else len(STATUS_RANK)


@dataclass(eq=False)
class Product:
    """One listing at a retailer; `quantity` is None until the supplier has sent one."""

    listing: Listing
    category: int
    data: dict[str, str]
    """What was sent or made; the data model says which of it is shown."""
    quantity: int | None = None
    back_in_stock_date: str | None = None
    locked_until: float = 0.0


class Memory:
    """All state of the twin. Whoever touches it holds the twin's lock."""

    def __init__(self, seed: Seed, clock: Callable[[], float], media_url: str) -> None:
        self.clock = clock
        self.settings = TwinSettings(media_url=media_url)
        self._as_seeded = {retailer.code: retailer for retailer in seed.retailers}
        self.retailers = dict(self._as_seeded)
        self.orders: dict[int, Order] = {}
        self.orders_of: dict[str, list[Order]] = {code: [] for code in self.retailers}
        self.by_reference: dict[str, Order] = {}
        self.products: dict[int, Product] = {}
        self.products_of: dict[str, list[Product]] = {code: [] for code in self.retailers}
        self.by_sku: dict[tuple[str, str], Product] = {}
        self.by_part_number: dict[tuple[str, str], Product] = {}
        self.order_ids = itertools.count(FIRST_ORDER_ID)
        self.item_ids = itertools.count(FIRST_ITEM_ID)
        self.return_numbers = itertools.count(1)
        self.invoice_numbers = itertools.count(1)
        self.product_ids = itertools.count(max((listing.id for listing in seed.listings), default=0) + 1)
        self.models = installed()
        data = ListingData(seed, media_url)
        for listing in seed.listings:
            self.add(listing, *data.of(listing))

    def now(self) -> datetime:
        """The platform's clock: London time without a zone, to the second."""
        return datetime.fromtimestamp(self.clock(), LONDON).replace(tzinfo=None, microsecond=0)

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Sets the named switches; ``rules`` replaces rules of retailers as they were seeded.

        :raises KeyError: a switch or a retailer is unknown.
        :raises ValueError: a word is not one of the choices.
        :raises TypeError: a retailer has no such rule.
        """
        rules = changes.get("rules", self.settings.rules)
        changed = {code: _with_rules(self._as_seeded[code], given) for code, given in rules.items()}
        before = self.settings.media_url
        self.settings.change(changes)
        self._move_images(before + IMAGES, self.settings.media_url + IMAGES)
        self.retailers |= self._as_seeded | changed

    def rules(self, order: Order) -> Retailer:
        """The rules that hold now for an order."""
        return self.retailers[order.retailer.code]

    def touch(self, order: Order) -> None:
        """The order has just changed."""
        order.modified = self.clock()

    def keep(self, order: Order) -> None:
        """Adds a new order."""
        order.created = order.modified = self.clock()
        self.orders[order.id] = order
        self.orders_of[order.retailer.code].append(order)
        self.by_reference[order.reference] = order

    def add(self, listing: Listing, category: int, data: dict[str, str]) -> Product:
        """A retailer lists a product."""
        product = Product(listing, category, data)
        self.products[listing.id] = product
        self.products_of[listing.retailer].append(product)
        self.by_sku[listing.retailer, listing.sku] = product
        self.by_part_number[listing.retailer, listing.part_number] = product
        return product

    def remove(self, product: Product) -> None:
        """A retailer lists a product no longer; its part number is free again."""
        listing = product.listing
        del self.products[listing.id]
        self.products_of[listing.retailer].remove(product)
        for table, key in ((self.by_sku, listing.sku), (self.by_part_number, listing.part_number)):
            if table[listing.retailer, key] is product:
                del table[listing.retailer, key]

    def _move_images(self, before: str, after: str) -> None:
        if before == after:
            return
        for product in self.products.values():
            moved = {name: after + text.removeprefix(before) for name, text in product.data.items()
                     if text.startswith(before)}
            product.data.update(moved)


def _with_rules(retailer: Retailer, given: dict[str, Any]) -> Retailer:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return replace(retailer, **values)
