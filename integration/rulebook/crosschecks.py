"""Documents that are right one by one also fit together: names refer to something, and nothing is said twice."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from integration.kinds import Team
from integration.rulebook.base import folded
from integration.rulebook.contentchecks import contents, pricelists
from integration.rulebook.finding import Finding, said_twice
from integration.rulebook.mapchecks import field_maps
from integration.rulebook.reader import Location

if TYPE_CHECKING:
    from integration.rulebook.book import Rulebook


def findings(book: "Rulebook") -> list[Finding]:
    """Everything in which the documents contradict each other, each with the place where it stands."""
    return [finding for check in _CHECKS for finding in check(book)]


def _retailers(book: "Rulebook") -> Iterator[Finding]:
    if not book.retailers:
        yield ("retailers",), "there is no retailer"
    for code, retailer in book.retailers.items():
        here = ("retailers", code)
        if retailer.code != code:
            yield (*here, "code"), f"is {retailer.code}, but the file is named {code}"
        if retailer.sla.calendar not in book.calendars:
            yield (*here, "sla", "calendar"), f"{retailer.sla.calendar} is not in calendars.yaml"
        yield from said_twice((*here, "centra", "shipping", "services"), map(folded, retailer.centra.shipping.services))
        for index, key in enumerate(retailer.sku_key.order):
            if key.meets == "listing" and key.virtualstock != "part_number":
                yield (*here, "sku_key", "order", index), "only part_number can be looked up in the listing"


def _shared_between_retailers(book: "Rulebook") -> Iterator[Finding]:
    orders: dict[tuple[str, int], str] = {}
    products: dict[tuple[str, int], str] = {}
    rates: dict[str, tuple[str, int]] = {}
    currencies: dict[int, tuple[str, str]] = {}
    for code, retailer in book.retailers.items():
        platform, credential = retailer.virtualstock, retailer.credential
        for field, number, seen in (
            ("customer_id", platform.customer_id, orders),
            ("client_id", platform.client_id, products),
        ):
            if (other := seen.setdefault((credential, number), code)) != code:
                yield ("retailers", code, "virtualstock", field), f"{number} already belongs to {other}"
        other, rate = rates.setdefault(credential, (code, retailer.requests_per_minute))
        if rate != retailer.requests_per_minute:
            yield (
                ("retailers", code, "requests_per_minute"),
                f"{other} uses the same credential and says {rate}; they share one quota",
            )
        for number in sorted(pricelists(retailer)):
            other, currency = currencies.setdefault(number, (code, retailer.currency))
            if currency != retailer.currency:
                yield (
                    ("retailers", code, "currency"),
                    f"{other} uses pricelist {number} in {currency}; a pricelist has one currency",
                )


def _carriers(book: "Rulebook") -> Iterator[Finding]:
    for index, row in enumerate(book.carriers):
        yield from _known_retailer(book, ("carriers", index), row.retailer)
        own = book.retailers.get(row.retailer) if row.retailer is not None else None
        if own is not None and own.dispatch.carriers is not None and row.slug not in own.dispatch.carriers:
            yield ("carriers", index, "slug"), f"{row.slug} is not among the dispatch.carriers of {row.retailer}"
    yield from said_twice(
        ("carriers",),
        ((row.retailer, folded(row.carrier), row.service and folded(row.service)) for row in book.carriers),
    )


def _products(book: "Rulebook") -> Iterator[Finding]:
    for index, row in enumerate(book.products):
        yield from _known_retailer(book, ("products", index), row.retailer)
    yield from said_twice(("products",), ((row.retailer, row.part_number) for row in book.products))


def _buffers(book: "Rulebook") -> Iterator[Finding]:
    for index, row in enumerate(book.stock.buffers):
        yield from _known_retailer(book, ("stock", "buffers", index), row.retailer)
    yield from said_twice(("stock", "buffers"), ((row.retailer, row.sku, row.sku_prefix) for row in book.stock.buffers))


def _calendars(book: "Rulebook") -> Iterator[Finding]:
    for code, calendar in book.calendars.items():
        yield from said_twice(("calendars", code, "closed"), (closed.day for closed in calendar.closed))


def _teams(book: "Rulebook") -> Iterator[Finding]:
    for team in Team:
        if team not in book.teams:
            yield ("teams",), f"the team {team} is missing; exceptions are assigned to it"


def _known_retailer(book: "Rulebook", here: Location, code: str | None) -> Iterator[Finding]:
    if code is not None and code not in book.retailers:
        yield (*here, "retailer"), f"there is no retailer {code}"


_CHECKS: tuple[Callable[["Rulebook"], Iterator[Finding]], ...] = (
    _retailers, _shared_between_retailers, _carriers, _products, _buffers, _calendars, _teams,
    field_maps, contents,
)  # fmt: skip
