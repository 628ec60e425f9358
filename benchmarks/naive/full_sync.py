"""A catalogue kept in step by a plain script: read everything, compare nothing, send everything.

Run as ``python -m benchmarks.naive.full_sync``; it ends when every listing has been sent once.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests

from benchmarks.naive import centra, virtualstock

REFUSED = (400, 401, 403, 404)
TITLES = {
    "northgate": ("productTitle", "{name}, {colour}, {size}"), "calder": ("product_name", "{name} {colour}"),
    "fernhill": ("name", "{name}"),
}  # fmt: skip
PRODUCTS = """query products($page: Int!) { products(sort: [id_ASC], limit: 25, page: $page) {
    id name displays { id name } variants { id name productSizes { id SKU EAN description } } } }"""


def main() -> None:
    """All of it."""
    articles = {article["sku"]: article for article in _articles()}
    for retailer in virtualstock.RETAILERS.values():
        attribute, pattern = TITLES[retailer.code]
        for sku, number in _patiently(retailer.product_ids).items():
            if sku in articles:
                body = {"data": {attribute: pattern.format(**articles[sku])}}
                _patiently(partial(retailer.call, "PATCH", f"/api/v4/products/{number}/", json=body))


def _articles() -> Iterator[dict[str, Any]]:
    page = 1
    while products := _patiently(partial(centra.graphql, PRODUCTS, page=page))["products"]:
        for product in products:
            for variant in product["variants"]:
                for size in variant["productSizes"]:
                    yield {"sku": size["SKU"], "name": product["displays"][0]["name"], "size": size["description"],
                           "colour": variant["name"]}  # fmt: skip
        page += 1


def _patiently(call: Callable[[], Any]) -> Any:
    while True:
        try:
            return call()
        except requests.RequestException as problem:
            if problem.response is not None and problem.response.status_code in REFUSED:
                raise
            time.sleep(2)


if __name__ == "__main__":
    main()
