"""What the Centra twin tells of its products is whole, has links that can be fetched, and costs what a plan allows."""

import json
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
import requests
from centra_merchant import Centra

from integration.centra.catalogue_queries import PRODUCTS
from sandbox.centra import CentraTwin
from sandbox.centra.content import JPEG
from sandbox.centra.options import PLANS, Options
from sandbox.http import Request
from sandbox.seed import CENTRA_TOKEN, Product, build_seed, image_url

PAGE = 25
ATTRIBUTES = """query($id: [Int!]) { products(where: {id: $id}) { attributes { type { name isMapped } objectType
    elements { key kind ... on AttributeStringElement { value } ... on AttributeImageElement { url width height }
               ... on AttributeChoiceElement { isMulti selectedValue selectedValueName }
               ... on AttributeFileElement { url } } } } }"""


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


@pytest.fixture
def product(centra: Centra) -> Product:
    """One that has a Swedish name."""
    return next(each for each in centra.seed.products if each.swedish_name)


def held(centra: Centra, sku: str) -> Any:
    """What the staff's screen shows of a size."""
    return centra.control("GET", f"content?sku={sku}")


def test_the_screen_of_a_size_shows_all_that_the_seed_gives_it(centra: Centra, product: Product) -> None:
    variant, size = product.variants[0], product.variants[0].sizes[0]
    shown = held(centra, size.sku)
    assert shown["size"] == {"id": size.id, "sku": size.sku, "ean": size.ean, "upc": "", "label": size.name,
                             "active": size.active}
    assert shown["variant"]["prices"] == {"7": f"{variant.price:.2f}", "8": f"{variant.trade_price:.2f}"}
    assert shown["variant"]["unit_cost"] == f"{variant.unit_cost:.2f}"
    assert shown["variant"]["attributes"] == {"colour.text": variant.colour}
    assert shown["variant"]["images"] == [image_url(centra.server.url, number) for number in variant.image_ids]
    assert shown["product"]["attributes"] == {
        "material.text": product.material, "care.text": product.care, "season.choice": "All year",
    }
    assert (shown["product"]["origin"], shown["product"]["weight"]) == ("GB", str(product.weight_kg))
    (display,) = shown["displays"]
    assert (display["name"], display["description"]) == (product.display_name, product.description_html)
    assert (display["categories"], display["markets"]) == ([product.category], [1, 3])
    assert display["translations"] == {"sv-SE": {"name": product.swedish_name}}
    assert shown["campaigns"] == []


def test_a_translation_names_every_field_and_null_is_not_translated(centra: Centra, product: Product) -> None:
    query = """query($id: [Int!]) { displays(where: {productId: $id}) {
        translations { language { languageCode countryCode } fields { field value } } } }"""
    swedish, german = centra.ask(query, id=product.id)["displays"][0]["translations"]
    assert swedish["language"] == {"languageCode": "sv", "countryCode": "SE"}
    assert {row["field"]: row["value"] for row in swedish["fields"]} == {
        "name": product.swedish_name, "description": None, "shortDescription": None, "metaTitle": None,
        "metaDescription": None,
    }
    assert {row["value"] for row in german["fields"]} == {None}


def test_an_attribute_has_elements_of_the_kind_it_was_set_up_with(centra: Centra, product: Product) -> None:
    for name, kind in (("label.picture", "IMAGE"), ("label.manual", "FILE")):
        centra.control("POST", "edit", {"product": product.id, "attribute": {
            "name": f"product.{name}", "value": f"http://files/{kind}", "kind": kind,
        }})
    found = {each["type"]["name"]: each for each in centra.ask(ATTRIBUTES, id=product.id)["products"][0]["attributes"]}
    assert list(found) == ["material", "care", "season", "label"]
    assert found["material"]["elements"] == [{"key": "text", "kind": "INPUT", "value": product.material}]
    assert found["season"]["elements"] == [{
        "key": "choice", "kind": "CHOICE", "isMulti": False, "selectedValue": "all_year",
        "selectedValueName": "All year",
    }]
    picture, manual = found["label"]["elements"]
    assert (picture["url"], picture["width"] > 0, manual["url"]) == ("http://files/IMAGE", True, "http://files/FILE")


def test_a_price_list_without_a_price_of_the_variant_shows_null(centra: Centra, product: Product) -> None:
    variant = product.variants[0]
    centra.control("POST", "edit", {"variant": variant.id, "price": {"8": None}})
    query = """query($id: [Int!]) { productVariants(where: {id: $id}) { prices {
        id pricelist { id } price { value currency { code } valueInCents } recommendedRetailPrice { value } } } }"""
    own, trade = centra.ask(query, id=variant.id)["productVariants"][0]["prices"]
    assert own["price"] == {
        "value": float(variant.price), "currency": {"code": "GBP"}, "valueInCents": int(variant.price * 100),
    }
    assert (own["recommendedRetailPrice"], trade["pricelist"], trade["price"]) == (None, {"id": 8}, None)


