"""Whatever is edited on both sides while calls fail, each listing ends as Centra says, and nothing is sent twice.

The scripts are drawn by a seed. A soak plays more of them:

    LIFE_EXAMPLES=200 .venv/bin/python -m pytest tests/life/test_product_machine.py
"""

import os
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration import policy, steps
from integration.domain.articles import article
from integration.domain.contents import wanted
from integration.flows import reviews
from integration.lanes import Lane
from integration.storage import contents
from integration.storage.contents import Listed
from integration.storage.work import Handed
from sandbox.seed import ean13
from sandbox.virtualstock.listing_data import COLOURS
from tests.life.product_stage import ProductStage

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "0"))
"""More than CI plays, for a soak."""
ACTS = 40
SHARE = 0.06
"""How many calls fail, by each kind of fault."""
EDITED = 6
"""SKUs that are edited: few, so that edits meet."""
PARTS = ("0.8", "1.25")
"""Of the first price: no two of them are further apart than a guardrail lets pass."""
STAFF = {"northgate": ("material", "longDescription"), "calder": ("care", "fabric"), "fernhill": ("name", "colour")}
"""What the retailers' staff write over."""


class ProductScript(ProductStage):
    """A shop where something happens at random, and the calls that nobody can know the outcome of."""

    sizes = ("XS", "S", "M", "L", "XL", "XXL")

    def __init__(self, folder: Path) -> None:
        self.died: dict[str, int] = {}
        super().__init__(folder)
        self.skus = sorted(self.virtualstock.get("products", retailer="calder"))[:EDITED]
        self.prices = {size.sku: variant.price for _, variant, size in self.seed.sizes()}

    def begin(self, seed: int) -> None:
        """The shop as it was when it opened, and the script of a seed."""
        self.again()
        self.chance = random.Random(seed)
        self.acts: list[str] = []
        self.died, self.start = {}, self.mark

    def act(self) -> None:
        """One thing happens, and maybe some time passes."""
        act = self.chance.choice([self.edit_text, self.edit_value, self.edit_image, self.by_staff])
        act(self.chance.choice(self.skus))
        for _ in range(self.chance.choice([0, 0, 1, 3])):
            self.settle(0.25)

    def save(self, sku: str, **changes: Any) -> None:
        """An edit in Centra that stands in the script."""
        self.acts.append(f"{sku} {changes}")
        self.edit(sku=sku, **changes)

    def edit_text(self, sku: str) -> None:
        number = self.chance.randint(1, 2)
        changes: list[dict[str, Any]] = [
            {"title": f"Jumper {number}"}, {"description": f"<p>Text {number}</p><ul><li>One</li></ul>"},
            {"attribute": {"name": "product.care.text", "value": self.chance.choice([f"Wash at {number}0", None])}},
        ]
        self.save(sku, **self.chance.choice(changes))

    def edit_value(self, sku: str) -> None:
        price = self.prices[sku] * Decimal(self.chance.choice(PARTS))
        changes: list[dict[str, Any]] = [
            {"price": f"{price:.2f}"}, {"active": self.chance.random() < 0.6},
            {"attribute": {"name": "variant.colour.text", "value": self.chance.choice(sorted(COLOURS))}},
            {"weight": f"0.{self.chance.randint(1, 9)}5"}, {"ean": ean13(90_000 + len(self.acts))},
        ]
        self.save(sku, **self.chance.choice(changes))

    def edit_image(self, sku: str) -> None:
        self.save(sku, image=self.chance.choice([{"replace": 1}, {"replace": 2}, {"order": [2, 1, 3]}]))

    def by_staff(self, sku: str) -> None:
        retailer = self.chance.choice(sorted(STAFF))
        if sku in self.virtualstock.get("products", retailer=retailer):
            data = {self.chance.choice(STAFF[retailer]): f"staff {len(self.acts)}"}
            self.acts.append(f"{retailer} {sku} {data}")
            self.virtualstock.post("product_edit", retailer=retailer, sku=sku, data=data)
            self.ask(steps.CATALOGUE_LISTINGS, retailer)

    def end(self) -> None:
        """Everybody behaves, everything is read, and nothing is left to do."""
        self.behave()
        self.calm()
        # A link behind which nothing answered holds its listings until it is looked at again.
        self.until(self.now() + policy.IMAGE_UNSURE)
        self.settle(1)
        self.ask(steps.CATALOGUE_LISTINGS, *self.rules.retailers)
        self.settle(2)
        self.calm()

    def listings(self) -> Iterator[Listed]:
        """Every matched listing."""
        for retailer in self.rules.retailers:
            with self.store.read() as db:
                yield from contents.of_listings(db, retailer, 0, 10_000)

    def differing(self) -> list[str]:
        """Where what a retailer shows is not what its map and prices make of Centra's content, read afresh."""
        found: list[str] = []
        products = {each.id: each for page in range(1, 4)
                    for each in self.services.centra.products_page(page, 25, lane=Lane.CATALOGUE)}  # fmt: skip
        shown = {code: self.virtualstock.get("products", retailer=code) for code in self.rules.retailers}
        for listed in self.listings():
            profile = self.rules.retailers[listed.retailer]
            assert listed.product is not None
            item = article(products[listed.product.id], listed.size_id,
                           store=profile.centra.store, market=profile.centra.market)  # fmt: skip
            want = wanted(item, profile, self.rules.fields_of(listed.retailer), listed.category_id, self.now(),
                          broken_links={})  # fmt: skip
            assert want.problems == ()
            texts = {name: value.text for name, value in want.values.items()}
            texts |= {name: f"{price.amount:f}" for name, price in want.prices.items()}
            theirs = shown[listed.retailer][listed.sku]
            found += [f"{listed.retailer} {listed.sku} {name}: {theirs.get(name)!r} is not {text!r}"
                      for name, text in texts.items() if theirs.get(name) != text]  # fmt: skip
        return found

    def idle(self) -> list[str]:
        """Calls that told a listing what it showed already, though the outcome of none before was unknown.

        A worker that died counts as a call without an answer, as often as it died with this listing in hand.
        """
        found: list[str] = []
        unknown: dict[str, bool] = {}
        for entry in self.virtualstock.calls(self.start, "product_patch"):
            path, detail = entry["path"], entry["detail"]
            if entry["status"] != 200:
                unknown[path] = entry["status"] != 401 or unknown.get(path, False)
                continue
            subject = f"{detail['retailer']}/{detail['sku']}"
            excused = unknown.pop(path, False)
            if detail["unchanged"] and not excused:
                self.died[subject] = self.died.get(subject, 0) - 1
                if self.died[subject] < 0:
                    found.append(f"{subject} {detail}")
        return found

    def _run(self, each: Handed) -> None:
        before = self.killed
        super()._run(each)
        if self.killed > before and each.step == steps.PRODUCTS_PUSH.name:
            self.died[each.subject] = self.died.get(each.subject, 0) + 1


