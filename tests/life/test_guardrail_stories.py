"""What looks like a mistake stops before it is sent, stops nothing else, and goes on by the word of a named person."""

from datetime import timedelta

import pytest

from integration import steps
from integration.flows.releases import NotReleasable, release
from integration.storage.store import table_of
from integration.storage.tables import Timeline
from sandbox.seed import WAREHOUSES
from tests.life.product_stage import ProductStage

SKU = "HF1001-OAT-S"
TIMELINE = table_of(Timeline)


def told_prices(stage: ProductStage) -> set[tuple[str, str, str]]:
    """Prices told since the last look, as (retailer, SKU, new price)."""
    return {(retailer, sku, changes["price"][1]) for retailer, sku, changes in stage.calls() if "price" in changes}


def let_go(stage: ProductStage, kind: str, *skus: str) -> int:
    """A named person releases what waits behind the one cause of a kind."""
    freed = release(stage.services, stage.cause(kind).id, skus=skus, by="Jane Doe", reason="it is a sale")
    stage.settle(1)
    return freed


def test_one_absurd_price_stops_all_prices_of_its_retailers_and_nothing_else(stage: ProductStage) -> None:
    stage.edit(sku=SKU, price="5")
    stage.settle()
    stage.edit(product=1003, price="58")
    stage.edit(product=1003, title="New shirt")
    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder", "fernhill"]}
    shirts = [variant.id for variant in stage.seed.products[2].variants]
    assert [call[:2] for call in stage.calls()] == sorted(
        (retailer, sku) for retailer in stage.rules.retailers for sku in stage.on_sale(retailer, *shirts)
    ), "titles go on"
    assert stage.shown("calder", "HF1003-RST-S")["price"] == "59.00"
    said = next(each for each in stage.sentences("price-guard") if "Calder" in each)
    assert "falls from 79.00 to 5.00, 93.7 % in one step where 50 % are allowed" in said
    assert "79.00 → 5.00" in said
    assert "release what is right" in said


def test_a_person_lets_some_prices_go_then_the_rest(stage: ProductStage) -> None:
    stage.change("fernhill", switches={"prices": False})
    stage.edit(sku=SKU, price="5")
    stage.settle()
    waiting = stage.waiting("price-guard")
    assert told_prices(stage) == set()

    assert let_go(stage, "price-guard", SKU) == 1
    assert told_prices(stage) == {("calder", SKU, "5.00")}
    assert stage.waiting("price-guard") == waiting - 1

    let_go(stage, "price-guard")
    told = told_prices(stage)
    assert len(told) == waiting - 1
    assert {price for _, _, price in told} == {"5.00"}
    assert stage.open_causes() == {}
    story = stage.rows(TIMELINE.select().where(TIMELINE.c.subject == SKU, TIMELINE.c.what == "let pass a guardrail"))
    assert [row.facts["by"] for row in story] == ["Jane Doe"]


def test_what_was_let_go_covers_no_later_mistake(stage: ProductStage) -> None:
    stage.edit(sku=SKU, price="30")
    stage.settle()
    for cause in stage.ids("price-guard"):
        release(stage.services, cause, skus=(), by="Jane Doe", reason="it is a sale")
    stage.settle()
    stage.calls()
    assert stage.open_causes() == {}

    stage.edit(sku=SKU, price="3")
    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder", "fernhill"]}
    assert stage.calls() == []


def test_what_was_let_go_once_is_a_mistake_when_it_comes_again(stage: ProductStage) -> None:
    stage.change("fernhill", switches={"prices": False})
    for price in ("30", "79"):
        stage.edit(sku=SKU, price=price)
        stage.settle()
        let_go(stage, "price-guard")
        assert {told for _, _, told in told_prices(stage)} == {f"{price}.00"}

    stage.edit(sku=SKU, price="30")
    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder"]}
    assert stage.calls() == []


def test_what_changes_between_the_word_and_the_call_is_not_what_was_let_go(stage: ProductStage) -> None:
    stage.edit(sku=SKU, price="30")
    stage.settle()
    for cause in stage.ids("price-guard"):
        release(stage.services, cause, skus=(), by="Jane Doe", reason="it is a sale")
    stage.edit(sku=SKU, price="3")
    stage.tick_once()
    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder", "fernhill"]}
    assert stage.calls() == []


