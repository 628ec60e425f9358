"""Every refusal of an invoice says what to do next: nothing, wait, send it again, or which thing a person mends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Move(StrEnum):
    """What to do after Virtualstock refused an invoice."""

    SENT = "sent"
    """It is there: an earlier call got through and its answer was lost."""
    TRY_AGAIN = "try again"
    """Send it again later, under the same number."""
    WAIT = "wait"
    """The order is not ready over there; nothing is wrong yet."""
    PERSON = "person"
    """It will be refused again until somebody has done what the sentence says."""


@dataclass(frozen=True)
class Verdict:
    """What a refusal of an invoice means.

    :param sentence: what happened and what to do, as the ``why`` of `kinds.INVOICE_REFUSED`.
    """

    move: Move
    sentence: str


_EXISTS = frozenset({"ORDER_ALREADY_INVOICED", "DUPLICATED_INVOICE_NUMBER", "INVOICE_HAS_BEEN_ISSUED"})
_MOVES = {"UNEXPECTED_ERROR": Move.TRY_AGAIN, "ORDER_NOT_FULFILLED": Move.WAIT}
_SENTENCES: Mapping[str, str] = {
    "UNEXPECTED_ERROR": "it met an error of its own. Retry later",
    "ORDER_NOT_FULFILLED": "not every line counts as dispatched or cancelled there. "
    "Look in the portal for an open line, then retry",
    "ORDER_ALREADY_INVOICED": "the order has an invoice that we did not send. "
    "Compare it in the portal; resolve if it is right, else have it rejected and retry",
    "DUPLICATED_INVOICE_NUMBER": "its number belongs to another invoice. "
    "Give the profile another invoices.number_prefix, publish and retry",
    "INVOICE_HAS_BEEN_ISSUED": "an invoice of the order has been issued and may not be replaced. "
    "Compare it in the portal; resolve if it is right, else ask the retailer to reject it and retry",
    "ORDER_NOT_FOUND": "it knows no such order for the retailer's UUID. "
    "Compare invoices.retailer_id of the profile with the portal, publish and retry",
    "RETAILER_NOT_FOUND": "it does not know the retailer's UUID. "
    "Take the UUID from the portal into invoices.retailer_id of the profile, publish and retry",
    "RETAILER_IS_NOT_PARTNER": "we are not connected with the retailer of that UUID. "
    "Compare invoices.retailer_id of the profile with the portal, or ask Virtualstock to connect us, then retry",
    "RETAILER_DOES_NOT_SUPPORT_INVOICING": "the retailer takes no invoices through Virtualstock. "
    "Invoice it the way the retailer wants, set invoices.enabled: false in the profile and resolve",
    "RETAILER_ORGANISATION_TAX_CODE_MISSING": "the retailer has no tax code in Virtualstock. "
    "Ask the retailer to enter it there, then retry",
    "SUPPLIER_ORGANISATION_TAX_CODE_MISSING": "we have no tax code in Virtualstock. "
    "Enter it in the portal under our organisation's settings, then retry",
    "INVOICE_LINES_NOT_PRESENT": "it found no lines on the invoice. "
    "Compare the dispatched units of the order with the portal, then retry",
    "INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE": "a line has a dispatch date after the date of the invoice there. "
    "Compare the dispatch dates in the portal, and retry when the last of them is past",
    "RETAILER_SKU_NOT_FOUND": "it does not know the retailer's SKU of a line. "
    "Compare the SKUs of the order with the portal, and have the retailer correct them or invoice it in the portal",
    "ORDER_CANCELLED": "the order counts as cancelled there. "
    "Clear up with the retailer what was delivered; resolve if nothing is owed",
    "ORDER_LINE_REFERENCE_NOT_FOUND": "the order has no line of that reference there. "
    "Compare its lines with the portal, and have the retailer correct them or invoice it in the portal",
    "ORDER_LINE_CANCELLED": "a line that we dispatched counts as cancelled there. "
    "Clear it up with the retailer, then retry or invoice it in the portal",
    "ORDER_LINE_UNMATCHED_QUANTITY": "the units of a line differ from those that count as dispatched there. "
    "Compare the dispatches with the portal, correct them, then retry",
}


def verdict(code: str | None, *, sent_before: bool) -> Verdict:
    """What to do after Virtualstock refused an invoice. Virtualstock API docs: Invoices, error codes.

    :param code: `Refused.code`.
    :param sent_before: an earlier call with the same number may have got through: its answer was lost, or it was
        ``UNEXPECTED_ERROR``.
    """
    if code in _EXISTS and sent_before:
        return Verdict(Move.SENT, "the invoice is there already")
    unknown = f"its reason {code or 'without a code'} is not known to us. Look at the order in the portal, then retry"
    known = code or ""
    return Verdict(_MOVES.get(known, Move.PERSON), _SENTENCES.get(known, unknown))
