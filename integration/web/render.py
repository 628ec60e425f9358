"""Every page comes out of one set of templates, escaped, with its navigation and the seal that its forms need."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from integration.people import Person, Role
from integration.web import access, words

TEMPLATES = Path(__file__).parent / "templates"
NAVIGATION = (
    ("/", "Today"), ("/exceptions", "Exceptions"), ("/orders", "Orders"), ("/skus", "SKUs"),
    ("/mappings", "Mappings"), ("/retailers", "Retailers"), ("/activity", "Activity"),
)  # fmt: skip
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)")
"""A moment as stories and activities store it."""
SHORT = ((86400, "days"), (3600, "h"), (60, "min"))
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def setup(app: FastAPI, now: Callable[[], datetime], zone: str, **everywhere: Any) -> None:
    """Give an application its templates. `now` and `zone` are the time that people read; `everywhere` are words that
    every page may use."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    times = Times(now, zone)
    templates.filters |= {"ago": times.ago, "moment": times.moment, "plain": times.plain, "day": day}
    templates.filters |= {"money": money, "duration": duration, "number": number}
    templates.filters |= {"work": words.work, "quota": words.quota, "flow": words.flow}
    templates.globals |= {"clock": now, "zone": zone, **everywhere}
    app.state.templates = templates


def page(
    request: Request, template: str, person: Person | None, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page.

    Templates also see `person`, `path`, `navigation`, `csrf_token`, and `may(role)`: whether a button is worth showing.
    """
    doors = access.of(request)
    text = request.app.state.templates.get_template(template).render(
        request=request, person=person, path=request.url.path, navigation=NAVIGATION, csrf_token=doors.csrf(request),
        may=lambda role: person is not None and person.role.covers(Role(role)), **context,
    )  # fmt: skip
    response = HTMLResponse(text, status)
    if access.COOKIE not in request.cookies or person is None:
        # Whoever is not logged in needs a session too: the login is a form like any other.
        doors.write(request, response, doors.session(request))
    return response


def utc(value: datetime | str) -> datetime:
    """A moment as it is stored, or as JSON has it; without a zone it is UTC."""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when if when.tzinfo else when.replace(tzinfo=UTC)


class Times:
    """Moments in the words of a page, on the clock of the merchant."""

    def __init__(self, now: Callable[[], datetime], zone: str) -> None:
        self._now = now
        self._zone = ZoneInfo(zone)

    def moment(self, value: datetime | str | None) -> str | Markup:
        """``25 Nov 14:05``, with the year where it is another."""
        if value is None:
            return "–"
        local = utc(value).astimezone(self._zone)
        this_year = local.year == self._now().astimezone(self._zone).year
        return _time(local, f"{local:%-d %b %H:%M}" if this_year else f"{local:%-d %b %Y %H:%M}")

    def plain(self, value: Any) -> Any:
        """A fact of a story: a list as words with commas, a stored moment as `moment`, anything else as it is."""
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value)) or "–"
        if isinstance(value, str) and STAMP.fullmatch(value):
            return self.moment(value)
        return value

    def ago(self, value: datetime | str | None) -> str | Markup:
        """How long ago or in how long: ``3 minutes ago``, ``in 2 hours``."""
        if value is None:
            return "never"
        when = utc(value)
        seconds = (self._now() - when).total_seconds()
        size, unit = next(((size, unit) for size, unit in UNITS if abs(seconds) >= size), (1, "second"))
        count = int(abs(seconds) // size)
        text = f"{count} {unit}{'' if count == 1 else 's'}"
        shown = "now" if count == 0 else f"in {text}" if seconds < 0 else f"{text} ago"
        return _time(when.astimezone(self._zone), shown)


def day(value: date | str) -> str:
    """A day as pages write it: ``25 Nov 2026``; what is no day stays as it is."""
    try:
        when = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return f"{when:%-d %b %Y}"


def number(value: float | None) -> str:
    """A count with thousands: ``12,480``; nothing to tell is a dash."""
    return "–" if value is None else f"{value:,}"


def duration(seconds: float | None) -> str:
    """``45 s``, ``12 min``, ``3 h``, ``2 days``; nothing to tell is a dash."""
    if seconds is None:
        return "–"
    size, unit = next(((size, unit) for size, unit in SHORT if seconds >= 2 * size), (1, "s"))
    return f"{seconds / size:.0f} {unit}"


def money(value: Decimal | str | float | None, currency: str = "") -> str:
    """An amount with two decimals and thousands: ``1,234.50 GBP``."""
    if value is None:
        return "–"
    try:
        return f"{Decimal(str(value)):,.2f} {currency}".strip()
    except InvalidOperation:
        return f"{value} {currency}".strip()


def _time(local: datetime, text: str) -> Markup:
    full = f"{local:%A %-d %B %Y %H:%M:%S %Z}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(local.isoformat(), full, text)
