"""Categories are the retailer's own: what it asks for in one is sent, and what Centra calls one moves nothing."""



from integration import steps
from tests.life.product_stage import ProductStage

SKU = "HF1001-MOS-M"
"""Listed by all three retailers."""


def test_another_category_in_centra_makes_no_call_where_no_attribute_shows_it(stage: ProductStage) -> None:
    stage.edit(product=1001, category="Footwear")
    stage.edit(product=1002, category="Never heard of")
    stage.edit(product=1003, category=None)
    stage.settle()

    assert stage.attempts() == []
    assert stage.open_causes() == {}


def test_what_a_retailer_moves_to_another_category_gets_the_attributes_of_that_one(stage: ProductStage) -> None:
    stage.virtualstock.post("product_edit", retailer="calder", sku=SKU, category=5546)
    stage.settle()
    assert stage.attempts() == [], "nobody has read it yet"

    stage.ask(steps.CATALOGUE_LISTINGS, "calder")
    stage.settle()

    assert stage.calls() == [("calder", SKU, {"shoe_size": ("", "M")})]
    stage.settle(5)
    assert stage.attempts() == []


def test_only_the_retailer_whose_category_has_a_rule_holds_what_breaks_it(stage: ProductStage) -> None:
    stage.virtualstock.post("product_edit", retailer="calder", sku=SKU, category=5546)
    stage.ask(steps.CATALOGUE_LISTINGS, "calder")
    stage.settle()
    stage.calls()

    stage.edit(sku=SKU, size_label="Medium and more")
    stage.settle()

    old, new = "M", "Medium and more"
    title = "Harrow & Fen Harbour Crew Neck Jumper, Moss, "
    assert stage.calls() == [
        ("fernhill", SKU, {"size": (old, new)}),
        ("northgate", SKU, {"size": (old, new), "productTitle": (title + old, title + new)}),
    ]
    assert stage.open_causes() == {"content-invalid": ["calder/shoe_size/longest"]}

    stage.edit(sku=SKU, size_label="Medium")
    stage.settle()

    assert ("calder", SKU, {"size": (old, "Medium"), "shoe_size": (old, "Medium")}) in stage.calls()
    assert stage.open_causes() == {}


def test_an_attribute_that_became_required_overnight_is_refused_for_those_that_lack_it_and_no_others(
    stage: ProductStage,
) -> None:
    stage.virtualstock.post("model", retailer="calder", attribute="care", required=True)
    stage.edit(product=1001, attribute={"name": "product.care.text", "value": None})
    stage.edit(product=1003, attribute={"name": "product.care.text", "value": "Hand wash"})
    stage.settle()

    calls = stage.calls()
    assert {(retailer, sku[:6]) for retailer, sku, _ in calls} == {("calder", "HF1003")}
    care = ("Machine wash at 40 degrees, iron warm", "Hand wash")
    assert all(changes == {"care": care} for _, _, changes in calls)
    assert stage.open_causes() == {"content-refused": ["calder/care"]}
    assert "may not be blank" in stage.cause("content-refused").sentence
    stage.settle(10)
    assert stage.attempts() == [], "what was refused is not tried again until something changes"

    stage.edit(product=1001, attribute={"name": "product.care.text", "value": "Dry clean"})
    stage.settle()

    care = ("Machine wash at 30 degrees, dry flat", "Dry clean")
    calls = stage.calls()
    assert {(retailer, sku[:6]) for retailer, sku, _ in calls} == {("calder", "HF1001")}
    assert all(changes == {"care": care} for _, _, changes in calls)
    assert stage.open_causes() == {}
