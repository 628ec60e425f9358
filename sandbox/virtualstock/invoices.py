"""An invoice is taken once per order, after everything in it was sent or cancelled; every published refusal is here."""

import uuid
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import Retailer
from sandbox.virtualstock.fields import INVOICE_FIELDS, INVOICE_LINE_FIELDS, read_fields
from sandbox.virtualstock.state import Invoice, Line, Memory, Order

_NAMESPACE = uuid.UUID("0b6de4a7-7cf0-47a5-8a53-0f1f5f1dbe52")
_CENT = Decimal("0.01")
_LIVE = ("PENDING", "ISSUED")
_SENTENCES = {
    "DUPLICATED_INVOICE_NUMBER": "An invoice with this number already exists.",
    "INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE": "Invoice date is before the last item dispatched date.",
    "INVOICE_HAS_BEEN_ISSUED": "The existing invoice has been issued and can't be voided.",
    "INVOICE_LINES_NOT_PRESENT": "Invoice lines are not present.",
    "ORDER_ALREADY_INVOICED": "The order has already been invoiced.",
    "ORDER_CANCELLED": "The order is cancelled.",
    "ORDER_LINE_CANCELLED": "The order line is cancelled.",
    "ORDER_LINE_REFERENCE_NOT_FOUND": "The order line reference was not found.",
    "ORDER_LINE_UNMATCHED_QUANTITY": "The quantity does not match the dispatched quantity of the order line.",
    "ORDER_NOT_FOUND": "The order was not found.",
    "ORDER_NOT_FULFILLED": "The order is not fulfilled.",
    "RETAILER_DOES_NOT_SUPPORT_INVOICING": "The retailer does not support invoicing.",
    "RETAILER_IS_NOT_PARTNER": "The retailer is not a partner.",
    "RETAILER_NOT_FOUND": "The retailer was not found.",
    "RETAILER_ORGANISATION_TAX_CODE_MISSING": "The tax code of the retailer's organisation is missing.",
    "RETAILER_SKU_NOT_FOUND": "The retailer SKU was not found.",
    "SUPPLIER_ORGANISATION_TAX_CODE_MISSING": "The tax code of the supplier's organisation is missing.",
    "UNEXPECTED_ERROR": "An unexpected error occurred.",
}
"""The published codes; the sentences are made up, because none is published."""


class Refused(Exception):
    """The invoice is not taken, for this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``POST /api/v4/invoices/``: 201 with the invoice and its amounts as the platform reckons them."""
    request.note.subject = str(body.get("retailer_order_reference"))
    request.note.detail = {"retailer": retailer.code, "invoice_number": body.get("invoice_number")}
    values, errors = read_fields(INVOICE_FIELDS, body)
    lines, line_errors = _read_lines(body.get("lines"))
    if errors or line_errors:
        return json_response(errors | line_errors, 400)
    try:
        if memory.settings.invoice_unexpected_error:
            raise Refused("UNEXPECTED_ERROR")
        _check_partners(memory, retailer, values["retailer_id"])
        if not lines:
            raise Refused("INVOICE_LINES_NOT_PRESENT")
        order = _order(memory, retailer, values["retailer_order_reference"])
        _check_first(memory, order, values["invoice_number"])
        _check_order(order, date.fromisoformat(values["invoice_date"]))
        _check_lines(order, lines)
    except Refused as refusal:
        request.note.detail["code"] = refusal.code
        return json_response({"detail": _SENTENCES[refusal.code], "code": refusal.code}, 400)
    invoice = _take(memory, order, values, lines)
    request.note.changed = True
    return json_response(invoice.row | {"id": invoice.id, "status": invoice.status}, 201)


def state(order: Order) -> list[dict[str, Any]]:
    """For assertions: all invoices of an order, the oldest first."""
    return [{"id": invoice.id, "status": invoice.status, **invoice.row} for invoice in order.invoices]


