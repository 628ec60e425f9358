"""An image link is due once until it was looked at, and what was found is known from then on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integration.policy import IMAGE_USED
from integration.storage import Store, images
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
ONE, TWO, THREE = (f"https://shop.test/{number}.jpg" for number in (1, 2, 3))


def want(store: Store, *urls: str, now: datetime = NOW) -> None:
    with store.write() as db:
        images.want(db, urls, now)


def record(store: Store, url: str, wrong: str | None, next_at: datetime = LATER) -> None:
    with store.write() as db:
        images.record(db, url, wrong, NOW, next_at)


def due(store: Store, now: datetime = NOW, limit: int = 10) -> list[str]:
    with store.read() as db:
        return images.due(db, now, limit)


def use(store: Store, *urls: str, now: datetime = NOW) -> None:
    with store.write() as db:
        images.use(db, urls, now)


def known(store: Store, *urls: str) -> dict[str, str | None]:
    with store.read() as db:
        return images.known(db, urls)


def test_a_link_that_nobody_looked_at_is_due_and_not_known(store: Store) -> None:
    want(store, ONE, TWO, ONE)

    assert due(store) == [ONE, TWO]
    assert known(store, ONE, TWO, THREE) == {}


def test_what_a_look_showed_is_known_until_the_next_one_is_due(store: Store) -> None:
    want(store, ONE, TWO)
    record(store, ONE, None)
    record(store, TWO, "there is no such page")

    assert known(store, ONE, TWO, THREE) == {ONE: None, TWO: "there is no such page"}
    assert due(store) == []
    assert due(store, LATER) == [ONE, TWO]


def test_a_link_that_was_mended_is_right_again(store: Store) -> None:
    record(store, ONE, "there is no such page")
    record(store, ONE, None)

    assert known(store, ONE) == {ONE: None}


def test_wanting_a_link_that_was_looked_at_makes_nobody_look_again(store: Store) -> None:
    record(store, ONE, None)

    want(store, ONE, now=LATER - timedelta(seconds=1))

    assert due(store, LATER - timedelta(seconds=1)) == []
    assert known(store, ONE) == {ONE: None}


def test_the_link_that_waits_longest_is_due_first(store: Store) -> None:
    want(store, ONE, now=NOW)
    want(store, TWO, now=NOW - timedelta(minutes=1))
    want(store, THREE, now=NOW + timedelta(minutes=1))

    assert due(store) == [TWO, ONE]
    assert due(store, limit=1) == [TWO]


def look(store: Store, *urls: str, now: datetime) -> None:
    """They are looked at, and due again at once."""
    with store.write() as db:
        for url in urls:
            images.record(db, url, None, now, now)


@pytest.mark.parametrize("again", [want, use])
def test_a_link_that_was_looked_at_after_its_use_is_left_alone_until_it_is_used_again(
    store: Store, again: Callable[..., None]
) -> None:
    want(store, ONE, TWO)
    look(store, ONE, TWO, now=NOW + IMAGE_USED)
    assert due(store, LATER) == [ONE, TWO]
    look(store, ONE, TWO, now=NOW + IMAGE_USED + timedelta(seconds=1))
    assert due(store, LATER) == []

    again(store, TWO, now=LATER)
    assert due(store, LATER) == [TWO]


def test_a_use_is_written_down_once_a_day_and_makes_no_link_known(store: Store) -> None:
    want(store, ONE)
    look(store, ONE, now=NOW + timedelta(days=3))
    use(store, ONE, TWO, now=NOW + timedelta(hours=23))
    with store.write() as db:
        images.forget(db, NOW + IMAGE_USED)
        assert images.known(db, [ONE]) == {ONE: None}
        images.use(db, [ONE, TWO], NOW + timedelta(hours=24))

    assert due(store, LATER) == [ONE]
    assert known(store, TWO) == {}


def test_links_that_were_not_used_for_long_are_forgotten(store: Store) -> None:
    want(store, ONE, TWO)
    look(store, ONE, TWO, now=NOW)
    use(store, TWO, now=LATER)

    with store.write() as db:
        images.forget(db, NOW + IMAGE_USED)
        assert images.known(db, [ONE, TWO]) == {ONE: None, TWO: None}
        images.forget(db, LATER)

    assert known(store, ONE, TWO) == {TWO: None}


def test_more_links_than_one_statement_takes_are_wanted_and_known(store: Store) -> None:
    urls = [f"https://shop.test/{number}.jpg" for number in range(1001)]
    want(store, *urls)
    with store.write() as db:
        for url in urls[::500]:
            images.record(db, url, None, NOW, LATER)

    assert known(store, *urls) == dict.fromkeys(urls[::500])
    assert len(due(store, limit=2000)) == 998


def test_those_who_want_the_same_links_at_once_both_succeed(store: Store) -> None:
    urls = [f"https://shop.test/{number}.jpg" for number in range(300)]

    race(lambda: want(store, *urls), lambda: want(store, *reversed(urls)), lambda: use(store, *urls, now=LATER))

    assert len(due(store, limit=1000)) == 300
