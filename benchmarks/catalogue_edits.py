"""(k) Many edits of the catalogue cost one call per listing at most, and (l) stock is as fast meanwhile as always."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import judge, trace
from benchmarks.catalogue_load import FIRST_LOAD
from benchmarks.figures import Row, Section, at_most, percentile
from benchmarks.plan import Plan
from benchmarks.stage import Naive, Product, Stage, Watch
from sandbox.seed import Seed, build_seed, ean13
from tests.story.system import Twin

RETAILERS = ("northgate", "calder")
STOCK_RETAILER = "calder"
BARCODE = {"northgate": "barcode", "calder": "ean"}
STOCK_RATE, STOCK_SKUS, STOCK_AFTER = 1, 100, 240.0
"""Changes of stock a second meanwhile, of how many SKUs, and for how many seconds after the last edit was due: they are
gathered for a minute before they are told."""
GOAL_P99 = 5.0
PATIENCE = 900.0
"""Seconds after the last edit that the product may need, at any scale: it waits for a quiet minute before it reads.
What the naive variant may need is in `Plan`; it waits for none."""
MUTATIONS = 2.0
"""Edits a second that one integration can make in Centra: 20 mutations in 10 s (Centra docs: Integration API, rate
limits)."""
SIZES_EACH = 20
"""Sizes of the shop for each product that is edited: a few more than products of the seed have."""


@dataclass(frozen=True)
class Edit:
    """At `due` seconds a person gives the article another EAN."""

    due: float
    sku: str
    ean: str


@dataclass(frozen=True)
class Outcome:
    """What became of the edits: calls of each listing, and seconds until all were right (None: not in time)."""

    per_listing: Counter[tuple[str, str]]
    wasted: int
    throttled: int
    edited_in: float
    centra_calls: int
    centra_throttled: int
    seconds: float | None
    wrong: int
    latencies: list[float]
    lost: int


class Edited(Product):
    """The product, once it has read the whole catalogue and put right what was outdated in it."""

    def _settle(self) -> None:
        super()._settle()
        self.until(lambda: self.open_work(*FIRST_LOAD) == 0, 1800, "the catalogue is read and right")


class NaiveContent(Naive):
    """The naive variant, whose task also sends what a retailer shows of an article."""

    def __init__(self, folder: Path, *, skus: int, retailers: Sequence[str] = RETAILERS) -> None:
        super().__init__(folder, skus=skus, retailers=retailers)
        self.env["NAIVE_CONTENT"] = "yes"

    def _fill(self, fill: dict[str, int]) -> None:
        super()._fill(fill)
        eans = {size.sku: size.ean for _, _, size in self.seed.sizes()}
        for retailer in self.retailers:
            self.redis().mset({f"ean:{retailer}:{sku}": ean for sku, ean in eans.items()})

    @property
    def seed(self) -> Seed:
        """The shop that the twins start with."""
        return build_seed(int(self.env["SANDBOX_SEED_SKUS"]))


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders, one after the other."""
    sizes = plan.edited_products * SIZES_EACH
    shop = build_seed(sizes)
    edits = make(shop, products=plan.edited_products, count=plan.edits, seconds=plan.edit_seconds)
    stock = trace.make(
        shop, count=int(_stock_seconds(plan) * STOCK_RATE), skus=min(STOCK_SKUS, plan.edited_products),
        seconds=_stock_seconds(plan),
    )  # fmt: skip
    found: dict[str, Outcome] = {}
    for contender in (Edited, NaiveContent):
        stage: Stage = contender(folder / f"k-{contender.name}", skus=sizes, retailers=RETAILERS)
        if isinstance(stage, Edited):
            stage.change_profiles(products={"quiet": None})
        try:
            stage.start(fill=trace.listed(shop))
            patience = PATIENCE if contender is Edited else plan.naive_edit_patience
            found[contender.name] = _measure(stage, edits, stock, patience)
        finally:
            stage.stop()
    return [_calls(plan, edits, found["product"], found["naive"]), _latency(plan, found["product"], found["naive"])]


def _stock_seconds(plan: Plan) -> float:
    return plan.edit_seconds + STOCK_AFTER


def make(shop: Seed, *, products: int, count: int, seconds: float, seed: int = 1) -> list[Edit]:
    """`count` edits, evenly over `seconds`, of one article of each of `products` products.

    :raises ValueError: fewer products have an article that both retailers list and that is on sale.
    """
    chance = random.Random(seed)
    listed = [{each.sku for each in shop.listings if each.retailer == retailer} for retailer in RETAILERS]
    chosen: dict[int, str] = {}
    for product, variant, size in shop.sizes():
        if variant.active and size.active and all(size.sku in skus for skus in listed):
            chosen.setdefault(product.id, size.sku)
    skus = chance.sample(sorted(chosen.values()), products)
    first = sum(1 for _ in shop.sizes()) + 1
    return [Edit(n * seconds / count, chance.choice(skus), ean13(first + n)) for n in range(count)]


def finals(edits: Sequence[Edit]) -> dict[str, str]:
    """The last EAN of each article."""
    return {edit.sku: edit.ean for edit in edits}


