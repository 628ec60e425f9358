"""An edit of the Centra twin's catalogue changes what it says, and nothing else, and is told as Centra tells it."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from centra_merchant import Centra, endpoint, eventually, listen, payloads, waiting

from sandbox.centra.editing import CHANGES
from sandbox.seed import Product

KINDS = ("Product", "ProductVariant", "ProductSize", "Display", "Price", "ProductMedia", "Category", "Brand",
         "Collection", "Pricelist", "Campaign")  # fmt: skip
DISPLAY, PRODUCT, VARIANT, SIZE = ("Display",), ("Product",), ("ProductVariant",), ("ProductSize",)
Case = tuple[str, str, Any, dict[str, Any], tuple[str, ...]]

# What is edited, the change, its value, what the screen then shows (by path), and which objects are UPDATED.
EDITS: dict[str, Case] = {
    "a title": ("sku", "title", "Cardie", {"displays.0.name": "Cardie"}, DISPLAY),
    "a description": ("sku", "description", "<p>x</p>", {"displays.0.description": "<p>x</p>"}, DISPLAY),
    "no description": ("sku", "description", None, {"displays.0.description": None}, DISPLAY),
    "a short description": ("sku", "short_description", "x", {"displays.0.short_description": "x"}, DISPLAY),
    "a meta title": ("sku", "meta_title", "x", {"displays.0.meta_title": "x"}, DISPLAY),
    "a meta description": ("sku", "meta_description", "x", {"displays.0.meta_description": "x"}, DISPLAY),
    "a category": ("sku", "category", "Shirts", {"displays.0.categories": ["Shirts"]}, DISPLAY),
    "a category by id": ("sku", "category", 103, {"displays.0.categories": ["Trousers"]}, DISPLAY),
    "two categories": ("sku", "category", ["Tops", 102], {"displays.0.categories": ["Tops", "Shirts"]}, DISPLAY),
    "no category": ("sku", "category", None, {"displays.0.categories": []}, DISPLAY),
    "markets": ("sku", "markets", [3], {"displays.0.markets": [3]}, DISPLAY),
    "one market less": ("sku", "remove_market", 3, {"displays.0.markets": [1]}, DISPLAY),
    "a price": ("sku", "price", "12.50", {"variant.prices.7": "12.50"}, ("Price 7",)),
    "a price of nothing": ("sku", "price", 0, {"variant.prices.7": "0.00"}, ("Price 7",)),
    "prices by list": ("sku", "price", {"7": 12, "8": 6.5},
                       {"variant.prices.7": "12.00", "variant.prices.8": "6.50"}, ("Price 7", "Price 8")),
    "a recommended price": ("sku", "recommended", {"8": "99.00"}, {"variant.recommended": {"8": "99.00"}},
                            ("Price 8",)),
    "a cost": ("sku", "unit_cost", "3.20", {"variant.unit_cost": "3.20"}, VARIANT),
    "a colour's name": ("sku", "variant_name", "Ink", {"variant.name": "Ink"}, VARIANT),
    "a product's name": ("sku", "product_name", "Ink", {"product.name": "Ink"}, PRODUCT),
    "a weight": ("sku", "weight", 0.333, {"product.weight": "0.333"}, PRODUCT),
    "no weight": ("sku", "weight", None, {"product.weight": None}, PRODUCT),
    "a customs code": ("sku", "hs_code", "6110", {"product.hs_code": "6110"}, PRODUCT),
    "an origin": ("sku", "origin", "SE", {"product.origin": "SE"}, PRODUCT),
    "a barcode": ("sku", "ean", "5060412999997", {"size.ean": "5060412999997"}, SIZE),
    "no barcode": ("sku", "ean", None, {"size.ean": ""}, SIZE),
    "another barcode": ("sku", "upc", "123456789012", {"size.upc": "123456789012"}, SIZE),
    "a size's label": ("sku", "size_label", "Tiny", {"size.label": "Tiny"}, SIZE),
    "an attribute of the product": ("sku", "attribute", {"name": "product.material.text", "value": "100% hemp"},
                                    {"product.attributes.material.text": "100% hemp"}, PRODUCT),
    "an attribute of the variant": ("sku", "attribute", {"name": "variant.colour.text", "value": "Ink"},
                                    {"variant.attributes.colour.text": "Ink"}, VARIANT),
    "a new attribute": ("sku", "attribute", {"name": "display.fit.text", "value": "Slim"},
                        {"displays.0.attributes": {"fit.text": "Slim"}}, DISPLAY),
    "a translation": ("sku", "translation", {"language": "sv-SE", "field": "name", "value": "Kofta"},
                      {"displays.0.translations.sv-SE.name": "Kofta"}, DISPLAY),
    "a first translation": ("sku", "translation", {"language": "de-DE", "field": "name", "value": "Jacke",
                                                   "level": "product"},
                            {"product.translations": {"de-DE": {"name": "Jacke"}}}, PRODUCT),
    "no translation": ("sku", "translation", {"language": "sv-SE", "field": "name", "value": None},
                       {"displays.0.translations": {}}, DISPLAY),
    "a size that is off": ("sku", "active", False, {"size.active": False}, SIZE),
    "a variant that is off": ("variant", "active", False, {"variant.status": "INACTIVE"}, VARIANT),
    "a product that is off": ("product", "active", False, {"product.status": "INACTIVE"}, PRODUCT),
    "a display that is off": ("display", "active", False, {"displays.0.status": "INACTIVE"}, DISPLAY),
}  # fmt: skip
ELSEWHERE = {"image", "delete", "stock_offset"}
"""Changes with tests of their own."""


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin whose catalogue somebody listens to."""
    platform = Centra()
    listen(platform, *KINDS)
    yield platform
    platform.close()


