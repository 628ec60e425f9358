"""Attributes count as accepted only when nobody else could have changed the listing, or its product, meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from content_asks import (
    JUMPER,
    LATER,
    NOW,
    RETAILER,
    SKU,
    TEE,
    accepted,
    intend,
    list_,
    listed,
    product,
    read,
    send,
    shop_of,
    show,
)

from integration.centra.schema import Size as SizeRead
from integration.domain.pricing import PriceNow
from integration.storage import Store, contents, listings, products, sizes
from tests.racing import race

MANY = range(1, 200)


@pytest.fixture
def shop(store: Store) -> Store:
    """One listing of a product that was read."""
    return shop_of(store)


def test_what_a_retailer_shows_on_the_first_read_counts_as_accepted(shop: Store) -> None:
    found = listed(shop)

    assert found.accepted == found.shown == {"title": "Jumper", "colour": "BLUE"}
    assert (found.product_id, found.part_number, found.size_id, found.category_id) == (900, "7", 11, 5544)
    assert found.stock == 4
    assert (found.product, found.product_gone) == (product(), False)
    assert (found.unsettled, found.withdrawn, found.accepted_at) == (False, False, None)


def test_attributes_are_accepted_beside_those_that_were(shop: Store) -> None:
    send(shop, {"title": "Pullover", "colour": ""})

    found = listed(shop)
    assert found.accepted == found.shown == {"title": "Pullover"}
    assert (found.unsettled, found.accepted_at) == (False, NOW)


def test_a_value_that_a_retailer_writes_in_its_own_form_is_not_taken_for_a_change(shop: Store) -> None:
    send(shop, {"price": "49.50"}, shown={"title": "Jumper", "colour": "BLUE", "price": "49.5"})
    show(shop, {"title": "Jumper", "colour": "BLUE", "price": "49.5"}, began=LATER)

    assert listed(shop).accepted["price"] == "49.50"


def test_a_value_that_somebody_changed_over_there_is_seen_by_the_next_reading(shop: Store) -> None:
    send(shop, {"price": "49.50"}, shown={"title": "Jumper", "colour": "BLUE", "price": "49.5"})

    show(shop, {"title": "Jumper", "price": "39.5", "care": "Cold"}, began=LATER)

    found = listed(shop)
    assert found.accepted == found.shown == {"title": "Jumper", "price": "39.5", "care": "Cold"}


def test_a_value_that_somebody_changed_over_there_is_seen_in_the_answer_to_our_own_call(shop: Store) -> None:
    send(shop, {"title": "Pullover"}, shown={"title": "Pullover", "colour": "RED"})

    assert listed(shop).accepted == {"title": "Pullover", "colour": "RED"}


def test_an_attribute_that_the_retailer_ignores_is_not_sent_over_and_over(shop: Store) -> None:
    send(shop, {"mood": "warm"}, shown={"title": "Jumper", "colour": "BLUE"})
    show(shop, {"title": "Jumper", "colour": "BLUE"}, began=LATER)

    assert listed(shop).accepted["mood"] == "warm"


def test_an_answer_without_attributes_leaves_what_we_sent(shop: Store) -> None:
    send(shop, {"title": "Pullover"}, shown={})

    assert listed(shop).accepted == listed(shop).shown == {"title": "Pullover", "colour": "BLUE"}


def test_a_reading_that_began_before_our_call_was_accepted_is_too_old(shop: Store) -> None:
    send(shop, {"title": "Pullover"}, now=LATER)

    show(shop, {"title": "Jumper", "colour": "RED"}, began=LATER)

    assert listed(shop).accepted == {"title": "Pullover", "colour": "BLUE"}


def test_a_reading_while_a_call_is_out_proves_nothing(shop: Store) -> None:
    intend(shop, listed(shop), {"title": "Pullover"}, "worker that is slow")

    show(shop, {"title": "Something else", "colour": "BLUE"}, began=LATER)

    assert listed(shop).accepted["title"] == "Jumper"


def test_a_category_is_kept_when_a_reading_does_not_say_it(shop: Store) -> None:
    same = {"title": "Jumper", "colour": "BLUE"}
    show(shop, same, category=None)
    assert listed(shop).category_id == 5544

    show(shop, same, category=5546)

    assert (listed(shop).category_id, listed(shop).accepted) == (5546, same)


def test_readings_of_other_retailers_and_unknown_products_touch_nothing(shop: Store) -> None:
    show(shop, {"title": "X"}, retailer="calder", began=LATER)
    show(shop, {"title": "X"}, product_id=901, began=LATER)

    assert listed(shop).accepted["title"] == "Jumper"


def test_a_call_without_an_answer_leaves_the_listing_unsettled(shop: Store) -> None:
    intend(shop, listed(shop), {"title": "Pullover"}, "worker that dies here")

    assert listed(shop).unsettled


def test_a_call_that_was_not_sent_leaves_what_was_known(shop: Store) -> None:
    before = listed(shop)
    intend(shop, before, {"title": "Pullover"}, "worker")

    with shop.write() as db:
        contents.not_sent(db, before, "worker")

    assert listed(shop) == before


def test_a_call_that_was_not_sent_does_not_settle_an_earlier_doubt(shop: Store) -> None:
    intend(shop, listed(shop), {"title": "Pullover"}, "first")
    doubtful = listed(shop)
    intend(shop, doubtful, {"title": "Pullover"}, "second")

    with shop.write() as db:
        contents.not_sent(db, doubtful, "second")

    assert listed(shop).unsettled


def test_of_two_overlapping_calls_the_first_intention_is_not_accepted(shop: Store) -> None:
    seen = listed(shop)
    intend(shop, seen, {"title": "A"}, "first")
    intend(shop, seen, {"title": "B"}, "second")

    assert not accepted(shop, seen, {"title": "A"}, "first")
    assert listed(shop).accepted["title"] == "Jumper"


def test_unsettling_takes_the_word_from_a_call_that_is_still_out(shop: Store) -> None:
    seen = listed(shop)
    intend(shop, seen, {"title": "A"}, "slow")

    with shop.write() as db:
        contents.unsettle(db, seen)

    assert not accepted(shop, seen, {"title": "A"}, "slow")
    assert listed(shop).unsettled


def test_an_unsettled_listing_stays_so_until_a_later_call_is_accepted(shop: Store) -> None:
    with shop.write() as db:
        contents.unsettle(db, listed(shop))
    assert listed(shop).unsettled

    send(shop, {"title": "Pullover"})

    assert not listed(shop).unsettled


def test_nothing_is_sent_by_a_plan_made_before_another_call_was_accepted(shop: Store) -> None:
    old = listed(shop)
    send(shop, {"title": "Pullover"})

    assert not intend(shop, old, {"title": "Cardigan"}, "late")


def test_nothing_is_sent_by_a_plan_made_before_its_product_changed(shop: Store) -> None:
    old = listed(shop)
    read(shop, product("Pullover"))

    assert not intend(shop, old, {"title": "Jumper"}, "late")
    assert not listed(shop).unsettled


def test_nothing_is_sent_by_a_plan_made_before_its_product_went(shop: Store) -> None:
    old = listed(shop)
    read(shop, gone=JUMPER)

    assert not intend(shop, old, {"title": "Pullover"}, "late")


def test_a_reading_without_a_change_spoils_no_plan(shop: Store) -> None:
    seen = listed(shop)
    read(shop, product())

    assert intend(shop, seen, {"title": "Pullover"}, "worker")


def test_whoever_reads_the_product_sees_our_intention_or_we_see_the_reading(shop: Store) -> None:
    for turn in range(8):
        seen = listed(shop)

        def reads(name: str = f"Jumper {turn}") -> bool:
            with shop.write() as db:
                products.record(db, [product(name)], products.begin_read(db), NOW, {})
                return contents.of_products(db, [JUMPER])[0].unsettled

        doubted, intended = race(reads, lambda seen=seen: intend(shop, seen, {"title": "X"}, "worker"))

        assert doubted == intended
        with shop.write() as db:
            contents.not_sent(db, seen, "worker")


def test_a_withdrawn_article_is_withdrawn_for_its_stock_too(shop: Store) -> None:
    with shop.write() as db:
        sizes.record(db, [SizeRead(id=TEE, sku=SKU, is_active=True)], sizes.begin_read(db), NOW)

    def withdrawn() -> tuple[bool, bool]:
        with shop.read() as db:
            return listed(shop).withdrawn, listings.of_sku(db, RETAILER, SKU)[0].withdrawn

    assert withdrawn() == (False, False)
    with shop.write() as db:
        contents.set_withdrawn(db, listed(shop).listing_id, True)
    assert withdrawn() == (True, True)


def test_every_accepted_price_is_remembered_with_its_source_the_newest_first(shop: Store) -> None:
    first = {"price": PriceNow(Decimal("49.50"), "GBP", "pricelist 7"), "cost": PriceNow(Decimal(20), "GBP", "cost")}
    second = {"price": PriceNow(Decimal("39.60"), "GBP", "pricelist 7, campaign 12: 20 % off")}
    with shop.write() as db:
        contents.remember_prices(db, RETAILER, SKU, first, NOW)
        contents.remember_prices(db, RETAILER, SKU, second, LATER)
        contents.remember_prices(db, "calder", SKU, {"price": PriceNow(Decimal(1), "GBP", "x")}, LATER)
        contents.remember_prices(db, RETAILER, SKU, {}, LATER)

        found = contents.sent_prices(db, RETAILER, SKU, 10)
        assert [(row.attribute, row.amount) for row in found] == [
            ("price", "39.60"), ("cost", "20"), ("price", "49.50"),
        ]  # fmt: skip
        assert (found[0].currency, found[0].source, found[0].at) == ("GBP", second["price"].source, LATER)
        assert len(contents.sent_prices(db, RETAILER, SKU, 1)) == 1


def read_catalogue(store: Store, numbers: Sequence[int], title: str = "", began: datetime = NOW) -> None:
    with store.write() as db:
        read = {number: (5544, {"title": title or f"{numbers[0]}"}) for number in numbers}
        contents.record_read(db, RETAILER, read, began)


def list_many(store: Store) -> None:
    with store.write() as db:
        rows = [{"retailer": RETAILER, "product_id": number, "part_number": "7", "sku": f"SKU-{number}", "size_id": TEE,
                 "seen_at": NOW} for number in MANY]  # fmt: skip
        listings.record(db, rows)
    read_catalogue(store, MANY)


def test_readings_of_the_same_listings_from_opposite_ends_both_succeed(store: Store) -> None:
    list_many(store)
    there, back = list(MANY), list(reversed(MANY))

    for _ in range(3):
        race(lambda: read_catalogue(store, there), lambda: read_catalogue(store, back))

    with store.read() as db:
        assert len(contents.of_listings(db, RETAILER, 0, 1000)) == len(MANY)


def test_a_long_reading_that_crosses_our_call_takes_nothing_back(store: Store) -> None:
    list_many(store)
    list_(store)
    show(store, {"title": "Jumper"})
    everything = [*MANY, 900]

    for turn in range(1, 13):
        then = NOW + timedelta(minutes=turn)
        race(
            lambda then=then: read_catalogue(store, everything, f"Theirs {then.minute}", then),
            lambda then=then: send(store, {"title": f"Ours {then.minute}"}, now=then),
        )

        assert listed(store).accepted["title"] == f"Ours {turn}"
