"""What changes in the Centra twin reaches its listeners: surely by the event queue, perhaps by webhook."""

from collections.abc import Iterator

import pytest
from centra_merchant import Centra, draft, endpoint, eventually, listen, payloads, waiting

from sandbox.centra.webhooks import signature

EVENTS = "query($where: EventFilter) { events(where: $where, limit: 200) { id objectType changeType objectReference } }"


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


def test_events_stay_until_they_are_confirmed_and_start_with_the_listener(centra: Centra) -> None:
    sku = centra.stocked(5)
    assert waiting(centra) == []
    listen(centra, "StockChange", "Order")
    centra.control("POST", "stock", {"sku": sku, "delta": 3})
    number = centra.control("POST", "buy", {"sku": sku, "quantity": 1})["order"]
    events = centra.ask(EVENTS)["events"]
    assert [(event["objectType"], event["changeType"]) for event in events] == [
        ("StockChange", "CREATED"), ("Order", "CREATED"), ("Order", "UPDATED"),
    ]
    assert events[1]["objectReference"] == number
    assert centra.ask(EVENTS)["events"] == events

    confirm = """mutation($i: [Int!]!) {
        confirmEvents(input: {eventsIds: $i}) { events { id } userWarnings { message } } }"""
    answer = centra.ask(confirm, i=[events[0]["id"], 999_999])["confirmEvents"]
    assert answer["events"] == [{"id": events[0]["id"]}]
    assert len(answer["userWarnings"]) == 1
    assert centra.ask(EVENTS)["events"] == events[1:]
    assert centra.control("GET", "state")["unconfirmed_events"] == 2


def test_events_of_some_types_can_be_read_past_all_others(centra: Centra) -> None:
    listen(centra, "StockChange", "Order")
    sku = centra.stocked(5)
    for _ in range(3):
        centra.control("POST", "stock", {"sku": sku, "delta": 1})
    centra.control("POST", "buy", {"sku": sku, "quantity": 1})
    query = "query($w: EventFilter) { events(where: $w, limit: 1) { objectType } }"
    assert centra.ask(query)["events"] == [{"objectType": "StockChange"}]
    assert centra.ask(query, w={"objectType": ["Shipment", "Order"]})["events"] == [{"objectType": "Order"}]
    assert centra.ask(query, w={"objectType": ["Shipment"]})["events"] == []


def test_every_integration_name_has_a_queue_of_its_own(centra: Centra) -> None:
    tokens = {name: {"integration_name": name} for name in ("one", "two")}
    centra.control("PUT", "settings", {"tokens": tokens})
    setting = "mutation { setEventListeners(input: {objectType: StockChange}) { eventListeners { integrationName } } }"
    assert centra.post(setting, token="one").json()["data"]["setEventListeners"]["eventListeners"] == [
        {"integrationName": "one"}
    ]
    centra.stocked(3)
    assert len(centra.post(EVENTS, token="one").json()["data"]["events"]) > 0
    assert centra.post(EVENTS, token="two").json()["data"]["events"] == []


def test_listeners_only_add_up_and_unsetting_deletes_what_is_queued(centra: Centra) -> None:
    query = """mutation($i: [EventListenerSetInput!]!) {
        setEventListeners(input: $i) { eventListeners { changeTypes } } }"""
    centra.ask(query, i=[{"objectType": "Order", "changeTypes": ["CREATED"]}])
    added = centra.ask(query, i=[{"objectType": "Order", "changeTypes": ["UPDATED"]}])
    assert added["setEventListeners"]["eventListeners"] == [{"changeTypes": ["CREATED", "UPDATED"]}]
    centra.control("POST", "buy", {"sku": centra.stocked(5)})
    centra.ask("""mutation { unsetEventListeners(input: {objectType: Order, changeTypes: CREATED})
        { eventListeners { changeTypes } } }""")
    assert {change for _, change, _ in waiting(centra)} == {"UPDATED"}


