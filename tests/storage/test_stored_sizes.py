"""The newest reading of a size is on record, whatever order the answers came in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from integration.centra.schema import Size, Warehouse, WarehouseStock
from integration.storage import Store, journal, sizes
from integration.storage.sizes import SIZE
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEE = 11


def size(free: int, number: int = TEE, sku: str = "TEE-M", ean: str | None = None, variant: int = 5) -> Size:
    stock = (WarehouseStock(warehouse_id=1, free_to_allocate=free),)
    return Size(id=number, sku=sku, ean=ean, variant_id=variant, is_active=True, stock=stock)


def begin(store: Store) -> int:
    with store.write() as db:
        return sizes.begin_read(db)


def record(store: Store, seq: int, *found: Size, asked: dict[int, int] | None = None) -> None:
    with store.write() as db:
        sizes.record(db, found, seq, NOW, asked)


def known(store: Store, number: int = TEE) -> tuple[int | None, bool]:
    """Free units on record, and whether the size is gone."""
    with store.read() as db:
        row = db.execute(select(SIZE).where(SIZE.c.id == number)).one()
    return (None if row.snapshot is None else Size.model_validate(row.snapshot).stock[0].free_to_allocate), row.gone


def stale(store: Store) -> dict[int, int]:
    with store.read() as db:
        return sizes.stale(db, 100)


def mark(store: Store, *numbers: int, after: int | None = None) -> None:
    with store.write() as db:
        newest = journal.watermark(db, journal.SIZE_READ)
        sizes.mark_stale(db, numbers, newest if after is None else after)


@pytest.mark.parametrize("answers", ["in order", "out of order"])
def test_the_read_that_began_later_wins_whichever_answer_comes_first(store: Store, answers: str) -> None:
    old, new = begin(store), begin(store)
    readings = [(old, size(9)), (new, size(2))]

    for seq, found in readings if answers == "in order" else reversed(readings):
        record(store, seq, found)

    assert known(store) == (2, False)


def test_racing_reads_have_different_numbers(store: Store) -> None:
    assert len(set(race(*[lambda: begin(store)] * 6))) == 6


def test_racing_answers_leave_the_newest_reading(store: Store) -> None:
    numbers = [begin(store) for _ in range(6)]

    race(*[lambda seq=seq: record(store, seq, size(seq)) for seq in numbers])

    assert known(store) == (max(numbers), False)


def test_a_size_is_read_until_what_was_asked_is_settled(store: Store) -> None:
    mark(store, TEE)
    asked = stale(store)

    record(store, begin(store), size(3), asked=asked)

    assert asked == {TEE: 1}
    assert stale(store) == {}


def test_a_size_asked_for_again_during_its_read_stays_stale(store: Store) -> None:
    mark(store, TEE)
    asked = stale(store)
    seq = begin(store)
    mark(store, TEE)

    record(store, seq, size(3), asked=asked)

    assert stale(store) == {TEE: 2}


def test_a_size_read_since_we_heard_of_its_change_is_not_read_again(store: Store) -> None:
    heard = begin(store)
    record(store, begin(store), size(3))

    mark(store, TEE, after=heard)
    assert stale(store) == {}


def test_a_reading_that_was_out_when_we_heard_of_a_change_does_not_count(store: Store) -> None:
    out = begin(store)
    mark(store, TEE, after=out)
    record(store, out, size(3))

    mark(store, TEE, after=out)

    assert stale(store) == {TEE: 2}


def test_an_older_answer_cannot_unsettle_what_a_newer_one_settled(store: Store) -> None:
    mark(store, TEE)
    first = stale(store)
    mark(store, TEE)
    second = stale(store)

    record(store, begin(store), size(3), asked=second)
    record(store, begin(store), size(3), asked=first)

    assert stale(store) == {}


def test_a_sweep_that_nobody_asked_for_leaves_stale_sizes_stale(store: Store) -> None:
    mark(store, TEE)

    record(store, begin(store), size(3))

    assert stale(store) == {TEE: 1}


def test_a_size_that_centra_no_longer_returns_is_gone_and_settled(store: Store) -> None:
    record(store, begin(store), size(3))
    mark(store, TEE)

    record(store, begin(store), asked=stale(store))

    assert known(store) == (3, True)
    assert stale(store) == {}


def test_a_gone_size_that_returns_is_there_again(store: Store) -> None:
    mark(store, TEE)
    record(store, begin(store), asked=stale(store))
    assert known(store) == (None, True)

    record(store, begin(store), size(4))

    assert known(store) == (4, False)


def test_an_older_read_cannot_declare_a_size_gone(store: Store) -> None:
    mark(store, TEE)
    asked, old = stale(store), begin(store)
    record(store, begin(store), size(4))

    record(store, old, asked=asked)

    assert known(store) == (4, False)


def test_a_size_we_never_heard_of_is_entered_and_read(store: Store) -> None:
    mark(store, 999, 999)

    assert stale(store) == {999: 1}


def test_storefront_ids_mark_every_size_of_their_variant(store: Store) -> None:
    record(store, begin(store), size(1), size(1, 12, "TEE-L"), size(1, 13, "CAP", variant=6))
    with store.write() as db:
        sizes.record_display_items(db, [display(70, variant=5)])

        assert sizes.mark_display_items_stale(db, [70, 71], journal.watermark(db, journal.SIZE_READ)) == {71}

    assert stale(store) == {11: 1, 12: 1}


def display(number: int, variant: int) -> "sizes.DisplayItemRead":
    return sizes.DisplayItemRead(id=number, variant_id=variant)


def test_a_key_that_several_sizes_share_returns_all_of_them(store: Store) -> None:
    record(store, begin(store), size(1, 11, "TEE-M", ean="50"), size(1, 12, "TEE-L", ean="50"))

    with store.read() as db:
        assert sorted(sizes.matching(db, "ean", "50")) == [(11, "TEE-M"), (12, "TEE-L")]
        assert sizes.matching(db, "sku", "tee-m") == [], "a SKU in another case is another SKU"


def test_warehouses_are_those_of_the_newest_read(store: Store) -> None:
    with store.write() as db:
        both = [Warehouse(id=1, market_ids=frozenset({3})), Warehouse(id=2, market_ids=frozenset({3}))]
        sizes.record_warehouses(db, both)
        sizes.record_warehouses(db, [Warehouse(id=1, market_ids=frozenset({3, 4}))])

        assert sizes.warehouses_of(db, 3) == {1}
        assert sizes.warehouses_of(db, 4) == {1}
        assert sizes.warehouses_of(db, 5) == frozenset()


def test_an_empty_answer_about_warehouses_leaves_what_is_known(store: Store) -> None:
    with store.write() as db:
        sizes.record_warehouses(db, [Warehouse(id=1, market_ids=frozenset({3}))])
        sizes.record_warehouses(db, [])

        assert sizes.warehouses_of(db, 3) == {1}


def test_the_least_recently_read_come_first_and_those_never_read_last(store: Store) -> None:
    for minutes, number in ((2, 1), (1, 2), (0, 3)):
        with store.write() as db:
            began = NOW + timedelta(minutes=minutes)
            sizes.record(db, [size(1, number, f"TEE-{number}")], sizes.begin_read(db), began)
    mark(store, 1, 2, 3, 4)
    with store.read() as db:
        order = [frozenset(sizes.stale(db, limit)) for limit in (1, 2, 3, 4)]
    assert order == [{3}, {3, 2}, {3, 2, 1}, {3, 2, 1, 4}]
