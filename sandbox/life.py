"""The sandbox is alive: shoppers buy, retailers order, goods arrive, leave and come back, all by themselves.

Life speaks HTTP to the control addresses of both twins, as the people on the real platforms use their screens.
"""

import heapq
import http.client
import itertools
import json
import random
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from sandbox.seed import Product, Seed, Size

SHIPS_AFTER = 10.0
"""Seconds between the confirmation of an order and its shipment at speed 1."""


UNSHIPPED = ("ORDER", "ORDER_ACK", "BACKORDER")
WINDOW = 200
"""The newest orders of a retailer or a shop among which people change their minds."""


class Life:
    """Everyday events on both twins, `speed` times as many as at 1; ends with `stop`."""

    def __init__(self, centra_url: str, virtualstock_url: str, seed: Seed, speed: float, random_seed: int = 1) -> None:
        self._centra = centra_url
        self._virtualstock = virtualstock_url
        self._skus = [size.sku for _, _, size in seed.sizes() if size.active]
        self._articles = [(product, size) for product, _, size in seed.sizes()]
        self._warehouses = [warehouse.id for warehouse in seed.warehouses]
        self._retailers = itertools.cycle(retailer.code for retailer in seed.retailers)
        self._coming_back: list[str] = []
        self._speed = speed
        self._random = random.Random(random_seed)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-life", daemon=True)
        self.done = 0
        """Events that a twin accepted."""
        self.refused = 0
        """Events that came to nothing: out of stock, or a twin that did not answer."""

    def start(self) -> "Life":
        """Begins; returns itself. Speed 0 is no life at all."""
        if self._speed > 0:
            self._thread.start()
        return self

    def stop(self) -> None:
        """Ends after the event under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def purchase(self) -> None:
        """A shopper buys in Centra's own shop."""
        self._send(f"{self._centra}/_control/buy", {"sku": self._random.choice(self._skus), "quantity": 1})

    def stock_movement(self) -> None:
        """Goods arrive, or a count finds fewer than thought."""
        delta = self._random.choice((-2, -1, 1, 3, 6, 12, 24))
        self._send(f"{self._centra}/_control/stock", {
            "sku": self._random.choice(self._skus), "delta": delta, "warehouse": self._random.choice(self._warehouses),
        })

    def retailer_order(self) -> None:
        """A shopper of a retailer orders one or two of what is listed as available there."""
        retailer = next(self._retailers)
        listed: dict[str, int | None] = self._read(f"{self._virtualstock}/_control/stock?retailer={retailer}")
        available = [(sku, quantity) for sku, quantity in listed.items() if quantity]
        if not available:
            return
        chosen = self._random.sample(available, min(len(available), self._random.choice((1, 1, 1, 2))))
        lines = [{"sku": sku, "quantity": min(quantity, self._random.choice((1, 1, 1, 2)))} for sku, quantity in chosen]
        self._send(f"{self._virtualstock}/_control/orders", {"retailer": retailer, "lines": lines})

    def shipping(self) -> None:
        """The warehouse ships what was confirmed long enough ago."""
        self._send(f"{self._centra}/_control/ship_due", {"seconds": SHIPS_AFTER / self._speed})

    def customer_cancels(self) -> None:
        """A shopper of a retailer wants none of an order that nobody has shipped."""
        self._ask_retailer("cancel_request", lambda line: not line["dispatched"] and line["status"] in UNSHIPPED)

    def customer_returns(self) -> None:
        """A shopper of a retailer sends back what was shipped; the goods are under way from then on."""
        if reference := self._ask_retailer("return_request", lambda line: line["status"] == "DISPATCH"):
            self._coming_back.append(reference)

    def goods_come_back(self) -> None:
        """The warehouse unpacks the oldest of the parcels under way."""
        if self._coming_back:
            reference = self._coming_back.pop(0)
            for number, order in self._read(f"{self._centra}/_control/state")["orders"].items():
                if (order["external_id"] or "").partition("/")[2] == reference:
                    self._send(f"{self._centra}/_control/return", {"order": int(number), "complete": True})

    def staff_cancel(self) -> None:
        """The merchant's staff cancel a marketplace order, say because the goods are damaged."""
        orders = list(self._read(f"{self._centra}/_control/state")["orders"].items())[-WINDOW:]
        possible = [
            int(number) for number, order in orders
            if order["external_id"] and order["status"] in ("PENDING", "CONFIRMED") and not order["shipments"]
        ]
        if possible:
            self._send(f"{self._centra}/_control/cancel", {"order": self._random.choice(possible)})

    def catalogue_edit(self) -> None:
        """The merchant's staff touch up an article: its title, price, last picture or care label."""
        product, size = self._random.choice(self._articles)
        change = self._random.choice((self._title, self._price, self._picture, self._care))
        self._send(f"{self._centra}/_control/edit", {"sku": size.sku, **change(product, size)})

    def _title(self, product: Product, _size: Size) -> dict[str, Any]:
        return {"title": product.display_name + self._random.choice(("", ", new season", ", classic fit"))}

    def _price(self, _product: Product, size: Size) -> dict[str, Any]:
        # Always a share of the first price, so that no price wanders off in a long night.
        return {"price": f"{size.price * self._random.choice((90, 95, 100, 105)) / 100:.2f}"}

    @staticmethod
    def _picture(_product: Product, _size: Size) -> dict[str, Any]:
        return {"image": {"replace": 3}}

    def _care(self, product: Product, _size: Size) -> dict[str, Any]:
        care = self._random.choice((product.care, f"{product.care}. Keep away from fire"))
        return {"attribute": {"name": "product.care.text", "value": care}}

    def _ask_retailer(self, verb: str, fits: Callable[[dict[str, Any]], bool]) -> str | None:
        """Asks for one of the newest orders of which all lines fit; its reference, or None when there is none."""
        orders = list(self._read(f"{self._virtualstock}/_control/state")["orders"].items())[-WINDOW:]
        possible = [reference for reference, order in orders if all(map(fits, order["lines"]))]
        if not possible:
            return None
        chosen: str = self._random.choice(possible)
        self._send(f"{self._virtualstock}/_control/{verb}", {"order": chosen})
        return chosen

    def _run(self) -> None:
        activities: list[tuple[float, Callable[[], None]]] = [
            (2.0, self.purchase), (3.0, self.stock_movement), (8.0, self.retailer_order), (2.0, self.shipping),
            (80.0, self.customer_cancels), (80.0, self.customer_returns), (40.0, self.goods_come_back),
            (320.0, self.staff_cancel), (20.0, self.catalogue_edit),
        ]
        start = time.monotonic()
        due = [(start + every / self._speed, index) for index, (every, _) in enumerate(activities)]
        heapq.heapify(due)
        while not self._stopped.wait(max(0.0, due[0][0] - time.monotonic())):
            every, happen = activities[due[0][1]]
            self._attempt(happen)
            pause = every / self._speed * self._random.uniform(0.7, 1.3)
            heapq.heapreplace(due, (max(due[0][0] + pause, time.monotonic()), due[0][1]))

    def _attempt(self, happen: Callable[[], None]) -> None:
        """Life goes on when a twin refuses, is down or answers nonsense."""
        try:
            happen()
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError):
            self.refused += 1

    @staticmethod
    def _read(url: str) -> Any:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    def _send(self, url: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
        self.done += 1
