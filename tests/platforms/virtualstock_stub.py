"""Addresses and answers of a Virtualstock that is stubbed by `responses`."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import responses

from integration.virtualstock.client import VirtualstockClient

BASE = "https://api.virtualstock.test"
ELSEWHERE = "https://www.the-edge.io"
TOKEN = f"{BASE}/restapi/v4/token"
ORDERS = f"{BASE}/restapi/v4/orders/"
ORDERS_V3 = f"{BASE}/restapi/v3/orders/"
RETURNS = f"{BASE}/restapi/v4/returns/"
INVOICES = f"{BASE}/api/v4/invoices/"
PRODUCTS = f"{BASE}/api/v4/products/"
CARRIERS = f"{BASE}/restapi/v4/order-tracking-carriers/"
CUSTOMERS = f"{BASE}/restapi/v4/customers/"
PASSWORD = "northgate-secret"
Stub = responses.RequestsMock
Client = VirtualstockClient


def envelope(rows: list[Any], following: str | None = None, count: int = 1) -> dict[str, Any]:
    return {"count": count, "next": following, "previous": None, "results": rows}


def order_row(number: int, retailer: int = 13, reference: str | None = None) -> dict[str, Any]:
    return {"url": f"{ELSEWHERE}/restapi/v4/orders/{number}/", "order_reference": reference or f"R{number}",
            "retailer": f"{ELSEWHERE}/restapi/v4/customers/{retailer}/"}


def requests_to(stub: Stub, path: str) -> list[requests.PreparedRequest]:
    return [each.request for each in stub.calls if urlsplit(str(each.request.url)).path == path]


def query(request: requests.PreparedRequest) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(request.url)).query))


def body(request: requests.PreparedRequest) -> Any:
    return json.loads(request.body or b"null")
