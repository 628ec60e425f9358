"""Whether a shipment still is what a retailer was told of it, and which of its units the retailer knows already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from integration.centra.schema import Shipment
from integration.lifecycle import LineState
from integration.rulebook.base import folded


class Line(Protocol):
    """A line of ours, as far as it tells what the retailer knows."""

    @property
    def line_reference(self) -> str:
        """The retailer's name of the line."""

    @property
    def state(self) -> LineState:
        """Where it stands."""

    @property
    def dispatched(self) -> int:
        """Units that the retailer counts as dispatched."""

    @property
    def centra_line_id(self) -> int | None:
        """The Centra order line it became."""


def differences(told: Shipment, shown: Shipment) -> list[str]:
    """In what a shipment differs from what a retailer was told of it, in words; empty: in nothing that it was told."""
    if not shown.is_shipped:
        return ["no longer shipped"]
    before, after = _units(told), _units(shown)
    same = {
        "lines": before.keys() == after.keys(),
        "quantities": all(before[line] == after[line] for line in before.keys() & after.keys()),
        "carrier": _parcel(told)[:2] == _parcel(shown)[:2],
        "tracking number": _parcel(told)[2] == _parcel(shown)[2],
    }
    return [name for name, unchanged in same.items() if not unchanged]


def told_elsewhere(shipment: Shipment, lines: Sequence[Line], announced: Mapping[str, int]) -> dict[str, int]:
    """Units by line reference that the retailer counts as dispatched although we never said so: the portal did.

    :param announced: units by line reference in all announcements that it took from us.
    """
    found, held = {}, _units(shipment)
    for line in lines:
        units = held[line.centra_line_id] if line.centra_line_id is not None else 0
        unexplained = line.dispatched - announced.get(line.line_reference, 0)
        if line.state is LineState.DISPATCHED and 0 < units <= unexplained:
            found[line.line_reference] = units
    return found


def without(shipment: Shipment, lines: Sequence[Line], references: Mapping[str, int]) -> Shipment:
    """The shipment without these lines."""
    gone = {line.centra_line_id for line in lines if line.line_reference in references}
    kept = tuple(row for row in shipment.lines if row.order_line_id not in gone)
    return shipment.model_copy(update={"lines": kept})


def _units(shipment: Shipment) -> Counter[int | None]:
    units: Counter[int | None] = Counter()
    for row in shipment.lines:
        if row.quantity:
            units[row.order_line_id] += row.quantity
    return units


def _parcel(shipment: Shipment) -> tuple[str, str, str]:
    return (
        folded(shipment.carrier or ""), folded(shipment.service or ""), (shipment.tracking_number or "").strip(),
    )  # fmt: skip
