"""What a listing should show, and why not."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import BOOK, CALDER, NORTHGATE, changed
from hypothesis import given
from hypothesis import strategies as st
from wares import EAN, FERNHILL, fields, image, jumper, mapped, pounds

from integration import kinds
from integration.centra.client import CentraClient
from integration.centra.content import Price
from integration.domain.articles import Article, article
from integration.domain.contents import Wanted, difference, wanted
from integration.lanes import Lane
from integration.rulebook import Retailer
from integration.rulebook.fields import FieldMap
from sandbox.centra.options import Options
from sandbox.centra.twin import CentraServer, CentraTwin
from sandbox.seed import CENTRA_TOKEN, ORDER_API_KEY, Seed, build_seed
from sandbox.virtualstock.listing_data import OUTDATED_EVERY, TITLES, ListingData

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLOTHING, FOOTWEAR = 5544, 5546


def want(
    of: Article | None,
    profile: Retailer = FERNHILL,
    field_map: FieldMap | None = None,
    category: int | None = CLOTHING,
    broken: Mapping[str, str] | None = None,
) -> Wanted:
    """What the shipped map of the retailer, or another, makes of an article."""
    return wanted(of, profile, field_map or BOOK.fields[profile.code], category, NOW, broken_links=broken or {})


def texts(found: Wanted) -> dict[str, str]:
    """Everything that would be sent to a listing of which nothing is known."""
    shown = {name: value.text for name, value in found.values.items()}
    return shown | {name: f"{price.amount:f}" for name, price in found.prices.items()}


def whys(found: Wanted) -> list[tuple[str, str]]:
    """Key and sentence of each problem."""
    return [(problem.key, problem.sentence) for problem in found.problems]


DESCRIPTION = "Soft & warm.\n\n  * Ribbed cuffs"
NORTHGATES = {
    "tradedCode": "JMP-NVY-M", "barcode": EAN, "brandName": "Harrow & Fen",
    "productTitle": "Lambswool Jumper, Navy, M", "longDescription": DESCRIPTION, "colour": "BLUE", "size": "M",
    "material": "100% lambswool", "countryOfOrigin": "GB", "weightGrams": "450", "image": image(21).url,
    "image_2": image(22).url, "image_3": image(23).url, "listingStatus": "LIVE",
}  # fmt: skip
CALDERS = {
    "product_name": "Lambswool Jumper Navy", "description": DESCRIPTION, "ean": EAN, "colour": "Navy", "size": "M",
    "fabric": "100% lambswool", "care": "Hand wash", "image": image(21).url, "image_2": image(22).url,
    "discontinued": "no", "price": "79.00", "cost_price": "31.60",
}  # fmt: skip
FERNHILLS = {
    "name": "Lambswool Jumper", "description": DESCRIPTION, "barcode": EAN, "colour": "Navy", "size": "M",
    "weight_kg": "0.45", "image": image(21).url, "price": "65.83",
}  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "expected"), [(NORTHGATE, NORTHGATES), (CALDER, CALDERS | {"rrp": "79.00"}), (FERNHILL, FERNHILLS)],
    ids=["northgate", "calder", "fernhill"],
)  # fmt: skip
def test_each_retailer_is_told_by_its_own_map(profile: Retailer, expected: dict[str, str]) -> None:
    found = want(jumper(), profile)

    assert whys(found) == []
    assert found.warnings == ()
    assert texts(found) == expected


def test_a_category_of_the_retailer_has_attributes_of_its_own() -> None:
    assert texts(want(jumper(), CALDER, category=FOOTWEAR))["shoe_size"] == "M"
    assert "shoe_size" not in want(jumper(), CALDER, category=None).values


def test_what_centra_lacks_and_nobody_requires_is_wanted_empty() -> None:
    found = want(jumper({"attributes": {}}), NORTHGATE)

    assert found.values["material"].text == ""
    assert found.problems == ()


def test_an_attribute_in_trouble_is_not_among_the_values() -> None:
    found = want(jumper(size={"label": None, "ean": "123"}), NORTHGATE)

    assert {"size", "barcode"} & found.values.keys() == set()
    assert [problem.key for problem in found.problems] == ["northgate/barcode/gtin", "northgate/size/required"]
    assert found.values.keys() == NORTHGATES.keys() - {"size", "barcode"}


def test_the_same_trouble_of_two_products_is_one_cause() -> None:
    one, two = want(jumper(size={"ean": "123"})), want(jumper(size={"ean": "9", "sku": "OTHER"}))

    assert [problem.key for problem in one.problems] == [problem.key for problem in two.problems]


def test_a_problem_names_the_retailer_the_attribute_the_rule_a_product_and_the_value() -> None:
    (problem,) = want(jumper(size={"ean": "123"})).problems

    assert problem.kind is kinds.CONTENT_INVALID
    for word in (FERNHILL.name, "barcode", "check digit", "JMP-NVY-M", "(it is 123)"):
        assert word in problem.sentence


def test_a_size_without_sku_can_still_be_told_about() -> None:
    (problem,) = want(jumper(size={"sku": None, "ean": "123"})).problems
    assert "no SKU" in problem.sentence


def test_a_value_that_the_retailers_list_lacks_is_named() -> None:
    ((key, sentence),) = whys(want(jumper(variant={"attributes": {"colour.text": "Teal"}}), NORTHGATE))

    assert key == "northgate/colour/list"
    assert "Teal" in sentence


def test_a_text_that_waits_for_a_translation_is_a_problem() -> None:
    held = fields(mapped({"field": "display_name"}), language={"code": "sv", "missing": "hold"})
    ((key, sentence),) = whys(want(jumper(), field_map=held))

    assert key == "fernhill/title/language"
    assert "no text in sv" in sentence


def test_an_image_link_known_to_be_broken_is_one_cause_for_all_that_need_the_image() -> None:
    link = image(21).url or ""
    found = want(jumper(), broken={link: "404 Not Found"})
    elsewhere = want(jumper(size={"sku": "JMP-NVY-L"}), NORTHGATE, broken={link: "404 Not Found"})
    (problem,) = found.problems

    assert "image" not in found.values
    assert "image" not in found.links
    assert problem.kind is kinds.IMAGE_BROKEN
    assert "404 Not Found" in problem.sentence
    assert [each.key for each in (problem, *elsewhere.problems)] == [link, link]


def test_a_broken_image_that_the_retailer_is_not_told_of_holds_nothing() -> None:
    assert want(jumper(), broken={image(22).url or "": "404 Not Found"}).problems == ()


def test_the_links_to_be_checked_are_those_of_images() -> None:
    chart = mapped({"constant": "https://example.com/chart.pdf"}, name="chart", type="link")
    pictures = [mapped({"image": place}, name=f"image_{place}", type="link") for place in (1, 9)]

    assert want(jumper(), field_map=fields(chart, *pictures)).links == {"image_1": image(21).url}


def test_the_attributes_that_hold_the_ean_are_known() -> None:
    assert want(jumper(), NORTHGATE).eans == {"barcode"}
    assert want(jumper(), field_map=fields(mapped({"field": "sku"}))).eans == frozenset()


def test_what_was_cut_is_told_by_the_name_of_its_attribute() -> None:
    found = want(jumper(display={"name": "Jumper " * 20}), CALDER)

    assert found.problems == ()
    assert found.warnings == ("product_name was cut from 145 to 76 characters",)
    assert len(found.values["product_name"].text) == 76


@pytest.mark.parametrize(
    ("profile", "expected"),
    [(NORTHGATE, {"listingStatus": "DISCONTINUED"}), (CALDER, {"discontinued": "yes"}), (FERNHILL, {})],
    ids=["northgate", "calder", "fernhill"],
)
@pytest.mark.parametrize("gone", [True, False])
def test_what_is_not_sold_is_only_withdrawn(profile: Retailer, expected: dict[str, str], *, gone: bool) -> None:
    off_sale = None if gone else jumper(size={"ean": "123"}, on_sale=False)
    found = want(off_sale, profile)

    assert texts(found) == expected
    assert found.problems == ()


def test_without_a_field_map_only_prices_are_told() -> None:
    found = wanted(jumper(), CALDER, None, None, NOW, broken_links={})

    assert found.values == {}
    assert set(found.prices) == {"price", "rrp", "cost_price"}


@pytest.mark.parametrize("off", [{"prices": {"enabled": False}}, {"switches": {"prices": False}}])
def test_prices_that_are_switched_off_are_neither_told_nor_judged(off: dict[str, Any]) -> None:
    found = want(jumper(variant={"prices": ()}), changed(CALDER, **off))

    assert found.prices == {}
    assert found.problems == ()


def test_prices_in_shadow_are_worked_out() -> None:
    assert want(jumper(), changed(CALDER, switches={"prices": "shadow"})).prices


def test_a_price_that_cannot_be_had_is_a_problem_and_the_others_stay() -> None:
    found = want(jumper(variant={"unit_cost": None}), CALDER)

    assert set(found.prices) == {"price", "rrp"}
    (problem,) = found.problems
    assert problem.kind is kinds.PRICE_INVALID
    assert problem.key == "calder/cost_price/missing"
    assert "JMP-NVY-M" in problem.sentence


def test_a_price_of_nothing_is_a_problem() -> None:
    free = (Price(id=70, pricelist_id=7, amount=pounds("0.00")),)
    assert [key for key, _ in whys(want(jumper(variant={"prices": free})))] == ["fernhill/price/absurd"]


def test_only_what_differs_is_sent() -> None:
    assert difference({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "x", "d": "4"}) == {"b": "2", "c": "3"}


def test_nothing_and_an_empty_text_are_the_same() -> None:
    assert difference({"a": ""}, {}) == {}
    assert difference({"a": ""}, {"a": "old"}) == {"a": ""}


@pytest.mark.parametrize("shown", ["one\r\ntwo", "one\rtwo", "one\ntwo"])
def test_line_ends_of_another_kind_are_no_difference(shown: str) -> None:
    assert difference({"a": "one\ntwo"}, {"a": shown}) == {}


SHOWN = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "x\ny", "x\r\ny", " x"]))


@given(SHOWN, SHOWN)
def test_what_is_sent_makes_the_listing_as_wanted_and_leaves_the_rest(
    wish: dict[str, str], accepted: dict[str, str]
) -> None:
    sent = difference(wish, accepted)
    after = accepted | sent

    assert difference(wish, after) == {}
    assert {name: text.replace("\r\n", "\n") for name, text in wish.items()} == {
        name: after.get(name, "").replace("\r\n", "\n") for name in wish
    }
    assert after.keys() - wish.keys() == accepted.keys() - wish.keys()
    assert all(wish[name] != accepted.get(name) for name in sent)


class OpenGate:
    """A quota that is never used up."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: None


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Seed, CentraServer]]:
    """The shop that the sandbox starts with, in which every style and category occurs."""
    seed = build_seed(600)
    server = CentraServer(CentraTwin(Options(), seed))
    server.start()
    yield seed, server
    server.stop()


