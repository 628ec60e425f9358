"""Who is told, where and at which hour; and what becomes of a message that its channel does not take."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration import kinds
from integration.kinds import Kind, Team
from tests.life.desk import Desk

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LONDON = ZoneInfo("Europe/London")
FRIDAY_NIGHT = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
TOLD = ("alerts.send", "exceptions.weigh")
URGENT: dict[Team, Kind] = {
    Team.OPERATIONS: kinds.ORDER_REFUSED, Team.WAREHOUSE: kinds.UNMAPPED_CARRIER, Team.CATALOGUE: kinds.UNMAPPED_SKU,
    Team.ENGINEERING: kinds.DEFECT, Team.FINANCE: kinds.MONEY_MISMATCH,
}  # fmt: skip
SATURDAY, MONDAY = "2026-03-07", "2026-03-09"
CAN_WAIT: dict[Team, tuple[Kind, str]] = {
    Team.OPERATIONS: (kinds.WAITS_FOR_STOCK, f"{SATURDAY}T08:00"),
    Team.WAREHOUSE: (kinds.DISPATCH_INCOMPLETE, f"{SATURDAY}T06:00"),
    Team.CATALOGUE: (kinds.ATTRIBUTE_IGNORED, f"{MONDAY}T09:00"),
    Team.ENGINEERING: (kinds.UNREADABLE_EVENT, f"{MONDAY}T09:00"),
    Team.FINANCE: (kinds.INVOICE_REFUSED, f"{MONDAY}T09:00"),
}
"""What may wait for the team, and the moment on its clock at which it opens after that Friday night."""
FAILED = "alert-failed"
EVERY = {"operations", "warehouse", "catalogue", "engineering", "on-call", "finance"}


def test_at_night_each_team_is_told_on_its_own_channel_of_what_it_must_act_on_now_and_of_nothing_else(
    desk: Desk,
) -> None:
    desk.at = FRIDAY_NIGHT
    for kind in [*URGENT.values(), *(kind for kind, _ in CAN_WAIT.values())]:
        desk.opens(kind, "one")
    desk.chores(300, 15, *TOLD)

    told = sorted((each.channel, each.title) for each in desk.heard())
    own = [(team.value, f"act now: {kind.code} (no work so far)") for team, kind in URGENT.items()]
    assert told == sorted([*own, ("on-call", "act now: defect (no work so far)")])


def test_what_can_wait_is_told_once_when_its_team_opens_be_it_after_the_weekend(desk: Desk) -> None:
    desk.at = FRIDAY_NIGHT
    for kind, _ in CAN_WAIT.values():
        desk.opens(kind, "one")
    desk.chores(67 * 3600, 1800, *TOLD)

    for team, (kind, opens) in CAN_WAIT.items():
        first, *later = desk.heard(kind.code)
        assert (first.channel, f"{first.at.astimezone(LONDON):%Y-%m-%dT%H:%M}") == (team.value, opens)
        # A further level may be reached within these days, but none is told twice, and none outside the hours.
        titles = [first.title, *(each.title for each in later)]
        assert len(titles) == len(set(titles))


def test_a_channel_that_is_dead_is_an_exception_told_by_others_and_heals_without_losing_or_doubling_a_message(
    desk: Desk,
) -> None:
    desk.board.away = {"warehouse"}
    desk.opens(kinds.UNMAPPED_CARRIER, "UPS/Express")
    desk.chores(600, 15, *TOLD)
    assert (FAILED, "warehouse/warehouse") in desk.causes()
    assert desk.heard(channel="warehouse") == []
    assert [len(desk.heard(FAILED, each)) for each in ("on-call", "engineering")] == [1, 1]
    assert "Messages to Warehouse by warehouse do not get through" in desk.heard(FAILED, "on-call")[0].body

    desk.board.away = set()
    desk.chores(660, 60, *TOLD)

    assert desk.titles(channel="warehouse") == ["act now: unmapped-carrier (no work so far)"]
    assert desk.causes() == [("unmapped-carrier", "UPS/Express")]
    assert len(desk.heard(FAILED)) == 2, "that it is over is no message"


def test_a_channel_that_dies_again_is_told_again(desk: Desk) -> None:
    for number in range(2):
        desk.board.away = {"warehouse"}
        desk.opens(kinds.UNMAPPED_CARRIER, str(number))
        desk.chores(300, 15, *TOLD)
        desk.board.away = set()
        desk.chores(660, 60, *TOLD)

    assert desk.cause(kinds.ALERT_FAILED, "warehouse/warehouse").times == 2
    assert len(desk.heard(FAILED, "on-call")) == 2
    assert len(desk.heard(channel="warehouse")) == 2


def test_when_every_channel_was_dead_each_message_arrives_once_afterwards(desk: Desk) -> None:
    desk.board.away = set(EVERY)
    for kind in URGENT.values():
        desk.opens(kind, "one")
    desk.chores(900, 30, *TOLD)
    assert desk.heard() == []
    assert desk.board.refused < 6 * 20, "a dead channel is not asked every few seconds"
    assert {key for kind, key in desk.causes() if kind == FAILED} >= {f"{team}/{team}" for team in Team}

    desk.board.away = set()
    desk.chores(660, 60, *TOLD)

    told = sorted((each.channel, each.title) for each in desk.heard() if FAILED not in each.title)
    expected = [(team.value, f"act now: {kind.code} (no work so far)") for team, kind in URGENT.items()]
    assert told == sorted([*expected, ("on-call", "act now: defect (no work so far)")])
    assert not [kind for kind, _ in desk.causes() if kind == FAILED]
    assert sorted(each.channel for each in desk.digests()) == sorted(EVERY - {"on-call"})


def test_a_message_that_failed_all_night_is_not_sent_of_what_was_mended_meanwhile(desk: Desk) -> None:
    desk.at = FRIDAY_NIGHT
    desk.board.away = {"warehouse"}
    desk.opens(kinds.UNMAPPED_CARRIER, "mended")
    desk.opens(kinds.UNMAPPED_CARRIER, "open")
    desk.chores(3600, 60, *TOLD)
    desk.mends(kinds.UNMAPPED_CARRIER, "mended")
    desk.board.away = set()
    desk.chores(1200, 60, *TOLD)

    told = desk.heard(channel="warehouse")
    assert [each.title for each in told] == ["Overdue: act now: unmapped-carrier (no work so far)"]
    assert timedelta() < told[0].at - FRIDAY_NIGHT < timedelta(hours=1, minutes=20)
