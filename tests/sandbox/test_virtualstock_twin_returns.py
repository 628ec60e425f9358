"""Goods come back by the documented steps: asked for, seen, authorised, collected, approved or rejected."""

from typing import Any

import pytest
from virtualstock_supplier import NOON, Virtualstock, acknowledged, dispatched, order_id

RETURNS = "/restapi/v4/returns/"
HOUR = 3600


def ask(virtualstock: Virtualstock, order: dict[str, Any], lines: Any = None, **said: Any) -> str:
    """Opens a return; its id."""
    body = {"order": order["order_reference"], "lines": lines, **said}
    made: str = virtualstock.control("POST", "return_request", body)["returns"][-1]["id"]
    return made


def move(virtualstock: Virtualstock, row: str, *steps: str) -> None:
    for to in steps:
        virtualstock.control("POST", "return_move", {"return": row, "to": to})


def listed(virtualstock: Virtualstock, query: str = "", retailer: str = "fernhill") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = virtualstock.call("GET", RETURNS + query, retailer=retailer).json()["results"]
    return rows


def test_a_return_is_listed_with_its_order_its_line_and_its_moments(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 3)
    made = ask(virtualstock, order, {"1": 2}, reason_code=225)
    [row] = listed(virtualstock)
    assert (row["id"], row["quantity"], row["return_reason_code"]) == (made, 2, "225")
    assert row["status"] == {"code": "RMA", "description": "Return Request"}
    assert row["order"]["order_reference"] == order["order_reference"]
    assert row["order_item"]["line_reference"] == "1"
    assert (row["return_reason"]["description"], row["requested_at"]) == ("Damaged", "2025-10-09 10:00:00")
    for name in ("authorised_at", "declined_at", "rejected_at", "approved_at", "return_approved", "return_rejected",
                 "return_approved_amount", "return_authorised_collection_date"):
        assert row[name] is None, name
    assert listed(virtualstock, retailer="calder") == []


@pytest.mark.parametrize(("last", "stamp"), [("RMA_REC", "approved_at"), ("RMA_EXC", "rejected_at")])
def test_a_return_goes_the_whole_way(virtualstock: Virtualstock, last: str, stamp: str) -> None:
    order = dispatched(virtualstock, 1)
    made = ask(virtualstock, order)
    assert virtualstock.act("return_acknowledge", order).status_code == 200
    assert virtualstock.statuses(order) == ["RMA_ACK", "RMA_ACK"]
    virtualstock.now = NOON + HOUR
    move(virtualstock, made, "RMA_AUTHORISED", "RMA_COLLECTION_BOOKED", last)
    assert virtualstock.statuses(order) == [last, last]
    [row] = listed(virtualstock)
    assert row["status"]["code"] == last
    assert row[stamp] == row["authorised_at"] == "2025-10-09 11:00:00"
    verdict = row["return_approved"] or row["return_rejected"]
    assert verdict["created_at"] == "2025-10-09T11:00:00.000000"
    amount = (order["items"][0]["total"], "full") if last == "RMA_REC" else (None, None)
    assert (row["return_approved_amount"], row["return_approved_amount_status"]) == amount


@pytest.mark.parametrize(("before", "to"), [
    ([], "RMA_COLLECTION_BOOKED"), ([], "RMA_REC"), (["RMA_AUTHORISED"], "RMA_REC"), (["RMA_AUTHORISED"], "RMA_REJ"),
    (["RMA_REJ"], "RMA_AUTHORISED"), (["RMA_REJ"], "cancel"), (["cancel"], "RMA_AUTHORISED"), ([], "RMA_ACK"),
])
def test_no_step_is_skipped_or_taken_back(virtualstock: Virtualstock, before: list[str], to: str) -> None:
    made = ask(virtualstock, dispatched(virtualstock))
    move(virtualstock, made, *before)
    assert virtualstock.refusal("return_move", {"return": made, "to": to})


def test_no_more_comes_back_than_left(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 3)
    reference = order["order_reference"]
    declined = ask(virtualstock, order, {"1": 2})
    too_many = virtualstock.refusal("return_request", {"order": reference, "lines": {"1": 2}})
    assert "Return quantity value 2 is greater than dispatch quantity 1" in too_many
    assert virtualstock.refusal("return_request", {"order": reference, "lines": {"1": 0}})
    move(virtualstock, declined, "RMA_REJ")
    ask(virtualstock, order, {"1": 3})
    assert virtualstock.seen(order)["lines"][0]["returned"] == 3
    not_sent = acknowledged(virtualstock)
    assert virtualstock.refusal("return_request", {"order": not_sent["order_reference"], "lines": ["1"]})


def test_a_refused_wish_leaves_nothing_behind(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 1, 1)
    virtualstock.refusal("return_request", {"order": order["order_reference"], "lines": {"1": 1, "2": 2}})
    assert listed(virtualstock) == []
    assert virtualstock.statuses(order) == ["DISPATCH"] * 3


