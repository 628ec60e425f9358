"""A return only ever goes forwards, fits its order or says why not, and is matched with the right goods."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain import returns
from integration.domain.returns import MOVES, OVER, STATES, ReturnState, may_move, misfit, pairs
from integration.virtualstock.schema import Status

NOW = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    id: str
    quantity: int = 1
    line_reference: str = "1"
    state: ReturnState = ReturnState.ASKED
    centra_return_id: int | None = None


@dataclass(frozen=True)
class Line:
    line_reference: str = "1"
    dispatched: int = 2
    centra_line_id: int | None = 71


@dataclass(frozen=True)
class Came:
    id: int
    units: dict[int, int]
    completed_at: datetime | None = None


# Moves


@given(st.lists(st.sampled_from(list(ReturnState)), max_size=30))
def test_whatever_is_asked_a_return_that_was_decided_stays_as_it_is(asked: list[ReturnState]) -> None:
    state, decided = ReturnState.ASKED, OVER - {ReturnState.WITHDRAWN}
    for there in asked:
        before = state
        state = there if may_move(state, there) else state
        assert before not in decided or state is before


@given(st.lists(st.sampled_from(list(ReturnState)), max_size=30))
def test_whatever_is_asked_a_return_that_is_not_withdrawn_never_goes_back(asked: list[ReturnState]) -> None:
    rank = {each: place for place, each in enumerate(ReturnState)}
    state = ReturnState.ASKED
    for there in asked:
        if may_move(state, there):
            assert rank[there] > rank[state] or state is ReturnState.WITHDRAWN
            state = there


def test_every_state_has_its_moves_and_every_return_status_its_state() -> None:
    assert set(MOVES) == set(ReturnState)
    assert set(STATES) == {status for status in Status if status.startswith("RMA")}


def test_every_open_return_can_be_decided_and_withdrawn() -> None:
    assert all(MOVES[state] >= OVER for state in ReturnState if state not in OVER)


@pytest.mark.parametrize("state", [ReturnState.AUTHORISED, ReturnState.COLLECTING, *sorted(OVER)])
def test_an_old_reading_does_not_ask_again_to_authorise(state: ReturnState) -> None:
    assert not returns.is_to_authorise(state, Status.RMA)


def test_goods_that_come_back_unasked_still_want_an_authorisation() -> None:
    assert returns.is_to_authorise(ReturnState.BACK, Status.RMA_ACK)
    assert not returns.is_to_authorise(ReturnState.BACK, Status.RMA_AUTHORISED)


# Reading the list


def test_without_open_returns_the_list_is_read_from_yesterday_with_a_margin() -> None:
    assert returns.listed_from([], NOW, NOW) == date(2026, 7, 7)
    assert returns.listed_from([], None, NOW) == date(2026, 7, 7)


def test_the_oldest_open_return_and_the_last_reading_reach_further_back() -> None:
    asked = [NOW - timedelta(days=20), NOW - timedelta(days=9)]

    assert returns.listed_from(asked, NOW, NOW) == date(2026, 6, 18)
    assert returns.listed_from([], NOW - timedelta(days=30), NOW) == date(2026, 6, 8)


def test_the_list_is_never_read_without_an_end() -> None:
    assert returns.listed_from([], NOW - timedelta(days=900), NOW) == (NOW - returns.LONGEST).date() - returns.MARGIN


def test_days_are_those_of_the_platform() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 2 July, 0:30 in the UK

    assert returns.listed_from([late], NOW, NOW) == date(2026, 6, 30)


def test_a_stamp_is_the_time_of_the_uk() -> None:
    assert returns.asked_at(datetime(2026, 7, 1, 12, 0), NOW) == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)
    assert returns.asked_at(datetime(2026, 1, 2, 12, 0), NOW) == datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [None, datetime(2027, 1, 1)])
def test_a_stamp_that_is_missing_or_not_yet_true_is_now(stamp: datetime | None) -> None:
    assert returns.asked_at(stamp, NOW) == NOW


# Fitting the order


def test_a_return_of_what_was_dispatched_fits() -> None:
    row = Row("a", 2)
    assert misfit(row, [Line()], [row]) is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (Row("a", 1, "9"), "the order has no line 9"),
        (Row("a", 1, ""), "the order has no line without a reference"),
        (Row("a", 0), "it does not tell how many units of line 1"),
        (Row("a", 3), "3 units of line 1, where 2 were dispatched"),
    ],
)
def test_a_return_that_does_not_fit_says_why(row: Row, why: str) -> None:
    assert misfit(row, [Line()], [row]) == why


def test_units_cannot_come_back_twice_and_the_older_return_has_them() -> None:
    first, second = Row("a", 2), Row("b", 1)

    assert misfit(first, [Line()], [first, second]) is None
    assert misfit(second, [Line()], [first, second]) == (
        "1 units of line 1 and 2 in older returns, where 2 were dispatched"
    )


@pytest.mark.parametrize("state", [ReturnState.DECLINED, ReturnState.WITHDRAWN])
def test_units_that_stayed_with_the_customer_can_be_returned_again(state: ReturnState) -> None:
    first, second = Row("a", 2, state=state), Row("b", 2)
    assert misfit(second, [Line()], [first, second]) is None


# Meeting Centra


def test_a_return_meets_the_one_of_its_line_and_quantity() -> None:
    rows = [Row("a", 2), Row("b", 1), Row("c", 1, "2")]
    lines = [Line(), Line("2", 1, 72)]

    assert pairs(rows, lines, [Came(9, {71: 1}), Came(10, {72: 1})]) == {"b": 9, "c": 10}


def test_of_equal_returns_the_oldest_comes_first() -> None:
    assert pairs([Row("a"), Row("b")], [Line()], [Came(9, {71: 1})]) == {"a": 9}
    assert pairs([Row("a"), Row("b")], [Line()], [Came(9, {71: 1}), Came(10, {71: 1})]) == {"a": 9, "b": 10}


def test_two_returns_may_be_taken_back_as_one() -> None:
    assert pairs([Row("a"), Row("b")], [Line()], [Came(9, {71: 2})]) == {"a": 9, "b": 9}


def test_what_is_matched_is_not_matched_again() -> None:
    rows = [Row("a", centra_return_id=9), Row("b")]
    assert pairs(rows, [Line()], [Came(9, {71: 1})]) == {}


def test_fewer_units_than_asked_are_matched_only_when_no_better_return_can_come() -> None:
    rows = [Row("a", 2)]

    assert pairs(rows, [Line()], [Came(9, {71: 1})]) == {}
    assert pairs(rows, [Line()], [Came(9, {71: 1}, NOW)]) == {"a": 9}


@pytest.mark.parametrize("state", [ReturnState.DECLINED, ReturnState.WITHDRAWN])
def test_a_return_that_is_off_is_matched_with_nothing(state: ReturnState) -> None:
    assert pairs([Row("a", state=state)], [Line()], [Came(9, {71: 1})]) == {}


def test_a_line_that_never_came_to_centra_is_matched_with_nothing() -> None:
    assert pairs([Row("a"), Row("b", 1, "9")], [Line(centra_line_id=None)], [Came(9, {71: 1})]) == {}


UNITS = st.integers(1, 4)


@given(st.lists(UNITS, max_size=5), st.lists(st.tuples(UNITS, st.booleans()), max_size=5))
def test_matching_is_stable_and_takes_no_more_units_than_came(asked: list[int], came: list[tuple[int, bool]]) -> None:
    rows = [Row(f"r{place}", count) for place, count in enumerate(asked)]
    in_centra = [Came(place + 1, {71: count}, NOW if done else None) for place, (count, done) in enumerate(came)]

    found = pairs(rows, [Line()], in_centra)

    for each in in_centra:
        mine = [row.quantity for row in rows if found.get(row.id) == each.id]
        assert sum(mine) <= each.units[71] or (len(mine) == 1 and each.completed_at)
    linked = [replace(row, centra_return_id=found.get(row.id)) for row in rows]
    again = pairs(linked, [Line()], in_centra)
    assert not set(again) & set(found)
