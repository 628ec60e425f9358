"""A team is told of a cause at three moments at most, never at a time that is not its own unless it must act now."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from integration.kinds import Severity
from integration.policy import HOLD_BACK, NEAR_AT
from integration.rulebook.base import Weekday
from integration.rulebook.documents import Channel, TeamEntry

_DAY = timedelta(days=1)
_WEEK = 7
_SEVERITIES = tuple(Severity)
_WEEKDAYS = tuple(Weekday)


class Level(StrEnum):
    """Why a team is told of a cause, the mildest first. Of several that are reached only the last is told."""

    OPENED = "opened"
    NEAR = "near"
    """Most of the time is over, and nobody has taken it."""
    LATE = "late"
    """It is overdue, whoever has taken it."""

    def outranks(self, other: "Level") -> bool:
        """Whether this one says more than `other`."""
        return _LEVELS.index(self) > _LEVELS.index(other)


_LEVELS = tuple(Level)


@dataclass(frozen=True)
class Opening:
    """One opening of a cause, as far as it decides who is told when. All moments are aware.

    :param taken: somebody has acknowledged it, or it is assigned to somebody.
    """

    severity: Severity
    opened_at: datetime
    due_at: datetime
    taken: bool
    muted_until: datetime | None


def level(opening: Opening, now: datetime) -> Level | None:
    """What the team should have been told by now; None: nothing (yet).

    A missed due time is told even if somebody has taken the cause, but nothing is told of one that is muted.
    """
    if now < opening.opened_at + HOLD_BACK or (opening.muted_until is not None and now < opening.muted_until):
        return None
    if now >= opening.due_at:
        return Level.LATE
    if opening.taken:
        return None
    # A due time that had passed when it was opened leaves no time of which a share could be over.
    near = opening.opened_at + (opening.due_at - opening.opened_at) * NEAR_AT
    return Level.NEAR if now >= near else Level.OPENED


def takes(channel: Channel, severity: Severity) -> bool:
    """Whether a channel is told of causes of this severity."""
    return _SEVERITIES.index(severity) <= _SEVERITIES.index(channel.least)


def told_at(team: TeamEntry, severity: Severity, now: datetime) -> datetime:
    """From when on the team may be told: at once what must be acted on now, the rest within its hours."""
    return now if severity is Severity.NOW else next_open(team, now)


def next_open(team: TeamEntry, moment: datetime) -> datetime:
    """`moment`, if the team works then, else when it opens next, in UTC.

    :param moment: aware.
    """
    day = moment.astimezone(ZoneInfo(team.timezone)).date()
    for _ in range(_WEEK + 1):
        opens, closes = (_moment(team, day.isoformat(), at) for at in (team.hours.opens, team.hours.closes))
        if _WEEKDAYS[day.weekday()] in team.hours.days and moment < closes:
            return max(moment.astimezone(UTC), opens)
        day += _DAY
    raise AssertionError("a team works on one day of the week at least")


def digest_day(team: TeamEntry, now: datetime) -> str | None:
    """The day, on the team's clock, whose digest is to be out by now; None while the team does not work."""
    if next_open(team, now) > now:
        return None
    return now.astimezone(ZoneInfo(team.timezone)).date().isoformat()


def _moment(team: TeamEntry, day: str, at: str) -> datetime:
    """When that time comes on that day for the first time on the team's clock, in UTC."""
    clock = datetime.combine(datetime.fromisoformat(day).date(), time.fromisoformat(at), ZoneInfo(team.timezone))
    return clock.astimezone(UTC)
