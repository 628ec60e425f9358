"""What a retailer and its shoppers want after an order, they ask for here: to cancel, to return, to see it afresh."""

from typing import Any

from sandbox.virtualstock.returns import open_return
from sandbox.virtualstock.state import Line, Memory, Order, Return
from sandbox.virtualstock.workflow import FROM, GOAL, Invalid, check_cancel, not_allowed


def named(order: Order, lines: list[str] | dict[str, int] | None) -> list[tuple[Line, int | None]] | None:
    """The lines that a verb names, each with the units if it says how many; None when it names none.

    :raises KeyError: the order has no such line.
    """
    if lines is None:
        return None
    known = {line.reference: line for line in order.lines}
    units = lines if isinstance(lines, dict) else dict.fromkeys(map(str, lines))
    return [(known[reference], count) for reference, count in units.items()]


def ask_to_cancel(memory: Memory, order: Order, body: dict[str, Any]) -> None:
    """The retailer wants lines, or units of lines, not to be sent.

    :raises Invalid: the documented refusals; then nothing has changed.
    """
    asked = named(order, body.get("lines"))
    if asked is None:
        asked = [(line, None) for line in order.lines if line.status in FROM["cancel_request"] and line.remainder > 0]
    wanted = [(line, line.remainder if units is None else int(units)) for line, units in asked]
    if not wanted:
        raise Invalid("no line is in a state for it")
    for line, units in wanted:
        if line.status not in FROM["cancel_request"]:
            raise not_allowed(line, GOAL["cancel_request"])
        check_cancel(line, units, line.remainder, in_parts=memory.rules(order).partial_cancel)
    for line, units in wanted:
        line.before_cancel, line.status, line.cancel_asked = line.status, GOAL["cancel_request"], units
        line.cancellation = {"reason_code": int(body.get("reason_code") or 102), "comment": body.get("comment") or "",
                             "at": memory.now()}
    memory.touch(order)


def ask_to_return(memory: Memory, order: Order, body: dict[str, Any]) -> list[Return]:
    """A shopper wants to send lines, or units of lines, back.

    :raises Invalid: a line was not dispatched, or not so many units of it; then nothing has changed.
    """
    asked = named(order, body.get("lines"))
    if asked is None:
        asked = [(line, None) for line in order.lines
                 if line.status in FROM["return_request"] and line.dispatched > order.returned(line)]
    if not asked:
        raise Invalid("no line is in a state for it")
    for line, _ in asked:
        if line.status not in FROM["return_request"]:
            raise not_allowed(line, GOAL["return_request"])
    before = [(line, line.status) for line in order.lines]
    kept = list(order.returns)
    try:
        made = [
            open_return(memory, order, line, line.dispatched - order.returned(line) if units is None else int(units),
                        reason_code=str(body.get("reason_code") or 300), method=body.get("method"))
            for line, units in asked
        ]
    except Invalid:
        order.returns[:] = kept
        for line, status in before:
            line.status = status
        raise
    memory.touch(order)
    return made


def relist(memory: Memory, order: Order, body: dict[str, Any]) -> None:
    """Lines that were acknowledged or backordered show as new again.

    :raises Invalid: there is none, or one of the named is in another state.
    """
    asked = named(order, body.get("lines"))
    possible = ("ORDER_ACK", "BACKORDER", "ORDER")
    lines = [line for line, _ in asked] if asked else [line for line in order.lines if line.status in possible]
    if not lines:
        raise Invalid("no line is in a state for it")
    for line in lines:
        if line.status not in possible:
            raise not_allowed(line, "ORDER")
    for line in lines:
        line.status = "ORDER"
    memory.touch(order)
