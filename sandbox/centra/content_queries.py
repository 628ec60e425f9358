"""Reading what a shop shows: attributes, translations, images, categories, prices and sales of a product."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.centra.campaigns import CampaignVariant
from sandbox.centra.content import LANGUAGES, STANDARD, AttributeType, Category, Content, Language, Media, MediaSource
from sandbox.centra.filters import equal, keep, one_of, ordered, paged, text
from sandbox.centra.model import Display, Money, Pricelist, Product, Variant
from sandbox.centra.resolvers import Info, Registry, call_of
from sandbox.seed import CURRENCY

registry = Registry()

TRANSLATABLE = {
    "Product": ("name",), "ProductVariant": ("name",),
    "Display": ("name", "description", "shortDescription", "metaTitle", "metaDescription"),
}
"""Fields that can be told in other languages, besides attributes."""
ELEMENTS = {
    "INPUT": "AttributeStringElement", "CHOICE": "AttributeChoiceElement", "FILE": "AttributeFileElement",
    "IMAGE": "AttributeImageElement",
}
"""Types of the parts of an attribute by their kind."""
_ATTRIBUTES = {"typeName": text("type.name")}
_TRANSLATIONS = {"languageId": one_of("language.id")}
_VARIANTS = {
    "id": one_of("id"), "productId": one_of("product.id"), "variantNumber": text("variant_number"),
    "status": one_of("status"),
}
_CATEGORIES = {"id": one_of("id"), "isTopCategory": equal("is_top")}
Where = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Attribute:
    type: AttributeType
    description: str
    object_type: str
    elements: "list[_Element]"


@dataclass(frozen=True, slots=True)
class _Element:
    """One part of an attribute; of an image or a file the value is its URL."""

    key: str
    description: str
    kind: str
    value: str
    is_multi: bool = False
    width: int = 1200
    height: int = 1600
    mime_type: str = "image/jpeg"

    @property
    def typename(self) -> str:
        return ELEMENTS[self.kind]

    @property
    def selected_value_name(self) -> str:
        return self.value

    @property
    def selected_value(self) -> str:
        """A choice has a key of its own beside its name."""
        return self.value.lower().replace(" ", "_")

    @property
    def url(self) -> str:
        return self.value


@registry.field("Product.attributes", "ProductVariant.attributes", "Display.attributes")
def attributes(source: Product | Variant | Display, info: Info, where: Where = None) -> list[_Attribute]:
    """The attributes that have a value, in the order they were given one."""
    types = call_of(info).world.catalogue.attribute_types
    found: dict[str, _Attribute] = {}
    for address, value in source.content.attributes.items():
        name, _, key = address.partition(".")
        kind = types[source.typename, name]
        made = found.setdefault(name, _Attribute(kind, kind.description, kind.object_type, []))
        made.elements.append(_Element(key, kind.description, kind.elements[key], value))
    return keep(found.values(), where, _ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class _Translation:
    language: Language
    fields: list[dict[str, str | None]]


@registry.field("Product.translations", "ProductVariant.translations", "Display.translations")
def translations(source: Product | Variant | Display, _info: Info, where: Where = None) -> list[_Translation]:
    """Every language but the shop's own, with all fields; null is not translated."""
    names = (*TRANSLATABLE[source.typename], *(f"attributes.{address}" for address in source.content.attributes))
    return keep((_translated(source.content, language, names) for language in LANGUAGES[1:]), where, _TRANSLATIONS)


def _translated(content: Content, language: Language, names: Iterable[str]) -> _Translation:
    texts = content.translations.get(f"{language.language_code}-{language.country_code}", {})
    return _Translation(language, [{"field": name, "value": texts.get(name)} for name in names])


@registry.field("TranslatedField.field")
def translated_field(source: dict[str, str | None], _info: Info) -> str | None:
    """Which text it is."""
    return source["field"]


