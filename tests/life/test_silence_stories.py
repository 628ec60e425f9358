"""Whatever falls silent, for whatever reason, people are told within five minutes of its own clock."""

from datetime import timedelta

import pytest

from integration import kinds
from integration.flows import silence
from integration.steps import STEPS
from integration.timetable import timetable
from tests.life.desk import BEAT, Desk, Silence

FIVE = timedelta(minutes=5)
FLOWS = sorted(silence.polled())
REASONS = [
    *((name, Silence.FAILS) for name in FLOWS),
    *((name, Silence.STUCK) for name in ("orders.poll", "stock.sweep", "catalogue.listings")),
    *((name, Silence.UNASKED) for name in ("intake.poll", "returns.poll", "products.sweep")),
]
# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """All that the clock asks for has been done once, and nothing is wrong."""
    desk.beat(BEAT)
    assert desk.causes() == []
    return desk


def silent(desk: Desk) -> list[str]:
    """What people were told of silence, on the phone of whoever is on call."""
    return desk.titles("silent-flow", "on-call")


@pytest.mark.parametrize(("name", "how"), REASONS, ids=[f"{name}-{how.name.lower()}" for name, how in REASONS])
def test_a_flow_that_falls_silent_is_told_within_five_minutes_of_its_own_clock_and_closed_by_a_fresh_look(
    desk: Desk, name: str, how: Silence
) -> None:
    step, own_clock = STEPS[name], timedelta(seconds=timetable()[name])
    desk.silence(step, how)
    late = desk.last_done(step) + own_clock
    desk.leap(late - timedelta(seconds=BEAT))
    assert silent(desk) == []
    while not silent(desk):
        desk.beat(BEAT if desk.causes() else 2 * BEAT)
        assert desk.at <= late + FIVE, f"nobody was told: {desk.causes()}"

    assert {kind for kind, _ in desk.causes()} == {"silent-flow"}
    told = desk.titles()
    desk.restore()
    desk.beat(120, step=40)
    assert desk.causes() == []
    assert desk.titles() == told, "that it is over is no message"


def test_a_system_that_works_tells_nobody_anything_for_a_day(desk: Desk) -> None:
    desk.beat(180)
    for _ in range(12):
        desk.leap(desk.at + timedelta(hours=2))
    desk.beat(180)

    assert desk.heard() == []
    assert desk.causes() == []


def test_a_dead_clock_is_one_message_however_many_flows_it_stops(desk: Desk) -> None:
    for name in FLOWS:
        desk.silence(STEPS[name], Silence.UNASKED)
    died = desk.at
    while not silent(desk):
        desk.beat(BEAT)
        assert desk.at <= died + FIVE
    desk.beat(600, step=60)

    assert len(silent(desk)) == 1
    assert desk.causes() == [("silent-flow", "clock")]
    desk.restore()
    desk.beat(120, step=60)
    assert desk.causes() == []


def test_dead_workers_are_one_message_however_many_flows_they_stop(desk: Desk) -> None:
    for step in STEPS.values():
        desk.silence(step, Silence.STUCK)
    died = desk.at
    while not silent(desk):
        desk.beat(BEAT)
        assert desk.at <= died + FIVE
    desk.beat(600, step=60)

    assert len(silent(desk)) == 1
    assert desk.causes() == [("silent-flow", "workers")]
    desk.restore()
    desk.beat(120, step=60)
    assert desk.causes() == []


def test_a_flow_that_falls_silent_again_is_told_again(desk: Desk) -> None:
    for times in (1, 2):
        desk.silence(STEPS["orders.poll"], Silence.FAILS)
        desk.beat(6 * 60, step=60)
        assert len(silent(desk)) == times * len(desk.rules.retailers)
        desk.restore()
        desk.beat(120, step=60)
        assert desk.causes() == []

    assert desk.cause(kinds.SILENT_FLOW, "orders.poll/calder").times == 2
