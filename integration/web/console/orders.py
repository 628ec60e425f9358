"""Whoever is asked about an order finds it by any of its names and sees where it is, who must act, and its story."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from integration.flows import order_report, pauses, search, sending
from integration.flows.exceptions import NotPossible
from integration.flows.sending import OF_ORDER, Part
from integration.people import Person, Role
from integration.problems import Failure
from integration.services import Services
from integration.web.access import needs
from integration.web.console.subject_forms import Looking, Orders, Sending, address, dry_run, options, told
from integration.web.render import page

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]


def router(services: Services) -> APIRouter:
    """The list with its search, the page of one order, and its button."""
    routes = APIRouter(prefix="/orders", include_in_schema=False)

    @routes.get("")
    def find(request: Request, person: Viewer, wanted: Annotated[Orders, Query()]) -> Response:
        given = {name: value or None for name, value in wanted.model_dump(include={"retailer", "state"}).items()}
        found = search.orders(services, wanted.q, before=wanted.before, limit=search.PAGE + 1, **given)
        if wanted.q and len(found) == 1:
            return RedirectResponse(_address(found[0]), 303)
        rows, fields = found[: search.PAGE], wanted.model_dump(exclude={"before"})
        older = address("/orders", fields, before=rows[-1]["id"]) if len(found) > len(rows) and not wanted.q else None
        return page(
            request, "orders.html", person, wanted=wanted, older=older, newest=address("/orders", fields),
            rows=[{**row, "address": _address(row)} for row in rows], states=search.states(),
            retailers=services.rules().retailers, more=len(found) > len(rows),
        )  # fmt: skip

    @routes.get("/{name:path}")
    def one(request: Request, person: Viewer, name: str, form: Annotated[Looking, Query()]) -> Response:
        return _one(services, request, person, name, form)

    @routes.post("/{name:path}")
    def send(request: Request, person: Operator, name: str, form: Annotated[Sending, Form()]) -> Response:
        subject = _subject(_must_exist(services, name)[0])
        try:
            sent = sending.send_now(services, form.flow, Part(order=subject), person, form.reason)
        except (NotPossible, Failure) as refused:
            return _one(services, request, person, name, Looking(), problem=refused.reason)
        fields = {"said": "sent", "pieces": len(sent.asked), "paused": sent.paused}
        return RedirectResponse(address(_page_of(subject), fields), 303)

    return routes


def _one(
    services: Services, request: Request, person: Person, name: str, form: Looking, *, problem: str = ""
) -> Response:
    found = _must_exist(services, name)
    if len(found) > 1:
        # Two retailers use one reference, or a reference is also a number of Centra's.
        return RedirectResponse(address("/orders", {"q": name}), 303)
    order = found[0]
    stopped = pauses.stopping(services, [order["retailer"]], articles=False)
    tried = dry_run(services, form.flow, Part(order=_subject(order))) if form.flow else None
    return page(
        request, "order.html", person, 409 if problem else 200, order=order, here=_page_of(_subject(order)),
        flows=options(OF_ORDER), tried=tried, said=told(form), problem=problem, stopped=stopped,
    )  # fmt: skip


def _must_exist(services: Services, name: str) -> list[dict[str, Any]]:
    found = order_report.order(services, name) if "\0" not in name else []
    if not found:
        raise HTTPException(404, "There is no such order.")
    return found


def _subject(order: dict[str, Any]) -> str:
    return f"{order['retailer']}/{order['reference']}"


def _address(row: dict[str, Any]) -> str:
    return _page_of(_subject(row))


def _page_of(subject: str) -> str:
    return f"/orders/{quote(subject, safe='/')}"
