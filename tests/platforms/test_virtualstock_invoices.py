"""An invoice is sent in the documented form, once, and a refusal keeps the code that says what to do."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import requests
from virtualstock_stub import INVOICES, Client, Stub, body, requests_to

from integration.lanes import Lane
from integration.problems import Failure, LookFirst, Refused, Throttled, TryAgain
from integration.virtualstock.invoices import Invoice, InvoiceLine

LINE = InvoiceLine(
    retailer_sku="RET-7", supplier_sku="SUP-9", order_line_reference="00001", description="Kettle, red", quantity=2,
    unit_price=Decimal("5"), subtotal=Decimal("10.0"), supply_date=date(2026, 3, 20), tax_rate=Decimal("20"),
    tax=Decimal("2.00"),
)  # fmt: skip
INVOICE = Invoice(
    retailer_id="3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11", retailer_order_reference="NG100",
    invoice_date=date(2026, 3, 21), invoice_number="HF-500", currency_code="GBP", lines=(LINE,),
)  # fmt: skip
CODES = [
    "ORDER_ALREADY_INVOICED", "ORDER_NOT_FOUND", "ORDER_NOT_FULFILLED", "INVOICE_LINES_NOT_PRESENT",
    "DUPLICATED_INVOICE_NUMBER", "INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE", "RETAILER_NOT_FOUND",
    "RETAILER_IS_NOT_PARTNER", "RETAILER_DOES_NOT_SUPPORT_INVOICING", "RETAILER_ORGANISATION_TAX_CODE_MISSING",
    "SUPPLIER_ORGANISATION_TAX_CODE_MISSING", "RETAILER_SKU_NOT_FOUND", "ORDER_CANCELLED",
    "ORDER_LINE_REFERENCE_NOT_FOUND", "ORDER_LINE_CANCELLED", "ORDER_LINE_UNMATCHED_QUANTITY",
    "INVOICE_HAS_BEEN_ISSUED", "UNEXPECTED_ERROR",
]  # fmt: skip


def test_an_invoice_goes_to_an_address_with_a_slash_and_its_money_is_text(stub: Stub, client: Client) -> None:
    stub.post(INVOICES, status=201, json={"id": "x", "status": "created"})
    client.invoice(INVOICE, lane=Lane.ORDERS)
    (request,) = requests_to(stub, "/api/v4/invoices/")
    assert request.url == f"{INVOICES}?format=json"
    assert body(request) == {
        "retailer_id": "3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11",
        "retailer_order_reference": "NG100",
        "invoice_date": "2026-03-21",
        "invoice_number": "HF-500",
        "currency_code": "GBP",
        "lines": [
            {
                "retailer_sku": "RET-7", "supplier_sku": "SUP-9", "order_line_reference": "00001",
                "description": "Kettle, red", "quantity": 2, "unit_price": "5.00", "subtotal": "10.00",
                "supply_date": "2026-03-20", "tax_rate": "20.00", "tax": "2.00",
            }
        ],
    }  # fmt: skip


def test_an_accepted_invoice_is_accepted_whatever_the_body(stub: Stub, client: Client) -> None:
    for status, content in ((200, ""), (201, "null"), (201, "[]"), (202, '"ok"'), (204, "")):
        stub.post(INVOICES, status=status, body=content, content_type="application/json")
        client.invoice(INVOICE, lane=Lane.ORDERS)
    assert len(requests_to(stub, "/api/v4/invoices/")) == 5


@pytest.mark.parametrize("code", CODES)
def test_each_documented_code_of_a_refused_invoice_is_kept(stub: Stub, client: Client, code: str) -> None:
    stub.post(INVOICES, status=400, json={"detail": "No invoice was made.", "code": code})
    with pytest.raises(Refused, match="400: No invoice was made") as caught:
        client.invoice(INVOICE, lane=Lane.ORDERS)
    assert (caught.value.status, caught.value.code) == (400, code)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("form", ['"{}"', '["{}"]', "{}", '{{"detail": "{}"}}', '{{"error": {{"code": "{}"}}}}'])
def test_each_documented_code_is_kept_in_any_form(stub: Stub, client: Client, code: str, form: str) -> None:
    stub.post(INVOICES, status=400, body=form.format(code))
    with pytest.raises(Refused) as caught:
        client.invoice(INVOICE, lane=Lane.ORDERS)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (json.dumps({"lines": [{"tax": ["A valid number is required."]}]}), "lines[0].tax: A valid number"),
        (json.dumps({"detail": "Method \"POST\" not allowed."}), "Method"),
        ("Validation error: no", "Validation error: no"), ("", "nothing"), ("<html>", "a page of HTML"),
    ],
)  # fmt: skip
def test_a_refused_invoice_without_a_code_has_none(stub: Stub, client: Client, content: str, reason: str) -> None:
    stub.post(INVOICES, status=400, body=content)
    with pytest.raises(Refused) as caught:
        client.invoice(INVOICE, lane=Lane.ORDERS)
    assert reason in caught.value.reason
    assert caught.value.code is None


@pytest.mark.parametrize(
    ("trouble", "failure"),
    [
        ({"body": requests.ReadTimeout()}, LookFirst), ({"body": requests.ConnectionError("reset")}, LookFirst),
        ({"status": 500, "body": "down"}, LookFirst), ({"body": "<html>", "content_type": "text/html"}, LookFirst),
        ({"body": requests.ConnectTimeout()}, TryAgain),
        ({"status": 429, "body": "Expected available in 3.0 seconds."}, Throttled),
    ],
)  # fmt: skip
def test_only_an_invoice_that_may_have_arrived_asks_for_a_look(
    stub: Stub, client: Client, trouble: dict[str, Any], failure: type[Failure]
) -> None:
    stub.post(INVOICES, **trouble)
    with pytest.raises(Failure) as caught:
        client.invoice(INVOICE, lane=Lane.ORDERS)
    assert type(caught.value) is failure
    assert len(requests_to(stub, "/api/v4/invoices/")) == 1


@pytest.mark.parametrize(
    ("invoice", "reason"),
    [
        (replace(INVOICE, invoice_number="9" * 21), "invoice_number has 21 characters, 20 are allowed"),
        (replace(INVOICE, retailer_order_reference=" "), "retailer_order_reference is missing"),
        (replace(INVOICE, currency_code="POUND"), "currency_code has 5 characters, 3 are allowed"),
        (replace(INVOICE, lines=()), "it has no lines"),
        (replace(INVOICE, lines=(replace(LINE, description="x" * 101),)), "line 00001: description has 101 characters"),
        (replace(INVOICE, lines=(LINE, replace(LINE, quantity=0))), "line 00001: quantity is below 1"),
        (replace(INVOICE, lines=(replace(LINE, tax=Decimal("-1")),)), "tax is negative or has more than two places"),
        (replace(INVOICE, lines=(replace(LINE, tax=Decimal("0.005")),)), "tax is negative or has more than two places"),
        *[
            (replace(INVOICE, lines=(replace(LINE, subtotal=Decimal(odd)),)), "subtotal has more than 14 digits")
            for odd in ("NaN", "sNaN", "Infinity", "-Infinity", "1E12", "1E+99", "-1E+99")
        ],
    ],
)
def test_an_invoice_they_would_refuse_is_refused_before_sending(
    stub: Stub, client: Client, invoice: Invoice, reason: str
) -> None:
    with pytest.raises(Refused, match="was not sent") as caught:
        client.invoice(invoice, lane=Lane.ORDERS)
    assert reason in caught.value.reason
    assert (caught.value.status, caught.value.code) == (None, None)
    assert len(stub.calls) == 0


@pytest.mark.parametrize("most", ["0.00", "999999999999.99"])
def test_the_least_and_the_most_that_money_can_be_is_sent(stub: Stub, client: Client, most: str) -> None:
    stub.post(INVOICES, status=201, json={})
    client.invoice(replace(INVOICE, lines=(replace(LINE, subtotal=Decimal(most)),)), lane=Lane.ORDERS)
    (request,) = requests_to(stub, "/api/v4/invoices/")
    assert body(request)["lines"][0]["subtotal"] == most