@pytest.fixture
def product(centra: Centra) -> Product:
    """One that has a Swedish name."""
    return next(each for each in centra.seed.products if each.swedish_name)


def names(product: Product) -> dict[str, Any]:
    """How an edit names the first size of the product, and what it belongs to."""
    variant = product.variants[0]
    return {"sku": variant.sizes[0].sku, "variant": variant.id, "product": product.id, "display": product.display_id}


def held(centra: Centra, product: Product) -> Any:
    """What the staff's screen shows of the product's first size."""
    return centra.control("GET", f"content?sku={names(product)['sku']}")


def edit(centra: Centra, product: Product, **changes: Any) -> Any:
    """One save of the first size of the product."""
    return centra.control("POST", "edit", {"sku": names(product)["sku"], **changes})


def reference(product: Product, name: str) -> tuple[str, int]:
    """The kind and id that an event gives for one of the names used above."""
    variant, (kind, _, pricelist) = product.variants[0], name.partition(" ")
    ids = {"Product": product.id, "ProductVariant": variant.id, "ProductSize": variant.sizes[0].id,
           "Display": product.display_id, "Price": variant.id * 100 + int(pricelist or 0)}  # fmt: skip
    return kind, ids[kind]


def put(into: Any, path: str, value: Any) -> None:
    """Sets a value deep inside; the keys of attributes hold a point themselves."""
    head, _, rest = path.partition(".")
    if isinstance(into, list):
        put(into[int(head)], rest, value)
    elif path in into or not rest:
        into[path] = value
    else:
        put(into[head], rest, value)


def test_every_change_is_tried() -> None:
    assert {change for _, change, *_ in EDITS.values()} | ELSEWHERE == set(CHANGES)


@pytest.mark.parametrize("name", EDITS)
def test_a_change_is_seen_where_it_was_made_and_told_of_once(centra: Centra, product: Product, name: str) -> None:
    target, change, value, shown, updated = EDITS[name]
    expected = copy.deepcopy(held(centra, product))
    for path, text in shown.items():
        put(expected, path, text)
    assert expected != held(centra, product)
    answer = centra.control("POST", "edit", {target: names(product)[target], change: value})
    assert answer["product"] == product.id
    assert held(centra, product) == expected
    events = [(kind, "UPDATED", number) for kind, number in (reference(product, each) for each in updated)]
    assert waiting(centra) == events


def test_several_changes_of_one_save_are_one_event_for_each_object(centra: Centra, product: Product) -> None:
    edit(centra, product, title="A", meta_title="B", price="9.00", weight="0.5")
    assert waiting(centra) == [
        (kind, "UPDATED", number)
        for kind, number in (reference(product, each) for each in ("Display", "Price 7", "Product"))
    ]


def test_what_is_taken_away_is_gone(centra: Centra, product: Product) -> None:
    edit(centra, product, price=None, attribute={"name": "product.care.text", "value": None})
    shown = held(centra, product)
    assert list(shown["variant"]["prices"]) == ["8"]
    assert "care.text" not in shown["product"]["attributes"]
    assert waiting(centra) == [(kind, "UPDATED", number) for kind, number in (
        reference(product, "Price 7"), reference(product, "Product"),
    )]


def test_the_change_of_a_variant_withholds_stock_of_each_of_its_sizes(centra: Centra, product: Product) -> None:
    edit(centra, product, stock_offset=4)
    query = "query($id: [Int!]) { productVariants(where: {id: $id}) { stockOffset } }"
    assert centra.ask(query, id=product.variants[0].id)["productVariants"] == [{"stockOffset": 4}]
    assert waiting(centra) == [("ProductVariant", "UPDATED", product.variants[0].id)]


