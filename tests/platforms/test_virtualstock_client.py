"""The client against a stub that answers as Virtualstock does, traps included."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from virtualstock_stub import (
    BASE,
    CARRIERS,
    CUSTOMERS,
    ELSEWHERE,
    ORDERS,
    PRODUCTS,
    Client,
    Stub,
    body,
    envelope,
    order_row,
    query,
    requests_to,
)

from integration.lanes import Lane
from integration.problems import Failure, LookFirst, Refused, TryAgain
from integration.virtualstock.actions import AcknowledgeItem, BackorderItem, CancelItem, DispatchItem, ReturnItem

# Single orders


def test_prices_arrive_as_exact_decimals(stub: Stub, client: Client) -> None:
    stub.get(f"{ORDERS}7/", body='{"total": 0.1}', content_type="application/json")
    order = client.order(7, lane=Lane.ORDERS)
    assert order == {"total": Decimal("0.1")}
    assert isinstance(order["total"], Decimal)


def test_an_order_that_is_not_there_is_none(stub: Stub, client: Client) -> None:
    stub.get(f"{ORDERS}7/", json={"detail": "Not found."}, status=404)
    assert client.order(7, lane=Lane.ORDERS) is None


@pytest.mark.parametrize("status", [400, 403])
def test_an_order_that_is_refused_is_not_none(stub: Stub, client: Client, status: int) -> None:
    stub.get(f"{ORDERS}7/", json={"detail": "no"}, status=status)
    with pytest.raises(Refused):
        client.order(7, lane=Lane.ORDERS)


def test_an_order_is_found_by_its_exact_reference_and_retailer(stub: Stub, client: Client) -> None:
    rows = [order_row(1, 13, "R1-B"), order_row(2, 14, "R1"), order_row(3, 13, "R1")]
    stub.get(ORDERS, json=envelope(rows))
    found = client.find_order("R1", 13, lane=Lane.ORDERS)
    assert found == rows[2]
    assert query(requests_to(stub, "/restapi/v4/orders/")[0])["order_reference"] == "R1"
    assert client.find_order("R9", 13, lane=Lane.ORDERS) is None


# Actions

ACKNOWLEDGE = AcknowledgeItem(part_number="P", line_ref="1", quantity=2, fulfillment_route="Direct to customer",
                              supplier_delivery_date=datetime(2026, 3, 20))
BACKORDER = BackorderItem(part_number="P", line_ref="1", quantity=2, sub_status="Pending",
                          supplier_dispatch_date=datetime(2026, 3, 20))
DISPATCH = DispatchItem(part_number="P", line_ref="1", quantity=2, carrier="dpd", tracking_number="007",
                        supplier_dispatch_date=date(2026, 3, 20))
CANCEL = CancelItem(part_number="P", line_ref="1", quantity=2)
RETURN = ReturnItem(part_number="P", line_ref="1", quantity=2)
ACTIONS = [("acknowledge", ACKNOWLEDGE), ("backorder", BACKORDER), ("dispatch", DISPATCH),
           ("cancel_acknowledge", CANCEL), ("return_acknowledge", RETURN)]


def act(client: Client, action: str, *items: Any) -> None:
    getattr(client, action)(259313, items, lane=Lane.ORDERS)


@pytest.mark.parametrize(("action", "item"), ACTIONS)
def test_an_action_is_an_object_with_items_at_an_address_with_a_slash(
    stub: Stub, client: Client, action: str, item: Any
) -> None:
    stub.post(f"{ORDERS}259313/{action}/", body="", status=204)
    act(client, action, item)
    (request,) = requests_to(stub, f"/restapi/v4/orders/259313/{action}/")
    assert body(request) == {"items": [item.to_json()]}
    assert body(request)["items"][0]["line_ref"] == "1"
    assert query(request) == {"format": "json"}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"


@pytest.mark.parametrize(("action", "item"), ACTIONS)
@pytest.mark.parametrize("trouble", [
    {"body": requests.ConnectionError("reset")}, {"body": requests.ReadTimeout()}, {"status": 500, "body": "down"},
    {"body": "<html>", "content_type": "text/html"}, {"body": '{"message": "You', "content_type": "application/json"},
])
def test_a_lost_answer_to_an_action_asks_for_a_look(
    stub: Stub, client: Client, action: str, item: Any, trouble: dict[str, Any]
) -> None:
    stub.post(f"{ORDERS}259313/{action}/", **trouble)
    with pytest.raises(LookFirst):
        act(client, action, item)
    assert len(requests_to(stub, f"/restapi/v4/orders/259313/{action}/")) == 1


def test_a_success_is_a_success_whatever_its_body(stub: Stub, client: Client) -> None:
    for content in ('{"message": "Your order is successfully saved"}', "", "null", "[]", '"ok"'):
        stub.post(f"{ORDERS}259313/dispatch/", body=content, content_type="application/json")
        act(client, "dispatch", DISPATCH)


@pytest.mark.parametrize("item", [
    DispatchItem(part_number="P", line_ref="1", quantity=1, carrier="dpd", tracking_number="7" * 101,
                 supplier_dispatch_date=date(2026, 3, 20)),
    DispatchItem(part_number="P", line_ref="1", quantity=0, carrier="dpd", tracking_number="7",
                 supplier_dispatch_date=date(2026, 3, 20)),
])
def test_a_line_they_would_refuse_is_refused_before_sending(stub: Stub, client: Client, item: DispatchItem) -> None:
    with pytest.raises(Refused, match="was not sent"):
        act(client, "dispatch", DISPATCH, item)
    assert len(stub.calls) == 0


def test_an_action_without_lines_is_not_sent(stub: Stub, client: Client) -> None:
    with pytest.raises(Refused, match="no lines"):
        act(client, "dispatch")
    assert len(stub.calls) == 0


@pytest.mark.parametrize(("content", "content_type"), [
    ("Validation error: no such carrier", "text/plain"), ('"Validation error: no such carrier"', "application/json"),
    ('{"detail": "Validation error: no such carrier"}', "application/json"),
])
def test_a_refused_action_keeps_their_sentence_in_any_form(
    stub: Stub, client: Client, content: str, content_type: str
) -> None:
    stub.post(f"{ORDERS}259313/dispatch/", body=content, status=400, content_type=content_type)
    with pytest.raises(Refused, match="400: Validation error: no such carrier") as caught:
        act(client, "dispatch", DISPATCH)
    assert caught.value.status == 400


def test_a_redirect_is_not_followed(stub: Stub, client: Client) -> None:
    stub.post(f"{ORDERS}259313/dispatch/", status=301, headers={"Location": ELSEWHERE})
    with pytest.raises(Refused):
        act(client, "dispatch", DISPATCH)


# Stock


def test_stock_goes_to_an_address_without_a_slash(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}617172/stock", body="")
    client.set_stock(617172, 52, lane=Lane.URGENT)
    (request,) = requests_to(stub, "/api/v4/products/617172/stock")
    assert request.url == f"{PRODUCTS}617172/stock"
    assert body(request) == {"supplier_free_stock": 52}


@pytest.mark.parametrize(("trouble", "failure"), [
    ({"status": 409, "json": {"detail": "Can't update a product which is in a publishing status."}}, TryAgain),
    ({"status": 404, "json": {"detail": "Product not found.", "code": "PRODUCT_NOT_FOUND"}}, Refused),
    ({"status": 400, "json": {"supplier_free_stock": ["A valid integer is required."]}}, Refused),
    ({"body": requests.ReadTimeout()}, LookFirst),
    ({"status": 503, "body": ""}, LookFirst),
])
def test_every_failure_of_stock_says_what_to_do_next(
    stub: Stub, client: Client, trouble: dict[str, Any], failure: type[Failure]
) -> None:
    stub.patch(f"{PRODUCTS}5/stock", **trouble)
    with pytest.raises(failure) as caught:
        client.set_stock(5, 1, lane=Lane.STOCK)
    assert type(caught.value) is failure


def test_a_locked_product_and_a_gone_one_are_told_apart(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}5/stock", status=409, json={"detail": "locked"})
    stub.patch(f"{PRODUCTS}6/stock", status=404, json={"detail": "Product not found.", "code": "PRODUCT_NOT_FOUND"})
    with pytest.raises(TryAgain) as locked:
        client.set_stock(5, 1, lane=Lane.STOCK)
    with pytest.raises(Refused) as gone:
        client.set_stock(6, 1, lane=Lane.STOCK)
    assert (locked.value.wait, gone.value.code) == (180, "PRODUCT_NOT_FOUND")


def test_a_stock_below_zero_is_never_sent(stub: Stub, client: Client) -> None:
    with pytest.raises(Refused):
        client.set_stock(5, -1, lane=Lane.STOCK)
    assert len(stub.calls) == 0


# Products, carriers, customers


def test_products_can_be_read_page_by_page_from_any_offset(stub: Stub, client: Client) -> None:
    row = {"url": f"{BASE}/api/v4/products/9/?format=json", "part_number": "P", "data": {"free_stock": "3"}}
    stub.get(PRODUCTS, json=envelope([row, {"part_number": "no link"}], f"{BASE}/api/v4/products/?limit=2&offset=4"))
    stub.get(PRODUCTS, json=envelope([row]))
    page, following = client.products_page(2, lane=Lane.CATALOGUE, limit=2)
    assert [(each.id, each.data) for each in page] == [(9, {"free_stock": "3"})]
    assert following == 4
    assert client.products_page(4, lane=Lane.CATALOGUE)[1] is None
    assert query(requests_to(stub, "/api/v4/products/")[0]) == {"format": "json", "limit": "2", "offset": "2"}


def test_a_products_page_that_leads_backwards_is_the_last(stub: Stub, client: Client) -> None:
    stub.get(PRODUCTS, json=envelope([], f"{BASE}/?limit=200&offset=200"))
    assert client.products_page(200, lane=Lane.CATALOGUE) == ([], None)


def test_products_are_fetched_only_as_they_are_consumed(stub: Stub, client: Client) -> None:
    rows = [{"url": f"{BASE}/api/v4/products/{number}/"} for number in (1, 2)]
    stub.get(PRODUCTS, json=envelope(rows[:1], f"{BASE}/?limit=200&offset=1"))
    stub.get(PRODUCTS, json=envelope(rows[1:]))
    products = client.products(lane=Lane.CATALOGUE)
    assert next(products).id == 1
    assert len(requests_to(stub, "/api/v4/products/")) == 1
    assert [each.id for each in products] == [2]


@pytest.mark.parametrize("wrap", [lambda rows: rows, envelope])
def test_carriers_are_read_with_and_without_an_envelope(stub: Stub, client: Client, wrap: Any) -> None:
    stub.get(CARRIERS, json=wrap([{"id": 144, "slug": "2go", "name": "2GO"}, {"id": 1, "name": "no slug"}]))
    assert [(each.id, each.slug) for each in client.carriers(lane=Lane.RECONCILIATION)] == [(144, "2go")]


def test_customers_and_ping_read_the_same_list(stub: Stub, client: Client) -> None:
    stub.get(CUSTOMERS, json=envelope([{"id": 13, "name": "Retailer"}]))
    assert [each.id for each in client.customers(lane=Lane.CATALOGUE)] == [13]
    client.ping(lane=Lane.CATALOGUE)
