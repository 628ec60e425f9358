"""An article that Centra offers and a retailer does not list is created there once, where the profile allows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra import content
from integration.domain.articles import Article, on_sale
from integration.domain.contents import Wanted, wanted
from integration.domain.pricing import PriceNow
from integration.domain.texts import folded
from integration.flows import product_judgement
from integration.flows.product_moves import broken_links, image_links
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
SHADOWED = "products created"


def ask(services: Services, db: sa.Connection, found: Collection[content.Product]) -> None:
    """Promise the creation of each article of these products that is on sale and that a retailer should list."""
    for code, profile in services.rules().retailers.items():
        if not creates(profile) or not journal.watermark(db, READS + code):
            continue
        articles = {each.size.id: each for product in found for each in offered(product, profile)}
        listed = listings.listed_sizes(db, code, articles)
        missing = [each for size_id, each in articles.items() if size_id not in listed]
        if profile.products.images == "checked":
            images.use(db, image_links(each.product for each in missing), services.now())
        services.promise(db, steps.PRODUCTS_CREATE, [f"{code}/{each.size.sku}" for each in missing])


def create(services: Services, subject: str) -> Findings:
    """Create one article at a retailer, exactly once."""
    retailer, _, sku = subject.partition("/")
    profile = services.rules().retailers[retailer]
    with services.store.read() as db:
        product = products.of_sku(db, sku)
        known = bool(listings.of_sku(db, retailer, sku))
        begun = journal.watermark(db, f"creating/{subject}")
    mine = [each for each in offered(product, profile) if each.size.sku == sku] if product else []
    if known or not mine or not creates(profile):
        return None
    made = draft(services, profile, mine[0])
    if made.problems or made.category is None:
        return list(made.problems)
    _wait_for_links(services, made)
    if profile.switches.products == "shadow":
        _shade(services, profile, sku, made.body)
        return None
    return _create(services, profile, subject, mine[0], made, made.category, look=bool(begun))


@dataclass(frozen=True)
class Draft:
    """A listing that would be made; `category` is only None where a problem says so.

    `prices`: those that are made with it, by attribute. `links`: image links that must be looked at first.
    """

    number: str
    category: int | None
    want: Wanted
    prices: Mapping[str, PriceNow]
    problems: tuple[Problem, ...]
    links: frozenset[str]

    @property
    def body(self) -> dict[str, str]:
        """The attributes that are sent."""
        texts = {name: value.text for name, value in self.want.values.items() if value.text}
        return texts | {name: f"{price.amount:f}" for name, price in self.prices.items()}


def draft(services: Services, profile: Retailer, article: Article) -> Draft:
    """What the creation of an article would send now, and what keeps it from being made. Nothing is written."""
    category, sku = _category(services, profile, article), article.size.sku or ""
    fields, checked = services.rules().fields_of(profile.code), profile.products.images == "checked"
    with services.store.read() as db:
        broken = broken_links(db, [article.product]) if checked else {}
        want = wanted(article, profile, fields, category, services.now(), broken_links=broken)
        links = product_judgement.unchecked(db, set(want.links.values())) if checked else set()
    problems = want.problems
    if not problems and category is None:
        why = "neither the field map nor the profile names a category for it"
        problems = (_refused(profile, sku, why),)
    number = (article.size.ean if _by_ean(profile) else None) or sku
    return Draft(number, category, want, want.prices if _is_priced(profile) else {}, problems, frozenset(links))


def _wait_for_links(services: Services, made: Draft) -> None:
    """As a push does: a new product does not begin with a link that nobody has looked at.

    :raises Throttled: the check of an image link comes first.
    """
    if not made.links:
        return
    with services.store.write() as db:
        images.want(db, made.links, services.now())
        services.promise(db, steps.IMAGES_CHECK, [steps.CENTRA])
    raise Throttled("its image links are being checked", wait=PUSH_WAITS.total_seconds())


def creates(profile: Retailer) -> bool:
    """Whether this retailer's profile lets us create what it lacks."""
    return profile.products.enabled and profile.products.create and profile.switches.products is not False


