"""Whatever part of a product an event names, that product is read again, and stock and orders never wait for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog

from integration import policy
from integration.centra.catalogue import PartKind
from integration.flows import products as product_flow
from integration.lanes import Lane
from integration.problems import Failure, Throttled
from integration.services import Services
from integration.storage import products
from integration.storage.products import Rest

PARTS: Mapping[str, str] = {
    "product": "product", "productvariant": "variant", "productsize": "size", "display": "display", "price": "price",
    "productmedia": "image", "category": "category", "brand": "brand", "collection": "collection",
}  # fmt: skip
"""Event types in lower case, and what storage calls the part that they name."""
ANYWHERE = frozenset({"pricelist", "campaign", "mappedattribute", "sizechart"})
"""Event types of which nobody can tell which products they concern: a display, for one, names the share of a variant in
a campaign, which has an id of its own."""
ASKED_FOR: tuple[PartKind, ...] = ("variant", "size", "display")
"""Parts that tell their product by id. One that we do not know may be new in a product that we do know."""
URGENT = frozenset({"price"})
"""Parts of which a change is told at once. Of all else staff may save more in the next minute."""
TOLD_OTHERWISE = frozenset({"image"})
"""Parts that nobody needs to look for: the product, variant and display that an image is put into get an event of their
own. Centra docs: Integration API, handling events."""

log = structlog.get_logger(__name__)


@dataclass
class Named:
    """What a batch of events says about content."""

    parts: dict[str, set[int]] = field(default_factory=dict)
    anything: bool = False

    def add(self, kind: str, number: int) -> None:
        """Take in an event of a type for which `is_about_content` holds."""
        if kind in PARTS:
            self.parts.setdefault(PARTS[kind], set()).add(number)
        else:
            self.anything = True


def is_about_content(kind: str) -> bool:
    """Whether events of this type, in lower case, may change what a retailer shows beside its stock."""
    return kind in PARTS or kind in ANYWHERE


def absorb(services: Services, named: Named, after: int, *, patient: bool) -> Throttled | None:
    """Mark as stale what the events name, and promise the readings; no failure of Centra gets out of here.

    Returns when to come again with the same events, where our quota for content is used up for the moment. A caller
    that is not `patient`, or any other failure, leaves what could not be found to the next sweep.

    :param after: as in `storage.sizes.mark_stale`.
    """
    with services.store.write() as db:
        unknown = _mark(services, db, named, after)
    found: set[int] = set()
    missed = False
    try:
        found = _products_of(services, unknown)
    except Failure as failure:
        if patient and isinstance(failure, Throttled):
            return failure
        log.warning("left to the next sweep of products", why=failure.reason)
        missed = True
    with services.store.write() as db:
        if found:
            products.mark_stale(db, found, after, rest=_rest(services))
            product_flow.ask_read(services, db)
        if missed or named.anything:
            product_flow.ask_sweep(services, db)
    return None


def _mark(services: Services, db: sa.Connection, named: Named, after: int) -> dict[PartKind, set[int]]:
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
