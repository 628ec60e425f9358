"""What a retailer waits for has one due moment, and marks on the way to it at which people are told.

Marks are shares of the time that counts for the deadline, which is time on working days: half of the 24 hours of an
order from Friday, 01:00, is over on Friday at 13:00. Counted through the weekend it would be over on Saturday at 13:00,
and the warning that three quarters are over would come on Sunday, when nobody is left who could act on it in time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from integration.domain.calendars import (
    acknowledge_by,
    add_working_days,
    add_working_time,
    dispatch_by,
    end_of,
    local,
    working_time,
)
from integration.rulebook import Calendar, Retailer

MARKS = (25, 50, 75, 100)
"""Per cent of the time; at 100 the deadline is missed."""


class Clock(StrEnum):
    """What a retailer waits for."""

    ACKNOWLEDGE = "acknowledge"
    DISPATCH = "dispatch"
    AUTHORISE_RETURN = "authorise-return"
    DECIDE_RETURN = "decide-return"


@dataclass(frozen=True)
class Deadline:
    """One clock that runs: both moments are aware, and `due_at` is the last one that is in time."""

    clock: Clock
    started_at: datetime
    due_at: datetime


def deadline(clock: Clock, retailer: Retailer, calendar: Calendar, started_at: datetime) -> Deadline:
    """The deadline of something that began to wait at `started_at`.

    :param started_at: aware; when the order was made, the return was asked for, or the goods were back.
    """
    return Deadline(clock, started_at, _due(clock, retailer, calendar, started_at))


def marks(running: Deadline, retailer: Retailer, calendar: Calendar) -> dict[int, datetime]:
    """When each of `MARKS` is reached, in UTC, in their order."""
    start, due = running.started_at, running.due_at.astimezone(UTC)
    length = working_time(retailer, calendar, start, due)
    early = {mark: add_working_time(retailer, calendar, start, length * mark / 100) for mark in MARKS[:-1]}
    # A calendar published since the clock started may call the days on the way closed; the due moment stays.
    return {mark: min(moment, due) for mark, moment in early.items()} | {MARKS[-1]: due}


def next_mark(running: Deadline, retailer: Retailer, calendar: Calendar, passed: int) -> datetime | None:
    """When the first mark after `passed` per cent is reached; None after the last."""
    return next((at for mark, at in marks(running, retailer, calendar).items() if mark > passed), None)


def marks_passed(running: Deadline, retailer: Retailer, calendar: Calendar, now: datetime) -> list[int]:
    """The marks reached by `now`, in their order.

    :param now: aware.
    """
    return [mark for mark, at in marks(running, retailer, calendar).items() if at <= now]


def _due(clock: Clock, retailer: Retailer, calendar: Calendar, started_at: datetime) -> datetime:
    match clock:
        case Clock.ACKNOWLEDGE:
            return acknowledge_by(retailer, calendar, started_at)
        case Clock.DISPATCH:
            return end_of(dispatch_by(retailer, calendar, started_at), retailer)
        case Clock.AUTHORISE_RETURN:
            days = retailer.returns.authorise_days
        case Clock.DECIDE_RETURN:
            days = retailer.returns.decide_days
    last = add_working_days(calendar, local(started_at, retailer).date(), days)
    # What comes in the last second of a day with no days to spare is due at once, not before it came.
    return max(end_of(last, retailer), started_at.astimezone(UTC))
