"""The web process notices a dead clock and tells it, and one that lives has nothing to fear from it."""

import threading

import pytest

from integration.flows import silence, upkeep
from integration.web import watchman
from integration.web.watchman import Watchman
from tests.world import World


def test_a_clock_that_is_dead_is_told_by_the_web_process_alone(world: World) -> None:
    upkeep.tick(world.services, "orders.poll", 30)
    man = Watchman(world.services)
    for _ in range(20):
        world.wait(15)
        man.look()

    assert ("silent-flow", "clock") in world.causes()
    assert any("silent-flow" in title for _, title, *_ in world.notify.told)


def test_a_window_in_which_beat_has_looked_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setitem(upkeep.CHORES, "silence.watch", lambda _: looked.append("silence.watch"))
    monkeypatch.setitem(upkeep.CHORES, "alerts.send", lambda _: looked.append("alerts.send"))
    upkeep.tick(world.services, "silence.watch", 60)
    Watchman(world.services).look()
    Watchman(world.services).look()

    assert looked == ["silence.watch", "alerts.send"]


def test_a_look_that_fails_does_not_end_the_rounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = threading.Event()

    def fail(_: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(upkeep.CHORES, "silence.watch", fail)
    monkeypatch.setitem(upkeep.CHORES, "alerts.send", lambda _: sent.set())
    monkeypatch.setattr(watchman, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(watchman, "EVERY", 0.01)
    man = Watchman(world.services)
    man.start()
    try:
        assert sent.wait(5)
        world.wait(120)
        sent.clear()
        assert sent.wait(5), "it goes on"
    finally:
        man.stop()


def test_what_the_web_process_asks_for_is_no_sign_of_life_of_beat() -> None:
    assert not set(watchman.JOBS) & set(silence.polled())
