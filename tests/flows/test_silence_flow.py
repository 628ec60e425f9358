"""Each flow that falls silent is told within minutes, once, by the name of what has stopped it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alerting import told
from silent import live, polls, work_is_done

from integration import kinds, policy, steps
from integration.flows import alerts, silence, silence_orders, silence_quotas
from integration.lanes import Lane
from integration.problems import Problem
from integration.steps import CENTRA, ORDER_API, STEPS
from integration.storage import causes, pauses, work
from integration.storage.work import ITEM
from integration.timetable import timetable
from tests.world import World

FIVE = 5 * policy.MINUTE
EVERY_POLL = [(job, "centra" if STEPS[job].spends is steps.Spends.CENTRA else "calder")
              for job in timetable() if job in STEPS]  # fmt: skip


@pytest.fixture(autouse=True)
def works(world: World) -> None:
    """All is well at noon."""
    work_is_done(world)


def sentence(world: World, key: str, kind: kinds.Kind = kinds.SILENT_FLOW) -> str:
    with world.store.read() as db:
        facts = causes.facts_of(db, kind.code, key)
    return Problem(kind, key, facts).sentence


def down(world: World, *gates: str) -> None:
    """The breakers of these quotas are open, those of all others closed."""
    world.services = replace(world.services, quota=lambda name: cast(Any, Gate(world, name in gates)))


class Gate:
    """A quota whose breaker is open or not."""

    def __init__(self, world: World, is_open: bool) -> None:
        self.world, self.open = world, is_open

    def room(self, lane: Lane) -> int:
        return self.world.quota.room(lane)

    def left(self) -> float:
        return 0.04

    def snapshot(self) -> dict[str, bool]:
        return {"open": self.open}


def test_a_system_that_works_opens_nothing(world: World) -> None:
    live(world, 10)

    assert world.causes() == []


@pytest.mark.parametrize("poll", EVERY_POLL, ids=[f"{step} of {subject}" for step, subject in EVERY_POLL])
def test_each_flow_that_falls_silent_is_told_within_five_minutes_of_its_own_clock(
    world: World, poll: tuple[str, str]
) -> None:
    stopped, own_clock = world.at, timedelta(seconds=timetable()[poll[0]])
    world.at = max(stopped, stopped + own_clock - policy.MINUTE)
    work_is_done(world, but=[poll])
    while not any("silent-flow" in title for title in told(world)):
        assert world.causes() == [] or world.at > stopped + own_clock
        live(world, 1, but=[poll])
        alerts.send(world.services)
        assert world.at <= stopped + own_clock + FIVE

    lane = STEPS[poll[0]].lane
    alone = not any(STEPS[step].lane is lane for step, _ in EVERY_POLL if step != poll[0])
    assert world.causes() == [("silent-flow", f"workers/{lane}" if alone else "/".join(poll))]


def test_a_flow_that_works_again_closes_its_own_cause(world: World) -> None:
    live(world, 5, but=[("orders.poll", "calder")])
    assert world.causes() == [("silent-flow", "orders.poll/calder")]
    live(world, 1)

    assert world.causes() == []


def test_the_sentence_says_since_when_it_is_silent_and_what_it_waits_for(world: World) -> None:
    live(world, 5, but=[("orders.poll", "calder"), ("returns.poll", "northgate")])
    said = sentence(world, "orders.poll/calder")
    assert said.startswith(
        "orders.poll of Calder is silent: it was last done 5 minutes ago, and waits since it was asked for; "
        "it should be done every 0.5 minutes."
    )  # fmt: skip

    failing = sa.and_(ITEM.c.step == "orders.poll", ITEM.c.subject == "calder")
    with world.store.write() as db:
        db.execute(sa.update(ITEM).where(failing).values(tries=4, last_error="Virtualstock answered 500."))
    silence.flows(world.services)
    assert "and fails: Virtualstock answered 500; it should" in sentence(world, "orders.poll/calder")

    with world.store.write() as db:
        db.execute(sa.update(ITEM).where(failing).values(answered=ITEM.c.asked))
    silence.flows(world.services)
    assert "and nobody has asked for it since; it should" in sentence(world, "orders.poll/calder")


def test_a_clock_that_stands_still_is_one_cause_and_not_one_for_each_flow(world: World) -> None:
    live(world, 20, but=polls(world), clock=False)

    assert world.causes() == [("silent-flow", "clock")]
    assert sentence(world, "clock").startswith(
        "The clock (beat) of the whole system is silent: it last asked for work 20 minutes ago, so nothing is polled"
    )


def test_the_tick_that_brings_the_look_itself_is_no_sign_of_life_of_the_clock(world: World) -> None:
    assert "silence.watch" not in silence.polled()
    assert "alerts.send" not in silence.polled()


def test_workers_that_do_nothing_are_one_cause_within_five_minutes(world: World) -> None:
    live(world, 4, but=polls(world))

    assert world.causes() == [("silent-flow", "workers")]
    live(world, 1)
    assert world.causes() == []


def test_workers_with_nothing_to_do_are_not_dead(world: World) -> None:
    world.wait(3600)
    with world.store.write() as db:
        db.execute(sa.update(ITEM).values(answered=ITEM.c.asked))
    assert list(silence._workers(world.services)) == []


def test_one_lane_whose_worker_is_dead_is_told_although_all_others_work(world: World) -> None:
    of_lane = [pair for pair in polls(world) if STEPS[pair[0]].lane is Lane.RECONCILIATION]
    live(world, 4, but=of_lane)

    assert world.causes() == [("silent-flow", "workers/reconciliation")]


def test_a_lane_that_may_take_nothing_from_its_quota_has_no_dead_worker(world: World) -> None:
    world.quota.places = 0
    live(world, 6, but=[pair for pair in polls(world) if STEPS[pair[0]].lane is Lane.RECONCILIATION])

    assert world.causes() == []


def test_a_flow_that_is_paused_is_silent_on_purpose(world: World) -> None:
    with world.store.write() as db:
        pauses.add(db, "orders", "calder", "ada", "stocktaking", world.at)
    live(world, 10, but=[("orders.poll", "calder")])

    assert world.causes() == []


def test_work_that_is_held_has_a_cause_of_its_own(world: World) -> None:
    poll = ("orders.poll", "calder")
    with world.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.step == poll[0], ITEM.c.subject == poll[1]).values(held=True))
    live(world, 10, but=[poll])

    assert world.causes() == []


def test_a_platform_that_is_down_is_one_cause_for_all_that_it_stops(world: World) -> None:
    down(world, "virtualstock:calder")
    live(world, 20, but=[pair for pair in polls(world) if pair[1] == "calder"])

    assert world.causes() == [("platform-down", "virtualstock:calder")]
    assert "Virtualstock does not serve credential calder: it has not answered for" in sentence(
        world, "virtualstock:calder", kinds.PLATFORM_DOWN
    )
    down(world)
    live(world, 1)
    assert world.causes() == []


@pytest.mark.parametrize("gate", [CENTRA, ORDER_API])
def test_both_doors_of_centra_are_watched(world: World, gate: str) -> None:
    down(world, gate)
    live(world, 5)

    assert world.causes() == [("platform-down", gate)]


def test_an_outage_that_one_look_finds_and_the_next_does_not_is_nobodys_business(world: World) -> None:
    for _ in range(5):
        down(world, "virtualstock:calder")
        live(world, 2)
        assert world.causes() == []
        down(world)
        live(world, 1)

    assert world.causes() == []


def test_a_platform_that_is_slow_for_long_is_told_as_that(world: World) -> None:
    for _ in range(17):
        with world.store.write() as db:
            work.was_slow(db, "virtualstock:calder", world.at + policy.MINUTE)
        live(world, 1)

    assert world.causes() == [("platform-down", "virtualstock:calder")]
    assert "it has answered slowly for" in sentence(world, "virtualstock:calder", kinds.PLATFORM_DOWN)


def test_a_refused_credential_explains_what_is_silent_because_of_it(world: World) -> None:
    facts = {"platform": "Virtualstock", "credential": "calder", "why": "401"}
    with world.store.write() as db:
        problem = Problem(kinds.CREDENTIAL_REFUSED, "virtualstock:calder", facts)
        causes.open_for(db, [problem], world.at, item_id=None)
    live(world, 10, but=[pair for pair in polls(world) if pair[1] == "calder"])

    assert world.causes() == [("credential-refused", "virtualstock:calder")]


def test_work_that_waits_long_for_its_quota_is_told_by_lane(world: World) -> None:
    world.ask(steps.ORDERS_ACKNOWLEDGE, "calder/PO-1", "calder/PO-2")
    down(world)
    live(world, 10)
    assert world.causes() == []
    live(world, 1)

    assert world.causes() == [("quota-starved", "virtualstock:calder/orders")]
    said = sentence(world, "virtualstock:calder/orders", kinds.QUOTA_STARVED)
    assert "credential calder, does not suffice for the lane orders: 2 pieces of work wait" in said
    assert "the oldest for 11 minutes, and 4% of it is left" in said


def test_work_that_failed_or_is_due_later_is_not_starved(world: World) -> None:
    world.ask(steps.ORDERS_ACKNOWLEDGE, "calder/failed", "calder/later")
    with world.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.subject == "calder/failed").values(tries=1))
        due_at = world.at + policy.HOUR
        db.execute(sa.update(ITEM).where(ITEM.c.subject == "calder/later").values(due_at=due_at))
    live(world, 20)

    assert world.causes() == []


def test_bulk_may_wait_for_hours(world: World) -> None:
    with world.store.write() as db:
        world.services.promise(db, steps.STOCK_PUSH, ["calder/TEE-M"], lane=Lane.CATALOGUE)
    world.wait(3600 * 5)
    work_is_done(world)
    live(world, 1)

    assert world.causes() == []


def test_a_look_that_fails_keeps_no_other_from_being_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(silence_orders, "stalled", fail)
    monkeypatch.setattr(silence_quotas, "platforms", fail)
    world.wait(600)
    with pytest.raises(ExceptionGroup) as caught:
        silence.watch(world.services)

    assert len(caught.value.exceptions) == 2
    assert world.causes() == [("silent-flow", "clock")]
