"""The Order API's view of returns: made by shipment number and order line, listed newest first, completed by id.

Centra docs: Order API, returns. A return is made even when only a part of what was asked can come back.
"""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.centra import clock, order_views, returning
from sandbox.centra.sales import NotPossible, Return
from sandbox.centra.world import World

Answer = dict[str, Any]
REMOVE = "remove_items_from_stock"


def create(world: World, body: Mapping[str, Any]) -> Answer:
    """``POST /return``.

    :raises NotPossible: there is no such shipment, it is not sent, or nothing of it can come back.
    """
    shipment = next((each for each in world.shipments.values() if each.number == str(body["shipment"])), None)
    if shipment is None:
        raise NotPossible(f"Shipment {body['shipment']} does not exist")
    wanted = {int(line): int(units) for line, units in body["products"].items()}
    units = {
        line.id: wanted[line.order_line.id] for line in shipment.lines
        if 0 < wanted.get(line.order_line.id, 0) <= line.returnable_quantity
    }
    made = returning.create(
        world, shipment, units, policy=returning.RELEASE if body.get("returnStock") else REMOVE,
        comment=body.get("comment"),
    )
    return {
        "status": "ok", "return": made.id, "returnCompleted": False,
        "returnedItems": [str(line.order_line.id) for line in made.lines],
    }


def update(world: World, number: int, body: Mapping[str, Any]) -> Answer:
    """``PUT /returns/{id}``; completing it twice is fine.

    :raises NotPossible: there is no such return.
    """
    returned = world.returns.get(number)
    if returned is None:
        raise NotPossible(f"Return with id={number} does not exist")
    if body.get("completed") and not returned.is_completed:
        returning.complete(world, returned)
    return {"status": "ok", "return": number}


def listed(world: World, asked: Mapping[str, str]) -> Answer:
    """``GET /returns``; `newer_than` includes its bound and `older_than` does not."""
    zone = world.options.zone
    found = sorted(world.returns.values(), key=lambda returned: returned.id, reverse=True)
    for name, text_of in _FILTERS.items():
        if asked.get(name):
            found = [returned for returned in found if text_of(returned) == asked[name]]
    if asked.get("newer_than"):
        bound = clock.parse(asked["newer_than"], zone)
        found = [returned for returned in found if returned.created_at >= bound]
    if asked.get("older_than"):
        bound = clock.parse(asked["older_than"], zone)
        found = [returned for returned in found if returned.created_at < bound]
    limit, page = int(asked.get("limit", 20)), int(asked.get("page", 1))
    return {"status": "ok", "returns": [_row(returned, zone) for returned in found[(page - 1) * limit:page * limit]]}


_FILTERS: dict[str, Callable[[Return], str]] = {
    "return": lambda returned: str(returned.id), "shipment": lambda returned: returned.shipment.number,
    "order": lambda returned: str(returned.order.number), "selection": lambda returned: returned.order.id,
    "customer_id": lambda returned: str(returned.order.customer.id),
}


def _row(source: Return, zone: ZoneInfo) -> Answer:
    order = source.order
    return {
        "returnId": source.id, "completed": source.is_completed, "shipment": source.shipment.number,
        "shipmentId": source.shipment.id, "orderId": order.number, "selectionId": order.id,
        "customerId": order.customer.id, "date": clock.plain(source.created_at, zone), "marketId": order.market.id,
        "pricelistId": order.pricelist.id, "returnCost": 0, "shippingCost": 0, "handlingCost": 0, "voucherValue": 0,
        "currency": order.currency.code, "returnToStock": source.returned_to_stock, "comment": source.comment,
        "products": [
            {
                "returnLineId": line.id, "shipmentLineId": line.shipment_line.id, "orderLineId": line.order_line.id,
                **order_views.names(line.order_line.product_size), "quantity": line.quantity,
                "price": line.order_line.price,
            }
            for line in source.lines
        ],
    }
