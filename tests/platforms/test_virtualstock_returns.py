"""Returns are collected whole, each once; an odd one becomes None or text, never a crash."""

from datetime import date, datetime
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtualstock_stub import BASE, ELSEWHERE, ORDERS, RETURNS, Client, Stub, body, envelope, query, requests_to

from integration.lanes import Lane
from integration.problems import Refused, TryAgain
from integration.virtualstock.actions import ReturnItem
from integration.virtualstock.schema import ReturnRow, Status

PATH = "/restapi/v4/returns/"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UUID = "5c0d2a43-40c5-4a83-9a55-1f5f5e0d9c10"


def return_row(**fields: Any) -> dict[str, Any]:
    """A return in the documented form."""
    return {
        "id": UUID,
        "quantity": 1,
        "order": {
            "url": f"{ELSEWHERE}/restapi/v4/orders/259313/",
            "retailer": f"{ELSEWHERE}/restapi/v4/customers/13/",
            "order_reference": "NG100",
            "status": "RMA",
            "shipping_address": {"full_name": "Ada Byron", "email": "ada@example.org"},
        },
        "order_item": {"url": f"{ELSEWHERE}/restapi/v4/items/4/", "part_number": "P1", "line_reference": "00001"},
        "return_reason": {"id": 7, "code": "225", "description": "Damaged", "created_at": "2024-01-01T00:00:00.123456"},
        "return_reason_code": "225",
        "status": {"code": "RMA_AUTHORISED", "description": "Return Authorised"},
        "requested_at": "2026-03-20 09:30:00",
        "requested_message": "came broken",
        "authorised_at": "2026-03-21 10:00:00",
        "declined_at": None,
        "approved_at": None,
        "rejected_at": "",
        "retailer": {"name": "Northgate"},
        "return_approved_amount": None,
    } | fields


# Reading


def test_a_return_in_the_documented_form_is_read() -> None:
    assert ReturnRow.parse(return_row()) == ReturnRow(
        id=UUID,
        quantity=1,
        order_id=259313,
        order_reference="NG100",
        retailer_id=13,
        line_reference="00001",
        part_number="P1",
        reason_code="225",
        reason="Damaged",
        status=Status.RMA_AUTHORISED,
        requested_at=datetime(2026, 3, 20, 9, 30),
        authorised_at=datetime(2026, 3, 21, 10),
    )


def test_nobody_who_bought_is_kept() -> None:
    shown = repr(ReturnRow.parse(return_row()))
    assert not any(secret in shown for secret in ("Ada", "ada@", "came broken"))


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"status": {"code": "RMA_TELEPORTED"}}, {"status": "RMA_TELEPORTED"}),
        ({"status": "RMA"}, {"status": "RMA"}),
        ({"status": {"description": "Return Authorised"}}, {"status": ""}),
        ({"status": None}, {"status": ""}),
        ({"return_reason_code": None}, {"reason_code": "225"}),
        ({"return_reason_code": 300}, {"reason_code": "300"}),
        ({"return_reason_code": "", "return_reason": {"code": 400}}, {"reason_code": "400", "reason": None}),
        ({"return_reason": None}, {"reason_code": "225", "reason": None}),
        ({"quantity": "2"}, {"quantity": 2}),
        ({"quantity": "some"}, {"quantity": None}),
        ({"order": None}, {"order_id": None, "order_reference": None, "retailer_id": None}),
        ({"order": f"{ELSEWHERE}/restapi/v4/orders/259313/"}, {"order_id": None, "order_reference": None}),
        ({"order_item": "4"}, {"line_reference": None, "part_number": None}),
        ({"order_item": {"line_reference": 1}}, {"line_reference": "1", "part_number": None}),
        ({"approved_at": "2026-03-22T08:00:00.123456"}, {"approved_at": datetime(2026, 3, 22, 8, 0, 0, 123456)}),
        ({"approved_at": "2026-03-22 08:00:00+00:00"}, {"approved_at": None}),
        ({"approved_at": "soon"}, {"approved_at": None}),
        ({"id": None}, {"id": None}),
    ],
)
def test_an_odd_return_is_read_as_far_as_it_can_be(fields: dict[str, Any], read: dict[str, Any]) -> None:
    row = ReturnRow.parse(return_row(**fields))
    assert {name: getattr(row, name) for name in read} == read


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@QUICK
@given(st.dictionaries(st.sampled_from(sorted(return_row())), JSON, max_size=4))
def test_no_return_is_too_odd_to_be_parsed(odd: dict[str, Any]) -> None:
    row = ReturnRow.parse(return_row(**odd))
    assert row.quantity is None or row.quantity >= 0
    assert repr(row).encode()


