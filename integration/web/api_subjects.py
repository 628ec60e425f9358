"""Programs look up orders and SKUs, have them sent, and switch flows, as people do in the console and no further."""

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from integration.flows import order_report, pauses, report, scorecard, search, sending
from integration.flows.exceptions import NotPossible
from integration.flows.sending import Part
from integration.http import to_json
from integration.people import Person, Role
from integration.problems import Failure
from integration.rulebook import Retailer as Profile
from integration.services import Services
from integration.web import api_subject_models as shapes
from integration.web.access import needs

MOST_CALLS = 1000
"""Calls of a dry run that are shown."""
Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]
Admin = Annotated[Person, Depends(needs(Role.ADMIN))]
Rest = Annotated[str, Path(max_length=200)]
Result = TypeVar("Result")


def router(services: Services) -> APIRouter:
    """The calls."""
    routes = APIRouter()
    _add_orders(routes, services)
    _add_skus(routes, services)
    _add_sending(routes, services)
    _add_flows(routes, services)
    _add_retailers(routes, services)
    return routes


def _add_orders(routes: APIRouter, services: Services) -> None:
    @routes.get("/orders", tags=["orders"], summary="Find orders")
    def find(_: Viewer, wanted: Annotated[shapes.Orders, Query()]) -> shapes.OrderPage:
        found = search.orders(
            services, wanted.q, retailer=wanted.retailer or None, state=wanted.state or None, before=wanted.before,
            limit=wanted.limit + 1,
        )  # fmt: skip
        rows = found[: wanted.limit]
        following = rows[-1]["id"] if len(found) > len(rows) and not wanted.q else None
        return shapes.OrderPage(orders=[shapes.OrderRow(**row) for row in rows], next=following)

    @routes.get("/orders/{retailer}/{reference:path}", tags=["orders"], summary="One order")
    def one(_: Viewer, retailer: Rest, reference: Rest) -> shapes.Order:
        found = order_report.order(services, _readable(f"{retailer}/{reference}"))
        mine = [each for each in found if (each["retailer"], each["reference"]) == (retailer, reference)]
        if not mine:
            raise HTTPException(404, "There is no such order.")
        return _order(mine[0])


def _add_skus(routes: APIRouter, services: Services) -> None:
    @routes.get("/skus", tags=["skus"], summary="Find SKUs")
    def find(_: Viewer, wanted: Annotated[shapes.Skus, Query()]) -> shapes.SkuPage:
        found = search.skus(
            services, wanted.q, retailer=wanted.retailer or None, after=wanted.after, limit=wanted.limit + 1
        )
        rows = found[: wanted.limit]
        following = rows[-1]["sku"] if len(found) > len(rows) and not wanted.q else None
        return shapes.SkuPage(skus=[shapes.SkuRow.model_validate(row) for row in rows], next=following)

    @routes.get("/skus/{sku:path}", tags=["skus"], summary="One SKU")
    def one(_: Viewer, sku: Rest) -> shapes.Sku:
        found = report.sku(services, _readable(sku))
        if found is None:
            raise HTTPException(404, "Nothing is known of such a SKU.")
        return shapes.Sku.model_validate({**found, "timeline": _story(found["timeline"])})


def _add_sending(routes: APIRouter, services: Services) -> None:
    @routes.post("/dry-run", tags=["orders", "skus"], summary="What would be sent; nothing is")
    def dry_run(_: Viewer, asked: shapes.Trying) -> shapes.Calls:
        part = _part(services, asked)
        # One more than is shown tells that there is more.
        calls = _possible(lambda: list(islice(sending.dry_run(services, asked.flow, part), MOST_CALLS + 1)))
        return shapes.Calls(would_send=json.loads(to_json(calls[:MOST_CALLS])), more=len(calls) > MOST_CALLS)

    @routes.post("/send", tags=["orders", "skus"], summary="Send now what is due")
    def send(person: Operator, asked: shapes.Asking) -> shapes.Sent:
        part = _part(services, asked)
        sent = _possible(lambda: sending.send_now(services, asked.flow, part, person, asked.reason))
        return shapes.Sent(pieces=len(sent.asked), paused=sent.paused)


