"""What an address or a form about an order, a SKU or a flow carries is checked before anything looks at it."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import HTTPException
from pydantic import BaseModel, Field

from integration.flows import sending
from integration.flows.exceptions import NotPossible
from integration.flows.sending import Flow, Part
from integration.problems import Failure
from integration.services import Services
from integration.web.exception_filters import LARGEST_ID, Text, Word

MOST_CALLS = 200
"""Calls that a dry run shows on a page; the command line shows all."""


class Orders(BaseModel):
    """Which orders a page lists. `before`: the id of the last one on the page before."""

    q: Word = ""
    retailer: Word = ""
    state: Word = ""
    before: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class Skus(BaseModel):
    """Which SKUs a page lists. `after`: the last one on the page before."""

    q: Word = ""
    retailer: Word = ""
    after: Word = ""


class Looking(BaseModel):
    """One order or SKU, and the flow of which a dry run is wanted, if one is."""

    flow: Flow | None = None
    said: Word = ""
    pieces: Annotated[int, Field(ge=0)] = 0
    paused: Annotated[int, Field(ge=0)] = 0


class Sending(BaseModel):
    """Send now."""

    flow: Flow
    reason: Text


class Switching(BaseModel):
    """Pause or resume a flow; `retailer` empty: for all of them."""

    flow: Word
    retailer: Word = ""
    reason: Text


class DryRun(BaseModel):
    """What a flow would send now. `problem`: why that cannot be said."""

    flow: Flow
    calls: list[dict[str, Any]] = Field(default_factory=list)
    more: bool = False
    problem: str = ""


def dry_run(services: Services, flow: Flow, part: Part) -> DryRun:
    """The calls of a dry run, or why there is none; a platform that does not answer breaks no page.

    :raises HTTPException: 422: the flow does not go with what it is asked for.
    """
    found: list[dict[str, Any]] = []
    try:
        for call in sending.dry_run(services, flow, part):
            if len(found) == MOST_CALLS:
                return DryRun(flow=flow, calls=found, more=True)
            found.append(_readable(call))
    except NotPossible as refused:
        raise HTTPException(422, refused.reason) from None
    except Failure as failure:
        return DryRun(flow=flow, problem=failure.reason)
    return DryRun(flow=flow, calls=found)


def _readable(call: Mapping[str, Any]) -> dict[str, Any]:
    """The same with its body as indented text; amounts keep their own digits."""
    body = call.get("body")
    return {**call, "body": json.dumps(body, indent=2, default=str, ensure_ascii=False)} if body else dict(call)


def address(path: str, given: Mapping[str, Any], **more: Any) -> str:
    """A path with those fields that say something."""
    fields = {name: value for name, value in {**given, **more}.items() if value not in (None, "")}
    return f"{path}?{urlencode(fields)}" if fields else path


def told(form: Looking) -> str:
    """What a page says after something was sent. An address can name numbers, but no words of its own."""
    if form.said != "sent":
        return ""
    if not form.pieces:
        return "There was nothing to ask for."
    waits = f" {form.paused} of them wait until a paused flow is resumed." if form.paused else ""
    return f"Asked for {form.pieces} {'piece' if form.pieces == 1 else 'pieces'} of work.{waits}"


def options(flows: Iterable[Flow]) -> list[str]:
    """Flows to choose from."""
    return [flow.value for flow in flows]
