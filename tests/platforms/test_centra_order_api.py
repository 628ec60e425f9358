"""An order leaves with exactly the fields we mean, and its creation is never guessed to have worked or failed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
from pydantic import ValidationError
from recording_gate import RecordingGate

from integration.centra.client import CentraClient
from integration.centra.drafts import DraftAddress, DraftLine, OrderDraft
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain

BASE = "https://example.centra.com/api/order-api"
KEY = "the-shared-secret"
LANE = Lane.ORDERS

ADDRESS = DraftAddress(
    email="ada@example.com", first_name="Ada", last_name="Byron", address="1 High Street", city="London",
    zip_code="SW1A 1AA", country="GB", phone="+447700900123",
)
DRAFT = OrderDraft(
    address=ADDRESS,
    lines=(DraftLine(sku="AB1", quantity=2, unit_price=Decimal("19.9"), original_price=Decimal(25), comment="line 1"),
           DraftLine(sku="AB2", quantity=1, unit_price=Decimal("0.10"))),
    market_id=3, pricelist_id=7, shipping="standard", ordered_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC),
    zone="Europe/London", internal_comment="Virtualstock Northgate 4711", payment_id=36, reference="4711",
    total=Decimal("39.90"),
)


@pytest.fixture
def gate() -> RecordingGate:
    return RecordingGate()


@pytest.fixture
def client(gate: RecordingGate) -> CentraClient:
    return CentraClient("https://example.centra.com/graphql", "token", BASE + "/", KEY, RecordingGate(), gate)


@pytest.fixture
def order_api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as stub:
        yield stub


def sent(order_api: responses.RequestsMock) -> Any:
    return json.loads(order_api.calls[-1].request.body or b"", parse_float=Decimal)


def test_an_order_leaves_with_exactly_these_fields(
    client: CentraClient, order_api: responses.RequestsMock, gate: RecordingGate,
) -> None:
    order_api.post(f"{BASE}/order", json={"status": "ok", "orders": [1234]})
    created = client.create_order(DRAFT, create_only=False, lane=LANE)
    assert (created.numbers, created.finished) == ((1234,), True)
    paid = {"status": 1, "amount": Decimal("39.90"), "transaction": "4711", "method": "marketplace"}
    assert sent(order_api) == {
        "address": {
            "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron", "address": "1 High Street",
            "city": "London", "zipcode": "SW1A 1AA", "country": "GB", "cell": "+447700900123",
        },
        "products": [
            {"sku": "AB1", "qty": 2, "unitPrice": Decimal("19.90"), "originalPrice": Decimal("25.00"),
             "comment": "line 1"},
            {"sku": "AB2", "qty": 1, "unitPrice": Decimal("0.10")},
        ],
        "marketId": 3, "pricelistId": 7, "shippingList": "standard", "shippingValue": Decimal("0.00"),
        "orderDate": "2026-07-02 00:30:00", "internalComment": "Virtualstock Northgate 4711",
        "customerRegister": False, "applyVouchers": False, "sendEmail": False, "adjustStock": True,
        "forceCreate": False, "createOnly": False,
        "payment": {"id": 36, "auth": paid, "capture": paid},
    }
    assert '"unitPrice":19.90' in str(order_api.calls[0].request.body)
    assert order_api.calls[0].request.headers["API-Authorization"] == KEY
    assert gate.taken == [(LANE, {"requests": 1})]


def test_optional_fields_leave_only_when_they_say_something(
    client: CentraClient, order_api: responses.RequestsMock,
) -> None:
    order_api.post(f"{BASE}/order", json={"status": "ok", "orders": [1]})
    draft = DRAFT.model_copy(update={
        "comment": "Leave at the door", "extra_attributes": {"marketplace_order_id": "4711"}, "force_create": True,
    })
    client.create_order(draft, create_only=False, lane=LANE)
    assert sent(order_api)["comment"] == "Leave at the door"
    assert sent(order_api)["extraAttributes"] == {"marketplace_order_id": "4711"}
    assert sent(order_api)["forceCreate"] is True


def test_two_steps_record_the_payment_once(client: CentraClient, order_api: responses.RequestsMock) -> None:
    order_api.post(f"{BASE}/order", json={"status": "ok", "order": 44})
    created = client.create_order(DRAFT, create_only=True, lane=LANE)
    assert (created.numbers, created.finished) == ((44,), False)
    assert sent(order_api)["createOnly"] is True
    assert "payment" not in sent(order_api)
    order_api.post(f"{BASE}/order/44", json={"orders": ["44", "45"], "status": "ok"})
    assert client.complete_order(44, DRAFT, lane=LANE) == (44, 45)
    assert sent(order_api)["payment"]["capture"]["amount"] == Decimal("39.90")


@pytest.mark.parametrize(("document", "numbers"), [
    ({"status": "ok", "orders": [1, 2]}, (1, 2)),
    ({"status": "ok", "orders": ["1"]}, (1,)),
    ({"status": "ok", "order": "7"}, (7,)),
    ({"status": "ok", "orders": 9, "new": {}}, (9,)),
])
def test_order_numbers_come_in_any_dress(
    document: dict[str, object], numbers: tuple[int, ...], client: CentraClient, order_api: responses.RequestsMock,
) -> None:
    order_api.post(f"{BASE}/order", json=document)
    assert client.create_order(DRAFT, create_only=False, lane=LANE).numbers == numbers


@pytest.mark.parametrize(("code", "words"), [
    (-1, "cannot be sold"), (-2, "not enough stock"), (-3, "no lines"), (-4, "required field"),
    (-5, "exists already"), (-6, "registered"), (-7, "in words"), (-99, "in words"), ("-2", "not enough stock"),
])
def test_a_no_is_refused_with_its_code_and_in_words(
    code: object, words: str, client: CentraClient, order_api: responses.RequestsMock,
) -> None:
    order_api.post(f"{BASE}/order", json={"status": "no", "code": code, "msg": "Sold out, ada@example.com"})
    with pytest.raises(Refused, match=words) as caught:
        client.create_order(DRAFT, create_only=False, lane=LANE)
    assert caught.value.code == str(code)
    assert "Sold out" in str(caught.value)
    assert "ada" not in str(caught.value)


def test_a_no_without_a_code_is_refused_too(client: CentraClient, order_api: responses.RequestsMock) -> None:
    order_api.post(f"{BASE}/order/44", json={"status": "no", "msg": {"field": "wrong"}})
    with pytest.raises(Refused) as caught:
        client.complete_order(44, DRAFT, lane=LANE)
    assert caught.value.code is None


def test_a_no_keeps_its_code_under_any_status(client: CentraClient, order_api: responses.RequestsMock) -> None:
    order_api.post(f"{BASE}/order", json={"status": "no", "code": -2, "msg": "none"}, status=400)
    with pytest.raises(Refused) as caught:
        client.create_order(DRAFT, create_only=False, lane=LANE)
    assert (caught.value.status, caught.value.code) == (400, "-2")


@pytest.mark.parametrize("answer", [
    {"body": requests.ReadTimeout("silence")},
    {"body": requests.ConnectionError("dropped")},
    {"body": "<html>hiccup</html>"},
    {"body": '{"status": "ok", "ord'},
    {"body": ""},
    {"json": {"status": "ok"}},
    {"json": {"status": "ok", "orders": []}},
    {"json": {"status": "ok", "orders": ["1234-x"]}},
    {"json": {"orders": [1]}},
    {"json": ["ok"]},
    {"body": "oops", "status": 500},
])
def test_a_creation_without_a_clear_answer_is_looked_for_first(
    answer: dict[str, Any], client: CentraClient, order_api: responses.RequestsMock,
) -> None:
    order_api.post(f"{BASE}/order", **answer)
    with pytest.raises(LookFirst) as caught:
        client.create_order(DRAFT, create_only=False, lane=LANE)
    assert KEY not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_refused(status: int, client: CentraClient, order_api: responses.RequestsMock) -> None:
    order_api.post(f"{BASE}/order", json={"status": "no", "msg": "unauthorised"}, status=status)
    order_api.get(f"{BASE}/orders", json={"status": "no"}, status=status)
    with pytest.raises(Refused) as caught:
        client.create_order(DRAFT, create_only=False, lane=LANE)
    assert caught.value.status == status
    with pytest.raises(Refused):
        client.ping_order_api(lane=LANE)


def test_a_ping_is_content_with_a_plugin_that_may_not_read(
    client: CentraClient, order_api: responses.RequestsMock,
) -> None:
    order_api.get(f"{BASE}/orders", json={"status": "Not Allowed"}, status=403)
    client.ping_order_api(lane=LANE)
    order_api.replace(responses.GET, f"{BASE}/orders", body=requests.ReadTimeout("silence"))
    with pytest.raises(TryAgain):
        client.ping_order_api(lane=LANE)


def test_a_shoppers_data_is_in_no_repr_and_no_validation_error() -> None:
    shown = repr(DRAFT) + str(DRAFT)
    for private in ("ada@", "Ada", "Byron", "High Street", "SW1A", "900123"):
        assert private not in shown
    with pytest.raises(ValidationError) as caught:
        DraftAddress(email="ada@example.com", first_name="A" * 256, last_name="B", address="1", city="C", country="GB")
    assert "AAAA" not in str(caught.value)


@pytest.mark.parametrize("amount", ["19.999", "-1", "NaN", "Infinity", "1E+30"])
def test_an_amount_that_is_no_money_is_never_drafted(amount: str) -> None:
    with pytest.raises(ValidationError):
        DraftLine(sku="AB1", quantity=1, unit_price=Decimal(amount))
