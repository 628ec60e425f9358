"""API v3 tells of a line what v4 leaves out, and may be missing or odd without harm."""

from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtualstock_stub import ELSEWHERE, ORDERS_V3, Client, Stub, requests_to

from integration.lanes import Lane
from integration.problems import Refused, TryAgain
from integration.virtualstock.schema import OrderItemV3, OrderV3

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def line(**fields: Any) -> dict[str, Any]:
    """A line in the documented form, of which nothing has happened yet."""
    nothing = dict.fromkeys(
        ["name", "cost", "dispatch_status", "dispatch_date", "cancel_date", "cancel_reason", "cancel_quantity",
         "return_date", "return_code", "return_reason", "return_quantity"]
    )  # fmt: skip
    known = {"part_number": "P1", "line_ref": "1", "quantity": 3, "current_status": "New Order", "tracking_number": ""}
    return nothing | known | fields


def order(*shipments: Any, **fields: Any) -> dict[str, Any]:
    return {"url": f"{ELSEWHERE}/restapi/v3/orders/189785/", "order_number": "NG100", "shipping_phone": "0123456789",
            "current_status": "New Order", "shipments": list(shipments)} | fields


def test_lines_of_all_shipments_stand_in_one_row() -> None:
    asked = line(line_ref="1", cancel_quantity=2, cancel_reason="Customer changed quantity")
    gone = line(
        line_ref="2", current_status="Dispatched", dispatch_date="2026-03-20T00:00:00", tracking_number="T1",
        return_quantity="1", return_code=225, return_reason="Damaged",
    )  # fmt: skip
    read = OrderV3.parse(order({"items": [asked]}, {"items": [gone]}))
    assert (read.id, read.order_number, read.current_status) == (189785, "NG100", "New Order")
    assert read.items == (
        OrderItemV3(part_number="P1", line_ref="1", quantity=3, current_status="New Order", cancel_quantity=2,
                    cancel_reason="Customer changed quantity"),
        OrderItemV3(part_number="P1", line_ref="2", quantity=3, current_status="Dispatched",
                    dispatch_date="2026-03-20T00:00:00", tracking_number="T1", return_quantity=1, return_code="225",
                    return_reason="Damaged"),
    )  # fmt: skip


def test_a_shipments_tracking_is_not_taken_for_that_of_each_line() -> None:
    (item,) = OrderV3.parse(order({"items": [line()], "tracking_number": "T9", "dispatch_date": "2026-03-20"})).items
    assert (item.tracking_number, item.dispatch_date) == (None, None)


@pytest.mark.parametrize(
    ("sent", "read"),
    [(2, 2), ("2", 2), ("2.00", 2), (0, 0), (None, None), ("", None), ("all", None), (-1, None), (1.5, None),
     (True, None), ([2], None)],
)
def test_units_to_cancel_are_a_whole_number_or_not_told(sent: object, read: int | None) -> None:
    (item,) = OrderV3.parse(order({"items": [line(cancel_quantity=sent)]})).items
    assert item.cancel_quantity == read


@pytest.mark.parametrize("shipments", [None, "", {}, "x", 5, [None], ["odd"], [{}], [{"items": None}], [{"items": 5}]])
def test_an_order_without_readable_shipments_has_no_lines(shipments: object) -> None:
    assert OrderV3.parse(order(shipments=shipments)).items == ()


def test_a_line_that_is_no_object_is_still_a_line_in_v3() -> None:
    assert OrderV3.parse(order({"items": ["odd", line()]})).items[0] == OrderItemV3()


@pytest.mark.parametrize("raw", [None, [], "x", 5, True])
def test_what_is_no_object_parses_as_an_empty_v3_order(raw: object) -> None:
    assert OrderV3.parse(raw) == OrderV3()


VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.just([]) | st.just({})


@QUICK
@given(st.dictionaries(st.sampled_from(sorted(line())), VALUE, max_size=5))
def test_no_v3_line_is_too_odd_to_be_parsed(odd: dict[str, Any]) -> None:
    (item,) = OrderV3.parse(order({"items": [line(**odd)]})).items
    assert item.cancel_quantity is None or item.cancel_quantity >= 0


def test_the_older_object_is_asked_for_by_the_same_id(stub: Stub, client: Client) -> None:
    stub.get(f"{ORDERS_V3}189785/", json=order({"items": [line()]}))
    assert client.order_v3(189785, lane=Lane.ORDERS) == order({"items": [line()]})
    (request,) = requests_to(stub, "/restapi/v3/orders/189785/")
    assert request.url == f"{ORDERS_V3}189785/?format=json"


@pytest.mark.parametrize("content", ['{"detail": "Not found."}', "<html>nginx</html>", ""])
def test_an_order_that_v3_does_not_know_is_none(stub: Stub, client: Client, content: str) -> None:
    stub.get(f"{ORDERS_V3}7/", status=404, body=content)
    assert client.order_v3(7, lane=Lane.ORDERS) is None


@pytest.mark.parametrize(
    ("trouble", "failure"),
    [
        ({"status": 403, "json": {"detail": "no"}}, Refused), ({"status": 500, "body": "down"}, TryAgain),
        ({"body": requests.ReadTimeout()}, TryAgain), ({"json": []}, TryAgain), ({"body": ""}, TryAgain),
    ],
)  # fmt: skip
def test_a_v3_answer_that_is_no_order_is_not_taken_for_none(
    stub: Stub, client: Client, trouble: dict[str, Any], failure: type[Exception]
) -> None:
    stub.get(f"{ORDERS_V3}7/", **trouble)
    with pytest.raises(failure) as caught:
        client.order_v3(7, lane=Lane.ORDERS)
    assert type(caught.value) is failure
