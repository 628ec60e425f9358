"""What each listing should show is worked out in one place, so that what a dry run shows is what is then sent.

A move compares what Centra says now, through the retailer's field map and prices, with what the retailer accepted.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from integration import kinds
from integration.centra import content
from integration.domain.articles import Article, article
from integration.domain.contents import Wanted, difference, wanted
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import contents, images, shadows
from integration.storage.contents import Listed

PRODUCTS, PRICES = "products", "prices"


@dataclass(frozen=True)
class Move:
    """One listing, what it should show, and the attributes in which it differs.

    `real` is what may be sent, `shadow` what is only written down because the retailer's switch says so.
    `on_sale` False: Centra does not offer the article to this retailer's market, or has it no longer.
    """

    listed: Listed
    profile: Retailer
    article: Article | None
    wanted: Wanted
    real: Mapping[str, str]
    shadow: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_sale(self) -> bool:
        """Whether the article is offered."""
        return self.article is not None and self.article.on_sale

    @property
    def prices(self) -> dict[str, str]:
        """The price attributes that would be sent."""
        return {name: text for name, text in self.real.items() if name in self.wanted.prices}

    @property
    def contents(self) -> dict[str, str]:
        """All other attributes that would be sent."""
        return {name: text for name, text in self.real.items() if name not in self.wanted.prices}

    @property
    def needed(self) -> bool:
        """Whether there is anything to do: to send, to write down, to hold for a person, or to tell stock."""
        return bool(self.real or self.shadow or self.wanted.problems or self.turned or self.listed.unsettled)

    @property
    def turned(self) -> bool:
        """Whether the article went on or off sale since we last looked."""
        return self.listed.withdrawn == self.on_sale


def plan(services: Services, subject: str) -> list[Move]:
    """What a push of ``<retailer>/<sku>`` would compare and send, now."""
    retailer, _, sku = subject.partition("/")
    with services.store.read() as db:
        return moves(db, services.rules(), contents.of_sku(db, retailer, sku), services.now())


def of_skus(services: Services, db: sa.Connection, retailer: str, skus: Collection[str]) -> list[Move]:
    """The same for many SKUs of a retailer."""
    return moves(db, services.rules(), contents.of_skus(db, retailer, skus), services.now())


def moves(db: sa.Connection, rules: Rulebook, listings: Iterable[Listed], now: datetime) -> list[Move]:
    """The move of each listing whose retailer takes product data or prices, and whose product has been read."""
    usable = [
        (listed, profile)
        for listed in listings
        if (profile := rules.retailers.get(listed.retailer)) is not None
        and (takes_contents(profile) or takes_prices(profile))
        and (listed.product is not None or listed.product_gone)
    ]
    checked = {id(listed.product): listed.product for listed, profile in usable
               if listed.product is not None and profile.products.images == "checked"}  # fmt: skip
    broken = broken_links(db, checked.values())
    return [_move(db, rules, listed, profile, now, broken) for listed, profile in usable]


def takes_contents(profile: Retailer) -> bool:
    """Whether product data may go to the retailer, or into its shadow."""
    return profile.products.enabled and profile.switches.products is not False


def takes_prices(profile: Retailer) -> bool:
    """Whether prices may go to the retailer, or into its shadow."""
    return profile.prices.enabled and profile.switches.prices is not False


def broken_links(db: sa.Connection, products: Iterable[content.Product]) -> Mapping[str, str]:
    """The image links of these products behind which was no image, with what was wrong."""
    links = image_links(products)
    return {url: wrong for url, wrong in images.known(db, links).items() if wrong is not None} if links else {}


def image_links(products: Iterable[content.Product]) -> set[str]:
    """All image links of these products."""
    links: set[str] = set()
    for product in products:
        owners: list[content.Product | content.Display | content.Variant] = [
            product, *product.displays, *product.variants,
        ]  # fmt: skip
        links |= {image.url for owner in owners for image in owner.images if image.url}
    return links


def used_links(moves: Iterable[Move]) -> set[str]:
    """The image links that these listings want and that must be checked, also those that keep them back as broken."""
    checked = [move.wanted for move in moves if move.profile.products.images == "checked"]
    broken = {each.key for want in checked for each in want.problems if each.kind is kinds.IMAGE_BROKEN}
    return broken | {link for want in checked for link in want.links.values()}


def _move(
    db: sa.Connection, rules: Rulebook, listed: Listed, profile: Retailer, now: datetime, broken: Mapping[str, str]
) -> Move:
    fields = rules.fields_of(profile.code) if takes_contents(profile) else None
    found = None
    if listed.product is not None and not listed.product_gone and listed.size_id is not None:
        found = article(listed.product, listed.size_id, store=profile.centra.store, market=profile.centra.market)
    want = wanted(found, profile, fields, listed.category_id, now, broken_links=broken)
    texts = {name: value.text for name, value in want.values.items()} | {
        name: f"{price.amount:f}" for name, price in want.prices.items()
    }
    # After a call with unknown outcome nothing is known of what is shown: say all of it, also what is empty now.
    differs = texts if listed.unsettled else difference(texts, listed.accepted)
    real = {name: text for name, text in differs.items() if _mode(profile, want, name) is True}
    shaded = {name: text for name, text in differs.items() if _mode(profile, want, name) == "shadow"}
    if shaded:
        # Written down once: what the shadow holds already is what would have been accepted.
        shaded = difference(shaded, shadows.last(db, PRODUCTS, listed.listing_id) or {})
    return Move(listed, profile, found, want, real, shaded)


def _mode(profile: Retailer, want: Wanted, name: str) -> bool | str:
    return profile.switches.prices if name in want.prices else profile.switches.products