@pytest.mark.parametrize("raw", [None, [], "x", 5, True])
def test_what_is_no_object_parses_as_an_empty_return(raw: object) -> None:
    assert ReturnRow.parse(raw) == ReturnRow()


# The list


def ids(rows: list[dict[str, Any]]) -> list[Any]:
    return [row.get("id") for row in rows]


def test_returns_of_all_pages_are_collected_and_one_that_slid_on_is_returned_once(stub: Stub, client: Client) -> None:
    link = f"{ELSEWHERE}/restapi/v4/returns/?format=json&limit=2&offset=2"
    stub.get(RETURNS, json=envelope([return_row(id="a"), return_row(id="b")], link))
    stub.get(RETURNS, json=envelope([return_row(id="b", quantity=9), return_row(id="c")]))
    rows = client.returns(lane=Lane.ORDERS, limit=2)
    assert [(row["id"], row["quantity"]) for row in rows] == [("a", 1), ("b", 1), ("c", 1)]
    first, second = requests_to(stub, PATH)
    assert first.url == f"{RETURNS}?format=json&limit=2"
    assert second.url == f"{RETURNS}?format=json&limit=2&offset=2"


def test_a_start_date_is_sent_as_a_date_on_every_page(stub: Stub, client: Client) -> None:
    stub.get(RETURNS, json=envelope([return_row(id="a")], f"{BASE}/?limit=100&offset=100"))
    stub.get(RETURNS, json=envelope([]))
    client.returns(lane=Lane.ORDERS, from_date=date(2026, 3, 1))
    assert [query(each)["from_date"] for each in requests_to(stub, PATH)] == ["2026-03-01"] * 2


def test_a_next_link_that_counts_pages_leads_on_by_rows(stub: Stub, client: Client) -> None:
    stub.get(RETURNS, json=envelope([return_row(id="a"), return_row(id="b")], f"{BASE}/restapi/v4/returns/?page=2"))
    stub.get(RETURNS, json=envelope([return_row(id="c")]))
    assert ids(client.returns(lane=Lane.ORDERS)) == ["a", "b", "c"]
    assert query(requests_to(stub, PATH)[1]) == {"format": "json", "limit": "100", "offset": "2"}


def test_returns_without_an_id_are_all_kept(stub: Stub, client: Client) -> None:
    rows: list[Any] = [return_row(id=odd) for odd in (None, None, "", "", ["odd"], ["odd"])]
    stub.get(RETURNS, json=envelope([*rows, "no object"]))
    assert client.returns(lane=Lane.ORDERS) == rows


@pytest.mark.parametrize("odd", [None, {"message": "hello"}, {"results": None}, "text"])
def test_what_is_no_list_of_returns_is_not_taken_for_an_empty_one(stub: Stub, client: Client, odd: object) -> None:
    stub.get(RETURNS, json=odd)
    with pytest.raises(TryAgain):
        client.returns(lane=Lane.ORDERS)


def test_a_list_that_fails_on_its_second_page_is_no_list(stub: Stub, client: Client) -> None:
    stub.get(RETURNS, json=envelope([return_row(id="a")], f"{BASE}/?limit=1&offset=1"))
    stub.get(RETURNS, body=requests.ReadTimeout())
    with pytest.raises(TryAgain):
        client.returns(lane=Lane.ORDERS)


# Acknowledging one

LINE = ReturnItem(part_number="P1", line_ref="00001", quantity=1)
SENTENCE = "Validation error: Return quantity value 3 is greater than dispatch quantity 0 for order item '123408568'"


def test_a_return_is_acknowledged_at_its_order(stub: Stub, client: Client) -> None:
    stub.post(f"{ORDERS}259313/return_acknowledge/", json={"message": "Your order is successfully saved"})
    client.return_acknowledge(259313, [LINE], lane=Lane.ORDERS)
    (request,) = requests_to(stub, "/restapi/v4/orders/259313/return_acknowledge/")
    assert request.url == f"{ORDERS}259313/return_acknowledge/?format=json"
    assert body(request) == {"items": [{"part_number": "P1", "line_ref": "00001", "quantity": 1}]}


def test_their_sentence_about_a_return_is_kept_without_a_code(stub: Stub, client: Client) -> None:
    stub.post(f"{ORDERS}259313/return_acknowledge/", status=400, body=SENTENCE, content_type="text/plain")
    with pytest.raises(Refused, match="greater than dispatch quantity 0") as caught:
        client.return_acknowledge(259313, [LINE], lane=Lane.ORDERS)
    assert (caught.value.status, caught.value.code) == (400, None)
