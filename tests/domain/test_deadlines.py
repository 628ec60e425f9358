"""Clocks that run on an order or a return."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import BOOK, CALDER, changed
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.deadlines import MARKS, Clock, Deadline, deadline, marks, marks_passed, next_mark
from integration.rulebook import Calendar, Retailer
from integration.rulebook.base import Weekday
from integration.rulebook.documents import ClosedDay

CALENDAR = BOOK.calendars["england-and-wales"]
EVERY_DAY = CALENDAR.model_copy(update={"working_days": tuple(Weekday)})
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59, 999999), timezones=st.just(UTC))
CALENDARS = st.sampled_from([CALENDAR, EVERY_DAY])
RETAILERS = st.builds(
    lambda zone, hours, days, cut_off, returns: changed(
        CALDER,
        sla={"acknowledge_hours": hours, "dispatch_days": days, "cut_off": cut_off},
        returns={"authorise_days": returns, "decide_days": returns},
    ).model_copy(update={"timezone": zone}),
    st.sampled_from(["Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo"]),
    st.integers(1, 240),
    st.integers(0, 10),
    st.sampled_from(["00:00", "01:30", "14:00", "23:59"]),
    st.integers(0, 10),
)


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/London"))  # type: ignore[misc, arg-type]


def run(clock: Clock, started_at: datetime, retailer: Retailer = CALDER) -> Deadline:
    return deadline(clock, retailer, CALENDAR, started_at)


FRIDAY = london(2026, 7, 3, 11, 0)


@pytest.mark.parametrize(
    ("clock", "due"),
    [
        (Clock.ACKNOWLEDGE, london(2026, 7, 6, 11, 0)),
        (Clock.DISPATCH, london(2026, 7, 7, 23, 59, 59)),
        (Clock.AUTHORISE_RETURN, london(2026, 7, 7, 23, 59, 59)),
        (Clock.DECIDE_RETURN, london(2026, 7, 10, 23, 59, 59)),
    ],
)
def test_each_clock_has_its_own_rule(clock: Clock, due: datetime) -> None:
    assert run(clock, FRIDAY) == Deadline(clock, FRIDAY, due.astimezone(UTC))


def test_a_return_of_the_weekend_counts_from_the_next_working_day() -> None:
    assert run(Clock.AUTHORISE_RETURN, london(2026, 7, 4, 9, 0)).due_at == london(2026, 7, 8, 23, 59, 59)


def test_marks_are_shares_of_the_working_time() -> None:
    running = run(Clock.ACKNOWLEDGE, london(2026, 7, 3, 1, 0))  # a Friday; its 24 hours end on Monday at 01:00
    assert marks(running, CALDER, CALENDAR) == {
        25: london(2026, 7, 3, 7, 0),
        50: london(2026, 7, 3, 13, 0),
        75: london(2026, 7, 3, 19, 0),
        100: london(2026, 7, 6, 1, 0),
    }


def test_no_mark_falls_on_a_weekend_between() -> None:
    reached = marks(run(Clock.ACKNOWLEDGE, london(2026, 7, 3, 17, 0)), CALDER, CALENDAR)
    assert reached[25] == london(2026, 7, 3, 23, 0)
    assert [reached[mark] for mark in (50, 75, 100)] == [london(2026, 7, 6, hour, 0) for hour in (5, 11, 17)]


def test_the_next_mark_is_the_first_after_those_that_passed() -> None:
    running = run(Clock.ACKNOWLEDGE, london(2026, 7, 1, 8, 0))
    found = [next_mark(running, CALDER, CALENDAR, passed) for passed in (0, 25, 50, 75, 100)]
    assert found == [*marks(running, CALDER, CALENDAR).values(), None]


def test_a_mark_is_passed_at_its_moment_and_not_before() -> None:
    running = run(Clock.ACKNOWLEDGE, london(2026, 7, 1, 8, 0))
    quarter = london(2026, 7, 1, 14, 0).astimezone(UTC)
    assert marks_passed(running, CALDER, CALENDAR, quarter - timedelta(microseconds=1)) == []
    assert marks_passed(running, CALDER, CALENDAR, quarter) == [25]
    assert marks_passed(running, CALDER, CALENDAR, london(2026, 7, 2, 2, 0)) == [25, 50, 75]
    assert marks_passed(running, CALDER, CALENDAR, london(2030, 1, 1)) == list(MARKS)


def test_a_day_closed_after_the_clock_started_moves_no_due_moment() -> None:
    running = run(Clock.DISPATCH, FRIDAY)
    days = tuple(ClosedDay(day=date(2026, 7, day), name="Flood") for day in (3, 6, 7))
    flooded = Calendar(country="GB", subdivision="ENG", working_days=CALENDAR.working_days, closed=days)
    reached = marks(running, CALDER, flooded)
    assert set(reached.values()) == {running.due_at}


@given(st.sampled_from(Clock), RETAILERS, CALENDARS, MOMENTS)
def test_marks_come_in_their_order_between_start_and_due(clock, retailer, calendar, started_at) -> None:
    running = deadline(clock, retailer, calendar, started_at)
    moments = list(marks(running, retailer, calendar).values())
    assert moments[-1] == running.due_at >= started_at
    assert [started_at, *moments] == sorted([started_at, *moments])
    if running.due_at - started_at >= timedelta(seconds=1):
        assert len({started_at, *moments}) == len(MARKS) + 1


@given(st.sampled_from(Clock), RETAILERS, CALENDARS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=4)))
def test_what_starts_later_is_never_due_earlier(clock, retailer, calendar, started_at, later) -> None:
    first, second = (deadline(clock, retailer, calendar, at) for at in (started_at, started_at + later))
    assert first.due_at <= second.due_at


@given(st.sampled_from(Clock), RETAILERS, CALENDARS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_passed_marks_and_the_next_one_agree(clock, retailer, calendar, started_at, waited) -> None:
    running, now = deadline(clock, retailer, calendar, started_at), started_at + waited
    passed = marks_passed(running, retailer, calendar, now)
    assert passed == list(MARKS[: len(passed)])
    following = next_mark(running, retailer, calendar, max(passed, default=0))
    assert following is None or following > now


def test_a_return_of_the_last_second_of_its_only_day_is_due_at_once() -> None:
    hasty = changed(CALDER, returns={"authorise_days": 0})
    late = london(2026, 7, 3, 23, 59, 59).astimezone(UTC) + timedelta(microseconds=500_000)
    running = run(Clock.AUTHORISE_RETURN, late, hasty)
    assert running.due_at == late
    assert marks_passed(running, hasty, CALENDAR, late) == list(MARKS)