def test_a_change_of_a_product_reaches_all_that_belongs_to_it(centra: Centra, product: Product) -> None:
    centra.control("POST", "edit", {"product": product.id, "price": "9.00"})
    assert waiting(centra) == [("Price", "UPDATED", variant.id * 100 + 7) for variant in product.variants]


def test_a_category_nobody_has_is_made_and_told_of(centra: Centra, product: Product) -> None:
    edit(centra, product, category="Sale")
    created, updated = waiting(centra)
    assert (created[:2], updated) == (("Category", "CREATED"), ("Display", "UPDATED", product.display_id))
    query = "query($id: [Int!]) { displays(where: {id: $id}) { canonicalCategory { id name } } }"
    (display,) = centra.ask(query, id=product.display_id)["displays"]
    assert display["canonicalCategory"] == {"id": created[2], "name": "Sale"}


def test_only_what_was_saved_itself_counts_as_changed(centra: Centra, product: Product) -> None:
    moment = datetime.now(UTC).isoformat()
    edit(centra, product, title="New")
    query = """query($when: DateTimeTz) { displays(where: {updatedAt: {from: $when}}) { id }
        products(where: {updatedAt: {from: $when}}) { id } }"""
    assert centra.ask(query, when=moment) == {"displays": [{"id": product.display_id}], "products": []}


@pytest.mark.parametrize(("kind", "number", "path"), [
    ("category", 101, "displays.0.categories.0"), ("brand", 1, "product.brand"),
    ("collection", 1, "product.collection"),
])
def test_a_renamed_thing_is_told_of_and_the_products_in_it_are_not(
    centra: Centra, product: Product, kind: str, number: int, path: str,
) -> None:
    centra.control("POST", "rename", {kind: number, "name": "Other"})
    shown = held(centra, product)
    for part in path.split("."):
        shown = shown[int(part) if isinstance(shown, list) else part]
    assert shown == "Other"
    assert waiting(centra) == [(kind.title(), "UPDATED", number)]


def test_a_price_list_can_get_another_currency(centra: Centra, product: Product) -> None:
    centra.control("POST", "pricelist", {"id": 7, "currency": "EUR"})
    query = "query($id: [Int!]) { productVariants(where: {id: $id}) { prices { price { currency { code } } } } }"
    prices = centra.ask(query, id=product.variants[0].id)["productVariants"][0]["prices"]
    assert [row["price"]["currency"]["code"] for row in prices] == ["EUR", "GBP"]
    assert waiting(centra) == [("Pricelist", "UPDATED", 7)]


@pytest.mark.parametrize(("change", "expected", "told"), [
    ({"add": 1}, [1, 2, 3, 900_001], [("CREATED", 900_001)]),
    ({"replace": 2}, [1, 900_001, 3], [("DELETED", 2), ("CREATED", 900_001)]),
    ({"remove": 1}, [2, 3], [("DELETED", 1), ("UPDATED", 2), ("UPDATED", 3)]),
    ({"order": [1, 3, 2]}, [1, 3, 2], [("UPDATED", 3), ("UPDATED", 2)]),
])
def test_images_come_go_and_change_places(
    centra: Centra, product: Product, change: dict[str, Any], expected: list[int], told: list[tuple[str, int]],
) -> None:
    variant = product.variants[0]
    ids = dict(enumerate(variant.image_ids, 1)) | {900_001: 900_001}
    edit(centra, product, image=change)
    shown = held(centra, product)["variant"]
    assert shown["image_ids"] == [ids[each] for each in expected]
    # The objects that show images hear of it as well.
    assert waiting(centra) == [("ProductMedia", kind, ids[each]) for kind, each in told] + [
        ("Product", "DEPENDENT_DATA_CHANGED", product.id), ("ProductVariant", "DEPENDENT_DATA_CHANGED", variant.id),
        ("Display", "DEPENDENT_DATA_CHANGED", product.display_id),
    ]
    assert {requests.head(link, timeout=5).status_code for link in shown["images"]} == {200}
    base = shown["images"][0].rpartition("/")[0]
    for number in set(variant.image_ids) - set(shown["image_ids"]):
        assert requests.head(f"{base}/{number}_standard.jpg", timeout=5).status_code == 404


def test_a_product_and_a_display_have_images_of_their_own(centra: Centra, product: Product) -> None:
    for level in ("product", "display"):
        edit(centra, product, image={"add": 1, "level": level})
    query = """query($id: [Int!]) { products(where: {id: $id}) {
        media { id } displays { media { id source(sizeName: "standard") { url } } } } }"""
    (row,) = centra.ask(query, id=product.id)["products"]
    assert row["media"] == [{"id": 900_001}]
    (display,) = row["displays"]
    assert [each["id"] for each in display["media"]] == [900_002]
    assert requests.head(display["media"][0]["source"]["url"], timeout=5).status_code == 200
    assert held(centra, product)["variant"]["image_ids"] == list(product.variants[0].image_ids)


