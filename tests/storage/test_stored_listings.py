"""A quantity counts as accepted only when nobody else could have sent another one meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from integration.centra.schema import Size, WarehouseStock
from integration.storage import Store, listings, sizes
from integration.storage.listings import Offer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEE, RETAILER, SKU = 11, "northgate", "TEE-M"


def read_size(store: Store, free: int) -> None:
    """A reading of Centra that began now."""
    with store.write() as db:
        stock = (WarehouseStock(warehouse_id=1, free_to_allocate=free),)
        sizes.record(db, [Size(id=TEE, sku=SKU, is_active=True, stock=stock)], sizes.begin_read(db), NOW)


def record(store: Store, **changes: Any) -> None:
    row = {
        "retailer": RETAILER, "product_id": 900, "part_number": "71234567", "sku": SKU, "size_id": TEE, "seen_at": NOW,
    }  # fmt: skip
    with store.write() as db:
        listings.record(db, [row | changes])


def offer(store: Store) -> Offer:
    with store.read() as db:
        (found,) = listings.of_sku(db, RETAILER, SKU)
    return found


def intend(store: Store, of: Offer, quantity: int, token: str) -> bool:
    with store.write() as db:
        return listings.intend(db, of, quantity, token)


def accepted(store: Store, of: Offer, quantity: int, token: str) -> bool:
    with store.write() as db:
        return listings.accepted(db, of, quantity, token, NOW)


@pytest.fixture
def listed(store: Store) -> Store:
    """One listing, whose size has been read once."""
    read_size(store, 8)
    record(store)
    return store


def test_a_quantity_is_agreed_once_it_was_accepted(listed: Store) -> None:
    assert intend(listed, offer(listed), 8, "worker")
    assert accepted(listed, offer(listed), 8, "worker")

    assert (offer(listed).agreed, offer(listed).unsettled) == (8, False)


def test_a_call_without_an_answer_leaves_the_listing_unsettled(listed: Store) -> None:
    intend(listed, offer(listed), 8, "worker that dies here")

    assert (offer(listed).agreed, offer(listed).unsettled) == (None, True)


def test_a_call_that_was_not_sent_leaves_what_was_known(listed: Store) -> None:
    before = offer(listed)
    intend(listed, before, 8, "worker")

    with listed.write() as db:
        listings.not_sent(db, before, "worker")

    assert offer(listed) == before


def test_a_call_that_was_not_sent_does_not_settle_an_earlier_doubt(listed: Store) -> None:
    intend(listed, offer(listed), 8, "first")
    doubtful = offer(listed)
    intend(listed, doubtful, 8, "second")

    with listed.write() as db:
        listings.not_sent(db, doubtful, "second")

    assert offer(listed).unsettled


def test_of_two_overlapping_calls_the_first_intention_is_not_accepted(listed: Store) -> None:
    seen = offer(listed)
    intend(listed, seen, 8, "first")
    intend(listed, seen, 7, "second")

    assert not accepted(listed, seen, 8, "first")
    assert offer(listed).agreed is None


def test_an_unsettled_listing_stays_so_until_a_later_call_is_accepted(listed: Store) -> None:
    seen = offer(listed)
    intend(listed, seen, 8, "first")
    accepted(listed, seen, 8, "first")
    with listed.write() as db:
        listings.unsettle(db, offer(listed))
    assert offer(listed).unsettled

    intend(listed, offer(listed), 8, "second")
    accepted(listed, offer(listed), 8, "second")

    assert not offer(listed).unsettled


def test_a_listing_that_agreed_on_nothing_can_be_unsettled_too(listed: Store) -> None:
    with listed.write() as db:
        listings.unsettle(db, offer(listed))

    assert offer(listed).unsettled


def test_unsettling_takes_the_word_from_a_call_that_is_still_out(listed: Store) -> None:
    seen = offer(listed)
    intend(listed, seen, 8, "slow")

    with listed.write() as db:
        listings.unsettle(db, seen)

    assert not accepted(listed, seen, 8, "slow")


def test_an_older_reading_is_not_sent_after_a_newer_one_was_accepted(listed: Store) -> None:
    old = offer(listed)
    read_size(listed, 3)
    new = offer(listed)
    intend(listed, new, 3, "new")
    accepted(listed, new, 3, "new")

    assert not intend(listed, old, 8, "old")
    assert offer(listed).agreed == 3


def test_the_same_reading_may_be_sent_again(listed: Store) -> None:
    seen = offer(listed)
    intend(listed, seen, 8, "first")
    accepted(listed, seen, 8, "first")

    assert intend(listed, replace(seen, unsettled=True), 8, "second")


def test_a_listing_the_retailer_lost_is_offered_no_more_until_it_is_listed_again(listed: Store) -> None:
    with listed.write() as db:
        listings.mark_gone(db, offer(listed))
    with listed.read() as db:
        assert listings.of_sizes(db, [TEE]) == []

    record(listed)

    assert offer(listed).product_id == 900


def test_reading_the_catalogue_again_keeps_what_is_agreed(listed: Store) -> None:
    intend(listed, offer(listed), 8, "worker")
    accepted(listed, offer(listed), 8, "worker")

    record(listed, part_number="79999999", agreed=2)

    with listed.read() as db:
        assert listings.skus_by_part_number(db, RETAILER, ["79999999", "71234567"]) == {"79999999": {SKU}}
    assert offer(listed).agreed == 8


def test_what_a_retailer_shows_on_the_first_read_counts_as_agreed(listed: Store) -> None:
    record(listed, product_id=901, sku="CAP", agreed=4)

    with listed.read() as db:
        assert [each.agreed for each in listings.of_sku(db, RETAILER, "CAP")] == [4]


def test_a_part_number_with_two_skus_returns_both(listed: Store) -> None:
    record(listed, product_id=901, sku="CAP")

    with listed.read() as db:
        assert listings.skus_by_part_number(db, RETAILER, ["71234567"]) == {"71234567": {SKU, "CAP"}}
        assert listings.skus_by_part_number(db, "calder", ["71234567"]) == {}


def test_all_that_a_retailer_lists_can_be_paged_through(listed: Store) -> None:
    record(listed, product_id=901)
    record(listed, product_id=902)
    record(listed, product_id=903, retailer="calder")
    record(listed, product_id=904, gone=True)

    seen: list[int] = []
    after = 0
    with listed.read() as db:
        while page := listings.entries(db, RETAILER, after, 2):
            seen += [each.product_id for each in page]
            after = page[-1].listing_id

    assert seen == [900, 901, 902]


def test_a_listing_that_matches_no_size_is_no_offer_but_listed(listed: Store) -> None:
    record(listed, product_id=901, sku=None, size_id=None, part_number="7X")

    with listed.read() as db:
        matched, unmatched = listings.entries(db, RETAILER, 0, 10)
        assert listings.skus(db) == [(RETAILER, SKU)]
    assert (matched.sku, matched.size_id) == (SKU, TEE)
    assert (unmatched.part_number, unmatched.sku, unmatched.size_id, unmatched.ean, unmatched.shown) == (
        "7X", None, None, None, {}
    )  # fmt: skip


def test_what_is_listed_is_named_once_for_each_retailer(listed: Store) -> None:
    record(listed, product_id=901)
    record(listed, product_id=902, sku="CAP")
    record(listed, product_id=903, sku="CAP", retailer="calder")
    record(listed, product_id=904, sku="HAT", gone=True)

    with listed.read() as db:
        assert listings.skus(db) == [("calder", "CAP"), (RETAILER, "CAP"), (RETAILER, SKU)]
        assert listings.skus(db, sku="CAP", retailer=RETAILER) == [(RETAILER, "CAP")]
        assert listings.skus(db, sku="NOPE") == []
