"""A guardrail counts each SKU once, stops once, and lets pass exactly what a person named."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from integration.storage import Store, guards, listings
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GUARD, RETAILER, SKU, MINUTES = "prices", "northgate", "TEE-M", 60


def note(store: Store, *skus: str, guard: str = GUARD, retailer: str = RETAILER, at: datetime = NOW) -> int:
    with store.write() as db:
        return guards.note(db, guard, retailer, skus, at, MINUTES)


def foresee(store: Store, *skus: str, at: datetime = NOW) -> int:
    with store.read() as db:
        return guards.foresee(db, GUARD, RETAILER, skus, at, MINUTES)


def stop(store: Store, guard: str = GUARD, retailer: str = RETAILER) -> bool:
    with store.write() as db:
        return guards.stop(db, guard, retailer, NOW)


def approve(store: Store, value: str, *, sku: str = SKU, retailer: str = RETAILER, now: datetime = NOW) -> None:
    with store.write() as db:
        guards.approve(db, GUARD, [(retailer, sku, value)], "Ada", "a sale", now)


def approved(store: Store, value: str, *, guard: str = GUARD, sku: str = SKU, retailer: str = RETAILER) -> bool:
    with store.read() as db:
        return guards.approved(db, guard, retailer, sku, value)


def test_an_sku_counts_once_in_a_window_however_often_it_is_noted(store: Store) -> None:
    assert note(store, "A", "B", "A") == 2
    assert note(store, "B", "C") == 3
    assert note(store) == 3


@pytest.mark.parametrize("other", [{"guard": "stock to zero"}, {"retailer": "calder"}])
def test_every_guard_and_retailer_counts_for_itself(store: Store, other: dict[str, str]) -> None:
    note(store, "A", "B")

    assert note(store, "A", **other) == 1  # type: ignore[arg-type]


def test_what_lies_less_than_a_window_apart_is_counted_together_wherever_it_begins(store: Store) -> None:
    for minute in range(0, 180, 7):
        begin = NOW + timedelta(minutes=minute * 1000, seconds=59)
        note(store, "A", "B", at=begin)
        assert note(store, "C", at=begin + timedelta(minutes=MINUTES, seconds=-1)) == 3


def test_what_moved_before_the_window_counts_no_more(store: Store) -> None:
    note(store, "A", "B")
    note(store, "B", at=NOW + timedelta(minutes=30))

    assert note(store, "C", at=NOW + timedelta(minutes=MINUTES + 1)) == 2
    assert note(store, "C", at=NOW + timedelta(minutes=MINUTES + 31)) == 1


def test_what_would_be_counted_is_foreseen_and_not_written(store: Store) -> None:
    many = [f"SKU-{number}" for number in range(1001)]
    note(store, "A", "B", *many[:500])

    assert foresee(store, "B", "C", *many) == 1004 == note(store, "B", "C", *many)
    assert foresee(store) == 1004
    assert foresee(store, "D", at=NOW + timedelta(minutes=MINUTES + 1)) == 1


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


def test_what_moved_and_cannot_be_bought_any_more_has_fallen(store: Store) -> None:
    note(store, "UP", "DOWN", "GONE", "NOWHERE")
    note(store, "EARLIER", at=NOW - timedelta(minutes=MINUTES + 1))
    rows = [(RETAILER, "UP", 3, False), (RETAILER, "DOWN", 0, False), (RETAILER, "GONE", 3, True),
            ("calder", "DOWN", 3, False), (RETAILER, "STILL", 0, False)]  # fmt: skip
    with store.write() as db:
        listings.record(db, [
            {"retailer": retailer, "product_id": number, "part_number": "7", "sku": sku, "size_id": None,
             "agreed": agreed, "gone": gone, "seen_at": NOW}
            for number, (retailer, sku, agreed, gone) in enumerate(rows)
        ])  # fmt: skip

        assert guards.fallen(db, GUARD, RETAILER, NOW, MINUTES) == 3


def test_old_moves_and_old_approvals_are_forgotten(store: Store) -> None:
    note(store, "A", at=NOW - timedelta(minutes=1))
    note(store, "B", at=NOW)
    approve(store, "price=1", now=NOW - timedelta(seconds=1))
    approve(store, "price=2", now=NOW)

    with store.write() as db:
        guards.forget(db, NOW)

    assert foresee(store) == 1
    assert (approved(store, "price=1"), approved(store, "price=2")) == (False, True)
