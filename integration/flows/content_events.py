"""Whatever part of a product an event names, that product is read again, and stock and orders never wait for it.

These events come in bulk, so they are read apart from those about orders, in the lane of content. Centra keeps them
until they are confirmed: they are marked first and confirmed after, and need no inbox.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from integration import policy, steps
from integration.centra.catalogue import PartKind
from integration.centra.client import CONTENT_EVENTS
from integration.centra.schema import Event
from integration.flows import products as product_flow
from integration.flows.intake import EVENTS, EVENTS_PAGE, id_of, report_unreadable
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import Failure, Throttled
from integration.services import Services
from integration.storage import journal, products, sizes
from integration.storage.products import Rest

PAGES = 5
"""Pages of events a run. Each may need five calls, and all of them must fit into a claim."""
PARTS: Mapping[str, str] = {
    "product": "product", "productvariant": "variant", "productsize": "size", "display": "display", "price": "price",
    "productmedia": "image", "category": "category", "brand": "brand", "collection": "collection",
}  # fmt: skip
"""Event types in lower case, and what storage calls the part that they name. Of all other types nobody can tell which
products they concern: a display, for one, names the share of a variant in a campaign, which has an id of its own."""
ASKED_FOR: tuple[PartKind, ...] = ("variant", "size", "display")
"""Parts that tell their product by id. One that we do not know may be new in a product that we do know."""
URGENT = frozenset({"price"})
"""Parts of which a change is told at once. Of all else staff may save more in the next minute."""
TOLD_OTHERWISE = frozenset({"image"})
"""Parts that nobody needs to look for: the product, variant and display that an image is put into get an event of their
own. Centra docs: Integration API, handling events."""

log = structlog.get_logger(__name__)


@dataclass
class _Named:
    """What a page of events says about content."""

    parts: dict[str, set[int]] = field(default_factory=dict)
    anything: bool = False
    unreadable: list[str] = field(default_factory=list)


def read(services: Services, _subject: str) -> Findings:
    """Read some pages of events about content. Each is marked before it is confirmed: a kill in between marks twice.

    :raises Throttled: our quota for content is used up; what is not confirmed comes again.
    """
    for _ in range(PAGES):
        events = services.centra.events(CONTENT_EVENTS, EVENTS_PAGE, lane=Lane.CATALOGUE)
        if events:
            _absorb(services, events)
            services.centra.confirm_events([event.id for event in events], lane=Lane.CATALOGUE)
        if len(events) < EVENTS_PAGE:
            return None
    with services.store.write() as db:
        services.promise(db, steps.INTAKE_CONTENT, [steps.CENTRA])
    return None


def _absorb(services: Services, events: Sequence[Event]) -> None:
    """Mark as stale what the events name, and promise the readings.

    What Centra does not say of unknown parts is left to the next sweep, unless it only has to be asked later.
    """
    named = _named(events)
    with services.store.write() as db:
        # Looked up after the page has come: a reading that begins later shows all that the page tells of.
        after = journal.watermark(db, journal.SIZE_READ)
        if of_sizes := named.parts.get("size"):
            sizes.mark_stale(db, of_sizes, after)
            services.promise(db, steps.STOCK_READ, [steps.CENTRA])
    with services.store.write() as db:
        unknown = _mark(services, db, named, after)
        if named.unreadable:
            report_unreadable(services, db, EVENTS, ", ".join(named.unreadable)[:200])
    found: set[int] = set()
    missed = False
    try:
        found = _products_of(services, unknown)
    except Throttled:
        raise
    except Failure as failure:
        log.warning("left to the next sweep of products", why=failure.reason)
        missed = True
    with services.store.write() as db:
        if found:
            products.mark_stale(db, found, after, rest=_rest(services))
            product_flow.ask_read(services, db)
        if missed or named.anything:
            product_flow.ask_sweep(services, db)


def _named(events: Sequence[Event]) -> _Named:
    named = _Named()
    for event in events:
        # Any action means "read it again": the list of actions is published nowhere, and new ones may come.
        kind = event.object_type.casefold()
        try:
            number = id_of(event.reference)
        except ValueError:
            named.unreadable.append(f"{event.object_type} {event.reference}")
            continue
        if kind in PARTS:
            named.parts.setdefault(PARTS[kind], set()).add(number)
        else:
            named.anything = True
    return named


def _mark(services: Services, db: sa.Connection, named: _Named, after: int) -> dict[PartKind, set[int]]:
    """Mark the products that we know by their parts. Returns the parts whose product must be asked for."""
    unknown: dict[str, set[int]] = {}
    for kind in sorted(named.parts):
        if kind == "product":
            products.mark_stale(db, named.parts[kind], after, rest=_rest(services))
        else:
            unknown[kind] = products.mark_parts_stale(
                db, kind, named.parts[kind], after, rest=None if kind in URGENT else _rest(services)
            )
    if any(ids - unknown.get(kind, set()) for kind, ids in named.parts.items()):
        product_flow.ask_read(services, db)
    if any(ids for kind, ids in unknown.items() if kind not in ASKED_FOR and kind not in TOLD_OTHERWISE):
        product_flow.ask_sweep(services, db)
    return {kind: unknown[kind] for kind in ASKED_FOR if unknown.get(kind)}


def _rest(services: Services) -> Rest:
    now = services.now()
    return Rest(now + policy.CONTENT_QUIET, now + policy.CONTENT_LONGEST)


def _products_of(services: Services, unknown: Mapping[PartKind, Collection[int]]) -> set[int]:
    found: set[int] = set()
    for kind, ids in unknown.items():
        found |= set(services.centra.product_ids_of(kind, sorted(ids), lane=Lane.CATALOGUE).values())
    return found
