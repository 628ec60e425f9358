"""What a retailer may see of a size."""

import pytest
from builders import CALDER, size
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.schema import Size
from integration.domain.stock import decide, is_urgent, publishable
from integration.rulebook import Stock

OURS = frozenset({1, 2})


def rule(**values: object) -> Stock:
    return CALDER.stock.model_copy(update=values)


def seen(offered: Size, **values: object) -> int:
    return publishable(offered, warehouses=OURS, rule=rule(**values))


def test_the_warehouses_of_the_market_are_added_up_and_others_are_not() -> None:
    assert seen(size((1, 5, None), (2, 3, None), (9, 100, None))) == 8


def test_a_threshold_is_kept_back_in_its_warehouse() -> None:
    assert seen(size((1, 5, 2), (2, 1, 3))) == 3


def test_an_offset_replaces_the_threshold_and_counts_in_every_warehouse() -> None:
    assert seen(size((1, 5, 1), (2, 9, 1), offset=4)) == 1 + 5


@pytest.mark.parametrize("offset", [0, -3, None])
def test_an_offset_that_is_not_positive_leaves_the_threshold_in_force(offset: int | None) -> None:
    assert seen(size((1, 5, 2), offset=offset)) == 3


def test_a_negative_threshold_offers_nothing_extra() -> None:
    assert seen(size((1, 5, -4))) == 5


def test_the_buffer_is_kept_back_once() -> None:
    assert seen(size((1, 5, None), (2, 5, None)), buffer=3) == 7
    assert seen(size((1, 2, None)), buffer=3) == 0


def test_below_the_floor_nothing_is_offered() -> None:
    assert seen(size((1, 4, None)), floor=5) == 0
    assert seen(size((1, 5, None)), floor=5) == 5


def test_the_ceiling_hides_how_much_there_is() -> None:
    assert seen(size((1, 500, None)), ceiling=50) == 50
    assert seen(size((1, 49, None)), ceiling=50) == 49


def test_an_inactive_size_is_sold_out() -> None:
    assert seen(size((1, 5, None), isActive=False)) == 0
    assert seen(size((1, 5, None), isActive=False, preorder=True), preorder="fixed", preorder_units=9) == 0


def test_a_preorder_size_follows_the_rule_of_the_retailer() -> None:
    preorder = size((1, 5, None), preorder=True)
    assert seen(preorder, preorder="none") == 0
    assert seen(preorder, preorder="as_stock") == 5
    assert seen(preorder, preorder="fixed", preorder_units=20) == 20


def test_a_size_in_stock_is_not_touched_by_the_preorder_rule() -> None:
    assert seen(size((1, 5, None)), preorder="fixed", preorder_units=20) == 5


QUANTITIES = st.integers(-10_000, 10_000)


@given(
    rows=st.lists(st.tuples(st.integers(1, 4), QUANTITIES, st.none() | QUANTITIES), max_size=5),
    offset=st.none() | QUANTITIES,
    active=st.booleans(),
    preorder=st.booleans(),
    values=st.fixed_dictionaries(
        {
            "buffer": st.integers(0, 100),
            "floor": st.integers(0, 100),
            "ceiling": st.none() | st.integers(0, 10_000),
            "preorder": st.sampled_from(["none", "as_stock"]),
        }
    ),
)
def test_what_is_offered_is_never_negative_and_never_above_what_the_warehouses_hold(
    rows: list[tuple[int, int, int | None]],
    offset: int | None,
    active: bool,
    preorder: bool,
    values: dict[str, object],
) -> None:
    offered = seen(size(*rows, offset=offset, isActive=active, preorder=preorder), **values)
    held = sum(max(0, free) for warehouse, free, _ in rows if warehouse in OURS)
    assert 0 <= offered <= held


def test_only_a_difference_is_sent() -> None:
    assert decide(3, None)
    assert decide(3, 4)
    assert not decide(3, 3)


@pytest.mark.parametrize(
    ("wanted", "agreed", "urgent"),
    [
        (0, 40, True),
        (0, 1, True),
        (5, 6, True),
        (6, 7, False),
        (5, 5, False),
        (5, 0, False),
        (4, 3, False),
        (0, None, False),
        (0, 0, False),
    ],
)
def test_a_change_is_urgent_when_it_falls_to_the_last_units(wanted: int, agreed: int | None, urgent: bool) -> None:
    assert is_urgent(wanted, agreed, last_units=5) is urgent
