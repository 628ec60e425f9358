"""Seconds to wait are found in every form in which Centra may write Retry-After.

Centra documents that the header names a moment, not in which notation.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEFAULT = 10.0
"""Seconds, for a header that is absent or unreadable: the shorter of Centra's two windows."""
SHORTEST = 1.0
LONGEST = 3600.0
"""Seconds; the longer of the two windows, after which every bucket is full again."""

_SMALLEST_UNIX_TIME = 1_000_000


def seconds_to_wait(header: str | None, now: datetime) -> float:
    """Seconds from `now` (aware) until calls are welcome again, from 1 to 3600.

    Reads a number of seconds, a Unix time, an HTTP date and ISO 8601 (without a zone: UTC).
    Centra docs: Integration API, rate limits.
    """
    seconds = _read((header or "").strip(), now)
    if seconds is None:
        return DEFAULT
    return min(max(seconds, SHORTEST), LONGEST)


def _read(text: str, now: datetime) -> float | None:
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return None if moment is None else (moment - now).total_seconds()
    if not math.isfinite(number):
        return None
    return number if number < _SMALLEST_UNIX_TIME else number - now.timestamp()


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