def test_a_price_that_is_corrected_in_centra_goes_after_the_release_with_its_right_value(stage: ProductStage) -> None:
    stage.edit(sku=SKU, price="7.9")
    stage.settle()
    stage.edit(sku=SKU, price="75")
    stage.settle()
    for cause in stage.ids("price-guard"):
        release(stage.services, cause, skus=(), by="Jane Doe", reason="corrected")
    stage.settle()

    assert {price for _, _, price in told_prices(stage)} == {"75.00", "62.50"}
    assert stage.open_causes() == {}


def test_only_what_waits_behind_an_open_guardrail_can_be_released(stage: ProductStage) -> None:
    stage.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Teal"})
    stage.edit(product=1003, price="5")
    stage.settle()

    with pytest.raises(NotReleasable, match="There is no open exception 9999"):
        release(stage.services, 9999, skus=(), by="Jane Doe", reason="x")
    with pytest.raises(NotReleasable, match="No guardrail stands behind this one"):
        release(stage.services, stage.cause("content-invalid").id, skus=(), by="Jane Doe", reason="x")
    with pytest.raises(NotReleasable, match="Nothing of HF-NONE waits"):
        release(stage.services, stage.ids("price-guard")[0], skus=["HF-NONE"], by="Jane Doe", reason="x")


def test_a_mass_of_price_changes_stops_before_the_first_of_them(stage: ProductStage) -> None:
    stage.change("calder", guardrails={"least_listings": 5})
    for product in (1001, 1002, 1003, 1004):
        stage.edit(product=product, price="50")
    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder"]}
    calls = stage.calls()
    assert {retailer for retailer, _, _ in calls} == {"fernhill"}, "fernhill's guardrail asks for a larger mass"
    assert "live listings change price within 60 minutes" in " ".join(stage.sentences("price-guard"))
    waiting = stage.waiting("price-guard")

    let_go(stage, "price-guard")

    told = stage.calls()
    assert len(told) == waiting
    assert all(retailer == "calder" and changes["price"][1] == "50.00" for retailer, _, changes in told)


def test_a_campaign_for_everything_is_counted_whole_before_it_starts(stage: ProductStage) -> None:
    stage.change("calder", guardrails={"least_listings": 5})
    start = stage.now() + timedelta(hours=1)
    variants = [{"variant": variant.id, "percent": 10, "start": start.isoformat()}
                for product in stage.seed.products for variant in product.variants]  # fmt: skip
    stage.centra.post("campaign", variants=variants)
    for product in stage.seed.products:
        stage.reread(product.id)
    stage.until(start - timedelta(seconds=15))
    stage.turn()
    assert stage.calls() == []

    stage.settle()

    assert stage.open_causes() == {"price-guard": ["calder"]}
    assert {retailer for retailer, _, _ in stage.calls()} == {"fernhill"}


def stock_calls(stage: ProductStage) -> dict[str, int]:
    """Quantities told to Calder since the last look, by SKU."""
    entries = stage.virtualstock.calls(stage.mark)
    stage.mark = stage.virtualstock.mark()
    return {each["detail"]["sku"]: each["detail"]["after"] for each in entries
            if each["operation"] == "stock" and each["status"] == 200}  # fmt: skip


def count(stage: ProductStage, quantities: dict[str, int]) -> None:
    """Physical stock is counted: these quantities in the first warehouse, nothing in the others."""
    houses = [house.id for house in WAREHOUSES]
    stage.centra.post("stock", changes=[
        {"sku": sku, "warehouse": house, "quantity": quantity if house == houses[0] else 0}
        for sku, quantity in quantities.items() for house in houses
    ])  # fmt: skip


def all_stocked(stage: ProductStage) -> list[str]:
    """Switch Calder's stock on and let it be told; the SKUs that it can sell."""
    stage.change("calder", switches={"stock": True}, guardrails={"least_listings": 5})
    stage.ask(steps.STOCK_SWEEP, steps.CENTRA)
    stage.settle(5)
    return sorted(sku for sku, quantity in stock_calls(stage).items() if quantity > 6)


