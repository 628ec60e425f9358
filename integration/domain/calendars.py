"""Every promised day is a day on the retailer's own calendar and clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from integration.rulebook import Calendar, Promise, Retailer

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def local(moment: datetime, retailer: Retailer) -> datetime:
    """An aware moment on the retailer's clock."""
    return moment.astimezone(ZoneInfo(retailer.timezone))


def end_of(day: date, retailer: Retailer) -> datetime:
    """The last second of a day on the retailer's clock, in UTC: 23:59:59 over there, so that people read the day."""
    return _moment(day + _DAY, time.min, retailer) - _SECOND


def add_working_days(calendar: Calendar, day: date, count: int) -> date:
    """The working day `count` working days after `day`; with 0, `day` itself or the next working day."""
    while not calendar.is_working_day(day):
        day += _DAY
    for _ in range(count):
        day += _DAY
        while not calendar.is_working_day(day):
            day += _DAY
    return day


def add_working_time(retailer: Retailer, calendar: Calendar, start: datetime, length: timedelta) -> datetime:
    """The moment, in UTC, at which `length` has gone by since `start`, where time counts on working days only.

    A working day counts from midnight to midnight on the retailer's clock. Hours are true hours: the day on which the
    clocks change has 23 or 25 of them.

    :param start: aware.
    """
    start, day = start.astimezone(UTC), local(start, retailer).date()
    while True:
        if calendar.is_working_day(day):
            start, end = max(start, _moment(day, time.min, retailer)), _moment(day + _DAY, time.min, retailer)
            if length <= end - start:
                return start + length
            length -= end - start
        day += _DAY


def working_time(retailer: Retailer, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` lies on working days, see `add_working_time`."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    day, last, counted = local(start, retailer).date(), local(end, retailer).date(), timedelta()
    while day <= last:
        if calendar.is_working_day(day):
            begins, ends = _moment(day, time.min, retailer), _moment(day + _DAY, time.min, retailer)
            counted += max(min(end, ends) - max(start, begins), timedelta())
        day += _DAY
    return counted


def first_working_day(retailer: Retailer, calendar: Calendar, ordered_at: datetime) -> date:
    """The working day as whose order an order counts: after the cut-off it is the next one's.

    :param ordered_at: aware.
    """
    day = local(ordered_at, retailer).date()
    # Compared as moments: in the hour that comes twice, the clock alone could call the later of two orders the earlier.
    late = ordered_at >= _moment(day, time.fromisoformat(retailer.sla.cut_off), retailer)
    return add_working_days(calendar, day + _DAY if late else day, 0)


def acknowledge_by(retailer: Retailer, calendar: Calendar, ordered_at: datetime) -> datetime:
    """The moment, in UTC, until which the retailer wants an answer to an order."""
    return add_working_time(retailer, calendar, ordered_at, timedelta(hours=retailer.sla.acknowledge_hours))


def dispatch_by(retailer: Retailer, calendar: Calendar, ordered_at: datetime) -> date:
    """The last day on which an order may leave without being late."""
    return add_working_days(calendar, first_working_day(retailer, calendar, ordered_at), retailer.sla.dispatch_days)


def promised_day(promise: Promise, start: date, calendar: Calendar, *, line_promise: datetime | None = None) -> date:
    """The day a promise comes to, counted from `start`; the line's own promise wins where the profile says so."""
    if promise.promised_date and line_promise is not None:
        return line_promise.date()
    if promise.count == "working":
        return add_working_days(calendar, start, promise.days)
    return start + timedelta(days=promise.days)


def _moment(day: date, clock_time: time, retailer: Retailer) -> datetime:
    """When that time comes on that day for the first time on the retailer's clock, in UTC."""
    return datetime.combine(day, clock_time, ZoneInfo(retailer.timezone)).astimezone(UTC)
