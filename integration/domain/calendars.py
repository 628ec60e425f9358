"""Every promised day is a day on the retailer's own calendar and clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from integration.rulebook import Calendar, Promise, Retailer

_DAY = timedelta(days=1)


def local(moment: datetime, retailer: Retailer) -> datetime:
    """An aware moment on the retailer's clock."""
    return moment.astimezone(ZoneInfo(retailer.timezone))


def add_working_days(calendar: Calendar, day: date, count: int) -> date:
    """The working day `count` working days after `day`; with 0, `day` itself or the next working day."""
    while not calendar.is_working_day(day):
        day += _DAY
    for _ in range(count):
        day += _DAY
        while not calendar.is_working_day(day):
            day += _DAY
    return day


def first_working_day(retailer: Retailer, calendar: Calendar, ordered_at: datetime) -> date:
    """The working day as whose order an order counts: after the cut-off it is the next one's.

    :param ordered_at: aware.
    """
    moment = local(ordered_at, retailer)
    late = moment.time() >= time.fromisoformat(retailer.sla.cut_off)
    return add_working_days(calendar, moment.date() + _DAY if late else moment.date(), 0)


def acknowledge_by(retailer: Retailer, ordered_at: datetime) -> datetime:
    """The moment until which the retailer wants an answer to an order."""
    return ordered_at + timedelta(hours=retailer.sla.acknowledge_hours)


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
