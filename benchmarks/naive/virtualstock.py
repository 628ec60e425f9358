"""Virtualstock, called as plainly as possible: any status but 2xx is an exception."""

import os
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

session = requests.Session()
session.mount("http://", HTTPAdapter(pool_maxsize=16))
# Basic sends the credential with each call; beside a session cookie Virtualstock refuses writes.
session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


@dataclass(frozen=True, eq=False)
class Retailer:
    """What is different from retailer to retailer."""

    code: str
    customer_id: int
    acknowledge: dict[str, str]

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """One request with the retailer's credential; the JSON of the answer, if any."""
        answer = session.request(
            method, os.environ["VIRTUALSTOCK_URL"] + path, auth=(self.code, f"{self.code}-secret"), timeout=15,
            **arguments,
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def rows(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """All rows of a list."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", path, params={"format": "json", "limit": 100, "offset": len(found), **filters})
            found += page["results"]
            if not page["next"]:
                return found

    @cache  # noqa: B019 - the three retailers live as long as the process
    def products(self) -> dict[str, tuple[int, str]]:
        """Product id and SKU by part number, read once per process."""
        return {
            row["part_number"]: (_id(row["url"]), row["data"].get("tradedCode") or row["part_number"])
            for row in self.rows("/api/v4/products/")
        }

    @cache  # noqa: B019
    def product_ids(self) -> dict[str, int]:
        """Product id by SKU."""
        return {sku: number for number, sku in self.products().values()}

    def set_stock(self, sku: str, quantity: int) -> None:
        """Sets the stock of a listing."""
        path = f"/api/v4/products/{self.product_ids()[sku]}/stock"
        self.call("PATCH", path, json={"supplier_free_stock": quantity})

    def set_ean(self, sku: str, ean: str) -> None:
        """Sets the EAN of a listing."""
        attribute = {"northgate": "barcode", "calder": "ean"}[self.code]
        self.call("PATCH", f"/api/v4/products/{self.product_ids()[sku]}/", json={"data": {attribute: ean}})

    def act(self, order: dict[str, Any], action: str, **fields: str) -> None:
        """Acknowledges or dispatches all lines of an order."""
        items = [
            {"part_number": item["part_number"], "line_ref": item["line_reference"], "quantity": item["quantity"],
             **fields}
            for item in order["items"]
        ]  # fmt: skip
        self.call("POST", f"/restapi/v4/orders/{_id(order['url'])}/{action}/", json={"items": items})


KNOWN = (
    Retailer("northgate", 13, {"fulfillment_route": "Direct to customer"}),
    Retailer("calder", 14, {"sub_status": "Order Acknowledged"}),
    Retailer("fernhill", 15, {}),
)
RETAILERS = {
    each.code: each for each in KNOWN if each.code in os.environ.get("NAIVE_RETAILERS", "").split(",")
}


def _id(url: str) -> int:
    return int(url.partition("?")[0].rstrip("/").rpartition("/")[2])
