"""Tests talk to the Centra twin as an integration does, and to its control address as the merchant's staff do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import requests

from sandbox.centra import CentraTwin
from sandbox.centra.options import Options
from sandbox.centra.twin import CentraServer
from sandbox.seed import CENTRA_TOKEN, ORDER_API_KEY, Seed, build_seed

ADDRESS = {
    "email": "shopper@example.com", "firstName": "Test", "lastName": "Person", "address": "1 High Street",
    "zipcode": "SW1A 1AA", "city": "London", "country": "GB",
}


class Centra:
    """A running twin of a small shop, and the calls tests make on it."""

    def __init__(self, webhook_url: str | None = None) -> None:
        self.seed: Seed = build_seed(60)
        self.options = Options(webhook_url=webhook_url, webhook_secret="sandbox-webhook-secret", plan="high_volume")
        self.twin = CentraTwin(self.options, self.seed)
        self.server = CentraServer(self.twin).start()
        self.session = requests.Session()

    def close(self) -> None:
        """Ends the twin."""
        self.session.close()
        self.server.stop()

    def post(self, query: str, variables: dict[str, Any] | None = None, token: str = CENTRA_TOKEN) -> requests.Response:
        """One GraphQL call."""
        return self.session.post(
            f"{self.server.url}/graphql", json={"query": query, "variables": variables or {}},
            headers={"authorization": f"Bearer {token}"}, timeout=10,
        )

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL call that has to succeed."""
        answer = self.post(query, variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def order_api(
        self, method: str, path: str, body: Any = None, key: str = ORDER_API_KEY, **parameters: Any,
    ) -> requests.Response:
        """One Order API call."""
        return self.session.request(
            method, f"{self.server.url}/api/order-api{path}", data=None if body is None else json.dumps(body),
            params=parameters, headers={"API-Authorization": key, "content-type": "application/json"}, timeout=10,
        )

    def control(self, method: str, verb: str, body: Any = None) -> Any:
        """One call of the staff; refusals come back as (status, text)."""
        answer = self.session.request(method, f"{self.server.url}/_control/{verb}", json=body, timeout=10)
        return answer.json() if answer.ok else (answer.status_code, answer.text)

    def stocked(self, physical: int, other: int = 0) -> str:
        """A sellable SKU with these physical units in the first and second warehouse."""
        size = next(
            size for _, variant, size in self.seed.sizes()
            if size.active and variant.active and not size.preorder and not variant.stock_offset
        )
        self.control("POST", "stock", {"changes": [
            {"sku": size.sku, "quantity": physical, "warehouse": 1},
            {"sku": size.sku, "quantity": other, "warehouse": 2},
        ]})
        return size.sku

    def free(self, sku: str) -> list[int]:
        """Free units per warehouse."""
        levels = self.ask(
            "query($sku: String) { productSizes(where: {SKU: {equals: $sku}}) { stock { freeToAllocateQuantity } } }",
            sku=sku,
        )["productSizes"][0]["stock"]
        return [level["freeToAllocateQuantity"] for level in levels]

    def confirmed(self, sku: str, quantity: int = 1, **more: Any) -> int:
        """The number of a new marketplace order that is confirmed."""
        answer = self.order_api("POST", "/order", draft(sku, quantity, **more)).json()
        assert answer["status"] == "ok", answer
        number = int(answer["orders"][0])
        done = self.ask(
            "mutation($n: Int) { confirmOrder(input: {order: {number: $n}}) "
            "{ order { status } userErrors { message } } }", n=number,
        )["confirmOrder"]
        assert done == {"order": {"status": "CONFIRMED"}, "userErrors": []}
        return number

    def named(self, number: int, external_id: str) -> None:
        """Gives an order an external id, as our side does."""
        self.ask(
            "mutation($n: Int, $id: String) { updateDirectToConsumerOrder(order: {number: $n}, "
            "input: {externalId: $id}) { userErrors { message } } }", n=number, id=external_id,
        )

    def order(self, number: int) -> Any:
        """What the merchant's screen shows of an order."""
        return self.control("GET", "state")["orders"][str(number)]


def draft(sku: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A marketplace order as our side would post it."""
    return {
        "address": ADDRESS, "marketId": 3, "pricelistId": 7, "shippingList": "standard", "applyVouchers": False,
        "sendEmail": False, "products": [{"sku": sku, "qty": quantity, "unitPrice": 49.99}], **more,
    }


def listen(centra: Centra, *kinds: str) -> None:
    """Has Centra queue events about objects of these kinds from now on."""
    centra.ask(
        "mutation($i: [EventListenerSetInput!]!) { setEventListeners(input: $i) { userErrors { message } } }",
        i=[{"objectType": kind} for kind in kinds],
    )


def waiting(centra: Centra) -> list[tuple[str, str, int]]:
    """The queued events: kind, change, reference."""
    rows = centra.ask("{ events(limit: 200) { objectType changeType objectReference } }")["events"]
    return [(row["objectType"], row["changeType"], row["objectReference"]) for row in rows]


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until it is so, at most five seconds."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def endpoint() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A webhook endpoint: its URL, and the calls it received as headers and raw body."""
    received: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/webhooks/centra", received
    server.shutdown()
    server.server_close()


def payloads(received: list[tuple[dict[str, str], bytes]]) -> list[Any]:
    """The JSON of the received webhooks."""
    return [json.loads(parse_qs(body.decode())["payload"][0]) for _headers, body in received]
