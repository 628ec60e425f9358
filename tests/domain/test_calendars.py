"""Promised days."""

from datetime import UTC, date, datetime

import pytest
from builders import BOOK, CALDER
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.calendars import (
    acknowledge_by,
    add_working_days,
    dispatch_by,
    first_working_day,
    promised_day,
)
from integration.rulebook import Promise

CALENDAR = BOOK.calendars["england-and-wales"]


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        (date(2026, 7, 1), 0, date(2026, 7, 1)),
        (date(2026, 7, 4), 0, date(2026, 7, 6)),
        (date(2026, 7, 3), 1, date(2026, 7, 6)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2027, 12, 24), 1, date(2027, 12, 29)),
    ],
)
def test_weekends_and_bank_holidays_are_no_working_days(start: date, count: int, day: date) -> None:
    assert add_working_days(CALENDAR, start, count) == day


@given(st.dates(date(2026, 1, 1), date(2028, 11, 1)), st.integers(0, 20))
def test_a_promised_working_day_is_one_and_is_not_earlier(start: date, count: int) -> None:
    day = add_working_days(CALENDAR, start, count)
    assert CALENDAR.is_working_day(day)
    assert (day - start).days >= count


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 1, 12, 59, tzinfo=UTC), date(2026, 7, 1)),  # 13:59 in London, before the cut-off
        (datetime(2026, 7, 1, 13, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 7, 3, 23, 30, tzinfo=UTC), date(2026, 7, 6)),  # Saturday already in London
        (datetime(2026, 7, 5, 20, 0, tzinfo=UTC), date(2026, 7, 6)),  # a Sunday evening costs no further day
    ],
)
def test_an_order_after_the_cut_off_counts_as_the_next_working_days(moment: datetime, day: date) -> None:
    assert first_working_day(CALDER, CALENDAR, moment) == day


def test_deadlines_come_from_the_service_level() -> None:
    moment = datetime(2026, 7, 2, 15, 0, tzinfo=UTC)
    assert acknowledge_by(CALDER, moment) == datetime(2026, 7, 3, 15, 0, tzinfo=UTC)
    assert dispatch_by(CALDER, CALENDAR, moment) == date(2026, 7, 7)


def test_calendar_days_run_through_the_weekend_and_working_days_do_not() -> None:
    friday = date(2026, 7, 3)
    assert promised_day(Promise(days=2, count="calendar", promised_date=False), friday, CALENDAR) == date(2026, 7, 5)
    assert promised_day(Promise(days=2, count="working", promised_date=False), friday, CALENDAR) == date(2026, 7, 7)


def test_the_lines_own_promise_wins_only_where_the_profile_says_so() -> None:
    own, start = datetime(2026, 7, 20, 8, 0), date(2026, 7, 1)
    told = Promise(days=2, count="calendar", promised_date=True)
    untold = Promise(days=2, count="calendar", promised_date=False)
    assert promised_day(told, start, CALENDAR, line_promise=own) == date(2026, 7, 20)
    assert promised_day(told, start, CALENDAR, line_promise=None) == date(2026, 7, 3)
    assert promised_day(untold, start, CALENDAR, line_promise=own) == date(2026, 7, 3)


def test_a_calendar_that_runs_out_is_announced() -> None:
    assert BOOK.running_out(date(2028, 12, 31)) == []
    assert BOOK.running_out(date(2029, 1, 1)) == [
        "calendars.yaml: england-and-wales knows holidays until 2028-12-31 only; add the following year"
    ]