def articles(server: CentraServer) -> dict[str, Article]:
    """Everything that Centra has, by SKU, as the client reads it."""
    client = CentraClient(
        f"{server.url}/graphql", CENTRA_TOKEN, f"{server.url}/api/order-api", ORDER_API_KEY, OpenGate()
    )
    products = client.products(range(1001, 1101), lane=Lane.CATALOGUE)
    sizes = ((product, size) for product in products for variant in product.variants for size in variant.sizes)
    side = CALDER.centra
    found = (article(product, size.id, store=side.store, market=side.market) for product, size in sizes)
    return {each.size.sku: each for each in found if each is not None and each.size.sku}


def test_a_fresh_sandbox_shows_all_that_the_shipped_maps_want_but_outdated_titles(
    shop: tuple[Seed, CentraServer],
) -> None:
    seed, server = shop
    sold, data = articles(server), ListingData(seed, server.url)
    wrong: dict[str, int] = dict.fromkeys(TITLES, 0)
    for listing in seed.listings:
        category, shown = data.of(listing)
        found = want(sold[listing.sku], BOOK.retailers[listing.retailer], category=category)
        assert (whys(found), found.warnings) == ([], ())
        differs = difference(texts(found), shown)
        assert differs.keys() <= {TITLES[listing.retailer]}
        wrong[listing.retailer] += bool(differs)
    listed = {code: sum(listing.retailer == code for listing in seed.listings) for code in TITLES}

    assert sum(wrong.values()) >= 3
    assert all(wrong[code] <= listed[code] // OUTDATED_EVERY for code in TITLES)
