"""Programs read how things stand and who did what, as people do on the first page and on that of activities."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from integration.flows import activity, report
from integration.people import Person, Role
from integration.services import Services
from integration.web.access import needs
from integration.web.api_models import Answer
from integration.web.exception_filters import Word

MOST = 200
Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]


class Flow(Answer):
    """One flow: pieces of work that wait for their turn and for a person, and how fresh it is."""

    open: int
    held: int
    oldest_open_seconds: float | None
    last_success_at: datetime | None
    paused: bool
    paused_for: list[str]
    shadow: list[str]


class Quota(Answer):
    """One quota: requests in its last window. All null, and `error`, where it cannot be asked."""

    limit: int | None = None
    used: int | None = None
    window_seconds: int | None = None
    throttled: int | None = None
    open: bool | None = None
    held_for: float | None = None
    error: str | None = None


class Deadline(Answer):
    """Orders whose clock of this name is nearly over, and is over."""

    near: int
    missed: int


class Status(Answer):
    """How things stand now."""

    flows: dict[str, Flow]
    quotas: dict[str, Quota]
    deadlines: dict[str, Deadline]
    exceptions: int
    exceptions_by_owner: dict[str, int]


class Deed(Answer):
    """Something that somebody did."""

    id: int
    at: datetime
    by: str
    door: str
    verb: str
    about: str
    subject: str
    reason: str
    facts: dict[str, Any]


class Deeds(Answer):
    """What people did, newest first; `next` is the `before` of the following page."""

    activities: list[Deed]
    next: int | None


class Wanted(Answer):
    """Which part of the record."""

    about: Word = ""
    subject: Word = ""
    by: Word = ""
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50


def router(services: Services) -> APIRouter:
    """The calls."""
    routes = APIRouter(tags=["status"])

    @routes.get("/status", summary="How things stand")
    def standing(_: Viewer) -> Status:
        found = report.status(services)
        return Status(
            flows={name: Flow(**flow) for name, flow in found["flows"].items()},
            quotas={name: Quota(**_known(quota)) for name, quota in found["quotas"].items()},
            deadlines={name: Deadline(**counts) for name, counts in found["deadlines"].items()},
            exceptions=found["exceptions"]["open"], exceptions_by_owner=found["exceptions"]["by_owner"],
        )  # fmt: skip

    @routes.get("/activity", summary="Who did what")
    def deeds(_: Viewer, wanted: Annotated[Wanted, Query()]) -> Deeds:
        asked = activity.Wanted(wanted.about or None, wanted.subject or None, wanted.by or None)
        rows = activity.read(services, asked, before=wanted.before, limit=wanted.limit + 1)
        shown = rows[: wanted.limit]
        return Deeds(
            activities=[Deed(**row) for row in shown], next=shown[-1]["id"] if len(rows) > len(shown) else None
        )

    return routes


def _known(quota: dict[str, Any]) -> dict[str, Any]:
    """What the API promises of a quota; its buckets are our own affair."""
    return {name: value for name, value in quota.items() if name in Quota.model_fields}
