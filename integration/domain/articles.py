"""A Centra size is seen with all that a retailer is told of it, as one market of one store sees it.

Centra docs: Integration API, GraphQL reference (Product, Display).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from integration.centra import content

ACTIVE = "ACTIVE"


@dataclass(frozen=True)
class Article:
    """One size and what it is sold as; `on_sale`: Centra offers it to the market now.

    `display` is the one that speaks for it, None where the store shows its variant nowhere.
    """

    product: content.Product
    variant: content.Variant
    size: content.Size
    display: content.Display | None
    on_sale: bool


def article(product: content.Product, size_id: int, *, store: int, market: int) -> Article | None:
    """The article of a size, None where the product has no such size. A status that nobody knows is not on sale."""
    for variant in product.variants:
        for size in variant.sizes:
            if size.id == size_id:
                display, shown = _display(product, variant.id, store, market)
                active = product.status == variant.status == ACTIVE and size.is_active
                return Article(product, variant, size, display, shown and active)
    return None


def on_sale(product: content.Product, *, store: int, market: int) -> list[Article]:
    """The articles of a product that Centra offers to this market now."""
    sizes = [size for variant in product.variants for size in variant.sizes]
    found = (article(product, size.id, store=store, market=market) for size in sizes)
    return [each for each in found if each is not None and each.on_sale]


def parts(product: content.Product) -> Iterator[tuple[str, int]]:
    """Everything below a product, and everything it hangs on, as (kind, id): what an event may name."""
    yield "product", product.id
    yield from _named("brand", product.brand)
    yield from _named("collection", product.collection)
    yield from _images(product.images)
    for variant in product.variants:
        yield "variant", variant.id
        yield from _images(variant.images)
        yield from (("size", size.id) for size in variant.sizes)
        yield from (("price", price.id) for price in variant.prices)
    for display in product.displays:
        yield "display", display.id
        yield from _images(display.images)
        yield from _named("category", display.canonical_category)
        yield from (("category", category.id) for category in display.categories)
        yield from (("campaign", campaign.id) for campaign in display.campaigns)


def _display(product: content.Product, variant_id: int, store: int, market: int) -> tuple[content.Display | None, bool]:
    """The display that speaks for a variant, and whether it offers it: an active one of the market before any other."""
    ours = [each for each in product.displays if each.store_id == store and variant_id in each.variant_ids]
    for each in ours:
        if each.status == ACTIVE and market in each.market_ids:
            return each, True
    return (ours[0] if ours else None), False


def _images(images: tuple[content.Image, ...]) -> Iterator[tuple[str, int]]:
    return (("image", image.id) for image in images)


def _named(kind: str, named: content.Named | None) -> Iterator[tuple[str, int]]:
    if named is not None:
        yield kind, named.id
