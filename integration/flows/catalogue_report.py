"""Whether a retailer's catalogue and Centra's name the same articles can be seen row by row; nothing is ever guessed.

Everything is told from the database, page by page, however large a catalogue is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from integration.centra import content
from integration.domain.articles import on_sale
from integration.flows import catalogue, creations
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import journal, listings, products
from integration.storage.listings import Entry
from integration.virtualstock.schema import Product as ListedProduct

LISTINGS_AT_ONCE, PRODUCTS_AT_ONCE = 500, 50


class State(StrEnum):
    """How an article of ours and a retailer's listing meet."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    ONLY_THERE = "only there"
    ONLY_HERE = "only here"


@dataclass(frozen=True)
class Row:
    """One listing of a retailer, or one article on sale in the retailer's market that it does not list.

    `candidates`: the SKUs that a listing without an article of ours may be.
    """

    state: State
    retailer: str
    part_number: str | None
    product_id: int | None
    sku: str | None
    ean: str | None
    candidates: tuple[str, ...] = ()


def report(
    services: Services, counts: Mapping[str, Counter[State]], *, retailer: str | None = None
) -> Iterator[Row]:
    """Every row of one retailer or of all; `counts`, by retailer, is filled as they come."""
    for row in _rows(services, retailer):
        counts[row.retailer][row.state] += 1
        yield row


def readings(services: Services, retailers: Iterable[str]) -> dict[str, dict[str, int]]:
    """How far the reading of each catalogue is: products read of the one under way, and how often it was complete."""
    with services.store.read() as db:
        return {
            code: {
                "offset": journal.watermark(db, f"listings-offset/{code}"),
                "complete_readings": journal.watermark(db, creations.READS + code),
            }
            for code in retailers
        }


def stored_products(services: Services) -> Iterator[list[content.Product]]:
    """All products that have been read and are not gone, page by page."""
    after = 0
    while True:
        with services.store.read() as db:
            found = products.page(db, after, PRODUCTS_AT_ONCE)
        if not found:
            return
        after = found[-1].id
        yield found


def _rows(services: Services, retailer: str | None) -> Iterator[Row]:
    profiles = [each for code, each in services.rules().retailers.items() if retailer in (None, code)]
    for profile in profiles:
        yield from _listed(services, profile)
    for page in stored_products(services):
        for profile in profiles:
            yield from _only_here(services, profile, page)


def _listed(services: Services, profile: Retailer) -> Iterator[Row]:
    after = 0
    while True:
        with services.store.read() as db:
            found = listings.entries(db, profile.code, after, LISTINGS_AT_ONCE)
            rows = [_row(services, db, profile, each) for each in found]
        yield from rows
        if len(found) < LISTINGS_AT_ONCE:
            return
        after = found[-1].listing_id


def _row(services: Services, db: sa.Connection, profile: Retailer, listing: Entry) -> Row:
    known = (profile.code, listing.part_number, listing.product_id, listing.sku, listing.ean)
    if listing.size_id is not None:
        return Row(State.MATCHED, *known)
    shown = ListedProduct.model_validate({"part_number": listing.part_number, "data": listing.shown})
    found = sorted(sku for _, sku in catalogue.candidates(db, services.rules(), profile, shown))
    # A single one has come to Centra since the catalogue was read; the next reading takes it.
    return Row(State.AMBIGUOUS if len(found) > 1 else State.ONLY_THERE, *known, tuple(found))


def _only_here(services: Services, profile: Retailer, page: Iterable[content.Product]) -> Iterator[Row]:
    store, market = profile.centra.store, profile.centra.market
    offered = [each for product in page for each in on_sale(product, store=store, market=market)]
    with services.store.read() as db:
        listed = listings.listed_sizes(db, profile.code, [each.size.id for each in offered], still=True)
    for each in offered:
        if each.size.id not in listed:
            yield Row(State.ONLY_HERE, profile.code, None, None, each.size.sku, each.size.ean)
