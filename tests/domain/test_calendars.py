"""Promised days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import BOOK, CALDER, changed
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.calendars import (
    acknowledge_by,
    add_working_days,
    add_working_time,
    dispatch_by,
    end_of,
    first_working_day,
    local,
    promised_day,
    working_time,
)
from integration.rulebook import Calendar, Promise
from integration.rulebook.base import Weekday
from integration.rulebook.documents import ClosedDay

CALENDAR = BOOK.calendars["england-and-wales"]
EVERY_DAY = CALENDAR.model_copy(update={"working_days": tuple(Weekday)})
LONDON = ZoneInfo("Europe/London")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc, arg-type]


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


GOV_UK = {
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}
"""The bank holidays in England and Wales as gov.uk lists them, substitute days included."""


@pytest.mark.parametrize("year", GOV_UK)
def test_the_days_off_of_a_year_are_those_that_the_government_lists(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=count) for count in range(365 + (year == 2028)))
    off = [day for day in days if day.weekday() < 5 and not CALENDAR.is_working_day(day)]
    assert [f"{day:%m-%d}" for day in off] == GOV_UK[year].split()


def test_another_country_has_other_days_off() -> None:
    scotland = CALENDAR.model_copy(update={"subdivision": "SCT"})
    germany = CALENDAR.model_copy(update={"country": "DE", "subdivision": None})
    easter_monday, unity_day = date(2026, 4, 6), date(2025, 10, 3)
    assert [each.is_working_day(easter_monday) for each in (CALENDAR, scotland, germany)] == [False, True, False]
    assert [each.is_working_day(unity_day) for each in (CALENDAR, scotland, germany)] == [True, True, False]


def test_closed_days_come_on_top_of_bank_holidays() -> None:
    stocktaking = ClosedDay(day=date(2026, 12, 24), name="Stocktaking")
    closed = Calendar(country="GB", subdivision="ENG", working_days=tuple(Weekday), closed=(stocktaking,))
    days = [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 29)]
    assert [closed.day_off(day) for day in days] == ["Stocktaking", "Christmas Day", None]
    assert [closed.is_working_day(day) for day in days] == [False, False, True]
    assert CALENDAR.is_working_day(days[0])


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 20))
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


def test_a_cut_off_in_the_hour_that_comes_twice_is_passed_the_first_time() -> None:
    retailer = changed(CALDER, sla={"cut_off": "01:30"})
    before, after = london(2026, 10, 25, 1, 29), london(2026, 10, 25, 1, 29).replace(fold=1)
    assert first_working_day(retailer, EVERY_DAY, before) == date(2026, 10, 25)
    assert first_working_day(retailer, EVERY_DAY, after) == date(2026, 10, 26)


def test_the_cut_off_is_a_time_on_the_retailers_clock_in_summer_and_in_winter() -> None:
    for day in (date(2026, 3, 27), date(2026, 3, 30)):
        at = [datetime.combine(day, time(13, 59), LONDON), datetime.combine(day, time(14, 0), LONDON)]
        assert first_working_day(CALDER, CALENDAR, at[0].astimezone(UTC)) == day
        assert first_working_day(CALDER, CALENDAR, at[1].astimezone(UTC)) > day


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 7, 1), datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_on_the_retailers_clock(day: date, end: datetime) -> None:
    assert end_of(day, CALDER) == end
    assert f"{local(end, CALDER):%Y-%m-%d %H:%M}" == f"{day} 23:59"


@pytest.mark.parametrize(
    ("ordered", "due"),
    [
        (london(2026, 7, 1, 16, 0), london(2026, 7, 2, 16, 0)),
        (london(2026, 7, 3, 17, 0), london(2026, 7, 6, 17, 0)),  # Friday to Monday
        (london(2026, 7, 4, 11, 0), london(2026, 7, 7, 0, 0)),  # all of Monday
        (london(2026, 12, 24, 17, 0), london(2026, 12, 29, 17, 0)),  # Christmas, Boxing Day on the Monday
        (london(2026, 3, 27, 17, 0), london(2026, 3, 30, 17, 0)),  # the short Sunday is not counted at all
        (london(2026, 10, 23, 17, 0), london(2026, 10, 26, 17, 0)),
    ],
)
def test_hours_to_acknowledge_count_on_working_days_only(ordered: datetime, due: datetime) -> None:
    assert acknowledge_by(CALDER, CALENDAR, ordered.astimezone(UTC)) == due.astimezone(UTC)


def test_hours_to_acknowledge_are_true_hours_when_the_clocks_change() -> None:
    spring, autumn = london(2026, 3, 28, 17, 0), london(2026, 10, 24, 17, 0)
    assert local(acknowledge_by(CALDER, EVERY_DAY, spring), CALDER).replace(tzinfo=None) == datetime(2026, 3, 29, 18)
    assert local(acknowledge_by(CALDER, EVERY_DAY, autumn), CALDER).replace(tzinfo=None) == datetime(2026, 10, 25, 16)


def test_the_day_to_dispatch_counts_from_the_cut_off() -> None:
    assert dispatch_by(CALDER, CALENDAR, london(2026, 7, 2, 13, 0)) == date(2026, 7, 6)
    assert dispatch_by(CALDER, CALENDAR, london(2026, 7, 2, 16, 0)) == date(2026, 7, 7)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=9)))
def test_working_time_that_was_added_is_found_again(start: datetime, length: timedelta) -> None:
    for calendar in (CALENDAR, EVERY_DAY):
        end = add_working_time(CALDER, calendar, start, length)
        assert end >= start + length
        assert working_time(CALDER, calendar, start, end) == length


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
