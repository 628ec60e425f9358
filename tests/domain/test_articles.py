"""What a size is sold as, and what an event may name of it."""

from collections import Counter
from typing import Any

import pytest
from wares import image, jumper

from integration.centra.content import Campaign, Display, Named, Product, Size, Variant
from integration.domain.articles import Article, article, parts

STORE, MARKET = 1, 3


def seen(product: Product, size_id: int = 3) -> Article:
    """The article of a size that the product has."""
    found = article(product, size_id, store=STORE, market=MARKET)
    assert found is not None
    return found


def display(number: int, **changes: Any) -> Display:
    """An active display of our store that shows the jumper's variant in our market, with changes."""
    return Display(**{"id": number, "store_id": STORE, "market_ids": (MARKET,), "variant_ids": (2,)} | changes)


def shown_by(*displays: Display) -> Article:
    """The jumper as these displays show it."""
    return seen(jumper(product={"displays": displays}).product)


def test_a_size_is_seen_with_its_variant_and_the_display_that_offers_it() -> None:
    ware = jumper()
    found = seen(ware.product)

    assert (found.variant, found.size, found.display) == (ware.variant, ware.size, ware.display)
    assert found.on_sale


def test_a_size_is_found_in_whichever_variant_has_it() -> None:
    other = Variant(id=8, sizes=(Size(id=9), Size(id=10)))
    found = seen(jumper(product={"variants": (jumper().variant, other)}).product, 10)

    assert (found.variant.id, found.size.id) == (8, 10)
    assert found.display is None, "no display shows that variant"
    assert not found.on_sale


def test_a_size_that_the_product_does_not_have_is_no_article() -> None:
    assert article(jumper().product, 99, store=STORE, market=MARKET) is None


@pytest.mark.parametrize(
    "change",
    [
        {"product": {"status": "INACTIVE"}},
        {"product": {"status": "SLEEPING"}},
        {"variant": {"status": "INACTIVE"}},
        {"variant": {"status": ""}},
        {"size": {"is_active": False}},
        {"display": {"status": "INACTIVE"}},
        {"display": {"status": "active"}},
        {"display": {"market_ids": (4,)}},
    ],
    ids=str,
)
def test_whatever_is_not_active_takes_the_article_off_sale_and_leaves_it_its_display(change: dict[str, Any]) -> None:
    found = seen(jumper(**change).product)

    assert not found.on_sale
    assert found.display is not None
    assert found.display.id == 4


@pytest.mark.parametrize("change", [{"store_id": 2}, {"variant_ids": (7,)}], ids=str)
def test_a_display_of_another_store_or_variant_does_not_speak_for_it(change: dict[str, Any]) -> None:
    found = seen(jumper(display=change).product)

    assert found.display is None
    assert not found.on_sale


def test_the_display_that_offers_it_to_the_market_goes_before_all_others() -> None:
    found = shown_by(display(41, status="INACTIVE"), display(42, market_ids=(4,)), display(43), display(44))

    assert found.display is not None
    assert found.display.id == 43
    assert found.on_sale


def test_without_one_that_offers_it_the_first_that_shows_it_speaks() -> None:
    found = shown_by(display(40, store_id=2), display(41, status="INACTIVE"), display(42, market_ids=(4,)))

    assert found.display is not None
    assert found.display.id == 41
    assert not found.on_sale


def test_an_event_may_name_everything_below_a_product_and_everything_it_hangs_on() -> None:
    campaign = Campaign(id=12, variant_id=2)
    ware = jumper(
        product={"collection": Named(id=7, name="Core"), "images": (image(11),)},
        display={"categories": (Named(id=51, name="Sale"),), "images": (image(31),), "campaigns": (campaign,)},
    )  # fmt: skip

    assert Counter(parts(ware.product)) == Counter([
        ("product", 1), ("brand", 6), ("collection", 7), ("image", 11),
        ("variant", 2), ("image", 21), ("image", 22), ("image", 23), ("size", 3), ("price", 70),
        ("display", 4), ("image", 31), ("category", 5), ("category", 51), ("campaign", 12),
    ])  # fmt: skip


def test_a_product_with_nothing_below_it_is_a_part_of_itself() -> None:
    assert list(parts(Product(id=1))) == [("product", 1)]
