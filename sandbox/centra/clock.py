"""Times look and are read as Centra's do: zone-aware in GraphQL, without a zone in the Order API and in webhooks.

Centra docs: Integration API, DateTimeTz (PHP format letters); Order API, date fields in the instance's time zone.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT_FORMAT = "Y-m-d\\TH:i:sP"
_RELATIVE = re.compile(r"^([+-]?\d+) (second|minute|hour|day|week)s?$")
_LETTERS = {
    "Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "H": "%H", "i": "%M", "s": "%S", "u": "%f", "D": "%a", "M": "%b",
    "O": "%z",
}


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


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
