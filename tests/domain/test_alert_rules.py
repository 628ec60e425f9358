"""When a team is told of a cause, and at what hour."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.domain.alerts import Level, Opening, digest_day, level, next_open, takes, told_at
from integration.kinds import Severity, Team
from integration.policy import HOLD_BACK, HOUR, MINUTE
from integration.rulebook.documents import Channel, TeamEntry
from tests.domain.builders import BOOK

OPENED = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)  # a Wednesday
FINANCE = BOOK.teams[Team.FINANCE]  # Monday to Friday, 09:00 to 17:00 in London


def opening(hours: float = 8, *, taken: bool = False, muted_until: datetime | None = None) -> Opening:
    return Opening(Severity.TODAY, OPENED, OPENED + hours * HOUR, taken, muted_until)


def team(opens: str, closes: str, *days: str) -> TeamEntry:
    hours = {"days": days or ("saturday", "sunday", "monday"), "opens": opens, "closes": closes}
    document = {**FINANCE.model_dump(mode="json"), "hours": hours}
    return TeamEntry.model_validate(document, strict=False)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "reached"),
    [
        (HOLD_BACK - MINUTE / 60, None),
        (HOLD_BACK, Level.OPENED),
        (6 * HOUR - MINUTE, Level.OPENED),
        (6 * HOUR, Level.NEAR),
        (8 * HOUR - MINUTE, Level.NEAR),
        (8 * HOUR, Level.LATE),
    ],
)
def test_a_cause_that_nobody_takes_is_told_three_times(after: timedelta, reached: Level | None) -> None:
    assert level(opening(), OPENED + after) == reached


def test_one_that_somebody_has_taken_is_told_only_when_it_is_late() -> None:
    taken = opening(taken=True)

    assert level(taken, OPENED + HOUR) is None
    assert level(taken, OPENED + 7 * HOUR) is None
    assert level(taken, OPENED + 8 * HOUR) is Level.LATE


def test_a_muted_cause_says_nothing_until_then_not_even_that_it_is_late() -> None:
    muted = opening(muted_until=OPENED + 9 * HOUR)

    assert level(muted, OPENED + 8 * HOUR) is None
    assert level(muted, OPENED + 9 * HOUR) is Level.LATE


def test_a_cause_that_was_late_when_it_was_opened_is_told_as_that_and_only_after_it_was_held_back() -> None:
    assert level(opening(hours=-1), OPENED) is None
    assert level(opening(hours=-1), OPENED + HOLD_BACK) is Level.LATE


def test_levels_rank_from_mild_to_strong() -> None:
    assert Level.LATE.outranks(Level.NEAR)
    assert Level.NEAR.outranks(Level.OPENED)
    assert not Level.OPENED.outranks(Level.OPENED)


def test_a_channel_takes_what_is_as_severe_as_it_wants_or_more() -> None:
    on_call = Channel(name="on-call", least=Severity.NOW, digest=False)
    today = Channel(name="desk", least=Severity.TODAY, digest=False)

    assert [takes(on_call, each) for each in Severity] == [True, False, False]
    assert [takes(today, each) for each in Severity] == [True, True, False]


def test_what_must_be_acted_on_now_is_told_in_the_night_and_all_else_when_the_team_opens() -> None:
    night = london("2026-07-01T23:30:00+01:00")

    assert told_at(FINANCE, Severity.NOW, night) == night
    assert told_at(FINANCE, Severity.TODAY, night) == london("2026-07-02T09:00:00+01:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-07-01T08:59:59+01:00", "2026-07-01T09:00:00+01:00"),
        ("2026-07-01T12:00:00+01:00", "2026-07-01T12:00:00+01:00"),
        ("2026-07-01T17:00:00+01:00", "2026-07-02T09:00:00+01:00"),
        ("2026-07-03T18:00:00+01:00", "2026-07-06T09:00:00+01:00"),
        ("2026-10-23T18:00:00+01:00", "2026-10-26T09:00:00+00:00"),
    ],
    ids=["before it opens", "while it works", "the moment it closes", "over a weekend", "over the end of summer time"],
)
def test_a_team_opens_on_its_own_clock(moment: str, opens: str) -> None:
    assert next_open(FINANCE, london(moment)) == london(opens)


def test_a_team_that_works_one_day_is_waited_for_a_week() -> None:
    mondays = team("09:00", "17:00", "monday")

    assert next_open(mondays, london("2026-07-06T17:00:00+01:00")) == london("2026-07-13T09:00:00+01:00")


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"], ids=["an hour is left out", "an hour comes twice"])
def test_a_digest_is_due_once_on_the_nights_on_which_clocks_change(night: str) -> None:
    early = team("01:30", "05:00")
    begin = datetime.fromisoformat(night).replace(tzinfo=UTC) - 2 * HOUR
    minutes = [begin + minute * MINUTE for minute in range(12 * 60)]
    days = [digest_day(early, minute) for minute in minutes]

    out = [minute for minute, day in zip(minutes, days, strict=True) if day is not None]
    assert set(days) == {None, night}
    assert out == [out[0] + number * MINUTE for number in range(len(out))], "it opens once"


def test_no_digest_is_due_on_a_day_off_before_opening_or_after_closing() -> None:
    assert digest_day(FINANCE, london("2026-07-04T12:00:00+01:00")) is None
    assert digest_day(FINANCE, london("2026-07-01T08:59:00+01:00")) is None
    assert digest_day(FINANCE, london("2026-07-01T17:00:00+01:00")) is None
    assert digest_day(FINANCE, london("2026-07-01T09:00:00+01:00")) == "2026-07-01"
