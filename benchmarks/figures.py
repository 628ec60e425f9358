"""A figure always stands beside its goal and beside what the naive variant reached."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One line of a table. A figure that could not be reached within the time allowed is None."""

    what: str
    product: float | None
    naive: float | None
    unit: str = ""
    goal: str = ""
    met: bool | None = None
    """Whether the product reached the goal; None: there is none."""


@dataclass(frozen=True)
class Section:
    """The figures of one benchmark, and how they came about in this run."""

    letter: str
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default=())
    columns: tuple[str, ...] = ("product", "naive")
    """What the figures of a row are of; one name: there is nothing to compare with."""


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile, so always a value that was measured; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def at_most(value: float | None, limit: float) -> bool:
    """Whether a figure is there and within its goal."""
    return value is not None and value <= limit


def shown(value: float | None) -> str:
    """A figure for people: whole numbers as they are, others to three digits."""
    if value is None:
        return "not reached"
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
