"""What Centra says of a product as a shop shows it: texts, attributes, categories, images, prices and campaigns.

One reading holds a product with everything below it, so that what a retailer is told is never mixed from two moments.
Field names are those of "Centra docs: Integration API, GraphQL reference".
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from integration.centra.schema import Flag, Moment, Read, Rows, at, maybe


def _values(attributes: object) -> object:
    """``{"<type>.<element>": text}`` of all attributes; what has no value is left out. A mapping passes unchanged."""
    if isinstance(attributes, Mapping):
        return attributes
    found = {}
    for attribute in _dicts(attributes):
        name = (attribute.get("type") or {}).get("name")
        for element in _dicts(attribute.get("elements")):
            # A choice shows its name; its key is the catalogue's own.
            value = next((element[key] for key in ("value", "selectedValueName", "selectedValue", "url")
                          if element.get(key) not in (None, "")), None)  # fmt: skip
            if name and element.get("key") and value is not None:
                found[f"{name}.{element['key']}"] = str(value)
    return found


def _translations(rows: object) -> object:
    """``{"en-GB": {field: text}}``; a text that is not translated (null) is left out. A mapping passes unchanged."""
    if isinstance(rows, Mapping):
        return rows
    found: dict[str, dict[str, str]] = {}
    for row in _dicts(rows):
        language = row.get("language") or {}
        code = "-".join(part for part in (language.get("languageCode"), language.get("countryCode")) if part)
        texts = {each["field"]: str(each["value"]) for each in _dicts(row.get("fields"))
                 if each.get("field") and each.get("value") not in (None, "")}  # fmt: skip
        if code:
            found[code] = texts
    return found


def _ids(rows: object) -> object:
    """The ids of a list of objects; ids themselves pass unchanged."""
    if rows is None:
        return ()
    return [row["id"] if isinstance(row, Mapping) else row for row in rows] if isinstance(rows, Iterable) else rows


def _dicts(rows: object) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []


Words = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Attributes = Annotated[dict[str, str], BeforeValidator(_values)]
Translations = Annotated[dict[str, dict[str, str]], BeforeValidator(_translations)]
Ids = Annotated[tuple[int, ...], BeforeValidator(_ids)]


class Amount(Read):
    """An amount of money; `currency` is its ISO code."""

    value: Decimal
    currency: str = at("currency", "code")


class Price(Read):
    """The price of a variant in one pricelist; `amount` is None where it has none there."""

    id: int
    pricelist_id: int = at("pricelist", "id")
    amount: Amount | None = maybe("price")
    recommended: Amount | None = maybe("recommendedRetailPrice")


def _none_if_never(value: object) -> object:
    """Centra writes "never" as null, as an empty text or as a date of zeros, depending on the surface."""
    return None if isinstance(value, str) and not value.strip(" 0-:TZ+.") else value


# An unreadable bound taken for "none" would let a reduction begin at once and never end.
Bound = Annotated[
    Annotated[AwareDatetime | str, Field(union_mode="left_to_right")] | None, BeforeValidator(_none_if_never)
]


class Campaign(Read):
    """A reduction of one variant for a period: `percent` off, or a `fixed` price. `stops_at` is the first moment
    after it; None on either side = without bound, a text = a bound that names no moment, as one without a zone."""

    id: int
    status: Words = "ACTIVE"
    variant_id: int = at("productVariant", "id")
    percent: Decimal | None = maybe("discountPercent")
    fixed: Amount | None = maybe("fixedPrice")
    starts_at: Bound = maybe("startAt")
    stops_at: Bound = maybe("stopAt")


class Image(Read):
    """An image in the merchant's standard size."""

    id: int
    url: str | None = maybe("source", "url")


class Size(Read):
    """A sellable unit. `label` is what a customer sees, such as ``M``."""

    id: int
    sku: str | None = maybe("SKU")
    ean: str | None = maybe("EAN")
    upc: str | None = maybe("UPC")
    label: str | None = maybe("description")
    number: str | None = maybe("sizeNumber")
    is_active: Flag = maybe("isActive", default=True)


class Variant(Read):
    """A product in one colour."""

    id: int
    name: Words = ""
    status: Words = "ACTIVE"
    number: str | None = maybe("variantNumber")
    unit_cost: Amount | None = maybe("unitCost")
    size_chart: str | None = maybe("sizeChart", "name")
    attributes: Attributes = Field(default_factory=dict)
    translations: Translations = Field(default_factory=dict)
    images: Annotated[tuple[Image, ...], Rows] = maybe("media", default=())
    prices: Annotated[tuple[Price, ...], Rows] = ()
    sizes: Annotated[tuple[Size, ...], Rows] = maybe("productSizes", default=())


class Named(Read):
    """A category, brand or collection."""

    id: int
    name: Words = ""


class Display(Read):
    """A product as a store shows it, in some markets, with the campaigns of its variants."""

    id: int
    name: Words = ""
    status: Words = "ACTIVE"
    store_id: int = at("store", "id")
    market_ids: Ids = maybe("markets", default=())
    variant_ids: Ids = maybe("productVariants", default=())
    description: str | None = None
    short_description: str | None = maybe("shortDescription")
    meta_title: str | None = maybe("metaTitle")
    meta_description: str | None = maybe("metaDescription")
    canonical_category: Named | None = maybe("canonicalCategory")
    categories: Annotated[tuple[Named, ...], Rows] = ()
    attributes: Attributes = Field(default_factory=dict)
    translations: Translations = Field(default_factory=dict)
    images: Annotated[tuple[Image, ...], Rows] = maybe("media", default=())
    campaigns: Annotated[tuple[Campaign, ...], Rows] = maybe("campaignVariants", default=())


class Product(Read):
    """A style with all its variants, sizes and displays. `weight` is in `weight_unit`, KILOGRAMS or POUNDS."""

    id: int
    name: Words = ""
    status: Words = "ACTIVE"
    number: str | None = maybe("productNumber")
    hs_code: str | None = maybe("harmonizedCommodityCode")
    country_of_origin: str | None = maybe("countryOfOrigin", "code")
    weight: Decimal | None = maybe("weight", "value")
    weight_unit: str | None = maybe("weight", "unit")
    brand: Named | None = None
    collection: Named | None = None
    updated_at: Moment = maybe("updatedAt")
    attributes: Attributes = Field(default_factory=dict)
    translations: Translations = Field(default_factory=dict)
    images: Annotated[tuple[Image, ...], Rows] = maybe("media", default=())
    displays: Annotated[tuple[Display, ...], Rows] = ()
    variants: Annotated[tuple[Variant, ...], Rows] = ()
