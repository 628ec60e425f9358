"""From what left to an invoice."""

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from builders import BOOK, changed, item, pennies, problems, raw_order
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.invoices import invoice_number, to_invoice
from integration.problems import Problem
from integration.virtualstock.invoices import Invoice
from integration.virtualstock.schema import Order

FERNHILL = BOOK.retailers["fernhill"]
UUID = "3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11"
SHIPPED, INVOICED = date(2026, 7, 3), date(2026, 7, 4)


@dataclass(frozen=True)
class Delivered:
    """A line as storage knows it."""

    line_reference: str = "1"
    dispatched: int = 2
    dispatched_on: date | None = SHIPPED
    sku: str | None = "SKU-1"
    part_number: str = "PN1"


def priced(reference: str = "1", quantity: object = 2, **fields: object) -> dict[str, object]:
    amounts = {"subtotal": "10.00", "tax": "2.00", "tax_rate": "20.00", "name": "Kettle"}
    return item(reference, quantity) | amounts | fields


def make(
    *lines: Delivered, items: tuple[dict[str, object], ...] = (), profile: Any = FERNHILL, **fields: object
) -> Invoice | list[Problem]:
    raw = raw_order(*(items or (priced(),)), **({"retailer_data": {"uuid": UUID}} | fields))
    return to_invoice(Order.parse(raw), lines or (Delivered(),), profile, number="HF-500", invoice_date=INVOICED)


def invoice(*lines: Delivered, items: tuple[dict[str, object], ...] = (), **more: Any) -> Invoice:
    made = make(*lines, items=items, **more)
    assert isinstance(made, Invoice), [problem.sentence for problem in made]
    return made


def why(result: object) -> str:
    [(code, sentence)] = problems(result)
    assert code == "invoice-incomplete"
    return sentence


def test_what_left_is_invoiced_in_the_documented_form() -> None:
    line = priced(retailer_sku_reference="R1", supplier_sku_reference="S1")
    assert invoice(items=(line,)).to_json() == {
        "retailer_id": UUID,
        "retailer_order_reference": "NG100",
        "invoice_date": "2026-07-04",
        "invoice_number": "HF-500",
        "currency_code": "GBP",
        "lines": [
            {
                "retailer_sku": "R1", "supplier_sku": "S1", "order_line_reference": "1", "description": "Kettle",
                "quantity": 2, "unit_price": "5.00", "subtotal": "10.00", "supply_date": "2026-07-03",
                "tax_rate": "20.00", "tax": "2.00",
            }
        ],
    }  # fmt: skip


def test_what_did_not_leave_is_not_invoiced() -> None:
    lines = Delivered(dispatched=1), Delivered("2", dispatched=0, dispatched_on=None)
    [line] = invoice(*lines, items=(priced(), priced("2"))).lines
    assert (line.quantity, line.unit_price, line.subtotal, line.tax) == (
        1, Decimal("5.00"), Decimal("5.00"), Decimal("1.00"),
    )  # fmt: skip


def test_a_whole_line_keeps_the_retailers_amounts_and_a_part_is_counted() -> None:
    odd = priced(quantity=3, subtotal="9.97", tax="2.00", total="11.97")  # 20 % of 9.97 is 1.99
    [whole] = invoice(Delivered(dispatched=3), items=(odd,)).lines
    assert (whole.unit_price, whole.subtotal, whole.tax) == (Decimal("3.32"), Decimal("9.97"), Decimal("2.00"))
    [part] = invoice(Delivered(dispatched=2), items=(odd,)).lines
    assert (part.unit_price, part.subtotal, part.tax) == (Decimal("3.32"), Decimal("6.64"), Decimal("1.33"))


def test_half_pennies_are_rounded_as_the_profile_says() -> None:
    line = priced(subtotal="10.01", tax="2.00", total="12.01")  # 5.005 a unit
    for rounding, unit_price in (("half-up", "5.01"), ("half-even", "5.00")):
        profile = changed(FERNHILL, prices={"rounding": rounding})
        assert invoice(items=(line,), profile=profile).lines[0].unit_price == Decimal(unit_price)


def test_the_price_without_tax_may_follow_from_total_and_tax() -> None:
    [line] = invoice(items=(priced(subtotal=None),)).lines
    assert (line.subtotal, line.tax) == (Decimal("10.00"), Decimal("2.00"))


def test_a_whole_line_without_tax_amount_is_taxed_by_its_rate() -> None:
    assert invoice(items=(priced(tax=None, total=None),)).lines[0].tax == Decimal("2.00")


def test_our_own_keys_stand_in_where_the_order_names_none() -> None:
    [line] = invoice().lines
    assert (line.retailer_sku, line.supplier_sku) == ("PN1", "SKU-1")


def test_the_profile_knows_the_retailers_id_better_than_the_order() -> None:
    assert invoice(profile=changed(FERNHILL, invoices={"retailer_id": "a-b-c"})).retailer_id == "a-b-c"


