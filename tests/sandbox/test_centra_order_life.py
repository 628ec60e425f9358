"""Orders in the Centra twin are cancelled, back-ordered, corrected and restored as in Centra, and events tell of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from centra_merchant import Centra, draft, endpoint, eventually, listen, payloads, waiting


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


def line_ids(centra: Centra, number: int) -> list[int]:
    return [line["id"] for line in centra.order(number)["lines"]]


def counted(centra: Centra, number: int, *names: str) -> list[list[int]]:
    return [[line[name] for name in names] for line in centra.order(number)["lines"]]


CANCEL_LINES = """mutation($n: Int, $cancels: [OrderLineCancelInput!]) {
  updateDirectToConsumerOrder(order: {number: $n}, input: {cancelLines: $cancels, cancellationComment: "gone"}) {
    order { status lines { id quantity } all: lines(includeFullyCancelled: true) { quantity cancelledQuantity } }
    userErrors { message path } } }"""
CANCEL_ORDER = """mutation($id: String!) { cancelDirectToConsumerOrder(id: $id, input: {
    emailOptions: {sendEmail: false}, stockAction: {releaseItemsBackToWarehouse: true}})
    { order { status } userErrors { message path } } }"""


def cancel_of(line: int, quantity: int) -> dict[str, Any]:
    return {"line": {"id": line}, "quantity": quantity, "stockActionPolicy": {"releaseItemsBackToWarehouse": True}}


def test_a_line_cancelled_in_full_is_hidden_and_its_order_lives_on(centra: Centra) -> None:
    sku = centra.stocked(9)
    number = centra.confirmed(sku, products=[{"sku": sku, "qty": 2}, {"sku": sku, "qty": 1, "comment": "gift"}])
    first, second = line_ids(centra, number)
    listen(centra, "Order")
    answer = centra.ask(CANCEL_LINES, n=number, cancels=[cancel_of(first, 2)])["updateDirectToConsumerOrder"]
    assert answer == {"userErrors": [], "order": {
        "status": "CONFIRMED", "lines": [{"id": second, "quantity": 1}],
        "all": [{"quantity": 0, "cancelledQuantity": 2}, {"quantity": 1, "cancelledQuantity": 0}],
    }}
    assert waiting(centra) == [("Order", "UPDATED", number)]
    assert (centra.free(sku), centra.order(number)["internal_comment"]) == ([8, 0], "gone")
    centra.control("POST", "cancel", {"order": number, "lines": {second: 1}})
    assert centra.order(number)["status"] == "CANCELLED"


def test_several_cancels_of_one_line_count_together_and_all_or_none_happen(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(9), 3)
    (line,) = line_ids(centra, number)
    cancels = [cancel_of(line, 2), cancel_of(line, 2)]
    refused = centra.ask(CANCEL_LINES, n=number, cancels=cancels)["updateDirectToConsumerOrder"]
    assert refused["userErrors"] == [
        {"message": f"Only 3 of line {line} can be cancelled", "path": ["cancelLines", "quantity"]}
    ]
    assert counted(centra, number, "quantity", "cancelled") == [[3, 0]]


@pytest.mark.parametrize("sent", [True, False])
def test_units_in_a_shipment_cannot_be_cancelled_whether_it_is_sent_or_not(centra: Centra, sent: bool) -> None:
    number = centra.confirmed(centra.stocked(9), 3)
    (line,) = line_ids(centra, number)
    centra.control("POST", "ship", {"order": number, "lines": {line: 2}, "complete": sent})
    hash_id = centra.ask("{ orders { id } }")["orders"][0]["id"]
    assert centra.ask(CANCEL_ORDER, id=hash_id)["cancelDirectToConsumerOrder"]["userErrors"][0]["path"] == ["id"]
    for units, accepted in ((2, False), (1, True)):
        answer = centra.ask(CANCEL_LINES, n=number, cancels=[cancel_of(line, units)])["updateDirectToConsumerOrder"]
        assert (answer["userErrors"] == []) is accepted
    assert centra.order(number)["status"] == ("SHIPPED" if sent else "PROCESSING")


def test_nothing_of_a_finished_order_can_be_cancelled(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(9), 1)
    (line,) = line_ids(centra, number)
    centra.control("POST", "ship", {"order": number})
    answer = centra.ask(CANCEL_LINES, n=number, cancels=[cancel_of(line, 1)])["updateDirectToConsumerOrder"]
    assert answer["userErrors"][0]["path"] == ["order"]


def test_a_cancelled_order_keeps_its_quantities_and_can_be_restored(centra: Centra) -> None:
    sku = centra.stocked(5)
    number = centra.confirmed(sku, 2)
    listen(centra, "Order")
    centra.control("POST", "cancel", {"order": number})
    assert centra.order(number)["status"] == "CANCELLED"
    assert counted(centra, number, "quantity", "cancelled", "allocated") == [[2, 0, 0]]
    assert centra.free(sku) == [5, 0]
    assert centra.control("POST", "restore", {"order": number}) == {"status": "CONFIRMED"}
    assert (counted(centra, number, "quantity", "allocated"), centra.free(sku)) == ([[2, 2]], [3, 0])
    assert centra.control("POST", "restore", {"order": number})[0] == 409
    assert waiting(centra) == [("Order", "UPDATED", number)] * 2


def test_demand_is_quantity_without_allocations_and_is_served_oldest_first(centra: Centra) -> None:
    sku = centra.stocked(1)
    first, second = (centra.confirmed(sku, 2, forceCreate=True) for _ in range(2))
    query = "query($n: [Int!]) { orders(where: {number: $n}) { lines { quantity allocations { quantity } } } }"
    rows = centra.ask(query, n=[first, second])["orders"]
    assert [row["lines"] for row in rows] == [
        [{"quantity": 2, "allocations": [{"quantity": 1}]}], [{"quantity": 2, "allocations": []}],
    ]
    listen(centra, "Order", "StockChange")
    centra.control("POST", "stock", {"sku": sku, "delta": 2})
    assert [counted(centra, number, "allocated", "backordered") for number in (first, second)] == [[[2, 0]], [[1, 1]]]
    assert [event[:2] for event in waiting(centra)] == [
        ("StockChange", "CREATED"), ("Order", "UPDATED"), ("Order", "UPDATED"),
    ]
    assert centra.free(sku) == [0, 0]


def test_units_that_one_order_lets_go_serve_the_next(centra: Centra) -> None:
    sku = centra.stocked(1)
    holder, waiter = (centra.confirmed(sku, 1, forceCreate=True) for _ in range(2))
    assert centra.control("POST", "ship", {"order": waiter})[0] == 409
    centra.control("POST", "cancel", {"order": holder})
    assert counted(centra, waiter, "allocated", "backordered") == [[1, 0]]


def test_without_auto_allocation_staff_allocate(centra: Centra) -> None:
    centra.control("PUT", "settings", {"auto_allocate": False})
    sku = centra.stocked(0)
    number = centra.confirmed(sku, 2, forceCreate=True)
    centra.control("POST", "stock", {"sku": sku, "delta": 1})
    assert (counted(centra, number, "backordered"), centra.free(sku)) == ([[2]], [1, 0])
    listen(centra, "Order")
    for _ in range(2):
        answer = centra.control("POST", "allocate", {"order": number})
    assert answer == {"allocated": 0, "backordered": 1}
    assert counted(centra, number, "allocated", "backordered") == [[1, 1]]
    assert waiting(centra) == [("Order", "UPDATED", number)]


def test_a_packed_shipment_is_sent_later(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(5), 2)
    made = centra.control("POST", "ship", {"order": number, "complete": False})
    shipment = centra.ask("{ shipments { isGoodToGo isPaid isShipped trackingNumber } }")["shipments"]
    assert shipment == [{"isGoodToGo": True, "isPaid": True, "isShipped": False, "trackingNumber": None}]
    assert centra.order(number)["status"] == "PROCESSING"
    listen(centra, "Order", "Shipment")
    centra.control("POST", "ship_complete", {"shipment": made["shipment"], "tracking": "T5"})
    assert waiting(centra) == [("Shipment", "COMPLETED", made["shipment"]), ("Order", "COMPLETED", number)]
    assert centra.order(number)["shipments"][0]["tracking"] == "T5"
    assert centra.control("POST", "ship_complete", {"shipment": made["shipment"]})[0] == 409


@pytest.mark.parametrize("sent", [True, False])
def test_a_deleted_shipment_leaves_its_units_open_and_its_goods_held(centra: Centra, sent: bool) -> None:
    sku = centra.stocked(2, other=3)
    number = centra.confirmed(sku, 4)
    made = centra.control("POST", "ship", {"order": number, "complete": sent})
    listen(centra, "Order", "Shipment")
    assert centra.control("POST", "unship", {"shipment": made["shipment"]}) == {"status": "CONFIRMED"}
    assert waiting(centra) == [("Shipment", "DELETED", made["shipment"]), ("Order", "UPDATED", number)]
    gone = centra.ask("{ events(where: {objectType: Shipment}) { object { __typename } } shipments { id } }")
    assert gone == {"events": [{"object": None}], "shipments": []}
    assert counted(centra, number, "shipped", "allocated") == [[0, 4]]
    assert centra.free(sku) == [0, 1]
    assert centra.control("POST", "ship", {"order": number})["number"] == f"{number}-2"


def test_staff_correct_the_units_and_the_label_of_a_sent_shipment(centra: Centra) -> None:
    sku = centra.stocked(5)
    number = centra.confirmed(sku, 3)
    (line,) = line_ids(centra, number)
    shipment = centra.control("POST", "ship", {"order": number, "tracking": "OLD"})["shipment"]
    listen(centra, "Order", "Shipment")
    answer = centra.control("POST", "reship", {"shipment": shipment, "lines": {line: 1}, "tracking": "NEW"})
    assert answer["status"] == "PROCESSING"
    assert waiting(centra) == [("Shipment", "UPDATED", shipment), ("Order", "UPDATED", number)]
    (row,) = centra.order(number)["shipments"]
    assert (row["tracking"], row["lines"]) == ("NEW", {str(line): 1})
    assert (counted(centra, number, "shipped", "allocated"), centra.free(sku)) == ([[1, 2]], [2, 0])
    for units in (0, 4):
        assert centra.control("POST", "reship", {"shipment": shipment, "lines": {line: units}})[0] == 409
    centra.control("POST", "reship", {"shipment": shipment, "lines": {line: 3}})
    assert (centra.order(number)["status"], counted(centra, number, "shipped", "allocated")) == ("SHIPPED", [[3, 0]])


def test_webhooks_name_cancelled_orders_deleted_shipments_and_returns() -> None:
    with endpoint() as (url, received):
        centra = Centra(url)
        try:
            centra.control("PUT", "settings", {"webhook_storefront": False})
            sku = centra.stocked(5)
            cancelled, shipped = centra.confirmed(sku), centra.confirmed(sku)
            centra.control("POST", "cancel", {"order": cancelled})
            undone = centra.control("POST", "ship", {"order": shipped})["shipment"]
            centra.control("POST", "unship", {"shipment": undone})
            centra.control("POST", "ship", {"order": shipped})
            returned = centra.control("POST", "return", {"order": shipped, "complete": True})["return"]
            wanted = {("order", "cancel", cancelled), ("shipment", "delete", undone),
                      ("return", "create", returned), ("return", "complete", returned)}

            def told() -> set[tuple[str, str, int]]:
                events = [event for payload in payloads(received) for event in payload["events"]]
                return {(event["type"], event["action"], event["id"]) for event in events}

            eventually(lambda: wanted <= told())
        finally:
            centra.close()


def test_the_incomplete_and_the_unknown_are_refused_not_crashed(centra: Centra) -> None:
    number = centra.order_api("POST", "/order", draft(centra.stocked(5), createOnly=True)).json()["order"]
    assert centra.control("POST", "ship", {"order": number})[0] == 409
    assert centra.control("POST", "restore", {"order": number})[0] == 409
    assert centra.control("POST", "return", {"order": number})[0] == 409
    for verb in ("unship", "reship", "ship_complete"):
        assert centra.control("POST", verb, {"shipment": 1})[0] == 400
    assert centra.control("POST", "allocate", {"order": 1})[0] == 400


def test_units_of_two_warehouses_go_back_to_where_they_lay(centra: Centra) -> None:
    sku = centra.stocked(2, other=3)
    number = centra.confirmed(sku, 4)
    (line,) = line_ids(centra, number)
    shipment = centra.control("POST", "ship", {"order": number})["shipment"]
    for units in (3, 1):
        centra.control("POST", "reship", {"shipment": shipment, "lines": {line: units}})
    assert counted(centra, number, "shipped", "allocated") == [[1, 3]]
    centra.control("POST", "cancel", {"order": number, "lines": {line: 3}})
    assert (centra.free(sku), centra.order(number)["status"]) == ([1, 3], "SHIPPED")
