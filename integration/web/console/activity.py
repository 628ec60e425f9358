"""Who did what, when and why can be looked up by anybody who may look."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from integration.flows import activity
from integration.people import Person, Role
from integration.services import Services
from integration.web import access
from integration.web.exception_filters import Word
from integration.web.render import page

ON_A_PAGE = 50
NUMBERED = {"cause": "/exceptions", "mappings": "/mappings/versions"}
NAMED = {"sku": "/skus", "order": "/orders"}
"""Where more is to be read about what somebody did something to: pages by number, and pages by name."""
ABOUTS = (*NUMBERED, *NAMED, "flow", "login")
Viewer = Annotated[Person, Depends(access.needs(Role.VIEWER))]
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Text = Annotated[Word, Query()]


def router(services: Services) -> APIRouter:
    """The page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/activity")
    def show(
        request: Request, person: Viewer, before: Before = None, about: Text = "", subject: Text = "", by: Text = ""
    ) -> Response:
        asked: dict[str, Any] = {"about": about, "subject": subject, "by": by}
        wanted = activity.Wanted(**{name: value or None for name, value in asked.items()})
        rows = activity.read(services, wanted, before=before, limit=ON_A_PAGE + 1)
        shown = rows[:ON_A_PAGE]
        return page(
            request, "activity.html", person, rows=[{**row, "address": _address(row)} for row in shown], before=before,
            abouts=ABOUTS, newest=f"/activity?{urlencode(asked)}", **asked,
            older=f"/activity?{urlencode({**asked, 'before': shown[-1]['id']})}" if len(rows) > ON_A_PAGE else None,
        )  # fmt: skip

    return routes


def _address(row: Mapping[str, Any]) -> str | None:
    about, subject = row["about"], row["subject"]
    if about in NUMBERED and subject.isascii() and subject.isdecimal():
        return f"{NUMBERED[about]}/{subject}"
    if about in NAMED and subject:
        return f"{NAMED[about]}/{quote(subject)}"
    return "/retailers" if about == "flow" else None
