"""Suppliers read, change, create and delete products, and every needless call or attribute is on record."""

from typing import Any

import pytest
from inscriptis import get_text
from virtualstock_supplier import NOON, Virtualstock

from sandbox.http import Server
from sandbox.seed import Listing, Seed, build_seed, image_url
from sandbox.virtualstock import VirtualstockTwin
from sandbox.virtualstock.models import BLANK

PRODUCTS = "/api/v4/products/"
MEDIA = "http://127.0.0.1:8801"


def data_of(virtualstock: Virtualstock, retailer: str) -> dict[str, dict[str, str]]:
    shown: dict[str, dict[str, str]] = virtualstock.control("GET", f"products?retailer={retailer}")
    return shown


def patch(virtualstock: Virtualstock, listing: Listing, **data: object) -> Any:
    answer = virtualstock.call("PATCH", f"{PRODUCTS}{listing.id}/", {"data": data}, retailer=listing.retailer)
    answer.raise_for_status()
    return answer.json()["data"]


def notes(virtualstock: Virtualstock) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = virtualstock.control("GET", "journal")["entries"]
    return entries


def new(virtualstock: Virtualstock, **changes: object) -> dict[str, Any]:
    """A complete new product for calder."""
    links = {name: f"{virtualstock.server.url}/api/v4/{family}/{number}/" for name, family, number in (
        ("category", "categories", 5544), ("client", "clients", 638), ("supplier", "suppliers", 2210))}
    data = {"product_name": "Cap Navy", "description": "A cap.", "ean": "5060412000017", "colour": "Navy", "size": "M",
            "image": "https://shop.example/1.jpg", "price": "19.00"}
    return {"part_number": "CAP-M", **links, "data": data} | changes


def test_listings_start_in_agreement_with_the_shop(virtualstock: Virtualstock, small_seed: Seed) -> None:
    listed = {retailer: data_of(virtualstock, retailer) for retailer in ("northgate", "calder", "fernhill")}
    checked = 0
    for product, variant, size in small_seed.sizes():
        links = [image_url(MEDIA, number) for number in variant.image_ids]
        text = get_text(product.description_html).strip()
        active = variant.active and size.active
        if (data := listed["northgate"].get(size.sku)) is not None:
            assert (data["tradedCode"], data["barcode"], data["longDescription"]) == (size.sku, size.ean, text)
            assert [data["image"], data["image_2"], data["image_3"]] == links
            assert data["weightGrams"] == str(int(product.weight_kg * 1000))
            assert data["listingStatus"] == ("LIVE" if active else "DISCONTINUED")
        if (data := listed["calder"].get(size.sku)) is not None:
            assert (data["description"], data["care"], data["fabric"]) == (text, product.care, product.material)
            assert (data["price"], data["rrp"]) == (str(size.price), str(size.price))
            assert (data["cost_price"], data["discontinued"]) == (str(variant.unit_cost), "no" if active else "yes")
            assert data.get("shoe_size") == (size.name if product.category == "Footwear" else None)
        if (data := listed["fernhill"].get(size.sku)) is not None:
            assert (data["description"], data["image"], data["colour"]) == (text, links[0], variant.colour)
            checked += 1
    assert checked > 10


def test_a_price_without_tax_and_a_weight_are_as_the_map_writes_them(virtualstock: Virtualstock) -> None:
    jumpers = [data for sku, data in data_of(virtualstock, "fernhill").items() if sku.startswith("HF1001-")]
    assert {(data["price"], data["weight_kg"]) for data in jumpers} == {("65.83", "0.45")}


def test_every_97th_listing_of_a_retailer_has_an_old_title() -> None:
    twin = VirtualstockTwin(build_seed(400))
    for retailer, title in (("northgate", "productTitle"), ("calder", "product_name"), ("fernhill", "name")):
        titles = [product.data[title] for product in twin.memory.products_of[retailer]]
        old = [place for place, text in enumerate(titles, start=1) if not text.startswith("Harrow & Fen ")]
        assert old == list(range(97, len(titles) + 1, 97))
        assert old


def test_images_move_with_the_address_of_the_shop(virtualstock: Virtualstock) -> None:
    before = data_of(virtualstock, "calder")
    virtualstock.control("PUT", "settings", {"media_url": "http://127.0.0.1:4711"})
    after = data_of(virtualstock, "calder")
    assert {sku: data["image"].replace("8801", "4711") for sku, data in before.items()} == {
        sku: data["image"] for sku, data in after.items()}
    assert len({data["image"] for data in before.values()} - {data["image"] for data in after.values()}) > 1


