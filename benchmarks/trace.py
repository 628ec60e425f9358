"""Both contenders meet the same stock changes at the same moments, and every true value has one place in time."""

import random
import time
from dataclasses import dataclass, field

from sandbox.seed import Seed, Size, Variant
from tests.story.system import Twin

HOUSE = 1
"""The warehouse in which the trace counts."""
VALUES = range(400)
"""Units a count may find. No SKU gets the same publishable value twice, so that a value tells its place in time."""


@dataclass(frozen=True)
class Event:
    """At `due` seconds a count finds `physical` units, so that `shown` may be published."""

    due: float
    sku: str
    physical: int
    shown: int


@dataclass(frozen=True)
class Trace:
    """What is published before the first event, by SKU, and the events by time."""

    start: dict[str, int]
    events: tuple[Event, ...]

    def finals(self) -> dict[str, int]:
        """The last value of every SKU."""
        return self.start | {event.sku: event.shown for event in self.events}


def publishable(shop: Seed, variant: Variant, size: Size, physical: int | None = None) -> int:
    """Centra's rule for what may be shown: free units less the variant's offset or the warehouse's threshold."""
    stock = size.stock if physical is None else {**size.stock, HOUSE: physical}
    back = {house.id: variant.stock_offset or house.threshold or 0 for house in shop.warehouses}
    return sum(max(0, units - back[house]) for house, units in stock.items())


def sellable(shop: Seed) -> list[tuple[Variant, Size]]:
    """Sizes whose stock is plain: sold, and no preorder."""
    return [
        (variant, size) for _, variant, size in shop.sizes() if variant.active and size.active and not size.preorder
    ]


def listed(shop: Seed) -> dict[str, int]:
    """What retailers have to show of every SKU before anything happens."""
    return {
        size.sku: publishable(shop, variant, size) if size.active and not size.preorder else 0
        for _, variant, size in shop.sizes()
    }


def make(shop: Seed, *, count: int, skus: int, seconds: float, seed: int = 1) -> Trace:
    """`count` changes on `skus` SKUs, evenly over `seconds`; the same arguments give the same trace.

    :raises ValueError: the shop has fewer sellable SKUs than asked for.
    """
    chance = random.Random(seed)
    chosen = chance.sample(sellable(shop), skus)
    start = {size.sku: publishable(shop, variant, size) for variant, size in chosen}
    fresh = {size.sku: _fresh(shop, variant, size, chance) for variant, size in chosen}
    events = []
    for number in range(count):
        _, size = chance.choice(chosen)
        physical, shown = fresh[size.sku].pop()
        events.append(Event(number * seconds / count, size.sku, physical, shown))
    return Trace(start, tuple(events))


def _fresh(shop: Seed, variant: Variant, size: Size, chance: random.Random) -> list[tuple[int, int]]:
    by_shown = {publishable(shop, variant, size, physical): physical for physical in VALUES}
    by_shown.pop(publishable(shop, variant, size), None)
    pairs = [(physical, shown) for shown, physical in by_shown.items()]
    chance.shuffle(pairs)
    return pairs


@dataclass
class History:
    """When each value of each SKU became the true one; place 0 is the value before the first event."""

    start: dict[str, int]
    moments: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    _places: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sku, value in self.start.items():
            self.add(sku, 0.0, value)

    def add(self, sku: str, at: float, value: int) -> None:
        """`value` is true from the Unix time `at` on."""
        moments = self.moments.setdefault(sku, [])
        self._places[sku, value] = len(moments)
        moments.append((at, value))

    def place(self, sku: str, value: int) -> int | None:
        """The place of a value in the SKU's history; None: it was never true."""
        return self._places.get((sku, value))


def drive(trace: Trace, centra: Twin) -> History:
    """Lets every event of the trace happen when it is due; returns when each did."""
    history = History(trace.start)
    began = time.monotonic()
    waiting = list(reversed(trace.events))
    while waiting:
        time.sleep(max(0.0, waiting[-1].due - (time.monotonic() - began)))
        due: list[Event] = []
        while waiting and waiting[-1].due <= time.monotonic() - began:
            due.append(waiting.pop())
        if not due:
            continue
        at = time.time()
        for event in due:
            history.add(event.sku, at, event.shown)
        # What became due together is one call, as a stock count of several articles is.
        centra.post("stock", changes=[
            {"sku": event.sku, "quantity": event.physical, "warehouse": HOUSE} for event in due
        ])  # fmt: skip
    return history
