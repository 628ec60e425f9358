"""A change of content in Centra reaches each listing by one call for all that changed, and nothing invalid leaves."""

import pytest

from integration import steps
from integration.rulebook.fields import Case
from tests.life.product_stage import ProductStage

SKU = "HF1001-OAT-S"
"""Listed by all three retailers."""
VARIANT = 2001
"""Its variant."""


def test_a_shop_in_agreement_makes_no_call_at_all(stage: ProductStage) -> None:
    for product in stage.seed.products:
        stage.reread(product.id)
    stage.ask(steps.CATALOGUE_LISTINGS, *stage.rules.retailers)
    stage.ask(steps.PRODUCTS_REVIEW, *stage.rules.retailers)
    stage.settle(5)

    assert stage.attempts() == []
    assert stage.open_causes() == {}


def test_a_title_reaches_every_listing_by_one_call_and_nothing_else_does(stage: ProductStage) -> None:
    stage.edit(sku=SKU, title="Harbour Jumper")
    stage.settle()

    old, new = "Harrow & Fen Harbour Crew Neck Jumper", "Harbour Jumper"
    jumper = stage.seed.products[0]
    named = {size.sku: (variant.colour, size.name) for variant in jumper.variants for size in variant.sizes}
    told = {
        "northgate": lambda name, colour, size: {"productTitle": f"{name}, {colour}, {size}"},
        "calder": lambda name, colour, _: {"product_name": f"{name} {colour}"},
        "fernhill": lambda name, *_: {"name": name},
    }
    assert stage.calls() == sorted(
        ((retailer, sku, {key: (text, tell(new, *named[sku])[key]) for key, text in tell(old, *named[sku]).items()})
         for retailer, tell in told.items()
         for sku in stage.on_sale(retailer, *(variant.id for variant in jumper.variants))),
        key=lambda call: call[:2],
    )  # fmt: skip
    stage.settle(10)
    assert stage.calls() == []


def test_several_changes_within_seconds_are_one_call(stage: ProductStage) -> None:
    stage.edit(sku=SKU, attribute={"name": "product.material.text", "value": "Wool"})
    stage.edit(sku=SKU, attribute={"name": "product.care.text", "value": "Hand wash"})
    stage.edit(sku=SKU, price="85")
    stage.settle()

    calls = {call[:2]: call[2] for call in stage.calls()}
    assert calls["calder", SKU] == {
        "fabric": ("100% lambswool", "Wool"), "care": ("Machine wash at 30 degrees, dry flat", "Hand wash"),
        "price": ("79.00", "85.00"), "rrp": ("79.00", "85.00"),
    }  # fmt: skip
    assert calls["northgate", SKU] == {"material": ("100% lambswool", "Wool")}
    assert calls["fernhill", SKU] == {"price": ("65.83", "70.83")}


def test_a_description_arrives_as_text(stage: ProductStage) -> None:
    stage.edit(sku=SKU, description="<p>Warm &amp; <b>light</b></p><script>alert(1)</script><ul><li>Two</li></ul>")
    stage.settle()

    texts = {changes[name][1] for _, _, changes in stage.calls() for name in changes}
    assert texts == {"Warm & light\n\n  * Two"}


def test_a_word_is_translated_by_the_list_of_the_map(stage: ProductStage) -> None:
    stage.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Navy"})
    stage.settle()

    calls = {call[:2]: call[2] for call in stage.calls()}
    assert calls["northgate", SKU]["colour"] == ("CREAM", "BLUE")
    assert calls["calder", SKU]["colour"] == ("Oatmeal", "Navy")


def test_an_unknown_word_holds_its_products_behind_one_cause_until_centra_is_corrected(stage: ProductStage) -> None:
    stage.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Teal"})
    stage.settle()

    assert {call[0] for call in stage.calls()} == {"calder", "fernhill"}
    assert stage.open_causes() == {"content-invalid": ["northgate/colour/list"]}
    assert stage.waiting("content-invalid") == len(stage.on_sale("northgate", VARIANT))
    assert "colour" in stage.cause("content-invalid").sentence
    assert stage.cause("content-invalid").owner == "catalogue"

    stage.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Oatmeal"})
    stage.settle()

    assert stage.open_causes() == {}
    assert {call[0] for call in stage.calls()} == {"calder", "fernhill"}
    assert stage.shown("northgate", SKU)["colour"] == "CREAM"


def test_an_unknown_word_is_answered_by_publishing_it(stage: ProductStage) -> None:
    stage.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Teal"})
    stage.settle()
    stage.calls()
    fields = stage.rules.fields["northgate"]
    lists = {"colours": {**fields.lists["colours"], "Teal": "BLUE"}}
    stage.publish(fields={"northgate": fields.model_copy(update={"lists": lists})})
    stage.settle()

    assert stage.open_causes() == {}
    blue = [call[2]["colour"] for call in stage.calls()]
    assert blue == [("CREAM", "BLUE")] * len(stage.on_sale("northgate", VARIANT))


