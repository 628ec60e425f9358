"""What product data and prices a retailer would be sent can be seen attribute by attribute, and nothing is sent.

A row is judged by the very functions that a push asks, and the rows come page by page however many there are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import TypeVar

import sqlalchemy as sa

from integration import kinds
from integration.centra import content
from integration.domain.articles import Article
from integration.flows import creations, price_guard
from integration.flows.catalogue_report import stored_products
from integration.flows.product_judgement import Judgement, judge
from integration.flows.product_moves import Move, moves
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import contents, journal, listings, products

Seen = TypeVar("Seen")
AT_ONCE = 100
CREATION = "(new)"
"""Stands for the attribute in the row that says that a listing is created."""
EAN, IMAGE = "(EAN)", "(image)"
AGAIN = "sent again: nobody knows what became of an earlier call"
HELD = "waits until what is invalid has been corrected"
LINKS = "its image links are being checked"
SHADED = "only written down: the retailer's switch says shadow"


class State(StrEnum):
    """What becomes of an attribute now."""

    SEND = "send"
    STOPPED = "stopped"
    INVALID = "invalid"
    SHADOW = "shadow"
    WAITS = "waits"


@dataclass(frozen=True)
class Row:
    """One attribute of one listing that differs from what the retailer accepted, or that cannot be sent.

    `sentence` says why it is not sent, or what is special about it.
    """

    retailer: str
    sku: str
    part_number: str
    attribute: str
    old: str
    new: str
    source: str
    state: State
    sentence: str


def rows(services: Services, *, sku: str | None = None, retailer: str | None = None) -> Iterator[Row]:
    """What would be sent for one SKU, to one retailer, or all; those of a listing stand together."""
    for code in _codes(services, retailer):
        stopped = _foreseen(services, services.rules().retailers[code], sku)
        for page in _pages(services, code, sku, partial(_judged, services, stopped)):
            yield from chain.from_iterable(page)
    for profile, article in new_articles(services, sku=sku, retailer=retailer):
        yield from _creation(services, profile, article)


def new_articles(
    services: Services, *, sku: str | None = None, retailer: str | None = None
) -> Iterator[tuple[Retailer, Article]]:
    """The articles on sale that a retailer lacks and that its profile lets us create."""
    with services.store.read() as db:
        profiles = [
            profile
            for code in _codes(services, retailer)
            if creations.creates(profile := services.rules().retailers[code])
            and journal.watermark(db, creations.READS + code)
        ]
    if profiles:
        for page in _products(services, sku):
            for profile in profiles:
                yield from ((profile, each) for each in _missing(services, profile, page, sku))


def _codes(services: Services, retailer: str | None) -> list[str]:
    return [code for code in services.rules().retailers if retailer in (None, code)]


def _foreseen(services: Services, profile: Retailer, sku: str | None) -> Problem | None:
    """What would stop all prices of the retailer. It takes a look at all of them before the first is shown."""
    if not price_guard.concerns(profile):
        return None
    tally = price_guard.Tally(profile)
    for _ in _pages(services, profile.code, sku, tally.add):
        continue
    with services.store.read() as db:
        return price_guard.foreseen(db, tally, services.now())


def _judged(services: Services, stopped: Problem | None, db: sa.Connection, move: Move) -> list[Row]:
    return list(_rows(move, judge(db, move, services.now(), price_guard.kept_back(db, move, stopped))))


def _pages(
    services: Services, retailer: str, sku: str | None, look: Callable[[sa.Connection, Move], Seen]
) -> Iterator[list[Seen]]:
    """What a look at each move shows, page by page: those of all listings, or of one SKU."""
    after = 0
    while True:
        with services.store.read() as db:
            found = (
                contents.of_listings(db, retailer, after, AT_ONCE)
                if sku is None else contents.of_sku(db, retailer, sku)
            )  # fmt: skip
            seen = [look(db, move) for move in moves(db, services.rules(), found, services.now())]
        yield seen
        if sku is not None or len(found) < AT_ONCE:
            return
        after = found[-1].listing_id


def _rows(move: Move, judgement: Judgement) -> Iterator[Row]:
    for problem in judgement.problems:
        yield _row(move, _about(problem), "", State.INVALID, problem.sentence)
    for name, text in {**move.real, **move.shadow}.items():
        yield _row(move, name, text, *_state(move, judgement, name))


def _about(problem: Problem) -> str:
    """The attribute that a problem is about, or what stands for it where it may be several."""
    others = {kinds.DUPLICATE_EAN: EAN, kinds.IMAGE_BROKEN: IMAGE}
    return problem.facts.get("attribute") or others.get(problem.kind, CREATION)


def _state(move: Move, judgement: Judgement, name: str) -> tuple[State, str]:
    if judgement.held:
        return State.WAITS, HELD
    if name in move.shadow:
        return State.SHADOW, SHADED
    if judgement.stopped is not None and name not in judgement.sent:
        return State.STOPPED, judgement.stopped.sentence
    if judgement.wait is not None:
        return State.WAITS, judgement.wait.why
    value = move.wanted.values.get(name)
    return State.SEND, AGAIN if move.listed.unsettled else (value and value.warning) or ""


def _row(move: Move, name: str, new: str, state: State, sentence: str) -> Row:
    listed, value, price = move.listed, move.wanted.values.get(name), move.wanted.prices.get(name)
    source = price.source if price else value.source if value else ""
    return Row(listed.retailer, listed.sku, listed.part_number, name, listed.accepted.get(name, ""), new, source, state,
               sentence)  # fmt: skip


def _products(services: Services, sku: str | None) -> Iterable[list[content.Product]]:
    if sku is None:
        return stored_products(services)
    with services.store.read() as db:
        found = products.of_sku(db, sku)
    return [[found]] if found else []


def _missing(
    services: Services, profile: Retailer, page: list[content.Product], sku: str | None
) -> list[Article]:
    offered = {each.size.id: each for product in page for each in creations.offered(product, profile)
               if sku in (None, each.size.sku)}  # fmt: skip
    with services.store.read() as db:
        listed = listings.listed_sizes(db, profile.code, offered)
        # Two sizes with one SKU are never guessed between.
        return [each for size_id, each in offered.items() if size_id not in listed and _is_clear(db, each)]


def _is_clear(db: sa.Connection, article: Article) -> bool:
    found = products.of_sku(db, article.size.sku or "")
    return found is not None and found.id == article.product.id


def _creation(services: Services, profile: Retailer, article: Article) -> Iterator[Row]:
    """The rows of one listing that would be made."""
    draft = creations.draft(services, profile, article)
    state, why = State.SEND, ""
    if draft.problems:
        state, why = State.WAITS, HELD
    elif draft.links:
        state, why = State.WAITS, LINKS
    elif profile.switches.products == "shadow":
        state, why = State.SHADOW, SHADED

    def row(name: str, new: str, source: str, state: State, sentence: str) -> Row:
        return Row(profile.code, article.size.sku or "", draft.number, name, "", new, source, state, sentence)

    yield row(CREATION, draft.number, "", state, why or f"would be created in category {draft.category}")
    for problem in draft.problems:
        yield row(_about(problem), "", "", State.INVALID, problem.sentence)
    for name, value in draft.want.values.items():
        if value.text:
            yield row(name, value.text, value.source, state, why)
    for name, price in draft.prices.items():
        yield row(name, f"{price.amount:f}", price.source, state, why)
