"""A guardrail counts each SKU once, stops once, and lets pass exactly what a person named."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from integration.storage import Store, guards, listings
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GUARD, RETAILER, SKU, WINDOW = "prices", "northgate", "TEE-M", 500


def note(store: Store, *skus: str, guard: str = GUARD, retailer: str = RETAILER, window: int = WINDOW) -> int:
    with store.write() as db:
        return guards.note(db, guard, retailer, window, skus)


def stop(store: Store, guard: str = GUARD, retailer: str = RETAILER) -> bool:
    with store.write() as db:
        return guards.stop(db, guard, retailer, NOW)


def approve(store: Store, value: str, *, sku: str = SKU, retailer: str = RETAILER, now: datetime = NOW) -> None:
    with store.write() as db:
        guards.approve(db, GUARD, retailer, sku, value, "Ada", "a sale", now)


def approved(store: Store, value: str, *, guard: str = GUARD, sku: str = SKU, retailer: str = RETAILER) -> bool:
    with store.read() as db:
        return guards.approved(db, guard, retailer, sku, value)


def test_an_sku_counts_once_in_a_window_however_often_it_is_noted(store: Store) -> None:
    assert note(store, "A", "B", "A") == 2
    assert note(store, "B", "C") == 3
    assert note(store) == 3


@pytest.mark.parametrize("other", [{"guard": "stock to zero"}, {"retailer": "calder"}, {"window": 501}])
def test_every_guard_retailer_and_window_counts_for_itself(store: Store, other: dict[str, str]) -> None:
    note(store, "A", "B")

    assert note(store, "A", **other) == 1  # type: ignore[arg-type]


def test_more_skus_than_one_statement_takes_are_counted(store: Store) -> None:
    assert note(store, *[f"SKU-{number}" for number in range(1001)]) == 1001


def test_racing_counts_from_opposite_ends_both_succeed(store: Store) -> None:
    skus: Sequence[str] = [f"SKU-{number}" for number in range(300)]

    race(lambda: note(store, *skus), lambda: note(store, *reversed(skus)))

    assert note(store) == 300


def test_exactly_one_of_those_who_stop_at_once_is_told_that_it_stopped(store: Store) -> None:
    assert sorted(race(*[lambda: stop(store)] * 5)) == [False] * 4 + [True]


def test_a_stop_is_of_one_guard_at_one_retailer_until_it_goes_on(store: Store) -> None:
    stop(store)
    stop(store, "stock to zero", "calder")

    with store.write() as db:
        assert guards.stopped(db) == {(GUARD, RETAILER), ("stock to zero", "calder")}
        guards.go_on(db, GUARD, RETAILER)
        assert guards.stopped(db) == {("stock to zero", "calder")}

    assert stop(store), "it can stop again"


def test_what_was_counted_before_a_person_let_go_counts_no_more(store: Store) -> None:
    note(store, "A", "B")
    note(store, "A", "B", retailer="calder")

    with store.write() as db:
        guards.go_on(db, GUARD, RETAILER)

    assert note(store, "C") == 1
    assert note(store, "C", retailer="calder") == 3


def test_exactly_the_named_value_passes(store: Store) -> None:
    approve(store, "price=9.99")

    assert approved(store, "price=9.99")
    assert not approved(store, "price=9.98")
    assert not approved(store, "price=9.99", sku="CAP")
    assert not approved(store, "price=9.99", retailer="calder")
    assert not approved(store, "price=9.99", guard="stock to zero")


def test_a_value_may_be_let_pass_twice(store: Store) -> None:
    approve(store, "price=9.99")
    approve(store, "price=9.99")

    assert approved(store, "price=9.99")


def test_what_was_let_pass_passes_once(store: Store) -> None:
    approve(store, "price=9.99")
    approve(store, "rrp=19.99")
    approve(store, "price=9.99", sku="CAP")

    with store.write() as db:
        guards.used(db, GUARD, RETAILER, SKU)

    assert not approved(store, "price=9.99")
    assert not approved(store, "rrp=19.99")
    assert approved(store, "price=9.99", sku="CAP")


def test_only_listings_that_can_be_bought_are_live(store: Store) -> None:
    with store.write() as db:
        listings.record(db, [
            {"retailer": retailer, "product_id": number, "part_number": "7", "sku": SKU, "size_id": None,
             "agreed": agreed, "gone": gone, "seen_at": NOW}
            for number, (retailer, agreed, gone) in enumerate([
                (RETAILER, 1, False), (RETAILER, 5, False), (RETAILER, 0, False), (RETAILER, None, False),
                (RETAILER, 5, True), ("calder", 5, False),
            ])
        ])  # fmt: skip

        assert guards.live(db, RETAILER) == 2


def test_windows_that_are_over_and_old_approvals_are_forgotten(store: Store) -> None:
    note(store, "A", window=WINDOW)
    note(store, "A", window=WINDOW + 1)
    note(store, "A", window=WINDOW, retailer="calder")
    approve(store, "price=1", now=NOW - timedelta(seconds=1))
    approve(store, "price=2", now=NOW)

    with store.write() as db:
        guards.forget(db, NOW)

    assert note(store, window=WINDOW) == 0
    assert note(store, window=WINDOW + 1) == 1
    assert note(store, window=WINDOW, retailer="calder") == 1, "it may still be running"
    assert (approved(store, "price=1"), approved(store, "price=2")) == (False, True)
