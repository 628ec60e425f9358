"""What Centra does not offer any more is sold out at a retailer before it is withdrawn there, and comes back whole."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from integration import steps
from tests.life.product_stage import ProductStage

SKU = "HF1001-OAT-S"
"""Listed by all three retailers."""
TOLD = ("stock", "product_patch")
LIVE, ENDED = "LIVE", "DISCONTINUED"
PLACES = ("northgate", "calder", "fernhill")
MARKET = 3
WAYS: Mapping[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "size": ({"sku": SKU}, {"active": False}, {"active": True}),
    "variant": ({"variant": 2001}, {"active": False}, {"active": True}),
    "product": ({"product": 1001}, {"active": False}, {"active": True}),
    "display": ({"display": 40001}, {"active": False}, {"active": True}),
    "market": ({"display": 40001}, {"remove_market": MARKET}, {"markets": [1, MARKET]}),
}
"""How an article stops being offered: what is edited, the edit, and the one that takes it back."""


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductStage]:
    """A shop whose retailers take stock as well, and have taken it."""
    made = ProductStage(tmp_path_factory.mktemp("ends"))
    for retailer in PLACES:
        made.change(retailer, switches={"stock": True})
        listed = made.virtualstock.get("products", retailer=retailer)
        made.ask(steps.STOCK_PUSH, *(f"{retailer}/{sku}" for sku in listed))
    made.settle(1)
    made.keep()
    yield made
    made.stop()


@pytest.fixture
def stage(stocked: ProductStage) -> ProductStage:
    stocked.again()
    return stocked


def told(stage: ProductStage) -> dict[tuple[str, str], list[tuple[str, Any]]]:
    """What reached each listing since the last look, in order: stock as (before, after), attributes by name."""
    found: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for entry in stage.virtualstock.calls(stage.mark):
        detail = entry["detail"]
        if entry["operation"] not in TOLD or entry["status"] == 401:
            continue
        assert entry["status"] == 200, entry
        says: Any = {name: (each["before"], each["after"]) for name, each in detail.get("attributes", {}).items()}
        if entry["operation"] == "stock":
            says = (detail["before"], detail["after"])
        found.setdefault((detail["retailer"], detail["sku"]), []).append((entry["operation"], says))
    stage.mark = stage.virtualstock.mark()
    return found


@pytest.mark.parametrize("way", WAYS)
def test_stock_0_goes_before_the_withdrawal_at_every_retailer_and_both_come_back(
    stage: ProductStage, way: str
) -> None:
    target, end, again = WAYS[way]
    units = stage.centra.get("stock")[SKU]
    assert units == 17

    stage.edit(**target, **end)
    stage.settle()
    found = told(stage)

    assert found["northgate", SKU] == [
        ("stock", (units, 0)), ("product_patch", {"listingStatus": (LIVE, ENDED)}),
    ]  # fmt: skip
    assert found["calder", SKU] == [("stock", (units, 0)), ("product_patch", {"discontinued": ("no", "yes")})]
    assert found["fernhill", SKU] == [("stock", (units, 0))], "its model has no word for a withdrawal"
    assert stage.shown("northgate", SKU)["free_stock"] == "0"
    assert stage.open_causes() == {}

    stage.edit(**target, **again)
    stage.settle()
    found = told(stage)

    assert sorted(found["northgate", SKU]) == [
        ("product_patch", {"listingStatus": (ENDED, LIVE)}), ("stock", (0, units)),
    ]  # fmt: skip
    assert sorted(found["calder", SKU]) == [("product_patch", {"discontinued": ("yes", "no")}), ("stock", (0, units))]
    assert found["fernhill", SKU] == [("stock", (0, units))]
    stage.settle(5)
    assert told(stage) == {}
    assert stage.open_causes() == {}


def test_a_size_that_ends_leaves_its_sisters_on_sale(stage: ProductStage) -> None:
    stage.edit(sku=SKU, active=False)
    stage.settle()

    assert set(told(stage)) == {(retailer, SKU) for retailer in PLACES}
    stage.edit(sku=SKU, active=True)
    stage.settle()
    assert set(told(stage)) == {(retailer, SKU) for retailer in PLACES}


def test_a_variant_that_ends_takes_all_its_sizes_and_no_other_colour(stage: ProductStage) -> None:
    units = stage.centra.get("stock")
    stage.edit(variant=2001, active=False)
    stage.settle()
    found = told(stage)

    # XL ended before: its withdrawal has been told already.
    assert found == {
        **{("northgate", f"HF1001-OAT-{size}"): [
            ("stock", (units[f"HF1001-OAT-{size}"], 0)), ("product_patch", {"listingStatus": (LIVE, ENDED)}),
        ] for size in ("S", "M")},
        **{("calder", f"HF1001-OAT-{size}"): [
            ("stock", (units[f"HF1001-OAT-{size}"], 0)), ("product_patch", {"discontinued": ("no", "yes")}),
        ] for size in ("S", "M")},
        ("fernhill", "HF1001-OAT-S"): [("stock", (units["HF1001-OAT-S"], 0))],
    }  # fmt: skip
    stage.edit(variant=2001, active=True)
    stage.settle()
    assert set(told(stage)) == set(found)


def test_what_has_no_stock_to_take_away_is_withdrawn_at_once(stage: ProductStage) -> None:
    sku = "HF1004-STN-XL"
    assert stage.centra.get("stock")[sku] == 0
    stage.edit(sku=sku, active=False)
    stage.settle()

    assert told(stage) == {("calder", sku): [("product_patch", {"discontinued": ("no", "yes")})]}


def test_a_withdrawal_waits_until_stock_0_has_been_accepted(stage: ProductStage) -> None:
    sku = "HF1003-BLK-S"
    number = str(next(each.id for each in stage.seed.listings if (each.retailer, each.sku) == ("calder", sku)))

    def tried() -> list[tuple[str, int]]:
        entries = [each for each in stage.virtualstock.calls(stage.mark)
                   if each["subject"] == number and each["status"] != 401]  # fmt: skip
        return [(each["operation"], each["status"]) for each in entries]

    stage.virtualstock.post("publish", retailer="calder", sku=sku, seconds=60)
    stage.edit(sku=sku, active=False)
    stage.settle(0.75)

    assert set(tried()) == {("stock", 409)}, "the withdrawal was tried although the quantity was still shown"
    assert stage.shown("calder", sku)["discontinued"] == "no"

    stage.settle(10)
    assert [each for each in tried() if each[1] != 409] == [("stock", 200), ("product_patch", 200)]
    assert stage.shown("calder", sku)["discontinued"] == "yes"
    assert stage.left() == []


def test_an_edit_of_what_is_not_offered_is_told_when_it_is_offered_again_and_not_before(stage: ProductStage) -> None:
    sku = "HF1003-RST-S"
    stage.edit(sku=sku, active=False)
    stage.settle()
    told(stage)

    stage.edit(sku=sku, size_label="Small")
    stage.settle()
    assert told(stage) == {}

    stage.edit(sku=sku, active=True)
    stage.settle()
    found = told(stage)
    old = "Harrow & Fen Marsh Oxford Shirt, Rust"
    assert [says for operation, says in found["northgate", sku] if operation == "product_patch"] == [
        {"listingStatus": (ENDED, LIVE), "size": ("S", "Small"), "productTitle": (f"{old}, S", f"{old}, Small")},
    ]
    assert [says for operation, says in found["calder", sku] if operation == "product_patch"] == [
        {"discontinued": ("yes", "no"), "size": ("S", "Small")},
    ]
    assert [says for operation, says in found["fernhill", sku] if operation == "product_patch"] == [
        {"size": ("S", "Small")},
    ]


def test_what_ends_and_comes_back_before_anybody_looks_is_no_story_at_all(stage: ProductStage) -> None:
    stage.edit(sku=SKU, active=False)
    stage.edit(sku=SKU, active=True)
    stage.settle()

    assert told(stage) == {}


def test_a_product_deleted_in_centra_ends_at_every_retailer_with_stock_0_first(stage: ProductStage) -> None:
    sku, units = "HF1002-OAT-M", stage.centra.get("stock")
    stage.edit(product=1002, delete=True)
    stage.settle(3)
    found = told(stage)

    assert found["northgate", sku] == [
        ("stock", (units[sku], 0)), ("product_patch", {"listingStatus": (LIVE, ENDED)}),
    ]  # fmt: skip
    assert found["calder", sku] == [("stock", (units[sku], 0)), ("product_patch", {"discontinued": ("no", "yes")})]
    assert found["fernhill", sku] == [("stock", (units[sku], 0))]
    at_calder = {sku: each for (retailer, sku), each in found.items() if retailer == "calder"}
    assert len(at_calder) == 8, "one of its nine sizes had ended before"
    assert all(each[-1] == ("product_patch", {"discontinued": ("no", "yes")}) for each in at_calder.values())
    assert all(each[:-1] == ([("stock", (units[sku], 0))] if units[sku] else []) for sku, each in at_calder.items())
    stage.settle(5)
    assert told(stage) == {}
    assert stage.open_causes() == {}
    assert stage.left() == []
