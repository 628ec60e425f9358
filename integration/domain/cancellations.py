"""Units leave an order only where they are still free to: what is in a shipment is shipped, whoever asked first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from integration.centra.schema import Order, OrderLine
from integration.lifecycle import LineState

CANCELLED = "CANCELLED"
"""Centra docs: Integration API, working with orders; a cancelled order keeps the quantities of its lines."""


class Line(Protocol):
    """A line of ours that became a Centra order line."""

    @property
    def line_reference(self) -> str:
        """The retailer's name of the line."""

    @property
    def state(self) -> LineState:
        """Where it stands."""

    @property
    def open(self) -> int:
        """Units neither dispatched nor cancelled with the retailer."""

    @property
    def quantity(self) -> int:
        """Units ordered."""

    @property
    def cancelled(self) -> int:
        """Units cancelled with the retailer."""

    @property
    def cancel_asked(self) -> int | None:
        """Units the retailer asks to cancel; None: all that are open."""

    @property
    def centra_line_id(self) -> int | None:
        """The Centra order line it became; None where it was left out."""

    @property
    def centra_cancelled(self) -> int:
        """Units that Centra has not: cancelled there, or left out when the order was placed."""


@dataclass(frozen=True)
class Settlement:
    """What is to be done about a retailer's wish to cancel.

    :param cancel: units to cancel in Centra by Centra order line.
    :param whole_order: nothing else is left of the Centra order, so it is cancelled as a whole.
    :param agreed: units by line reference that are cancelled in Centra once that is done.
    :param ships: lines whose units are in a shipment: they are dispatched, which answers the request.
    """

    cancel: Mapping[int, int]
    whole_order: bool
    agreed: Mapping[str, int]
    ships: tuple[str, ...]


def wanted_units(line: Line) -> int:
    """Units that the retailer wants gone and that have not left."""
    return line.open if line.cancel_asked is None else min(line.cancel_asked, line.open)


def units_to_go(line: Line) -> int:
    """Units that have to be cancelled in Centra: what the retailer asks for, and what it took back in the portal."""
    if line.state is LineState.CANCELLING:
        return wanted_units(line)
    return line.cancelled if line.state is LineState.CANCELLED else 0


def asks_for_part(line: Line) -> bool:
    """Whether the retailer asks to cancel some units of a line and keeps others."""
    return line.state is LineState.CANCELLING and wanted_units(line) < line.open


def is_unsettled(line: Line) -> bool:
    """Whether the retailer waits for an answer, or took units back in the portal that Centra still holds."""
    if line.state is LineState.CANCELLED:
        return line.centra_line_id is not None and line.cancelled > line.centra_cancelled
    return line.state is LineState.CANCELLING


def _told(line: Line) -> int:
    """Units cancelled in Centra that are not part of `units_to_go`."""
    return line.cancelled if line.state is LineState.CANCELLING else 0


def in_shipments(line_id: int, made: Order) -> int:
    """Units of a Centra order line that are in a shipment, sent or not."""
    return sum(row.quantity for each in made.shipments for row in each.lines if row.order_line_id == line_id)


def cancelled_units(line: Line, theirs: OrderLine, made: Order) -> int:
    """Units of our line that Centra has not: cancelled there, or left out when the order was placed."""
    left = in_shipments(theirs.id, made) if made.status == CANCELLED else theirs.quantity
    return max(0, line.quantity - left)


def short_units(line: Line, theirs: OrderLine, made: Order) -> int:
    """Units of our line that Centra has no stock for; 0 where it does not show what is allocated."""
    if theirs.allocated is None or made.status == CANCELLED:
        return 0
    return max(0, min(line.open, theirs.quantity - in_shipments(theirs.id, made) - theirs.allocated))


def settle(lines: Sequence[Line], made: Order) -> Settlement:
    """Decide about every line whose cancellation the retailer asks for, by what Centra shows now.

    Virtualstock API docs: Orders, order workflow; a request may be answered by dispatching the goods.
    """
    theirs = {line.id: line for line in made.lines}
    cancel: dict[int, int] = {}
    agreed: dict[str, int] = {}
    ships: list[str] = []
    for line in lines:
        known = theirs.get(line.centra_line_id or 0)
        wanted = units_to_go(line)
        if not wanted:
            continue
        if known is None:
            if line.state is LineState.CANCELLING and line.centra_cancelled - line.cancelled >= wanted:
                agreed[line.line_reference] = wanted
            continue
        gone = cancelled_units(line, known, made) - _told(line)
        missing = wanted - gone
        if missing > max(0, known.quantity - in_shipments(known.id, made)):
            ships.append(line.line_reference)
            continue
        if line.state is LineState.CANCELLING:
            agreed[line.line_reference] = wanted
        if missing > 0:
            cancel[known.id] = missing
    return Settlement(cancel, _takes_all(cancel, made), agreed, tuple(ships))


def _takes_all(cancel: Mapping[int, int], made: Order) -> bool:
    left = any(line.quantity > cancel.get(line.id, 0) for line in made.lines)
    return bool(cancel) and not left and not made.shipments
