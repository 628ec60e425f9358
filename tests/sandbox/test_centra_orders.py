"""Orders in the Centra twin are created, refused, changed and shipped by Centra's rules, and stock follows them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from centra_merchant import ADDRESS, Centra, draft


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


def placed(centra: Centra, sku: str, quantity: int = 1, **more: Any) -> int:
    answer = centra.order_api("POST", "/order", draft(sku, quantity, **more)).json()
    assert answer["status"] == "ok", answer
    return int(answer["orders"][0])


def levels(centra: Centra, sku: str) -> list[tuple[int, int]]:
    rows = centra.ask(
        """query($s: String) {
            productSizes(where: {SKU: {equals: $s}}) { stock { physicalQuantity allocatedQuantity } } }""",
        s=sku,
    )["productSizes"][0]["stock"]
    return [(row["physicalQuantity"], row["allocatedQuantity"]) for row in rows]


def test_an_order_takes_free_stock_by_priority_and_physical_stock_only_when_it_ships(centra: Centra) -> None:
    sku = centra.stocked(2, other=5)
    number = centra.confirmed(sku, 3)
    assert levels(centra, sku) == [(2, 2), (5, 1)]
    assert centra.free(sku) == [0, 4]
    shipped = centra.control("POST", "ship", {"order": number, "carrier": "DPD", "tracking": "T1"})
    assert shipped["number"] == f"{number}-1"
    assert levels(centra, sku) == [(0, 0), (4, 0)]
    assert centra.order(number)["status"] == "SHIPPED"


@pytest.mark.parametrize(("change", "code"), [
    ({"products": []}, -3),
    ({"address": {**ADDRESS, "email": ""}}, -4),
    ({"address": {**ADDRESS, "country": None}}, -4),
    ({"products": [{"sku": "unknown", "qty": 1}]}, -1),
    ({"products": [{"qty": 1}]}, -4),
    ({"marketId": 99}, -7),
    ({"pricelistId": 99}, -7),
    ({"shippingList": "by-balloon"}, -7),
    ({"payment": {"auth": {"status": 1}}}, -4),
    ({"products": "nonsense"}, -7),
])
def test_a_faulty_order_is_refused_with_its_code_and_nothing_is_stored(
    centra: Centra, change: dict[str, Any], code: int,
) -> None:
    answer = centra.order_api("POST", "/order", draft(centra.stocked(5), **change))
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["code"]) == ("no", code)
    state = centra.control("GET", "state")
    assert (state["orders"], state["incomplete"]) == ({}, [])


def test_missing_stock_is_code_minus_2_unless_a_back_order_is_wanted(centra: Centra) -> None:
    sku = centra.stocked(1)
    body = draft(sku, 3, payment={"id": 36, "auth": {"status": 1, "amount": 149.97, "transaction": "VS-1"}})
    for _ in range(2):
        assert centra.order_api("POST", "/order", body).json()["code"] == -2
    assert centra.control("GET", "oversold") == {"units": 2, "by_sku": {sku: 2}}
    number = centra.order_api("POST", "/order", {**body, "forceCreate": True}).json()["orders"][0]
    assert centra.order(number)["lines"][0]["backordered"] == 2
    assert centra.control("GET", "oversold")["units"] == 2
    assert centra.free(sku) == [0, 0]


def test_an_order_number_that_exists_is_code_minus_5(centra: Centra) -> None:
    sku = centra.stocked(5)
    assert placed(centra, sku, orderNumber=9_000_001) == 9_000_001
    assert centra.order_api("POST", "/order", draft(sku, orderNumber=9_000_001)).json()["code"] == -5
    assert centra.free(sku) == [4, 0]


def test_a_created_only_order_holds_nothing_until_it_is_completed_as_often_as_you_like(centra: Centra) -> None:
    sku = centra.stocked(5)
    body = draft(sku, 2, createOnly=True, internalComment="VS-7")
    number = centra.order_api("POST", "/order", body).json()["order"]
    assert centra.free(sku) == [5, 0]
    assert centra.control("GET", "state")["incomplete"] == [number]
    found = centra.ask('{ orders(where: {search: "vs-7"}) { number status } }')["orders"]
    assert found == [{"number": number, "status": "INCOMPLETE"}]

    capture = {"payment": {"capture": {"status": 1, "amount": 99.98}}}
    for _ in range(2):
        answer = centra.order_api("POST", f"/order/{number}", capture)
        assert answer.json() == {"orders": [str(number)], "status": "ok"}
    assert centra.free(sku) == [3, 0]
    assert centra.order(number)["status"] == "PENDING"
    assert centra.order_api("POST", "/order/1", {}).json()["status"] == "no"


def test_money_is_exact_and_vouchers_apply_unless_they_are_refused(centra: Centra) -> None:
    sku = centra.stocked(50)
    exact = placed(centra, sku, 3, shippingValue=4.99)
    assert centra.order(exact)["totals"]["grand_total"] == "154.96"
    total = centra.ask(
        "query($n: [Int!]) { orders(where: {number: $n}) { grandTotal { value valueInCents formattedValue } } }",
        n=exact,
    )["orders"][0]["grandTotal"]
    assert total == {"value": 154.96, "valueInCents": 15496, "formattedValue": "154.96 GBP"}
    assert centra.order(placed(centra, sku, 1, applyVouchers=True))["totals"]["grand_total"] == "44.99"
    assert centra.order(exact)["emails_sent"] == 0
    assert centra.order(placed(centra, sku, 1, sendEmail=None))["emails_sent"] == 1


def test_a_batch_succeeds_in_part(centra: Centra) -> None:
    sku = centra.stocked(5)
    answer = centra.order_api("POST", "/orders", {"a": draft(sku), "b": draft(sku, 9)}).json()
    assert answer["a"]["status"] == "ok"
    assert answer["b"]["code"] == -2


def test_the_shop_may_split_an_order_into_two(centra: Centra) -> None:
    centra.control("PUT", "settings", {"split_orders": True})
    sku = centra.stocked(5)
    line = {"sku": sku, "qty": 1}
    assert len(centra.order_api("POST", "/order", draft(sku, products=[line, line])).json()["orders"]) == 2


def test_a_wrong_key_is_401_an_unticked_endpoint_403_and_a_foreign_market_is_refused(centra: Centra) -> None:
    sku = centra.stocked(5)
    assert centra.order_api("POST", "/order", draft(sku), key="wrong").status_code == 401
    number = placed(centra, sku)
    centra.control("PUT", "settings", {"denied_endpoints": ["stock.list"], "order_api_markets": [1]})
    answer = centra.order_api("GET", "/stock")
    assert (answer.status_code, answer.json()) == (403, {"status": "Not Allowed"})
    assert centra.order_api("PUT", "/orders", {"order": number}).json()["msg"] == "order in wrong market"
    assert centra.order_api("GET", "/orders").json()["orders"] == []


def test_the_order_api_hides_held_orders_and_appends_comments(centra: Centra) -> None:
    number = placed(centra, centra.stocked(5), internalComment="first")
    (row,) = centra.order_api("GET", "/orders").json()["orders"]
    assert (row["orderId"], row["hold"], row["poNumber"]) == (str(number), 0, "")
    assert centra.order_api("PUT", "/orders", {"order": number, "internalComment": "second"}).json() == {
        "status": "ok", "order": number,
    }
    assert centra.order(number)["internal_comment"] == "first\nsecond"
    centra.control("POST", "hold", {"order": number, "reason": "WAITING_FOR_PAYMENT"})
    assert centra.order_api("GET", "/orders").json()["orders"] == []
    held = centra.ask("{ orders { isOnHold ... on DirectToConsumerOrder { orderHoldReason } } }")["orders"]
    assert held == [{"isOnHold": True, "orderHoldReason": "WAITING_FOR_PAYMENT"}]


def test_stock_is_listed_in_pages_and_set_but_never_below_what_is_held(centra: Centra) -> None:
    sku = centra.stocked(5)
    placed(centra, sku, 3)
    answer = centra.order_api("POST", "/stock", {"products": [
        {"product": sku, "quantity": 1}, {"product": "unknown", "quantity": 1},
    ]}).json()
    assert answer["errors"] == {"productsNotFound": ["unknown"]}
    assert levels(centra, sku)[0] == (3, 3)
    page = centra.order_api("GET", "/stock", limit=2, page=2).json()
    assert len(page["products"]) == 2
    assert (page["previous"], page["next"]) == ("?limit=2&page=1", "?limit=2&page=3")
    assert isinstance(centra.order_api("GET", "/products", limit=1).json()["products"][0]["prices"][0]["price"], str)


CANCEL = """mutation($n: Int, $line: Int, $q: Int!, $policy: StockPolicyActionInput!) {
  updateDirectToConsumerOrder(order: {number: $n}, input: {
    cancelLines: {line: {id: $line}, quantity: $q, stockActionPolicy: $policy}
  }) { order { status lines(includeFullyCancelled: true) { quantity cancelledQuantity } } userErrors { message path } }
}"""


@pytest.mark.parametrize(("policy", "free"), [
    ({"releaseItemsBackToWarehouse": True}, [3, 0]),
    ({"removeItemsFromStock": True}, [2, 0]),
    ({"sendItemsToDifferentWarehouse": {"id": 2}}, [2, 1]),
])
def test_cancelled_units_go_where_the_policy_says(centra: Centra, policy: dict[str, Any], free: list[int]) -> None:
    sku = centra.stocked(5)
    number = centra.confirmed(sku, 3)
    line = centra.order(number)["lines"][0]["id"]
    answer = centra.ask(CANCEL, n=number, line=line, q=1, policy=policy)["updateDirectToConsumerOrder"]
    assert answer == {
        "order": {"status": "CONFIRMED", "lines": [{"quantity": 2, "cancelledQuantity": 1}]}, "userErrors": [],
    }
    assert centra.free(sku) == free
    refused = centra.ask(CANCEL, n=number, line=line, q=3, policy=policy)["updateDirectToConsumerOrder"]
    assert refused["order"] is None
    assert refused["userErrors"][0]["path"] == ["cancelLines", "quantity"]


def test_a_whole_order_is_cancelled_by_its_hash_and_gives_its_stock_back(centra: Centra) -> None:
    sku = centra.stocked(5)
    number = placed(centra, sku, 2)
    query = """mutation($id: String!) { cancelDirectToConsumerOrder(id: $id, input: {
        emailOptions: {sendEmail: false}, stockAction: {releaseItemsBackToWarehouse: true}})
        { order { status } userErrors { message } } }"""
    assert centra.ask(query, id=str(number))["cancelDirectToConsumerOrder"]["userErrors"]
    (order,) = centra.ask("{ orders { id } }")["orders"]
    assert centra.ask(query, id=order["id"])["cancelDirectToConsumerOrder"] == {
        "order": {"status": "CANCELLED"}, "userErrors": [],
    }
    assert centra.free(sku) == [5, 0]
    assert centra.ask(query, id=order["id"])["cancelDirectToConsumerOrder"]["userErrors"]


def test_a_shipment_completes_only_when_it_is_paid_and_good_to_go(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(5), 2)
    line = centra.order(number)["lines"][0]["id"]
    made = centra.ask(
        """mutation($n: Int, $l: Int) { createShipment(input: {order: {number: $n}, capture: true,
        lines: {orderLine: {id: $l}, quantity: 1}}) { shipment { id number isPaid } userWarnings { message } } }""",
        n=number, l=line,
    )["createShipment"]
    assert (made["shipment"]["number"], made["shipment"]["isPaid"]) == (f"{number}-1", False)
    assert made["userWarnings"]
    complete = """mutation($id: Int!) { completeShipment(id: $id, input: {shippedAt: "-1 hour",
        shipmentInfo: {carrier: "DPD", service: "Next Day", trackingNumber: "T9"}})
        { shipment { isShipped trackingNumber carrierInformation { carrierName } order { status } }
          userErrors { path } } }"""
    shipment = made["shipment"]["id"]
    assert centra.ask(complete, id=shipment)["completeShipment"] == {"shipment": None, "userErrors": [{"path": ["id"]}]}
    centra.ask("mutation($id: Int!) { updateShipment(id: $id, input: {isPaid: true, isGoodToGo: true}) "
               "{ userErrors { message } } }", id=shipment)
    assert centra.ask(complete, id=shipment)["completeShipment"]["shipment"] == {
        "isShipped": True, "trackingNumber": "T9", "carrierInformation": {"carrierName": "DPD"},
        "order": {"status": "PROCESSING"},
    }
    centra.control("POST", "ship", {"order": number})
    assert centra.order(number)["status"] == "SHIPPED"
    rows = centra.ask("{ shipments(where: {isShipped: true}, sort: id_DESC) { number } }")["shipments"]
    assert [row["number"] for row in rows] == [f"{number}-2", f"{number}-1"]


def test_the_warehouse_ships_what_is_due_and_may_forget_the_tracking_number(centra: Centra) -> None:
    sku = centra.stocked(9)
    placed(centra, sku)
    due = centra.confirmed(sku)
    assert centra.control("POST", "ship_due", {"seconds": 60}) == {"shipments": []}
    assert [row["number"] for row in centra.control("POST", "ship_due", {"seconds": 0})["shipments"]] == [f"{due}-1"]
    bare = centra.confirmed(sku)
    made = centra.control("POST", "ship", {"order": bare, "missing": ["tracking", "carrier"]})
    shipment = centra.order(bare)["shipments"][0]
    assert (shipment["tracking"], shipment["carrier"]) == (None, None)
    centra.control("POST", "tracking", {"shipment": made["shipment"], "tracking": "T2", "carrier": "UPS"})
    assert centra.order(bare)["shipments"][0]["tracking"] == "T2"
    assert centra.control("POST", "ship", {"order": bare})[0] == 409


def test_an_external_id_finds_the_order(centra: Centra) -> None:
    number = placed(centra, centra.stocked(5))
    naming = """mutation($n: Int64!) { setIdConversions(input: {objectType: Order, internalId: $n, externalId: "VS-1"})
        { entries { id } } }"""
    centra.ask(naming, n=number)
    assert centra.ask('{ orders(where: {externalId: ["VS-1"]}) { number externalId } }')["orders"] == [
        {"number": number, "externalId": "VS-1"}
    ]
    assert centra.order(number)["external_id"] == "VS-1"


def test_a_lost_answer_leaves_the_order_behind(centra: Centra) -> None:
    sku = centra.stocked(5)
    centra.control("PUT", "faults", [{"match": {"operation": "order.create"}, "do": "drop_after", "times": 1}])
    with pytest.raises(requests.ConnectionError):
        centra.order_api("POST", "/order", draft(sku))
    assert len(centra.control("GET", "state")["orders"]) == 1
    entries = centra.control("GET", "journal?since=0")["entries"]
    assert [(row["status"], row["changed"]) for row in entries if row["operation"] == "order.create"] == [(0, True)]


def test_two_channels_never_sell_the_same_unit(centra: Centra) -> None:
    sku = centra.stocked(6)

    def attempt(number: int) -> bool:
        if number % 2:
            return isinstance(centra.control("POST", "buy", {"sku": sku, "quantity": 1}), dict)
        return bool(centra.order_api("POST", "/order", draft(sku)).json()["status"] == "ok")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(20))) == 6
    assert levels(centra, sku)[0] == (6, 6)


def test_what_to_publish_leaves_out_thresholds_and_offsets(centra: Centra) -> None:
    sku = centra.stocked(10, other=5)
    assert centra.control("GET", "stock")[sku] == 13
    centra.control("POST", "edit", {"sku": sku, "stock_offset": 4})
    assert centra.control("GET", "stock")[sku] == 7


def test_stock_is_changed_moved_and_set_through_graphql(centra: Centra) -> None:
    sku = centra.stocked(5)
    change = """mutation($s: String, $out: WarehouseInput, $in: WarehouseInput, $q: Int!) { changeStock(input: {
        description: "d", outFromWarehouse: $out, intoWarehouse: $in,
        productSizes: {productSize: {SKU: $s}, deliveredQuantity: $q}})
        { stockChange { id } userErrors { message } } }"""
    centra.ask(change, s=sku, out={"id": 1}, q=2, **{"in": {"id": 2}})
    assert centra.free(sku) == [3, 2]
    assert centra.ask(change, s=sku, out={"id": 1}, q=9, **{"in": None})["changeStock"]["userErrors"]
    setting = """mutation($s: String) { setStock(input: {
        warehouse: {id: 1}, description: "d", stockQuantityType: PHYSICAL,
        productSizes: {productSize: {any: $s}, quantity: 8}}) { stockChanges { lines { deliveredQuantity } } } }"""
    assert centra.ask(setting, s=sku)["setStock"]["stockChanges"] == [{"lines": [{"deliveredQuantity": 5}]}]
    assert centra.ask(setting, s=sku)["setStock"]["stockChanges"] == []
    moved = centra.ask("{ stockChangeLines(sort: id_DESC, limit: 1) { deliveredQuantity productSize { SKU } } }")
    assert moved["stockChangeLines"] == [{"deliveredQuantity": 5, "productSize": {"SKU": sku}}]
