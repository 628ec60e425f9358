"""Centra's time is told in one place, can be moved ahead, and looks as Centra writes it.

Times carry a zone in GraphQL and none in the Order API and in webhooks. The hands are those of the whole process: all
twins in it live at the same moment.

Centra docs: Integration API, DateTimeTz (PHP format letters); Order API, date fields in the instance's time zone.
"""

import re
import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT_FORMAT = "Y-m-d\\TH:i:sP"
_RELATIVE = re.compile(r"^([+-]?\d+) (second|minute|hour|day|week)s?$")
_LETTERS = {
    "Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "H": "%H", "i": "%M", "s": "%S", "u": "%f", "D": "%a", "M": "%b",
    "O": "%z",
}


class _Hands:
    """How far the clock was moved ahead of the machine's."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.lock = threading.Lock()


_hands = _Hands()


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC) + timedelta(seconds=_hands.ahead)


def timestamp() -> float:
    """This moment in Unix seconds; fits wherever a twin takes a clock."""
    return time.time() + _hands.ahead


def monotonic() -> float:
    """Seconds that only ever grow, for measuring how long ago something was."""
    return time.monotonic() + _hands.ahead


def advance(seconds: float) -> datetime:
    """Moves the clock ahead and returns the new moment.

    :raises ValueError: it would go back; what was written down since would then lie in the future.
    """
    if seconds < 0:
        raise ValueError("the clock only moves ahead")
    with _hands.lock:
        _hands.ahead += seconds
    return now()


def reset() -> None:
    """Shows the machine's time again; only for twins that are thrown away, between tests."""
    with _hands.lock:
        _hands.ahead = 0.0


def php_format(moment: datetime, pattern: str, zone: ZoneInfo) -> str:
    """The moment in the instance's zone, written by a PHP date pattern; a backslash quotes the next letter."""
    local = moment.astimezone(zone)
    if pattern == DEFAULT_FORMAT:
        return local.isoformat(timespec="seconds")
    out: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            out.append(next(letters, ""))
        elif letter == "P":
            out.append(local.isoformat()[-6:])
        elif letter == "c":
            out.append(local.isoformat(timespec="seconds"))
        elif letter == "U":
            out.append(str(int(local.timestamp())))
        else:
            out.append(local.strftime(_LETTERS[letter]) if letter in _LETTERS else letter)
    return "".join(out)


def parse(text: str, zone: ZoneInfo) -> datetime:
    """A moment from ISO 8601, ``YYYY-MM-DD[ HH:MM:SS]`` in the instance's zone, or words such as ``-1 hour``.

    :raises ValueError: it is none of these.
    """
    words = text.strip().lower()
    if words in ("now", "today", "yesterday"):
        moment = now().astimezone(zone)
        if words == "now":
            return moment
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=words == "yesterday")
    if relative := _RELATIVE.match(words):
        return now() + timedelta(**{relative[2] + "s": int(relative[1])})
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def plain(moment: datetime | None, zone: ZoneInfo) -> str:
    """Order API form; its zero date for "not yet"."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else "0000-00-00 00:00:00"
