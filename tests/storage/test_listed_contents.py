"""A listing is found beside the newest reading of the one product that has its size, whatever became of either."""

import pytest
from content_asks import JUMPER, NOW, RETAILER, SKU, TEE, intend, list_, listed, product, read, shop_of, show

from integration.centra.schema import Size as SizeRead
from integration.storage import Store, contents, listings, products, sizes


@pytest.fixture
def shop(store: Store) -> Store:
    """One listing of a product that was read."""
    return shop_of(store)


def test_a_listing_whose_attributes_nobody_read_has_stock_but_no_contents(store: Store) -> None:
    read(store, product())
    list_(store)
    with store.write() as db:
        sizes.record(db, [SizeRead(id=TEE, sku=SKU, is_active=True)], sizes.begin_read(db), NOW)

        assert contents.of_sku(db, RETAILER, SKU) == contents.of_products(db, [JUMPER]) == []
        assert [each.withdrawn for each in listings.of_sku(db, RETAILER, SKU)] == [False]


def test_a_listing_the_retailer_lost_has_no_contents_until_it_is_listed_again(shop: Store) -> None:
    with shop.write() as db:
        listings.mark_gone_by_id(db, listed(shop).listing_id)
        assert contents.of_sku(db, RETAILER, SKU) == []

    list_(shop)

    assert listed(shop).accepted["title"] == "Jumper"


def test_a_retailer_counts_as_listing_what_it_lists_or_has_listed(shop: Store) -> None:
    list_(shop, 901, size_id=12)
    with shop.write() as db:
        listings.mark_gone_by_id(db, listed(shop).listing_id)

        assert listings.listed_sizes(db, RETAILER, [TEE, 12, 13]) == {TEE, 12}
        assert listings.listed_sizes(db, RETAILER, [TEE, 12, 13], still=True) == {12}
        assert listings.listed_sizes(db, "calder", [TEE]) == set()


def test_the_listings_of_a_product_at_all_retailers_share_one_picture_of_it(store: Store) -> None:
    read(store, product(size_ids=range(100, 1100)), product("Scarf", 32, size_ids=[99]))
    for size_id in (99, 100, 1099):
        for number, retailer in enumerate(("northgate", "calder")):
            list_(store, size_id, retailer=retailer, size_id=size_id)
            show(store, {"title": str(number)}, product_id=size_id, retailer=retailer)

    with store.read() as db:
        found = contents.of_products(db, [JUMPER])
        both = contents.of_products(db, [JUMPER, 32])

    assert [(each.retailer, each.size_id) for each in found] == [
        ("northgate", 100), ("calder", 100), ("northgate", 1099), ("calder", 1099),
    ]  # fmt: skip
    assert len({id(each.product) for each in found}) == 1
    assert [each.size_id for each in both] == [99, 99, 100, 100, 1099, 1099]


def test_a_listing_of_a_gone_product_is_still_found_to_be_withdrawn(shop: Store) -> None:
    read(shop, gone=JUMPER)

    with shop.read() as db:
        (found,) = contents.of_products(db, [JUMPER])
    assert (found.product, found.product_gone) == (product(), True)


def test_a_listing_of_a_size_that_left_its_product_is_still_found_to_be_withdrawn(shop: Store) -> None:
    read(shop, product(size_ids=[12]))

    with shop.read() as db:
        (found,) = contents.of_products(db, [JUMPER])
    assert (found.size_id, found.product, found.product_gone) == (TEE, product(size_ids=[12]), False)


@pytest.mark.parametrize("first", ["the old product is read first", "the new product is read first"])
def test_a_size_that_moved_belongs_to_the_product_that_has_it(shop: Store, first: str) -> None:
    old, new = product(size_ids=[]), product("Scarf", 32)
    for each in (old, new) if first.startswith("the old") else (new, old):
        read(shop, each)

    with shop.read() as db:
        assert [each.product for each in contents.of_products(db, [JUMPER])] == [new]
        assert [each.product for each in contents.of_products(db, [32])] == [new]


def test_a_size_of_a_gone_and_a_present_product_belongs_to_the_present_one(shop: Store) -> None:
    read(shop, product("Scarf", 32))
    read(shop, gone=JUMPER)

    assert listed(shop).product == product("Scarf", 32)


def test_a_listing_whose_product_was_never_read_has_none(store: Store) -> None:
    list_(store)
    show(store, {"title": "Jumper"})
    with store.write() as db:
        products.mark_stale(db, [JUMPER], 0)

    assert (listed(store).product, listed(store).product_gone, listed(store).digest) == (None, False, None)
    assert intend(store, listed(store), {"title": "X"}, "worker")


def test_all_listings_of_a_retailer_can_be_paged_through(shop: Store) -> None:
    for product_id in (901, 902):
        list_(shop, product_id)
        show(shop, {}, product_id=product_id)
    list_(shop, 903, retailer="calder")
    show(shop, {}, product_id=903, retailer="calder")
    list_(shop, 904, sku=None, size_id=None)
    show(shop, {}, product_id=904)

    seen: list[int] = []
    after = 0
    with shop.read() as db:
        while page := contents.of_listings(db, RETAILER, after, 2):
            seen += [each.product_id for each in page]
            after = page[-1].listing_id

    assert seen == [900, 901, 902]
