"""How we look to a retailer is known before the retailer tells us: each measure beside what it wants, and what is left.

Counts are compared, not shares: a measure is never met or missed by rounding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from integration.rulebook.retailer import Thresholds

DAYS = 30
"""How far back we look."""


class Measure(StrEnum):
    """What a retailer measures; each value is the name of its threshold."""

    ACKNOWLEDGED = "acknowledged_in_time"
    DISPATCHED = "dispatched_in_time"
    CANCELLED = "cancelled_by_us"
    TRACKED = "valid_tracking"
    UPDATED = "days_with_stock_update"


LABELS: Mapping[Measure, str] = {
    Measure.ACKNOWLEDGED: "Orders acknowledged in time",
    Measure.DISPATCHED: "Orders dispatched in time",
    Measure.CANCELLED: "Lines cancelled that the retailer did not ask to cancel",
    Measure.TRACKED: "Shipments with valid tracking",
    Measure.UPDATED: "Days with a stock update",
}
AT_MOST = frozenset({Measure.CANCELLED})
"""Measures of which less is better."""


class Verdict(StrEnum):
    """How a measure stands."""

    MET = "met"
    MISSED = "missed"
    NO_DATA = "no data"


@dataclass(frozen=True)
class Count:
    """So many of so many."""

    some: int
    all: int


@dataclass(frozen=True)
class Score:
    """One measure.

    `percent`: the share with two decimals, never shown better than it is; None where nothing was counted. `wanted`:
    the threshold in per cent. `spare`: how many more of the same total may fail before it is missed; 0 where it is.
    """

    measure: Measure
    count: Count
    percent: Decimal | None
    wanted: Decimal
    verdict: Verdict
    spare: int

    @property
    def at_most(self) -> bool:
        """Whether the threshold is the most that is allowed, and not the least."""
        return self.measure in AT_MOST


def scores(counts: Mapping[Measure, Count], wanted: Thresholds) -> list[Score]:
    """Every measure that was counted, in the order of `Measure`."""
    return [_score(each, counts[each], Decimal(getattr(wanted, each.value))) for each in Measure if each in counts]


def _score(measure: Measure, count: Count, wanted: Decimal) -> Score:
    if count.all <= 0:
        return Score(measure, count, None, wanted, Verdict.NO_DATA, 0)
    worse = ROUND_CEILING if measure in AT_MOST else ROUND_FLOOR
    percent = (Decimal(100 * count.some) / count.all).quantize(Decimal("0.01"), rounding=worse)
    # Compared without that division: a share such as 1/3 has no exact decimal.
    wanted_count = wanted * count.all / 100
    spare = wanted_count - count.some if measure in AT_MOST else count.some - wanted_count
    met = spare >= 0
    return Score(measure, count, percent, wanted, Verdict.MET if met else Verdict.MISSED, int(spare) if met else 0)
