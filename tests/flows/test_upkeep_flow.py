"""The clock asks once per window, and upkeep never forgets what is still needed."""

from datetime import timedelta

from integration import policy, steps
from integration.flows import upkeep
from integration.problems import TryAgain
from integration.storage import inbox, journal
from tests.world import World


def test_a_job_is_asked_for_once_per_window_for_every_retailer(world: World) -> None:
    assert upkeep.tick(world.services, "orders.poll", 30)
    assert not upkeep.tick(world.services, "orders.poll", 30)

    assert world.asked(steps.ORDERS_POLL) == sorted(world.rules.retailers)


def test_the_next_window_asks_again(world: World) -> None:
    upkeep.tick(world.services, "orders.poll", 30)
    world.wait(30)

    assert upkeep.tick(world.services, "orders.poll", 30)


def test_a_job_about_centra_is_asked_for_once_in_all(world: World) -> None:
    upkeep.tick(world.services, "stock.sweep", 1800)

    assert world.asked(steps.STOCK_SWEEP) == [steps.CENTRA]


def test_centras_own_count_is_only_an_improvement(world: World) -> None:
    world.centra.fail("rate_limits", TryAgain("down"))

    assert upkeep.tick(world.services, "upkeep.limits", 120)

    assert world.centra.said("rate_limits") == [None]
    assert world.items() == []


def test_a_new_database_asks_for_everything_it_must_read(world: World) -> None:
    upkeep.start(world.services)

    assert world.asked(steps.STOCK_SWEEP) == [steps.CENTRA]
    assert world.asked(steps.CATALOGUE_DISPLAYS) == [steps.CENTRA]
    assert world.asked(steps.INTAKE_POLL) == [steps.CENTRA]
    assert world.asked(steps.CATALOGUE_LISTINGS) == sorted(world.rules.retailers)


def test_what_is_forgotten_is_old_and_done(world: World) -> None:
    old, young = world.at - policy.INBOX_KEPT - timedelta(days=1), world.at - timedelta(days=1)
    with world.store.write() as db:
        for key, at in (("old", old), ("young", young)):
            inbox.put(db, "centra events", [(key, {})], at)
            inbox.absorbed(db, [letter.id for letter in inbox.waiting(db, 10)], at)
        inbox.put(db, "centra events", [("waiting", {})], old)
        journal.first_in_window(db, "orders.poll", 1, world.at - policy.TICKS_KEPT - timedelta(hours=1))
        journal.first_in_window(db, "orders.poll", 2, world.at)

    upkeep.forget(world.services)

    with world.store.write() as db:
        assert inbox.put(db, "centra events", [("young", {}), ("waiting", {})], world.at) == 0
        assert inbox.put(db, "centra events", [("old", {})], world.at) == 1
        assert journal.first_in_window(db, "orders.poll", 1, world.at)
        assert not journal.first_in_window(db, "orders.poll", 2, world.at)
