"""A product that is being edited rests until it is quiet, but not for ever, and a price never waits."""

from datetime import UTC, datetime, timedelta

import pytest

from integration import policy
from integration.centra.content import Product
from integration.storage import Store, products
from integration.storage.products import Rest

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
JUMPER, SHIRT = 31, 32
LATE = 10**9
"""The number of a reading after all readings: the mark counts."""


def edit(store: Store, *numbers: int, at: datetime = NOW, after: int = LATE) -> None:
    rest = Rest(at + policy.CONTENT_QUIET, at + policy.CONTENT_LONGEST)
    with store.write() as db:
        products.mark_stale(db, numbers, after, rest=rest)


def price(store: Store, *numbers: int) -> None:
    with store.write() as db:
        products.mark_stale(db, numbers, LATE)


def readable(store: Store, at: datetime) -> list[int]:
    with store.read() as db:
        return list(products.stale(db, 10, at))


def readable_at(store: Store, at: datetime = NOW) -> datetime | None:
    with store.read() as db:
        return products.readable_at(db, at)


def read(store: Store, number: int, asked: int) -> None:
    with store.write() as db:
        found = Product(id=number, name=f"read {asked}")
        products.record(db, [found], products.begin_read(db), NOW, {}, {number: asked})


def test_a_product_is_read_once_it_was_quiet_and_each_edit_begins_the_quiet_anew(store: Store) -> None:
    for second in range(10):
        edit(store, JUMPER, at=NOW + second * SECOND)
    quiet = NOW + 9 * SECOND + policy.CONTENT_QUIET
    assert readable(store, quiet - SECOND) == []
    assert readable(store, quiet) == [JUMPER]
    assert readable_at(store) == quiet
    assert readable_at(store, quiet + SECOND) == quiet + SECOND


def test_a_product_that_is_never_quiet_is_read_all_the_same(store: Store) -> None:
    for second in range(0, 600, 30):
        edit(store, JUMPER, at=NOW + second * SECOND)
    assert readable_at(store) == NOW + policy.CONTENT_LONGEST


@pytest.mark.parametrize("order", ["edit before", "edit after", "both"])
def test_a_price_does_not_wait_for_edits_before_or_after_it(store: Store, order: str) -> None:
    if order != "edit after":
        edit(store, JUMPER)
    price(store, JUMPER)
    if order != "edit before":
        edit(store, JUMPER)
    edit(store, SHIRT)
    assert readable(store, NOW) == [JUMPER]
    assert readable_at(store) == NOW


def test_an_edit_while_the_product_is_read_is_read_after_its_own_rest(store: Store) -> None:
    edit(store, JUMPER)
    first = NOW + policy.CONTENT_QUIET
    edit(store, JUMPER, at=first)
    read(store, JUMPER, 1)
    assert readable(store, first) == []
    assert readable(store, first + policy.CONTENT_QUIET) == [JUMPER]


def test_the_next_edit_after_a_reading_rests_as_long_as_the_first(store: Store) -> None:
    edit(store, JUMPER)
    read(store, JUMPER, 1)
    later = NOW + policy.CONTENT_LONGEST
    edit(store, JUMPER, at=later)
    assert readable_at(store, later) == later + policy.CONTENT_QUIET


def test_an_edit_that_a_reading_has_brought_already_leaves_the_rest_as_it_is(store: Store) -> None:
    edit(store, JUMPER)
    with store.write() as db:
        products.record(db, [Product(id=JUMPER, name="newer")], products.begin_read(db), NOW, {})
    edit(store, JUMPER, at=NOW + 30 * SECOND, after=0)
    assert readable_at(store) == NOW + policy.CONTENT_QUIET


def test_what_has_rested_longest_is_read_first_and_what_is_urgent_before_that(store: Store) -> None:
    edit(store, 40, at=NOW + 2 * SECOND)
    edit(store, 50, at=NOW)
    price(store, 60)
    assert readable(store, NOW + policy.CONTENT_LONGEST) == [60, 50, 40]


def test_where_nothing_is_to_be_read_nothing_is_waited_for(store: Store) -> None:
    assert readable_at(store) is None
