"""The Integration API is read tolerantly, charged by what it cost, and believed only when it says that it worked."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
import structlog
from centra_stub import SIZE, TOKEN, URL, answers, payload, sent
from recording_gate import RecordingGate

from integration.centra.client import LISTENED, CentraClient
from integration.centra.schema import Event, Warehouse
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, Throttled, TryAgain

LANE = Lane.STOCK


@pytest.fixture
def client(gate: RecordingGate) -> CentraClient:
    return CentraClient(URL, TOKEN, "https://example.centra.com/api/order-api", "key", gate)


@pytest.fixture
def centra() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as stub:
        yield stub


def test_events_are_read_and_an_unknown_kind_stays_text(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    answers(centra, data={"events": [
        {"id": 1, "objectType": "Order", "changeType": "CREATED", "objectReference": 1234,
         "createdAt": "2026-11-24T10:31:34+01:00", "newField": {}},
        {"id": 2, "objectType": "Spaceship", "changeType": "LAUNCHED", "objectReference": 9},
    ]})
    first, second = client.events(("Order", "Spaceship"), lane=LANE)
    assert sent(centra)["variables"] == {"where": {"objectType": ["Order", "Spaceship"]}, "limit": 200}
    assert first == Event(
        id=1, object_type="Order", change_type="CREATED", reference=1234,
        created_at=datetime(2026, 11, 24, 9, 31, 34, tzinfo=UTC),
    )
    assert (second.object_type, second.change_type, second.created_at) == ("Spaceship", "LAUNCHED", None)
    assert gate.taken[0][0] is LANE
    assert centra.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_events_are_confirmed_in_chunks_and_none_need_no_call(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, data=payload("confirmEvents"))
    client.confirm_events([], lane=LANE)
    client.confirm_events(range(250), lane=LANE)
    confirmed = [sent(centra, index)["variables"]["input"]["eventsIds"] for index in range(len(centra.calls))]
    assert confirmed == [list(range(200)), list(range(200, 250))]


def test_we_listen_to_whatever_moves_stock_or_a_dispatch(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data=payload("setEventListeners", eventListeners=[]))
    client.listen(lane=LANE)
    wanted = {each["objectType"] for each in sent(centra)["variables"]["input"]}
    assert {"StockChange", "Order", "Shipment", "ProductSize", "ProductVariant", "Display", "Return"} <= wanted


def test_a_row_without_what_we_need_is_refused_by_name_and_never_by_value(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, data={"productSizes": [{"id": "ada@example.com"}]})
    with pytest.raises(Refused, match="Size of Centra cannot be read: id") as caught:
        client.sizes([5], lane=LANE)
    assert "ada" not in str(caught.value)


ORDER = {
    "id": "abc", "number": 1234, "status": "TELEPORTED", "isOnHold": False, "createdAt": "2026-11-24T10:00:00+00:00",
    "internalComment": "ours", "externalId": None, "grandTotal": {"value": 19.9, "currency": {"code": "GBP"}},
    "lines": [{"id": 1, "quantity": 2, "cancelledQuantity": 1, "productSize": {"id": 5, "SKU": "AB1"}},
              {"id": 2, "quantity": 1, "productSize": None}],
    "shipments": [{"id": 77, "number": "1234-1", "carrierInformation": None, "shippedAt": None, "lines": []}],
}


def test_an_order_is_read_with_lines_shipments_and_exact_money(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    centra.post(URL, body=json.dumps({"data": {"orders": [ORDER]}}).replace("19.9", "19.90"))
    (order,) = client.orders(numbers=[1234], lane=LANE)
    assert (order.number, order.status, order.total, order.currency) == (1234, "TELEPORTED", Decimal("19.90"), "GBP")
    assert [(line.size_id, line.sku) for line in order.lines] == [(5, "AB1"), (None, None)]
    assert [line.cancelled_quantity for line in order.lines] == [1, 0]
    assert order.shipments[0].carrier is None
    assert order.shipments[0].is_shipped is False


def test_only_given_conditions_are_sent(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"orders": []})
    client.orders(external_ids=["VS-1"], lane=LANE)
    client.orders(created_from=datetime(2026, 11, 24, tzinfo=UTC), market_id=3, page=2, lane=LANE)
    assert sent(centra, 0)["variables"]["where"] == {"externalId": ["VS-1"]}
    assert sent(centra, 1)["variables"]["where"] == {
        "createdAt": {"from": "2026-11-24T00:00:00+00:00"}, "marketId": [3],
    }
    assert sent(centra, 1)["variables"]["page"] == 2


def test_many_orders_are_all_read_though_a_page_is_small(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, data={"orders": [ORDER]})
    found = client.orders(numbers=range(60), external_ids=["VS-1"], market_id=3, lane=LANE)
    asked = [sent(centra, index)["variables"]["where"] for index in range(len(centra.calls))]
    assert [len(each.get("number", ())) for each in asked] == [25, 25, 10, 0]
    assert asked[-1] == {"marketId": [3], "externalId": ["VS-1"]}
    assert len(found) == 4


def test_what_was_read_can_be_stored_and_read_again(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"productSizes": [SIZE], "orders": [ORDER]})
    (size,) = client.sizes([5], lane=LANE)
    (order,) = client.orders(numbers=[1], lane=LANE)
    warehouse = Warehouse(id=1, market_ids=frozenset({3}))
    for each in (size, order, warehouse):
        assert type(each).model_validate_json(each.model_dump_json()) == each


def test_a_shipment_is_read_by_id_or_by_when_it_left(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"shipments": [{
        "id": 77, "number": "1234-1", "order": {"number": 1234}, "isGoodToGo": True, "isPaid": True, "isShipped": True,
        "shippedAt": "2026-11-24T16:00:00+01:00", "trackingNumber": "T1", "numberOfPackages": 2,
        "carrierInformation": {"carrierName": "DPD", "serviceName": "Next Day"},
        "lines": [{"id": 1, "quantity": 2, "orderLine": {"id": 11, "productSize": {"SKU": "AB1"}}}],
    }]})
    (shipment,) = client.shipments([77], lane=LANE)
    assert shipment.shipped_at == datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert (shipment.order_number, shipment.packages) == (1234, 2)
    assert (shipment.carrier, shipment.service) == ("DPD", "Next Day")
    assert (shipment.lines[0].order_line_id, shipment.lines[0].sku) == (11, "AB1")
    client.shipments(shipped_from=datetime(2026, 11, 24, tzinfo=UTC), page=2, lane=LANE)
    assert sent(centra)["variables"]["where"]["isShipped"] is True
    assert sent(centra)["variables"]["page"] == 2
    assert client.shipments([], lane=LANE) == []


def test_an_order_is_confirmed_and_given_our_reference(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data=payload("confirmOrder"))
    client.confirm_order(1234, lane=Lane.ORDERS)
    assert sent(centra)["variables"] == {"input": {"order": {"number": 1234}}}
    centra.reset()
    answers(centra, data=payload("setIdConversions"))
    client.set_external_id(1234, "VS-1", lane=Lane.ORDERS)
    assert sent(centra)["variables"] == {
        "input": [{"objectType": "Order", "internalId": 1234, "externalId": "VS-1"}],
    }


def test_rate_limits_are_learned_by_the_gate(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    answers(centra, data={"rateLimits": [
        {"type": "REQUEST_COUNT", "intervalSeconds": "TEN_SECONDS", "quota": 60, "remainingQuota": 58},
        {"type": "MUTATION_COUNT", "intervalSeconds": "ONE_HOUR", "quota": 1800, "remainingQuota": 1700},
        {"type": "QUERY_COMPLEXITY", "intervalSeconds": "TEN_SECONDS", "quota": 250000, "remainingQuota": 1},
        {"type": "KINDNESS", "intervalSeconds": "ONE_DAY", "quota": 1, "remainingQuota": 1},
    ]})
    assert len(client.rate_limits(lane=LANE)) == 4
    assert gate.learned == {
        "requests/10": (60, 58), "mutations/3600": (1800, 1700), "complexity/10": (250000, 1),
    }


def test_complexity_is_reserved_before_and_settled_by_what_it_cost(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    answers(centra, data={"productSizes": []}, extensions={"complexity": 300})
    client.sizes([1], lane=LANE)
    reserved = gate.taken[0][1]["complexity"]
    assert gate.settled == [{"complexity": 300 - reserved}]
    client.sizes([1], lane=LANE)
    assert gate.taken[1][1] == {"requests": 1, "complexity": 300}, "the last cost is the next estimate"


def test_only_mutations_are_charged_as_mutations(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    answers(centra, data=payload("confirmOrder") | {"events": []})
    client.events(LISTENED, lane=LANE)
    client.confirm_order(1, lane=LANE)
    assert "mutations" not in gate.taken[0][1]
    assert gate.taken[1][1]["mutations"] == 1


def test_user_errors_in_a_200_are_a_refusal(client: CentraClient, centra: responses.RequestsMock) -> None:
    errors = [{"message": "Order is cancelled", "path": ["input", "order"]}, {"message": "And late", "path": None}]
    answers(centra, data=payload("confirmOrder", userErrors=errors))
    with pytest.raises(Refused, match=r"Order is cancelled \(at input.order\); And late"):
        client.confirm_order(1, lane=LANE)


@pytest.mark.parametrize("status", [200, 403])
def test_a_missing_permission_is_refused_as_such_and_still_costs(
    status: int, client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    said = "You need Order:read permission to access orderConnection."
    answers(centra, status, errors=[{"message": said, "extensions": {"category": "authorization"}}],
            extensions={"complexity": 50})
    with pytest.raises(Refused, match=said) as caught:
        client.orders(lane=LANE)
    assert caught.value.code == "authorization"
    if status == 200:
        assert gate.settled


def test_an_expired_token_is_refused_whatever_its_body(client: CentraClient, centra: responses.RequestsMock) -> None:
    centra.post(URL, body="<html>Forbidden</html>", status=403)
    with pytest.raises(Refused) as caught:
        client.events(LISTENED, lane=LANE)
    assert (caught.value.status, caught.value.code) == (403, "authorization")


@pytest.mark.parametrize("error", [
    {"message": "Internal server error", "extensions": {"category": "internal"}}, {"message": "Hm"}, "Hm",
])
def test_an_internal_error_leaves_a_mutation_in_doubt(
    error: object, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, errors=[error])
    with pytest.raises(TryAgain):
        client.events(LISTENED, lane=LANE)
    with pytest.raises(LookFirst):
        client.confirm_order(1, lane=LANE)


def test_an_invalid_document_is_refused(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, errors=[{"message": "Cannot query field", "extensions": {"category": "graphql"}}])
    with pytest.raises(Refused) as caught:
        client.confirm_order(1, lane=LANE)
    assert caught.value.code == "graphql"


@pytest.mark.parametrize("document", [{}, {"data": None}, {"data": {"events": None, "confirmOrder": None}}, [], 7])
def test_an_answer_without_its_data_proves_nothing(
    document: Any, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    centra.post(URL, json=document)
    with pytest.raises(TryAgain):
        client.events(LISTENED, lane=LANE)
    with pytest.raises(LookFirst):
        client.confirm_order(1, lane=LANE)


def test_a_mutation_that_reports_nothing_is_looked_for_first(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, data={"confirmOrder": True})
    with pytest.raises(LookFirst):
        client.confirm_order(1, lane=LANE)


@pytest.mark.parametrize("body", ["<html>hiccup</html>", '{"data": {"events": [{"id"', ""])
def test_html_and_half_an_answer_prove_nothing(
    body: str, client: CentraClient, centra: responses.RequestsMock,
) -> None:
    centra.post(URL, body=body)
    with pytest.raises(TryAgain):
        client.events(LISTENED, lane=LANE)
    with pytest.raises(LookFirst):
        client.confirm_order(1, lane=LANE)


def test_a_429_is_waited_for_by_centras_own_clock(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate,
) -> None:
    there = datetime(2031, 1, 1, tzinfo=UTC)
    centra.post(URL, status=429, headers={
        "Retry-After": str(int(there.timestamp()) + 8), "Date": "Wed, 01 Jan 2031 00:00:00 GMT",
    })
    with pytest.raises(Throttled) as caught:
        client.confirm_order(1, lane=LANE)
    assert caught.value.wait == 8
    assert gate.told == [8.0]


def test_warnings_are_logged_once_per_text(client: CentraClient, centra: responses.RequestsMock) -> None:
    extensions: Mapping[str, object] = {
        "deprecatedFieldsUsed": ["Field: X.y, reason: old, date of removal: 2027-01-01"],
        "deprecatedPermissionsUsed": ["Field: X.y, deprecated: P, current: Q"],
    }
    answers(centra, data=payload("confirmOrder", userWarnings=[{"message": "Mind this"}]), extensions=extensions)
    with structlog.testing.capture_logs() as logs:
        client.confirm_order(1, lane=LANE)
        client.confirm_order(2, lane=LANE)
    assert [entry["text"][:11] for entry in logs] == ["Field: X.y,", "Field: X.y,", "Mind this"]


def test_the_token_is_in_no_repr_and_no_failure(client: CentraClient, centra: responses.RequestsMock) -> None:
    centra.post(URL, body=requests.ReadTimeout("silence"))
    with pytest.raises(LookFirst) as caught:
        client.confirm_order(1, lane=LANE)
    assert TOKEN not in repr(client) + repr(caught.value) + str(caught.value)
