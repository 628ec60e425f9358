"""Prices of order lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.prices import LinePrice, line_price
from integration.virtualstock.schema import OrderItem


def priced(quantity: int = 2, basis: str = "included", **fields: object) -> LinePrice | str:
    return line_price(OrderItem.parse(fields), quantity, basis)


def test_the_total_is_what_is_paid() -> None:
    assert priced(total="12.00") == LinePrice(Decimal("12.00"), Decimal("6.00"), Decimal("0.00"))


def test_subtotal_and_tax_stand_in_for_a_missing_total() -> None:
    assert priced(subtotal="10.00", tax="2.00") == priced(total="12.00")


def test_a_pricelist_without_tax_gets_the_unit_price_without_tax() -> None:
    expected = LinePrice(Decimal("12.00"), Decimal("5.00"), Decimal("0.00"))
    assert priced(basis="excluded", total="12.00", subtotal="10.00") == expected


def test_the_price_without_tax_can_be_had_from_total_and_tax() -> None:
    expected = LinePrice(Decimal("12.00"), Decimal("5.00"), Decimal("0.00"))
    assert priced(basis="excluded", total="12.00", tax="2.00") == expected


def test_odd_pennies_are_kept_as_remainder() -> None:
    assert priced(quantity=3, total="9.97") == LinePrice(Decimal("9.97"), Decimal("3.32"), Decimal("0.01"))


def test_a_price_of_nothing_is_a_price() -> None:
    assert priced(total="0.00") == LinePrice(Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "neither a total nor"),
        ({"subtotal": "10.00"}, "neither a total nor"),
        ({"tax": "2.00"}, "neither a total nor"),
        ({"unit_cost_price": "5.00"}, "neither a total nor"),
        ({"total": "-1.00"}, "negative"),
        ({"total": "10.005"}, "whole pennies"),
        ({"total": "1000000.00"}, "above any real order"),
    ],
)
def test_a_price_that_is_missing_or_absurd_is_not_invented(fields: dict[str, object], why: str) -> None:
    reason = line_price(OrderItem.parse(fields), 2, "included")
    assert isinstance(reason, str)
    assert why in reason


def test_a_total_alone_gives_no_price_without_tax() -> None:
    assert priced(basis="excluded", total="12.00") == "it has no price without tax"


@given(st.integers(0, 10**8 - 1), st.integers(1, 100_000))
def test_units_and_remainder_are_the_line_to_the_penny(paid: int, quantity: int) -> None:
    amount = Decimal(paid) / 100
    price = line_price(OrderItem(total=amount), quantity, "included")
    assert isinstance(price, LinePrice)
    assert price.unit_price * quantity + price.remainder == amount
    assert 0 <= price.remainder < Decimal(quantity) / 100
