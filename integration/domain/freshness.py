"""Whether something is too quiet is a comparison with its own clock or its own past, never a guess."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

WEEKS = 4
"""How many of the same hours of earlier weeks an hour is compared with."""
LEAST_ORDERS = 10
"""A retailer that orders less than this in such an hour says nothing by its silence."""
CHANCE = 1e-4
"""How unlikely a quiet hour must be before people are told. Each retailer is looked at some thousand times a week."""
_WEEK = timedelta(weeks=1)
_HOUR = timedelta(hours=1)


def is_silent(done_at: datetime | None, began_at: datetime, every: timedelta, grace: timedelta, now: datetime) -> bool:
    """Whether something that should be done every so often has not been, for longer than that and a grace.

    :param began_at: when it was first asked for; counts as long as it was never done.
    """
    return now - (done_at or began_at) > every + grace


def same_hours(now: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """The hour before `now`, and the same hour on the clock of `zone` in each of the `WEEKS` before.

    :param now: aware.
    """
    here = now.astimezone(ZoneInfo(zone))
    # Wall-clock arithmetic: the shoppers of a zone get up with its clock, also in the week after it was changed.
    ends = [(here - _WEEK * week).astimezone(now.tzinfo) for week in range(WEEKS + 1)]
    return [(end - _HOUR, end) for end in ends]


def unusually_few(counted: int, before: Sequence[int]) -> bool:
    """Whether so few orders in an hour are more than chance, given the same hours of earlier weeks.

    As if orders came independently of each other (a Poisson distribution), with the median as their usual number.
    """
    usual = median(before)
    if len(before) < WEEKS or usual < LEAST_ORDERS or counted >= usual:
        return False
    chance = sum(math.exp(n * math.log(usual) - usual - math.lgamma(n + 1)) for n in range(counted + 1))
    return chance < CHANCE


def ago(moment: datetime, now: datetime) -> str:
    """How long ago that was, in words: 7 minutes, 3 hours, 2 days."""
    minutes = int((now - moment).total_seconds() // 60)
    for size, one in ((2 * 1440, 1440), (2 * 60, 60)):
        if minutes >= size:
            return f"{minutes // one} {'days' if one == 1440 else 'hours'}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