def test_a_new_rulebook_is_applied_to_every_listing(stage: ProductStage) -> None:
    fields = stage.rules.fields["fernhill"]
    name = fields.common[0].model_copy(update={"transforms": (Case(do="case", to="upper"),)})
    stage.publish(fields={"fernhill": fields.model_copy(update={"common": (name, *fields.common[1:])})})
    stage.settle()

    calls = stage.calls()
    assert {call[0] for call in calls} == {"fernhill"}
    active = {size.sku for _, variant, size in stage.seed.sizes() if size.active and variant.active}
    assert {call[1] for call in calls} == active & stage.virtualstock.get("products", retailer="fernhill").keys()
    assert all(set(changes) == {"name"} and changes["name"][1].isupper() for _, _, changes in calls)


@pytest.mark.parametrize("level", ["size", "variant", "product", "display", "market"])
def test_what_is_not_offered_any_more_gets_stock_0_and_then_its_withdrawal(stage: ProductStage, level: str) -> None:
    stage.change("calder", switches={"stock": True})
    stage.settle()
    stage.ask(steps.STOCK_PUSH, f"calder/{SKU}")
    stage.drain()
    mark = stage.virtualstock.mark()
    product = stage.centra.get("content", sku=SKU)
    target = {"size": {"sku": SKU}, "variant": {"variant": VARIANT}, "product": {"product": 1001}}.get(level)
    display = {"display": product["displays"][0]["id"]}
    market = stage.rules.retailers["calder"].centra.market
    change = {"remove_market": market} if level == "market" else {"active": False}
    stage.edit(**(target or display), **change)
    stage.settle(3)

    told = [(each["operation"], each["detail"].get("attributes"))
            for each in stage.virtualstock.calls(mark)
            if each["operation"] in ("stock", "product_patch") and each["detail"]["retailer"] == "calder"
            and each["detail"]["sku"] == SKU and each["status"] == 200]  # fmt: skip
    assert [operation for operation, _ in told] == ["stock", "product_patch"]
    assert told[1][1] == {"discontinued": {"before": "no", "after": "yes"}}
    stage.mark = stage.virtualstock.mark()

    back = {"markets": [market]} if level == "market" else {"active": True}
    stage.edit(**(target or display), **back)
    stage.settle(3)

    assert ("calder", SKU, {"discontinued": ("yes", "no")}) in stage.calls()
    assert stage.open_causes() == {}


def test_a_product_deleted_in_centra_is_withdrawn(stage: ProductStage) -> None:
    stage.edit(product=1001, delete=True)
    stage.settle(3)

    calls = stage.calls()
    assert {call[0] for call in calls} == {"northgate", "calder"}, "fernhill's model has no word for it"
    assert ("calder", SKU, {"discontinued": ("no", "yes")}) in calls
    assert all(len(changes) == 1 for _, _, changes in calls)


def test_while_it_is_being_published_a_listing_waits_in_its_row_and_burns_no_quota(stage: ProductStage) -> None:
    stage.virtualstock.post("publish", retailer="calder", sku=SKU, seconds=900)
    stage.edit(sku=SKU, attribute={"name": "product.care.text", "value": "Hand wash"})
    stage.settle(20)

    attempts = stage.attempts()
    done = [each for each in attempts if each["status"] == 200 and each["detail"]["sku"] == SKU]
    assert [each["detail"]["retailer"] for each in done] == ["calder"], "told once, when it is free again"
    assert 1 <= sum(each["status"] == 409 for each in attempts) <= 6
    assert stage.shown("calder", SKU)["care"] == "Hand wash"


def test_a_product_that_changes_while_it_is_being_sent_ends_with_the_newest(stage: ProductStage) -> None:
    stage.edit(sku=SKU, title="First")
    stage.tick_once()
    stage.edit(sku=SKU, title="Second")
    stage.settle()

    names = [changes["name"][1] for retailer, sku, changes in stage.calls() if (retailer, sku) == ("fernhill", SKU)]
    assert names in (["Second"], ["First", "Second"])
    assert stage.shown("fernhill", SKU)["name"] == "Second"


def test_a_model_that_changed_overnight_holds_what_it_refuses_and_serves_the_rest(stage: ProductStage) -> None:
    stage.virtualstock.post("model", retailer="calder", attribute="care", choices=["Hand wash", "Dry clean"])
    stage.edit(sku=SKU, attribute={"name": "product.care.text", "value": "Boil"})
    stage.edit(product=1003, title="New shirt")
    stage.settle()

    assert stage.open_causes() == {"content-refused": ["calder/care"]}
    assert "must be one of" in stage.cause("content-refused").sentence.casefold()
    assert any(sku.startswith("HF1003") for retailer, sku, _ in stage.calls() if retailer == "calder")

    stage.edit(sku=SKU, attribute={"name": "product.care.text", "value": "Dry clean"})
    stage.settle()

    assert stage.open_causes() == {}
    assert stage.shown("calder", SKU)["care"] == "Dry clean"