def _measure(stage: Stage, edits: Sequence[Edit], stock: trace.Trace, patience: float) -> Outcome:
    calls, centra = Watch(stage.virtualstock), Watch(stage.centra)
    histories: list[trace.History] = []
    centra_for_stock = Twin(int(stage.centra.url.rpartition(":")[2]))
    beside = threading.Thread(target=lambda: histories.append(trace.drive(stock, centra_for_stock)))
    beside.start()
    edited_in = _drive(edits, stage.centra)
    ended, right_after = time.monotonic(), None
    wanted = finals(edits)
    while (passed := time.monotonic() - ended) < patience:
        if not _wrong(stage, wanted):
            right_after = right_after or passed
            if not beside.is_alive():
                break
        else:
            right_after = None
        time.sleep(1)
    beside.join()
    time.sleep(GOAL_P99)
    calls.read()
    centra.read()
    pushes = [entry for entry in calls.entries if entry["operation"] == "product_patch"]
    taken = [entry for entry in pushes if entry["status"] == judge.OK]
    latencies, lost = judge.latencies(
        [entry for entry in calls.entries if entry["detail"].get("retailer") == STOCK_RETAILER], histories[0]
    )
    return Outcome(
        Counter((entry["detail"]["retailer"], entry["detail"]["sku"]) for entry in taken),
        sum(not entry["changed"] for entry in taken),
        sum(entry["status"] == judge.TOO_MANY for entry in calls.entries), edited_in, len(centra.entries),
        sum(entry["status"] == judge.TOO_MANY for entry in centra.entries), right_after, _wrong(stage, wanted),
        latencies, lost,
    )  # fmt: skip


def _drive(edits: Sequence[Edit], centra: Twin) -> float:
    """Lets every edit happen when it is due; returns how many seconds that took."""
    began = time.monotonic()
    for edit in edits:
        time.sleep(max(0.0, edit.due - (time.monotonic() - began)))
        centra.post("edit", sku=edit.sku, ean=edit.ean)
    return time.monotonic() - began


def _wrong(stage: Stage, wanted: dict[str, str]) -> int:
    """How many listings show another EAN than the last."""
    shown: dict[str, dict[str, Any]] = {code: stage.virtualstock.get("products", retailer=code) for code in RETAILERS}
    return sum(shown[code][sku][BARCODE[code]] != ean for code in RETAILERS for sku, ean in wanted.items())


def _calls(plan: Plan, edits: Sequence[Edit], ours: Outcome, naive: Outcome) -> Section:
    listings = len(finals(edits)) * len(RETAILERS)
    most = max(ours.per_listing.values(), default=0)
    total = ours.per_listing.total()
    times = len(edits) / plan.edit_seconds / MUTATIONS
    rows = (
        Row("calls that changed a listing or tried to", total, naive.per_listing.total(), goal=f"≤ {listings}",
            met=total <= listings),
        Row("most calls for one listing", most, max(naive.per_listing.values(), default=0), goal="1", met=most <= 1),
        Row("of them: the retailer had that value", ours.wasted, naive.wasted, goal="0", met=ours.wasted == 0),
        Row("answered 429 at retailers", ours.throttled, naive.throttled, goal="0", met=ours.throttled == 0),
        Row("calls to Centra", ours.centra_calls, naive.centra_calls),
        Row("of them: answered 429", ours.centra_throttled, naive.centra_throttled, goal="0",
            met=ours.centra_throttled == 0),
        Row("last edit → all listings right", ours.seconds, naive.seconds, "s"),
        Row("listings wrong at the end", ours.wrong, naive.wrong, goal="0", met=ours.wrong == 0),
    )  # fmt: skip
    note = (
        f"{len(edits):,} new EANs for one article of each of {len(finals(edits)):,} products in {ours.edited_in:.0f} s "
        f"({naive.edited_in:.0f} s before the naive variant); each is listed by two retailers with 250 requests a "
        f"minute. {times * MUTATIONS:.0f} edits a second were due, {times:.0f} times what Centra's quota of "
        f"20 mutations in 10 s lets one integration make. At most {PATIENCE / 60:.0f} minutes were allowed after the "
        f"last edit, {plan.naive_edit_patience / 60:.0f} to the naive variant, which waits for no quiet minute before "
        "it reads. The quiet window is off."
    )
    return Section("k", "Many edits of the catalogue", rows, (note,))


def _latency(plan: Plan, ours: Outcome, naive: Outcome) -> Section:
    p99 = percentile(ours.latencies, 99)
    rows = (
        Row("change → accepted, p50", percentile(ours.latencies, 50), percentile(naive.latencies, 50), "s"),
        Row("p99", p99, percentile(naive.latencies, 99), "s", goal=f"≤ {GOAL_P99:.0f} s", met=at_most(p99, GOAL_P99)),
        Row("largest", percentile(ours.latencies, 100), percentile(naive.latencies, 100), "s"),
        Row("changes that never arrived", ours.lost, naive.lost, goal="0", met=ours.lost == 0),
    )  # fmt: skip
    note = (
        f"{STOCK_RATE} change of stock a second at one of the two retailers while (k) runs, for "
        f"{_stock_seconds(plan):.0f} s from its first edit."
    )
    return Section("l", "Latency of stock while the catalogue is edited", rows, (note,))
