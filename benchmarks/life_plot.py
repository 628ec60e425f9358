"""The orders of a run, and what becomes of each, are the same for both contenders."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks import trace
from sandbox.seed import Seed

RETAILERS = ("northgate", "fernhill")
"""Two credentials; one of them allows 150 requests a minute, and is invoiced."""
INVOICED = "fernhill"


class Fate(StrEnum):
    """What becomes of an order after it was acknowledged."""

    SHIPPED = "shipped in one parcel"
    PARTS = "shipped in two parcels"
    CANCELLED = "cancelled by the retailer"
    RETURNED = "shipped, and all of it sent back"


SHARES = {Fate.CANCELLED: 0.08, Fate.PARTS: 0.10, Fate.RETURNED: 0.05}


@dataclass(frozen=True)
class Life:
    """One order: at `due` seconds a shopper of `retailer` wants `units` of each SKU."""

    due: float
    retailer: str
    units: tuple[tuple[str, int], ...]
    fate: Fate

    @property
    def body(self) -> dict[str, Any]:
        """What the twin is told."""
        return {"retailer": self.retailer, "lines": [{"sku": sku, "quantity": count} for sku, count in self.units]}

    @property
    def parcels(self) -> int:
        """How often the warehouse sends something."""
        return {Fate.CANCELLED: 0, Fate.PARTS: 2}.get(self.fate, 1)


def lives(shop: Seed, count: int, seconds: float) -> list[Life]:
    """`count` orders, evenly over `seconds`; the same arguments give the same lives."""
    chance = random.Random(1)
    fates = [fate for fate, share in SHARES.items() for _ in range(max(1, round(share * count)))]
    fates += [Fate.SHIPPED] * (count - len(fates))
    chance.shuffle(fates)
    sold = {size.sku for _, size in trace.sellable(shop)}
    listed = {code: [each.sku for each in shop.listings if each.retailer == code and each.sku in sold]
              for code in RETAILERS}  # fmt: skip
    found = []
    for number, fate in enumerate(fates):
        retailer = RETAILERS[number % len(RETAILERS)]
        skus = chance.sample(listed[retailer], 1 if fate is Fate.PARTS else chance.choice((1, 1, 2)))
        units = tuple((sku, 2 if fate is Fate.PARTS else 1) for sku in skus)
        found.append(Life(number * seconds / count, retailer, units, fate))
    return found


def least(plot: Sequence[Life]) -> dict[str, Counter[str]]:
    """The calls without which these lives cannot be told to both sides, by platform and operation.

    What changes something is called once for each thing that changes; what only Centra knows is read once.
    """
    orders, parcels = len(plot), sum(life.parcels for life in plot)
    fates = Counter(life.fate for life in plot)
    invoices = sum(life.parcels > 0 for life in plot if life.retailer == INVOICED)
    return {
        "Virtualstock": Counter({
            "acknowledge": orders, "dispatch": parcels, "cancel_acknowledge": fates[Fate.CANCELLED],
            "return_acknowledge": fates[Fate.RETURNED], "invoice": invoices,
        }),
        "Centra": Counter({
            "order.create": orders, "order.complete": orders, "confirm": orders,
            "shipments": parcels, "cancel": fates[Fate.CANCELLED], "returns": fates[Fate.RETURNED],
        }),
    }  # fmt: skip
