"""Order actions move lines on as the documented lifecycle and the retailer's own rules allow."""

from typing import Any

import pytest
from virtualstock_supplier import ACKNOWLEDGE, BACKORDER, DISPATCH, Virtualstock, acknowledged, order_id


@pytest.mark.parametrize("retailer", ACKNOWLEDGE)
def test_an_order_goes_from_new_to_dispatched(virtualstock: Virtualstock, retailer: str) -> None:
    order = acknowledged(virtualstock, 2, 1, retailer=retailer)
    assert virtualstock.statuses(order) == ["ORDER_ACK"] * 3
    answer = virtualstock.act("dispatch", order, retailer=retailer, **DISPATCH)
    assert answer.json() == {"message": "Your order is successfully saved"}
    assert virtualstock.statuses(order) == ["DISPATCH"] * 3
    state = virtualstock.control("GET", "state")["orders"][order["order_reference"]]
    assert [(sent["carrier"], sent["tracking_number"]) for sent in state["dispatches"]] == [("dpd", "1550 1234")] * 2
    assert state["acknowledgements"][0]["quantity"] == 2


def test_the_order_shows_its_least_advanced_line(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 1, 1)
    virtualstock.act("acknowledge", order, only=0)
    assert virtualstock.statuses(order) == ["ORDER", "ORDER_ACK", "ORDER"]
    virtualstock.act("acknowledge", order, only=1)
    virtualstock.act("dispatch", order, only=1, **DISPATCH)
    assert virtualstock.statuses(order) == ["ORDER_ACK", "ORDER_ACK", "DISPATCH"]


def test_one_bad_line_refuses_the_whole_call(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 1, 1)
    virtualstock.act("acknowledge", order, only=0)
    assert virtualstock.act("dispatch", order, **DISPATCH).status_code == 400
    assert virtualstock.statuses(order) == ["ORDER", "ORDER_ACK", "ORDER"]


def test_acknowledging_again_with_nothing_new_changes_nothing(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1)
    virtualstock.act("acknowledge", order)
    virtualstock.act("acknowledge", order, sub_status="Delivery Booked")
    entries = virtualstock.control("GET", "journal")["entries"]
    changed = [entry["changed"] for entry in entries if entry["operation"] == "acknowledge"]
    assert changed == [True, False, True]


def test_a_backorder_needs_a_reason_and_a_date_and_can_be_lifted(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1)
    refused = virtualstock.act("backorder", order)
    assert refused.json()["items"][0].keys() == {"sub_status", "supplier_dispatch_date"}
    assert virtualstock.act("backorder", order, **BACKORDER).status_code == 200
    assert virtualstock.statuses(order)[0] == "BACKORDER"
    assert virtualstock.act("dispatch", order, **DISPATCH).status_code == 200


def test_a_dispatch_in_parts_ends_with_the_last_unit(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3)
    assert virtualstock.act("dispatch", order, quantity=2, **DISPATCH).status_code == 200
    assert virtualstock.statuses(order)[1] == "ORDER_ACK"
    assert virtualstock.act("dispatch", order, quantity=2, **DISPATCH).status_code == 400
    assert virtualstock.act("dispatch", order, quantity=1, **DISPATCH).status_code == 200
    assert virtualstock.statuses(order)[1] == "DISPATCH"
    assert virtualstock.call("GET", f"/restapi/v4/orders/{order_id(order)}/").json()["items"][0]["quantity"] == 3


def test_full_lines_only_means_that(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3, retailer="calder")
    assert virtualstock.act("dispatch", order, retailer="calder", quantity=2, **DISPATCH).status_code == 400


def test_a_dispatch_is_not_repeated(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1)
    virtualstock.act("dispatch", order, **DISPATCH)
    again = virtualstock.act("dispatch", order, **DISPATCH)
    assert again.status_code == 400
    assert "from DISPATCH to DISPATCH" in again.text


