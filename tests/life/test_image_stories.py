"""A retailer is told of an image only when something is behind its link, and in the order that Centra has."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from sandbox.seed import Variant
from tests.life.product_stage import Call, ProductStage

VARIANT = 2002
"""Each retailer lists it."""
FIRST, SECOND, THIRD = 1, 2, 3
"""The places of the images that a variant has from the start; an image that came later goes by its number."""
NAMES = {"calder": ["image", "image_2"], "fernhill": ["image"], "northgate": ["image", "image_2", "image_3"]}


@dataclass
class Shelf:
    """One colour of a product, its images and the listings that show them."""

    stage: ProductStage
    variant: Variant

    def edit(self, **changes: Any) -> list[int]:
        """One save; returns the numbers of the images afterwards."""
        images: list[int] = self.stage.edit(variant=self.variant.id, **changes)["images"]
        return images

    def breaks(self, image: int, *, broken: bool = True) -> None:
        """The link of an image leads nowhere from now on, or works again; nobody is told."""
        self.stage.centra.post("break_image", image=self.number(image), broken=broken)

    def number(self, image: int) -> int:
        """The twin's number of an image."""
        return self.variant.image_ids[image - 1] if image in (FIRST, SECOND, THIRD) else image

    def link(self, image: int | None) -> str:
        """Where the twin serves an image; nothing for none."""
        base = f"{self.stage.centra.url}/client/dynamic/images"
        return "" if image is None else f"{base}/{self.number(image)}_standard.jpg"

    def listed(self, retailer: str) -> list[str]:
        """The SKUs that a retailer lists, but for sizes that are not sold."""
        mine = {size.sku for size in self.variant.sizes if size.active}
        return sorted(each.sku for each in self.stage.seed.listings if each.retailer == retailer and each.sku in mine)

    def told(self, before: list[int | None], after: list[int | None], *retailers: str) -> list[Call]:
        """The calls that lead every listing from these images to those, each by one call."""
        calls: list[Call] = []
        for retailer in retailers or NAMES:
            changes = {
                name: (self.link(old), self.link(new))
                for name, old, new in zip(NAMES[retailer], before, after, strict=False) if old != new
            }  # fmt: skip
            calls += [(retailer, sku, dict(changes)) for sku in self.listed(retailer) if changes]
        return calls

    def first_shown(self) -> set[str]:
        """The first image that the retailers show of it."""
        return {self.stage.shown(retailer, sku)["image"] for retailer in NAMES for sku in self.listed(retailer)}


@pytest.fixture
def shelf(stage: ProductStage) -> Shelf:
    return Shelf(stage, next(variant for _, variant, _ in stage.seed.sizes() if variant.id == VARIANT))


def test_a_replaced_image_reaches_every_listing_that_shows_it(stage: ProductStage, shelf: Shelf) -> None:
    (new, second, third) = shelf.edit(image={"replace": 1})
    stage.settle()

    assert (second, third) == shelf.variant.image_ids[1:]
    assert stage.calls() == shelf.told([FIRST, SECOND, THIRD], [new, SECOND, THIRD])
    assert stage.open_causes() == {}
    stage.settle(5)
    assert stage.calls() == []


def test_a_new_order_is_told_as_a_whole(stage: ProductStage, shelf: Shelf) -> None:
    shelf.edit(image={"order": [2, 1, 3]})
    stage.settle()

    assert stage.calls() == shelf.told([FIRST, SECOND, THIRD], [SECOND, FIRST, THIRD])


def test_an_order_that_a_retailer_does_not_see_makes_no_call_there(stage: ProductStage, shelf: Shelf) -> None:
    shelf.edit(image={"order": [1, 3, 2]})
    stage.settle()

    calls = stage.calls()
    assert calls == shelf.told([FIRST, SECOND, THIRD], [FIRST, THIRD, SECOND])
    assert {retailer for retailer, _, _ in calls} == {"northgate", "calder"}


def test_an_image_that_is_taken_away_leaves_its_place_empty(stage: ProductStage, shelf: Shelf) -> None:
    shelf.edit(image={"remove": 3})
    stage.settle()

    assert stage.calls() == shelf.told([FIRST, SECOND, THIRD], [FIRST, SECOND, None])
    assert {stage.shown("northgate", sku)["image_3"] for sku in shelf.listed("northgate")} == {""}


