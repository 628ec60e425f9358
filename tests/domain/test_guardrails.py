"""What looks like a mistake."""

from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from builders import CALDER
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.guardrails import is_mass, is_short, jump

RAILS = CALDER.guardrails.model_copy(update={"price_fall_percent": 50, "price_rise_percent": 100})
PRICES = st.decimals(min_value="0.0001", max_value="999999", places=4)
COUNTS = st.integers(0, 100_000)
PERCENTS = st.integers(0, 100)


def step(before: str, after: str) -> str | None:
    """Words for a step of one price."""
    return jump(Decimal(before), Decimal(after), RAILS)


def test_a_price_may_move_as_far_as_the_profile_allows() -> None:
    assert step("80.00", "40.00") is None
    assert step("80.00", "160.00") is None
    assert step("80.00", "80.00") is None


def test_a_fall_and_a_rise_too_far_are_told_with_their_numbers() -> None:
    assert step("79.00", "7.90") == "falls from 79.00 to 7.90, 90.0 % in one step where 50 % are allowed"
    assert step("79.00", "790.00") == "rises from 79.00 to 790.00, 900.0 % in one step where 100 % are allowed"


def test_falls_and_rises_have_shares_of_their_own() -> None:
    assert step("10.00", "19.00") is None
    assert step("19.00", "5.00") is not None


def test_a_step_that_is_hardly_too_far_never_reads_as_one_that_is_allowed() -> None:
    assert step("1000.00", "499.99") == "falls from 1000.00 to 499.99, 50.1 % in one step where 50 % are allowed"


@pytest.mark.parametrize("before", ["0", "-5.00"])
def test_where_there_was_no_price_there_is_no_step(before: str) -> None:
    assert step(before, "500.00") is None


def test_a_share_of_nothing_stops_every_step_and_a_share_of_all_every_fall_of_none() -> None:
    strict = RAILS.model_copy(update={"price_fall_percent": 0, "price_rise_percent": 0})
    loose = RAILS.model_copy(update={"price_fall_percent": 100})

    assert jump(Decimal("10.00"), Decimal("10.00"), strict) is None
    assert jump(Decimal("10.00"), Decimal("9.99"), strict) is not None
    assert jump(Decimal("10.00"), Decimal("10.01"), strict) is not None
    assert jump(Decimal("10.00"), Decimal("0.01"), loose) is None


@given(before=PRICES, after=PRICES)
def test_a_step_is_too_far_exactly_where_it_leaves_the_allowed_band(before: Decimal, after: Decimal) -> None:
    assert (jump(before, after, RAILS) is None) == (before / 2 <= after <= before * 2)


def test_the_sentence_is_the_same_whatever_rounding_the_caller_works_with() -> None:
    with localcontext(rounding=ROUND_DOWN):
        assert step("1000.00", "499.99") == "falls from 1000.00 to 499.99, 50.1 % in one step where 50 % are allowed"
        assert f"{Decimal('0.19'):.1f}" == "0.1", "the caller's own rounding is left alone"


def test_a_mass_is_more_than_the_share_and_never_fewer_than_the_least() -> None:
    assert not is_mass(300, 1000, percent=30, least=50)
    assert is_mass(301, 1000, percent=30, least=50)
    assert not is_mass(49, 49, percent=30, least=50)
    assert is_mass(50, 50, percent=30, least=50)


def test_where_nothing_is_live_any_mass_is_a_mass() -> None:
    assert is_mass(50, 0, percent=100, least=50)


@given(moves=COUNTS, live=COUNTS, percent=PERCENTS, least=st.integers(1, 1000))
def test_one_more_move_never_makes_a_mass_less_of_one(moves: int, live: int, percent: int, least: int) -> None:
    assert is_mass(moves, live, percent, least) <= is_mass(moves + 1, live, percent, least)


def test_a_reading_is_short_below_the_share_of_the_one_before() -> None:
    assert is_short(799, 1000, percent=80)
    assert not is_short(800, 1000, percent=80)
    assert is_short(0, 1, percent=1)


@given(rows=COUNTS, percent=PERCENTS)
def test_a_reading_as_long_as_the_one_before_is_never_short(rows: int, percent: int) -> None:
    assert not is_short(rows, rows, percent)
    assert not is_short(rows, 0, percent)