def test_a_new_order_is_not_dispatched_unless_the_switch_says_so(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    assert virtualstock.act("dispatch", order, **DISPATCH).status_code == 400
    virtualstock.control("PUT", "settings", {"allow_dispatch_before_ack": True})
    assert virtualstock.act("dispatch", order, **DISPATCH).status_code == 200


def test_a_cancellation_is_confirmed_or_answered_with_the_goods(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1, 2)
    assert virtualstock.act("cancel_acknowledge", order).status_code == 400
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"], "lines": ["2"]})
    assert virtualstock.statuses(order) == ["CANCEL", "ORDER_ACK", "CANCEL"]
    assert virtualstock.act("acknowledge", order, only=1).status_code == 400
    assert "Partial" in virtualstock.act("cancel_acknowledge", order, only=1, quantity=1).text
    assert virtualstock.act("cancel_acknowledge", order, only=1).status_code == 200
    virtualstock.control("POST", "cancel_request", {"order": order_id(order)})
    assert virtualstock.act("dispatch", order, only=0, **DISPATCH).status_code == 200
    assert virtualstock.statuses(order) == ["DISPATCH", "DISPATCH", "CANCEL_ACK"]


def test_a_dispatched_order_is_not_cancelled_but_can_come_back(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1)
    virtualstock.act("dispatch", order, **DISPATCH)
    url = f"{virtualstock.server.url}/_control/cancel_request"
    assert virtualstock.session.post(url, json={"order": order["order_reference"]}, timeout=5).status_code == 400
    virtualstock.control("POST", "return_request", {"order": order["order_reference"]})
    assert virtualstock.act("return_acknowledge", order).status_code == 200
    assert virtualstock.statuses(order)[0] == "RMA_ACK"


@pytest.mark.parametrize(("retailer", "fields"), [
    ("northgate", {"supplier_delivery_date": "2025-10-15T00:00:00"}),
    ("northgate", {"fulfillment_route": "Direct to customer"}),
    ("northgate", ACKNOWLEDGE["northgate"] | {"fulfillment_route": "By carrier pigeon"}),
    ("calder", {}),
    ("calder", {"sub_status": "Pending"}),
    ("fernhill", {"fulfillment_route": "Direct to customer"}),
    ("fernhill", {"supplier_delivery_date": "2025-10-15"}),
    ("fernhill", {"supplier_dispatch_date": "2025-10-15T00:00:00Z"}),
    ("fernhill", {"supplier_dispatch_date": "2025-02-30T00:00:00"}),
    ("fernhill", {"comment": "x" * 256}),
    ("fernhill", {"quantity": 2}),
    ("fernhill", {"quantity": "many"}),
    ("fernhill", {"line_ref": "9"}),
    ("fernhill", {"part_number": None}),
])
def test_an_acknowledgement_outside_the_rules_is_refused(
    virtualstock: Virtualstock, retailer: str, fields: dict[str, Any]
) -> None:
    order = virtualstock.order(retailer)
    assert virtualstock.act("acknowledge", order, retailer=retailer, **fields).status_code == 400
    assert virtualstock.statuses(order) == ["ORDER", "ORDER"]


@pytest.mark.parametrize(("retailer", "fields"), [
    ("fernhill", {"carrier": "Royal Mail"}),
    ("calder", {"carrier": "tuffnells"}),
    ("fernhill", {"supplier_dispatch_date": "2025-10-10T00:00:00"}),
    ("fernhill", {"tracking_number": ""}),
    ("fernhill", {"tracking_number": "9" * 101}),
    ("fernhill", {"quantity": 0}),
])
def test_a_dispatch_outside_the_rules_is_refused(
    virtualstock: Virtualstock, retailer: str, fields: dict[str, Any]
) -> None:
    order = acknowledged(virtualstock, 1, retailer=retailer)
    assert virtualstock.act("dispatch", order, retailer=retailer, **(DISPATCH | fields)).status_code == 400
    assert virtualstock.statuses(order)[0] == "ORDER_ACK"


def test_numbers_may_travel_as_text_and_unknown_keys_are_ignored(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 2)
    assert virtualstock.act("acknowledge", order, quantity="2").status_code == 200
    fields: dict[str, Any] = DISPATCH | {"tracking_number": 15501234, "fulfillment_route": "Direct to customer"}
    assert virtualstock.act("dispatch", order, **fields).status_code == 200


@pytest.mark.parametrize("body", [[], "text", {}, {"items": []}, {"items": {}}, {"items": ["x"]}])
def test_a_body_without_items_is_refused(virtualstock: Virtualstock, body: object) -> None:
    path = f"/restapi/v4/orders/{order_id(virtualstock.order())}/acknowledge/"
    assert virtualstock.call("POST", path, body).status_code == 400


def test_the_same_line_twice_in_one_call_is_refused(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 2)
    item = {"part_number": order["items"][0]["part_number"], "line_ref": "1", "quantity": 2, **DISPATCH}
    path = f"/restapi/v4/orders/{order_id(order)}/dispatch/"
    assert virtualstock.call("POST", path, {"items": [item, item]}).status_code == 400


@pytest.mark.parametrize(("form", "kind"), [("text", None), ("json_string", str), ("detail", dict)])
def test_a_refusal_travels_in_the_form_that_is_set(
    virtualstock: Virtualstock, form: str, kind: type[object] | None
) -> None:
    virtualstock.control("PUT", "settings", {"error_form": form})
    answer = virtualstock.act("dispatch", virtualstock.order(), **DISPATCH)
    assert "Not allowed to change state of item" in answer.text
    if kind is None:
        assert answer.headers["content-type"].startswith("text/plain")
    else:
        assert isinstance(answer.json(), kind)
