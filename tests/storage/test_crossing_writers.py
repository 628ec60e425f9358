"""Writers that touch the same rows in opposite orders wait for each other; none of them is thrown out."""

from collections.abc import Callable, Sequence

import pytest
from work_asks import NOW, ask, row

from integration.centra.schema import DisplayItem, Size
from integration.storage import Store, inbox, listings, sizes
from tests.racing import race

MANY = range(1, 300)


def record_sizes(store: Store, numbers: Sequence[int]) -> None:
    with store.write() as db:
        found = [Size(id=number, sku=f"SKU-{number}", is_active=True) for number in numbers]
        sizes.record(db, found, sizes.begin_read(db), NOW, dict.fromkeys(numbers, 1))


def record_listings(store: Store, numbers: Sequence[int]) -> None:
    with store.write() as db:
        listings.record(db, [
            {"retailer": "calder", "product_id": number, "part_number": "7", "sku": None, "size_id": None,
             "seen_at": NOW} for number in numbers
        ])  # fmt: skip


def put_letters(store: Store, numbers: Sequence[int]) -> None:
    with store.write() as db:
        inbox.put(db, "storefront", [(str(number), {}) for number in numbers], NOW, reopen=True)


def record_display_items(store: Store, numbers: Sequence[int]) -> None:
    with store.write() as db:
        sizes.record_display_items(db, [DisplayItem(id=number, variant_id=1) for number in numbers])


def mark_stale(store: Store, numbers: Sequence[int]) -> None:
    with store.write() as db:
        sizes.mark_stale(db, numbers, 10**9)


def promise(store: Store, numbers: Sequence[int]) -> None:
    ask(store, *[f"northgate/{number}" for number in numbers])


@pytest.mark.parametrize(
    "write", [promise, record_sizes, record_listings, put_letters, record_display_items, mark_stale]
)
def test_two_writers_from_opposite_ends_both_succeed(
    store: Store, write: Callable[[Store, Sequence[int]], None]
) -> None:
    there, back = list(MANY), list(reversed(MANY))
    write(store, there)

    for _ in range(3):
        race(lambda: write(store, there), lambda: write(store, back))


def test_promises_from_opposite_ends_are_all_counted(store: Store) -> None:
    race(lambda: promise(store, list(MANY)), lambda: promise(store, list(reversed(MANY))))

    assert {row(store, f"northgate/{number}").asked for number in (MANY[0], MANY[-1])} == {2}