def test_the_journal_tells_changed_from_needless_attributes(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("calder")[0]
    was = data_of(virtualstock, "calder")[listing.sku]
    for _ in range(2):
        patch(virtualstock, listing, price="9.50", size=was["size"])
    first, second = notes(virtualstock)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["detail"] == {
        "retailer": "calder", "part_number": listing.part_number, "sku": listing.sku,
        "attributes": {"price": {"before": was["price"], "after": "9.50"}}, "unchanged": ["size"], "ignored": [],
        "refused": {},
    }
    assert (second["detail"]["attributes"], second["detail"]["unchanged"]) == ({}, ["price", "size"])


def test_what_the_model_does_not_have_and_what_is_made_here_is_dropped(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("northgate")[0]
    shown = patch(virtualstock, listing, shoe_colour="red", prodId="1")
    assert ("shoe_colour" in shown, shown["prodId"]) == (False, listing.part_number)
    (entry,) = notes(virtualstock)
    assert (entry["changed"], entry["detail"]["ignored"]) == (False, ["shoe_colour", "prodId"])


def test_numbers_and_nothing_come_back_as_text(virtualstock: Virtualstock) -> None:
    shown = patch(virtualstock, virtualstock.listings("calder")[0], price=12.5, lead_time_days=4, care=None)
    assert (shown["price"], shown["lead_time_days"], shown["care"]) == ("12.5", "4", "")


@pytest.mark.parametrize(("reformat", "shown"), [
    ("none", (" Red ", "12.5")), ("trim", ("Red", "12.5")), ("two_places", (" Red ", "12.50")),
])
def test_a_retailer_may_rewrite_what_it_takes(
    virtualstock: Virtualstock, reformat: str, shown: tuple[str, str],
) -> None:
    virtualstock.control("PUT", "settings", {"reformat": reformat})
    listing = virtualstock.listings("calder")[0]
    for _ in range(2):
        data = patch(virtualstock, listing, colour=" Red ", price="12.5")
        assert (data["colour"], data["price"]) == shown
    assert [entry["changed"] for entry in notes(virtualstock)] == [True, False]


def test_a_supplier_creates_a_product_where_the_retailer_allows_it(virtualstock: Virtualstock) -> None:
    body = new(virtualstock)
    body["data"] |= {"supplier_free_stock": 5, "unknown": "x"}
    answer = virtualstock.call("POST", PRODUCTS, body, retailer="calder")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["part_number"], made["data"]["product_name"], made["data"]["fabric"]) == ("CAP-M", "Cap Navy", "")
    assert (made["data"]["supplier_free_stock"], "unknown" in made["data"]) == ("5", False)
    found = virtualstock.call("GET", f"{PRODUCTS}?part_number=CAP-M", retailer="calder").json()["results"]
    assert found == [made]
    assert virtualstock.control("GET", "stock?retailer=calder")["CAP-M"] == 5
    entry = notes(virtualstock)[0]
    assert (entry["changed"], entry["detail"]["sku"], entry["detail"]["retailer"]) == (True, "CAP-M", "calder")
    assert entry["detail"]["attributes"]["price"] == {"before": "", "after": "19.00"}
    order = virtualstock.control("POST", "orders", {"retailer": "calder", "lines": [{"sku": "CAP-M", "quantity": 1}]})
    assert virtualstock.control("GET", "state")["orders"][order["reference"]]["lines"][0]["part_number"] == "CAP-M"


@pytest.mark.parametrize("retailer", ["northgate", "fernhill"])
def test_a_supplier_does_not_create_where_the_retailer_does_it(virtualstock: Virtualstock, retailer: str) -> None:
    answer = virtualstock.call("POST", PRODUCTS, new(virtualstock), retailer=retailer)
    assert (answer.status_code, "permission" in answer.json()["detail"]) == (403, True)
    virtualstock.control("PUT", "settings", {"may_create": [retailer]})
    assert virtualstock.call("POST", PRODUCTS, new(virtualstock), retailer=retailer).status_code == 400


@pytest.mark.parametrize(("changes", "errors"), [
    ({"part_number": ""}, {"part_number": [BLANK]}),
    ({"category": "5544"}, {"category": ["Invalid hyperlink - No URL match."]}),
    ({"category": "http://x/api/v4/categories/9/"}, {"category": ["Invalid hyperlink - Object does not exist."]}),
    ({"client": "http://x/api/v4/clients/637/"}, {"client": ["Invalid hyperlink - Object does not exist."]}),
    ({"supplier": "http://x/api/v4/suppliers/1569/"}, {"supplier": ["Invalid hyperlink - Object does not exist."]}),
    ({"data": []}, {"data": ["Expected a dictionary of items."]}),
    ({"data": {}}, {"data": {name: ["This field is required."] for name in (
        "product_name", "description", "ean", "colour", "size", "image", "price")}}),
])
def test_an_incomplete_or_wrong_new_product_is_refused(
    virtualstock: Virtualstock, changes: dict[str, Any], errors: dict[str, Any],
) -> None:
    before = virtualstock.control("GET", "products")
    answer = virtualstock.call("POST", PRODUCTS, new(virtualstock, **changes), retailer="calder")
    assert (answer.status_code, answer.json()) == (400, errors)
    assert virtualstock.control("GET", "products") == before


def test_a_new_product_needs_all_its_parts(virtualstock: Virtualstock) -> None:
    answer = virtualstock.call("POST", PRODUCTS, {}, retailer="calder")
    assert (answer.status_code, set(answer.json())) == (400, {"part_number", "category", "client", "supplier", "data"})


def test_a_part_number_is_given_once_and_is_free_again_after_a_removal(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("calder")[0]
    body = new(virtualstock, part_number=listing.part_number)
    twice = virtualstock.call("POST", PRODUCTS, body, retailer="calder")
    assert (twice.status_code, set(twice.json())) == (400, {"part_number"})
    virtualstock.control("POST", "product_remove", {"retailer": "calder", "sku": listing.sku})
    assert virtualstock.call("GET", f"{PRODUCTS}{listing.id}/", retailer="calder").status_code == 404
    assert virtualstock.call("POST", PRODUCTS, body, retailer="calder").status_code == 201


def test_a_new_product_may_be_published_at_once(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "settings", {"publish_after_create": 90})
    path = virtualstock.call("POST", PRODUCTS, new(virtualstock), retailer="calder").json()["url"]
    path = path.removeprefix(virtualstock.server.url)
    for moment, status in ((0, 409), (89, 409), (91, 200)):
        virtualstock.now = NOON + moment
        answer = virtualstock.call("PATCH", path, {"data": {"colour": "Red"}}, retailer="calder")
        assert answer.status_code == status, moment


def test_staff_lock_one_product_by_its_sku(virtualstock: Virtualstock) -> None:
    locked, free = virtualstock.listings("calder")[:2]
    virtualstock.control("POST", "publish", {"retailer": "calder", "sku": locked.sku, "seconds": 30})
    for listing, status in ((locked, 409), (free, 200)):
        answer = virtualstock.call("PATCH", f"{PRODUCTS}{listing.id}/", {"data": {"size": "S"}}, retailer="calder")
        assert answer.status_code == status


def test_a_deleted_product_is_found_no_more(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("calder")[0]
    path = f"{PRODUCTS}{listing.id}"
    assert virtualstock.call("DELETE", f"{path}/", retailer="calder").status_code == 405
    assert virtualstock.call("DELETE", path, retailer="fernhill").status_code == 404
    assert virtualstock.call("DELETE", path, retailer="calder").status_code == 204
    assert virtualstock.call("GET", f"{path}/", retailer="calder").status_code == 404
    assert listing.sku not in data_of(virtualstock, "calder")


def test_the_address_of_a_product_still_wants_its_slash(virtualstock: Virtualstock) -> None:
    path = f"{PRODUCTS}{virtualstock.listings('fernhill')[0].id}"
    read = virtualstock.call("GET", path)
    assert (read.status_code, read.headers["location"]) == (301, f"{path}/")
    assert virtualstock.call("PATCH", path, {"data": {}}).status_code == 405


def test_staff_may_write_what_a_supplier_may_not(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("northgate")[0]
    edit = {"retailer": "northgate", "sku": listing.sku, "data": {"colour": "TEAL", "prodId": "9"}}
    virtualstock.control("POST", "product_edit", edit)
    shown = virtualstock.call("GET", f"{PRODUCTS}{listing.id}/", retailer="northgate").json()["data"]
    assert (shown["colour"], shown["prodId"]) == ("TEAL", "9")
    assert "shade" in virtualstock.refusal("product_edit", edit | {"data": {"shade": "x"}})


@pytest.mark.parametrize(("family", "retailer", "names"), [
    ("categories", "calder", {5544: "Clothing", 5546: "Footwear", 5547: "Accessories"}),
    ("categories", "northgate", {5544: "Clothing"}),
    ("clients", "calder", {638: "Calder"}),
    ("channels", "calder", {14: "Online"}),
    ("settings", "calder", {}),
])
def test_short_lists_come_in_the_envelope(
    virtualstock: Virtualstock, family: str, retailer: str, names: dict[int, str],
) -> None:
    answer = virtualstock.call("GET", f"/api/v4/{family}/?format=json", retailer=retailer).json()
    url = f"{virtualstock.server.url}/api/v4/{family}/"
    assert answer["results"] == [{"url": f"{url}{number}/?format=json", "name": name} for number, name in names.items()]
    assert answer["count"] == len(names)


def test_the_category_of_a_product_is_that_of_its_kind(small_seed: Seed) -> None:
    server = Server(VirtualstockTwin(build_seed(900))).start()
    try:
        memory = server.twin.memory  # type: ignore[attr-defined]
        kinds = {product.category for product in memory.products_of["calder"]}
        assert kinds == {5544, 5546, 5547}
        assert {product.category for product in memory.products_of["fernhill"]} == {5544}
        boot = next(product for product in memory.products_of["calder"] if product.category == 5546)
        assert boot.data["shoe_size"] == boot.data["size"]
    finally:
        server.stop()
