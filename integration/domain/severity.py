"""How urgent an exception is follows from what it blocks, and is never less than its kind says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from integration.kinds import DUE_HOURS, Severity


@dataclass(frozen=True)
class Impact:
    """What waits for a cause.

    :param items: pieces of work.
    :param orders: orders that cannot go on.
    :param units: units of theirs that are neither dispatched nor cancelled.
    :param skus: listings whose stock, price or content stays as it is.
    :param money: what these orders are worth, by currency.
    :param deadline: the nearest moment at which a retailer expects something of one of them.
    """

    items: int = 0
    orders: int = 0
    units: int = 0
    skus: int = 0
    money: Mapping[str, Decimal] = field(default_factory=dict)
    deadline: datetime | None = None


@dataclass(frozen=True)
class Weight:
    """Reaching any of these makes a cause as urgent as the severity that the weight belongs to."""

    orders: int
    units: int
    skus: int
    money: Decimal
    deadline_in: timedelta

    def is_reached(self, impact: Impact, now: datetime) -> bool:
        """Whether the impact is at least this heavy in any way."""
        soon = impact.deadline is not None and impact.deadline - now <= self.deadline_in
        dear = any(amount >= self.money for amount in impact.money.values())
        many = impact.orders >= self.orders or impact.units >= self.units or impact.skus >= self.skus
        return soon or dear or many


WEIGHTS: Mapping[Severity, Weight] = {
    Severity.NOW: Weight(orders=20, units=100, skus=500, money=Decimal(2_000), deadline_in=timedelta(hours=4)),
    Severity.TODAY: Weight(orders=5, units=25, skus=20, money=Decimal(500), deadline_in=timedelta(hours=24)),
}
"""Most urgent first. Money counts in each currency by itself: the amounts are marks of attention, not of account."""


def severity(floor: Severity, impact: Impact, now: datetime) -> Severity:
    """The severity of a cause of a kind whose own severity is `floor`."""
    for heavier, weight in WEIGHTS.items():
        if heavier is floor or weight.is_reached(impact, now):
            return heavier
    return floor


def due(until: datetime, opened_at: datetime, floor: Severity, found: Severity, deadline: datetime | None) -> datetime:
    """Until when somebody must have acted: never later than `until`, which the cause was opened with.

    A cause that weighs more than its kind is due as soon as its severity says, and each one no later than the
    nearest deadline of an order behind it that was still ahead when the cause was opened.
    """
    ends = [until]
    if found is not floor:
        ends.append(opened_at + timedelta(hours=DUE_HOURS[found]))
    if deadline is not None and deadline > opened_at:
        ends.append(deadline)
    return min(ends)
