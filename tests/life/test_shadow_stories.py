"""Before a retailer goes live one can see what would be sent, and just that is sent afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from integration import steps
from integration.flows import preview_products
from integration.storage import shadows
from sandbox.seed import Seed
from tests.life.product_stage import CREATED, Change, ProductStage

SKU = "HF1001-OAT-S"
LONDON = ZoneInfo("Europe/London")


def several_edits(stage: ProductStage) -> None:
    """Some days of work in Centra, with a change that is taken back."""
    stage.edit(sku=SKU, title="First")
    stage.settle()
    stage.edit(product=1003, title="New shirt")
    stage.edit(sku=SKU, price="70")
    stage.settle()
    stage.edit(sku=SKU, title="Second")
    stage.edit(product=1004, attribute={"name": "product.care.text", "value": "Burn"})
    stage.settle()
    stage.edit(product=1004, attribute={"name": "product.care.text", "value": "Machine wash at 40 degrees"})
    stage.settle()


def shadowed(stage: ProductStage, retailer: str) -> dict[str, dict[str, str]]:
    """The newest value that the shadow wrote down, by SKU and attribute."""
    found: dict[str, dict[str, str]] = {}
    with stage.store.read() as db:
        for row in shadows.page(db, "products", retailer, 0, 10_000):
            found.setdefault(row.sku, {}).update(row.body)
    return found


def test_what_the_shadow_wrote_down_is_just_what_is_sent_once_it_is_switched_on(stage: ProductStage) -> None:
    for retailer in stage.rules.retailers:
        stage.change(retailer, switches={"products": "shadow", "prices": "shadow"})
    several_edits(stage)
    stage.ask(steps.PRODUCTS_REVIEW, *stage.rules.retailers)
    stage.settle()
    assert stage.calls() == [], "nothing is sent in shadow"
    with stage.store.read() as db:
        rows = [(row.retailer, row.sku, each) for row in shadows.page(db, "products", None, 0, 10_000)
                for each in row.body.items()]  # fmt: skip
    assert len(rows) == len(set(rows)), "what nothing changed about was written down again"
    before = {retailer: stage.virtualstock.get("products", retailer=retailer) for retailer in stage.rules.retailers}
    written = {
        (retailer, sku, name): text
        for retailer in stage.rules.retailers
        for sku, body in shadowed(stage, retailer).items()
        for name, text in body.items()
        if (before[retailer][sku].get(name) or "") != text
    }
    assert written["calder", SKU, "product_name"] == "Second Oatmeal"

    for retailer in stage.rules.retailers:
        stage.change(retailer, switches={"products": True, "prices": True})
        stage.ask(steps.PRODUCTS_REVIEW, retailer)
    stage.settle()

    calls = stage.calls()
    sent = {(retailer, sku, name): new for retailer, sku, changes in calls for name, (_, new) in changes.items()}
    assert sent == written
    assert len(calls) == len({call[:2] for call in calls}), "a listing was called twice"


def test_what_a_dry_run_shows_is_exactly_what_is_then_sent(stage: ProductStage) -> None:
    for retailer in stage.rules.retailers:
        stage.change(retailer, switches={"products": False, "prices": False})
    several_edits(stage)
    for retailer in stage.rules.retailers:
        stage.change(retailer, switches={"products": True, "prices": True})
    shown = {(row.retailer, row.sku, row.attribute): (row.old, row.new)
             for row in preview_products.rows(stage.services) if row.state == "send"}  # fmt: skip
    assert stage.calls() == [], "a look sends nothing"

    for retailer in stage.rules.retailers:
        stage.ask(steps.PRODUCTS_REVIEW, retailer)
    stage.settle()

    sent = {(retailer, sku, name): (old or "", new)
            for retailer, sku, changes in stage.calls() for name, (old, new) in changes.items()}  # fmt: skip
    assert sent == shown
    assert shown["calder", SKU, "price"] == ("79.00", "70.00")
    assert list(preview_products.rows(stage.services)) == []


def test_large_changes_wait_for_the_quiet_window_on_the_retailers_clock_and_prices_do_not(stage: ProductStage) -> None:
    quiet = stage.rules.retailers["calder"].products.quiet
    assert quiet is not None
    assert (quiet.opens, quiet.closes) == ("22:00", "06:00")
    stage.change("calder", products={"quiet": quiet.model_copy(update={"above": 5})})
    # In summer, when 22:00 in London is 21:00 in UTC.
    stage.until(datetime(2027, 7, 1, 12, tzinfo=LONDON))
    for product in stage.seed.products:
        stage.edit(product=product.id, title=f"Renamed {product.id}")
    stage.settle()
    assert told_calder(stage) == {}, "more than five are due, so all of them wait"
    stage.edit(sku="HF1004-NVY-M", price="64")
    stage.settle()
    with_price = told_calder(stage)
    assert sorted(with_price) == stage.on_sale("calder", 2014)
    assert all(changes["price"] == ("65.00", "64.00") for changes in with_price.values())

    stage.until(datetime(2027, 7, 1, 21, 55, tzinfo=LONDON))
    stage.settle()
    assert told_calder(stage) == {}, "it is not open yet"
    stage.until(datetime(2027, 7, 1, 22, 0, tzinfo=LONDON))
    stage.settle(3)
    late = told_calder(stage)
    every = [variant.id for product in stage.seed.products for variant in product.variants]
    assert sorted([*late, *with_price]) == stage.on_sale("calder", *every), "each once: in the window or with its price"
    assert all("product_name" in changes for changes in late.values())
    assert stage.left() == []

    stage.until(datetime(2027, 7, 2, 6, 0, tzinfo=LONDON))
    for product in stage.seed.products:
        stage.edit(product=product.id, title=f"Again {product.id}")
    stage.settle()
    assert told_calder(stage) == {}, "it has closed, though 06:00 is yet to come in UTC"


def told_calder(stage: ProductStage) -> dict[str, dict[str, Change]]:
    """What Calder was told since the last look, by SKU."""
    calls = [call for call in stage.calls() if call[0] == "calder"]
    assert len(calls) == len({sku for _, sku, _ in calls}), "a listing was called twice"
    return {sku: changes for _, sku, changes in calls}


LACKING = ("HF1001-MOS-M", "HF1003-RST-S")


class Incomplete(ProductStage):
    """Calder lists all but two articles of the range, and nobody has been allowed to add to it."""

    def _seed(self, skus: int) -> Seed:
        seed = super()._seed(skus)
        rest = [each for each in seed.listings if each.retailer != "calder" or each.sku not in LACKING]
        return replace(seed, listings=rest)

    def _open_shop(self) -> None:
        self.change("calder", products={"create": False})
        super()._open_shop()


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incomplete]:
    made = Incomplete(tmp_path_factory.mktemp("incomplete"))
    yield made
    made.stop()


@pytest.mark.parametrize("lost", [False, True])
def test_each_article_that_a_retailer_lacks_is_created_there_once(incomplete: Incomplete, lost: bool) -> None:
    stage = incomplete
    stage.again()
    stage.virtualstock.post("product_remove", retailer="calder", sku=SKU)
    if lost:
        stage.virtualstock.faults({"match": {"operation": CREATED}, "do": "drop_after", "times": 1})
    stage.change("calder", products={"create": True}, switches={"stock": True})
    for _ in range(2):
        stage.ask(steps.PRODUCTS_SWEEP, steps.CENTRA)
        stage.settle(12)

    calls = [each for each in stage.virtualstock.calls(stage.mark, CREATED) if each["status"] != 401]
    assert sorted(each["status"] for each in calls) == ([0, 201] if lost else [201, 201])
    made = [each["detail"]["part_number"] for each in calls if each["changed"]]
    assert sorted(made) == sorted(LACKING), "each once, and what they removed stays removed"
    shown = stage.shown("calder", LACKING[0])
    assert (shown["product_name"], shown["price"], shown["discontinued"]) == (
        "Harrow & Fen Harbour Crew Neck Jumper Moss", "79.00", "no"
    )  # fmt: skip
    stocked = {each["detail"]["sku"] for each in stage.virtualstock.calls(stage.mark, "stock") if each["status"] == 200}
    assert set(LACKING) <= stocked, "a new listing is told its stock"
    assert stage.open_causes() == {}
