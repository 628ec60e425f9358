"""What a profile says of products and prices fits the field map it names, so that nothing is filled twice or never."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from integration.rulebook.fields import FieldMap
from integration.rulebook.finding import Finding
from integration.rulebook.mapchecks import RESERVED, placed
from integration.rulebook.reader import Location
from integration.rulebook.retailer import PriceField, Retailer

if TYPE_CHECKING:
    from integration.rulebook.book import Rulebook


def contents(book: "Rulebook") -> Iterator[Finding]:
    """Everything in which profiles and field maps contradict each other."""
    for code, profile in book.retailers.items():
        here = ("retailers", code)
        name = profile.products.fields
        fields = None if name is None else book.fields.get(name)
        if name is not None and fields is None:
            yield (*here, "products", "fields"), f"there is no fields/{name}.yaml"
        else:
            yield from _products((*here, "products"), profile, fields)
        for index, price in enumerate(profile.prices.fields):
            yield from _price((*here, "prices", "fields", index), price, profile, fields)
        yield from _price_names((*here, "prices", "fields"), profile)
        yield from _guardrails((*here, "guardrails"), profile)


def pricelists(profile: Retailer) -> set[int]:
    """The pricelists that a profile reads, for orders and for prices."""
    return {profile.centra.pricelist} | {each.pricelist for each in profile.prices.fields if each.pricelist is not None}


def _products(here: Location, profile: Retailer, fields: FieldMap | None) -> Iterator[Finding]:
    products = profile.products
    if products.enabled and fields is None:
        yield (*here, "fields"), "products are enabled, so a field map must be named, such as fields/<name>.yaml"
    if not products.create:
        return
    if fields is None:
        yield (*here, "create"), "a product can only be created from a field map; name one in fields"
        return
    if products.category is None and not any(each.centra_categories for each in fields.categories):
        yield (
            (*here, "category"),
            "create needs a category for new products: give one here, or centra_categories in the field map",
        )
    _, _, key = profile.sku_key.product.virtualstock.partition("data.")
    filled = {mapped.attribute for _, mapped in placed((), fields)}
    if key and key not in filled:
        yield (*here, "create"), f"a created product could not be found again; the field map must fill {key}"


def _price(here: Location, price: PriceField, profile: Retailer, fields: FieldMap | None) -> Iterator[Finding]:
    name = price.attribute
    if name in RESERVED:
        yield (*here, "attribute"), f"{name} {RESERVED[name]}; it cannot be a price"
    if fields is not None:
        if any(mapped.attribute == name for _, mapped in placed((), fields)):
            yield (*here, "attribute"), f"{name} is also in fields/{profile.products.fields}.yaml; keep one"
        if fields.withdrawal is not None and fields.withdrawal.attribute == name:
            yield (*here, "attribute"), f"{name} is filled by withdrawal in fields/{profile.products.fields}.yaml"
    if price.amount == "cost" and price.pricelist is not None:
        yield (*here, "pricelist"), "cost stands at the variant, in no pricelist; write null"
    # A cost never has tax in Centra, whatever its pricelists hold.
    held = "excluded" if price.amount == "cost" else profile.prices.tax
    if price.tax != held and Decimal(profile.prices.tax_percent) == 0:
        yield (*here, "tax"), f"Centra holds this price with tax {held}; to change that, tax_percent must be above 0"


def _price_names(here: Location, profile: Retailer) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, price in enumerate(profile.prices.fields):
        if price.attribute in seen:
            yield (*here, index, "attribute"), f"{price.attribute} is filled by an earlier row already; keep one"
        seen.add(price.attribute)


def _guardrails(here: Location, profile: Retailer) -> Iterator[Finding]:
    if not profile.prices.enabled:
        return
    for name in ("price_fall_percent", "price_rise_percent"):
        if getattr(profile.guardrails, name) == 0:
            yield (*here, name), "is 0, so no price could ever change in that direction"
