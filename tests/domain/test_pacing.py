"""Thousands of pieces of work come due little by little, in their order, and none is forgotten."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from integration.domain.pacing import lasts, pace, spread
from integration.lanes import Lane
from integration.policy import RELEASE_HANDFUL, RELEASE_SHARE

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
counts = st.integers(0, 3_000)
paces = st.floats(0.01, 50)


@given(counts, paces)
def test_every_piece_comes_due_once_and_in_order(count: int, per_second: float) -> None:
    handfuls = list(spread(range(count), NOW, per_second))

    assert [piece for _, some in handfuls for piece in some] == list(range(count))
    assert [due_at for due_at, _ in handfuls] == sorted(due_at for due_at, _ in handfuls)


@given(counts, paces)
def test_no_more_come_due_than_the_pace_and_one_handful_allow(count: int, per_second: float) -> None:
    done = 0
    for due_at, some in spread(range(count), NOW, per_second):
        done += len(some)
        assert done <= (due_at - NOW + timedelta(microseconds=1)).total_seconds() * per_second + RELEASE_HANDFUL


def test_a_handful_comes_due_at_once() -> None:
    assert list(spread(range(RELEASE_HANDFUL), NOW, 0.01)) == [(NOW, range(RELEASE_HANDFUL))]


@given(st.integers(1, 3_000), paces)
def test_the_foreseen_minutes_are_those_of_the_last_piece(count: int, per_second: float) -> None:
    *_, (last, _) = spread(range(count), NOW, per_second)

    assert abs((last - NOW).total_seconds() / 60 - lasts(count, per_second)) < 0.001


def test_nothing_lasts_no_time() -> None:
    assert lasts(0, 1.0) == 0


def test_bulk_is_slower_in_a_lane_that_leaves_more_of_its_quota_untouched() -> None:
    found = [pace(250, 60, lane) for lane in Lane]

    assert found == sorted(found, reverse=True)
    assert found[0] == RELEASE_SHARE * 250 / 60
    assert found[-1] > 0