def offered(product: content.Product, profile: Retailer) -> list[Article]:
    """The articles of a product that a retailer should list: on sale in its market, with an SKU."""
    found = on_sale(product, store=profile.centra.store, market=profile.centra.market)
    return [each for each in found if each.size.sku]


def _is_priced(profile: Retailer) -> bool:
    """Whether prices go into a new listing. Where only they are in shadow, they are left to a later change."""
    prices = profile.switches.prices
    return prices is True or prices == profile.switches.products == "shadow"


def _category(services: Services, profile: Retailer, article: Article) -> int | None:
    fields = services.rules().fields_of(profile.code)
    display = article.display
    theirs = [each for each in (display.canonical_category, *display.categories) if each] if display else []
    # The category that Centra calls canonical decides before the others.
    for name in (folded(each.name) for each in theirs):
        for each in fields.categories if fields else ():
            if name in map(folded, each.centra_categories):
                return each.category
    return profile.products.category


def _create(
    services: Services, profile: Retailer, subject: str, article: Article, made: Draft, category: int, *,
    look: bool,
) -> Findings:
    retailer, _, sku = subject.partition("/")
    client = services.client_of(retailer)
    if look:
        # A credential may see several retailers.
        named = client.products_named(made.number, lane=Lane.CATALOGUE)
        found = next((each for each in named if each.client_id in (None, profile.virtualstock.client_id)), None)
        if found is not None:
            _adopt(services, profile, article, found)
            return None
    with services.store.write() as db:
        journal.move_watermark(db, f"creating/{subject}", 1)
    ids = profile.virtualstock
    try:
        answer = client.create_product(
            made.number, category, ids.client_id, ids.product_supplier_id, made.body, lane=Lane.CATALOGUE
        )
    except LookFirst as failure:
        # Not at once: what arrived may take a while to be shown.
        raise TryAgain(failure.reason, wait=LOOK_GRACE.total_seconds()) from failure
    except Refused as failure:
        if failure.about_credential and failure.status != 403:
            raise
        # One cause per attribute, as for changes: what is wrong with one article is mostly wrong with many.
        wrong = [_refused(profile, sku, f"{name}: {why}", of=name) for name, why in failure.fields.items()]
        return wrong or [_refused(profile, sku, failure.reason)]
    _adopt(services, profile, article, answer)
    return None


def _by_ean(profile: Retailer) -> bool:
    key = profile.sku_key.product
    return key.virtualstock == "part_number" and key.meets == "ean"


def _adopt(services: Services, profile: Retailer, article: Article, made: Product) -> None:
    if made.id is None:
        raise TryAgain("Virtualstock answered a creation without the product's link")
    now, sku = services.now(), article.size.sku
    row = {"retailer": profile.code, "product_id": made.id, "part_number": made.part_number or sku, "sku": sku,
           "size_id": article.size.id, "agreed": None, "seen_at": now}  # fmt: skip
    with services.store.write() as db:
        listings.record(db, [row])
        contents.record_read(db, profile.code, {made.id: (made.category_id, made.texts)}, now)
        journal.tell(db, "sku", str(sku), "created at the retailer", now, retailer=profile.code, product_id=made.id)
        subject = f"{profile.code}/{sku}"
        journal.move_watermark(db, f"creating/{subject}", 0)
        services.promise(db, steps.STOCK_PUSH, [subject])
        services.promise(db, steps.PRODUCTS_PUSH, [subject])


def _shade(services: Services, profile: Retailer, sku: str, body: Mapping[str, str]) -> None:
    """Write down what would have been sent, unless that is what was written down last."""
    with services.store.write() as db:
        if shadows.newest_of_sku(db, SHADOWED, profile.code, sku) != body:
            shadows.record(db, SHADOWED, profile.code, sku, 0, dict(body), services.now())


def _refused(profile: Retailer, sku: str, why: str, of: str | None = None) -> Problem:
    """`of`: the attribute that was refused, None: the listing as a whole."""
    return Problem(
        kinds.CREATE_REFUSED, f"{profile.code}/{of or sku}", {"retailer": profile.name, "sku": sku, "why": why}
    )
