"""What people do on Virtualstock can be done here: shop, ask, decide in the portal, publish, look."""

from collections.abc import Callable
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.virtualstock import invoices, portal, retailing, returns
from sandbox.virtualstock.control_products import VERBS
from sandbox.virtualstock.orders import place
from sandbox.virtualstock.state import Line, Memory, Order

_Verb = Callable[[Memory, Order, dict[str, Any]], object]
_ON_ORDERS: dict[str, _Verb] = {
    "cancel_request": retailing.ask_to_cancel,
    "return_request": retailing.ask_to_return,
    "relist": retailing.relist,
    "portal": portal.act,
    "invoice_accept": lambda memory, order, _: portal.judge_invoice(memory, order, "ISSUED"),
    "invoice_reject": lambda memory, order, _: portal.judge_invoice(memory, order, "REJECTED"),
    "show_status": lambda memory, order, body: _show_status(memory, order, body["status"]),
}
"""Verbs about one order, which the body names under ``order`` by its reference or its id."""


def control(memory: Memory, request: Request) -> Response | None:
    """Carries out a verb under ``/_control``; None when there is no such verb.

    :raises KeyError: an order, a retailer or a product is unknown.
    :raises ValueError: the platform would not let it happen.
    """
    match (request.method, request.path.removeprefix("/_control/").strip("/")):
        case ("POST", "orders"):
            order = place(memory, request.json())
            return json_response({"reference": order.reference, "id": order.id}, 201)
        case ("POST", verb) if verb in _ON_ORDERS:
            body = request.json()
            order = _order(memory, body["order"])
            _ON_ORDERS[verb](memory, order, body)
            return _answer(memory, order)
        case ("POST", "return_move"):
            return _answer(memory, portal.move_return(memory, request.json()))
        case verb if verb in VERBS:
            return VERBS[verb](memory, request)
        case ("GET", "state"):
            orders = {order.reference: _order_state(memory, order) for order in memory.orders.values()}
            return json_response({"orders": orders, "stock": _stock_state(memory)})
        case ("GET", "stock"):
            return json_response(_stock(memory, request.parameters.get("retailer")))
        case ("PUT", "settings"):
            memory.change_settings(request.json())
            return json_response(vars(memory.settings))
    return None


def _answer(memory: Memory, order: Order) -> Response:
    return json_response({"reference": order.reference, "status": order.status,
                          "returns": returns.state(memory, order)})


def _show_status(memory: Memory, order: Order, status: str | None) -> None:
    order.shown_status = status
    memory.touch(order)


def _order(memory: Memory, reference_or_id: str | int) -> Order:
    if isinstance(reference_or_id, int):
        return memory.orders[reference_or_id]
    return memory.by_reference[reference_or_id]


def _order_state(memory: Memory, order: Order) -> dict[str, Any]:
    sent = {name: order.history.get(action, []) for name, action in (
        ("acknowledgements", "acknowledge"), ("backorders", "backorder"), ("dispatches", "dispatch"),
        ("cancellations", "cancel_acknowledge"), ("return_acknowledgements", "return_acknowledge"),
        ("portal", "portal"),
    )}
    return {
        "id": order.id, "retailer": order.retailer.code, "status": order.status,
        "lines": [_line_state(order, line) for line in order.lines], **sent,
        "returns": returns.state(memory, order), "invoices": invoices.state(order),
    }


def _line_state(order: Order, line: Line) -> dict[str, Any]:
    return {
        "line_reference": line.row["line_reference"], "part_number": line.row["part_number"], "sku": line.sku,
        "quantity": line.row["quantity"], "dispatched": line.dispatched, "status": line.status,
        "cancelled": line.cancelled, "cancel_asked": line.cancel_asked, "returned": order.returned(line),
    }


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
