"""A supplier calls a small twin of Virtualstock over HTTP, with a clock that tests can turn."""

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from sandbox.http import Server
from sandbox.seed import Listing, Seed
from sandbox.virtualstock import VirtualstockTwin

NOON = 1_760_000_400.0
"""A moment at the start of a calendar minute."""


class NoCookies(DefaultCookiePolicy):
    """Stores no cookie, so none is sent back."""

    def set_ok(self, cookie: object, request: object) -> bool:
        return False


class Virtualstock:
    """The twin, and one supplier who calls it with the credentials of its three retailers."""

    def __init__(self, seed: Seed) -> None:
        self.now = NOON
        self.server = Server(VirtualstockTwin(seed, lambda: self.now)).start()
        self.session = requests.Session()
        self.session.cookies.set_policy(NoCookies())
        self._listings = seed.listings

    def call(
        self, method: str, path: str, json: Any = None, *, retailer: str = "fernhill", **options: Any
    ) -> requests.Response:
        """One call with the password of a retailer's credential."""
        options.setdefault("auth", (retailer, f"{retailer}-secret"))
        return self.session.request(
            method, self.server.url + path, json=json, timeout=5, allow_redirects=False, **options
        )

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One call to the control addresses, which has to succeed."""
        answer = self.session.request(method, f"{self.server.url}/_control/{path}", json=json, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def refusal(self, path: str, json: Any) -> str:
        """Why the platform does not let a control verb happen."""
        answer = self.session.post(f"{self.server.url}/_control/{path}", json=json, timeout=5)
        assert answer.status_code == 400, answer.text
        sentence: str = answer.json()["error"]
        return sentence

    def seen(self, order: dict[str, Any]) -> dict[str, Any]:
        """What the twin tells tests of an order."""
        found: dict[str, Any] = self.control("GET", "state")["orders"][order["order_reference"]]
        return found

    def listings(self, retailer: str) -> list[Listing]:
        """What a retailer lists."""
        return [listing for listing in self._listings if listing.retailer == retailer]

    def order(
        self, retailer: str = "fernhill", *quantities: int, line: dict[str, Any] | None = None, **overrides: Any
    ) -> dict[str, Any]:
        """A new order as the API shows it, one line for each quantity; `line` overrides fields of all lines."""
        lines = [{"sku": listing.sku, "quantity": quantity, "overrides": line or {}}
                 for listing, quantity in zip(self.listings(retailer), quantities or (1,), strict=False)]
        placed = self.control("POST", "orders", {"retailer": retailer, "lines": lines, "overrides": overrides})
        shown: dict[str, Any] = self.call("GET", f"/restapi/v4/orders/{placed['id']}/", retailer=retailer).json()
        return shown

    def act(
        self, action: str, order: dict[str, Any], *, retailer: str = "fernhill", only: int | None = None,
        quantity: int | str | None = None, **fields: Any,
    ) -> requests.Response:
        """An action on all lines of an order, or on line `only`."""
        items = [
            {"part_number": item["part_number"], "line_ref": item["line_reference"],
             "quantity": item["quantity"] if quantity is None else quantity, **fields}
            for item in order["items"]
        ]
        path = f"/restapi/v4/orders/{order_id(order)}/{action}/"
        return self.call("POST", path, {"items": items if only is None else [items[only]]}, retailer=retailer)

    def statuses(self, order: dict[str, Any]) -> list[str]:
        """The status of the order, then those of its lines."""
        state = self.seen(order)
        return [state["status"], *(line["status"] for line in state["lines"])]


ACKNOWLEDGE: dict[str, dict[str, Any]] = {
    "northgate": {"fulfillment_route": "Direct to customer", "supplier_delivery_date": "2025-10-15T00:00:00"},
    "calder": {"sub_status": "Order Acknowledged"},
    "fernhill": {},
}
"""What each retailer wants in an acknowledgement."""
DISPATCH: dict[str, Any] = {"carrier": "dpd", "supplier_dispatch_date": "2025-10-10", "tracking_number": "1550 1234"}
BACKORDER: dict[str, Any] = {"sub_status": "Pending", "supplier_dispatch_date": "2025-10-20T00:00:00"}


def acknowledged(virtualstock: Virtualstock, *quantities: int, retailer: str = "fernhill") -> dict[str, Any]:
    """A new order that its supplier has accepted."""
    order = virtualstock.order(retailer, *quantities)
    assert virtualstock.act("acknowledge", order, retailer=retailer, **ACKNOWLEDGE[retailer]).status_code == 200
    return order


def dispatched(virtualstock: Virtualstock, *quantities: int, retailer: str = "fernhill") -> dict[str, Any]:
    """An order that has left."""
    order = acknowledged(virtualstock, *quantities, retailer=retailer)
    assert virtualstock.act("dispatch", order, retailer=retailer, **DISPATCH).status_code == 200
    return order


def order_id(order: dict[str, Any]) -> int:
    """The number at the end of an order's link."""
    return int(str(order["url"]).rstrip("/").rpartition("/")[2])
