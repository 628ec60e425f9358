"""A supplier moves its order lines on, all lines of a call or none, within the rules of the retailer."""

import json
from typing import Any

from sandbox.http import Request, Response, json_response, text_response
from sandbox.seed import CARRIERS, Retailer
from sandbox.virtualstock.fields import read_items
from sandbox.virtualstock.state import Line, Memory, Order

_SLUGS = {slug for _, slug, _ in CARRIERS}
_PROMISE = ("sub_status", "supplier_dispatch_date", "supplier_delivery_date", "comment", "fulfillment_route")
GOAL = {"acknowledge": "ORDER_ACK", "backorder": "BACKORDER", "dispatch": "DISPATCH",
        "cancel_acknowledge": "CANCEL_ACK", "return_acknowledge": "RMA_ACK",
        "cancel_request": "CANCEL", "return_request": "RMA"}
FROM = {
    "acknowledge": {"ORDER", "ORDER_ACK", "BACKORDER"},
    "backorder": {"ORDER", "ORDER_ACK", "BACKORDER"},
    "dispatch": {"ORDER_ACK", "BACKORDER", "CANCEL"},
    "cancel_acknowledge": {"CANCEL"},
    "return_acknowledge": {"RMA"},
    "cancel_request": {"ORDER", "ORDER_ACK", "BACKORDER"},
    "return_request": {"DISPATCH"},
}


class Invalid(Exception):
    """The call is refused with this sentence, and nothing has changed."""


def act(memory: Memory, retailer: Retailer, request: Request, action: str, body: Any) -> Response:
    """``POST /restapi/v4/orders/{id}/<action>/``, see Virtualstock's documentation of the supplier's actions."""
    order = memory.orders.get(request.memory["id"])
    if order is None or order.retailer.code != retailer.code:
        return json_response({"detail": "Not found."}, 404)
    request.note.subject = order.reference
    request.note.detail = {"retailer": retailer.code, "order_id": order.id, "before": order.status}
    items, errors = read_items(action, body)
    if errors is not None:
        return json_response(errors, 400)
    try:
        lines = [_line(order, item) for item in items]
        if len({line.id for line in lines}) < len(lines):
            raise Invalid("Validation error: the same item is given twice")
        for line, item in zip(lines, items, strict=True):
            _check(memory, retailer, action, line, item)
    except Invalid as refusal:
        return _refusal(memory, str(refusal))
    changes = [_apply(action, line, item) for line, item in zip(lines, items, strict=True)]
    at = memory.now().isoformat()
    order.history.setdefault(action, []).extend(item | {"at": at} for item in items)
    request.note.changed = any(changes)
    request.note.detail |= {"after": order.status, "items": items}
    return json_response({"message": "Your order is successfully saved"})


def request_by_retailer(order: Order, action: str, line_references: list[str] | None) -> None:
    """The retailer asks for a cancellation or a return, of all lines that can have one or of the named ones.

    :raises ValueError: no line, or one of the named ones, is in a state for it.
    """
    if line_references is None:
        lines = [line for line in order.lines if line.status in FROM[action]]
    else:
        lines = [line for line in order.lines if line.row["line_reference"] in line_references]
    refused = [line for line in lines if line.status not in FROM[action]]
    if refused or not lines:
        raise ValueError(_state_sentence(refused[0], GOAL[action]) if refused else "no line is in a state for it")
    for line in lines:
        line.status = GOAL[action]


def _line(order: Order, item: dict[str, Any]) -> Line:
    for line in order.lines:
        same_line = str(line.row["line_reference"]) == item["line_ref"]
        if same_line and str(line.row["part_number"]) == item["part_number"]:
            return line
    raise Invalid(f"Validation error: no item with line_ref '{item['line_ref']}' and part_number "
                  f"'{item['part_number']}' in order")


