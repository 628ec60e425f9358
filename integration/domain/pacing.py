"""Work that is released by the thousand comes due little by little, so that new work finds its way in between."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from integration.lanes import RESERVE, Lane
from integration.policy import RELEASE_HANDFUL, RELEASE_SHARE

Piece = TypeVar("Piece")


def pace(limit: float, seconds: float, lane: Lane) -> float:
    """Pieces of work a second that may be released into a lane of a quota of `limit` calls in `seconds`."""
    return RELEASE_SHARE * (1 - RESERVE[lane]) * limit / seconds


def spread(pieces: Sequence[Piece], start: datetime, per_second: float) -> Iterator[tuple[datetime, Sequence[Piece]]]:
    """When each handful comes due: the first at once, the others at the pace, in the given order."""
    for done in range(0, len(pieces), RELEASE_HANDFUL):
        yield start + timedelta(seconds=done / per_second), pieces[done : done + RELEASE_HANDFUL]


def lasts(count: int, per_second: float) -> float:
    """Minutes until the last of so many pieces has come due."""
    return max(count - 1, 0) // RELEASE_HANDFUL * RELEASE_HANDFUL / per_second / 60
