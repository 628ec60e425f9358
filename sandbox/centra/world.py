"""One Centra instance: its catalogue, stock, orders and queues behind one lock."""

import threading
from collections import Counter
from typing import Any

from sandbox.centra import catalogue
from sandbox.centra.conversions import Conversions
from sandbox.centra.events import EventQueues
from sandbox.centra.model import Market, ProductSize, StockChange, StockChangeLine, Store, Variant
from sandbox.centra.options import Options
from sandbox.centra.sales import Order, OrderLine, Return, Shipment
from sandbox.centra.webhooks import WebhookSender
from sandbox.seed import MARKETPLACES_MARKET_ID, Seed


class World:
    """The state of the instance. Whoever reads or changes it holds `lock`."""

    def __init__(self, options: Options, seed: Seed) -> None:
        self.lock = threading.RLock()
        self.options = options
        self.catalogue = catalogue.load(seed)
        self.events = EventQueues()
        self.conversions = Conversions()
        self.webhooks = WebhookSender(options)
        self.orders: dict[int, Order] = {}
        self.orders_by_hash: dict[str, Order] = {}
        self.order_lines: dict[int, OrderLine] = {}
        self.shipments: dict[int, Shipment] = {}
        self.returns: dict[int, Return] = {}
        self.waiting: dict[int, dict[int, OrderLine]] = {}
        """Order lines with units that found no stock, by product size and line id."""
        self.stock_changes: dict[int, StockChange] = {}
        self.stock_change_lines: dict[int, StockChangeLine] = {}
        self.unmet: dict[tuple[str, str], int] = {}
        """Units of marketplace orders that found no stock, by reference and SKU: asking again does not count twice."""
        self.revision = 0
        """Grows with every stored change."""
        self._ids: Counter[str] = Counter({
            "order": 1000, "line": 50_000, "shipment": 300, "customer": 7000, "return": 500, "image": 900_000,
            "campaign": 30, "row": 4000,
        })

    def next_id(self, kind: str) -> int:
        """The next number of a sequence."""
        self._ids[kind] += 1
        return self._ids[kind]

    def next_order_number(self) -> int:
        """The next free order number; a number given by a caller is skipped, not overtaken."""
        number = self.next_id("order")
        while number in self.orders:
            number = self.next_id("order")
        return number

    def found_no_stock(self, market: Market, reference: str, size: ProductSize, missing: int) -> None:
        """Remembers what a marketplace order asked for in vain; preorders never do."""
        if missing and market.id == MARKETPLACES_MARKET_ID and not size.preorder:
            self.unmet[reference, size.sku] = missing

    def changed(
        self, object_type: str, change: str, reference: int, store: Store | None = None, market: Market | None = None,
    ) -> None:
        """Counts a change and raises its event, unless it is muted."""
        self.revision += 1
        muted = self.options.muted_events
        if self.options.events_enabled and object_type not in muted and f"{object_type}.{change}" not in muted:
            self.events.add(object_type, change, reference, store, market)

    def order_changed(self, order: Order, change: str, action: str) -> None:
        """An order's event and webhook."""
        self.changed("Order", change, order.number, order.store, order.market)
        self.webhooks.notify("order", action, order.number)

    def shipment_changed(self, shipment: Shipment, change: str, action: str) -> None:
        """A shipment's event and webhook."""
        self.changed("Shipment", change, shipment.id, shipment.order.store, shipment.order.market)
        self.webhooks.notify("shipment", action, shipment.id)

    def return_changed(self, change: str, returned: Return) -> None:
        """A return's event and webhook."""
        self.changed("Return", change, returned.id, returned.order.store, returned.order.market)
        actions = {"CREATED": "create", "UPDATED": "update", "COMPLETED": "complete", "DELETED": "delete"}
        self.webhooks.notify("return", actions[change], returned.id)

    def stock_of_variant_changed(self, variant: Variant) -> None:
        """The storefront webhook about a variant's stock; allocations raise nothing else."""
        self.revision += 1
        self.webhooks.notify_display_item(variant.display_item_id)

    def find(self, object_type: str, reference: int) -> Any:
        """The object an event is about as it is now; None when it is gone or not kept here."""
        tables: dict[str, dict[int, Any]] = {
            "Order": self.orders, "Shipment": self.shipments, "Return": self.returns, "StockChange": self.stock_changes,
            "Product": self.catalogue.products, "ProductVariant": self.catalogue.variants,
            "ProductSize": self.catalogue.sizes, "Display": self.catalogue.displays,
            "Warehouse": self.catalogue.warehouses, "Market": self.catalogue.markets,
            "Store": self.catalogue.stores, "Pricelist": self.catalogue.pricelists,
        }
        return tables.get(object_type, {}).get(reference)
