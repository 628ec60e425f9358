"""Each minute leaves a row behind that says how things stood, and rows nobody looks at go away."""

from typing import Any

from integration import steps
from integration.flows import pulse
from integration.lanes import Lane
from integration.problems import Throttled
from tests.world import World


def used(world: World, share: int) -> None:
    world.quota.snapshot = lambda: {"used": share, "limit": 100, "window_seconds": 60}  # type: ignore[method-assign]


def test_a_minute_says_what_is_used_what_waits_and_how_old_the_last_success_is(world: World) -> None:
    used(world, 25)
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    world.ask(steps.ORDERS_PLACE, "1", "2")
    world.wait(90)
    pulse.beat(world.services)

    [minute] = pulse.lately(world.services)
    assert minute["quotas"]["centra"] == 0.25
    assert minute["ages"]["intake"] == 90
    assert minute["ages"]["invoices"] is None
    assert minute["lanes"]["orders"] == 2


def test_two_beats_of_one_minute_are_one_row(world: World) -> None:
    used(world, 25)
    pulse.beat(world.services)
    used(world, 50)
    pulse.beat(world.services)

    assert [each["quotas"]["centra"] for each in pulse.lately(world.services)] == [0.25]


def test_the_last_hour_is_shown_and_two_hours_are_kept(world: World) -> None:
    for _ in range(150):
        pulse.beat(world.services)
        world.wait(60)

    shown = pulse.lately(world.services)
    assert len(shown) == 60
    assert [each["at"] for each in shown] == sorted(each["at"] for each in shown)
    assert len(pulse.lately(world.services, 24 * pulse.policy.HOUR)) == 121


def test_a_minute_without_redis_or_without_a_limit_has_no_number(world: World) -> None:
    world.quota.snapshot = nobody  # type: ignore[method-assign]
    pulse.beat(world.services)

    assert pulse.lately(world.services)[0]["quotas"]["centra"] is None


def nobody() -> dict[str, Any]:
    raise Throttled("away", wait=2)


def test_what_is_held_waits_for_a_person_and_is_no_backlog(world: World) -> None:
    world.ask(steps.STOCK_READ, "1")
    world.wait(4000)
    world.ask(steps.STOCK_READ, "2")
    hold(world, "1")

    assert pulse.lanes(world.services) == dict.fromkeys(Lane, 0) | {steps.STOCK_READ.lane: 1}
    waiting = pulse.ages(world.services)
    assert waiting["person"] == dict.fromkeys([*pulse.AGES, pulse.OLDER], 0) | {"under 1 day": 1}
    assert waiting["turn"] == dict.fromkeys([*pulse.AGES, pulse.OLDER], 0) | {"under 1 minute": 1}


def test_an_age_belongs_to_the_first_that_it_is_under(world: World) -> None:
    for subject, seconds in (("1", 59), ("2", 60), ("3", 599), ("4", 3599), ("5", 3600), ("6", 86_400)):
        now = world.at
        world.wait(-seconds)
        world.ask(steps.STOCK_READ, subject)
        world.at = now

    assert list(pulse.ages(world.services)["turn"].values()) == [1, 2, 1, 1, 1]


def hold(world: World, subject: str) -> None:
    with world.store.write() as db:
        db.execute(pulse.ITEM.update().where(pulse.ITEM.c.subject == subject).values(held=True))
