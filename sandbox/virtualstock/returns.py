"""A return goes its documented way, and its line shows how far the last one has come."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.virtualstock.state import Line, Memory, Order, Return
from sandbox.virtualstock.workflow import RETURN_STEPS, Invalid

_NAMESPACE = uuid.UUID("9d5ed678-fe57-4cca-8a61-4d7a1b0c3f11")
_STAMP = {"RMA_AUTHORISED": "authorised", "RMA_REJ": "declined", "RMA_COLLECTION_BOOKED": "collection",
          "RMA_REC": "approved", "RMA_EXC": "rejected"}


def open_return(
    memory: Memory, order: Order, line: Line, units: int, *, reason_code: str = "300", method: str | None = None
) -> Return:
    """The retailer asks for units of a line to come back.

    :raises Invalid: more than were dispatched and are not on their way back already, or none.
    """
    left = line.dispatched - order.returned(line)
    if units <= 0:
        raise Invalid("Validation error: Return quantity value can't be less or equal zero")
    if units > left:
        raise Invalid(f"Validation error: Return quantity value {units} is greater than dispatch quantity {left} for "
                      f"order item '{line.id}'")
    number = next(memory.return_numbers)
    now = memory.now()
    made = Return(str(uuid.uuid5(_NAMESPACE, str(number))), number, line, units, reason_code, method, "RMA",
                  {"created": now, "requested": now})
    order.returns.append(made)
    _move(order, made, "RMA")
    return made


def asked(order: Order, line: Line, units: int | None = None) -> list[Return]:
    """Returns of a line that nobody has acknowledged; with `units`, the one or all that make up so many."""
    waiting = [each for each in order.returns if each.line is line and each.status == "RMA" and not each.withdrawn]
    if units is None or sum(each.quantity for each in waiting) == units:
        return waiting
    return [each for each in waiting if each.quantity == units][:1]


def acknowledge(order: Order, line: Line, units: int, now: datetime) -> None:
    """The supplier has seen that so many units of a line are asked back."""
    for each in asked(order, line, units):
        each.stamps["acknowledged"] = now
        _move(order, each, "RMA_ACK")


def step(memory: Memory, order: Order, row: Return, to: str, amount: str | None = None) -> None:
    """A step that is taken in the portal; ``cancel`` is the retailer's and takes the return back.

    :raises Invalid: it is not possible from where the return is.
    :raises KeyError: there is no such step.
    """
    if row.withdrawn or row.status not in RETURN_STEPS[to]:
        raise Invalid(f"Validation Not allowed to change state of return {row.id} from {row.status} to {to}")
    if to == "cancel":
        row.withdrawn = True
        _show_last(order, row.line)
        return
    row.stamps[_STAMP[to]] = memory.now()
    row.amount = amount if to == "RMA_REC" else None
    _move(order, row, to)


def listed(memory: Memory, orders: Iterable[Order]) -> list[tuple[Order, Return]]:
    """The returns that the platform shows of some orders, the newest first."""
    kept = memory.settings.withdrawn_returns == "kept"
    found = [(order, row) for order in orders for row in order.returns if kept or not row.withdrawn]
    return sorted(found, key=lambda pair: -pair[1].number)


def shown_status(row: Return) -> str:
    """Its status; a withdrawn one that is kept in the list shows a word of its own."""
    return "RMA_CANCEL" if row.withdrawn else row.status


def state(memory: Memory, order: Order) -> list[dict[str, Any]]:
    """For assertions: what is listed of an order, the oldest first."""
    return [{"id": row.id, "line_reference": row.line.reference, "quantity": row.quantity,
             "status": shown_status(row)} for _, row in reversed(listed(memory, [order]))]


def _move(order: Order, row: Return, to: str) -> None:
    row.status = to
    row.changed = max(each.changed for each in order.returns) + 1
    _show_last(order, row.line)


def _show_last(order: Order, line: Line) -> None:
    left = [each for each in order.returns if each.line is line and not each.withdrawn]
    line.status = max(left, key=lambda each: each.changed).status if left else "DISPATCH"
