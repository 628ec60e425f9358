"""Goods come back to the Centra twin through all its doors: GraphQL, the Order API and its staff."""

from collections.abc import Iterator

import pytest
from centra_merchant import Centra, listen, waiting


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


CREATE = """mutation($s: Int, $line: Int, $q: Int!, $policy: StockPolicyActionInput!) { createReturn(input: {
    shipment: {id: $s}, lines: {shipmentLine: {id: $line}, quantity: $q}, returnStockActionPolicy: $policy
    comment: "too small"}) {
    return { id returnStatus returnedToStock shipment { id } order { number }
             lines { quantity orderLine { id returnedQuantity } shipmentLine { returnedQuantity } } }
    userErrors { message path } } }"""
RELEASE = {"releaseItemsBackToWarehouse": True}


def sent(centra: Centra, quantity: int) -> tuple[str, int, int, int]:
    """A shipped order: its SKU, number, shipment and shipment line."""
    sku = centra.stocked(5)
    number = centra.confirmed(sku, quantity)
    centra.control("POST", "ship", {"order": number})
    (shipment,) = centra.ask("{ shipments { id lines { id } } }")["shipments"]
    return sku, number, shipment["id"], shipment["lines"][0]["id"]


def verb(centra: Centra, name: str, number: int) -> list[str] | None:
    answer = centra.ask(f"mutation($id: Int!) {{ {name}(id: $id) {{ userErrors {{ path }} }} }}", id=number)[name]
    return answer["userErrors"][0]["path"] if answer["userErrors"] else None


def test_a_return_counts_units_and_puts_them_back_on_the_shelf(centra: Centra) -> None:
    sku, number, shipment, line = sent(centra, 3)
    listen(centra, "Return", "StockChange")
    answer = centra.ask(CREATE, s=shipment, line=line, q=2, policy=RELEASE)["createReturn"]
    order_line = centra.order(number)["lines"][0]["id"]
    made = answer["return"].pop("id")
    assert answer == {"userErrors": [], "return": {
        "returnStatus": "PENDING", "returnedToStock": True, "shipment": {"id": shipment}, "order": {"number": number},
        "lines": [{"quantity": 2, "orderLine": {"id": order_line, "returnedQuantity": 2},
                   "shipmentLine": {"returnedQuantity": 2}}],
    }}
    assert centra.free(sku) == [4, 0]
    assert [(kind, change) for kind, change, _ in waiting(centra)] == [
        ("StockChange", "CREATED"), ("Return", "CREATED"),
    ]
    assert centra.order(number)["returns"] == [
        {"id": made, "shipment": shipment, "completed": False, "lines": {str(order_line): 2}}
    ]
    assert centra.order(number)["status"] == "SHIPPED"


@pytest.mark.parametrize(("policy", "free"), [
    ({"removeItemsFromStock": True}, [4, 0]), ({"sendItemsToDifferentWarehouse": {"id": 2}}, [4, 1]),
])
def test_returned_goods_go_where_the_policy_says(centra: Centra, policy: dict[str, object], free: list[int]) -> None:
    sku, _, shipment, line = sent(centra, 1)
    assert centra.ask(CREATE, s=shipment, line=line, q=1, policy=policy)["createReturn"]["userErrors"] == []
    assert centra.free(sku) == free


def test_no_more_comes_back_than_was_sent(centra: Centra) -> None:
    _, number, shipment, line = sent(centra, 2)
    assert centra.ask(CREATE, s=shipment, line=line, q=1, policy=RELEASE)["createReturn"]["return"]
    for quantity in (2, 0):
        refused = centra.ask(CREATE, s=shipment, line=line, q=quantity, policy=RELEASE)["createReturn"]
        assert (refused["return"], refused["userErrors"][0]["path"]) == (None, ["lines", "quantity"])
    assert centra.ask(CREATE, s=shipment, line=line, q=1, policy={})["createReturn"]["userErrors"]
    assert centra.ask(CREATE, s=1, line=line, q=1, policy=RELEASE)["createReturn"]["userErrors"][0]["path"] == [
        "shipment"
    ]
    assert centra.order(number)["lines"][0]["returned"] == 1
    assert centra.control("POST", "unship", {"shipment": shipment})[0] == 409


def test_a_return_is_completed_opened_again_and_deleted(centra: Centra) -> None:
    sku, number, shipment, line = sent(centra, 2)
    made = centra.ask(CREATE, s=shipment, line=line, q=2, policy=RELEASE)["createReturn"]["return"]["id"]
    listen(centra, "Return")
    assert verb(centra, "completeReturn", made) is None
    assert centra.ask("query($id: [Int!]) { returns(where: {id: $id}) { returnStatus } }", id=made)["returns"] == [
        {"returnStatus": "COMPLETED"}
    ]
    assert verb(centra, "completeReturn", made) == verb(centra, "deleteReturn", made) == ["id"]
    assert verb(centra, "uncompleteReturn", made) is None
    assert verb(centra, "deleteReturn", made) is None
    assert [change for _, change, _ in waiting(centra)] == ["COMPLETED", "UPDATED", "DELETED"]
    assert centra.ask("{ returns { id } events(where: {objectType: Return}) { object { __typename } } }") == {
        "returns": [], "events": [{"object": None}] * 3,
    }
    assert (centra.free(sku), centra.order(number)["lines"][0]["returned"]) == ([3, 0], 0)
    assert verb(centra, "completeReturn", made) == ["id"]


def test_staff_take_goods_of_several_shipments_back(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(5), 3)
    line = centra.order(number)["lines"][0]["id"]
    shipments = [
        centra.control("POST", "ship", {"order": number, "lines": {line: units}})["shipment"] for units in (1, 2)
    ]
    assert centra.control("POST", "return", {"order": number, "lines": {line: 4}})[0] == 409
    first = centra.control("POST", "return", {"order": number, "lines": {line: 2}})
    rows = centra.order(number)["returns"]
    assert [(row["shipment"], row["lines"]) for row in rows] == [
        (shipments[0], {str(line): 1}), (shipments[1], {str(line): 1}),
    ]
    assert first == {"return": rows[0]["id"], "returns": [row["id"] for row in rows]}
    last = centra.control("POST", "return", {"shipment": shipments[1], "complete": True})
    assert [row["completed"] for row in centra.order(number)["returns"]] == [False, False, True]
    assert centra.control("POST", "return_complete", last)[0] == 409
    assert centra.control("POST", "return", {"order": number})[0] == 409


def test_the_order_api_makes_lists_and_completes_returns(centra: Centra) -> None:
    sku, number, _, _ = sent(centra, 2)
    line = centra.order(number)["lines"][0]["id"]
    body = {"shipment": f"{number}-1", "returnStock": 1, "products": {str(line): "1", "99": "1"}}
    answer = centra.order_api("POST", "/return", body).json()
    assert (answer["status"], answer["returnCompleted"], answer["returnedItems"]) == ("ok", False, [str(line)])
    assert centra.free(sku) == [4, 0]
    assert centra.order_api("POST", "/return", body | {"shipment": "1-1"}).json()["status"] == "no"
    assert centra.order_api("PUT", f"/returns/{answer['return']}", {"completed": True}).json()["status"] == "ok"
    assert centra.order_api("PUT", "/returns/100500", {"completed": True}).json() == {
        "status": "no", "msg": "Return with id=100500 does not exist",
    }
    (row,) = centra.order_api("GET", "/returns", order=number).json()["returns"]
    assert (row["completed"], row["products"][0]["orderLineId"], row["returnToStock"]) == (True, line, True)
    assert centra.order_api("GET", "/returns", newer_than="2099-01-01").json()["returns"] == []
