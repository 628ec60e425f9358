"""Asking for product data asks for all that a preview shows: what is read, judged afresh, made and pushed."""

from integration import steps
from integration.flows import preview, preview_products, products, reviews
from integration.lanes import Lane
from integration.services import Services
from integration.steps import CENTRA, Step
from integration.storage import journal, sizes
from integration.storage import products as stored

Asked = list[tuple[Step, str]]
PROMISED = (steps.PRODUCTS_SWEEP, steps.PRODUCTS_REVIEW)
"""Steps that `ask` has promised itself: only their flows see to it that one under way is followed by another."""


def ask(services: Services, *, sku: str | None, retailer: str | None) -> Asked:
    """What to work on for one SKU, one retailer, or all.

    :raises Failure: Centra could not be asked.
    """
    made: Asked = [
        (steps.PRODUCTS_CREATE, f"{profile.code}/{article.size.sku}")
        for profile, article in preview_products.new_articles(services, sku=sku, retailer=retailer)
    ]
    if sku is not None:
        listed = preview.listed(services, sku=sku, retailer=retailer)
        return [*_read(services, sku), *((steps.PRODUCTS_PUSH, subject) for subject in listed), *made]
    codes = [code for code in services.rules().retailers if retailer in (None, code)]
    sweep: Asked = [] if retailer else [(steps.PRODUCTS_SWEEP, CENTRA)]
    with services.store.write() as db:
        if sweep:
            products.ask_sweep(services, db)
        reviews.ask(db, [services.rules().retailers[code] for code in codes], services.now(), services.now())
    return [*sweep, *((steps.PRODUCTS_REVIEW, code) for code in codes), *made]


def _read(services: Services, sku: str) -> Asked:
    """Mark the product of a SKU as stale; Centra is asked for that of a size whose product we never read."""
    with services.store.write() as db:
        size_ids = {size_id for size_id, _ in sizes.matching(db, "sku", sku)}
        seq = journal.watermark(db, journal.SIZE_READ)
        unknown = stored.mark_parts_stale(db, "size", size_ids, seq)
    if unknown:
        found = services.centra.product_ids_of("size", sorted(unknown), lane=Lane.CATALOGUE)
        with services.store.write() as db:
            stored.mark_stale(db, set(found.values()), seq)
    return [(steps.PRODUCTS_READ, CENTRA)] if size_ids else []
