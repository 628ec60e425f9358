"""A retailer cancels lines or units of lines, and the supplier confirms exactly what was asked or sends the goods."""

from typing import Any

import pytest
from virtualstock_supplier import ACKNOWLEDGE, BACKORDER, DISPATCH, Virtualstock, acknowledged, dispatched


def ask(virtualstock: Virtualstock, order: dict[str, Any], lines: Any = None, **said: Any) -> None:
    body = {"order": order["order_reference"], "lines": lines, **said}
    virtualstock.control("POST", "cancel_request", body)


def units(virtualstock: Virtualstock, order: dict[str, Any]) -> tuple[int, int, int, str]:
    line = virtualstock.seen(order)["lines"][0]
    return line["dispatched"], line["cancelled"], line["cancel_asked"], line["status"]


@pytest.mark.parametrize(("before", "fields"), [("acknowledge", {}), ("backorder", BACKORDER)])
def test_what_is_left_of_a_partly_cancelled_line_goes_on_as_before(
    virtualstock: Virtualstock, before: str, fields: dict[str, Any]
) -> None:
    order = virtualstock.order("fernhill", 3)
    virtualstock.act(before, order, **fields)
    status = virtualstock.statuses(order)[1]
    ask(virtualstock, order, {"1": 1})
    assert units(virtualstock, order) == (0, 0, 1, "CANCEL")
    assert virtualstock.act("cancel_acknowledge", order, quantity=1).status_code == 200
    assert units(virtualstock, order) == (0, 1, 0, status)
    shown = virtualstock.call("GET", f"/restapi/v4/orders/?order_reference={order['order_reference']}").json()
    assert shown["results"][0]["items"][0]["quantity"] == 3
    assert virtualstock.act("dispatch", order, quantity=3, **DISPATCH).status_code == 400
    assert virtualstock.act("dispatch", order, quantity=2, **DISPATCH).status_code == 200
    assert units(virtualstock, order) == (2, 1, 0, "DISPATCH")


def test_a_new_line_is_new_again_after_a_part_of_it_was_cancelled(virtualstock: Virtualstock) -> None:
    order = virtualstock.order("fernhill", 3)
    ask(virtualstock, order, {"1": 1})
    virtualstock.act("cancel_acknowledge", order, quantity=1)
    assert virtualstock.statuses(order) == ["ORDER", "ORDER"]
    assert virtualstock.act("acknowledge", order, quantity=2).status_code == 200


@pytest.mark.parametrize(("quantity", "sentence"), [(1, "Partial"), (3, "bigger than allowed"), (0, "less or equal")])
def test_only_the_units_asked_for_are_confirmed(virtualstock: Virtualstock, quantity: int, sentence: str) -> None:
    order = acknowledged(virtualstock, 3)
    ask(virtualstock, order, {"1": 2})
    answer = virtualstock.act("cancel_acknowledge", order, quantity=quantity)
    assert (answer.status_code, sentence in answer.text) == (400, True)
    assert units(virtualstock, order) == (0, 0, 2, "CANCEL")


@pytest.mark.parametrize(("retailer", "lines", "sentence"), [
    ("northgate", {"00001": 1}, "Partial cancellation not allowed"), ("calder", {"1": 1}, "Partial"),
    ("fernhill", {"1": 0}, "can't be less or equal zero"), ("fernhill", {"1": 3}, "bigger than allowed"),
    ("fernhill", {"7": 1}, "KeyError"),
])
def test_a_wish_outside_the_rules_is_refused(
    virtualstock: Virtualstock, retailer: str, lines: dict[str, int], sentence: str
) -> None:
    order = acknowledged(virtualstock, 2, retailer=retailer)
    body = {"order": order["order_reference"], "lines": lines}
    assert sentence in virtualstock.refusal("cancel_request", body)
    assert virtualstock.statuses(order) == ["ORDER_ACK", "ORDER_ACK"]


