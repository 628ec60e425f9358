"""A retailer's attribute has the value that its field map draws from Centra, or none, or a reason why it has none.

Names of Centra's fields are those of "Centra docs: Integration API, GraphQL reference".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from integration.centra import content
from integration.domain.articles import Article
from integration.domain.transforms import KILOGRAMS, apply, printable
from integration.domain.validation import Trouble
from integration.rulebook.fields import (
    AttributeMap,
    FieldMap,
    FromAttribute,
    FromConstant,
    FromField,
    FromMedia,
    LanguageRule,
    Source,
    Transform,
)

_TRANSLATED = {
    "display_name": ("display", "name"), "description": ("display", "description"),
    "short_description": ("display", "shortDescription"), "meta_title": ("display", "metaTitle"),
    "meta_description": ("display", "metaDescription"), "product_name": ("product", "name"),
    "variant_name": ("variant", "name"),
}  # fmt: skip
"""Fields of which a reading brings translations: the part that has them, and what Centra calls the text."""
_UNITS = {"KILOGRAMS": "kilograms", "POUNDS": "pounds"}
Owner = content.Product | content.Variant | content.Display


@dataclass(frozen=True)
class Value:
    """A text for a retailer; `source` says where it comes from and `warning` what was lost on the way, for a person."""

    text: str
    source: str
    warning: str | None = None


def value_of(article: Article, mapped: AttributeMap, fields: FieldMap, zone: str) -> Value | Trouble | None:
    """The value of one attribute, None where its sources have none. It is not validated yet.

    :param zone: the retailer's time zone.
    """
    before, by, after = _order(mapped)
    # Numbers, dates and links are the same in every language.
    language = fields.language if mapped.rule.type == "text" else None
    texts: list[str] = []
    warnings: list[str] = []
    for source in mapped.sources:
        raw = _raw(article, source, language)
        if raw is None:
            continue
        if isinstance(raw, Trouble):
            return raw
        clean = printable(raw)
        if clean.warning:
            warnings.append(clean.warning)
        shaped = _shaped(clean.text, before, fields, zone, warnings)
        if isinstance(shaped, Trouble):
            return shaped
        if shaped.strip():
            texts.append(shaped)
    if not texts:
        return None
    text = _shaped(by.join(texts), after, fields, zone, warnings)
    if isinstance(text, Trouble):
        return text
    said = "; ".join(dict.fromkeys(warnings)) or None
    return Value(text, " + ".join(_name(source) for source in mapped.sources), said)


def _order(mapped: AttributeMap) -> tuple[tuple[Transform, ...], str, tuple[Transform, ...]]:
    """What is done to each source, what joins them, and what is done to the result."""
    for at, transform in enumerate(mapped.transforms):
        if transform.do == "join":
            return mapped.transforms[:at], transform.by, mapped.transforms[at + 1 :]
    return (), "", mapped.transforms


def _shaped(
    text: str, transforms: tuple[Transform, ...], fields: FieldMap, zone: str, warnings: list[str]
) -> str | Trouble:
    for transform in transforms:
        shaped = apply(transform, text, fields, zone)
        if isinstance(shaped, Trouble):
            return shaped
        text = shaped.text
        if shaped.warning:
            warnings.append(shaped.warning)
    return text


def _raw(article: Article, source: Source, language: LanguageRule | None) -> str | Trouble | None:
    match source:
        case FromConstant(constant=text):
            return text
        case FromMedia(image=place):
            images = images_of(article)
            return (images[place - 1].url or None) if place <= len(images) else None
        case FromAttribute(attribute=path):
            level, name = path.split(".", 1)
            owner = _owner(article, level)
            found = owner.attributes.get(name) if owner else None
            return _in_language(owner, f"attributes.{name}", found, language)
        case FromField(field=field):
            found = _field(article, field) or None
            if field not in _TRANSLATED:
                return found
            level, name = _TRANSLATED[field]
            return _in_language(_owner(article, level), name, found, language)


def images_of(article: Article) -> tuple[content.Image, ...]:
    """The images of the variant in Centra's order; where it has none, those of its display, then of its product."""
    display = article.display.images if article.display else ()
    return article.variant.images or display or article.product.images


def _owner(article: Article, level: str) -> Owner | None:
    return {"product": article.product, "variant": article.variant, "display": article.display}[level]


def _in_language(
    owner: Owner | None, name: str, text: str | None, language: LanguageRule | None
) -> str | Trouble | None:
    if owner is None or language is None:
        return text
    translated = _translation(owner.translations, language.code).get(name)
    if translated or not text or language.missing == "default":
        return translated or text
    return Trouble("language", f"has no text in {language.code} in Centra")


def _translation(translations: Mapping[str, Mapping[str, str]], code: str) -> Mapping[str, str]:
    """The texts of exactly this language; ``en`` also takes what is written for a country, such as ``en-GB``."""
    if code in translations:
        return translations[code]
    return next((texts for each, texts in sorted(translations.items()) if each.startswith(f"{code}-")), {})


def _field(article: Article, field: str) -> str | None:
    product, variant, size, display = article.product, article.variant, article.size, article.display
    match field:
        case "sku" | "ean" | "upc":
            return {"sku": size.sku, "ean": size.ean, "upc": size.upc}[field]
        case "size_label" | "size_number":
            return size.label if field == "size_label" else size.number
        case "product_number" | "variant_number":
            return product.number if field == "product_number" else variant.number
        case "product_name" | "variant_name":
            return product.name if field == "product_name" else variant.name
        case "brand" | "collection":
            named = product.brand if field == "brand" else product.collection
            return named.name if named else None
        case "size_chart":
            return variant.size_chart
        case "country_of_origin" | "hs_code":
            return product.country_of_origin if field == "country_of_origin" else product.hs_code
        case "weight":
            return _kilograms(product)
        case "updated_at":
            return product.updated_at.isoformat() if product.updated_at else None
    return _of_display(display, field) if display else None


def _of_display(display: content.Display, field: str) -> str | None:
    if field == "category":
        named = display.canonical_category or next(iter(display.categories), None)
        return named.name if named else None
    return {
        "display_name": display.name, "description": display.description,
        "short_description": display.short_description, "meta_title": display.meta_title,
        "meta_description": display.meta_description,
    }[field]  # fmt: skip


def _kilograms(product: content.Product) -> str | None:
    unit = _UNITS.get(product.weight_unit or "")
    if product.weight is None or unit is None:
        return None
    # To the milligram, without an exponent and without zeros at the end, whatever Centra wrote.
    return f"{product.weight * KILOGRAMS[unit]:.6f}".rstrip("0").rstrip(".")


def _name(source: Source) -> str:
    match source:
        case FromField(field=name):
            return name
        case FromAttribute(attribute=name):
            return name
        case FromMedia(image=place):
            return f"image {place}"
        case FromConstant():
            return "constant"
