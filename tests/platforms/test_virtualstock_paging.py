"""Lists are collected to their true end, each row once, and never from a host that an answer names."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import responses
from virtualstock_stub import BASE, ELSEWHERE, ORDERS, Client, Stub, envelope, order_row, query, requests_to

from integration.lanes import Lane
from integration.problems import TryAgain


def test_orders_of_all_pages_are_collected_whatever_count_says(stub: Stub, client: Client) -> None:
    link = f"{ELSEWHERE}/restapi/v4/orders/?format=json&limit=2&offset=2&status=ORDER"
    stub.get(ORDERS, json=envelope([order_row(1), order_row(2)], link, count=2))
    stub.get(ORDERS, json=envelope([order_row(3)], count=168473))
    rows = client.orders("ORDER", lane=Lane.ORDERS, retailer_id=13, limit=2)
    assert [row["order_reference"] for row in rows] == ["R1", "R2", "R3"]
    first, second = requests_to(stub, "/restapi/v4/orders/")
    assert query(first) == {"format": "json", "status": "ORDER", "retailer_id": "13", "limit": "2"}
    assert query(second) == {**query(first), "offset": "2"}


def test_no_request_goes_to_a_host_that_an_answer_names(stub: Stub, client: Client) -> None:
    stub.get(ORDERS, json=envelope([order_row(1)], f"{ELSEWHERE}/restapi/v4/orders/?limit=1&offset=1"))
    stub.get(ORDERS, json=envelope([]))
    client.orders("ORDER", lane=Lane.ORDERS)
    assert {urlsplit(str(each.request.url)).netloc for each in stub.calls} == {urlsplit(BASE).netloc}


def test_a_smaller_page_than_asked_for_is_followed_at_their_size(stub: Stub, client: Client) -> None:
    stub.get(ORDERS, json=envelope([order_row(1)], f"{BASE}/restapi/v4/orders/?limit=1&offset=1"))
    stub.get(ORDERS, json=envelope([order_row(2)]))
    assert len(client.orders("ORDER", lane=Lane.ORDERS, limit=100)) == 2
    assert query(requests_to(stub, "/restapi/v4/orders/")[1])["limit"] == "1"


def test_an_order_listed_twice_is_returned_once(stub: Stub, client: Client) -> None:
    stub.get(ORDERS, json=envelope([order_row(1), order_row(2)], f"{BASE}/?limit=2&offset=2"))
    stub.get(ORDERS, json=envelope([order_row(2), order_row(3)]))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 3


def test_orders_without_a_link_are_all_kept(stub: Stub, client: Client) -> None:
    stub.get(ORDERS, json=envelope([{"order_reference": "A"}, {"order_reference": "B"}, "odd"]))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 2


def _listing(stub: Stub, make: Callable[[int], dict[str, Any]]) -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(make(int(query(request).get("offset", 0))))

    stub.add_callback(responses.GET, ORDERS, callback=answer)


def test_a_list_that_repeats_its_page_is_left(stub: Stub, client: Client) -> None:
    _listing(stub, lambda offset: envelope([order_row(1)], f"{BASE}/?limit=1&offset={offset + 1}"))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 1
    assert len(requests_to(stub, "/restapi/v4/orders/")) == 2


def test_a_list_that_leads_back_to_where_it_was_is_left(stub: Stub, client: Client) -> None:
    _listing(stub, lambda offset: envelope([order_row(offset + 1)], f"{BASE}/?limit=1&offset={1 - offset}"))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 2
    assert len(requests_to(stub, "/restapi/v4/orders/")) == 2


@pytest.mark.parametrize("link", ["https://[", f"{BASE}/?offset=many", f"{BASE}/"])
def test_a_next_link_that_cannot_be_read_still_leads_on(stub: Stub, client: Client, link: str) -> None:
    stub.get(ORDERS, json=envelope([order_row(1)], link))
    stub.get(ORDERS, json=envelope([order_row(2)]))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 2
    assert query(requests_to(stub, "/restapi/v4/orders/")[1])["offset"] == "1"


def test_a_list_without_end_is_left_after_a_thousand_pages(stub: Stub, client: Client) -> None:
    _listing(stub, lambda offset: envelope([order_row(offset)], f"{BASE}/?limit=1&offset={offset + 1}"))
    assert len(client.orders("ORDER", lane=Lane.ORDERS)) == 1000


@pytest.mark.parametrize("odd", [None, {"message": "hello"}, {"results": None}, "text"])
def test_what_is_no_list_is_not_taken_for_an_empty_one(stub: Stub, client: Client, odd: object) -> None:
    stub.get(ORDERS, json=odd)
    with pytest.raises(TryAgain):
        client.orders("ORDER", lane=Lane.ORDERS)


def test_a_filter_that_was_ignored_does_not_mix_retailers(stub: Stub, client: Client) -> None:
    stub.get(ORDERS, json=envelope([order_row(1, retailer=13), order_row(2, retailer=14)]))
    rows = client.orders("ORDER", lane=Lane.ORDERS, retailer_id=13)
    assert [row["order_reference"] for row in rows] == ["R1"]
