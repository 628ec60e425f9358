"""Each listing is tied to the one size it stands for, or to none; nothing is guessed."""

from integration import steps
from integration.centra.schema import DisplayItem
from integration.lanes import Lane
from integration.problems import Refused
from integration.storage import listings, sizes
from integration.virtualstock.schema import Product
from tests.world import World, heard


def read(world: World, retailer: str = "northgate") -> str:
    return world.do(steps.CATALOGUE_LISTINGS, retailer).state


def offers(world: World, retailer: str = "northgate") -> dict[int, str]:
    """Matched SKU by product."""
    with world.store.read() as db:
        return {each.product_id: each.sku for each in listings.entries(db, retailer, 0, 1000) if each.sku is not None}


def test_nothing_is_matched_before_centras_sizes_are_known(world: World) -> None:
    world.lists("northgate", 901, "71000001", "TEE-M")

    assert read(world) == "again"

    assert world.northgate.calls == []


def test_a_listing_is_tied_by_the_key_its_retailer_uses(shop: World) -> None:
    shop.lists("calder", 801, "TEE-M", "whatever")
    read(shop, "calder")

    assert offers(shop) == {901: "TEE-M", 902: "CAP"}
    assert offers(shop, "calder") == {801: "TEE-M"}


def test_a_listing_that_matches_nothing_is_counted_and_left_alone(shop: World) -> None:
    shop.lists("northgate", 905, "71000009", "UNKNOWN")

    read(shop)

    assert 905 not in offers(shop)
    assert shop.causes() == []
    with shop.store.read() as db:
        assert len(listings.entries(db, "northgate", 0, 1000)) == 3


def test_a_listing_with_two_possible_sizes_is_tied_to_none_and_reported(shop: World) -> None:
    shop.centra.has(13, "CAP", 1)
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)
    shop.settle()

    read(shop)

    assert offers(shop) == {901: "TEE-M"}
    assert shop.causes() == [("ambiguous-sku", "northgate/71000002")]


def test_an_ambiguity_that_is_gone_closes_its_exception(shop: World) -> None:
    test_a_listing_with_two_possible_sizes_is_tied_to_none_and_reported(shop)
    shop.centra.has(13, "CAP-2", 1)
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)
    shop.settle()

    read(shop)

    assert shop.causes() == []


def test_products_of_another_retailer_behind_the_same_credential_are_left_alone(shop: World) -> None:
    raw = {"url": "https://v/api/v4/products/777/", "part_number": "x", "client": "https://v/api/v4/clients/638/"}
    shop.northgate.listed.append(Product.parse(raw | {"data": {"tradedCode": "TEE-M"}}))

    read(shop)

    assert 777 not in offers(shop)


def test_a_first_publication_is_bulk_and_what_the_retailer_shows_already_is_not_sent(shop: World) -> None:
    shop.lists("northgate", 903, "71000003", "TEE-M")

    read(shop)

    assert shop.asked(steps.STOCK_PUSH) == ["northgate/TEE-M"]
    assert shop.item(steps.STOCK_PUSH, "northgate/TEE-M").lane == Lane.CATALOGUE
    shop.settle()
    assert shop.northgate.said("set_stock") == [(903, 8)]


def test_the_catalogue_is_read_page_by_page_and_from_the_start_the_next_time(shop: World) -> None:
    for number in range(300):
        shop.lists("northgate", 2000 + number, f"72{number:06}", "UNKNOWN")

    read(shop)
    shop.settle()

    assert shop.northgate.said("products_page") == [0, 200]
    read(shop)
    assert shop.northgate.said("products_page")[-1] == 0


def test_a_lost_listing_that_is_listed_again_gets_its_stock(shop: World) -> None:
    shop.centra.has(11, "TEE-M", 5)
    with shop.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
    shop.do(steps.STOCK_READ, steps.CENTRA)
    shop.northgate.fail("set_stock", Refused("no such product", status=404))
    assert shop.run(steps.STOCK_PUSH, "northgate/TEE-M").state == "held"

    read(shop)
    shop.settle()

    assert shop.causes() == []
    assert shop.northgate.shown == {901: 5}


def test_display_items_are_read_page_by_page(world: World) -> None:
    world.centra.displays = [DisplayItem(id=70, variant_id=5), DisplayItem(id=71, variant_id=6)]

    world.ask(steps.CATALOGUE_DISPLAYS, steps.CENTRA)
    world.settle()

    assert world.centra.said("display_items_page") == [1, 2]
    with world.store.write() as db:
        assert sizes.mark_display_items_stale(db, [70, 71, 72], heard(db)) == {72}
