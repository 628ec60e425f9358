"""An invoice is taken once, when all is sent, and refused with each of the published codes."""

from typing import Any

import pytest
import requests
from virtualstock_supplier import DISPATCH, Virtualstock, acknowledged, dispatched

INVOICES = "/api/v4/invoices/?format=json"


def invoice(order: dict[str, Any], number: str = "HF-1", quantity: int | None = None, **fields: Any) -> dict[str, Any]:
    lines = [
        {"retailer_sku": item["retailer_sku_reference"], "supplier_sku": item["supplier_sku_reference"],
         "order_line_reference": item["line_reference"], "description": item["name"],
         "quantity": item["quantity"] if quantity is None else quantity, "unit_price": "5.00", "subtotal": "0.00",
         "supply_date": "2025-10-10", "tax_rate": "20.00", "tax": "0.00"}
        for item in order["items"]
    ]
    return {"retailer_id": order["retailer_data"]["uuid"], "retailer_order_reference": order["order_reference"],
            "invoice_date": "2025-10-10", "invoice_number": number, "currency_code": "GBP", "lines": lines, **fields}


def send(virtualstock: Virtualstock, body: Any, retailer: str = "fernhill") -> requests.Response:
    return virtualstock.call("POST", INVOICES, body, retailer=retailer)


def code(answer: requests.Response) -> str:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body.keys() == {"detail", "code"}
    found: str = body["code"]
    return found


def test_an_invoice_is_echoed_with_the_amounts_of_the_platform(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock, 2)
    answer = send(virtualstock, invoice(order))
    taken = answer.json()
    assert (answer.status_code, taken["status"], len(taken["id"])) == (201, "PENDING", 36)
    assert (taken["lines"][0]["subtotal"], taken["lines"][0]["tax"]) == ("10.00", "2.00")
    [kept] = virtualstock.seen(order)["invoices"]
    assert (kept["invoice_number"], kept["id"], kept["status"]) == ("HF-1", taken["id"], "PENDING")
    entry = virtualstock.control("GET", "journal")["entries"][-1]
    assert (entry["operation"], entry["changed"], entry["subject"]) == ("invoice", True, order["order_reference"])


@pytest.mark.parametrize(("fields", "expected"), [
    ({"retailer_id": "a9f66013-6cac-427b-9f6e-aa5f27ba02e8"}, "RETAILER_NOT_FOUND"),
    ({"retailer_id": "5f0c2a1e-0000-4000-8000-000000000014"}, "RETAILER_IS_NOT_PARTNER"),
    ({"retailer_order_reference": "NOBODY"}, "ORDER_NOT_FOUND"),
    ({"invoice_date": "2025-10-09"}, "INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE"),
    ({"lines": []}, "INVOICE_LINES_NOT_PRESENT"),
    ({"quantity": 1}, "ORDER_LINE_UNMATCHED_QUANTITY"),
])
def test_what_does_not_fit_the_order_is_refused(
    virtualstock: Virtualstock, fields: dict[str, Any], expected: str
) -> None:
    order = dispatched(virtualstock, 2)
    assert code(send(virtualstock, invoice(order, **fields))) == expected
    assert virtualstock.seen(order)["invoices"] == []


@pytest.mark.parametrize(("field", "expected"), [
    ("order_line_reference", "ORDER_LINE_REFERENCE_NOT_FOUND"), ("retailer_sku", "RETAILER_SKU_NOT_FOUND"),
])
def test_a_line_that_is_not_in_the_order_is_refused(virtualstock: Virtualstock, field: str, expected: str) -> None:
    body = invoice(dispatched(virtualstock))
    body["lines"][0][field] = "X"
    assert code(send(virtualstock, body)) == expected


@pytest.mark.parametrize(("settings", "expected"), [
    ({"rules": {"fernhill": {"invoicing": False}}}, "RETAILER_DOES_NOT_SUPPORT_INVOICING"),
    ({"rules": {"fernhill": {"tax_code_missing": True}}}, "RETAILER_ORGANISATION_TAX_CODE_MISSING"),
    ({"supplier_tax_code_missing": True}, "SUPPLIER_ORGANISATION_TAX_CODE_MISSING"),
    ({"invoice_unexpected_error": True}, "UNEXPECTED_ERROR"),
])
def test_what_is_not_set_up_is_refused(virtualstock: Virtualstock, settings: dict[str, Any], expected: str) -> None:
    order = dispatched(virtualstock)
    virtualstock.control("PUT", "settings", settings)
    assert code(send(virtualstock, invoice(order))) == expected