def test_an_added_image_takes_the_empty_place(stage: ProductStage, shelf: Shelf) -> None:
    shelf.edit(image={"remove": 1})
    stage.settle()
    stage.calls()

    new = next(each for each in shelf.edit(image={"add": 1}) if each not in shelf.variant.image_ids)
    stage.settle()

    assert stage.calls() == shelf.told([SECOND, THIRD, None], [SECOND, THIRD, new])


def test_a_product_without_any_image_keeps_what_is_shown_where_one_is_required(
    stage: ProductStage, shelf: Shelf
) -> None:
    for _ in range(3):
        shelf.edit(image={"remove": 1})
    stage.settle()

    told = shelf.told([FIRST, SECOND, THIRD], [None, None, None], "fernhill")
    assert stage.calls() == told, "the only one that can do without"
    assert stage.open_causes() == {"content-invalid": ["calder/image/required", "northgate/image/required"]}
    assert shelf.first_shown() == {shelf.link(FIRST), ""}

    new = shelf.edit(image={"add": 1})[0]
    stage.settle()

    assert {call[0] for call in stage.calls()} == {"northgate", "calder", "fernhill"}
    assert shelf.first_shown() == {shelf.link(new)}
    assert stage.open_causes() == {}


def test_a_broken_link_is_named_once_and_no_retailer_is_told_it(stage: ProductStage, shelf: Shelf) -> None:
    shelf.breaks(SECOND)
    shelf.edit(image={"order": [2, 1, 3]})
    shelf.edit(attribute={"name": "variant.colour.text", "value": "Navy"})
    stage.settle()

    colour = (shelf.variant.colour, "Navy")
    assert stage.calls() == [("fernhill", sku, {"colour": colour}) for sku in shelf.listed("fernhill")], (
        "only fernhill takes what is valid beside what is not"
    )
    assert stage.open_causes() == {"image-broken": [shelf.link(SECOND)]}
    cause = stage.cause("image-broken")
    assert shelf.link(SECOND) in cause.sentence
    assert "it answers 404" in cause.sentence
    assert cause.owner == "catalogue"
    assert stage.waiting("image-broken") == sum(len(shelf.listed(retailer)) for retailer in NAMES)
    assert shelf.first_shown() == {shelf.link(FIRST)}
    stage.settle(10)
    assert stage.attempts() == []

    shelf.edit(image={"remove": 1})
    stage.settle()
    assert stage.open_causes() == {}, "nobody needs the image any more"


def test_a_broken_link_that_works_again_is_found_within_a_day(stage: ProductStage, shelf: Shelf) -> None:
    shelf.breaks(SECOND)
    shelf.edit(image={"order": [2, 1, 3]})
    stage.settle()
    shelf.breaks(SECOND, broken=False)
    stage.settle()
    assert stage.calls() == []

    stage.until(stage.now() + timedelta(days=1))
    stage.settle()

    assert stage.calls() == shelf.told([FIRST, SECOND, THIRD], [SECOND, FIRST, THIRD])
    assert stage.open_causes() == {}


def test_a_broken_link_is_mended_by_another_image_at_once(stage: ProductStage, shelf: Shelf) -> None:
    shelf.breaks(SECOND)
    shelf.edit(image={"order": [2, 1, 3]})
    stage.settle()
    assert list(stage.open_causes()) == ["image-broken"]
    assert stage.calls() == []

    new = shelf.edit(image={"replace": 1})[0]
    stage.settle()

    assert stage.calls() == shelf.told([FIRST, SECOND, THIRD], [new, FIRST, THIRD])
    assert stage.open_causes() == {}


def test_a_link_that_breaks_long_after_it_was_told_is_named_and_nothing_is_taken_from_shoppers(
    stage: ProductStage, shelf: Shelf,
) -> None:
    new = shelf.edit(image={"replace": 1})[0]
    stage.settle()
    stage.calls()
    shelf.breaks(new)
    stage.settle()
    assert stage.open_causes() == {}, "a good link is not looked at every minute"

    stage.until(stage.now() + timedelta(days=30))
    stage.settle()

    assert stage.open_causes() == {"image-broken": [shelf.link(new)]}
    assert stage.attempts() == []

    shelf.breaks(new, broken=False)
    stage.until(stage.now() + timedelta(days=1))
    stage.settle()

    assert stage.open_causes() == {}
    assert stage.calls() == []
