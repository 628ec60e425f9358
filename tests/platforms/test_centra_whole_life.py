"""What happens to an order after it was placed is read as far as Centra shows it, and cancelled at most once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
import structlog
from recording_gate import RecordingGate

from integration.centra import queries
from integration.centra.client import RETURNS_PAGE, CentraClient
from integration.centra.graphql import LESSER_FOR, NO_PERMISSION, GraphQL
from integration.centra.schema import OrderLine, Return
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain

URL = "https://example.centra.com/graphql"
LANE = Lane.ORDERS
ORDER = {"id": "abc", "number": 1234, "status": "CONFIRMED", "updatedAt": "2026-11-24T11:00:00+01:00"}
LINE = {"id": 1, "quantity": 3, "returnedQuantity": 1}
PAGE = {"where": {}, "limit": 25, "page": 1}


@pytest.fixture
def client() -> CentraClient:
    return CentraClient(URL, "token", "https://example.centra.com/api/order-api", "key", RecordingGate())


@pytest.fixture
def centra() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as stub:
        yield stub


def answers(centra: responses.RequestsMock, root: str, data: object) -> None:
    centra.post(URL, json={"data": {root: data}})


def denies(centra: responses.RequestsMock, permission: str, status: int = 200) -> None:
    error = {"message": f"You need {permission} permission to access it.", "extensions": {"category": NO_PERMISSION}}
    centra.post(URL, json={"errors": [error], "extensions": {"complexity": 50}}, status=status)


def sent(centra: responses.RequestsMock, index: int = -1) -> Any:
    return json.loads(centra.calls[index].request.body or b"")


def asked_in_full(centra: responses.RequestsMock) -> list[bool]:
    return ["allocations" in sent(centra, index)["query"] for index in range(len(centra.calls))]


@pytest.mark.parametrize(
    ("allocations", "units"), [([{"quantity": 1}, {"quantity": 1}, {"quantity": None}], 2), ([], 0), (None, None)],
)
def test_the_allocations_of_a_line_are_added_up(
    allocations: object, units: int | None, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, "orders", [ORDER | {"lines": [LINE | {"allocations": allocations}]}])
    (order,) = client.orders(numbers=[1234], lane=LANE)
    assert (order.lines[0].allocated, order.lines[0].returned_quantity) == (units, 1)
    assert order.updated_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_line_can_be_stored_and_read_again() -> None:
    line = OrderLine(id=1, quantity=3, allocated=2)
    assert OrderLine.model_validate_json(line.model_dump_json()) == line


def test_orders_are_found_by_when_they_changed(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, "orders", [])
    client.orders(updated_from=datetime(2026, 11, 24, tzinfo=UTC), page=3, lane=LANE)
    assert sent(centra)["variables"]["where"] == {"updatedAt": {"from": "2026-11-24T00:00:00+00:00"}}
    with pytest.raises(ValueError, match="time zone"):
        client.orders(updated_from=datetime(2026, 11, 24), lane=LANE)


@pytest.mark.parametrize("status", [200, 403])
def test_without_the_permission_for_allocations_orders_are_read_all_the_same(
    status: int, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    denies(centra, "Allocation:read", status)
    answers(centra, "orders", [ORDER | {"lines": [LINE]}])
    with structlog.testing.capture_logs() as logs:
        (order,) = client.orders(numbers=[1234], lane=LANE)
        client.orders(numbers=[1235], lane=LANE)
    assert order.lines[0].allocated is None
    assert asked_in_full(centra) == [True, False, False], "nothing is asked twice once it is known"
    assert ["Allocation:read" in entry["why"] for entry in logs] == [True]


def test_a_permission_granted_later_needs_no_restart(centra: responses.RequestsMock) -> None:
    now = [5.0]
    graphql = GraphQL(requests.Session(), URL, "token", RecordingGate(), clock=lambda: now[0])
    denies(centra, "Allocation:read")
    answers(centra, "orders", [])
    graphql.run(queries.ORDERS, PAGE, lane=LANE)
    now[0] += LESSER_FOR
    graphql.run(queries.ORDERS, PAGE, lane=LANE)
    assert asked_in_full(centra) == [True, False, True]


def test_a_denial_of_something_else_is_a_refusal_and_nothing_is_left_out_afterwards(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    denies(centra, "Order:read")
    for _ in range(2):
        with pytest.raises(Refused, match="Order:read") as caught:
            client.orders(numbers=[1234], lane=LANE)
        assert caught.value.code == NO_PERMISSION
    assert asked_in_full(centra) == [True, False, True, False]


def test_an_outage_is_not_taken_for_a_denial(client: CentraClient, centra: responses.RequestsMock) -> None:
    centra.post(URL, status=502)
    for _ in range(2):
        with pytest.raises(TryAgain):
            client.orders(numbers=[1234], lane=LANE)
    assert asked_in_full(centra) == [True, True]


RETURN = {
    "id": 9, "status": "ACTIVE", "returnStatus": "PENDING", "createdAt": "2026-11-24T11:00:00+01:00",
    "order": {"number": 1234}, "shipment": {"id": 77, "number": "1234-1"},
    "lines": [{"id": 1, "quantity": 2, "shipmentLine": {"id": 5, "orderLine": {"id": 11}}},
              {"id": 2, "quantity": 1, "shipmentLine": None}],
}  # fmt: skip


def test_a_return_names_its_order_shipment_and_order_lines(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, "returns", [RETURN])
    (found,) = client.returns([9], lane=LANE)
    assert (found.order_number, found.shipment_id, found.shipment_number) == (1234, 77, "1234-1")
    assert [(line.order_line_id, line.quantity) for line in found.lines] == [(11, 2), (None, 1)]
    assert found.created_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert not found.is_completed
    assert Return.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(("status", "return_status", "completed"), [
    ("ACTIVE", "COMPLETED", True), ("Completed", None, True), ("COMPLETE", "", True),
    ("ACTIVE", "PENDING", False), ("INCOMPLETE", None, False), (None, None, False), ("TELEPORTED", "BEAMED", False),
])  # fmt: skip
def test_a_return_is_completed_where_either_field_says_so(
    status: str | None, return_status: str | None, completed: bool,
) -> None:
    assert Return(id=1, status=status, return_status=return_status).is_completed is completed


def test_returns_are_read_by_id_or_by_when_they_were_made(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, "returns", [])
    assert client.returns([], lane=LANE) == []
    client.returns(range(RETURNS_PAGE + 1), lane=LANE)
    assert [len(sent(centra, index)["variables"]["where"]["id"]) for index in (0, 1)] == [RETURNS_PAGE, 1]
    client.returns(created_from=datetime(2026, 11, 24, tzinfo=UTC), page=2, lane=LANE)
    assert sent(centra)["variables"] == {
        "where": {"createdAt": {"from": "2026-11-24T00:00:00+00:00"}}, "limit": RETURNS_PAGE, "page": 2,
    }


def test_a_centra_that_does_not_know_the_status_of_returns_shows_them_all_the_same(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    error = {"message": 'Cannot query field "returnStatus" on type "Return".', "extensions": {"category": "graphql"}}
    centra.post(URL, json={"errors": [error]}, status=400)
    answers(centra, "returns", [RETURN | {"status": "COMPLETED", "returnStatus": None}])
    assert client.returns([9], lane=LANE)[0].is_completed
    assert "returnStatus" not in sent(centra)["query"]


def test_units_of_lines_are_cancelled_and_their_stock_becomes_free(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, "updateDirectToConsumerOrder", {"userErrors": [], "userWarnings": []})
    client.cancel_lines(1234, {11: 2, 12: 1}, "The retailer cancelled it", lane=LANE)
    release = {"releaseItemsBackToWarehouse": True}
    assert sent(centra)["variables"] == {"order": {"number": 1234}, "input": {
        "cancelLines": [
            {"line": {"id": 11}, "quantity": 2, "stockActionPolicy": release},
            {"line": {"id": 12}, "quantity": 1, "stockActionPolicy": release},
        ],
        "cancellationComment": "The retailer cancelled it",
    }}


def test_a_whole_order_is_cancelled_by_its_hash_without_mail_or_payment(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, "cancelDirectToConsumerOrder", {"userErrors": [], "userWarnings": []})
    client.cancel_order("c80521760fe1", "The retailer cancelled it", lane=LANE)
    assert sent(centra)["variables"] == {"id": "c80521760fe1", "input": {
        "emailOptions": {"sendEmail": False}, "stockAction": {"releaseItemsBackToWarehouse": True},
        "comment": "The retailer cancelled it", "cancelAuthorization": False,
    }}


def cancel(client: CentraClient, root: str) -> None:
    if root == "cancelDirectToConsumerOrder":
        client.cancel_order("c80521760fe1", "why", lane=LANE)
    else:
        client.cancel_lines(1234, {11: 1}, "why", lane=LANE)


CANCELS = pytest.mark.parametrize("root", ["updateDirectToConsumerOrder", "cancelDirectToConsumerOrder"])


@CANCELS
def test_what_centra_will_not_cancel_is_a_refusal(
    root: str, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    errors = [{"message": "Only 0 can be cancelled", "path": ["input", "cancelLines", "0", "quantity"]}]
    answers(centra, root, {"userErrors": errors, "userWarnings": []})
    with pytest.raises(Refused, match=r"Only 0 can be cancelled \(at input.cancelLines.0.quantity\)"):
        cancel(client, root)


@CANCELS
@pytest.mark.parametrize("lost", [
    {"body": requests.ReadTimeout("silence")}, {"body": requests.ConnectionError("dropped")}, {"status": 502},
    {"body": "<html>"}, {"json": {"data": None}},
    {"json": {"errors": [{"message": "Internal server error", "extensions": {"category": "internal"}}]}},
])  # fmt: skip
def test_a_cancellation_whose_answer_is_lost_is_looked_for_first(
    lost: dict[str, Any], root: str, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    centra.post(URL, **lost)
    with pytest.raises(LookFirst):
        cancel(client, root)
    assert len(centra.calls) == 1