def _add_flows(routes: APIRouter, services: Services) -> None:
    @routes.get("/flows", tags=["flows"], summary="Every flow at every retailer")
    def switches(_: Viewer) -> list[shapes.Switch]:
        return [shapes.Switch.model_validate(each) for each in pauses.switches(services)]

    @routes.post("/flows/pause", tags=["flows"], summary="Stop a flow")
    def pause(person: Admin, asked: shapes.Switching) -> shapes.Switched:
        _possible(lambda: pauses.pause(services, asked.flow, asked.retailer, person, asked.reason))
        return shapes.Switched(due=0)

    @routes.post("/flows/resume", tags=["flows"], summary="Let a flow go on and catch up")
    def resume(person: Admin, asked: shapes.Switching) -> shapes.Switched:
        return shapes.Switched(
            due=_possible(lambda: pauses.resume(services, asked.flow, asked.retailer, person, asked.reason))
        )


def _add_retailers(routes: APIRouter, services: Services) -> None:
    @routes.get("/retailers", tags=["retailers"], summary="The retailers")
    def all_of_them(_: Viewer) -> list[shapes.Retailer]:
        found = pauses.switches(services)
        return [_retailer(profile, found) for profile in services.rules().retailers.values()]

    @routes.get("/retailers/{code}/scorecard", tags=["retailers"], summary="How we look to a retailer")
    def card(_: Viewer, code: Rest) -> shapes.Scorecard:
        if code not in services.rules().retailers:
            raise HTTPException(404, "There is no such retailer.")
        return _card(scorecard.card(services, code))


def _part(services: Services, asked: shapes.Trying) -> Part:
    """The one order or SKU that is meant; it must be known, or a slip of the pen would read as "nothing to do"."""
    if asked.order is not None and not order_report.order(services, asked.order):
        raise HTTPException(404, "There is no such order.")
    if asked.sku is not None and report.sku(services, asked.sku) is None:
        raise HTTPException(404, "Nothing is known of such a SKU.")
    return Part(sku=asked.sku, order=asked.order)


def _possible(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except (NotPossible, Failure) as refused:
        raise HTTPException(409, refused.reason) from None


def _readable(name: str) -> str:
    if "\0" in name:
        raise HTTPException(404, "Nothing has such a name.")
    return name


def _order(found: Mapping[str, Any]) -> shapes.Order:
    named = {name: found[name] for name in shapes.Order.model_fields if name in found}
    known = {
        "clocks": found["deadlines"]["clocks"],
        "exceptions": [{name: each[name] for name in shapes.OfOrder.model_fields} for each in found["causes"]],
        "timeline": _story(found["timeline"]),
    }
    return shapes.Order.model_validate({**named, **known})


def _story(lines: list[dict[str, Any]]) -> list[shapes.Event]:
    return [
        shapes.Event(
            at=line["at"], what=line["what"],
            facts={name: value for name, value in line.items() if name not in ("at", "what")},
        )
        for line in lines
    ]  # fmt: skip


def _retailer(profile: Profile, found: list[dict[str, Any]]) -> shapes.Retailer:
    flows = [shapes.Switch.model_validate(each) for each in found if each["retailer"] == profile.code]
    return shapes.Retailer(
        code=profile.code, name=profile.name, timezone=profile.timezone, currency=profile.currency, flows=flows
    )


def _card(card: scorecard.Card) -> shapes.Scorecard:
    scores = [
        shapes.Score(
            measure=each.measure.value, some=each.count.some, all=each.count.all, percent=each.percent,
            wanted=each.wanted, at_most=each.at_most, verdict=each.verdict.value, spare=each.spare,
        )
        for each in card.scores
    ]  # fmt: skip
    half, most = (None if each is None else each.total_seconds() for each in (card.typical, card.slowest))
    return shapes.Scorecard(
        retailer=card.retailer, since=card.since, scores=scores, acknowledged_within_seconds_half=half,
        acknowledged_within_seconds_most=most,
    )  # fmt: skip
