"""Each listing of each retailer is tied to the one Centra size it stands for, and to the id its stock call needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.flows import creations, reviews, stock
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import Problem, TryAgain
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import causes, contents, journal, listings, sizes
from integration.virtualstock.schema import Product

LISTINGS_PAGE = 200
UNMATCHED = (kinds.UNMAPPED_SKU.code, kinds.AMBIGUOUS_SKU.code)
DISPLAYS_PAGE = "display-items-page"


def displays(services: Services, _subject: str) -> Findings:
    """Read one page of Centra's display items: the ids that its stock webhooks name."""
    with services.store.read() as db:
        page = journal.watermark(db, DISPLAYS_PAGE) + 1
    items, more = services.centra.display_items_page(page, lane=Lane.CATALOGUE)
    with services.store.write() as db:
        sizes.record_display_items(db, items)
        journal.move_watermark(db, DISPLAYS_PAGE, page if more else 0)
        if more:
            services.promise(db, steps.CATALOGUE_DISPLAYS, [steps.CENTRA])
    return None


def read_listings(services: Services, retailer: str) -> Findings:
    """Read one page of a retailer's catalogue and match it; resumes where the last run stopped."""
    mark = f"listings-offset/{retailer}"
    with services.store.read() as db:
        if journal.watermark(db, stock.SWEEP.finished) == 0:
            raise TryAgain("Centra's sizes have not been read completely yet; there is nothing to match with")
        offset = journal.watermark(db, mark)
    began = services.now()
    products, following = services.client_of(retailer).products_page(
        offset, limit=LISTINGS_PAGE, lane=Lane.CATALOGUE
    )
    rules = services.rules()
    with services.store.write() as db:
        rows, problems = _match(services, db, rules, rules.retailers[retailer], products)
        listings.record(db, rows)
        own = {row["product_id"] for row in rows}
        contents.record_read(db, retailer, {
            product.id: (product.category_id, product.texts)
            for product in products if product.id is not None and product.id in own
        }, began)  # fmt: skip
        causes.open_for(db, problems, services.now(), item_id=None)
        _heal(db, rows, services.now())
        matched = {row["size_id"] for row in rows if row["size_id"] is not None}
        stock.ask_pushes(services, db, matched, first=Lane.CATALOGUE)
        journal.move_watermark(db, mark, following or 0)
        if following:
            services.promise(db, steps.CATALOGUE_LISTINGS, [retailer])
        else:
            journal.draw(db, creations.READS + retailer)
            # What was read may differ from what Centra wants; that is judged page by page, in its own time.
            reviews.ask(db, [rules.retailers[retailer]], services.now(), services.now())
    return None


def _heal(db: sa.Connection, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """A listing that is there and has its article answers whatever waited for that."""
    matched = [row for row in rows if row["size_id"] is not None]
    unknown = {f"{row['retailer']}/{row['part_number']}" for row in matched}
    lost = {f"{row['retailer']}/{row['sku']}" for row in matched}
    causes.close(db, now, "the listing has its SKU", kinds=UNMATCHED, matches=unknown.__contains__)
    causes.close(db, now, "it is listed again", kinds=[kinds.LISTING_GONE.code], matches=lost.__contains__)


def _match(
    services: Services, db: sa.Connection, rules: Rulebook, profile: Retailer, products: Sequence[Product]
) -> tuple[list[dict[str, Any]], list[Problem]]:
    rows, problems = [], []
    for product in products:
        if product.id is None or product.part_number is None:
            continue
        if product.client_id not in (None, profile.virtualstock.client_id):
            # A credential may see several retailers.
            continue
        found = candidates(db, rules, profile, product)
        if len(found) > 1:
            names = ", ".join(sku for _, sku in found)
            facts = {"retailer": profile.name, "item": f"part number {product.part_number}", "candidates": names}
            problems.append(Problem(kinds.AMBIGUOUS_SKU, f"{profile.code}/{product.part_number}", facts))
        size_id, sku = found[0] if len(found) == 1 else (None, None)
        rows.append({
            "retailer": profile.code, "product_id": product.id, "part_number": product.part_number,
            "sku": sku, "size_id": size_id, "agreed": shown(profile, product), "seen_at": services.now(),
        })  # fmt: skip
    return rows, problems


def candidates(db: sa.Connection, rules: Rulebook, profile: Retailer, product: Product) -> list[tuple[int, str]]:
    """The Centra sizes a retailer's product may be, as (id, SKU); a row of products.yaml decides alone."""
    override = rules.sku_override(profile.code, product.part_number or "")
    if override is not None:
        return sizes.matching(db, "sku", override)
    key = profile.sku_key.product
    if key.virtualstock == "part_number":
        value: object = product.part_number
    else:
        value = product.data.get(key.virtualstock.removeprefix("data."))
    return sizes.matching(db, key.meets, str(value)) if value not in (None, "") else []


def shown(profile: Retailer, product: Product) -> int | None:
    """The quantity the retailer shows, where its products say so: what it shows, it has accepted."""
    value = product.data.get(profile.stock.field)
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None
