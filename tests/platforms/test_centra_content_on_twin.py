"""The client and the twin of Centra agree about products, over real HTTP: all that a retailer may show arrives."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests
from recording_gate import RecordingGate

from integration.centra.catalogue_queries import CAMPAIGNS
from integration.centra.client import LISTENED, CentraClient
from integration.centra.content import Amount, Campaign, Display, Named, Price, Product, Size, Variant
from integration.http import open_session
from integration.lanes import Lane
from integration.problems import Refused
from sandbox import seed as seeds
from sandbox.centra import CentraTwin
from sandbox.centra.options import Options, Token
from sandbox.centra.twin import CentraServer
from sandbox.seed import CENTRA_TOKEN, ORDER_API_KEY, Seed, build_seed

LANE = Lane.CATALOGUE
HALF_OF_GROWTH = 250_000 / 2
"""Complexity per ten seconds of Centra's smallest plan, two pages of products in it."""


class Shop:
    """A running twin on Centra's smallest plan, our client of it, and its staff."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.options = Options()
        self.gate = RecordingGate()
        self.server = CentraServer(CentraTwin(self.options, seed)).start()
        self.session = open_session(self.server.url)
        self.client = CentraClient(
            f"{self.server.url}/graphql", CENTRA_TOKEN, f"{self.server.url}/api/order-api", ORDER_API_KEY,
            self.gate, session=self.session,
        )  # fmt: skip
        self.product = next(each for each in seed.products if each.swedish_name)
        self.sku = self.product.variants[0].sizes[0].sku

    def close(self) -> None:
        self.session.close()
        self.server.stop()

    def staff(self, verb: str, **body: Any) -> Any:
        """What people in the shop do."""
        answer = requests.post(f"{self.server.url}/_control/{verb}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def edit(self, **changes: Any) -> None:
        """One save of the first size of the product, or of what it belongs to."""
        self.staff("edit", sku=self.sku, **changes)

    def seen(self) -> tuple[Product, Display, Variant, Size]:
        """The product as our client reads it now, its one display, its first variant and size."""
        (product,) = self.client.products([self.product.id], lane=LANE)
        (display,), variant = product.displays, product.variants[0]
        return product, display, variant, variant.sizes[0]


@pytest.fixture(scope="module")
def untouched() -> Iterator[Shop]:
    """Nobody changes anything in this one."""
    shop = Shop(build_seed(700))
    yield shop
    shop.close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop(build_seed(60))
    yield shop
    shop.close()


def pounds(amount: Decimal | str) -> Amount:
    return Amount(value=Decimal(amount), currency="GBP")


def test_all_of_a_product_arrives(untouched: Shop) -> None:
    source, (product, *_) = untouched.product, untouched.seen()
    assert (product.id, product.name, product.status, product.number) == (
        source.id, source.name, "ACTIVE", source.number,
    )  # fmt: skip
    assert (product.hs_code, product.country_of_origin) == (source.content.hs_code, "GB")
    assert (product.weight, product.weight_unit) == (source.weight_kg, "KILOGRAMS")
    assert (product.brand, product.collection) == (Named(id=1, name=seeds.BRAND), Named(id=1, name=seeds.COLLECTION))
    assert (product.attributes["material.text"], product.attributes["care.text"]) == (source.material, source.care)
    assert product.updated_at is not None
    assert [each.id for each in product.variants] == [each.id for each in source.variants]


def test_all_of_a_display_arrives(untouched: Shop) -> None:
    source, (_, display, *_) = untouched.product, untouched.seen()
    assert (display.id, display.name, display.status) == (source.display_id, source.display_name, "ACTIVE")
    assert (display.description, display.short_description) == (source.description_html, source.short_description)
    assert display.meta_title == source.display_name
    assert display.store_id == seeds.STORE_ID
    assert display.market_ids == (seeds.OWN_SHOP_MARKET_ID, seeds.MARKETPLACES_MARKET_ID)
    assert display.variant_ids == tuple(each.id for each in source.variants)
    assert [each.name for each in display.categories] == [source.category]
    assert display.canonical_category == display.categories[0]
    assert display.translations["sv-SE"] == {"name": source.swedish_name}


def test_all_of_a_variant_and_its_sizes_arrives(untouched: Shop) -> None:
    source, (_, _, variant, _) = untouched.product.variants[0], untouched.seen()
    assert (variant.id, variant.name) == (source.id, source.colour)
    assert variant.attributes == {"colour.text": source.colour}
    assert variant.unit_cost == pounds(source.unit_cost)
    assert variant.size_chart is not None
    assert variant.size_chart.casefold() == untouched.product.size_chart.casefold()
    assert [image.url for image in variant.images] == [
        seeds.image_url(untouched.server.url, number) for number in source.image_ids
    ]
    assert [(each.pricelist_id, each.amount) for each in variant.prices] == [
        (seeds.PRICELIST_ID, pounds(source.price)), (seeds.TRADE_PRICELIST_ID, pounds(source.trade_price)),
    ]  # fmt: skip
    assert [(each.id, each.sku, each.ean, each.label, each.is_active) for each in variant.sizes] == [
        (each.id, each.sku, each.ean, each.name, each.active) for each in source.sizes
    ]
    first = variant.sizes[0]
    assert f"{untouched.product.number}{variant.number}{first.number}" == first.sku


def test_the_pages_hold_every_product_once(untouched: Shop) -> None:
    wanted = [product.id for product in untouched.seed.products]
    assert len(wanted) > 25
    pages = [untouched.client.products_page(page, lane=LANE) for page in (1, 2)]
    assert 0 < len(pages[1]) < len(pages[0]) == 25
    assert [product.id for page in pages for product in page] == sorted(wanted)


def test_two_whole_pages_fit_into_the_ten_seconds_of_the_smallest_plan(untouched: Shop) -> None:
    assert len(untouched.client.products_page(1, lane=LANE)) == 25
    untouched.client.products_page(1, lane=LANE)
    learnt = untouched.gate.taken[-1][1]["complexity"]
    assert 0 < learnt <= HALF_OF_GROWTH


def test_every_part_leads_to_its_product(untouched: Shop) -> None:
    source = untouched.product
    variant, client = source.variants[0], untouched.client
    assert client.product_ids_of("variant", [variant.id, 999_999], lane=LANE) == {variant.id: source.id}
    assert client.product_ids_of("display", [source.display_id], lane=LANE) == {source.display_id: source.id}
    assert client.product_ids_of("size", [variant.sizes[0].id], lane=LANE) == {variant.sizes[0].id: source.id}


def test_a_product_that_does_not_exist_is_absent(untouched: Shop) -> None:
    found = untouched.client.products([untouched.product.id, 999_999], lane=LANE)
    assert [product.id for product in found] == [untouched.product.id]


def test_a_price_list_in_which_a_variant_has_no_price_has_none(shop: Shop) -> None:
    shop.edit(price=None)
    _, _, variant, _ = shop.seen()
    own, trade = variant.prices
    assert (own.amount, trade.amount is None) == (None, False)
    assert own == Price(id=own.id, pricelist_id=seeds.PRICELIST_ID)


def test_campaigns_come_with_their_kind_and_period_however_many_there_are(shop: Shop) -> None:
    variant = shop.product.variants[0].id
    start, stop = "2026-12-01T00:00:00+00:00", "2026-12-08T00:00:00+00:00"
    few = [{"variant": variant, "percent": 25, "start": start, "stop": stop},
           {"variant": variant, "fixed": "19.90", "start": start, "stop": stop}]  # fmt: skip
    rows = shop.staff("campaign", variants=few)["rows"]
    _, display, *_ = shop.seen()
    period = {"starts_at": datetime(2026, 12, 1, tzinfo=UTC), "stops_at": datetime(2026, 12, 8, tzinfo=UTC)}
    assert display.campaigns == (
        Campaign(id=rows[0], variant_id=variant, percent=Decimal(25), **period),
        Campaign(id=rows[1], variant_id=variant, fixed=pounds("19.90"), **period),
    )
    many = [few[0]] * (4 * CAMPAIGNS + 3)
    rows += shop.staff("campaign", variants=many)["rows"]
    _, display, *_ = shop.seen()
    assert [each.id for each in display.campaigns] == rows


def test_a_display_in_no_category_is_read(shop: Shop) -> None:
    shop.edit(category=None)
    _, display, *_ = shop.seen()
    assert (display.categories, display.canonical_category) == ((), None)


def test_a_token_that_may_not_read_campaigns_is_refused_in_centras_words(shop: Shop) -> None:
    everything = {
        "Product:read", "ProductVariant:read", "ProductSize:read", "Product.attributes:read", "Store:read",
        "ProductVariant.attributes:read", "Display.attributes:read", "Display:read", "Product.countryOfOrigin:read",
        "ProductMedia:read", "SizeChart:read", "Brand:read", "Collection:read", "Category:read", "Price:read",
        "Pricelist:read", "Market:read", "Translation:read", "Campaign:read",
    }  # fmt: skip
    shop.options.tokens[CENTRA_TOKEN] = Token("marketplaces", frozenset(everything))
    assert shop.seen()[0].id == shop.product.id
    shop.options.tokens[CENTRA_TOKEN] = Token("marketplaces", frozenset(everything - {"Campaign:read"}))
    with pytest.raises(Refused, match="Campaign:read") as caught:
        shop.seen()
    assert caught.value.about_credential


def test_centra_takes_every_type_that_we_listen_to(shop: Shop) -> None:
    shop.client.listen(lane=LANE)
    shop.edit(title="A new title", price="12.00")
    told = {(event.object_type, event.reference) for event in shop.client.events(LISTENED, lane=LANE)}
    assert ("Display", shop.product.display_id) in told
    price = next(each for each in shop.seen()[2].prices if each.pricelist_id == seeds.PRICELIST_ID)
    assert ("Price", price.id) in told
    assert {kind for kind, _ in told} <= set(LISTENED)


def test_an_image_that_takes_another_place_is_read_in_that_place(shop: Shop) -> None:
    first, second, third = (image.id for image in shop.seen()[2].images)
    shop.edit(image={"order": [3, 1, 2]})
    assert [image.id for image in shop.seen()[2].images] == [third, first, second]