def seeds() -> list[int]:
    """Two for CI."""
    return list(range(EXAMPLES or 2))


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductScript]:
    made = ProductScript(tmp_path_factory.mktemp("script"))
    yield made
    made.stop()


@pytest.mark.parametrize("seed", seeds())
def test_any_edits_under_any_faults_end_with_every_listing_as_centra_says(
    scripted: ProductScript, seed: int
) -> None:
    shop = scripted
    shop.begin(seed)
    shop.misbehave(seed, SHARE)
    for _ in range(ACTS):
        shop.act()
    shop.end()

    plot = "\n".join(shop.acts)
    assert shop.open_causes() == {}, plot
    assert shop.differing() == [], plot
    assert len(list(shop.listings())) > EDITED
    assert len(shop.calls()) > ACTS, "nothing reached the retailers"
    assert shop.idle() == [], plot

    with shop.store.write() as db:
        reviews.ask(db, shop.rules.retailers.values(), shop.now(), shop.now())
    mark = shop.virtualstock.mark()
    shop.settle(5)
    assert shop.left() == []
    assert shop.virtualstock.calls(mark) == [], plot


def test_an_edit_taken_back_while_an_answer_is_lost_is_taken_back_at_the_retailers_too(
    scripted: ProductScript,
) -> None:
    shop = scripted
    shop.begin(0)
    sku = shop.skus[0]
    title = shop.shown("fernhill", sku)["name"]
    shop.virtualstock.faults({"match": {"operation": "product_patch"}, "do": "drop_after"})
    shop.edit(sku=sku, title="Jumper 1")
    shop.tick()
    shop.until(shop.now() + policy.CONTENT_QUIET)
    shop.tick()
    assert shop.shown("fernhill", sku)["name"] == "Jumper 1"

    shop.edit(sku=sku, title=title)
    shop.settle(2)
    shop.virtualstock.no_faults()
    shop.end()

    assert shop.shown("fernhill", sku)["name"] == title
    assert shop.differing() == []
    assert shop.idle() == []
