"""Flower tells the truth: what it shows of a run is how the run ended, with ids and never a shopper's data."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from tests.story.system import System
from tests.story.test_order_story import poll

pytestmark = [pytest.mark.story, pytest.mark.timeout(200)]


class Watcher:
    """Reads the same event stream that Flower reads."""

    def __init__(self, url: str) -> None:
        self.app = Celery("watcher", broker=url, set_as_current=False)
        self.seen: list[dict[str, Any]] = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self.app.connection_for_read() as connection:
            receiver = self.app.events.Receiver(connection, handlers={"*": self.seen.append})
            while not self.stopped.is_set():
                try:
                    receiver.capture(limit=None, timeout=1, wakeup=False)
                except TimeoutError:
                    continue

    def pushes(self, sku: str, kind: str) -> list[str]:
        """What was said at the end of the pushes of a SKU that ended so, at any retailer."""
        seen = list(self.seen)
        ids = {event["uuid"] for event in seen if event.get("name") == "stock.push" and f"/{sku}'" in event["kwargs"]}
        return [str(event.get("exception")) for event in seen if event["type"] == kind and event["uuid"] in ids]


@pytest.fixture
def watcher(system: System) -> Iterator[Watcher]:
    watching = Watcher(system.server.url)
    yield watching
    watching.stopped.set()
    watching.thread.join(10)
    watching.app.close()


def test_a_push_that_was_refused_shows_as_failed_with_the_reason(system: System, watcher: Watcher) -> None:
    sku = system.sellable("calder", 1)[0]
    system.virtualstock.faults({"match": {"operation": "stock"}, "do": "status", "value": 400, "times": 1,
                                "body": '{"supplier_free_stock": ["A valid integer is required."]}'})  # fmt: skip
    system.move(sku, -1)

    (said,) = system.until(lambda: watcher.pushes(sku, "task-failed"), 20, "the push shows as failed")
    assert "A valid integer is required" in said
    (cause,) = system.causes("stock-refused")
    system.cli("exceptions", "retry", str(cause.id))


def test_a_push_that_must_wait_shows_as_retried_with_the_reason(system: System, watcher: Watcher) -> None:
    sku = system.sellable("calder", 1)[0]
    system.virtualstock.faults({"match": {"operation": "stock"}, "do": "status", "value": 503, "times": 1})
    system.move(sku, -1)

    said = system.until(lambda: watcher.pushes(sku, "task-retried"), 20, "the push shows as retried")
    assert any("503" in each for each in said)
    system.until(lambda: not system.wrong_listings(), 60, "it went through in the end")


def test_no_shopper_shows_in_flower(system: System, watcher: Watcher) -> None:
    address = {"country": "GB", "line_1": "77 Secret Lane", "city": "London", "postal_code": "SW1A 1AA",
               "full_name": "Philippa Private", "email": "philippa@example.com"}  # fmt: skip
    reference = system.order(
        "calder", {"sku": system.sellable("calder", 1)[0], "quantity": 1}, shipping_address=address
    )
    poll(system, "calder")
    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 40, "it is placed")

    told = repr(watcher.seen)
    assert f"calder/{reference}" in told
    for secret in ("Philippa", "Secret Lane", "philippa@example.com", "sandbox-centra-token", "calder-secret"):
        assert secret not in told
