"""A return never moves backwards, is acknowledged only where it fits its order, and meets its twin in Centra.

What becomes of a return is decided by people in the platform's portal; here stands how that is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from integration.virtualstock.schema import Status

PLATFORM_ZONE = ZoneInfo("Europe/London")
"""The platform stamps its returns with the UK's time. Virtualstock API docs: Returns, list returns."""
MARGIN = timedelta(days=2)
"""The docs do not say by which of its dates a return is listed; they lie this close together at most."""
LONGEST = timedelta(days=120)
"""A return that is open for longer is no longer asked about: each poll would read everything that came after it."""


class ReturnState(StrEnum):
    """How far a return has come."""

    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"
    AUTHORISED = "authorised"
    COLLECTING = "collecting"
    BACK = "back"
    """The goods are back: the return is complete in Centra."""
    APPROVED = "approved"
    REJECTED = "rejected"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """The retailer took it back. The platform has no word for it: the return is listed no more."""


OVER = frozenset({ReturnState.APPROVED, ReturnState.REJECTED, ReturnState.DECLINED, ReturnState.WITHDRAWN})
"""A return in one of these needs nothing more."""

MOVES: Mapping[ReturnState, frozenset[ReturnState]] = {
    ReturnState.ASKED: frozenset(ReturnState) - {ReturnState.ASKED},
    ReturnState.ACKNOWLEDGED: frozenset({ReturnState.AUTHORISED, ReturnState.COLLECTING, ReturnState.BACK, *OVER}),
    ReturnState.AUTHORISED: frozenset({ReturnState.COLLECTING, ReturnState.BACK, *OVER}),
    ReturnState.COLLECTING: frozenset({ReturnState.BACK, *OVER}),
    ReturnState.BACK: OVER,
    ReturnState.APPROVED: frozenset(),
    ReturnState.REJECTED: frozenset(),
    ReturnState.DECLINED: frozenset(),
    # Only ever concluded from its absence: one that is listed again was not taken back.
    ReturnState.WITHDRAWN: frozenset({ReturnState.ASKED}),
}
"""Every move that a return may make. Virtualstock API docs: Orders, order workflow."""

STATES: Mapping[str, ReturnState] = {
    Status.RMA: ReturnState.ASKED,
    Status.RMA_ACK: ReturnState.ACKNOWLEDGED,
    Status.RMA_AUTHORISED: ReturnState.AUTHORISED,
    Status.RMA_COLLECTION_BOOKED: ReturnState.COLLECTING,
    Status.RMA_REC: ReturnState.APPROVED,
    Status.RMA_EXC: ReturnState.REJECTED,
    Status.RMA_REJ: ReturnState.DECLINED,
}
"""What each status of the platform means; another one means nothing to us."""

TO_AUTHORISE = frozenset({Status.RMA, Status.RMA_ACK})
"""Nobody has authorised or declined a return that the platform shows in one of these."""


class Row(Protocol):
    """A return of the retailer's side, as stored."""

    @property
    def id(self) -> str:
        """The platform's UUID."""

    @property
    def line_reference(self) -> str:
        """The line it takes units of."""

    @property
    def quantity(self) -> int:
        """Units; 0 where they could not be read."""

    @property
    def state(self) -> ReturnState:
        """How far it has come."""

    @property
    def centra_return_id(self) -> int | None:
        """The return in Centra that it was matched with."""


class Line(Protocol):
    """A line of the order."""

    @property
    def line_reference(self) -> str:
        """The retailer's name of the line."""

    @property
    def dispatched(self) -> int:
        """Units the retailer was told of as dispatched."""

    @property
    def centra_line_id(self) -> int | None:
        """The Centra order line it became."""


class Came(Protocol):
    """A return in Centra."""

    @property
    def id(self) -> int:
        """Centra's id."""

    @property
    def units(self) -> Mapping[int, int]:
        """Units by Centra order line."""

    @property
    def completed_at(self) -> datetime | None:
        """When it was first seen complete."""


