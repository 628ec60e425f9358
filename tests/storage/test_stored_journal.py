"""Counters, windows and versions are handed out once, however many processes ask."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.storage import Store, journal, published
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def first(store: Store, window: int, job: str = "orders.poll") -> bool:
    with store.write() as db:
        return journal.first_in_window(db, job, window, NOW)


def test_of_racing_beats_one_asks_in_a_window(store: Store) -> None:
    assert sum(race(*[lambda: first(store, 7)] * 6)) == 1


def test_each_window_and_each_job_is_asked_for(store: Store) -> None:
    assert first(store, 7)
    assert first(store, 8)
    assert first(store, 7, "stock.sweep")
    assert not first(store, 7)


def test_only_windows_long_over_are_forgotten(store: Store) -> None:
    first(store, 7)
    with store.write() as db:
        journal.forget_ticks(db, NOW)
    assert not first(store, 7)

    with store.write() as db:
        journal.forget_ticks(db, NOW + timedelta(seconds=1))
    assert first(store, 7)


def test_racing_draws_are_all_different(store: Store) -> None:
    def draw() -> int:
        with store.write() as db:
            return journal.draw(db, "size-read")

    assert sorted(race(*[draw] * 6)) == [1, 2, 3, 4, 5, 6]


def test_a_watermark_is_zero_until_it_is_moved(store: Store) -> None:
    with store.write() as db:
        assert journal.watermark(db, "page") == 0
        journal.move_watermark(db, "page", 5)
        journal.move_watermark(db, "page", 3)

        assert journal.watermark(db, "page") == 3


def test_a_story_is_told_from_first_to_last_and_keeps_its_newest_lines(store: Store) -> None:
    with store.write() as db:
        for number in range(5):
            journal.tell(db, "order", "northgate/PO-1", f"step {number}", NOW, number=number)
        journal.tell(db, "order", "northgate/PO-2", "another order", NOW)

        told = journal.story(db, "order", "northgate/PO-1", limit=3)

    assert [(each["what"], each["number"]) for each in told] == [("step 2", 2), ("step 3", 3), ("step 4", 4)]


def test_of_two_people_who_publish_from_the_same_version_one_must_look_again(store: Store) -> None:
    def publish(author: str, after: int | None) -> int | None:
        with store.write() as db:
            return published.publish(db, {"by": author}, after=after, author=author, reason="test", now=NOW)

    assert publish("first", None) == 1
    assert sorted(race(lambda: publish("ann", 1), lambda: publish("ben", 1)), key=str) == [2, None]
    assert publish("late", 1) is None
    with store.read() as db:
        assert published.newest_version(db) == 2


def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as db:
            journal.move_watermark(db, "page", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    with store.read() as db:
        assert journal.watermark(db, "page") == 0