def test_a_mass_of_falls_to_zero_stops_only_those(stage: ProductStage) -> None:
    skus = all_stocked(stage)
    count(stage, dict.fromkeys(skus[:-1], 0) | {skus[-1]: 5})
    stage.settle()

    assert stage.open_causes() == {"zero-guard": ["calder"]}
    assert stock_calls(stage) == {skus[-1]: 5}
    said = stage.cause("zero-guard").sentence
    assert "live listings fall to zero within 60 minutes" in said
    assert "→ 0" in said

    count(stage, {skus[0]: 4})
    stage.settle()
    assert stock_calls(stage) == {skus[0]: 4}, "one that rises again is freed"

    assert let_go(stage, "zero-guard", skus[1]) == 1
    assert stock_calls(stage) == {skus[1]: 0}
    let_go(stage, "zero-guard")
    assert stock_calls(stage) == dict.fromkeys(skus[2:-1], 0)
    assert stage.open_causes() == {}


def test_a_few_falls_to_zero_go_at_once(stage: ProductStage) -> None:
    skus = all_stocked(stage)
    # They are more than that share of the range, but too few to be a mass.
    stage.change("calder", guardrails={"most_to_zero_percent": 5})
    listed = sum(each.retailer == "calder" for each in stage.seed.listings)
    assert listed * 5 < 3 * 100
    quantities = dict.fromkeys(skus[:3], 0) | dict.fromkeys(skus[3:], 5)
    count(stage, quantities)
    stage.settle()

    assert stock_calls(stage) == quantities, "those that merely move do not count"
    assert stage.open_causes() == {}


def test_a_short_reading_withdraws_nothing_and_a_whole_one_ends_the_exception(
    stage: ProductStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = type(stage.services.centra).products_page
    with monkeypatch.context() as patched:
        patched.setattr(type(stage.services.centra), "products_page", lambda *a, **more: whole(*a, **more)[:1])
        stage.ask(steps.PRODUCTS_SWEEP, steps.CENTRA)
        stage.settle()
    assert stage.open_causes() == {"short-read-guard": ["products"]}
    assert "brought 1 rows, the one before 4" in stage.cause("short-read-guard").sentence
    assert stage.calls() == []

    stage.ask(steps.PRODUCTS_SWEEP, steps.CENTRA)
    stage.settle()
    assert stage.open_causes() == {}
    assert stage.calls() == []


def test_a_short_reading_that_is_true_is_believed_by_a_person_and_proved_by_id(stage: ProductStage) -> None:
    for product in stage.seed.products[:3]:
        stage.edit(product=product.id, delete=True)
    stage.lose_events()
    stage.ask(steps.PRODUCTS_SWEEP, steps.CENTRA)
    stage.settle()
    assert stage.open_causes() == {"short-read-guard": ["products"]}
    assert stage.calls() == []

    release(stage.services, stage.cause("short-read-guard").id, skus=(), by="Jane Doe", reason="range ended")
    stage.settle()

    gone = [variant.id for product in stage.seed.products[:3] for variant in product.variants]
    ended = {"northgate": {"listingStatus": ("LIVE", "DISCONTINUED")}, "calder": {"discontinued": ("no", "yes")}}
    assert stage.calls() == sorted(
        (retailer, sku, change) for retailer, change in ended.items() for sku in stage.on_sale(retailer, *gone)
    )
    assert stage.open_causes() == {}


def test_prices_on_their_way_to_a_stop_are_let_go_with_those_that_wait(stage: ProductStage) -> None:
    stage.change("fernhill", switches={"prices": False})
    stage.edit(sku=SKU, price="5")
    stage.tick_once()
    assert stage.open_causes() == {"price-guard": ["calder"]}
    assert stage.waiting("price-guard") == 0, "it was seen before the first of them was pushed"

    freed = let_go(stage, "price-guard")
    stage.settle()

    told = told_prices(stage)
    assert {price for _, _, price in told} == {"5.00"}
    assert len(told) == freed > 1
    assert stage.open_causes() == {}


def test_falls_on_their_way_to_a_stop_are_let_go_with_those_that_wait(stage: ProductStage) -> None:
    skus = all_stocked(stage)
    count(stage, dict.fromkeys(skus[:-1], 0) | {skus[-1]: 5})
    stage.tick_once()
    assert stage.open_causes() == {"zero-guard": ["calder"]}
    assert stage.waiting("zero-guard") == 0

    assert let_go(stage, "zero-guard") == len(skus) - 1
    stage.settle()

    assert stock_calls(stage) == dict.fromkeys(skus[:-1], 0) | {skus[-1]: 5}
    assert stage.open_causes() == {}