def _check(memory: Memory, retailer: Retailer, action: str, line: Line, item: dict[str, Any]) -> None:
    allowed = FROM[action]
    if action == "dispatch" and memory.settings.allow_dispatch_before_ack:
        allowed = allowed | {"ORDER"}
    if line.status not in allowed:
        raise Invalid(_state_sentence(line, GOAL[action]))
    _check_quantity(retailer, action, line, item["quantity"])
    if action in ("acknowledge", "backorder"):
        _check_promise(retailer, action, item)
    if action == "dispatch":
        _check_carrier(retailer, item["carrier"])


def _check_quantity(retailer: Retailer, action: str, line: Line, quantity: int) -> None:
    whole_line = action in ("acknowledge", "backorder")
    if whole_line and quantity != line.quantity:
        raise Invalid(f"Validation error: quantity {quantity} is not the ordered quantity {line.quantity}")
    if action == "cancel_acknowledge" and quantity <= 0:
        raise Invalid("Validation error: Cancel quantity value can't be less or equal zero")
    if not whole_line and quantity <= 0:
        raise Invalid("Validation error: quantity value can't be less or equal zero")
    if action == "cancel_acknowledge" and quantity > line.remainder:
        raise Invalid(f"Validation error: Cancel quantity value {quantity} is bigger than allowed for item")
    if action == "cancel_acknowledge" and quantity < line.remainder:
        raise Invalid(f"Validation error: Partial cancellation not allowed item {line.id}")
    if action == "dispatch" and quantity > line.remainder:
        raise Invalid(f"Validation error: quantity value {quantity} is greater than {line.remainder} left for item")
    if action == "dispatch" and retailer.full_lines_only and quantity != line.quantity:
        raise Invalid(f"Validation error: partial dispatch not allowed for item {line.id}")
    if action == "return_acknowledge" and quantity > line.dispatched:
        raise Invalid(f"Validation error: Return quantity value {quantity} is greater than dispatch quantity "
                      f"{line.dispatched} for order item '{line.id}'")


def _check_promise(retailer: Retailer, action: str, item: dict[str, Any]) -> None:
    choices = retailer.sub_statuses if action == "acknowledge" else retailer.backorder_sub_statuses
    sub_status = item.get("sub_status")
    if sub_status is None and retailer.sub_status_required:
        raise Invalid("Validation error: sub_status is required")
    if sub_status is not None and sub_status not in choices:
        raise Invalid(f"Validation error: sub_status '{sub_status}' is not allowed")
    route = item.get("fulfillment_route")
    if route is None and retailer.routes:
        raise Invalid("Validation error: fulfillment_route is required")
    if route is not None and route not in retailer.routes:
        raise Invalid(f"Validation error: fulfillment_route '{route}' is not allowed")
    if retailer.delivery_date_required and "supplier_delivery_date" not in item:
        raise Invalid("Validation error: supplier_delivery_date is required")


def _check_carrier(retailer: Retailer, carrier: str) -> None:
    if carrier not in _SLUGS:
        raise Invalid(f"Validation error: carrier '{carrier}' does not exist")
    if retailer.carriers is not None and carrier not in retailer.carriers:
        raise Invalid(f"Validation error: carrier '{carrier}' is not allowed")


def _apply(action: str, line: Line, item: dict[str, Any]) -> bool:
    """Moves the line on; False when it stays as it was."""
    before = (line.status, line.dispatched, line.promise)
    if action == "dispatch":
        line.dispatched += item["quantity"]
        line.status = GOAL[action] if line.remainder == 0 else line.status
    else:
        line.status = GOAL[action]
    if action in ("acknowledge", "backorder"):
        line.promise = {name: item[name] for name in _PROMISE if name in item}
    return before != (line.status, line.dispatched, line.promise)


def _state_sentence(line: Line, goal: str) -> str:
    return f"Validation Not allowed to change state of item {line.id} from {line.status} to {goal}"


def _refusal(memory: Memory, sentence: str) -> Response:
    if memory.settings.error_form == "detail":
        return json_response({"detail": sentence}, 400)
    if memory.settings.error_form == "json_string":
        return Response(400, json.dumps(sentence).encode(), {"content-type": "application/json"})
    return text_response(sentence, 400)
