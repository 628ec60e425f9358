"""People act on Virtualstock without the integration, and a retailer's rules can be changed for a test."""

from typing import Any

import pytest
from virtualstock_supplier import ACKNOWLEDGE, DISPATCH, NOON, Virtualstock, acknowledged, dispatched, order_id

from sandbox.http import Request
from sandbox.seed import Seed
from sandbox.virtualstock import VirtualstockTwin


def test_somebody_takes_every_step_in_the_portal(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("calder", 2, 1)
    reference = order["order_reference"]
    virtualstock.control("POST", "portal", {"order": reference, "action": "acknowledge"})
    virtualstock.control("POST", "cancel_request", {"order": reference, "lines": ["2"]})
    virtualstock.control("POST", "portal", {"order": reference, "action": "cancel_acknowledge"})
    assert virtualstock.statuses(order) == ["ORDER_ACK", "ORDER_ACK", "CANCEL_ACK"]
    virtualstock.control("POST", "portal", {"order": reference, "action": "dispatch", "lines": ["1"]})
    assert virtualstock.statuses(order) == ["DISPATCH", "DISPATCH", "CANCEL_ACK"]
    seen = virtualstock.seen(order)
    assert [each["action"] for each in seen["portal"]] == ["acknowledge", "acknowledge", "cancel_acknowledge",
                                                           "dispatch"]
    assert (seen["acknowledgements"], seen["dispatches"], seen["cancellations"]) == ([], [], [])


def test_the_portal_keeps_to_the_workflow(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    for action in ("dispatch", "cancel_acknowledge", "backorder"):
        assert virtualstock.refusal("portal", {"order": order["order_reference"], "action": action})
    order = acknowledged(virtualstock, 2, retailer="calder")
    half = {"order": order["order_reference"], "action": "dispatch", "lines": {"1": 1}}
    assert "partial dispatch not allowed" in virtualstock.refusal("portal", half)


def test_an_order_is_listed_as_new_again(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1, 1)
    virtualstock.act("dispatch", order, only=1, **DISPATCH)
    virtualstock.control("POST", "relist", {"order": order["order_reference"]})
    assert virtualstock.statuses(order) == ["ORDER", "ORDER", "DISPATCH"]
    assert virtualstock.call("GET", "/restapi/v4/orders/?status=ORDER").json()["count"] == 1
    assert virtualstock.refusal("relist", {"order": dispatched(virtualstock)["order_reference"]})


def test_an_order_shows_the_status_it_is_told_to_show(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    path = f"/restapi/v4/orders/{order_id(order)}/"
    virtualstock.control("POST", "show_status", {"order": order["order_reference"], "status": "ON_HOLD"})
    assert virtualstock.call("GET", path).json()["status"] == "ON_HOLD"
    virtualstock.control("POST", "show_status", {"order": order["order_reference"], "status": None})
    assert virtualstock.call("GET", path).json()["status"] == "ORDER"


def test_a_full_orders_retailer_takes_all_open_lines_at_once(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"rules": {"fernhill": {"full_orders_only": True}}})
    order = acknowledged(virtualstock, 2, 1, 1)
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"], "lines": ["3"]})
    assert "partial dispatch" in virtualstock.act("dispatch", order, only=0, **DISPATCH).text
    assert virtualstock.act("dispatch", order, quantity=1, **DISPATCH).status_code == 400
    items = [{"part_number": item["part_number"], "line_ref": item["line_reference"], "quantity": item["quantity"],
              **DISPATCH} for item in order["items"][:2]]
    path = f"/restapi/v4/orders/{order_id(order)}/dispatch/"
    assert virtualstock.call("POST", path, {"items": items}).status_code == 200
    assert virtualstock.statuses(order) == ["CANCEL", "DISPATCH", "DISPATCH", "CANCEL"]


def test_rules_are_changed_by_name_and_return_to_the_seed(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"rules": {"calder": {"sub_statuses": ["Seen"]}}})
    order = virtualstock.order("calder")
    assert virtualstock.act("acknowledge", order, retailer="calder", **ACKNOWLEDGE["calder"]).status_code == 400
    assert virtualstock.act("acknowledge", order, retailer="calder", sub_status="Seen").status_code == 200
    virtualstock.control("PUT", "settings", {"rules": {}})
    assert virtualstock.act("acknowledge", order, retailer="calder", sub_status="Seen").status_code == 400
    for rules in ({"calder": {"mood": 1}}, {"nobody": {}}):
        answer = virtualstock.session.put(
            f"{virtualstock.server.url}/_control/settings", json={"rules": rules}, timeout=5
        )
        assert answer.status_code == 400


@pytest.mark.parametrize(("status", "units"), [
    ("CANCEL", {"cancel_asked": 2}), ("CANCEL_ACK", {"cancelled": 2}), ("DISPATCH", {"dispatched": 2}),
])
def test_a_line_that_begins_late_in_its_life_has_its_past(
    virtualstock: Virtualstock, status: str, units: dict[str, int]
) -> None:
    order = virtualstock.order("fernhill", 2, line={"status": status, "subtotal": None}, test_flag=True)
    line = virtualstock.seen(order)["lines"][0]
    counted = {"cancel_asked": 0, "cancelled": 0, "dispatched": 0} | units
    assert {name: line[name] for name in counted} == counted
    assert (order["test_flag"], order["items"][0]["subtotal"], order["subtotal"]) == (True, None, None)


def test_the_twin_can_be_used_in_process_and_follows_the_clock_it_is_given(small_seed: Seed) -> None:
    now = NOON
    twin = VirtualstockTwin(small_seed, lambda: now)
    sku = next(listing.sku for listing in small_seed.listings if listing.retailer == "fernhill")
    body = b'{"retailer": "fernhill", "lines": [{"sku": "%s"}]}' % sku.encode()
    dates: list[Any] = []
    for _ in range(2):
        placed = twin.control(Request("POST", "/_control/orders", "", {}, body))
        assert placed is not None
        assert placed.status == 201
        dates.append(list(twin.memory.orders.values())[-1].row["order_date"])
        now += 86_400
    assert dates == ["2025-10-09T10:00:00", "2025-10-10T10:00:00"]
