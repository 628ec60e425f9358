"""Every page of the console by name, and how somebody gets there on a busy day."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from playwright.sync_api import Page, expect

from integration.people import Role
from tests.browser.day import LONG, SKU, Day
from tests.browser.deeds import DOCUMENT, edit_mapping

Way = Callable[[Page, Day], object]


def _at(path: str) -> Way:
    return lambda page, _day: page.goto(path)


def _exception(kind: str) -> Way:
    return lambda page, day: page.goto(f"/exceptions/{day.exceptions[kind]}")


def _order(name: str, more: str = "") -> Way:
    return lambda page, day: page.goto(f"/orders/{quote(day.orders[name].subject)}{more}")


def _unfolded(way: Way) -> Way:
    """The same page with everything that it has folded away."""

    def go(page: Page, day: Day) -> None:
        way(page, day)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")

    return go


def _mistakes(page: Page, _day: Day) -> None:
    edit_mapping(page, "carriers", "slug: royal-mail", f"slug: {LONG}\n  wrong: [")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was published")


def _preview(page: Page, _day: Day) -> None:
    edit_mapping(page, "carriers", "- {", "- {retailer: null, carrier: Whistl & Sons, service: Two Day, slug: dx}\n- {")
    expect(page.locator("#effect")).to_be_visible()


def _wrong_password(page: Page, _day: Day) -> None:
    page.goto("/login?next=/activity")
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _long_draft(page: Page, _day: Day) -> None:
    page.goto("/mappings/edit?name=products")
    page.get_by_label(DOCUMENT).fill(f"- {LONG}")


PLACES: Mapping[str, Way] = {
    "today": _at("/"), "today with tables": _unfolded(_at("/")),
    "exceptions": _at("/exceptions"), "exceptions filtered": _unfolded(_at("/exceptions?severity=act+now")),
    "exceptions closed": _at("/exceptions?state=closed"), "exceptions none": _at("/exceptions?text=nothing+like+it"),
    "exceptions muted": _at("/exceptions?state=muted"),
    "before acting": _unfolded(_at("/exceptions/preview?scope=filter&state=open")),
    "exception of a carrier": _exception("unmapped-carrier"), "exception of an order": _exception("order-refused"),
    "exception with forms": _unfolded(_exception("unmapped-carrier")),
    "exception of a guardrail": _unfolded(_exception("price-guard")), "exception of an SKU": _exception("unmapped-sku"),
    "exception of stock": _exception("stock-refused"), "exception muted": _exception("content-invalid"),
    "exception closed": _exception("tracking-missing"), "exception of a return": _exception("return-to-authorise"),
    "orders": _at("/orders"), "orders found": _at("/orders?q=8002"), "order in parts": _order("sent"),
    "order returned": _order("returned"), "order held": _order("markup"), "order cancelled": _order("cancelled"),
    "order tried": _order("sent", "?flow=dispatches"),
    "skus": _at("/skus"), "sku": _unfolded(_at(f"/skus/{SKU}")), "sku tried": _at(f"/skus/{SKU}?flow=products"),
    "sku stock tried": _at(f"/skus/{SKU}?flow=stock"), "sku unknown": _at("/skus/NOTHING"),
    "mappings": _unfolded(_at("/mappings")), "mapping": _at("/mappings/edit?name=retailers%2Fcalder"),
    "mapping with mistakes": _mistakes, "mapping before publishing": _preview, "mapping too wide": _long_draft,
    "suggestions": _at("/mappings/suggestions"), "versions": _at("/mappings/history"),
    "version": _unfolded(_at("/mappings/versions/2")),
    "retailers": _at("/retailers"), "retailers with switches": _unfolded(_at("/retailers")),
    "retailer": _at("/retailers/calder"), "retailer paused": _unfolded(_at("/retailers/fernhill")),
    "activity": _at("/activity"), "activity of one": _at("/activity?by=olga&about=cause"),
    "runbooks": _at("/manual"), "runbook": _at("/manual/unmapped-carrier"), "nowhere": _at("/nowhere"),
}  # fmt: skip
"""For somebody who is in."""
OUTSIDE: Mapping[str, Way] = {"login": _at("/login"), "login refused": _wrong_password}
"""For somebody who is not."""
ROLE = Role.ADMIN
"""Sees every button that there is."""
