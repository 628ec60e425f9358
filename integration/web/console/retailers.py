"""Each flow has its switch at each retailer, and how we look to a retailer is known before it tells us."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from integration.domain.scorecard import DAYS, LABELS, Measure
from integration.flows import pauses, scorecard
from integration.flows.exceptions import NotPossible
from integration.people import Person, Role
from integration.rulebook import Retailer
from integration.services import Services
from integration.web import charts
from integration.web.access import needs
from integration.web.console.subject_forms import Switching, address
from integration.web.exception_filters import Word
from integration.web.render import page

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Admin = Annotated[Person, Depends(needs(Role.ADMIN))]
SAID = {
    "paused": "It is paused: nothing of it is sent until somebody resumes it.",
    "resumed": "It goes on; what waited is sent at the pace of its lane.",
}
"""What a page says after a switch. An address can name one of these words, but no words of its own."""
SHORT = {
    Measure.ACKNOWLEDGED: "acknowledged in time", Measure.DISPATCHED: "dispatched in time",
    Measure.CANCELLED: "cancelled by us", Measure.TRACKED: "valid tracking", Measure.UPDATED: "days with an update",
}  # fmt: skip
"""Names that fit into a chart."""
Told = Annotated[Word, Query()]


def router(services: Services) -> APIRouter:
    """The list, the page of one retailer, and the switches."""
    routes = APIRouter(prefix="/retailers", include_in_schema=False)

    @routes.get("")
    def all_of_them(request: Request, person: Viewer, said: Told = "") -> Response:
        return _all(services, request, person, said)

    @routes.get("/{code}")
    def one(request: Request, person: Viewer, code: str, said: Told = "") -> Response:
        return _one(services, request, person, _must_exist(services, code), said)

    @routes.post("/pause")
    def pause(request: Request, person: Admin, form: Annotated[Switching, Form()]) -> Response:
        return _switch(services, request, person, form, "paused", pauses.pause)

    @routes.post("/resume")
    def resume(request: Request, person: Admin, form: Annotated[Switching, Form()]) -> Response:
        return _switch(services, request, person, form, "resumed", pauses.resume)

    return routes


def _switch(
    services: Services, request: Request, person: Person, form: Switching, word: str,
    act: Callable[[Services, str, str | None, Person, str], object],
) -> Response:  # fmt: skip
    try:
        act(services, form.flow, form.retailer or None, person, form.reason)
    except NotPossible as refused:
        if profile := services.rules().retailers.get(form.retailer):
            return _one(services, request, person, profile, problem=refused.reason)
        return _all(services, request, person, problem=refused.reason)
    back = f"/retailers/{form.retailer}" if form.retailer else "/retailers"
    return RedirectResponse(address(back, {"said": word}), 303)


def _all(services: Services, request: Request, person: Person, said: str = "", problem: str = "") -> Response:
    switches = pauses.switches(services)
    stopped = pauses.paused(services)
    whole = {each["flow"]: each for each in stopped if not each["retailer"]}
    alone = {flow: [each["retailer"] for each in stopped if each["flow"] == flow] for flow in pauses.FLOWS}
    rows = [
        {"profile": profile, "switches": [each for each in switches if each["retailer"] == code]}
        for code, profile in services.rules().retailers.items()
    ]
    return page(
        request, "retailers.html", person, 409 if problem else 200, rows=rows, flows=pauses.FLOWS, whole=whole,
        alone=alone, said=SAID.get(said, ""), problem=problem,
    )  # fmt: skip


def _one(
    services: Services, request: Request, person: Person, profile: Retailer, said: str = "", problem: str = ""
) -> Response:
    card = scorecard.card(services, profile.code)
    return page(
        request, "retailer.html", person, 409 if problem else 200, profile=profile, card=card, labels=LABELS, days=DAYS,
        switches=[each for each in pauses.switches(services) if each["retailer"] == profile.code],
        drawn=_drawn(card), said=SAID.get(said, ""), problem=problem,
    )  # fmt: skip


def _drawn(card: scorecard.Card) -> dict[str, Any]:
    """What is compared at a glance: the shares, and the days on which the retailer took a quantity."""
    known = [each for each in card.scores if each.percent is not None]
    return {
        "shares": charts.bars(
            [SHORT[each.measure] for each in known], [float(each.percent or 0) for each in known], "Shares in per cent"
        ) if known else "",
        "days": charts.sparkline(
            [int(had) for _, had in card.days], "Days with a stock update (1) and without (0)",
            [f"{day:%-d %b}" for day, _ in card.days],
        ) if card.days else "",
    }  # fmt: skip


def _must_exist(services: Services, code: str) -> Retailer:
    profile = services.rules().retailers.get(code)
    if profile is None:
        raise HTTPException(404, "There is no such retailer.")
    return profile
