"""A busy day of the shop: exceptions of many kinds, people at work, names that hold markup, words that have no end."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from integration.flows import exceptions, pauses, pulse, weighing
from integration.people import Door, Person, Role
from integration.storage.found import Filter
from sandbox.centra import clock
from tests.browser.shop import Shop
from tests.life.actor import Order

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "A-NUMBER-WITHOUT-ANY-PLACE-TO-BREAK-" * 6
SKU = "HF1001-OAT-S"
OLGA = Person("olga", Role.OPERATOR, Door.CONSOLE)
ADA = Person("ada", Role.ADMIN, Door.CONSOLE)


class Day:
    """It is made once and only looked at, by whoever has let it `come_back`."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(folder)
        self.orders = self._trade()
        self._trouble()
        self._people()
        self._last_hour()
        self.moment = clock.now()

    def come_back(self) -> None:
        """The clock is the process's, and every test begins with the machine's: put it on to the end of the day."""
        clock.advance((self.moment - clock.now()).total_seconds())
        self.shop.new_limits()

    @property
    def services(self) -> Any:
        """What flows get."""
        return self.shop.services

    @cached_property
    def exceptions(self) -> dict[str, int]:
        """An id of each kind of exception that was opened, closed ones too."""
        rows = [each for state in ("open", "muted", "closed") for each in self._found(state)]
        return {row["kind"]: row["id"] for row in reversed(rows)}

    def _found(self, state: Any) -> list[dict[str, Any]]:
        return exceptions.find(self.services, Filter(state=state), limit=200)

    def _trade(self) -> Mapping[str, Order]:
        """Orders in every state that a day brings."""
        shop = self.shop
        shop.change("fernhill", switches={"prices": False})
        skus = shop.sells_stock("calder", least_listings=5)
        made = {
            "returned": shop.buys("northgate", quantity=2), "sent": shop.buys("fernhill", quantity=3),
            "carrier": shop.buys("northgate"), "untracked": shop.buys("northgate"),
            "markup": shop.buys("fernhill"), "cancelled": shop.buys("calder", skus[0]),
        }  # fmt: skip
        shop.calm()
        made["returned"].act("ship all")
        made["sent"].act("ship 1:2")
        made["untracked"].act("ship all untracked")
        self._ship(made["carrier"], "Whistl & Sons", "Two Day")
        self._ship(made["markup"], MARKUP, LONG[:90])
        made["cancelled"].act("cancel all")
        shop.calm()
        made["returned"].act("return all")
        shop.calm()
        return made

    def _ship(self, order: Order, carrier: str, service: str) -> None:
        number = order.centra_order()["number"]
        self.shop.centra.post("ship", order=number, carrier=carrier, service=service, tracking="T1")

    def _trouble(self) -> None:
        """Orders, stock, prices and content that need somebody."""
        shop = self.shop
        shop.orders("calder", {"part_number": f"{MARKUP}{LONG}", "quantity": 1}, skus=[SKU])
        shop.orders("calder", {"part_number": "CAL-OLD-9", "quantity": 1}, skus=[SKU])
        shop.buys("calder", delivery_service_code="sameday")
        shop.virtualstock.faults({
            "match": {"operation": "stock", "caller": "calder"}, "do": "status", "value": 422,
            "body": f'{{"detail": "{LONG}"}}', "times": 4,
        })  # fmt: skip
        shop.edit(sku=SKU, price="5")
        shop.edit(product=1003, attribute={"name": "variant.colour.text", "value": MARKUP[:28]})
        shop.calm()
        shop.settle()
        shop.centra.put("settings", {"order_api_markets": [1]})
        shop.buys("northgate", "HF1003-RST-S")
        self.orders["untracked"].act("track GB100200")
        shop.calm()

    def _people(self) -> None:
        """What people did about it."""
        one = self.exceptions
        exceptions.acknowledge(self.services, [one["unmapped-carrier"]], OLGA)
        exceptions.assign(self.services, [one["unmapped-carrier"]], "olga", OLGA, "the warehouse is hers")
        exceptions.comment(self.services, one["unmapped-carrier"], OLGA, f"{MARKUP} {LONG}")
        exceptions.mute(
            self.services, [one["content-invalid"]], datetime(2999, 1, 1, tzinfo=self.shop.now().tzinfo), OLGA, LONG
        )
        exceptions.retry(self.services, Filter(ids=(one["order-refused"],)), ADA, "tried while nobody had mended it")
        self.shop.calm()
        pauses.pause(self.services, "invoices", "fernhill", ADA, f"their books are closed {MARKUP}")
        self.shop.change("northgate", stock={"buffer": 2})

    def _last_hour(self) -> None:
        """The minutes that the charts of Today are drawn from."""
        used = iter(range(20, 80))
        self.shop.gate.snapshot = lambda: {  # type: ignore[method-assign]
            "limit": 300, "used": next(used, 80), "window_seconds": 60, "throttled": 3, "open": False, "held_for": 0,
        }  # fmt: skip
        for _ in range(20):
            clock.advance(60)
            pulse.beat(self.services)
        weighing.weigh(self.services)
