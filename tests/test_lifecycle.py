"""Whatever is asked of a line in whatever order, what is over stays over, and an order always has one state."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.lifecycle import MOVES, OVER, LineState, OrderState, may_move, order_state


@dataclass(frozen=True)
class Line:
    """A line in brief."""

    state: LineState
    dispatched: int = 0


LINE = st.builds(Line, st.sampled_from(LineState), st.integers(0, 3))


def state(*lines: Line, placing: bool = False, placed: bool = False) -> OrderState:
    return order_state(lines, placing=placing, placed=placed)


@given(st.sampled_from(LineState), st.lists(st.sampled_from(LineState)))
def test_no_sequence_of_wishes_leads_out_of_a_state_that_is_over(here: LineState, wishes: list[LineState]) -> None:
    was_over = None
    for there in wishes:
        here = there if may_move(here, there) else here
        assert was_over in (None, here)
        was_over = here if here in OVER else None


def test_every_state_stands_in_the_table_and_no_move_leads_nowhere() -> None:
    assert set(MOVES) == set(LineState)
    assert [here for here, there in MOVES.items() if here in there] == []


@pytest.mark.parametrize("here", [LineState.ACKNOWLEDGED, LineState.BACKORDERED])
def test_what_the_retailer_was_told_is_never_taken_back(here: LineState) -> None:
    assert not may_move(here, LineState.RECEIVED)


@pytest.mark.parametrize("here", [each for each in LineState if each not in OVER])
def test_every_open_line_can_be_dispatched_and_cancelled(here: LineState) -> None:
    assert {LineState.DISPATCHED, LineState.CANCELLED} <= MOVES[here]


@given(st.lists(LINE), st.booleans(), st.booleans())
def test_whatever_its_lines_are_an_order_has_a_state_whatever_their_order(
    lines: list[Line], placing: bool, placed: bool
) -> None:
    found = order_state(lines, placing=placing, placed=placed)

    assert found == order_state(lines[::-1], placing=placing, placed=placed)
    over = found in (OrderState.DISPATCHED, OrderState.CANCELLED)
    assert over == (bool(lines) and all(line.state in OVER for line in lines))


@given(st.lists(st.sampled_from(LineState), min_size=1, max_size=4), st.booleans())
def test_an_order_never_moves_backwards_by_a_move_of_a_line(states: list[LineState], placed: bool) -> None:
    """Only a wish to cancel stands outside of the order of the others."""
    rank = [OrderState.RECEIVED, OrderState.PLACED, OrderState.BACKORDERED, OrderState.ACKNOWLEDGED]
    before = state(*map(Line, states), placed=placed)
    for place, there in product(range(len(states)), LineState):
        here = states[place]
        after = state(*map(Line, [*states[:place], there, *states[place + 1:]]), placed=placed)
        wishes = {here, there} & {LineState.CANCELLING, LineState.BACKORDERED}
        if may_move(here, there) and not wishes and before in rank and after in rank:
            assert rank.index(after) >= rank.index(before), (states, place, there)


def test_an_order_waits_for_the_least_advanced_of_its_lines() -> None:
    new, taken, late = Line(LineState.RECEIVED), Line(LineState.ACKNOWLEDGED), Line(LineState.BACKORDERED)
    wish, sent, gone = Line(LineState.CANCELLING), Line(LineState.DISPATCHED, 1), Line(LineState.CANCELLED)
    assert state(wish, new, sent) is OrderState.CANCELLING
    assert state(new, late, sent) is OrderState.RECEIVED
    assert state(new, taken, placing=True) is OrderState.PLACING
    assert state(new, taken, placing=True, placed=True) is OrderState.PLACED
    assert state(late, taken) is OrderState.BACKORDERED
    assert state(taken, sent, gone) is OrderState.ACKNOWLEDGED
    assert state(sent, gone) is OrderState.DISPATCHED
    assert state(gone, gone) is OrderState.CANCELLED


def test_a_cancelled_line_of_which_something_left_makes_a_dispatched_order() -> None:
    assert state(Line(LineState.CANCELLED, dispatched=1)) is OrderState.DISPATCHED


def test_an_order_without_lines_is_where_centra_is() -> None:
    assert state() is OrderState.RECEIVED
    assert state(placing=True) is OrderState.PLACING
    assert state(placed=True) is OrderState.PLACED
