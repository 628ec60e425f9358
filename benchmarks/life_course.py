"""What happened to each order of a run is written down where both its driver and its figures find it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.life_plot import Fate, Life

TOLD = ("acknowledge", "dispatch", "cancel_acknowledge", "return_acknowledge", "invoice")
"""What a retailer is told of an order."""


@dataclass
class Course:
    """One order on its way: when what was asked of us, and when we had told it. Unix times."""

    life: Life
    reference: str
    listed: float
    in_centra: float | None = None
    number: int = 0
    cancel_asked: float | None = None
    return_asked: float | None = None
    shipped: list[float] = field(default_factory=list)
    shipments: list[int] = field(default_factory=list)
    told: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TOLD})
    back: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that its life asks for was told to the retailer."""
        wanted = {
            "acknowledge": 1, "dispatch": self.life.parcels, "cancel_acknowledge": self.life.fate is Fate.CANCELLED,
            "return_acknowledge": self.life.fate is Fate.RETURNED,
        }  # fmt: skip
        return all(len(self.told[name]) >= times for name, times in wanted.items())


@dataclass
class Run:
    """What became of all orders, and every call that the twins received meanwhile."""

    courses: dict[str, Course]
    calls: dict[str, list[dict[str, Any]]]
    seconds: float
    """From the first order until everything was told, or patience was over."""
    centra_orders: Counter[str]
    """How many orders Centra has of each reference."""
    units: dict[str, list[tuple[int, int, int]]]
    """Ordered, dispatched and cancelled units of each line at the retailer, by reference."""
