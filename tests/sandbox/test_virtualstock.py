"""The Virtualstock twin lets in, lists and limits as the real one does."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from virtualstock_supplier import NOON, Virtualstock, order_id

CUSTOMERS = "/restapi/v4/customers/"
ORDERS = "/restapi/v4/orders/"
PRODUCTS = "/api/v4/products/"


def log_in(virtualstock: Virtualstock, password: str = "fernhill-secret") -> requests.Response:
    return virtualstock.call("POST", "/restapi/v4/token", {"username": "fernhill", "password": password}, auth=None)


def bearer(virtualstock: Virtualstock, token: str) -> requests.Response:
    return virtualstock.call("GET", CUSTOMERS, auth=None, headers={"authorization": f"Bearer {token}"})


def test_an_access_token_lives_for_five_minutes_and_is_renewed_for_four_hours(virtualstock: Virtualstock) -> None:
    tokens = log_in(virtualstock).json()
    virtualstock.now = NOON + 299
    assert bearer(virtualstock, tokens["access"]).status_code == 200
    virtualstock.now = NOON + 301
    expired = bearer(virtualstock, tokens["access"])
    assert (expired.status_code, expired.json()["code"]) == (401, "token_not_valid")

    renewed = virtualstock.call("POST", "/restapi/v4/token/refresh", {"refresh": tokens["refresh"]}, auth=None)
    assert renewed.json().keys() == {"access"}
    assert bearer(virtualstock, renewed.json()["access"]).status_code == 200
    virtualstock.now = NOON + 4 * 3600 + 1
    late = virtualstock.call("POST", "/restapi/v4/token/refresh", {"refresh": tokens["refresh"]}, auth=None)
    assert (late.status_code, late.json()["detail"]) == (401, "Token is invalid or expired")


def test_a_refresh_token_opens_nothing_itself(virtualstock: Virtualstock) -> None:
    tokens = log_in(virtualstock).json()
    assert bearer(virtualstock, tokens["refresh"]).status_code == 401


def test_every_wrong_credential_is_told_apart(virtualstock: Virtualstock) -> None:
    assert log_in(virtualstock, "wrong").json()["detail"].startswith("No active account")
    nobody = virtualstock.call("GET", CUSTOMERS, auth=None)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Basic realm="api"')
    assert virtualstock.call("GET", CUSTOMERS, auth=("fernhill", "x")).json()["detail"] == "Invalid username/password."
    assert bearer(virtualstock, "a.b.c").status_code == 401


def test_a_session_cookie_sent_back_spoils_a_write(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    answer = virtualstock.call("GET", ORDERS)
    assert answer.headers["set-cookie"].startswith("sessionid=")
    path = f"{ORDERS}{order_id(order)}/acknowledge/"
    assert virtualstock.call("POST", path, {}, headers={"cookie": "sessionid=5yq0sandbox"}).status_code == 403


def test_a_credential_sees_its_own_retailer_only(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("calder")
    assert virtualstock.call("GET", CUSTOMERS, retailer="calder").json()["results"][0]["id"] == 14
    assert virtualstock.call("GET", ORDERS).json()["count"] == 0
    assert virtualstock.call("GET", f"{ORDERS}{order_id(order)}/").status_code == 404
    foreign = virtualstock.listings("calder")[0].id
    answer = virtualstock.call("PATCH", f"{PRODUCTS}{foreign}/stock", {"supplier_free_stock": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "PRODUCT_NOT_FOUND")


def test_orders_come_ten_a_page_with_sorted_links_to_the_host_that_was_called(virtualstock: Virtualstock) -> None:
    for _ in range(11):
        virtualstock.order()
    first = virtualstock.call("GET", ORDERS + "?status=ORDER&format=json").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (11, 10, None)
    assert first["next"] == f"{virtualstock.server.url}{ORDERS}?format=json&limit=10&offset=10&status=ORDER"
    second = virtualstock.session.get(first["next"], auth=("fernhill", "fernhill-secret"), timeout=5).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert "offset" not in parse_qs(urlsplit(second["previous"]).query)
    assert first["results"][0]["url"].startswith("https://www.the-edge.io/restapi/v4/orders/")
    assert virtualstock.call("GET", ORDERS + "?sort=desc&limit=1").json()["results"] == second["results"]
    assert len(virtualstock.call("GET", ORDERS + "?limit=nonsense&offset=-4").json()["results"]) == 10


def test_the_order_filters_select(virtualstock: Virtualstock) -> None:
    first, second = virtualstock.order(), virtualstock.order("fernhill", 1, 2)
    part_number = second["items"][1]["part_number"]
    for query, expected in (
        (f"order_reference={first['order_reference']}", [first]), (f"part_number={part_number}", [second]),
        ("retailer_id=15&supplier_id=1569", [first, second]), ("retailer_id=13", []), ("supplier_id=2210", []),
        ("status=NONSENSE", []), ("updated_since=2030-01-01", [first, second]),
    ):
        assert virtualstock.call("GET", f"{ORDERS}?{query}").json()["results"] == expected, query


def test_each_retailer_identifies_a_line_in_its_own_way(virtualstock: Virtualstock) -> None:
    item = virtualstock.order("northgate")["items"][0]
    listing = virtualstock.listings("northgate")[0]
    assert len(item["part_number"]) == 8
    assert item["part_number"].isdecimal()
    assert (item["retailer_sku_reference"], item["supplier_sku_reference"]) == (listing.ean, None)
    assert (item["name"], item["line_reference"]) == (None, "00001")
    item = virtualstock.order("calder")["items"][0]
    assert item["part_number"] == item["supplier_sku_reference"] == virtualstock.listings("calder")[0].sku


def test_money_is_text_that_adds_up_and_dates_have_no_zone(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 3)
    item = order["items"][0]
    assert isinstance(item["unit_cost_price"], str)
    assert round(float(item["subtotal"]) + float(item["tax"]), 2) == float(item["total"]) == float(order["total"])
    assert len(order["order_date"]) == 19


def test_an_order_can_be_as_odd_as_real_ones(virtualstock: Virtualstock) -> None:
    order = virtualstock.order(
        "fernhill", 2, line={"part_number": None, "quantity": 0, "unit_cost_price": None, "gift_wrap": {"x": 1}},
        status="ON_HOLD", shipping_address={"country": "United Kingdom", "postal_code": ""}, total=None,
    )
    item = order["items"][0]
    assert (item["part_number"], item["quantity"], item["unit_cost_price"]) == (None, 0, None)
    assert (order["status"], order["total"], order["shipping_address"]["postal_code"]) == ("ON_HOLD", None, "")


def test_a_part_number_that_nobody_listed_can_be_ordered(virtualstock: Virtualstock) -> None:
    body = {"retailer": "fernhill", "lines": [{"part_number": "GHOST-1", "quantity": 1}]}
    placed = virtualstock.control("POST", "orders", body)
    assert virtualstock.control("GET", "state")["orders"][placed["reference"]]["lines"][0]["sku"] is None


def test_the_listing_can_lie_and_repeat_itself(virtualstock: Virtualstock) -> None:
    virtualstock.order()
    virtualstock.control("PUT", "settings", {"lie_about_count": True, "duplicate_listing": True})
    answer = virtualstock.call("GET", ORDERS).json()
    assert answer["count"] > 100_000
    assert answer["results"][0] == answer["results"][1]


def test_carriers_are_a_bare_list(virtualstock: Virtualstock) -> None:
    carriers = virtualstock.call("GET", "/restapi/v4/order-tracking-carriers/").json()
    assert {"id": 144, "slug": "2go", "name": "2GO"} in carriers


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/restapi/v4/orders", 301),
    ("POST", "/restapi/v4/orders/259313/acknowledge", 405),
    ("GET", "/restapi/v4/orders/259313/acknowledge/", 405),
    ("PATCH", "/api/v4/products/617001/stock/", 404),
    ("POST", "/restapi/v4/token/", 404),
    ("POST", "/restapi/v4/orders/259313/cancel_request/", 403),
    ("GET", "/restapi/v4/returns", 301),
    ("POST", "/restapi/v4/returns/", 405),
    ("POST", "/api/v4/invoices", 405),
    ("GET", "/api/v4/invoices/", 405),
])
def test_slashes_and_methods_count(virtualstock: Virtualstock, method: str, path: str, status: int) -> None:
    assert virtualstock.call(method, path, {}).status_code == status


def test_a_browser_gets_a_page_unless_it_asks_for_json(virtualstock: Virtualstock) -> None:
    browser = {"accept": "text/html,*/*"}
    assert "html" in virtualstock.call("GET", ORDERS, headers=browser).headers["content-type"]
    assert virtualstock.call("GET", ORDERS + "?format=json", headers=browser).json()["count"] == 0


def test_the_quota_belongs_to_a_credential_and_returns_with_the_calendar_minute(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"requests_per_minute": {"fernhill": 2}})
    virtualstock.now = NOON + 50
    assert [virtualstock.call("GET", CUSTOMERS).status_code for _ in range(3)] == [200, 200, 429]
    refused = virtualstock.call("GET", CUSTOMERS)
    assert refused.headers["retry-after"] == "10"
    assert refused.json()["detail"].endswith("Expected available in 10.0 seconds.")
    assert virtualstock.call("GET", CUSTOMERS, retailer="calder").status_code == 200
    virtualstock.now = NOON + 60
    assert virtualstock.call("GET", CUSTOMERS).status_code == 200
    assert virtualstock.control("GET", "counts")["throttled"] == 2


def test_a_sliding_minute_returns_one_call_at_a_time(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"requests_per_minute": {"fernhill": 2}, "window": "sliding"})
    for moment, status in ((50, 200), (55, 200), (60, 429), (111, 200), (112, 429), (116, 200)):
        virtualstock.now = NOON + moment
        assert virtualstock.call("GET", CUSTOMERS).status_code == status, moment


def test_logging_in_costs_quota_too(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"requests_per_minute": {"fernhill": 1}})
    assert [log_in(virtualstock).status_code for _ in range(2)] == [200, 429]


def test_products_are_listed_with_the_host_called_and_the_format_echoed(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("northgate")[3]
    query = f"?format=json&part_number={listing.part_number}"
    answer = virtualstock.call("GET", PRODUCTS + query, retailer="northgate").json()
    product = answer["results"][0]
    assert product["url"] == f"{virtualstock.server.url}{PRODUCTS}{listing.id}/?format=json"
    assert (product["data"]["tradedCode"], product["data"]["free_stock"]) == (listing.sku, "")
    assert "/clients/637/" in product["client"]
    assert "/suppliers/2210/" in product["supplier"]


def test_stock_is_set_and_a_wasted_call_shows_in_the_journal(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("northgate")[0]
    path = f"{PRODUCTS}{listing.id}/stock"
    for quantity in (7, 7, "5"):
        answer = virtualstock.call("PATCH", path, {"supplier_free_stock": quantity}, retailer="northgate")
        assert (answer.status_code, answer.content) == (200, b"")
    entries = virtualstock.control("GET", "journal")["entries"]
    assert [(entry["changed"], entry["detail"]["before"], entry["detail"]["after"]) for entry in entries] == [
        (True, None, 7), (False, 7, 7), (True, 7, 5)]
    assert (entries[0]["operation"], entries[0]["subject"]) == ("stock", str(listing.id))
    assert virtualstock.control("GET", "stock?retailer=northgate")[listing.sku] == 5
    product = virtualstock.call("GET", f"{PRODUCTS}{listing.id}/", retailer="northgate").json()
    assert product["data"]["free_stock"] == "5"


@pytest.mark.parametrize("body", [{}, {"free_stock": 1}, {"supplier_free_stock": -1}, {"supplier_free_stock": 1.5},
                                  {"supplier_free_stock": None}, {"supplier_free_stock": True}, [1]])
def test_stock_that_is_no_quantity_is_refused(virtualstock: Virtualstock, body: object) -> None:
    path = f"{PRODUCTS}{virtualstock.listings('fernhill')[0].id}/stock"
    assert virtualstock.call("PATCH", path, body).status_code == 400
    assert set(virtualstock.control("GET", "stock?retailer=fernhill").values()) == {None}


def test_a_product_is_locked_while_it_is_published(virtualstock: Virtualstock) -> None:
    product_id = virtualstock.listings("fernhill")[0].id
    virtualstock.control("POST", "publish", {"products": [product_id], "seconds": 180})
    for path, body in ((f"{PRODUCTS}{product_id}/stock", {"supplier_free_stock": 1}),
                       (f"{PRODUCTS}{product_id}/", {"data": {"lead_time_days": 4}})):
        assert virtualstock.call("PATCH", path, body).status_code == 409
        virtualstock.now = NOON + 181
        assert virtualstock.call("PATCH", path, body).status_code == 200
        virtualstock.now = NOON


def test_a_product_patch_merges_and_turns_values_into_text(virtualstock: Virtualstock) -> None:
    path = f"{PRODUCTS}{virtualstock.listings('fernhill')[0].id}/"
    body = {"data": {"lead_time_days": 4, "supplier_free_stock": 9}, "back_in_stock_date": "2025-11-01"}
    product = virtualstock.call("PATCH", path, body).json()
    assert (product["data"]["lead_time_days"], product["back_in_stock_date"]) == ("4", "2025-11-01")
    assert "supplier_free_stock" not in product["data"]
    assert "product_name" in product["data"]
    assert 9 in virtualstock.control("GET", "stock?retailer=fernhill").values()
    virtualstock.call("PATCH", path, body)
    assert [entry["changed"] for entry in virtualstock.control("GET", "journal")["entries"]] == [True, False]


def test_a_body_that_is_not_json_is_refused(virtualstock: Virtualstock) -> None:
    path = f"{PRODUCTS}{virtualstock.listings('fernhill')[0].id}/stock"
    torn = virtualstock.call("PATCH", path, data="{", headers={"content-type": "application/json"})
    assert (torn.status_code, torn.json()["detail"][:10]) == (400, "JSON parse")
    assert virtualstock.call("PATCH", path, data="x", headers={"content-type": "text/plain"}).status_code == 415
    twice = virtualstock.call("PATCH", path, json.dumps({"supplier_free_stock": 1}))
    assert twice.status_code == 400
