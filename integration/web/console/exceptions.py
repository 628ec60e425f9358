"""Whoever is told that something needs them sees here what it blocks and until when, and has the button that fixes it.

The list reloads its numbers by itself, but not its rows: what somebody has ticked must not vanish under their hand.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from integration import kinds
from integration.flows import exceptions, order_report, report
from integration.flows.exceptions import NotPossible
from integration.kinds import CATALOGUE, Severity, Team
from integration.people import Person, Role
from integration.services import Services
from integration.steps import STEPS
from integration.storage.found import State
from integration.web.access import needs
from integration.web.console.exception_forms import (
    Assigning,
    Chosen,
    Commenting,
    Listing,
    Muting,
    Noting,
    Releasing,
    Resolving,
    Retrying,
)
from integration.web.exception_filters import LARGEST_ID, mark_of, place_of
from integration.web.render import page
from integration.web.runbooks import runbook, title

PER_PAGE = 50
SHOWN = 10
"""Exceptions that the preview names before it only counts."""
SAID = {
    "acknowledged": "It is on record that you have seen it.",
    "assigned": "It is on record who deals with it.",
    "muted": "No alerts until then.",
    "alerting": "Alerts come again.",
    "commented": "Your comment is in the timeline.",
    "retried": "{items} waiting pieces of work are tried again, at a pace that leaves room for new work.",
    "resolved": "It is settled.",
    "released": "Articles that go on: {items}.",
}
"""What a page says after an act. An address can name one of these words and a number, but no words of its own."""
SUGGESTED = ("/mappings/suggestions", "Choose what it means")
MENDS: Mapping[str, tuple[str, str]] = {
    kinds.UNMAPPED_CARRIER.code: SUGGESTED, kinds.CARRIER_NEW.code: SUGGESTED,
    kinds.UNMAPPED_DELIVERY_SERVICE.code: SUGGESTED,
    kinds.CARRIER_NOT_ALLOWED.code: ("/mappings/edit?name=carriers", "Choose another carrier"),
    kinds.UNMAPPED_SKU.code: ("/mappings/edit?name=products", "Map the part number"),
    kinds.AMBIGUOUS_SKU.code: ("/mappings/edit?name=products", "Map the part number"),
    kinds.MAPPING_DRIFT.code: ("/mappings", "Look at the mappings"),
}
"""Where a kind of exception is mended in the console, and what the button says."""
Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]


def router(services: Services) -> APIRouter:
    """The list, the page of one exception, the preview, and a door for each button."""
    routes = APIRouter(prefix="/exceptions", include_in_schema=False)
    looks, acts = Looks(services), Acts(services)
    routes.get("")(looks.all)
    routes.get("/preview")(looks.preview)
    routes.get("/{cause_id:int}")(looks.one)
    forms: dict[str, Callable[..., Response]] = {
        "/acknowledge": acts.acknowledge, "/assign": acts.assign, "/mute": acts.mute, "/retry": acts.retry,
        "/{cause_id:int}/comment": acts.comment, "/{cause_id:int}/resolve": acts.resolve,
        "/{cause_id:int}/release": acts.release,
    }  # fmt: skip
    for path, act in forms.items():
        routes.post(path)(act)
    return routes


class Looks:
    """The pages that only show."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def all(self, request: Request, person: Viewer, wanted: Annotated[Listing, Query()]) -> Response:
        """A page of the list, most urgent first."""
        asked = wanted.filter()
        after = place_of(wanted.after) if wanted.after else None
        rows = exceptions.find(self._services, asked, after, PER_PAGE + 1)
        more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
        return page(
            request, "exceptions.html", person, rows=rows, wanted=wanted, said=_said(request),
            following=wanted.address(after=mark_of(asked, rows)) if more else "",
            counts=exceptions.counts(self._services), choices=self._choices(), now=self._services.now(),
        )  # fmt: skip

    def one(self, request: Request, person: Viewer, cause_id: int) -> Response:
        """Everything about one exception."""
        return _one(self._services, request, person, cause_id)

    def preview(self, request: Request, person: Operator, chosen: Annotated[Chosen, Query()]) -> Response:
        """What can be done with the chosen exceptions at once, and what a retry of them would do."""
        wanted = _meant(chosen).filter(chosen.named())
        return page(
            request, "exceptions_preview.html", person, chosen=chosen, shown=SHOWN,
            preview=exceptions.preview(self._services, wanted), total=exceptions.total(self._services, wanted),
            rows=exceptions.find(self._services, wanted, None, SHOWN),
        )  # fmt: skip

    def _choices(self) -> dict[str, Sequence[tuple[str, str]]]:
        """What the filter offers, as (value, label)."""
        retailers = self._services.rules().retailers
        return {
            "owner": [(team.value, team.value) for team in Team],
            "severity": [(each.value, each.value) for each in Severity],
            "kind": sorted(((code, title(code)) for code in CATALOGUE), key=lambda each: each[1].casefold()),
            "retailer": [(code, profile.name) for code, profile in sorted(retailers.items())],
            "state": [(each, each) for each in get_args(State)],
        }


