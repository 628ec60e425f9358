"""A shop with both twins, its flows and its console open for a browser; published mappings count at once."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from integration import steps
from integration.flows import mappings
from integration.people import Door, Person, Role
from integration.rulebook import Rulebook
from integration.services import Services
from integration.storage import published
from integration.web.headers import Guarded
from sandbox.centra.limits import Limiter
from tests.life.actor import Order
from tests.life.product_stage import ProductStage
from tests.web.browser import site

TOOLS = Person("the tests", Role.ADMIN, Door.CLI)
OPENS_WITHIN = 20.0
"""Seconds."""


class Shop(ProductStage):
    """`address` is where its console answers, `mark` where `calls` looks from."""

    def __init__(self, folder: Path) -> None:
        self._versions: dict[int, Rulebook] = {}
        super().__init__(folder)
        self._publish()
        self.keep()
        self._server = uvicorn.Server(uvicorn.Config(Guarded(site(self)), port=0, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + OPENS_WITHIN
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        self.address = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Close the console, then everything behind it."""
        self._server.should_exit = True
        self._thread.join(10)
        super().stop()

    def again(self) -> None:
        """Everything is as it was when it opened; versions of the mappings are counted from there anew."""
        self._versions.clear()
        super().again()

    def change(self, retailer: str, **parts: Mapping[str, Any]) -> None:
        """Publish mappings in which parts of one profile differ."""
        self.rules = self._newest()
        super().change(retailer, **parts)
        if self.rules.version is not None:
            self._publish()

    def buys(self, retailer: str, sku: str | None = None, quantity: int = 1, **overrides: Any) -> Order:
        """A shopper of a retailer orders one line of an article that the shop has plenty of."""
        chosen = sku or self.on_sale(retailer, *self.variants())[0]
        self.centra.post("stock", sku=chosen, quantity=50, warehouse=1)
        return self.orders(retailer, {"sku": chosen, "quantity": quantity}, skus=[chosen], **overrides)

    def orders(self, retailer: str, *lines: Mapping[str, Any], skus: list[str], **overrides: Any) -> Order:
        """A shopper orders these lines."""
        placed = self.virtualstock.post("orders", retailer=retailer, lines=list(lines), overrides=overrides)
        return Order(self, retailer, skus, placed["reference"])

    def sells_stock(self, retailer: str, **guardrails: int) -> list[str]:
        """Let stock be told to a retailer and wait until it is; SKUs of which it shows more than a few."""
        self.change(retailer, switches={"stock": True}, **({"guardrails": guardrails} if guardrails else {}))
        self.ask(steps.STOCK_SWEEP, steps.CENTRA)
        self.settle(5)
        shown = self.virtualstock.get("stock", retailer=retailer)
        return sorted(sku for sku, quantity in shown.items() if quantity > 6)

    def new_limits(self) -> None:
        """Centra's buckets would have to pay for every second by which the clock was put back."""
        twin: Any = self.servers[0].twin
        twin._graphql.limiter = Limiter(twin.world.options)

    def variants(self) -> list[int]:
        """Ids of every variant."""
        return [variant.id for product in self.seed.products for variant in product.variants]

    def _services(self) -> Services:
        return replace(super()._services(), rules=self._newest)

    def _newest(self) -> Rulebook:
        with self.store.read() as db:
            version = published.newest_version(db)
            if version is None:
                return self.rules
            if version not in self._versions:
                self._versions[version] = Rulebook.from_document(published.document(db, version), version=version)
        return self._versions[version]

    def _publish(self) -> None:
        made = mappings.publish(self.services, self.rules, person=TOOLS, reason="the files of the repository")
        assert made.version is not None, made.problems
        self.settle()
        self.rules = self._newest()
