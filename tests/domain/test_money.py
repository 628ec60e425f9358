"""Amounts that contradict each other, and those that do not."""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from builders import CALDER, changed, draft, item, pennies, raw_order
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.money import disagreements
from integration.virtualstock.schema import Order

Raw = dict[str, object]


def found(*items: Raw, **fields: object) -> list[str]:
    return disagreements(Order.parse(raw_order(*items, **fields)))


def priced(quantity: int = 2, reference: str = "1", **changes: object) -> Raw:
    """A line of 5.00 a unit and 20 % tax with all of its amounts, of which `changes` replace some."""
    amounts = {
        "unit_cost_price": "5.00", "subtotal": pennies(500 * quantity), "tax_rate": "20.00",
        "tax": pennies(100 * quantity), "total": pennies(600 * quantity),
    }  # fmt: skip
    return item(reference, quantity) | amounts | changes


def test_an_order_whose_amounts_agree_is_fine() -> None:
    assert found(priced(), priced(1, "2"), subtotal="15.00", tax="3.00", total="18.00") == []


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"total": "13.00"}, ["line 1: 10.00 + 2.00 = 12.00, total says 13.00"]),
        ({"subtotal": "13.00", "tax": None, "unit_cost_price": None, "tax_rate": None},
         ["line 1: total 12.00 is less than subtotal 13.00"]),
        ({"unit_cost_price": "6.00"}, ["line 1: 2 × 6.00 = 12.00, subtotal says 10.00"]),
        ({"unit_cost_price": "6.00", "subtotal": None}, ["line 1: 2 × 6.00 = 12.00, total less tax is 10.00"]),
        ({"unit_cost_price": "5.0125"}, ["line 1: 2 × 5.0125 = 10.025, subtotal says 10.00"]),
        ({"tax": "0.00", "total": "10.00"}, ["line 1: 20.00 % of 10.00 = 2.00, tax says 0.00"]),
        ({"tax_rate": "0.00"}, ["line 1: 0.00 % of 10.00 = 0.00, tax says 2.00"]),
        ({"tax": None, "total": "10.00"}, ["line 1: 20.00 % of 10.00 = 2.00, total less subtotal is 0.00"]),
        ({"subtotal": None, "tax": None, "total": "10.00"},
         ["line 1: 2 × 5.00 + 20.00 % = 12.00, total says 10.00"]),
        ({"subtotal": None, "tax": None, "tax_rate": None, "total": "9.00"},
         ["line 1: 2 × 5.00 = 10.00 without tax, total says 9.00"]),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_itself_is_shown_as_arithmetic(changes: Raw, sentences: list[str]) -> None:
    assert found(priced(**changes)) == sentences


def test_every_contradiction_of_an_order_is_shown() -> None:
    sentences = found(
        priced(total="12.50"), priced(1, "2", line_reference=None, unit_cost_price="7.00"), subtotal="15.00", tax="3.50"
    )
    assert sentences == [
        "line 1: 10.00 + 2.00 = 12.00, total says 12.50",
        "line (no reference): 1 × 7.00 = 7.00, subtotal says 5.00",
        "lines 2.00 + 1.00 = 3.00, order tax says 3.50",
    ]


@pytest.mark.parametrize("missing", [["total"], ["subtotal"], ["tax"], ["unit_cost_price"], ["tax_rate"], ["quantity"]])
@pytest.mark.parametrize("also", [[], ["subtotal", "tax"], ["subtotal", "tax", "total"], ["subtotal", "tax_rate"]])
def test_what_is_absent_is_not_wrong(missing: list[str], also: list[str]) -> None:
    assert found(priced() | dict.fromkeys(missing + also), total="12.00") == []


@pytest.mark.parametrize(
    ("quantity", "subtotal", "unit"),
    [(3, "9.97", "3.32"), (3, "9.97", "3.3233"), (2, "9.99", "5.00"), (2, "9.99", "4.99"), (1, "5", "5")],
)
def test_a_unit_price_may_have_been_rounded(quantity: int, subtotal: str, unit: str) -> None:
    assert found(item(quantity=quantity, total=None, subtotal=subtotal, unit_cost_price=unit)) == []


@pytest.mark.parametrize(
    ("tax", "wrong"), [("0.59", False), ("0.60", False), ("0.61", False), ("0.62", True), ("0.57", True)]
)
def test_a_tax_may_be_rounded_by_line_or_by_unit_and_no_further(tax: str, wrong: bool) -> None:
    line = item(quantity=3, total=None, subtotal="2.97", tax=tax, tax_rate="20.00")  # 0.594 exactly
    assert bool(found(line)) == wrong


def test_the_orders_totals_are_those_of_its_lines() -> None:
    assert found(item("1", total="12.00"), item("2", total="8.50"), total="21.00") == [
        "lines 12.00 + 8.50 = 20.50, order total says 21.00"
    ]
    many = [item(str(number), total="1.00") for number in range(9)]
    assert found(*many, total="8.00") == ["9 lines together = 9.00, order total says 8.00"]


def test_the_orders_own_amounts_must_add_up_even_when_the_lines_say_nothing() -> None:
    silent = item(total=None)
    assert found(silent, subtotal="10.00", tax="2.00", total="13.00") == [
        "order: 10.00 + 2.00 = 12.00, total says 13.00"
    ]
    assert found(silent, total="13.00") == []


@pytest.mark.parametrize("gone", [{"status": "CANCEL_ACK"}, {"status": "CANCEL"}, {"status": "DISPATCH"}])
@pytest.mark.parametrize(("total", "fine"), [("12.00", True), ("20.00", True), ("19.00", False)])
def test_a_line_that_is_left_out_may_or_may_not_be_in_the_totals(gone: Raw, total: str, fine: bool) -> None:
    assert (found(item("1"), item("2", 1, "8.00", **gone), total=total) == []) == fine


