"""Every event is a task, and every failed task is tried again by Celery."""

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import redis
import requests
from celery import Celery
from celery.signals import worker_init

from benchmarks.naive import centra, virtualstock

app = Celery("naive", broker=os.environ.get("REDIS_URL"))
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    beat_schedule={"poll-orders": {"task": "poll_orders", "schedule": 30.0}},
)
memory: Any = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://"), decode_responses=True)

RETRYING: dict[str, Any] = {
    "autoretry_for": (requests.RequestException,), "retry_backoff": True, "retry_backoff_max": 600, "max_retries": 10,
}  # fmt: skip
CONTENT = "NAIVE_CONTENT" in os.environ
CARRIERS = {"Royal Mail": "royal-mail", "DPD": "dpd", "DX": "dx", "Evri": "evri", "UPS": "ups"}


@worker_init.connect
def read_catalogue(**_: Any) -> None:
    """Reads what never changes before the first task runs."""
    centra.display_items()
    for retailer in virtualstock.RETAILERS.values():
        retailer.product_ids()


@app.task(name="stock_changed", **RETRYING)
def stock_changed(item_id: int) -> None:
    """Tells every retailer the stock of a display item, and its EANs where that is wanted."""
    for sku, (quantity, ean) in centra.article_of(item_id).items():
        for retailer in virtualstock.RETAILERS.values():
            key = f"sent:{retailer.code}:{sku}"
            # The event names an article in all its sizes; without this each event would send all of them.
            if sku in retailer.product_ids() and memory.get(key) != str(quantity):
                retailer.set_stock(sku, quantity)
                memory.set(key, quantity)
            key = f"ean:{retailer.code}:{sku}"
            if CONTENT and sku in retailer.product_ids() and memory.get(key) != ean:
                retailer.set_ean(sku, ean)
                memory.set(key, ean)


@app.task(name="poll_orders", **RETRYING)
def poll_orders() -> None:
    """Starts a task for every order that was not seen before."""
    for retailer in virtualstock.RETAILERS.values():
        for order in retailer.rows("/restapi/v4/orders/", status="ORDER", retailer_id=retailer.customer_id):
            if memory.set(f"seen:{order['order_reference']}", 1, nx=True):
                place_order.delay(retailer.code, order)


@app.task(name="place_order", **RETRYING)
def place_order(code: str, order: dict[str, Any]) -> None:
    """Creates the order in Centra, confirms it and acknowledges it."""
    retailer = virtualstock.RETAILERS[code]
    number = centra.create_order(_to_centra(retailer, order))
    centra.confirm_order(number)
    memory.set(f"order:{number}", json.dumps([code, order]))
    promised = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}T00:00:00"
    retailer.act(order, "acknowledge", supplier_delivery_date=promised, **retailer.acknowledge)


@app.task(name="shipment_changed", **RETRYING)
def shipment_changed(shipment_id: int) -> None:
    """Tells the retailer that its order left."""
    shipment = centra.shipment(shipment_id)
    known = memory.get(f"order:{shipment['order']['number']}")
    if not shipment["isShipped"] or known is None or memory.get(f"dispatched:{shipment_id}"):
        return
    code, order = json.loads(known)
    virtualstock.RETAILERS[code].act(
        order, "dispatch", carrier=CARRIERS[shipment["carrierInformation"]["carrierName"]],
        tracking_number=shipment["trackingNumber"], supplier_dispatch_date=shipment["shippedAt"][:10],
    )  # fmt: skip
    memory.set(f"dispatched:{shipment_id}", 1)


def _to_centra(retailer: virtualstock.Retailer, order: dict[str, Any]) -> dict[str, Any]:
    where = order["shipping_address"]
    first, _, last = where["full_name"].partition(" ")
    payment = {"status": 1, "amount": order["total"], "transaction": order["order_reference"]}
    return {
        "address": {
            "firstName": first, "lastName": last, "address": where["line_1"], "city": where["city"],
            "zipcode": where["postal_code"], "country": where["country"], "email": "orders@example.com",
        },
        "products": [
            {"sku": retailer.products()[item["part_number"]][1], "qty": item["quantity"], "unitPrice": _price(item)}
            for item in order["items"]
        ],
        "marketId": 3, "pricelistId": 7, "shippingList": "standard", "shippingValue": 0,
        "internalComment": order["order_reference"], "applyVouchers": False, "sendEmail": False,
        "payment": {"id": 36, "auth": payment, "capture": payment},
    }  # fmt: skip


def _price(item: dict[str, Any]) -> str:
    return str(round(Decimal(item["total"]) / item["quantity"], 2))