@registry.field("TranslatedField.value")
def translated_value(source: dict[str, str | None], _info: Info) -> str | None:
    """The text, if there is one."""
    return source["value"]


@registry.field("ProductVariant.media", "Display.media")
def media(source: Variant | Display, info: Info) -> list[Media]:
    """The images assigned to it, in order."""
    base = call_of(info).world.options.base_url
    return [Media(number, base) for number in source.content.media]


@registry.field("Product.media")
def product_media(
    source: Product, info: Info, sort: list[str] | None = None, limit: int | None = None, page: int | None = None,
) -> list[Media]:
    """The images assigned to the product itself, in order."""
    base = call_of(info).world.options.base_url
    images = [Media(number, base) for number in source.content.media]
    return paged(ordered(images, sort, {}), limit, page, default=None)


@registry.field("ProductMedia.source")
def media_source(source: Media, _info: Info, size_name: str | None = None) -> MediaSource | None:
    """The image in a size of the instance."""
    return source.source(size_name or STANDARD)


@registry.field("Product.variants")
def variants(source: Product, _info: Info, where: Where = None) -> list[Variant]:
    """Its colours."""
    return keep(source.variants, where, _VARIANTS)


@registry.field("Display.categories")
def categories(
    source: Display, _info: Info, where: Where = None, sort: list[str] | None = None,  # noqa: ARG001
    limit: int | None = None, page: int | None = None,
) -> list[Category]:
    """Where it stands in the shop, in the merchant's own order: `sort` is in Centra's schema, and nobody here asks."""
    return paged(keep(source.categories, where, _CATEGORIES), limit, page, default=None)


@registry.field("Display.canonicalCategory")
def canonical_category(source: Display, _info: Info) -> Category | None:
    """Its first category."""
    return source.categories[0] if source.categories else None


@registry.field("Display.campaignVariants")
def campaign_variants(
    source: Display, info: Info, limit: int | None = None, page: int | None = None,
) -> list[CampaignVariant]:
    """Past, present and future sales of what it shows."""
    shown = [item.product_variant for item in source.display_items]
    return paged(call_of(info).world.catalogue.campaigns.of(shown), limit, page)


@registry.field("Display.productVariants")
def display_variants(source: Display, _info: Info) -> list[Variant]:
    """The variants it shows."""
    return [item.product_variant for item in source.display_items]


@registry.field("ProductVariant.unitCost")
def unit_cost(source: Variant, info: Info) -> Money | None:
    """What a unit costs the brand, in the shop's base currency."""
    currency = call_of(info).world.catalogue.currencies[CURRENCY]
    return None if source.unit_cost is None else Money(source.unit_cost, currency)


@registry.field("ProductVariant.prices")
def prices(source: Variant, info: Info) -> "list[_Price]":
    """One price per price list."""
    return [_Price(source, pricelist) for pricelist in call_of(info).world.catalogue.pricelists.values()]


@registry.field("Product.prices")
def product_prices(source: Product, info: Info) -> "list[_Price]":
    """Those of all its variants."""
    return [price for variant in source.variants for price in prices(variant, info)]


@registry.field("Display.prices")
def display_prices(source: Display, info: Info) -> "list[_Price]":
    """Those of all variants it shows."""
    return [price for item in source.display_items for price in prices(item.product_variant, info)]


class _Price:
    def __init__(self, variant: Variant, pricelist: Pricelist) -> None:
        self.id = price_id(variant, pricelist.id)
        self.price = _money(variant.prices.get(pricelist.id), pricelist)
        self.recommended_retail_price = _money(variant.recommended.get(pricelist.id), pricelist)
        self.pricelist, self.product_variant, self.product = pricelist, variant, variant.product


def price_id(variant: Variant, pricelist_id: int) -> int:
    """The id of a variant's price in a list."""
    return variant.id * 100 + pricelist_id


def _money(value: Decimal | None, pricelist: Pricelist) -> Money | None:
    return None if value is None else Money(value, pricelist.currency)