def test_a_deleted_product_takes_all_that_belongs_to_it_along_and_only_it_is_told_of(
    centra: Centra, product: Product,
) -> None:
    size, link = product.variants[0].sizes[0], held(centra, product)["variant"]["images"][0]
    centra.control("POST", "campaign", {"variants": [{"sku": size.sku, "percent": 10}]})
    edit(centra, product, delete=True)
    assert waiting(centra)[1:] == [("Product", "DELETED", product.id)]
    found = centra.ask(
        """query($p: [Int!], $v: [Int!], $s: [Int!], $d: [Int!], $ean: String) {
            products(where: {id: $p}) { id } productVariants(where: {id: $v}) { id }
            productSizes(where: {id: $s}) { id } displays(where: {id: $d}) { id }
            byEan: productSizes(where: {EAN: {equals: $ean}}) { id } }""",
        p=product.id, v=product.variants[0].id, s=size.id, d=product.display_id, ean=size.ean,
    )
    assert not any(found.values())
    assert requests.head(link, timeout=5).status_code == 404
    assert held(centra, product)[0] == 400
    query = "{ events(where: {objectType: Product}) { object { __typename } } }"
    assert centra.ask(query)["events"] == [{"object": None}]
    assert len(centra.ask("{ products(limit: 200) { id } }")["products"]) == len(centra.seed.products) - 1


def test_two_sizes_may_have_one_barcode_and_it_outlives_either(centra: Centra, product: Product) -> None:
    first, second = product.variants[0].sizes[:2]
    by_ean = centra.twin.world.catalogue.by_ean
    edit(centra, product, ean=second.ean)
    assert (by_ean[second.ean].sku, first.ean in by_ean) == (first.sku, False)
    edit(centra, product, ean=None)
    assert by_ean[second.ean].sku == second.sku
    assert "" not in by_ean


def test_the_storefront_hears_which_item_changed(product: Product) -> None:
    with endpoint() as (url, received):
        centra = Centra(url)
        try:
            edit(centra, product, title="New")
            eventually(lambda: len(received) > 0)
            assert payloads(received) == [{"DisplayItems": [product.variants[0].display_item_id]}]
            centra.control("POST", "edit", {"product": product.id, "delete": True})
            eventually(lambda: len(received) > 1)
            assert payloads(received)[1:] == [
                {"DisplayItems": [variant.display_item_id for variant in product.variants]}
            ]
        finally:
            centra.close()


@pytest.mark.parametrize("changes", [
    {"titel": "x"}, {"title": None}, {"product_name": None}, {"variant_name": None}, {"price": {"9": 1}},
    {"price": "cheap"}, {"price": "NaN"}, {"markets": [2]}, {"remove_market": "three"}, {"origin": "XX"},
    {"weight": "heavy"},
    {"attribute": {"name": "colour.text", "value": "x"}}, {"attribute": {"name": "size.fit.text", "value": "x"}},
    {"attribute": {"name": "product.fit.text", "value": "x", "kind": "VIDEO"}}, {"attribute": {"value": "x"}},
    {"translation": {"language": "fr-FR", "field": "name", "value": "x"}},
    {"translation": {"language": "sv-SE", "field": "name", "value": "x", "level": "size"}},
    {"image": {"remove": 4}}, {"image": {"replace": 0}}, {"image": {"order": [1, -1]}}, {"image": {}},
    {"image": {"add": 1, "level": "size"}},
])  # fmt: skip
def test_an_edit_that_makes_no_sense_changes_nothing(
    centra: Centra, product: Product, changes: dict[str, Any],
) -> None:
    before = held(centra, product)
    status, text = edit(centra, product, **changes)
    assert (status, "error" in text) == (400, True)
    assert held(centra, product) == before
    assert waiting(centra) == []


def test_an_unknown_change_keeps_the_known_ones_beside_it_from_being_made(centra: Centra, product: Product) -> None:
    before = held(centra, product)
    assert edit(centra, product, title="New", colour="Ink")[0] == 400
    assert (held(centra, product), waiting(centra)) == (before, [])


def test_what_was_changed_before_a_mistake_is_told_of(centra: Centra, product: Product) -> None:
    assert edit(centra, product, title="New", markets=[2])[0] == 400
    assert held(centra, product)["displays"][0]["name"] == "New"
    assert waiting(centra) == [("Display", "UPDATED", product.display_id)]


@pytest.mark.parametrize("target", [{"sku": "none"}, {"variant": 1}, {"display": 1}, {"product": 1}, {}])
def test_an_edit_of_what_does_not_exist_is_refused(centra: Centra, target: dict[str, Any]) -> None:
    assert centra.control("POST", "edit", {**target, "title": "x"})[0] == 400
