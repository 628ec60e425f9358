"""An event is kept once, waits until it has become work, and is forgotten long after."""

from datetime import UTC, datetime, timedelta

from integration.storage import Store, inbox
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def put(store: Store, *keys: str, source: str = "centra events", reopen: bool = False) -> int:
    with store.write() as db:
        return inbox.put(db, source, [(key, {"key": key}) for key in keys], NOW, reopen=reopen)


def waiting(store: Store, limit: int = 100) -> list[str]:
    with store.read() as db:
        return [letter.body["key"] for letter in inbox.waiting(db, limit)]


def absorb(store: Store, at: datetime = NOW) -> None:
    with store.write() as db:
        inbox.absorbed(db, [letter.id for letter in inbox.waiting(db, 5000)], at)


def test_an_event_delivered_twice_is_kept_once(store: Store) -> None:
    assert put(store, "1", "2") == 2
    assert put(store, "2", "3") == 1
    assert waiting(store) == ["1", "2", "3"]


def test_an_event_twice_in_one_delivery_is_kept_once(store: Store) -> None:
    assert put(store, "1", "1") == 1


def test_racing_deliveries_of_one_event_keep_it_once(store: Store) -> None:
    assert sum(race(*[lambda: put(store, "1")] * 6)) == 1


def test_an_event_that_is_absorbed_and_delivered_again_does_not_come_back(store: Store) -> None:
    put(store, "1")
    absorb(store)

    assert put(store, "1") == 0
    assert waiting(store) == []


def test_an_event_without_identity_is_opened_again(store: Store) -> None:
    put(store, "1", reopen=True)
    absorb(store)

    assert put(store, "1", reopen=True) == 1
    assert waiting(store) == ["1"]


def test_two_sources_may_use_the_same_key(store: Store) -> None:
    put(store, "1")

    assert put(store, "1", source="centra webhook") == 1


def test_the_oldest_events_come_first_and_no_more_than_asked_for(store: Store) -> None:
    put(store, "1", "2", "3")

    assert waiting(store, 2) == ["1", "2"]


def test_more_events_than_fit_one_statement_are_all_kept_and_absorbed(store: Store) -> None:
    keys = [str(number) for number in range(inbox.BATCH * 2 + 1)]

    assert put(store, *keys) == len(keys)
    absorb(store)

    assert waiting(store) == []


def test_only_absorbed_events_are_forgotten(store: Store) -> None:
    put(store, "done")
    absorb(store)
    put(store, "waiting")

    with store.write() as db:
        inbox.forget(db, NOW + timedelta(days=1))

    assert waiting(store) == ["waiting"]
    assert put(store, "done") == 1, "what is forgotten counts as new"


def test_an_event_absorbed_lately_is_still_remembered(store: Store) -> None:
    put(store, "1")
    absorb(store, NOW)

    with store.write() as db:
        inbox.forget(db, NOW)

    assert put(store, "1") == 0