def test_an_attribute_that_the_retailer_dropped_is_named(stage: ProductStage) -> None:
    stage.virtualstock.post("model", retailer="calder", attribute="care", remove=True)
    stage.edit(sku=SKU, attribute={"name": "product.care.text", "value": "Hand wash"})
    stage.settle()

    assert stage.open_causes() == {"attribute-ignored": ["calder/care"]}
    assert {each["status"] for each in stage.attempts()} == {200}
    # The next reading finds that the other listings have lost it too: each is told once, and in vain.
    stage.ask(steps.CATALOGUE_LISTINGS, "calder")
    stage.settle()
    others = [each["detail"]["sku"] for each in stage.attempts()]
    assert others
    assert len(others) == len(set(others) - set(stage.on_sale("calder", 2001, 2002)))
    stage.ask(steps.CATALOGUE_LISTINGS, "calder")
    stage.ask(steps.PRODUCTS_REVIEW, "calder")
    stage.settle(5)
    assert stage.attempts() == [], "what is ignored must not be sent again and again"


def test_what_staff_of_a_retailer_change_is_put_right_and_only_that(stage: ProductStage) -> None:
    stage.virtualstock.post("product_edit", retailer="calder", sku=SKU, data={"care": "Burn", "size": "S"})
    stage.ask(steps.CATALOGUE_LISTINGS, "calder")
    stage.settle()

    assert stage.calls() == [("calder", SKU, {"care": ("Burn", "Machine wash at 30 degrees, dry flat")})]


@pytest.mark.parametrize("form", ["trim", "two_places"])
def test_a_retailer_that_writes_values_its_own_way_is_not_told_for_ever(stage: ProductStage, form: str) -> None:
    stage.virtualstock.put("settings", {"reformat": form})
    stage.edit(sku=SKU, weight="0.4567", title="Jumper ")
    stage.settle()
    assert len([call for call in stage.calls() if call[:2] == ("fernhill", SKU)]) == 1

    stage.ask(steps.CATALOGUE_LISTINGS, *stage.rules.retailers)
    stage.settle(5)

    assert stage.calls() == []


def test_a_text_that_is_far_too_long_is_held_and_everyone_else_is_served(stage: ProductStage) -> None:
    stage.edit(product=1001, title="New jumper", description="word " * 20_000)
    stage.edit(product=1003, title="New shirt")
    stage.settle()

    assert stage.open_causes() == {"content-invalid": [
        "calder/description/longest", "fernhill/description/longest", "northgate/longDescription/longest",
    ]}  # fmt: skip
    calls = stage.calls()
    served = {(retailer, "HF1003") for retailer in stage.rules.retailers}
    assert {(retailer, sku[:6]) for retailer, sku, _ in calls} == served | {("fernhill", "HF1001")}
    assert all(list(changes) in (["name"], ["product_name"], ["productTitle"]) for _, _, changes in calls), (
        "only fernhill takes what is valid beside what is not"
    )


def test_control_characters_never_leave(stage: ProductStage) -> None:
    stage.edit(product=1001, title="Harbour\x07 Jumper\x00")
    stage.settle()

    titles = [text for _, _, changes in stage.calls() for _, text in changes.values()]
    assert titles
    assert all("\x07" not in each and "\x00" not in each and "Harbour Jumper" in each for each in titles)


def test_one_ean_on_two_sizes_holds_both(stage: ProductStage) -> None:
    other = "HF1001-MOS-M"
    stage.edit(sku=other, ean=stage.shown("calder", SKU)["ean"])
    stage.settle()

    assert list(stage.open_causes()) == ["duplicate-ean"]
    assert SKU in stage.cause("duplicate-ean").sentence
    assert other in stage.cause("duplicate-ean").sentence
    assert stage.calls() == [], "the one that has it already shows it, and the other is held"
    assert stage.waiting("duplicate-ean") == 3
    stage.change("calder", switches={"stock": True})
    mark = stage.virtualstock.mark()
    stage.ask(steps.STOCK_PUSH, f"calder/{other}")
    stage.settle(1)
    assert [each["detail"]["sku"] for each in stage.virtualstock.calls(mark, "stock")] == [other], "stock goes on"


def test_events_that_were_all_lost_are_found_by_the_sweep(stage: ProductStage) -> None:
    stage.edit(sku=SKU, title="Silent")
    stage.lose_events()
    stage.settle(3)
    assert stage.calls() == []

    stage.ask(steps.PRODUCTS_SWEEP, steps.CENTRA)
    stage.settle()

    assert ("fernhill", SKU, {"name": ("Harrow & Fen Harbour Crew Neck Jumper", "Silent")}) in stage.calls()