def _read_lines(rows: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    if rows is None:
        return [], {}
    if not isinstance(rows, list):
        return [], {"lines": [f'Expected a list of items but got type "{type(rows).__name__}".']}
    read = [read_fields(INVOICE_LINE_FIELDS, row) for row in rows]
    errors = [problems for _, problems in read]
    return [values for values, _ in read], {"lines": errors} if any(errors) else {}


def _check_partners(memory: Memory, retailer: Retailer, retailer_id: str) -> None:
    if retailer_id not in {each.uuid for each in memory.retailers.values()}:
        raise Refused("RETAILER_NOT_FOUND")
    if retailer_id != retailer.uuid:
        raise Refused("RETAILER_IS_NOT_PARTNER")
    if not retailer.invoicing:
        raise Refused("RETAILER_DOES_NOT_SUPPORT_INVOICING")
    if retailer.tax_code_missing:
        raise Refused("RETAILER_ORGANISATION_TAX_CODE_MISSING")
    if memory.settings.supplier_tax_code_missing:
        raise Refused("SUPPLIER_ORGANISATION_TAX_CODE_MISSING")


def _order(memory: Memory, retailer: Retailer, reference: str) -> Order:
    order = memory.by_reference.get(reference)
    if order is None or order.retailer.code != retailer.code:
        raise Refused("ORDER_NOT_FOUND")
    return order


def _check_first(memory: Memory, order: Order, number: str) -> None:
    """Neither the order nor the number was used before; a rejected invoice leaves the order free, not the number."""
    used = any(invoice.number == number for each in memory.orders.values() for invoice in each.invoices)
    if used and memory.settings.invoice_number_first:
        raise Refused("DUPLICATED_INVOICE_NUMBER")
    live = {invoice.status for invoice in order.invoices if invoice.status in _LIVE}
    if live and not memory.settings.void_existing_invoice_on_create:
        raise Refused("ORDER_ALREADY_INVOICED")
    if "ISSUED" in live:
        raise Refused("INVOICE_HAS_BEEN_ISSUED")
    if used:
        raise Refused("DUPLICATED_INVOICE_NUMBER")


def _check_order(order: Order, invoice_date: date) -> None:
    if all(_is_cancelled(line) for line in order.lines):
        raise Refused("ORDER_CANCELLED")
    if any(line.remainder > 0 for line in order.lines):
        raise Refused("ORDER_NOT_FULFILLED")
    sent = [line.parcel["supplier_dispatch_date"] for line in order.lines if line.parcel]
    if sent and invoice_date < date.fromisoformat(max(sent)):
        raise Refused("INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE")


def _check_lines(order: Order, rows: list[dict[str, Any]]) -> None:
    known = {line.reference: line for line in order.lines}
    units: Counter[str] = Counter()
    for row in rows:
        line = known.get(row["order_line_reference"])
        if line is None:
            raise Refused("ORDER_LINE_REFERENCE_NOT_FOUND")
        if row["retailer_sku"] != str(line.row.get("retailer_sku_reference") or line.row["part_number"]):
            raise Refused("RETAILER_SKU_NOT_FOUND")
        if _is_cancelled(line):
            raise Refused("ORDER_LINE_CANCELLED")
        units[line.reference] += row["quantity"]
    if any(units[line.reference] != line.dispatched for line in order.lines):
        raise Refused("ORDER_LINE_UNMATCHED_QUANTITY")


def _is_cancelled(line: Line) -> bool:
    return line.cancelled > 0 and line.dispatched == 0 and line.remainder == 0


def _take(memory: Memory, order: Order, values: dict[str, Any], lines: list[dict[str, Any]]) -> Invoice:
    """Keeps the invoice; an earlier one of the order is withdrawn by it."""
    for earlier in order.invoices:
        earlier.status = "WITHDRAWN"
    rows = [_reckoned(line) for line in lines]
    number = str(values["invoice_number"])
    made = Invoice(str(uuid.uuid5(_NAMESPACE, str(next(memory.invoice_numbers)))), number, values | {"lines": rows})
    order.invoices.append(made)
    memory.touch(order)
    return made


def _reckoned(line: dict[str, Any]) -> dict[str, Any]:
    """Subtotal and tax are the platform's own, whatever was sent."""
    subtotal = line["unit_price"] * line["quantity"] - line.get("discount", Decimal(0))
    tax = subtotal * line["tax_rate"] / 100
    amounts = {"unit_price": line["unit_price"], "subtotal": subtotal, "tax_rate": line["tax_rate"], "tax": tax}
    return line | {name: f"{amount.quantize(_CENT):.2f}" for name, amount in amounts.items()} | {
        "discount": f"{line.get('discount', Decimal(0)):.2f}"}
