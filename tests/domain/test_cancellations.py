"""Whether units leave an order is decided by what Centra shows of them, and never for a unit that is in a shipment."""

from collections.abc import Mapping

import pytest
from builders import PlacedLine, line, shipment
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.schema import Order, OrderLine
from integration.domain.cancellations import (
    asks_for_part,
    cancelled_units,
    is_unsettled,
    settle,
    short_units,
    wanted_units,
)
from integration.lifecycle import LineState

ASKED = {"state": LineState.CANCELLING}


def centra(
    units: Mapping[int, int], shipped: Mapping[int, int] | None = None, status: str = "CONFIRMED",
    cancelled: int = 0, allocated: int | None = None,
) -> Order:
    """The order in Centra: units by Centra line, and those of them that are in a shipment."""
    rows = tuple(
        OrderLine(id=number, quantity=count, cancelled_quantity=cancelled, allocated=allocated)
        for number, count in units.items()
    )
    sent = (shipment(dict(shipped)),) if shipped else ()
    return Order(id="hash", number=1200, status=status, lines=rows, shipments=sent)


def test_a_whole_line_is_cancelled_and_the_order_with_its_last_line() -> None:
    found = settle([line("1", 2, **ASKED), line("2", 1)], centra({10: 2, 20: 1}))
    assert (found.cancel, found.whole_order, found.agreed, found.ships) == ({10: 2}, False, {"1": 2}, ())

    found = settle([line("1", 2, **ASKED), line("2", 1, **ASKED)], centra({10: 2, 20: 1}))
    assert (found.cancel, found.whole_order, found.agreed) == ({10: 2, 20: 1}, True, {"1": 2, "2": 1})


def test_some_units_of_a_line_are_cancelled_where_the_retailer_asks_for_some() -> None:
    found = settle([line("1", 3, cancel_asked=1, **ASKED)], centra({10: 3}))
    assert (found.cancel, found.whole_order, found.agreed) == ({10: 1}, False, {"1": 1})


def test_units_in_a_shipment_ship_whether_it_has_left_or_not() -> None:
    found = settle([line("1", 2, **ASKED)], centra({10: 2}, shipped={10: 2}))
    assert (found.cancel, found.agreed, found.ships) == ({}, {}, ("1",))


def test_of_a_line_of_which_some_left_the_rest_is_cancelled() -> None:
    found = settle([line("1", 3, dispatched=1, **ASKED)], centra({10: 3}, shipped={10: 1}))
    assert (found.cancel, found.whole_order, found.agreed, found.ships) == ({10: 2}, False, {"1": 2}, ())


def test_a_line_of_which_the_retailer_has_not_heard_that_some_left_waits_until_it_has() -> None:
    found = settle([line("1", 3, **ASKED)], centra({10: 3}, shipped={10: 1}))
    assert (found.cancel, found.agreed, found.ships) == ({}, {}, ("1",))


def test_what_staff_cancelled_already_is_not_cancelled_again() -> None:
    found = settle([line("1", 3, **ASKED)], centra({10: 1}, cancelled=2))
    assert (found.cancel, found.agreed) == ({10: 1}, {"1": 3})

    found = settle([line("1", 3, **ASKED)], centra({10: 3}, status="CANCELLED"))
    assert (found.cancel, found.whole_order, found.agreed) == ({}, False, {"1": 3})


def test_units_cancelled_for_an_earlier_wish_do_not_answer_a_new_one() -> None:
    found = settle([line("1", 3, cancelled=1, cancel_asked=1, **ASKED)], centra({10: 2}, cancelled=1))
    assert (found.cancel, found.agreed) == ({10: 1}, {"1": 1})


def test_lines_that_nobody_asks_to_cancel_stay() -> None:
    assert settle([line("1", 2)], centra({10: 2})).cancel == {}


def test_a_line_that_was_left_out_when_the_order_was_placed_is_agreed_without_a_call() -> None:
    left_out = PlacedLine("1", "PN1", 2, 0, None, centra_cancelled=2, **ASKED)
    found = settle([left_out, line("2", 1)], centra({20: 1}))
    assert (found.cancel, found.agreed) == ({}, {"1": 2})


def test_a_line_nobody_can_find_in_centra_is_not_called_cancelled() -> None:
    assert settle([line("1", 2, **ASKED)], centra({99: 2})).agreed == {}


def test_what_was_cancelled_and_acknowledged_in_the_portal_is_cancelled_in_centra_too() -> None:
    gone = line("1", 2, cancelled=2, state=LineState.CANCELLED)
    found = settle([gone, line("2", 1)], centra({10: 2, 20: 1}))
    assert (found.cancel, found.agreed) == ({10: 2}, {}), "the retailer has its answer"
    assert settle([gone, line("2", 1)], centra({10: 0, 20: 1}, cancelled=2)).cancel == {}


@pytest.mark.parametrize(("more", "unsettled"), [
    ({"state": LineState.CANCELLING}, True),
    ({"state": LineState.CANCELLED, "cancelled": 2}, True),
    ({"state": LineState.CANCELLED, "cancelled": 2, "centra_cancelled": 2}, False),
    ({"state": LineState.ACKNOWLEDGED, "centra_cancelled": 2}, False),
])  # fmt: skip
def test_a_line_is_unsettled_while_the_retailer_waits_or_centra_holds_units_that_are_gone(
    more: dict[str, object], unsettled: bool
) -> None:
    assert is_unsettled(line("1", 2, **more)) is unsettled


def test_a_retailer_asks_for_part_only_where_it_keeps_units() -> None:
    assert [asks_for_part(line("1", 3, cancel_asked=asked, **ASKED)) for asked in (None, 1, 3)] == [False, True, False]
    assert not asks_for_part(line("1", 3, cancel_asked=1))


def test_units_that_centra_has_no_stock_for_are_neither_allocated_nor_shipped() -> None:
    made = centra({10: 5}, shipped={10: 1}, allocated=2)
    assert short_units(line("1", 5), made.lines[0], made) == 2
    assert short_units(line("1", 5, dispatched=4), made.lines[0], made) == 1, "never more than are open"


def test_where_allocations_are_not_shown_nothing_counts_as_short() -> None:
    made = centra({10: 5})
    assert short_units(line("1", 5), made.lines[0], made) == 0


UNITS = st.integers(0, 9)


@given(UNITS, UNITS, UNITS, UNITS, st.none() | st.integers(1, 9), st.booleans())
def test_never_is_a_unit_cancelled_that_is_in_a_shipment_and_never_more_than_asked(
    ordered: int, shipped: int, gone: int, dispatched: int, asked: int | None, all_gone: bool
) -> None:
    gone = min(gone, ordered)
    packed, sent = min(shipped, ordered - gone), min(dispatched, shipped, ordered - gone)
    ours = line("1", ordered, dispatched=sent, cancel_asked=asked, **ASKED)
    status = "CANCELLED" if all_gone else "CONFIRMED"
    made = centra({10: ordered - gone}, shipped={10: packed} if packed else None, status=status, cancelled=gone)

    found = settle([ours], made)

    cancel = found.cancel.get(10, 0)
    assert 0 <= cancel <= ordered - gone - packed
    assert found.agreed.get("1", 0) in (0, wanted_units(ours))
    assert not (found.agreed and found.ships)
    if found.agreed:
        assert cancelled_units(ours, made.lines[0], made) + cancel >= wanted_units(ours)
