"""Somebody acts in the portal: takes a supplier's step without its integration, decides a return or an invoice."""

from typing import Any

from sandbox.virtualstock import returns
from sandbox.virtualstock.actions import apply, check, check_whole
from sandbox.virtualstock.retailing import named
from sandbox.virtualstock.state import Line, Memory, Order
from sandbox.virtualstock.workflow import FROM, GOAL, Invalid, not_allowed

ACTIONS = ("acknowledge", "dispatch", "cancel_acknowledge")


def act(memory: Memory, order: Order, body: dict[str, Any]) -> None:
    """A supplier's step on the lines named, or on all that can take it, with whatever the person typed in.

    :raises Invalid: the platform would not let it happen; then nothing has changed.
    """
    action = body["action"]
    if action not in ACTIONS:
        raise ValueError(f"action is one of {', '.join(ACTIONS)}")
    asked = named(order, body.get("lines"))
    if asked is None:
        asked = [(line, None) for line in order.lines if line.status in FROM[action]]
    if not asked:
        raise not_allowed(order.lines[0], GOAL[action])
    wanted = [(line, _units(action, line) if units is None else int(units)) for line, units in asked]
    for line, units in wanted:
        check(memory, order, action, line, units)
    check_whole(memory.rules(order), order, action, [line for line, _ in wanted], [units for _, units in wanted])
    now = memory.now()
    for line, units in wanted:
        item: dict[str, Any] = {"line_ref": line.reference, "part_number": line.row["part_number"], "quantity": units}
        if action == "dispatch":
            item |= {"carrier": "royal-mail", "tracking_number": f"PORTAL{line.id}",
                     "supplier_dispatch_date": now.date().isoformat()}
        apply(order, action, line, item, now)
        order.history.setdefault("portal", []).append(item | {"action": action, "at": now.isoformat()})
    memory.touch(order)


def _units(action: str, line: Line) -> int:
    if action == "acknowledge":
        return line.quantity
    return line.remainder if action == "dispatch" else line.cancel_asked


def move_return(memory: Memory, body: dict[str, Any]) -> Order:
    """A step of a return that only people take: ``{return, to, amount?}``.

    :raises KeyError: there is no such return, or no such step.
    :raises Invalid: the return is not where that step begins.
    """
    for order in memory.orders.values():
        for row in order.returns:
            if row.id == body["return"]:
                returns.step(memory, order, row, body["to"], body.get("amount"))
                memory.touch(order)
                return order
    raise KeyError(body["return"])


def judge_invoice(memory: Memory, order: Order, status: str) -> None:
    """The retailer accepts (``ISSUED``) or rejects (``REJECTED``) the last invoice of an order.

    :raises Invalid: none is waiting for that.
    """
    waiting = [invoice for invoice in order.invoices if invoice.status in ("PENDING", "ISSUED")]
    if not waiting:
        raise Invalid("no invoice is waiting")
    waiting[-1].status = status
    memory.touch(order)