def test_an_order_without_currency_is_in_the_documented_one() -> None:
    assert invoice(currency_code=None).currency_code == "GBP"
    assert invoice(currency_code="EUR").currency_code == "EUR"


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"name": "Kettle\r\n red"}, "Kettle red"),
        ({"name": None, "description": "A kettle"}, "A kettle"),
        ({"name": None, "description": ""}, "PN1"),
        ({"name": "x" * 100}, "x" * 100),
        ({"name": "x" * 101}, "x" * 99 + "…"),
    ],
)
def test_the_description_is_what_the_order_calls_the_article(fields: dict[str, object], description: str) -> None:
    assert invoice(items=(priced(**fields),)).lines[0].description == description


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"subtotal": None, "tax": None}, "line 1 has no price without tax"),
        ({"tax_rate": None}, "line 1 has no tax rate"),
        ({"tax_rate": "200.00"}, "line 1 has a tax rate that is none"),
        ({"tax_rate": "-1"}, "line 1 has a tax rate that is none"),
        ({"quantity": None}, "line 1 has no quantity"),
        ({"quantity": 1}, "2 units of line 1 left, 1 were ordered"),
        ({"quantity": 0}, "2 units of line 1 left, 0 were ordered"),
        ({"part_number": None}, "line 1 has no SKU of the retailer"),
        ({"line_reference": "7"}, "line 1 is not in the order"),
        ({"subtotal": "10.005"}, "line 1: subtotal is negative or has more than two places"),
        ({"subtotal": "-10.00"}, "line 1: unit_price is negative or has more than two places"),
    ],
)
def test_nothing_about_a_line_is_invented(fields: dict[str, object], reason: str) -> None:
    assert reason in why(make(items=(priced(**fields),)))


def test_every_reason_is_told_at_once() -> None:
    sentence = why(
        make(
            Delivered(sku=None, dispatched_on=None), Delivered("2", dispatched_on=date(2026, 7, 5)),
            items=(priced(), priced("2", tax_rate=None)), retailer_data=None,
        )
    )  # fmt: skip
    assert sentence == (
        "The invoice of NG100 for Fernhill Stores cannot be made: "
        "neither the profile nor the order has the retailer's UUID; "
        "its date 2026-07-04 is before the last dispatch on 2026-07-05; "
        "line 1 has no SKU of ours; line 1 has no dispatch date; line 2 has no tax rate. "
        "Nothing was sent. Correct the cause, then retry, or invoice it in the portal."
    )


def test_an_invoice_may_be_of_the_day_of_the_last_dispatch() -> None:
    assert invoice(Delivered(dispatched_on=INVOICED)).invoice_date == INVOICED


def test_an_order_of_which_nothing_left_has_no_invoice() -> None:
    assert "nothing was dispatched" in why(make(Delivered(dispatched=0)))


def test_limits_of_the_api_are_reasons_too() -> None:
    assert "retailer_order_reference is missing" in why(make(order_reference=None))
    assert "currency_code has 5 characters, 3 are allowed" in why(make(currency_code="POUND"))
    assert "retailer_id has 40 characters, 36 are allowed" in why(make(retailer_data={"uuid": "x" * 40}))
    made = replace(invoice(), invoice_number="9" * 21, lines=())
    assert made.violations() == ["invoice_number has 21 characters, 20 are allowed", "it has no lines"]
    nothing = replace(invoice().lines[0], quantity=0)
    assert nothing.violations() == ["quantity is below 1"]


def test_a_replacement_has_a_number_of_its_own() -> None:
    assert [invoice_number(FERNHILL, 500, attempt) for attempt in (1, 2, 3)] == ["HF-500", "HF-500-2", "HF-500-3"]


@given(st.integers(1, 300), st.integers(0, 10**7), st.sampled_from(["0.00", "5.00", "20.00"]), st.data())
def test_an_invoice_never_asks_for_more_than_the_order_and_for_all_of_a_whole_one(
    quantity: int, net: int, rate: str, data: st.DataObject
) -> None:
    shipped = data.draw(st.integers(1, quantity))
    line = priced(quantity=quantity, subtotal=pennies(net), tax=None, total=None, tax_rate=rate)
    [made] = invoice(Delivered(dispatched=shipped), items=(line,)).lines
    assert made.quantity == shipped
    share = Decimal(net) / 100 * shipped / quantity
    assert abs(made.subtotal - share) <= (0 if shipped == quantity else Decimal("0.005") * shipped)
    assert abs(made.tax - made.subtotal * Decimal(rate) / 100) <= Decimal("0.005")
    assert abs(made.unit_price * quantity - Decimal(net) / 100) <= Decimal("0.005") * quantity


ODD = st.sampled_from([Decimal("1E-999999"), "99999999999999", [], {"uuid": UUID}])
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.decimals() | ODD
FIELDS = ["subtotal", "tax", "tax_rate", "total", "quantity", "name", "description", "retailer_sku_reference"]


@given(
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.dictionaries(st.sampled_from(["order_reference", "currency_code", "retailer_data"]), ANYTHING),
)
def test_hostile_orders_give_problems_and_never_exceptions(line: dict[str, object], order: dict[str, object]) -> None:
    result = make(items=(priced(**line),), **order)
    assert json.dumps(result.to_json()) if isinstance(result, Invoice) else why(result)
