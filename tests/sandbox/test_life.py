"""Life happens on both twins by itself and survives whatever they answer."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from centra_merchant import Centra as Shop
from centra_merchant import eventually
from virtualstock_supplier import Virtualstock

from sandbox.life import Life
from sandbox.seed import Seed

PARCEL = {"carrier": "dpd", "supplier_dispatch_date": "2025-10-10", "tracking_number": "1550 1234"}


class Centra(ThreadingHTTPServer):
    """Counts the verbs it is asked for and answers them all with one status."""

    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = status
        self.verbs: Counter[str] = Counter()
        self.enough = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    server: Centra

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.verbs[self.path] += 1
        if {"/_control/buy", "/_control/stock", "/_control/ship_due"} <= self.server.verbs.keys():
            self.server.enough.set()
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A Centra that answers."""
    platform = Shop()
    yield platform
    platform.close()


def test_retailers_order_only_what_they_list_as_available(virtualstock: Virtualstock, small_seed: Seed) -> None:
    life = Life("http://127.0.0.1:9", virtualstock.server.url, small_seed, speed=0)
    life.retailer_order()
    assert virtualstock.control("GET", "state")["orders"] == {}
    listed = {retailer: virtualstock.listings(retailer)[5] for retailer in ("northgate", "calder", "fernhill")}
    for retailer, listing in listed.items():
        path = f"/api/v4/products/{listing.id}/stock"
        virtualstock.call("PATCH", path, {"supplier_free_stock": 1}, retailer=retailer)
    for _ in range(3):
        life.retailer_order()
    orders = virtualstock.control("GET", "state")["orders"].values()
    assert {order["retailer"]: [line["sku"] for line in order["lines"]] for order in orders} == {
        retailer: [listing.sku] for retailer, listing in listed.items()}
    assert all(line["quantity"] == 1 for order in orders for line in order["lines"])


def test_shoppers_goods_and_shipments_keep_coming(virtualstock: Virtualstock, small_seed: Seed) -> None:
    centra = Centra(200)
    life = Life(centra.url, virtualstock.server.url, small_seed, speed=200).start()
    try:
        assert centra.enough.wait(5)
    finally:
        life.stop()
        centra.shutdown()
        centra.server_close()
    assert life.done > 0


def test_life_goes_on_when_the_twins_refuse_or_are_gone(virtualstock: Virtualstock, small_seed: Seed) -> None:
    centra = Centra(500)
    life = Life(centra.url, "http://127.0.0.1:9", small_seed, speed=200).start()
    try:
        assert centra.enough.wait(5)
    finally:
        life.stop()
        centra.shutdown()
        centra.server_close()
    assert (life.done, life.refused > 2) == (0, True)


def test_a_shopper_cancels_only_what_is_not_shipped(virtualstock: Virtualstock, small_seed: Seed) -> None:
    life = Life("http://127.0.0.1:9", virtualstock.server.url, small_seed, speed=0)
    life.customer_cancels()
    shipped, waiting = virtualstock.order(), virtualstock.order()
    for order in (shipped, waiting):
        virtualstock.act("acknowledge", order)
    virtualstock.act("dispatch", shipped, **PARCEL)
    life.customer_cancels()
    life.customer_cancels()
    assert [virtualstock.statuses(order)[1] for order in (shipped, waiting)] == ["DISPATCH", "CANCEL"]
    assert life.done == 1


def test_goods_a_shopper_sends_back_arrive_in_centra(virtualstock: Virtualstock, shop: Shop, small_seed: Seed) -> None:
    life = Life(shop.server.url, virtualstock.server.url, small_seed, speed=0)
    life.goods_come_back()
    order = virtualstock.order()
    life.customer_returns()
    virtualstock.act("acknowledge", order)
    virtualstock.act("dispatch", order, **PARCEL)
    number = shop.confirmed(shop.stocked(5))
    shop.named(number, f"fernhill/{order['order_reference']}")
    shop.control("POST", "ship", {"order": number})
    life.customer_returns()
    assert virtualstock.statuses(order)[1] == "RMA"
    assert shop.order(number)["returns"] == []
    for _ in range(2):
        life.goods_come_back()
    assert [row["completed"] for row in shop.order(number)["returns"]] == [True]


def test_staff_cancel_only_orders_of_retailers_that_are_not_packed(
    virtualstock: Virtualstock, shop: Shop, small_seed: Seed,
) -> None:
    life = Life(shop.server.url, virtualstock.server.url, small_seed, speed=0)
    sku = shop.stocked(9)
    own = shop.control("POST", "buy", {"sku": sku})["order"]
    packed, idle = shop.confirmed(sku), shop.confirmed(sku)
    for number in (packed, idle):
        shop.named(number, f"fernhill/{number}")
    shop.control("POST", "ship", {"order": packed, "complete": False})
    life.staff_cancel()
    life.staff_cancel()
    assert [shop.order(number)["status"] for number in (own, packed, idle)] == ["CONFIRMED", "PROCESSING", "CANCELLED"]


def test_life_goes_on_when_a_change_of_mind_is_refused(virtualstock: Virtualstock, small_seed: Seed) -> None:
    virtualstock.order()
    centra = Centra(409)
    life = Life(centra.url, virtualstock.server.url, small_seed, speed=1000).start()
    try:
        assert centra.enough.wait(5)
        eventually(lambda: life.refused > 4)
    finally:
        life.stop()
        centra.shutdown()
        centra.server_close()
