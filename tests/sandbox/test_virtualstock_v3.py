"""The older generation of the API tells units to cancel and which orders changed."""

from typing import Any

import pytest
from virtualstock_supplier import DISPATCH, NOON, Virtualstock, acknowledged, dispatched, order_id

DAY = 86_400


def read(virtualstock: Virtualstock, order: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = virtualstock.call("GET", f"/restapi/v3/orders/{order_id(order)}/").json()
    return found


def item(virtualstock: Virtualstock, order: dict[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = read(virtualstock, order)["shipments"][0]["items"][0]
    return first


def references(virtualstock: Virtualstock, query: str) -> list[str]:
    rows = virtualstock.call("GET", f"/restapi/v3/orders/{query}").json()["results"]
    return [row["order_number"] for row in rows]


def test_a_new_order_has_every_field_and_no_news(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 2)
    found = read(virtualstock, order)
    assert (found["order_number"], found["current_status"]) == (order["order_reference"], "New Order")
    first = item(virtualstock, order)
    assert (first["line_ref"], first["quantity"], first["part_number"]) == ("1", 2, order["items"][0]["part_number"])
    for name in ("cancel_quantity", "cancel_reason", "cancel_date", "dispatch_status", "dispatch_date", "return_date",
                 "return_code", "return_reason", "return_quantity"):
        assert first[name] is None, name
    assert first["tracking_number"] == ""


def test_it_tells_how_many_units_are_to_be_cancelled_unless_it_is_told_not_to(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3)
    body = {"order": order["order_reference"], "lines": {"1": 2}, "reason_code": 128, "comment": "found it"}
    virtualstock.control("POST", "cancel_request", body)
    asked = item(virtualstock, order)
    assert (asked["cancel_quantity"], asked["cancel_reason"]) == (2, "Customer found it cheaper")
    assert (asked["current_status"], asked["cancel_date"]) == ("Cancellation Requested", "2025-10-09T10:00:00")
    virtualstock.control("PUT", "settings", {"v3_tells_cancel_quantity": False})
    assert item(virtualstock, order)["cancel_quantity"] is None


def test_it_tells_parcels_and_returns(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3)
    virtualstock.act("dispatch", order, quantity=1, **DISPATCH)
    assert item(virtualstock, order)["dispatch_status"] == "Partially Dispatched"
    virtualstock.act("dispatch", order, quantity=2, **(DISPATCH | {"tracking_number": "2"}))
    sent = item(virtualstock, order)
    assert (sent["dispatch_status"], sent["dispatch_date"]) == ("Dispatched", "2025-10-10T00:00:00")
    assert sent["tracking_number"] == "2"
    virtualstock.control("POST", "return_request", {"order": order["order_reference"], "lines": {"1": 2},
                                                    "reason_code": 225})
    back = item(virtualstock, order)
    assert (back["return_quantity"], back["return_code"], back["return_reason"]) == (2, "225", "Damaged")


def test_the_list_holds_73_hours_from_the_day_asked_for(virtualstock: Virtualstock) -> None:
    first = virtualstock.order()
    virtualstock.now = NOON + 4 * DAY
    second = virtualstock.order()
    old, new = first["order_reference"], second["order_reference"]
    assert references(virtualstock, "") == [new]
    assert references(virtualstock, "?ord_days=4") == [old]
    assert references(virtualstock, "?ord_days=3") == [new]
    assert references(virtualstock, "?ord_days=9") == []
    assert references(virtualstock, "?ord_days=nonsense") == [new]


def test_a_change_brings_an_old_order_back_into_the_list_of_changes(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    virtualstock.now = NOON + 10 * DAY
    assert references(virtualstock, "?chg_days=2") == []
    virtualstock.act("acknowledge", order)
    assert references(virtualstock, "?chg_days=2&ord_days=1") == [order["order_reference"]]
    virtualstock.now = NOON + 20 * DAY
    virtualstock.act("acknowledge", order)
    assert references(virtualstock, "?chg_days=2") == []
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"]})
    assert references(virtualstock, "?chg_days=2") == [order["order_reference"]]


@pytest.mark.parametrize(("status", "expected"), [("new", 0), ("order_ack", 1), ("return", 1), ("ORDER_ACK", 0)])
def test_statuses_are_asked_for_in_lower_case(virtualstock: Virtualstock, status: str, expected: int) -> None:
    acknowledged(virtualstock)
    virtualstock.control("POST", "return_request", {"order": dispatched(virtualstock)["order_reference"]})
    assert len(references(virtualstock, f"?status={status}")) == expected


def test_it_can_be_shut_and_shows_no_order_of_others(virtualstock: Virtualstock) -> None:
    foreign = virtualstock.order("calder")
    assert virtualstock.call("GET", f"/restapi/v3/orders/{order_id(foreign)}/").status_code == 404
    order = virtualstock.order()
    virtualstock.control("PUT", "settings", {"v3_available": False})
    assert virtualstock.call("GET", f"/restapi/v3/orders/{order_id(order)}/").status_code == 404
    assert virtualstock.call("GET", "/restapi/v3/orders/").status_code == 404


def test_actions_are_taken_under_the_older_address_too(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    line = {"part_number": order["items"][0]["part_number"], "line_ref": "1", "quantity": 1}
    answer = virtualstock.call("POST", f"/api/v3/orders/{order_id(order)}/acknowledge/", {"items": [line]})
    assert answer.status_code == 200
    read(virtualstock, order)
    counts = virtualstock.control("GET", "counts")["by_operation"]
    assert (counts["acknowledge"], counts["order_v3"]) == (1, 1)
