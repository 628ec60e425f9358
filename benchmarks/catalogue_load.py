"""(j) The first load of a large catalogue: calls against the least possible, memory, and a kill in the middle."""

import math
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks.figures import Row, Section, at_most
from benchmarks.memory import LookOut, Usage
from benchmarks.plan import Plan
from benchmarks.stage import WORKERS, Product, answers
from integration.flows.catalogue import LISTINGS_PAGE
from integration.flows.products import READ_AT_ONCE, SWEEP
from integration.storage import journal
from integration.storage.store import table_of
from integration.storage.tables import Listing
from sandbox.seed import BRAND, Seed, build_seed
from sandbox.virtualstock.listing_data import TITLES
from tests.story.system import RETAILERS, System

SIZES_PAGE, DISPLAYS_PAGE = 200, 100
MEMORY = 300.0
"""MiB that a worker may have in use."""
FLAT = 15.0
"""MiB that it may grow by once it is warm."""
LIMIT = 5400.0
"""Seconds after which a contender is stopped."""
CENTRA_READS = ("products", "productSizes", "displays")
LISTINGS, PUSHES = "products", "product_patch"
FIRST_LOAD = (
    "stock.sweep", "catalogue.displays", "catalogue.listings", "products.sweep", "products.read", "products.review",
    "products.push",
)  # fmt: skip
NAMES = tuple(f"worker{number + 1}" for number in range(WORKERS))


@dataclass(frozen=True)
class Least:
    """The fewest calls by which all can be read and put right."""

    centra: int
    listings: int
    pushes: int


@dataclass(frozen=True)
class Outcome:
    """What a contender needed. Memory is in MiB, `seconds` None: it was stopped."""

    centra: Counter[str]
    virtualstock: Counter[str]
    throttled: int
    wrong: int
    seconds: float | None
    usage: list[Usage]


class Loading(Product):
    """The product with an empty database, and a first load that nobody waits for at its start."""

    drifted: int

    def start_web(self) -> None:
        """Counts what has to be put right while nobody does it yet."""
        self.drifted = wrong_titles(self, build_seed(int(self.env["SANDBOX_SEED_SKUS"])))
        super().start_web()

    def _settle(self) -> None:
        """What is measured goes on here."""


class FullSync(System):
    """A plain script in the product's place: see `benchmarks.naive.full_sync`."""

    def start(self) -> "FullSync":
        """The twins with lifted quotas at the retailers, and the script."""
        self.env["NAIVE_RETAILERS"] = ",".join(RETAILERS)
        self.spawn("twins", sys.executable, "-m", "sandbox")
        for twin in (self.centra, self.virtualstock):
            self.until(partial(answers, f"{twin.url}/_control/counts"), 60, "the twins answer")
        self.virtualstock.put("settings", {"requests_per_minute": dict.fromkeys(RETAILERS, 10**6)})
        self.spawn("script", sys.executable, "-m", "benchmarks.naive.full_sync")
        return self


def run(plan: Plan, folder: Path) -> list[Section]:
    """The product under its real quotas with a kill, then the script with the retailers' quotas lifted."""
    shop = build_seed(plan.catalogue_sizes)
    ours, drifted = _product(plan, shop, folder / "j-product")
    return [_section(shop, ours, _script(plan, shop, folder / "j-script"), least(shop, drifted))]


