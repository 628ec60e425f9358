"""A clock runs once per order and kind, and each of its marks is reached once."""

from datetime import datetime, timedelta

import pytest
from order_asks import LATER, NOW, order, receive

from integration.storage import Store, deadlines
from integration.storage.deadlines import StoredDeadline
from tests.racing import race

HOUR = timedelta(hours=1)
DUE = NOW + 4 * HOUR


def start(store: Store, clock: str = "dispatch", due: datetime = DUE, at: datetime = NOW) -> None:
    with store.write() as db:
        deadlines.start(db, order(store).id, clock, at, due, at + (due - at) / 4)


def row(store: Store, clock: str = "dispatch") -> StoredDeadline:
    with store.read() as db:
        return next(each for each in deadlines.of_order(db, order(store).id) if each.clock == clock)


def mark(store: Store, known: StoredDeadline, passed: int) -> bool:
    with store.write() as db:
        missed = LATER if passed == 100 else None
        return deadlines.mark(db, known, passed, None if passed == 100 else DUE, missed)


def reached(store: Store, now: datetime) -> list[str]:
    with store.read() as db:
        return [each.clock for each in deadlines.reached(db, now, 10)]


@pytest.fixture(autouse=True)
def running(store: Store) -> None:
    """The clock of the dispatch runs for four hours."""
    receive(store)
    start(store)


def test_a_clock_is_reached_when_its_next_mark_is(store: Store) -> None:
    assert reached(store, NOW) == []
    assert reached(store, NOW + HOUR) == ["dispatch"]


def test_the_earliest_mark_is_reached_first(store: Store) -> None:
    start(store, "acknowledge", NOW + HOUR)

    assert reached(store, DUE) == ["acknowledge", "dispatch"]


def test_of_racing_workers_one_notes_a_mark(store: Store) -> None:
    known = row(store)

    assert sum(race(*[lambda: mark(store, known, 25)] * 4)) == 1

    assert row(store).passed == 25


def test_a_clock_that_is_met_has_no_more_marks(store: Store) -> None:
    known = row(store)
    with store.write() as db:
        deadlines.meet(db, order(store).id, LATER, ["dispatch", "acknowledge"])

    assert reached(store, DUE) == []
    assert not mark(store, known, 25)
    assert row(store).met_at == LATER


def test_a_clock_that_was_met_neither_starts_anew_nor_is_met_later(store: Store) -> None:
    with store.write() as db:
        deadlines.meet(db, order(store).id, NOW, ["dispatch"])
        deadlines.meet(db, order(store).id, LATER, ["dispatch"])
    start(store, due=DUE + 9 * HOUR)

    assert (row(store).met_at, row(store).due_at) == (NOW, DUE)


def test_a_running_clock_can_get_another_due_moment_and_begins_anew(store: Store) -> None:
    mark(store, row(store), 100)

    start(store, due=DUE + 9 * HOUR, at=LATER)

    found = row(store)
    assert (found.started_at, found.due_at, found.passed, found.missed_at) == (LATER, DUE + 9 * HOUR, 0, None)


def test_clocks_that_are_near_and_missed_are_counted(store: Store) -> None:
    mark(store, row(store), 75)

    with store.read() as db:
        assert deadlines.running(db, DUE - HOUR, 75) == [("dispatch", 1, 0)]
        assert deadlines.running(db, DUE, 75) == [("dispatch", 0, 1)]