def test_the_object_of_an_event_is_its_present_state(centra: Centra) -> None:
    listen(centra, "Order", "StockChange")
    number = centra.control("POST", "buy", {"sku": centra.stocked(5)})["order"]
    centra.control("POST", "cancel", {"order": number})
    query = """query($w: EventFilter) { events(where: $w) { object { __typename
        ... on Order { number status } ... on StockChange { lines { deliveredQuantity } } } } }"""
    created = centra.ask(query, w={"objectType": "Order", "changeType": "CREATED"})["events"]
    assert created[0]["object"] == {"__typename": "DirectToConsumerOrder", "number": number, "status": "CANCELLED"}


def test_our_own_order_echoes_and_muted_kinds_are_silent(centra: Centra) -> None:
    listen(centra, "Order", "Shipment")
    sku = centra.stocked(5)
    number = centra.order_api("POST", "/order", draft(sku)).json()["orders"][0]
    assert waiting(centra) == [("Order", "CREATED", number)]
    centra.control("PUT", "settings", {"muted_events": ["Order.CREATED"]})
    centra.order_api("POST", "/order", draft(sku))
    assert len(waiting(centra)) == 1


def test_the_signature_fits_the_vendors_test_vector() -> None:
    assert signature("test123", 12345678, b"payload=%7B%22x%22%3A%22test%22%7D") == (
        "t=12345678,v1=0b9cd84f5d583e5e1aadfb9f160aa8080b51d5b85ff85808d6b75bdac356c549"
    )


def test_webhooks_tell_of_orders_and_of_stock_with_a_valid_signature() -> None:
    with endpoint() as (url, received):
        centra = Centra(url)
        try:
            sku = centra.stocked(5)
            eventually(lambda: len(received) > 0)
            received.clear()
            number = centra.order_api("POST", "/order", draft(sku)).json()["orders"][0]
            eventually(lambda: len(received) == 2)
            orders, items = payloads(received)
            event = orders["events"][0]
            assert (event["type"], event["action"], event["id"]) == ("order", "insert", number)
            variant = next(variant for _, variant, size in centra.seed.sizes() if size.sku == sku)
            assert items == {"DisplayItems": [variant.display_item_id]}
            for headers, body in received:
                assert headers["content-type"] == "application/x-www-form-urlencoded"
                moment = int(headers["x-centra-signature"].split(",")[0].removeprefix("t="))
                assert headers["x-centra-signature"] == signature("sandbox-webhook-secret", moment, body)
        finally:
            centra.close()


@pytest.mark.parametrize(("word", "expected"), [("lose", [2]), ("duplicate", [1, 1, 2]), ("reorder", [2, 1])])
def test_webhooks_can_be_lost_repeated_and_swapped(word: str, expected: list[int]) -> None:
    with endpoint() as (url, received):
        centra = Centra(url)
        try:
            centra.control("PUT", "settings", {"webhook_storefront": False, "webhook_gather": 0.01})
            centra.control("PUT", "faults", [{"match": {"operation": "webhook"}, "do": word, "value": 5, "times": 1}])
            webhooks = centra.twin.world.webhooks
            webhooks.notify("order", "insert", 1)
            eventually(lambda: webhooks.handled > 0)
            webhooks.notify("order", "insert", 2)
            eventually(lambda: len(received) == len(expected))
            assert [payload["events"][0]["id"] for payload in payloads(received)] == expected
        finally:
            centra.close()


def test_a_webhook_is_given_up_after_the_last_retry_and_later_ones_still_arrive() -> None:
    with endpoint() as (url, received):
        centra = Centra("http://127.0.0.1:9/nobody")
        try:
            centra.stocked(5)
            eventually(lambda: centra.control("GET", "state")["webhooks"]["failed"] > 0)
            centra.control("PUT", "settings", {"webhook_url": url})
            centra.control("POST", "stock", {"sku": centra.stocked(6), "delta": 1})
            eventually(lambda: len(received) > 0)
        finally:
            centra.close()