def test_the_link_of_an_image_leads_to_it_without_a_token(centra: Centra, product: Product) -> None:
    link = held(centra, product.variants[0].sizes[0].sku)["variant"]["images"][0]
    answer = requests.get(link, timeout=5)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/jpeg", JPEG)
    head = requests.head(link, timeout=5)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(JPEG)), b"")
    calls = centra.control("GET", "journal")["entries"]
    assert [row["operation"] for row in calls if row["path"] == link.removeprefix(centra.server.url)] == ["image"] * 2


def test_a_broken_image_is_404_until_it_is_mended_and_the_others_stay(centra: Centra, product: Product) -> None:
    first, second, _ = held(centra, product.variants[0].sizes[0].sku)["variant"]["images"]
    broken = product.variants[0].image_ids[0]
    centra.control("POST", "break_image", {"image": broken})
    assert [requests.head(link, timeout=5).status_code for link in (first, second)] == [404, 200]
    centra.control("POST", "break_image", {"image": broken, "broken": False})
    assert requests.head(first, timeout=5).status_code == 200
    assert centra.control("POST", "break_image", {"image": 5})[0] == 400


@pytest.mark.parametrize("name", ["5_standard.jpg", "x_standard.jpg", "20011_large.jpg", "20011_standard.png"])
def test_what_is_no_image_of_the_shop_is_404(centra: Centra, name: str) -> None:
    assert requests.get(f"{centra.server.url}/client/dynamic/images/{name}", timeout=5).status_code == 404


class Shop:
    """A shop that answers without a network, so that its work can be counted."""

    def __init__(self, skus: int) -> None:
        self.twin = CentraTwin(Options(base_url="http://centra"), build_seed(skus))

    def ask(self, query: str, **variables: Any) -> tuple[Any, int]:
        """The answer, and how many calls of Python functions it took."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request("POST", "/graphql", "", {"authorization": f"Bearer {CENTRA_TOKEN}"}, body)
        self.twin.operation(request)
        response, calls = counted(lambda: self.twin.answer(request))
        assert response.status == 200, response.body
        return json.loads(response.body), calls


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    """What came of the work, and the calls it took."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work(), calls
    finally:
        sys.setprofile(before)


def lasting(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the moment at which the twin was made."""
    return {name: value for name, value in row.items() if name != "updatedAt"}


@pytest.fixture(scope="module")
def shops() -> tuple[Shop, Shop]:
    """A shop, and one that is twenty-five times as large; the first products are the same."""
    return Shop(2_000), Shop(50_000)


def test_two_pages_of_all_we_ask_fit_into_ten_seconds_of_the_smallest_plan() -> None:
    shop = Shop(1_000)
    answer, _ = shop.ask(PRODUCTS.text, limit=PAGE, page=2)
    assert len(answer["data"]["products"]) == PAGE
    assert 0 < answer["extensions"]["complexity"] * 2 <= PLANS["growth"][2]
    one, _ = shop.ask(PRODUCTS.text, limit=1, page=2)
    # Nested lists multiply: that is what makes a page dear.
    assert answer["extensions"]["complexity"] > one["extensions"]["complexity"] * (PAGE - 1)


def test_a_page_costs_a_large_shop_no_more_work_than_a_small_one(shops: tuple[Shop, Shop]) -> None:
    small, large = shops
    small.ask(PRODUCTS.text, limit=PAGE, page=1)
    large.ask(PRODUCTS.text, limit=PAGE, page=1)
    (little, few), (much, many) = (shop.ask(PRODUCTS.text, limit=PAGE, page=2) for shop in shops)
    assert [lasting(row) for row in little["data"]["products"]] == [lasting(row) for row in much["data"]["products"]]
    assert len(large.twin.world.catalogue.sizes) >= 50_000
    # At most one look at each product, to find the page among them, and none at what hangs below.
    assert many <= few + len(large.twin.world.catalogue.products)


def test_products_and_parts_asked_for_by_id_are_found_without_looking_at_others(shops: tuple[Shop, Shop]) -> None:
    asked = {
        "products": (PRODUCTS.text, {"where": {"id": list(range(1001, 1001 + PAGE))}, "limit": PAGE, "page": 1}),
        "productVariants": (
            "query($i: [Int!]) { productVariants(where: {id: $i}, limit: 200) { id product { id } } }",
            {"i": list(range(2001, 2101))},
        ),
        "displays": (
            "query($i: [Int!]) { displays(where: {id: $i}, limit: 200) { id product { id } } }",
            {"i": list(range(40_001, 40_051))},
        ),
        "productSizes": (
            "query($i: [Int!]) { productSizes(where: {id: $i}, limit: 200) { id productVariant { product { id } } } }",
            {"i": list(range(10_001, 10_201))},
        ),
    }
    for root, (query, variables) in asked.items():
        (little, few), (much, many) = (shop.ask(query, **variables) for shop in shops)
        assert len(little["data"][root]) >= PAGE
        assert [lasting(row) for row in little["data"][root]] == [lasting(row) for row in much["data"][root]]
        assert many < few + 100, root