def may_move(here: ReturnState, there: ReturnState) -> bool:
    """Whether a return may go from one state to another."""
    return there in MOVES[here]


def is_to_authorise(state: ReturnState, status: str) -> bool:
    """Whether a person must authorise or decline it, which the goods coming back does not replace.

    :param status: as the platform shows it; an old reading of the list must not ask again for what is done.
    """
    return status in TO_AUTHORISE and state in (ReturnState.ASKED, ReturnState.ACKNOWLEDGED, ReturnState.BACK)


def listed_from(waiting: Sequence[datetime], polled: datetime | None, now: datetime) -> date:
    """The day from which the list must be read to see whatever is new and whatever is open.

    :param waiting: when each open return was asked for, aware.
    :param polled: when the list was last read, aware; None: never.
    """
    yesterday = now - timedelta(days=1)
    first = min([*waiting, polled or yesterday, yesterday])
    return max(first, now - LONGEST).astimezone(PLATFORM_ZONE).date() - MARGIN


def asked_at(stamp: datetime | None, now: datetime) -> datetime:
    """The moment of a stamp of the platform, in UTC; one that is missing, or comes from the future, is now."""
    return now if stamp is None else min(stamp.replace(tzinfo=PLATFORM_ZONE).astimezone(UTC), now)


def misfit(row: Row, lines: Sequence[Line], rows: Iterable[Row]) -> str | None:
    """Why a return cannot be one of this order, for a person; None where it can.

    :param rows: all returns of the order, the oldest first; older ones have taken their units.
    """
    line = next((line for line in lines if line.line_reference == row.line_reference), None)
    if line is None:
        return f"the order has no line {row.line_reference or 'without a reference'}"
    if row.quantity < 1:
        return f"it does not tell how many units of line {row.line_reference}"
    gone = (ReturnState.DECLINED, ReturnState.WITHDRAWN)
    before = sum(
        each.quantity for each in takewhile(lambda each: each.id != row.id, rows)
        if each.line_reference == row.line_reference and each.state not in gone
    )  # fmt: skip
    if row.quantity + before <= line.dispatched:
        return None
    also = f" and {before} in older returns" if before else ""
    return f"{row.quantity} units of line {row.line_reference}{also}, where {line.dispatched} were dispatched"


def pairs(rows: Sequence[Row], lines: Sequence[Line], came: Sequence[Came]) -> dict[str, int]:
    """Which return in Centra each return that has none belongs to, by line and quantity, the oldest first.

    :param rows: all returns of an order, the oldest first.
    :param came: all returns of it in Centra, the oldest first.
    """
    centra_lines = {line.line_reference: line.centra_line_id for line in lines}
    found: dict[str, int] = {}
    for each in came:
        for centra_line, count in each.units.items():
            of_line = [row for row in rows if centra_lines.get(row.line_reference) == centra_line]
            left = count - sum(row.quantity for row in of_line if row.centra_return_id == each.id)
            free = [row for row in of_line if _is_free(row) and row.id not in found]
            found |= dict.fromkeys(_taken(free, left, complete=each.completed_at is not None), each.id)
    return found


def _is_free(row: Row) -> bool:
    return row.centra_return_id is None and row.state not in (ReturnState.DECLINED, ReturnState.WITHDRAWN)


def _taken(free: Sequence[Row], left: int, *, complete: bool) -> list[str]:
    """Which of the returns of a line these units are: one of the same quantity, or as many as there is room for."""
    if left < 1 or not free:
        return []
    if exact := [row.id for row in free if row.quantity == left]:
        return exact[:1]
    taken = []
    for row in free:
        if row.quantity <= left:
            taken.append(row.id)
            left -= row.quantity
    # Fewer came back than were asked for. Until Centra calls it complete, one that fits may still be reported.
    return taken or ([free[0].id] if complete else [])