def test_two_returns_of_one_line_are_acknowledged_each_or_together(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 6)
    first, second = ask(virtualstock, order, {"1": 1}), ask(virtualstock, order, {"1": 2})
    assert virtualstock.act("return_acknowledge", order, quantity=4).status_code == 400
    assert virtualstock.act("return_acknowledge", order, quantity=2).status_code == 200
    state = {row["id"]: row["status"] for row in virtualstock.seen(order)["returns"]}
    assert state == {first: "RMA", second: "RMA_ACK"}
    ask(virtualstock, order, {"1": 3})
    assert virtualstock.act("return_acknowledge", order, quantity=4).status_code == 200
    assert {row["status"] for row in virtualstock.seen(order)["returns"]} == {"RMA_ACK"}
    again = virtualstock.act("return_acknowledge", order, quantity=4)
    assert "from RMA_ACK to RMA_ACK" in again.text


def test_more_than_was_dispatched_is_not_acknowledged(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 1)
    ask(virtualstock, order)
    answer = virtualstock.act("return_acknowledge", order, quantity=2)
    assert "Return quantity value 2 is greater than dispatch quantity 1" in answer.text


@pytest.mark.parametrize(("switch", "codes"), [("gone", []), ("kept", ["RMA_CANCEL"])])
def test_a_return_is_taken_back(virtualstock: Virtualstock, switch: str, codes: list[str]) -> None:
    virtualstock.control("PUT", "settings", {"withdrawn_returns": switch})
    order = dispatched(virtualstock, 1)
    move(virtualstock, ask(virtualstock, order), "cancel")
    assert virtualstock.statuses(order) == ["DISPATCH", "DISPATCH"]
    assert [row["status"]["code"] for row in listed(virtualstock)] == codes
    assert [row["status"] for row in virtualstock.seen(order)["returns"]] == codes
    assert virtualstock.seen(order)["lines"][0]["returned"] == 0
    ask(virtualstock, order)


def test_the_list_is_paged_with_the_newest_first(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 12)
    made = [ask(virtualstock, order, {"1": 1}) for _ in range(12)][::-1]
    first = virtualstock.call("GET", f"{RETURNS}?format=json").json()
    assert ([row["id"] for row in first["results"]], first["count"]) == (made[:10], 12)
    assert first["next"].endswith(f"{RETURNS}?format=json&limit=10&offset=10")
    assert [row["id"] for row in listed(virtualstock, "?page=3&limit=5")] == made[10:]


@pytest.mark.parametrize(("query", "found"), [
    ("order_reference={reference}", True), ("order_reference=X", False), ("return_status=RMA_REC", True),
    ("return_status=RMA", False), ("return_reason=300", True), ("return_reason=225", False), ("item_reference=1", True),
    ("item_reference=2", False), ("from_date=2025-10-09", True), ("from_date=2025-10-10", False),
    ("to_date=2025-10-09", True), ("to_date=2025-10-08", False), ("from_date_complete=2025-10-10", True),
    ("to_date_complete=2025-10-09", False), ("to_date_complete=2025-10-10", True), ("return_amount=partially", True),
    ("return_amount=full", False), ("return_approve_reason=1", True), ("return_reject_reason=1", False),
    ("supplier_uuid=x", False), ("sla_violation=return_time_to_authorise", False),
])
def test_the_filters_select(virtualstock: Virtualstock, query: str, found: bool) -> None:
    order = dispatched(virtualstock)
    made = ask(virtualstock, order)
    virtualstock.now = NOON + 24 * HOUR
    move(virtualstock, made, "RMA_AUTHORISED", "RMA_COLLECTION_BOOKED")
    virtualstock.control("POST", "return_move", {"return": made, "to": "RMA_REC", "amount": "1.00"})
    assert bool(listed(virtualstock, "?" + query.format(reference=order["order_reference"]))) is found


def test_a_late_authorisation_and_a_date_that_is_none_are_seen(virtualstock: Virtualstock) -> None:
    ask(virtualstock, dispatched(virtualstock))
    assert listed(virtualstock, "?sla_violation=return_time_to_authorise") == []
    virtualstock.now = NOON + 49 * HOUR
    assert len(listed(virtualstock, "?sla_violation=return_time_to_authorise")) == 1
    assert virtualstock.call("GET", f"{RETURNS}?from_date=soon").status_code == 400


def test_a_rejected_status_is_read_from_the_order_too(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock)
    move(virtualstock, ask(virtualstock, order), "RMA_REJ")
    shown = virtualstock.call("GET", f"/restapi/v4/orders/{order_id(order)}/").json()
    assert (shown["status"], shown["items"][0]["status"]) == ("RMA_REJ", "RMA_REJ")
    counts = virtualstock.control("GET", "counts")["by_operation"]
    assert "returns" not in counts


def test_a_line_shows_the_return_that_moved_last(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 3)
    first, _ = ask(virtualstock, order, {"1": 1}), ask(virtualstock, order, {"1": 2})
    assert virtualstock.act("return_acknowledge", order, quantity=2).status_code == 200
    move(virtualstock, first, "RMA_AUTHORISED")
    assert virtualstock.statuses(order)[1] == "RMA_AUTHORISED"
    move(virtualstock, first, "cancel")
    assert virtualstock.statuses(order)[1] == "RMA_ACK"
