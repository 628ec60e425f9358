"""Every team reads once each working morning what waits, also on the two nights on which the clocks change."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration import kinds
from integration.flows import alerts
from integration.kinds import Team
from integration.rulebook.base import Weekday
from tests.life.desk import Desk

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LONDON = ZoneInfo("Europe/London")
OPENS = {"operations": "08:00", "warehouse": "06:00", "catalogue": "09:00", "engineering": "09:00", "finance": "09:00"}
SIX_DAYS = {"operations", "warehouse"}
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25)]
"""Sundays: at one in the morning the clock goes to two, or at two back to one."""


def pass_days(desk: Desk, days: float) -> None:
    """Days pass, in which two processes send at each moment."""
    end = desk.at + timedelta(days=days)
    while desk.at < end:
        desk.at += timedelta(minutes=30)
        for _ in range(2):
            alerts.send(desk.services)


def team(desk: Desk, opens: str, closes: str) -> None:
    """Finance works every day, at these hours."""
    old = desk.rules.teams[Team.FINANCE]
    hours = old.hours.model_copy(update={"days": tuple(Weekday), "opens": opens, "closes": closes})
    finance = old.model_copy(update={"hours": hours})
    desk.rules = desk.rules.model_copy(update={"teams": {**desk.rules.teams, Team.FINANCE: finance}})


@pytest.mark.parametrize("sunday", NIGHTS, ids=["into summer", "into winter"])
def test_no_morning_is_left_out_or_told_twice_around_the_night_on_which_the_clocks_change(
    desk: Desk, sunday: date
) -> None:
    saturday, monday = sunday - timedelta(days=1), sunday + timedelta(days=1)
    # At an hour that one of the nights skips and the other has twice.
    team(desk, "01:30", "03:00")
    desk.at = datetime.combine(saturday, datetime.min.time(), UTC) - timedelta(hours=1)
    desk.opens(kinds.UNMAPPED_SKU, "northgate/1")
    pass_days(desk, 2.75)

    told = Counter((each.channel, each.at.astimezone(LONDON).date()) for each in desk.digests())
    expected = {("finance", day) for day in (saturday, sunday, monday)}
    expected |= {(name, saturday) for name in SIX_DAYS} | {(name, monday) for name in OPENS}
    assert told == dict.fromkeys(expected, 1)
    moments = {
        (each.channel, f"{each.at.astimezone(LONDON):%H:%M}") for each in desk.digests() if each.channel != "finance"
    }
    assert moments == {(name, opens) for name, opens in OPENS.items() if name != "finance"}
    assert "on-call" not in {each.channel for each in desk.digests()}
    assert next(each for each in desk.digests() if each.channel == "catalogue").title == (
        "Catalogue: 1 open exception this morning"
    )


def test_a_system_that_slept_over_the_hour_of_the_change_sends_it_when_it_wakes(desk: Desk) -> None:
    team(desk, "01:30", "05:00")
    for sunday in NIGHTS:
        desk.at = datetime.combine(sunday, datetime.min.time(), UTC) + timedelta(hours=3, minutes=45)
        for _ in range(3):
            desk.at += timedelta(minutes=1)
            alerts.send(desk.services)

    days = [each.at.astimezone(LONDON).date() for each in desk.digests() if each.channel == "finance"]
    assert days == NIGHTS


def test_a_digest_that_its_channel_did_not_take_arrives_once_when_it_does(desk: Desk) -> None:
    desk.at = datetime(2026, 3, 30, 4, 30, tzinfo=UTC)
    desk.board.away = {"warehouse"}
    pass_days(desk, 2 / 24)
    assert "warehouse" not in {each.channel for each in desk.digests()}
    desk.board.away = set()
    pass_days(desk, 4 / 24)

    assert [each.channel for each in desk.digests()].count("warehouse") == 1
