"""Which lines of an order are still ours to deliver is decided in one place, for placing and for acknowledging."""

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
