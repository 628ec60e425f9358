"""Whoever is asked about an article sees what each retailer was told of it, what is pending, and why."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from integration.flows import pauses, report, search, sending
from integration.flows.exceptions import NotPossible
from integration.flows.sending import OF_SKU, Part
from integration.people import Person, Role
from integration.problems import Failure
from integration.services import Services
from integration.web.access import needs
from integration.web.console.subject_forms import Looking, Sending, Skus, address, dry_run, options, told
from integration.web.render import page

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]


def router(services: Services) -> APIRouter:
    """The list with its search, the page of one SKU, and its button."""
    routes = APIRouter(prefix="/skus", include_in_schema=False)

    @routes.get("")
    def find(request: Request, person: Viewer, wanted: Annotated[Skus, Query()]) -> Response:
        found = search.skus(
            services, wanted.q, retailer=wanted.retailer or None, after=wanted.after, limit=search.PAGE + 1
        )
        if wanted.q and len(found) == 1:
            return RedirectResponse(_page_of(found[0]["sku"]), 303)
        rows, fields = found[: search.PAGE], wanted.model_dump(exclude={"after"})
        following = address("/skus", fields, after=rows[-1]["sku"]) if len(found) > len(rows) and not wanted.q else None
        return page(
            request, "skus.html", person, wanted=wanted, following=following, first=address("/skus", fields),
            rows=[{**row, "address": _page_of(row["sku"])} for row in rows], more=len(found) > len(rows),
            retailers=services.rules().retailers,
        )  # fmt: skip

    @routes.get("/{sku:path}")
    def one(request: Request, person: Viewer, sku: str, form: Annotated[Looking, Query()]) -> Response:
        return _one(services, request, person, sku, form)

    @routes.post("/{sku:path}")
    def send(request: Request, person: Operator, sku: str, form: Annotated[Sending, Form()]) -> Response:
        _must_exist(services, sku)
        try:
            sent = sending.send_now(services, form.flow, Part(sku=sku), person, form.reason)
        except (NotPossible, Failure) as refused:
            return _one(services, request, person, sku, Looking(), problem=refused.reason)
        fields = {"said": "sent", "pieces": len(sent.asked), "paused": sent.paused}
        return RedirectResponse(address(_page_of(sku), fields), 303)

    return routes


def _one(
    services: Services, request: Request, person: Person, name: str, form: Looking, *, problem: str = ""
) -> Response:
    found = _must_exist(services, name)
    tried = dry_run(services, form.flow, Part(sku=name)) if form.flow else None
    stopped = pauses.stopping(services, found["retailers"], articles=True)
    return page(
        request, "sku.html", person, 409 if problem else 200, sku=found, here=_page_of(name), flows=options(OF_SKU),
        tried=tried, said=told(form), problem=problem, stopped=stopped, retailers=services.rules().retailers,
    )  # fmt: skip


def _must_exist(services: Services, name: str) -> dict[str, Any]:
    found = report.sku(services, name) if "\0" not in name else None
    if found is None:
        raise HTTPException(404, "Nothing is known of such a SKU.")
    return found


def _page_of(sku: str) -> str:
    return f"/skus/{quote(sku, safe='')}"
