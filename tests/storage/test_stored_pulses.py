"""The first word about a minute counts, minutes come back in order, and old ones are forgotten, on both engines."""

from datetime import timedelta

from integration.flows import pulse
from integration.services import Services
from integration.storage import Store, pulses
from tests.world import NOON


def test_the_first_word_about_a_minute_counts(store: Store) -> None:
    with store.write() as db:
        pulses.write(db, NOON, {"quotas": {"centra": 0.1}})
        pulses.write(db, NOON + timedelta(seconds=59), {"quotas": {"centra": 0.9}})
        pulses.write(db, NOON + timedelta(seconds=60), {"quotas": {"centra": 0.5}})
        found = pulses.since(db, NOON)

    assert [(each["at"], each["quotas"]) for each in found] == [
        (NOON, {"centra": 0.1}), (NOON + timedelta(seconds=60), {"centra": 0.5}),
    ]


def test_minutes_before_a_moment_are_forgotten_and_not_shown(store: Store) -> None:
    with store.write() as db:
        for minute in range(4):
            pulses.write(db, NOON + timedelta(minutes=minute), {})
        pulses.forget(db, NOON + timedelta(minutes=1))
        assert len(pulses.since(db, NOON)) == 3
        assert len(pulses.since(db, NOON + timedelta(minutes=3))) == 1


def test_ages_and_lanes_are_counted_on_both_engines(store: Store) -> None:
    services = StandIn(store)
    assert sum(pulse.lanes(services).values()) == 0
    assert set(pulse.ages(services)) == {"turn", "person"}


class StandIn(Services):
    """Only a database and a clock."""

    def __init__(self, store: Store) -> None:
        object.__setattr__(self, "store", store)
        object.__setattr__(self, "now", lambda: NOON)