class Acts:
    """The buttons. Each does what a flow does and goes back to a page, so that loading that again repeats nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def acknowledge(self, request: Request, person: Operator, form: Annotated[Noting, Form()]) -> Response:
        """Somebody has seen them."""
        return self._do(request, person, form.back, "acknowledged",
                        lambda: exceptions.acknowledge(self._services, form.ids, person))  # fmt: skip

    def assign(self, request: Request, person: Operator, form: Annotated[Assigning, Form()]) -> Response:
        """Somebody deals with them."""
        return self._do(request, person, form.back, "assigned", lambda: exceptions.assign(
            self._services, form.ids, form.to or None, person, form.reason))  # fmt: skip

    def mute(self, request: Request, person: Operator, form: Annotated[Muting, Form()]) -> Response:
        """No alerts for a while."""
        try:
            until = form.moment(self._services.now(), ZoneInfo(self._services.centra_zone))
        except ValueError:
            raise HTTPException(422, "Name the day and the hour until which there shall be no alerts.") from None
        return self._do(request, person, form.back, "muted" if until else "alerting", lambda: exceptions.mute(
            self._services, form.ids, until, person, form.reason))  # fmt: skip

    def retry(self, request: Request, person: Operator, form: Annotated[Retrying, Form()]) -> Response:
        """What waits behind them is tried again."""
        wanted = _meant(form).filter(form.named())
        return self._do(request, person, form.back, "retried",
                        lambda: exceptions.retry(self._services, wanted, person, form.reason).items)  # fmt: skip

    def comment(
        self, request: Request, person: Operator, cause_id: int, form: Annotated[Commenting, Form()]
    ) -> Response:
        """A line for the timeline."""
        return self._do(request, person, cause_id, "commented",
                        lambda: exceptions.comment(self._services, cause_id, person, form.text))  # fmt: skip

    def resolve(
        self, request: Request, person: Operator, cause_id: int, form: Annotated[Resolving, Form()]
    ) -> Response:
        """It is settled over there, which no look of ours can see."""
        return self._do(request, person, cause_id, "resolved",
                        lambda: exceptions.resolve(self._services, cause_id, person, form.reason))  # fmt: skip

    def release(
        self, request: Request, person: Operator, cause_id: int, form: Annotated[Releasing, Form()]
    ) -> Response:
        """What a guardrail stopped is right."""
        if form.nothing():
            raise HTTPException(422, "No SKU is named. Go back and tick those that are right, or write them down.")
        return self._do(request, person, cause_id, "released", lambda: exceptions.release(
            self._services, cause_id, form.skus(), person, form.reason))  # fmt: skip

    def _do(
        self, request: Request, person: Person, cause_id: int | None, word: str, act: Callable[[], object]
    ) -> Response:
        """Act, and go back to the one exception or the list; where it cannot be done, the reason is told."""
        if cause_id is not None:
            _must_exist(self._services, cause_id)
        try:
            done = act()
        except NotPossible as refused:
            if cause_id is None:
                raise HTTPException(409, refused.reason) from None
            return _one(self._services, request, person, cause_id, problem=refused.reason)
        items = {"items": str(done)} if isinstance(done, int) else {}
        back = "/exceptions" if cause_id is None else f"/exceptions/{cause_id}"
        return RedirectResponse(f"{back}?{urlencode({'said': word} | items)}", 303)


def _one(services: Services, request: Request, person: Person, cause_id: int, *, problem: str = "") -> Response:
    """The page of one exception, with the reason why something cannot be done to it if there is one."""
    cause = _must_exist(services, cause_id)
    return page(
        request, "exception.html", person, 409 if problem else 200, cause=cause, problem=problem, said=_said(request),
        runbook=runbook(cause["kind"], below=2), name=title(cause["kind"]), now=services.now(),
        mends=MENDS.get(cause["kind"]),
        links=[_address(item["step"], item["subject"]) for item in cause["work"]],
        skus=[item["subject"].partition("/")[2] for item in cause["work"]] if cause["guardrail"] else [],
    )  # fmt: skip


def _address(step: str, subject: str) -> str:
    """The page of the order or SKU that a piece of work is about; nothing where it is about another thing."""
    if STEPS.get(step) in order_report.OF_ORDER:
        return f"/orders/{quote(subject)}"
    return f"/skus/{quote(subject.partition('/')[2], safe='')}" if step in report.PUSHES else ""


def _must_exist(services: Services, cause_id: int) -> dict[str, Any]:
    found = exceptions.one(services, cause_id) if cause_id <= LARGEST_ID else None
    if found is None:
        raise HTTPException(404)
    return found


def _meant(chosen: Chosen) -> Chosen:
    if chosen.nothing():
        raise HTTPException(422, "Nothing is ticked. Go back and tick what you mean.")
    return chosen


def _said(request: Request) -> str:
    number = request.query_params.get("items", "")
    return SAID.get(request.query_params.get("said", ""), "").format(items=number if number.isdecimal() else "The")
