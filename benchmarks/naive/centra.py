"""Centra, called as plainly as possible: any status but 2xx is an exception."""

import os
from functools import cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter

session = requests.Session()
session.mount("http://", HTTPAdapter(pool_maxsize=16))

SIZES = """query sizes($ids: [Int!]) { productSizes(where: {id: $ids}, limit: 20) {
    SKU EAN preorder isActive productVariant { stockOffset }
    stock(limit: 10) { freeToAllocateQuantity warehouse { threshold } } } }"""
DISPLAY_ITEMS = """query items($page: Int!) { displays(sort: [id_ASC], limit: 50, page: $page) {
    displayItems { id productVariant { productSizes { id } } } } }"""
SHIPMENT = """query shipment($ids: [Int!]) { shipments(where: {id: $ids}) {
    isShipped shippedAt trackingNumber carrierInformation { carrierName } order { number } } }"""
CONFIRM = """mutation confirm($input: OrderConfirmInput!) { confirmOrder(input: $input) { userErrors { message } } }"""


def graphql(query: str, **variables: Any) -> Any:
    """The data of an answer."""
    answer = session.post(
        os.environ["CENTRA_GRAPHQL_URL"], json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {os.environ['CENTRA_TOKEN']}"}, timeout=15,
    )  # fmt: skip
    answer.raise_for_status()
    body = answer.json()
    if body.get("errors"):
        raise requests.RequestException(str(body["errors"]))
    return body["data"]


@cache
def display_items() -> dict[int, list[int]]:
    """The size ids of every display item, read once per process."""
    found: dict[int, list[int]] = {}
    page = 1
    while displays := graphql(DISPLAY_ITEMS, page=page)["displays"]:
        for display in displays:
            for item in display["displayItems"]:
                found[item["id"]] = [size["id"] for size in item["productVariant"]["productSizes"]]
        page += 1
    return found


def article_of(item_id: int) -> dict[str, tuple[int, str]]:
    """What may be published of each SKU of a display item, and its EAN."""
    sizes = graphql(SIZES, ids=display_items()[item_id])["productSizes"]
    return {size["SKU"]: (_publishable(size), size["EAN"]) for size in sizes}


def _publishable(size: dict[str, Any]) -> int:
    if size["preorder"] or not size["isActive"]:
        return 0
    offset = size["productVariant"]["stockOffset"] or 0
    return sum(
        max(0, level["freeToAllocateQuantity"] - (offset or level["warehouse"]["threshold"] or 0))
        for level in size["stock"]
    )


def create_order(order: dict[str, Any]) -> int:
    """Creates the order in one step; returns its number."""
    answer = session.post(
        f"{os.environ['CENTRA_ORDER_API_URL']}/order", json=order,
        headers={"API-Authorization": os.environ["CENTRA_ORDER_API_KEY"]}, timeout=15,
    )  # fmt: skip
    answer.raise_for_status()
    body = answer.json()
    if body.get("status") != "ok":
        raise requests.RequestException(body.get("msg"))
    return int(body["orders"][0] if "orders" in body else body["order"])


def confirm_order(number: int) -> None:
    """Confirms a pending order."""
    graphql(CONFIRM, input={"order": {"number": number}})


def shipment(shipment_id: int) -> dict[str, Any]:
    """One shipment."""
    found: dict[str, Any] = graphql(SHIPMENT, ids=[shipment_id])["shipments"][0]
    return found
