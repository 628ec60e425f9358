"""No order and no line ever moves backwards: every move that is allowed stands in one table.

A line's state is what the retailer and we agree on. That an order is in Centra is a fact beside it, because a line
can be on backorder before Centra has it. Returns have a life of their own.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol


class LineState(StrEnum):
    """Where a line stands between the retailer and us."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    BACKORDERED = "backordered"
    CANCELLING = "cancelling"
    """The retailer asks to cancel units of it, and has no answer yet."""
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


class OrderState(StrEnum):
    """Where an order stands: what its least advanced open line waits for."""

    RECEIVED = "received"
    PLACING = "placing"
    """A call that may have created it in Centra has been made."""
    PLACED = "placed"
    """It is in Centra, and the retailer has not been told."""
    BACKORDERED = "backordered"
    CANCELLING = "cancelling"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


OVER = frozenset({LineState.DISPATCHED, LineState.CANCELLED})
"""A line in one of these needs nothing more."""

_WITH_RETAILER = {LineState.CANCELLING, LineState.DISPATCHED, LineState.CANCELLED}
MOVES: Mapping[LineState, frozenset[LineState]] = {
    LineState.RECEIVED: frozenset({LineState.ACKNOWLEDGED, LineState.BACKORDERED, *_WITH_RETAILER}),
    LineState.ACKNOWLEDGED: frozenset({LineState.BACKORDERED, *_WITH_RETAILER}),
    LineState.BACKORDERED: frozenset({LineState.ACKNOWLEDGED, *_WITH_RETAILER}),
    # When only some of its units were cancelled, the rest goes on from where the line was.
    LineState.CANCELLING: frozenset(LineState) - {LineState.CANCELLING},
    LineState.DISPATCHED: frozenset(),
    LineState.CANCELLED: frozenset(),
}
"""Every move that a line may make. Virtualstock API docs: Orders, order workflow."""


class Line(Protocol):
    """A line as far as its order's state depends on it."""

    @property
    def state(self) -> LineState:
        """Where it stands."""

    @property
    def dispatched(self) -> int:
        """Units the retailer was told of as dispatched."""


def may_move(here: LineState, there: LineState) -> bool:
    """Whether a line may go from one state to another."""
    return there in MOVES[here]


def order_state(lines: Sequence[Line], *, placing: bool, placed: bool) -> OrderState:
    """The state of an order: what its least advanced open line waits for.

    :param placing: a call that may have created it in Centra has been made.
    :param placed: it is in Centra.
    """
    states = {line.state for line in lines}
    if LineState.CANCELLING in states:
        return OrderState.CANCELLING
    if LineState.RECEIVED in states or not states:
        if placed:
            return OrderState.PLACED
        return OrderState.PLACING if placing else OrderState.RECEIVED
    for state in (LineState.BACKORDERED, LineState.ACKNOWLEDGED):
        if state in states:
            return OrderState(state)
    shipped = LineState.DISPATCHED in states or any(line.dispatched for line in lines)
    return OrderState.DISPATCHED if shipped else OrderState.CANCELLED