def test_every_line_is_dispatched_or_cancelled_first(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 2, 1)
    virtualstock.act("dispatch", order, only=0, **DISPATCH)
    assert code(send(virtualstock, invoice(order))) == "ORDER_NOT_FULFILLED"
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"], "lines": ["2"]})
    assert code(send(virtualstock, invoice(order))) == "ORDER_NOT_FULFILLED"
    virtualstock.act("cancel_acknowledge", order, only=1)
    assert code(send(virtualstock, invoice(order))) == "ORDER_LINE_CANCELLED"
    assert send(virtualstock, invoice({**order, "items": order["items"][:1]})).status_code == 201


def test_a_cancelled_order_is_not_invoiced(virtualstock: Virtualstock) -> None:
    order = virtualstock.order()
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"]})
    virtualstock.act("cancel_acknowledge", order)
    assert code(send(virtualstock, invoice(order))) == "ORDER_CANCELLED"


def test_only_the_units_that_left_are_invoiced(virtualstock: Virtualstock) -> None:
    order = acknowledged(virtualstock, 3)
    virtualstock.control("POST", "cancel_request", {"order": order["order_reference"], "lines": {"1": 1}})
    virtualstock.act("cancel_acknowledge", order, quantity=1)
    virtualstock.act("dispatch", order, quantity=2, **DISPATCH)
    assert code(send(virtualstock, invoice(order))) == "ORDER_LINE_UNMATCHED_QUANTITY"
    assert send(virtualstock, invoice(order, quantity=2)).status_code == 201


@pytest.mark.parametrize(("number_first", "expected"), [(False, "ORDER_ALREADY_INVOICED"),
                                                       (True, "DUPLICATED_INVOICE_NUMBER")])
def test_an_order_is_invoiced_once_and_a_number_used_once(
    virtualstock: Virtualstock, number_first: bool, expected: str
) -> None:
    virtualstock.control("PUT", "settings", {"invoice_number_first": number_first})
    order, other = dispatched(virtualstock), dispatched(virtualstock)
    assert send(virtualstock, invoice(order)).status_code == 201
    assert code(send(virtualstock, invoice(order))) == expected
    assert code(send(virtualstock, invoice(order, "HF-2"))) == "ORDER_ALREADY_INVOICED"
    assert code(send(virtualstock, invoice(other))) == "DUPLICATED_INVOICE_NUMBER"


def test_a_rejected_invoice_is_replaced_under_a_new_number(virtualstock: Virtualstock) -> None:
    order = dispatched(virtualstock)
    assert virtualstock.refusal("invoice_reject", {"order": order["order_reference"]})
    send(virtualstock, invoice(order))
    virtualstock.control("POST", "invoice_reject", {"order": order["order_reference"]})
    assert code(send(virtualstock, invoice(order))) == "DUPLICATED_INVOICE_NUMBER"
    assert send(virtualstock, invoice(order, "HF-1-2")).status_code == 201
    kept = [(each["invoice_number"], each["status"]) for each in virtualstock.seen(order)["invoices"]]
    assert kept == [("HF-1", "WITHDRAWN"), ("HF-1-2", "PENDING")]


def test_an_issued_invoice_is_not_voided_by_a_new_one(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"void_existing_invoice_on_create": True})
    order = dispatched(virtualstock)
    send(virtualstock, invoice(order))
    assert send(virtualstock, invoice(order, "HF-2")).status_code == 201
    virtualstock.control("POST", "invoice_accept", {"order": order["order_reference"]})
    assert code(send(virtualstock, invoice(order, "HF-3"))) == "INVOICE_HAS_BEEN_ISSUED"


def test_fields_are_checked_one_by_one(virtualstock: Virtualstock) -> None:
    body = invoice(dispatched(virtualstock), "9" * 21)
    del body["currency_code"]
    body["lines"][0] |= {"unit_price": "5.001", "tax": "much", "quantity": "1.5", "supply_date": "soon",
                         "description": "x" * 101}
    answer = send(virtualstock, body)
    errors = answer.json()
    assert (answer.status_code, errors.keys()) == (400, {"currency_code", "invoice_number", "lines"})
    assert errors["lines"][0].keys() == {"unit_price", "tax", "quantity", "supply_date", "description"}
    assert send(virtualstock, {"lines": "x"}).json()["lines"][0].startswith("Expected a list")


def test_an_order_of_another_retailer_is_not_found(virtualstock: Virtualstock) -> None:
    foreign = dispatched(virtualstock, retailer="calder")
    own = dispatched(virtualstock)
    body = invoice(foreign, retailer_id=own["retailer_data"]["uuid"])
    assert code(send(virtualstock, body)) == "ORDER_NOT_FOUND"