@pytest.mark.parametrize("cancelled", ["CANCEL", "CANCEL_ACK"])
def test_dispatched_lines_may_count_while_cancelled_ones_do_not(cancelled: str) -> None:
    lines = item("1"), item("2", total="8.00", status="DISPATCH"), item("3", total="5.00", status=cancelled)
    assert found(*lines, total="20.00") == []
    assert found(*lines, total="17.00") != []


def test_one_reading_of_the_order_must_fit_all_of_its_totals() -> None:
    lines = priced(1, "1"), priced(1, "2", status="CANCEL_ACK")
    assert found(*lines, subtotal="5.00", tax="1.00", total="6.00") == []
    assert found(*lines, subtotal="10.00", tax="2.00", total="12.00") == []
    assert found(*lines, subtotal="5.00", tax="2.00") != []


def test_nothing_is_asked_of_a_line_that_is_left_out() -> None:
    contradiction = priced(0, "2", subtotal="9.00", tax="1.00", total="4.00", unit_cost_price="1.00")
    assert found(item("1"), contradiction, total="12.00") == []
    assert found(contradiction, total="99.00") == []


def test_a_line_of_no_units_without_amounts_costs_nothing() -> None:
    assert found(item("1"), item("2", 0, None), total="12.00") == []
    assert found(item("1"), item("2", 0, None), total="13.00") != []


ROUNDINGS = st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN])
RATES = st.sampled_from(["0.00", "5.00", "20.00", "13.50"])
LINES = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 10**6), RATES), min_size=1, max_size=5)
PENNY = Decimal("0.01")


def correct(lines: list[tuple[int, int, str]], tax_of: Callable[[int, int, str], Decimal]) -> dict[str, object]:
    """An order of (quantity, pennies a unit, rate) lines that tells every amount."""
    rows, subtotals, taxes = [], Decimal(), Decimal()
    for number, (quantity, unit, rate) in enumerate(lines):
        subtotal, tax = Decimal(unit * quantity) / 100, tax_of(quantity, unit, rate)
        amounts = {"unit_cost_price": pennies(unit), "subtotal": str(subtotal), "tax": str(tax), "tax_rate": rate}
        rows.append(item(str(number), quantity, str(subtotal + tax), **amounts))
        subtotals, taxes = subtotals + subtotal, taxes + tax
    return raw_order(*rows, subtotal=str(subtotals), tax=str(taxes), total=str(subtotals + taxes))


def by_line(rounding: str) -> Callable[[int, int, str], Decimal]:
    return lambda quantity, unit, rate: (Decimal(unit * quantity) * Decimal(rate) / 10000).quantize(PENNY, rounding)


def by_unit(quantity: int, unit: int, rate: str) -> Decimal:
    return (Decimal(unit) * Decimal(rate) / 10000).quantize(PENNY, ROUND_HALF_UP) * quantity


@given(LINES, ROUNDINGS.map(by_line) | st.just(by_unit), st.sampled_from(["included", "excluded"]))
def test_a_correct_order_is_placed_with_the_retailers_money(
    lines: list[tuple[int, int, str]], tax_of: Callable[[int, int, str], Decimal], basis: str
) -> None:
    order = correct(lines, tax_of)
    made = draft(order, changed(CALDER, prices={"tax": basis}))
    in_centra = sum(line.unit_price * line.quantity for line in made.lines) + made.shipping_value
    assert in_centra == Decimal(str(order["total" if basis == "included" else "subtotal"]))
    assert made.total == Decimal(str(order["total"]))


@given(LINES, st.data())
def test_any_single_amount_that_is_changed_is_found(lines: list[tuple[int, int, str]], data: st.DataObject) -> None:
    order = correct(lines, by_line(ROUND_HALF_UP))
    rows = order["items"]
    assert isinstance(rows, list)
    where = data.draw(st.sampled_from([order, *rows]), label="where")
    amounts = [name for name in ("unit_cost_price", "subtotal", "tax", "total") if name in where]
    name = data.draw(st.sampled_from(amounts), label="amount")
    change = data.draw(st.integers(1, 10**5).flatmap(lambda size: st.sampled_from([size, -size])), label="pennies")
    where[name] = str(Decimal(str(where[name])) + Decimal(change) / 100)
    assert disagreements(Order.parse(order))


@given(LINES, st.integers(0, 4), st.sampled_from([Decimal(-2), Decimal(2)]))
def test_another_tax_rate_is_found_once_it_matters(
    lines: list[tuple[int, int, str]], which: int, change: Decimal
) -> None:
    order = correct(lines, by_line(ROUND_HALF_UP))
    rows = order["items"]
    assert isinstance(rows, list)
    row = rows[which % len(rows)]
    row["tax_rate"] = str(Decimal(row["tax_rate"]) + change)
    matters = Decimal(row["subtotal"]) * 2 / 100 > Decimal("0.03") * row["quantity"]
    assert bool(disagreements(Order.parse(order))) or not matters


AMOUNTS = st.none() | st.decimals() | st.floats() | st.sampled_from([Decimal("1E-999999"), "99999999999999", "-0"])
FIGURES = st.sampled_from(["unit_cost_price", "subtotal", "tax", "tax_rate", "total"])


@given(st.dictionaries(FIGURES, AMOUNTS), st.dictionaries(FIGURES, AMOUNTS), st.integers(0, 10**14) | st.none())
def test_no_amount_is_so_odd_that_it_breaks_the_check(order: Raw, line: Raw, quantity: int | None) -> None:
    assert all(len(sentence) < 300 for sentence in found(item(quantity=quantity) | line, item("2") | line, **order))
