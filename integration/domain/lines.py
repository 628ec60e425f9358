"""Which lines of an order are still ours to deliver is decided in one place, for placing and for acknowledging."""

from integration.lifecycle import LineState
from integration.virtualstock.schema import Order, OrderItem, Status

_OVER = frozenset(Status) - {Status.ORDER, Status.ORDER_ACK, Status.BACKORDER}


def status_of(item: OrderItem, order: Order) -> str:
    """A line's own status, or the order's where the line has none."""
    return item.status or order.status


def reason_not_to_deliver(item: OrderItem, order: Order) -> str | None:
    """Why a line is left out, or None where it is to be delivered. A status we do not know does not leave it out."""
    if item.quantity == 0:
        return "quantity 0"
    status = status_of(item, order)
    return f"status {status}" if status in _OVER else None


def first_state(item: OrderItem, order: Order) -> LineState:
    """The state in which a line comes to us; it may have had a life before we ever saw it."""
    match status_of(item, order):
        case Status.CANCEL:
            return LineState.CANCELLING
        case Status.ORDER_ACK:
            return LineState.ACKNOWLEDGED
        case Status.BACKORDER:
            return LineState.BACKORDERED
        case Status.CANCEL_ACK:
            return LineState.CANCELLED
    if item.quantity == 0:
        return LineState.CANCELLED
    # Dispatched in the portal, or returned already: nothing is ours to deliver.
    return LineState.DISPATCHED if reason_not_to_deliver(item, order) else LineState.RECEIVED
