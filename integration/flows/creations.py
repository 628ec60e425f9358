"""An article that Centra offers and a retailer does not list is created there once, where the profile allows it."""

from collections.abc import Collection

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra import content
from integration.domain.articles import Article, article
from integration.domain.contents import Wanted, wanted
from integration.domain.texts import folded
from integration.flows import product_judgement
from integration.flows.product_moves import PRODUCTS, broken_links
from integration.flows.product_pushes import text_of
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.policy import LOOK_GRACE, PUSH_WAITS
from integration.problems import LookFirst, Problem, Refused, Throttled, TryAgain
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import contents, images, journal, listings, products, shadows
from integration.virtualstock.schema import Product

READS = "listings-reads/"
"""Counts the complete readings of a retailer's catalogue: before the first, nobody knows what it lists."""


def ask(services: Services, db: sa.Connection, found: Collection[content.Product]) -> None:
    """Promise the creation of each article of these products that is on sale and that a retailer should list."""
    for code, profile in services.rules().retailers.items():
        if not _creates(profile) or not journal.watermark(db, READS + code):
            continue
        offered = {each.size.id: each.size.sku for product in found for each in _offered(product, profile)}
        listed = listings.listed_sizes(db, code, offered)
        missing = [f"{code}/{sku}" for size_id, sku in offered.items() if sku and size_id not in listed]
        services.promise(db, steps.PRODUCTS_CREATE, missing)


def create(services: Services, subject: str) -> Findings:
    """Create one article at a retailer, exactly once."""
    retailer, _, sku = subject.partition("/")
    profile = services.rules().retailers[retailer]
    with services.store.read() as db:
        product = products.of_sku(db, sku)
        known = bool(listings.of_sku(db, retailer, sku))
        begun = journal.watermark(db, f"creating/{subject}")
    offered = [each for each in _offered(product, profile) if each.size.sku == sku] if product else []
    if product is None or known or not offered or not _creates(profile):
        return None
    category = _category(services, profile, offered[0])
    fields = services.rules().fields_of(retailer)
    with services.store.read() as db:
        broken = broken_links(db, [product]) if profile.products.images == "checked" else {}
    want = wanted(offered[0], profile, fields, category, services.now(), broken_links=broken)
    if want.problems:
        return list(want.problems)
    _wait_for_links(services, profile, want)
    if category is None:
        why = "neither the field map nor the profile names a category for it"
        return [_refused(profile, sku, why)]
    if profile.switches.products == "shadow":
        _shade(services, profile, sku, want)
        return None
    return _create(services, profile, subject, offered[0], category, want, look=bool(begun))


def _wait_for_links(services: Services, profile: Retailer, want: Wanted) -> None:
    """As a push does: a new product does not begin with a link that nobody has looked at.

    :raises Throttled: the check of an image link comes first.
    """
    if profile.products.images != "checked":
        return
    with services.store.write() as db:
        links = product_judgement.unchecked(db, set(want.links.values()))
        if links:
            images.want(db, links, services.now())
            services.promise(db, steps.IMAGES_CHECK, [steps.CENTRA])
    if links:
        raise Throttled("its image links are being checked", wait=PUSH_WAITS.total_seconds())


def _creates(profile: Retailer) -> bool:
    return profile.products.enabled and profile.products.create and profile.switches.products is not False


def _offered(product: content.Product, profile: Retailer) -> list[Article]:
    sizes = [size for variant in product.variants for size in variant.sizes]
    found = (article(product, size.id, store=profile.centra.store, market=profile.centra.market) for size in sizes)
    return [each for each in found if each is not None and each.on_sale and each.size.sku]


def _category(services: Services, profile: Retailer, offered: Article) -> int | None:
    fields = services.rules().fields_of(profile.code)
    display = offered.display
    theirs = [each for each in (display.canonical_category, *display.categories) if each] if display else []
    # The category that Centra calls canonical decides before the others.
    for name in (folded(each.name) for each in theirs):
        for each in fields.categories if fields else ():
            if name in map(folded, each.centra_categories):
                return each.category
    return profile.products.category


def _create(
    services: Services, profile: Retailer, subject: str, offered: Article, category: int, want: Wanted, *, look: bool
) -> Findings:
    retailer, _, sku = subject.partition("/")
    client = services.client_of(retailer)
    number = (offered.size.ean if _by_ean(profile) else None) or sku
    if look:
        # A credential may see several retailers.
        named = client.products_named(number, lane=Lane.CATALOGUE)
        found = next((each for each in named if each.client_id in (None, profile.virtualstock.client_id)), None)
        if found is not None:
            _adopt(services, profile, offered, found)
            return None
    with services.store.write() as db:
        journal.move_watermark(db, f"creating/{subject}", 1)
    texts = {name: value.text for name, value in want.values.items() if value.text}
    if profile.switches.prices is True:
        texts |= {name: f"{price.amount:f}" for name, price in want.prices.items()}
    ids = profile.virtualstock
    try:
        made = client.create_product(
            number, category, ids.client_id, ids.product_supplier_id, texts, lane=Lane.CATALOGUE
        )
    except LookFirst as failure:
        # Not at once: what arrived may take a while to be shown.
        raise TryAgain(failure.reason, wait=LOOK_GRACE.total_seconds()) from failure
    except Refused as failure:
        if failure.about_credential and failure.status != 403:
            raise
        return [_refused(profile, sku, failure.reason)]
    _adopt(services, profile, offered, made)
    return None


def _by_ean(profile: Retailer) -> bool:
    key = profile.sku_key.product
    return key.virtualstock == "part_number" and key.meets == "ean"


def _adopt(services: Services, profile: Retailer, offered: Article, made: Product) -> None:
    if made.id is None:
        raise TryAgain("Virtualstock answered a creation without the product's link")
    now, sku = services.now(), offered.size.sku
    row = {"retailer": profile.code, "product_id": made.id, "part_number": made.part_number or sku, "sku": sku,
           "size_id": offered.size.id, "agreed": None, "seen_at": now}  # fmt: skip
    shown = {name: text_of(value) for name, value in made.data.items()}
    with services.store.write() as db:
        listings.record(db, [row])
        contents.record_read(db, profile.code, {made.id: (made.category_id, shown)}, now)
        journal.tell(db, "sku", str(sku), "created at the retailer", now, retailer=profile.code, product_id=made.id)
        subject = f"{profile.code}/{sku}"
        journal.move_watermark(db, f"creating/{subject}", 0)
        services.promise(db, steps.STOCK_PUSH, [subject])
        services.promise(db, steps.PRODUCTS_PUSH, [subject])


def _shade(services: Services, profile: Retailer, sku: str, want: Wanted) -> None:
    body = {name: value.text for name, value in want.values.items() if value.text}
    with services.store.write() as db:
        shadows.record(db, f"{PRODUCTS} created", profile.code, sku, 0, body, services.now())


def _refused(profile: Retailer, sku: str, why: str) -> Problem:
    return Problem(kinds.CREATE_REFUSED, f"{profile.code}/{sku}", {"retailer": profile.name, "sku": sku, "why": why})
