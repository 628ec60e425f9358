"""Large changes of content wait for the retailer's quiet window; a few, and every price, go at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from integration import steps
from integration.lanes import Lane
from integration.rulebook.retailer import QuietWindow, Retailer
from integration.storage import work


def due(db: sa.Connection, profile: Retailer, now: datetime) -> datetime:
    """When a change of content may go: now, or at the opening of the window while too many wait."""
    window = profile.products.quiet
    if window is None or is_open(window, now, profile.timezone):
        return now
    gate = f"virtualstock:{profile.credential}"
    if work.open_count(db, gate, Lane.CATALOGUE, steps.PRODUCTS_PUSH.name) <= window.above:
        return now
    return opening(window, now, profile.timezone)


def is_open(window: QuietWindow, now: datetime, zone: str) -> bool:
    """Whether the window is open on the clock of this zone."""
    clock = f"{now.astimezone(ZoneInfo(zone)):%H:%M}"
    if window.opens < window.closes:
        return window.opens <= clock < window.closes
    return clock >= window.opens or clock < window.closes


def opening(window: QuietWindow, now: datetime, zone: str) -> datetime:
    """The next moment at which the window opens."""
    local = now.astimezone(ZoneInfo(zone))
    hours, minutes = map(int, window.opens.split(":"))
    at = local.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    return (at if at > local else at + timedelta(days=1)).astimezone(now.tzinfo)