def _product(plan: Plan, shop: Seed, folder: Path) -> tuple[Outcome, int]:
    stage = Loading(folder, skus=plan.catalogue_sizes, retailers=RETAILERS)
    stage.change_profiles(switches={"stock": False}, products={"quiet": None})
    try:
        began = time.monotonic()
        with LookOut(stage, NAMES) as memory:
            stage.start()
            stage.until(lambda: _page(stage) >= _product_pages(shop) // 2, LIMIT, "half of the products are read")
            for name in NAMES:
                stage.kill(name)
            for name in NAMES:
                stage.start_worker(name)
            seconds = _seconds(began, partial(_is_loaded, stage, shop))
        return _outcome(stage, shop, seconds, memory), stage.drifted
    finally:
        stage.stop()


def _script(plan: Plan, shop: Seed, folder: Path) -> Outcome:
    stage = FullSync(folder, skus=plan.catalogue_sizes)
    try:
        stage.start()
        began = time.monotonic()
        with LookOut(stage, ("script",)) as memory:
            seconds = _seconds(began, lambda: stage.processes["script"].poll() is not None)
        return _outcome(stage, shop, seconds, memory)
    finally:
        stage.stop()


def _outcome(stage: System, shop: Seed, seconds: float | None, memory: LookOut) -> Outcome:
    centra, virtualstock = stage.centra.get("counts"), stage.virtualstock.get("counts")
    return Outcome(
        Counter(centra["by_operation"]), Counter(virtualstock["by_operation"]),
        centra["throttled"] + virtualstock["throttled"], wrong_titles(stage, shop), seconds, memory.processes(),
    )  # fmt: skip


def _seconds(began: float, over: Callable[[], bool]) -> float | None:
    """Seconds until it is over; None: not within the limit."""
    while (passed := time.monotonic() - began) < LIMIT:
        if over():
            return passed
        time.sleep(1)
    return None


def _is_loaded(stage: Loading, shop: Seed) -> bool:
    """Every listing is known, and nothing is left to be read, judged or sent."""
    known = stage.scalar(sa.select(sa.func.count()).select_from(table_of(Listing)))
    return bool(known == len(shop.listings) and stage.open_work(*FIRST_LOAD) == 0)


def wrong_titles(stage: System, shop: Seed) -> int:
    """How many listings of articles on sale have another title than Centra's, which begins with the brand."""
    on_sale = {size.sku for _, variant, size in shop.sizes() if variant.active and size.active}
    return sum(
        not data[TITLES[retailer]].startswith(BRAND)
        for retailer in RETAILERS
        for sku, data in stage.virtualstock.get("products", retailer=retailer).items()
        if sku in on_sale
    )


def _page(stage: Product) -> int:
    with stage.store.read() as db:
        return journal.watermark(db, f"{SWEEP.name}-sweep-page")


def _product_pages(shop: Seed) -> int:
    return math.ceil(len(shop.products) / READ_AT_ONCE)


def least(shop: Seed, drifted: int) -> Least:
    by_retailer = Counter(listing.retailer for listing in shop.listings)
    sizes = sum(1 for _ in shop.sizes())
    centra = _product_pages(shop) + math.ceil(sizes / SIZES_PAGE) + math.ceil(len(shop.products) / DISPLAYS_PAGE)
    return Least(centra, sum(math.ceil(count / LISTINGS_PAGE) for count in by_retailer.values()), drifted)


def _section(shop: Seed, ours: Outcome, naive: Outcome, least: Least) -> Section:
    warm = [usage for usage in ours.usage if len(usage.samples) > 60]
    peak, grown = max(usage.peak for usage in ours.usage), max((usage.growth() for usage in warm), default=0.0)
    reads, naive_reads = (sum(each.centra[name] for name in CENTRA_READS) for each in (ours, naive))
    lists, pushes = ours.virtualstock[LISTINGS], ours.virtualstock[PUSHES]
    rows = (
        Row("readings of Centra's catalogue", reads, naive_reads, goal=f"least possible {least.centra}"),
        Row("pages of listings read", lists, naive.virtualstock[LISTINGS], goal=f"least possible {least.listings}"),
        Row("listings put right or sent again", pushes, naive.virtualstock[PUSHES], goal=f"{least.pushes}",
            met=pushes == least.pushes),
        Row("answered 429", ours.throttled, naive.throttled, goal="0", met=ours.throttled == 0),
        Row("listings wrong at the end", ours.wrong, naive.wrong, goal="0", met=ours.wrong == 0),
        Row("start → all known and right", ours.seconds, naive.seconds, "s"),
        Row("largest memory of a process", peak, max(usage.peak for usage in naive.usage), "MiB",
            goal=f"≤ {MEMORY:.0f} MiB", met=at_most(peak, MEMORY)),
        Row("growth of a worker once it is warm", grown, None, "MiB",
            goal=f"≤ {FLAT:.0f} MiB", met=at_most(grown, FLAT)),
    )  # fmt: skip
    sizes, largest = sum(1 for _ in shop.sizes()), max(Counter(each.retailer for each in shop.listings).values())
    note = (
        f"{sizes:,} sizes of {len(shop.products):,} products, {len(shop.listings):,} listings at three retailers, "
        f"{least.pushes} of them with an outdated title. Both workers of the product are killed (-9) when half of the "
        "products are read, and started again: what it read beyond the least possible is what that cost. Its quotas "
        "are the real ones; its switch for stock is off, because the first stock of each listing is one call for "
        "whoever makes it. The script reads everything, compares nothing and sends everything; its quotas at the "
        f"retailers are lifted, or its calls alone would take {largest / 250 / 60:.1f} hours."
    )
    return Section("j", "First load of a catalogue", rows, (note,), ("product", "full sync"))
