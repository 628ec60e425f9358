"""Every page of the console and every list of the API has an address here that a busy merchant's people would open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa

from benchmarks import console_past
from benchmarks.plan import Plan
from integration.storage import Store, found, search
from integration.storage.found import Filter
from integration.web.access import API
from integration.web.exception_filters import mark_of

NOWHERE = "nothing-has-this-name"


@dataclass(frozen=True)
class Visit:
    """One request. `body` makes it a POST of JSON, which only the API gets."""

    what: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Place:
    """What the addresses name: an exception of many and one of a guardrail, an order, a SKU, and deep pages."""

    cause: int
    guarded: int
    order: str
    sku: str
    deep: dict[str, str]


def visits(store: Store, plan: Plan, guarded: int, now: Any) -> list[Visit]:
    """All of them."""
    place = _place(store, plan, guarded, now)
    return [*_today(), *_exceptions(place), *_orders(place), *_skus(place), *_rest(place), *_api(place)]


def _place(store: Store, plan: Plan, guarded: int, now: Any) -> Place:
    everything = Filter()
    with store.read() as db:
        open_ones = found.find(db, everything, now=now, after=None, limit=plan.console_held)
        number = plan.console_orders // 2
        order = search.orders_page(db, before=number + 1, limit=1)[0]
        acts = db.scalar(sa.text("SELECT max(id) / 2 FROM activity"))
    sku = f"SKU-{plan.console_skus // 2:06}"
    place = mark_of(everything, open_ones[: len(open_ones) * 9 // 10])
    deep = {"exceptions": place, "orders": str(number), "skus": sku, "activity": str(acts)}
    return Place(open_ones[-1]["id"], guarded, f"{order['retailer']}/{order['reference']}", sku, deep)


def _visits(what: str, path: str, **queries: dict[str, Any]) -> list[Visit]:
    return [Visit(f"{what}: {name.replace('_', ' ')}", f"{path}?{urlencode(query)}") for name, query in queries.items()]


def _today() -> list[Visit]:
    return [Visit("today", "/"), Visit("today, the part that renews itself", "/", {"HX-Request": "true"})]


def _exceptions(place: Place) -> list[Visit]:
    whole = {"scope": "filter", "kind": console_past.HELD_KIND}
    return [
        Visit("exceptions", "/exceptions"),
        *_visits(
            "exceptions", "/exceptions", a_late_page={"after": place.deep["exceptions"]},
            of_a_retailer={"retailer": "northgate"}, of_a_retailer_with_none={"retailer": "calder"},
            with_a_word={"text": "sku-0000"}, with_a_word_of_none={"text": NOWHERE}, closed_ones={"state": "closed"},
        ),
        Visit("one exception", f"/exceptions/{place.cause}"),
        Visit("one exception with thousands behind it", f"/exceptions/{place.guarded}"),
        *_visits("preview", "/exceptions/preview", of_all_of_a_kind=whole,
                 of_a_guardrail={"scope": "ticked", "ids": place.guarded}),
    ]  # fmt: skip


def _orders(place: Place) -> list[Visit]:
    reference = place.order.partition("/")[2]
    number = 10_000 + int(reference[1:])
    return [
        Visit("orders", "/orders"),
        *_visits(
            "orders", "/orders", a_late_page={"before": place.deep["orders"]}, of_a_retailer={"retailer": "calder"},
            of_a_state={"state": "acknowledged"}, of_a_rare_state={"state": "cancelled", "retailer": "calder"},
        ),
        *_visits(
            "orders by", "/orders", reference={"q": reference}, number_in_Centra={"q": number}, SKU={"q": place.sku},
            tracking_number={"q": f"TR{number}"}, beginning={"q": reference[:6].lower()}, nothing={"q": NOWHERE},
        ),
        Visit("one order", f"/orders/{place.order}"),
    ]


def _skus(place: Place) -> list[Visit]:
    return [
        Visit("SKUs", "/skus"),
        *_visits("SKUs", "/skus", a_late_page={"after": place.sku}, of_a_retailer={"retailer": "fernhill"}),
        *_visits("SKUs by", "/skus", name={"q": place.sku}, a_part={"q": place.sku[-5:]}, nothing={"q": NOWHERE}),
        Visit("one SKU", f"/skus/{quote(place.sku)}"),
    ]


def _rest(place: Place) -> list[Visit]:
    by = {"by": "person-3"}
    return [
        Visit("retailers", "/retailers"), Visit("one retailer with its scorecard", "/retailers/northgate"),
        Visit("activity", "/activity"),
        *_visits("activity", "/activity", a_late_page={"before": place.deep["activity"]}, of_one_person=by,
                 of_a_person_of_none={"by": NOWHERE}, about_one_thing={"about": "cause", "subject": "7"}),
        Visit("mappings", "/mappings"), Visit("mappings: a document", "/mappings/edit?name=carriers"),
        Visit("mappings: history", "/mappings/history"), Visit("mappings: suggestions", "/mappings/suggestions"),
        Visit("mappings: a version", "/mappings/versions/2"), Visit("manual", "/manual"),
        Visit("manual: a page", "/manual/zero-guard"), Visit("login", "/login"),
    ]  # fmt: skip


def _api(place: Place) -> list[Visit]:
    whole = {"filter": {"kind": console_past.HELD_KIND}}
    plain: Sequence[str] = (
        "me", "status", "activity", "exceptions", "exceptions/counts", f"exceptions/{place.cause}", "orders",
        f"orders/{place.order}", f"orders?q={NOWHERE}", "skus", f"skus/{place.sku}", f"skus?q={NOWHERE}", "flows",
        "retailers", "retailers/northgate/scorecard", "mappings", "mappings/export", "mappings/drift",
        "mappings/suggestions", "mappings/history", "mappings/versions/2",
        f"exceptions?{urlencode({'after': place.deep['exceptions'], 'limit': 100})}",
    )  # fmt: skip
    looks = [Visit(f"API: {path.partition('?after')[0]}", f"{API}/{path}") for path in plain]
    return [*looks, Visit("API: preview of all of a kind", f"{API}/exceptions/preview", body=whole)]