def test_one_line_that_cannot_be_cancelled_refuses_the_whole_wish(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 1, 1)
    virtualstock.act("dispatch", order, only=1, **DISPATCH)
    body = {"order": order["order_reference"], "lines": ["1", "2"]}
    assert "from DISPATCH to CANCEL" in virtualstock.refusal("cancel_request", body)
    assert virtualstock.statuses(order)[1:] == ["ORDER_ACK", "DISPATCH"]
    ask(virtualstock, order)
    assert virtualstock.statuses(order)[1:] == ["CANCEL", "DISPATCH"]


def test_goods_that_leave_after_all_end_the_wish(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3)
    ask(virtualstock, order, {"1": 2})
    virtualstock.act("dispatch", order, quantity=2, **DISPATCH)
    assert units(virtualstock, order) == (2, 0, 1, "CANCEL")
    assert virtualstock.act("cancel_acknowledge", order, quantity=2).status_code == 400
    assert virtualstock.act("cancel_acknowledge", order, quantity=1).status_code == 200
    assert units(virtualstock, order) == (2, 1, 0, "DISPATCH")
    other = acknowledged(virtualstock, 2)
    ask(virtualstock, other)
    virtualstock.act("dispatch", other, **DISPATCH)
    assert units(virtualstock, other) == (2, 0, 0, "DISPATCH")


def test_a_full_lines_retailer_takes_what_is_left_in_full(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"rules": {"calder": {"partial_cancel": True}}})
    order = acknowledged(virtualstock, 3, retailer="calder")
    ask(virtualstock, order, {"1": 1})
    assert virtualstock.act("dispatch", order, retailer="calder", quantity=1, **DISPATCH).status_code == 400
    assert virtualstock.act("dispatch", order, retailer="calder", quantity=2, **DISPATCH).status_code == 200


def test_a_confirmation_nobody_asked_for_needs_the_switch(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 2)
    assert "from ORDER_ACK to CANCEL_ACK" in virtualstock.act("cancel_acknowledge", order).text
    virtualstock.control("PUT", "settings", {"cancel_ack_without_request": True})
    assert virtualstock.act("cancel_acknowledge", order, quantity=1).status_code == 200
    assert units(virtualstock, order) == (0, 1, 0, "ORDER_ACK")
    assert virtualstock.act("cancel_acknowledge", order, quantity=1).status_code == 200
    assert units(virtualstock, order) == (0, 2, 0, "CANCEL_ACK")


def test_the_quantity_shown_shrinks_when_the_switch_says_so(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"quantity_shrinks": True})
    order = acknowledged(virtualstock, 3)
    ask(virtualstock, order, {"1": 1})
    virtualstock.act("cancel_acknowledge", order, quantity=1)
    shown = virtualstock.call("GET", f"/restapi/v4/orders/?order_reference={order['order_reference']}").json()
    assert shown["results"][0]["items"][0]["quantity"] == 2
    assert virtualstock.seen(order)["lines"][0]["quantity"] == 3


@pytest.mark.parametrize("retailer", ACKNOWLEDGE)
def test_a_dispatched_line_is_never_cancelled(virtualstock: Virtualstock, retailer: str) -> None:
    order = dispatched(virtualstock, 1, retailer=retailer)
    reference = order["items"][0]["line_reference"]
    body = {"order": order["order_reference"], "lines": [reference]}
    assert "from DISPATCH to CANCEL" in virtualstock.refusal("cancel_request", body)


def test_only_units_that_did_not_leave_can_be_cancelled(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3, retailer="northgate")
    virtualstock.act("dispatch", order, retailer="northgate", quantity=1, **DISPATCH)
    body = {"order": order["order_reference"], "lines": {"00001": 3}}
    assert "bigger than allowed" in virtualstock.refusal("cancel_request", body)
    ask(virtualstock, order, {"00001": 2})
    assert virtualstock.act("cancel_acknowledge", order, retailer="northgate", quantity=2).status_code == 200
    assert units(virtualstock, order) == (1, 2, 0, "DISPATCH")
