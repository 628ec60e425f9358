"""The documented workflow of lines and returns: which step is possible from which status, and how a refusal reads."""

from sandbox.virtualstock.state import Line

LABELS = {
    "ORDER": "New Order", "ORDER_ACK": "Processing", "BACKORDER": "Item(s) on Backorder", "DISPATCH": "Dispatched",
    "CANCEL": "Cancellation Requested", "CANCEL_ACK": "Cancellation Acknowledged", "RMA": "Return Request",
    "RMA_ACK": "Return Processing", "RMA_AUTHORISED": "Return Authorised", "RMA_REJ": "Return Declined",
    "RMA_COLLECTION_BOOKED": "Return Collection Booked", "RMA_REC": "Return Approved", "RMA_EXC": "Return Rejected",
}
"""What the portal and the older API call a status."""

OPEN = frozenset({"ORDER", "ORDER_ACK", "BACKORDER"})
"""Statuses of a line that still has to be sent."""
RETURNABLE = frozenset({"DISPATCH", *(status for status in LABELS if status.startswith("RMA"))})

GOAL = {"acknowledge": "ORDER_ACK", "backorder": "BACKORDER", "dispatch": "DISPATCH",
        "cancel_acknowledge": "CANCEL_ACK", "return_acknowledge": "RMA_ACK",
        "cancel_request": "CANCEL", "return_request": "RMA"}
FROM: dict[str, frozenset[str]] = {
    "acknowledge": OPEN,
    "backorder": OPEN,
    "dispatch": frozenset({"ORDER_ACK", "BACKORDER", "CANCEL"}),
    "cancel_acknowledge": frozenset({"CANCEL"}),
    "cancel_request": OPEN,
    "return_request": RETURNABLE,
}

RETURN_STEPS = {
    "RMA_AUTHORISED": frozenset({"RMA", "RMA_ACK"}),
    "RMA_REJ": frozenset({"RMA", "RMA_ACK"}),
    "RMA_COLLECTION_BOOKED": frozenset({"RMA_AUTHORISED"}),
    "RMA_REC": frozenset({"RMA_COLLECTION_BOOKED"}),
    "RMA_EXC": frozenset({"RMA_COLLECTION_BOOKED"}),
    "cancel": frozenset({"RMA", "RMA_ACK", "RMA_AUTHORISED", "RMA_COLLECTION_BOOKED"}),
}
"""Steps of a return that only people take, and from where."""

REASONS = {
    101: "Pick Failed", 102: "Other", 126: "Customer changed their mind", 127: "Customer changed the quantity",
    128: "Customer found it cheaper", 129: "Address was wrong", 130: "Delivery date was wrong", 131: "Order is late",
    132: "Customer wants a specified delivery time",
}
"""Why a retailer cancels."""

RETURN_REASONS = {
    "200": "Faulty", "225": "Damaged", "250": "Missing items", "275": "Missing components", "300": "No longer wanted",
    "325": "Not as expected", "350": "Wrong description on website", "375": "Emergency withdrawal",
    "400": "Never delivered", "425": "Problem with other item, returning all", "450": "Late delivery",
}
"""The standard reasons of a return; retailers may have codes of their own."""


class Invalid(ValueError):
    """The step is refused with this sentence, and nothing has changed."""


def not_allowed(line: Line, goal: str) -> Invalid:
    """The refusal of a step that is not possible from the status of the line."""
    return Invalid(f"Validation Not allowed to change state of item {line.id} from {line.status} to {goal}")


def check_cancel(line: Line, units: int, most: int, *, in_parts: bool) -> None:
    """The documented rules for units to be cancelled, of `most` that can be.

    :raises Invalid: none, too many, or fewer than all where that is not possible.
    """
    if units <= 0:
        raise Invalid("Validation error: Cancel quantity value can't be less or equal zero")
    if units > most:
        raise Invalid(f"Validation error: Cancel quantity value {units} is bigger than allowed for item")
    if units < most and not in_parts:
        raise Invalid(f"Validation error: Partial cancellation not allowed item {line.id}")
