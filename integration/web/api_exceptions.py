"""Programs list, judge and clear exceptions as people do in the console: by the same flows and with the same rights."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from integration.flows import exceptions
from integration.flows.exceptions import Done, NotPossible
from integration.people import Person, Role
from integration.services import Services
from integration.web.access import needs
from integration.web.api_exception_models import (
    Assigning,
    Chosen,
    Commenting,
    Counts,
    Foreseen,
    Impact,
    Line,
    Listing,
    Muting,
    Noting,
    Page,
    Reached,
    Reasoned,
    Releasing,
    Retrying,
    Row,
    View,
    Work,
)
from integration.web.api_models import Answer
from integration.web.exception_filters import CauseId, mark_of, place_of

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]
Id = Annotated[CauseId, Path(description="The number of the exception.")]
Shown = TypeVar("Shown", bound=Answer)
Result = TypeVar("Result")


def router(services: Services) -> APIRouter:
    """The calls."""
    routes = APIRouter(prefix="/exceptions", tags=["exceptions"])
    _add_looks(routes, services)
    _add_acts_on_many(routes, services)
    _add_acts_on_one(routes, services)
    return routes


def _add_looks(routes: APIRouter, services: Services) -> None:
    @routes.get("", summary="Find exceptions")
    def find(_: Viewer, wanted: Annotated[Listing, Query()]) -> Page:
        asked = wanted.filter()
        rows = exceptions.find(services, asked, place_of(wanted.after) if wanted.after else None, wanted.limit + 1)
        more, rows = len(rows) > wanted.limit, rows[: wanted.limit]
        return Page(exceptions=[_row(each) for each in rows], next=mark_of(asked, rows) if more else None)

    @routes.get("/counts", summary="Count the open exceptions")
    def counts(_: Viewer) -> Counts:
        return _known(Counts, exceptions.counts(services))

    @routes.post("/preview", summary="What a retry would do")
    def preview(_: Operator, chosen: Chosen) -> Foreseen:
        return _known(Foreseen, vars(exceptions.preview(services, chosen.meant())))

    @routes.get("/{cause_id:int}", summary="One exception")
    def one(_: Viewer, cause_id: Id) -> View:
        return _view(_must_exist(services, cause_id))


def _add_acts_on_many(routes: APIRouter, services: Services) -> None:
    @routes.post("/acknowledge", summary="Somebody has seen them")
    def acknowledge(person: Operator, asked: Noting) -> Reached:
        return _done(_possible(lambda: exceptions.acknowledge(services, asked.ids, person)))

    @routes.post("/assign", summary="Say who deals with them")
    def assign(person: Operator, asked: Assigning) -> Reached:
        return _done(_possible(lambda: exceptions.assign(services, asked.ids, asked.to, person, asked.reason)))

    @routes.post("/mute", summary="No alerts for a while, or again")
    def mute(person: Operator, asked: Muting) -> Reached:
        until = asked.until and asked.until.astimezone(UTC)
        return _done(_possible(lambda: exceptions.mute(services, asked.ids, until, person, asked.reason)))

    @routes.post("/retry", summary="Try again what waits behind them")
    def retry(person: Operator, asked: Retrying) -> Reached:
        return _done(_possible(lambda: exceptions.retry(services, asked.meant(), person, asked.reason)))


def _add_acts_on_one(routes: APIRouter, services: Services) -> None:
    @routes.post("/{cause_id:int}/comment", summary="Add a line to its story")
    def comment(person: Operator, cause_id: Id, asked: Commenting) -> Reached:
        _must_exist(services, cause_id)
        _possible(lambda: exceptions.comment(services, cause_id, person, asked.text))
        return Reached(causes=1, items=0)

    @routes.post("/{cause_id:int}/resolve", summary="Say that it is settled where no look of ours can see it")
    def resolve(person: Operator, cause_id: Id, asked: Reasoned) -> Reached:
        _must_exist(services, cause_id)
        follows = _possible(lambda: exceptions.resolve(services, cause_id, person, asked.reason))
        return Reached(causes=1, items=0, follows=follows)

    @routes.post("/{cause_id:int}/release", summary="Let go what a guardrail stopped")
    def release(person: Operator, cause_id: Id, asked: Releasing) -> Reached:
        _must_exist(services, cause_id)
        items = _possible(lambda: exceptions.release(services, cause_id, asked.skus or (), person, asked.reason))
        return Reached(causes=1, items=items)


def _must_exist(services: Services, cause_id: int) -> dict[str, Any]:
    found = exceptions.one(services, cause_id)
    if found is None:
        raise HTTPException(404, f"There is no exception {cause_id}.")
    return found


def _possible(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except NotPossible as refused:
        raise HTTPException(409, refused.reason) from None


def _done(done: Done) -> Reached:
    return Reached(causes=done.causes, items=done.items)


def _known(shown: type[Shown], values: Mapping[str, Any], **more: Any) -> Shown:
    """The fields of an answer out of all that flows tell."""
    return shown(**{name: values[name] for name in shown.model_fields if name in values} | more)


def _row(row: Mapping[str, Any]) -> Row:
    return _known(Row, row, impact=_impact(row))


def _view(row: Mapping[str, Any]) -> View:
    return _known(
        View, row, impact=_impact(row), work=[_known(Work, each) for each in row["work"]],
        timeline=[_known(Line, {"by": None, "reason": None, **each}) for each in row["timeline"]],
    )  # fmt: skip


def _impact(row: Mapping[str, Any]) -> Impact | None:
    return None if row["impact"] is None else _known(Impact, row["impact"])
