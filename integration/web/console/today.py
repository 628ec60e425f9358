"""One look says whether everything runs, what is late, who is needed for what, and how the last hour went."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from integration.flows import exceptions, pulse, report
from integration.people import Person, Role
from integration.services import Services
from integration.web import access, charts
from integration.web.render import page, utc

Viewer = Annotated[Person, Depends(access.needs(Role.VIEWER))]


def router(services: Services) -> APIRouter:
    """The first page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def show(request: Request, person: Viewer) -> Response:
        standing = report.status(services)
        now: dict[str, Any] = {
            "standing": standing, "needed": exceptions.counts(services), "broker_answers": services.broker_answers(),
            "last_work": report.last_work(services), "last_tick": report.last_tick(services),
        }  # fmt: skip
        if request.headers.get("HX-Request"):
            return page(request, "today_now.html", person, **now)
        return page(request, "today.html", person, **now, **_drawn(services))

    return routes


def _drawn(services: Services) -> dict[str, Any]:
    minutes = pulse.lately(services)
    zone = ZoneInfo(services.centra_zone)
    moments = [f"{utc(each['at']).astimezone(zone):%H:%M}" for each in minutes]
    ages = pulse.ages(services)
    lanes = pulse.lanes(services)
    return {
        "freshness": _lines(minutes, "ages", moments, "Seconds since {} last got on, minute by minute"),
        "quota_use": _lines(minutes, "quotas", moments, "Per cent of the quota {} used, minute by minute", 100),
        "backlog": charts.bars(list(lanes), list(lanes.values()), "Work that waits for its turn, by lane"),
        "ages": [
            charts.bars(list(counted), list(counted.values()), f"Age of the work that waits for {whom}")
            for whom, counted in (("its turn", ages["turn"]), ("a person", ages["person"]))
        ],
    }


def _lines(
    minutes: Sequence[Mapping[str, Any]], what: str, moments: Sequence[str], label: str, times: float = 1
) -> dict[str, tuple[Markup, float]]:
    """A line and its newest value for each name that the minutes know."""
    names = dict.fromkeys(name for minute in minutes for name in minute[what])
    found = {}
    for name in names:
        values = [None if (value := each[what].get(name)) is None else round(value * times, 1) for each in minutes]
        known = [value for value in values if value is not None]
        if known:
            found[name] = charts.sparkline(values, label.format(name), moments), known[-1]
    return found
