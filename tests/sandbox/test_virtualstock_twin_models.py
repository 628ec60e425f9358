"""Every rule of a retailer's data model refuses exactly what breaks it, whatever the call carries besides."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from virtualstock_supplier import Virtualstock

from sandbox.seed import Seed
from sandbox.virtualstock.listing_data import ListingData
from sandbox.virtualstock.models import BLANK, Attribute, installed

MAPS = Path(__file__).parents[2] / "mappings"
GTIN_13, GTIN_8, GTIN_12, GTIN_14 = "5060412000017", "96385074", "036000291452", "10614141000415"


def rule(**parts: Any) -> Attribute:
    return Attribute().changed(parts)


@pytest.mark.parametrize(("attribute", "taken", "refused"), [
    (rule(longest=3), ("abc", "åäö", "   ", ""), ("abcd", "    x", "a\x00")),
    (rule(required=True), ("x", "0"), ("", " ", "\n")),
    (rule(choices=["RED", "BLUE"]), ("RED", ""), ("red", "RED ", "GREEN")),
    (rule(type="whole"), ("0", "-7", "+7", "007"), ("1.0", "1e3", "٣", "1 000", "x", "7\n", "--7")),
    (rule(type="number"), ("0", "-7.25", "7.", ".5"), ("1,5", "1e3", "NaN", "Infinity", ".", "£5", "٣.٥")),
    (rule(type="number", least="0.01", most=10), ("0.01", "10", "10.00"), ("0", "0.009", "-1", "10.01")),
    (rule(type="gtin"), (GTIN_13, GTIN_8, GTIN_12, GTIN_14),
     ("5060412000018", "5060412000071", "506041200001", "96385075", f" {GTIN_13}", "5060412-000019", "12345670901",
      *(GTIN_8.zfill(digits) for digits in (9, 10, 11, 15)), *(GTIN_13[:-1] + last for last in "012345689"))),
    (rule(type="link"), ("https://shop.example/a.jpg", "http://127.0.0.1:8801/a.jpg?x=1#y"),
     ("shop.example/a.jpg", "ftp://shop.example/a", "//shop.example/a", "https://", "https:///a.jpg",
      "https://shop.example/a b.jpg", "https://[x/a", "javascript:alert(1)")),
    (rule(type="date"), ("2025-10-31", "2024-02-29"), ("2025-02-29", "31/10/2025", "2025-10-31T00:00:00", "20251031")),
    (rule(type="yes_no"), ("yes", "no"), ("Yes", "true", "1")),
])
def test_a_rule_refuses_exactly_what_breaks_it(
    attribute: Attribute, taken: tuple[str, ...], refused: tuple[str, ...],
) -> None:
    assert [text for text in taken if attribute.refusal("it", text) is not None] == []
    assert [text for text in refused if attribute.refusal("it", text) is None] == []


@pytest.mark.parametrize("parts", [
    {"kind": "text"}, {"type": "colour"}, {"least": 1}, {"type": "link", "most": "9"}, {"longst": 5},
])
def test_a_rule_that_makes_no_sense_is_not_installed(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        rule(**parts)


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("colour", "TEAL",
     "Value 'TEAL' is not valid for 'colour'. Must be one of: BLUE, CREAM, GREEN, BLACK, ORANGE, GREY, PURPLE."),
    ("productTitle", "x" * 101, "Ensure this field has no more than 100 characters."),
    ("weightGrams", "4.5", "A valid integer is required."),
    ("weightGrams", 0, "Ensure this value is greater than or equal to 1."),
    ("barcode", "5060412000018", "The check digit of this GTIN is wrong."),
    ("brandName", "", BLANK),
    ("brandName", None, BLANK),
    ("image", "shop.example/a.jpg", "Enter a valid URL."),
    ("material", ["wool"], "Not a valid string."),
    ("material", True, "Not a valid string."),
])
def test_one_bad_attribute_refuses_the_whole_call(
    virtualstock: Virtualstock, name: str, value: object, sentence: str,
) -> None:
    listing = virtualstock.listings("northgate")[0]
    before = virtualstock.control("GET", "products?retailer=northgate")
    data = {"size": "XXS", name: value, "free_stock": 4}
    answer = virtualstock.call("PATCH", f"/api/v4/products/{listing.id}/", {"data": data}, retailer="northgate")
    assert (answer.status_code, answer.json()) == (400, {"data": {name: [sentence]}})
    assert virtualstock.control("GET", "products?retailer=northgate") == before
    (entry,) = virtualstock.control("GET", "journal")["entries"]
    assert (entry["changed"], entry["detail"]["attributes"]) == (False, {})
    assert entry["detail"]["refused"] == {name: [sentence]}


def test_all_bad_attributes_are_named_at_once(virtualstock: Virtualstock) -> None:
    path = f"/api/v4/products/{virtualstock.listings('calder')[0].id}/"
    data = {"price": "0", "size": "", "colour": "Navy"}
    answer = virtualstock.call("PATCH", path, {"data": data}, retailer="calder").json()
    assert answer == {"data": {"price": ["Ensure this value is greater than or equal to 0.01."], "size": [BLANK]}}


@pytest.mark.parametrize(("form", "body"), [
    ("flat", f'{{"size":["{BLANK}"]}}'), ("text", f"size: {BLANK}"), ("detail", f'{{"detail":"size: {BLANK}"}}'),
])
def test_a_refusal_of_attributes_can_travel_in_other_forms(
    virtualstock: Virtualstock, form: str, body: str,
) -> None:
    virtualstock.control("PUT", "settings", {"data_error_form": form})
    path = f"/api/v4/products/{virtualstock.listings('calder')[0].id}/"
    answer = virtualstock.call("PATCH", path, {"data": {"size": ""}}, retailer="calder")
    assert (answer.status_code, answer.text) == (400, body)


@pytest.mark.parametrize("retailer", ["northgate", "calder", "fernhill"])
def test_the_shipped_map_fills_the_model_by_the_same_rules(retailer: str) -> None:
    model = installed()[retailer]
    fields = yaml.safe_load((MAPS / "fields" / f"{retailer}.yaml").read_text())
    parts = [(None, fields["common"])] + [(each["category"], each["attributes"]) for each in fields["categories"]]
    for category, mapped in parts:
        for each in mapped:
            table = model.common if category is None else model.categories[category].attributes
            held, wanted = table[each["attribute"]].shown(), {"least": None, "most": None} | each["rule"]
            assert {name: held[name] for name in wanted} == wanted, each["attribute"]
    if withdrawal := fields["withdrawal"]:
        choices = set(model.common[withdrawal["attribute"]].choices)
        assert choices == {withdrawal["on_sale"], withdrawal["withdrawn"]}
    profile = yaml.safe_load((MAPS / "retailers" / f"{retailer}.yaml").read_text())
    for price in profile["prices"]["fields"]:
        assert model.common[price["attribute"]].least == Decimal("0.01")


@pytest.mark.parametrize("retailer", ["northgate", "calder", "fernhill"])
def test_what_a_retailer_shows_at_the_start_is_valid_and_whole(small_seed: Seed, retailer: str) -> None:
    data, model = ListingData(small_seed, "http://127.0.0.1:1"), installed()[retailer]
    for listing in small_seed.listings:
        if listing.retailer != retailer:
            continue
        category, texts = data.of(listing)
        rules = model.attributes(category)
        assert [name for name, text in texts.items() if rules[name].refusal(name, text)] == []
        assert [name for name, held in rules.items() if held.required and not texts.get(name)] == []


def test_staff_change_the_model_while_the_platform_runs(virtualstock: Virtualstock) -> None:
    product = f"/api/v4/products/{virtualstock.listings('fernhill')[0].id}/"

    def patch(**data: object) -> int:
        return virtualstock.call("PATCH", product, {"data": data}).status_code

    assert (patch(colour=""), patch(gender="Women")) == (200, 200)
    virtualstock.control("POST", "model", {"retailer": "fernhill", "attribute": "colour", "required": True})
    virtualstock.control("POST", "model", {"retailer": "fernhill", "attribute": "gender", "choices": ["Men", "Women"]})
    assert virtualstock.call("GET", product).json()["data"]["gender"] == ""
    assert (patch(colour=""), patch(gender="Unisex"), patch(gender="Women")) == (400, 400, 200)
    assert virtualstock.call("GET", product).json()["data"]["gender"] == "Women"
    shown = virtualstock.control("GET", "model?retailer=fernhill")["common"]
    assert (shown["colour"]["required"], shown["colour"]["longest"]) == (True, 40)
    virtualstock.control("POST", "model", {"retailer": "fernhill", "attribute": "gender", "remove": True})
    assert "gender" not in virtualstock.call("GET", product).json()["data"]
    assert "KeyError" in virtualstock.refusal("model", {"retailer": "fernhill", "attribute": "gender", "remove": True})


def test_an_attribute_may_belong_to_one_category_alone(virtualstock: Virtualstock) -> None:
    listing = virtualstock.listings("calder")[0]
    path = f"/api/v4/products/{listing.id}/"
    assert "shoe_size" not in virtualstock.call("GET", path, retailer="calder").json()["data"]
    moved = {"retailer": "calder", "sku": listing.sku, "category": 5546}
    virtualstock.control("POST", "product_edit", moved)
    shown = virtualstock.call("GET", path, retailer="calder").json()
    assert (shown["data"]["shoe_size"], "/categories/5546/" in shown["category"]) == ("", True)
    refused = virtualstock.call("PATCH", path, {"data": {"shoe_size": "x" * 11}}, retailer="calder")
    assert refused.status_code == 400
