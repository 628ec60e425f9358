"""A supplier moves its order lines on, all lines of a call or none, within the rules of the retailer."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.http import Request, Response, json_response, text_response
from sandbox.seed import CARRIERS, Retailer
from sandbox.virtualstock.fields import read_items
from sandbox.virtualstock.returns import acknowledge as acknowledge_return
from sandbox.virtualstock.returns import asked as asked_returns
from sandbox.virtualstock.state import Line, Memory, Order
from sandbox.virtualstock.workflow import FROM, GOAL, OPEN, Invalid, check_cancel, not_allowed

_SLUGS = {slug for _, slug, _ in CARRIERS}
_PROMISE = ("sub_status", "supplier_dispatch_date", "supplier_delivery_date", "comment", "fulfillment_route")


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
            check(memory, order, action, line, item["quantity"])
            _check_fields(retailer, action, item)
        check_whole(retailer, order, action, lines, [item["quantity"] for item in items])
    except Invalid as refusal:
        return _refusal(memory, str(refusal))
    changes = [apply(order, action, line, item, memory.now()) for line, item in zip(lines, items, strict=True)]
    at = memory.now().isoformat()
    order.history.setdefault(action, []).extend(item | {"at": at} for item in items)
    if any(changes):
        request.note.changed = True
        memory.touch(order)
    request.note.detail |= {"after": order.status, "items": items}
    return json_response({"message": "Your order is successfully saved"})


def _line(order: Order, item: dict[str, Any]) -> Line:
    for line in order.lines:
        same_line = str(line.row["line_reference"]) == item["line_ref"]
        if same_line and str(line.row["part_number"]) == item["part_number"]:
            return line
    raise Invalid(f"Validation error: no item with line_ref '{item['line_ref']}' and part_number "
                  f"'{item['part_number']}' in order")


def check(memory: Memory, order: Order, action: str, line: Line, units: int) -> None:
    """Whether the action is possible on so many units of a line now.

    :raises Invalid: it is not, and why.
    """
    if action == "return_acknowledge":
        _check_return(order, line, units)
        return
    allowed = FROM[action]
    if action == "dispatch" and memory.settings.allow_dispatch_before_ack:
        allowed |= {"ORDER"}
    if action == "cancel_acknowledge" and memory.settings.cancel_ack_without_request:
        allowed |= OPEN
    if line.status not in allowed:
        raise not_allowed(line, GOAL[action])
    if action == "cancel_acknowledge":
        asked = line.status == "CANCEL"
        most, in_parts = (line.cancel_asked, False) if asked else (line.remainder, memory.rules(order).partial_cancel)
        check_cancel(line, units, most, in_parts=in_parts)
    elif action == "dispatch":
        _check_parcel(memory.rules(order), line, units)
    elif units not in (line.quantity, line.quantity - line.cancelled):
        raise Invalid(f"Validation error: quantity {units} is not the ordered quantity {line.quantity}")


def check_whole(
    retailer: Retailer, order: Order, action: str, lines: Sequence[Line], quantities: Sequence[int]
) -> None:
    """Whether a dispatch holds every open line in full, where the retailer takes nothing less.

    :raises Invalid: it does not.
    """
    if action != "dispatch" or not retailer.full_orders_only:
        return
    named = dict(zip((line.id for line in lines), quantities, strict=True))
    for line in order.lines:
        to_send = line.remainder - line.cancel_asked
        if to_send > 0 and named.get(line.id, 0) < to_send:
            raise Invalid(f"Validation error: partial dispatch not allowed for order, item {line.id}")


def _check_parcel(retailer: Retailer, line: Line, units: int) -> None:
    if units <= 0:
        raise Invalid("Validation error: quantity value can't be less or equal zero")
    if units > line.remainder:
        raise Invalid(f"Validation error: quantity value {units} is greater than {line.remainder} left for item")
    if retailer.full_lines_only and units not in (line.remainder, line.remainder - line.cancel_asked):
        raise Invalid(f"Validation error: partial dispatch not allowed for item {line.id}")


def _check_return(order: Order, line: Line, units: int) -> None:
    if units <= 0:
        raise Invalid("Validation error: quantity value can't be less or equal zero")
    if units > line.dispatched:
        raise Invalid(f"Validation error: Return quantity value {units} is greater than dispatch quantity "
                      f"{line.dispatched} for order item '{line.id}'")
    if not asked_returns(order, line):
        raise not_allowed(line, "RMA_ACK")
    if not asked_returns(order, line, units):
        raise Invalid(f"Validation error: Return quantity value {units} is not what is asked for item {line.id}")


def _check_fields(retailer: Retailer, action: str, item: dict[str, Any]) -> None:
    if action in ("acknowledge", "backorder"):
        _check_promise(retailer, action, item)
    if action == "dispatch":
        _check_carrier(retailer, item["carrier"])


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


def apply(order: Order, action: str, line: Line, item: dict[str, Any], now: datetime) -> bool:
    """Moves the line on; False when it stays as it was."""
    before = (line.status, line.dispatched, line.cancelled, line.promise)
    units: int = item["quantity"]
    if action == "return_acknowledge":
        acknowledge_return(order, line, units, now)
        return True
    if action == "dispatch":
        line.dispatched += units
        line.parcel = item | {"at": now}
        line.cancel_asked = min(line.cancel_asked, line.remainder)
        line.status = GOAL[action] if line.remainder == 0 else line.status
    elif action == "cancel_acknowledge":
        _cancel(line, units, now)
    else:
        line.status = GOAL[action]
        line.promise = {name: item[name] for name in _PROMISE if name in item}
    return before != (line.status, line.dispatched, line.cancelled, line.promise)


def _cancel(line: Line, units: int, now: datetime) -> None:
    """What is left of the line goes on as before; a line that is done shows how it ended."""
    line.before_cancel = line.before_cancel if line.status == "CANCEL" else line.status
    line.cancellation = line.cancellation or {"at": now}
    line.cancelled += units
    line.cancel_asked = 0
    if line.remainder > 0:
        line.status = line.before_cancel
    else:
        line.status = "DISPATCH" if line.dispatched > 0 else "CANCEL_ACK"


def _refusal(memory: Memory, sentence: str) -> Response:
    if memory.settings.error_form == "detail":
        return json_response({"detail": sentence}, 400)
    if memory.settings.error_form == "json_string":
        return Response(400, json.dumps(sentence).encode(), {"content-type": "application/json"})
    return text_response(sentence, 400)
