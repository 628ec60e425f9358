"""What a retailer's product attribute shows, and what it accepts, is data: no expression and no code stands in a map.

A map is one document, ``mappings/fields/<name>.yaml``, named by the profiles that use it. It holds the part of the
retailer's data model that we fill: where each value comes from, what is done to it, and what it must look like.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from integration.rulebook.base import (
    AttributeName,
    CentraAttribute,
    Code,
    DateForm,
    Identifier,
    Language,
    Model,
    Number,
    Text,
)

FIELDS = (
    "sku", "ean", "upc", "size_label", "size_number", "product_number", "variant_number", "product_name",
    "variant_name", "display_name", "description", "short_description", "meta_title", "meta_description",
    "brand", "collection", "category", "size_chart", "country_of_origin", "hs_code", "weight", "updated_at",
)  # fmt: skip
CentraField = Literal[
    "sku", "ean", "upc", "size_label", "size_number", "product_number", "variant_number", "product_name",
    "variant_name", "display_name", "description", "short_description", "meta_title", "meta_description",
    "brand", "collection", "category", "size_chart", "country_of_origin", "hs_code", "weight", "updated_at",
]  # fmt: skip
"""Values of a Centra product, variant, display or size that need no name of the merchant's own."""


class FromField(Model):
    """A field that every Centra has. `weight` is a number of kilograms."""

    field: CentraField


class FromAttribute(Model):
    """An attribute of the merchant's own: `<level>.<type>.<element>`, such as ``variant.colour.text``."""

    attribute: CentraAttribute


class FromMedia(Model):
    """The link of the image in this place, from 1, of the variant; where it has no image, of its display or product."""

    image: Annotated[int, Field(ge=1, le=50)]


class FromConstant(Model):
    """The same text for every product."""

    constant: Text


_SOURCES = ("field", "attribute", "image", "constant")


def _kind_of_source(source: object) -> str | None:
    # By the key that is there, so that a mistake inside is one sentence about that kind and not four.
    keys = source if isinstance(source, Mapping) else type(source).model_fields if isinstance(source, Model) else ()
    found = [kind for kind in _SOURCES if kind in keys]
    return found[0] if len(found) == 1 else None


Source = Annotated[
    Annotated[FromField, Tag("field")]
    | Annotated[FromAttribute, Tag("attribute")]
    | Annotated[FromMedia, Tag("image")]
    | Annotated[FromConstant, Tag("constant")],
    Discriminator(
        _kind_of_source,
        custom_error_type="source",
        custom_error_message=f"must have one of the keys {', '.join(_SOURCES)}, and only one",
    ),
]


class Trim(Model):
    """No blanks at the ends, runs of blanks become one; line ends stay."""

    do: Literal["trim"]


class Case(Model):
    """Letters in one case; ``sentence`` = the first letter is a capital, the rest stays."""

    do: Literal["case"]
    to: Literal["upper", "lower", "title", "sentence"]


class TextFromHtml(Model):
    """Tags, scripts and entities go, paragraphs and list items become lines."""

    do: Literal["text_from_html"]


class Join(Model):
    """All sources that have a value, joined in order; the only transform that takes more than one."""

    do: Literal["join"]
    by: Annotated[str, Field(max_length=10)]


class ValueList(Model):
    """The retailer's word for ours, from one of the map's `lists`. A word that is not in it is a problem."""

    do: Literal["list"]
    name: Code


class Truncate(Model):
    """At most `at` characters, cut at the end of a word; cutting is told as a warning."""

    do: Literal["truncate"]
    at: Annotated[int, Field(ge=1, le=100_000)]


class Weight(Model):
    """A number of kilograms in another unit, with that many decimals."""

    do: Literal["weight"]
    to: Literal["grams", "kilograms", "pounds", "ounces"]
    places: Annotated[int, Field(ge=0, le=6)]


class Length(Model):
    """A number in one unit of length in another, with that many decimals."""

    do: Literal["length"]
    unit: Literal["millimetres", "centimetres", "metres", "inches"]
    to: Literal["millimetres", "centimetres", "metres", "inches"]
    places: Annotated[int, Field(ge=0, le=6)]


class DateText(Model):
    """A moment or date as a date of the retailer's time zone, written in this form: ``DD/MM/YYYY``, ``YYYY-MM-DD``."""

    do: Literal["date"]
    form: DateForm


Transform = Annotated[
    Trim | Case | TextFromHtml | Join | ValueList | Truncate | Weight | Length | DateText, Field(discriminator="do")
]


class Rule(Model):
    """What the retailer accepts. `least`, `most` bound numbers, `longest` texts, `choices` are the allowed words."""

    type: Literal["text", "whole", "number", "gtin", "link", "date", "yes_no"]
    required: bool
    longest: Annotated[int, Field(ge=1, le=100_000)] | None = None
    choices: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    least: Number | None = None
    most: Number | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if (self.least is not None or self.most is not None) and self.type not in ("whole", "number"):
            raise ValueError("least and most go with type: whole or number")
        if self.least is not None and self.most is not None and Decimal(self.least) > Decimal(self.most):
            raise ValueError("least is above most, so no number could be right")
        if self.choices is not None and self.type not in ("text", "whole"):
            raise ValueError("choices go with type: text or whole")
        return self


class AttributeMap(Model):
    """One attribute of the retailer: its sources, what is done to them in order, and its rule."""

    attribute: AttributeName
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=10)]
    transforms: tuple[Transform, ...]
    rule: Rule

    @model_validator(mode="after")
    def _joined(self) -> "AttributeMap":
        joins = sum(each.do == "join" for each in self.transforms)
        if joins > 1 or (len(self.sources) > 1) != (joins == 1):
            raise ValueError("several sources need exactly one transform join, and one source needs none")
        if joins and any(each.do not in ("trim", "case", "text_from_html") for each in self._before_join()):
            raise ValueError("only trim, case and text_from_html may stand before join; they work on each source")
        return self

    def _before_join(self) -> tuple[Transform, ...]:
        names = [each.do for each in self.transforms]
        return self.transforms[: names.index("join")]


class CategoryMap(Model):
    """What applies to listings of one category of the retailer, beside the map's `common` attributes.

    `centra_categories`: names of the Centra categories whose new products are created in it.
    """

    category: Identifier
    name: Text
    centra_categories: tuple[Text, ...]
    attributes: tuple[AttributeMap, ...]


class LanguageRule(Model):
    """The Centra language of the texts, such as ``en`` or ``en-GB``.

    `missing`: where a text is not translated, ``default`` shows Centra's default language, ``hold`` is a problem.
    """

    code: Language
    missing: Literal["default", "hold"]


class Withdrawal(Model):
    """How the retailer is told that a product is sold no longer: one attribute, and its value before and after."""

    attribute: AttributeName
    on_sale: Text
    withdrawn: Text


class FieldMap(Model):
    """``fields/<name>.yaml``. `language` null takes Centra's default texts; `withdrawal` null sends stock 0 only."""

    language: LanguageRule | None
    lists: Mapping[Code, Mapping[Text, Text]]
    common: tuple[AttributeMap, ...]
    categories: tuple[CategoryMap, ...]
    withdrawal: Withdrawal | None

    def attributes_of(self, category: int | None) -> tuple[AttributeMap, ...]:
        """Everything that applies to a listing of this category."""
        own = next((each.attributes for each in self.categories if each.category == category), ())
        return (*self.common, *own)
