"""What each kind of exception means and what to do about it is read where it is needed."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from integration.kinds import CATALOGUE
from integration.people import Person, Role
from integration.services import Services
from integration.web import access
from integration.web.errors import NOTHING_HERE
from integration.web.render import page
from integration.web.runbooks import runbook, title

Viewer = Annotated[Person, Depends(access.needs(Role.VIEWER))]


def router(services: Services) -> APIRouter:  # noqa: ARG001 - as every page has it
    """The list of runbooks and each of them."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/manual")
    def index(request: Request, person: Viewer) -> Response:
        rows = [(kind, title(kind.code)) for kind in CATALOGUE.values()]
        return page(request, "manual.html", person, rows=rows)

    @routes.get("/manual/{code}")
    def show(request: Request, person: Viewer, code: str) -> Response:
        text = runbook(code)
        if text is None:
            raise HTTPException(404, NOTHING_HERE)
        return page(request, "runbook.html", person, code=code, title=title(code), text=text, kind=CATALOGUE.get(code))

    return routes
