"""What people do on Virtualstock can be done here: shop, ask for cancellations and returns, publish, look."""

from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.virtualstock.actions import request_by_retailer
from sandbox.virtualstock.orders import place
from sandbox.virtualstock.state import Memory, Order


def control(memory: Memory, request: Request) -> Response | None:
    """Carries out a verb under ``/_control``; None when there is no such verb.

    :raises KeyError: an order, a retailer or a product is unknown.
    :raises ValueError: the platform would not let it happen.
    """
    match (request.method, request.path.removeprefix("/_control/").strip("/")):
        case ("POST", "orders"):
            order = place(memory, request.json())
            return json_response({"reference": order.reference, "id": order.id}, 201)
        case ("POST", "cancel_request" | "return_request" as action):
            body = request.json()
            order = _order(memory, body["order"])
            request_by_retailer(order, action, body.get("lines"))
            return json_response({"reference": order.reference, "status": order.status})
        case ("POST", "publish"):
            return _publish(memory, request.json())
        case ("GET", "state"):
            return json_response({"orders": {order.reference: _order_state(order) for order in memory.orders.values()},
                                  "stock": _stock_state(memory)})
        case ("GET", "stock"):
            return json_response(_stock(memory, request.parameters.get("retailer")))
        case ("PUT", "settings"):
            memory.settings.change(request.json())
            return json_response(vars(memory.settings))
    return None


def _order(memory: Memory, reference_or_id: str | int) -> Order:
    if isinstance(reference_or_id, int):
        return memory.orders[reference_or_id]
    return memory.by_reference[reference_or_id]


def _publish(memory: Memory, body: dict[str, Any]) -> Response:
    until = memory.clock() + float(body.get("seconds", 60))
    for product_id in body["products"]:
        memory.products[product_id].locked_until = until
    return json_response({"until": until})


def _order_state(order: Order) -> dict[str, Any]:
    lines = [
        {"line_reference": line.row["line_reference"], "part_number": line.row["part_number"], "sku": line.sku,
         "quantity": line.row["quantity"], "dispatched": line.dispatched, "status": line.status}
        for line in order.lines
    ]
    sent = {name: order.history.get(action, []) for name, action in (
        ("acknowledgements", "acknowledge"), ("backorders", "backorder"), ("dispatches", "dispatch"),
        ("cancellations", "cancel_acknowledge"), ("returns", "return_acknowledge"),
    )}
    return {"id": order.id, "retailer": order.retailer.code, "status": order.status, "lines": lines, **sent}


def _stock_state(memory: Memory) -> dict[str, Any]:
    return {
        f"{product.listing.retailer}:{product.listing.part_number}":
            {"quantity": product.quantity, "sku": product.listing.sku, "id": product_id}
        for product_id, product in memory.products.items()
    }


def _stock(memory: Memory, retailer: str | None) -> dict[str, Any]:
    if retailer is None:
        return {code: _stock(memory, code) for code in memory.retailers}
    return {product.listing.sku: product.quantity for product in memory.products_of[retailer]}
