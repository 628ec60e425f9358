"""The value of one attribute, from Centra through the field map."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wares import EAN, LONDON, fields, image, jumper, mapped

from integration.centra.content import Named
from integration.domain.articles import Article
from integration.domain.attributes import Value, images_of, value_of
from integration.domain.validation import Trouble
from integration.rulebook.fields import FIELDS, CentraField

TRIM, HTML, JOIN = {"do": "trim"}, {"do": "text_from_html"}, {"do": "join", "by": ", "}
COLOUR = {"attribute": "variant.colour.text"}


def found(
    article: Article, *sources: dict[str, Any], do: tuple[dict[str, Any], ...] = (), language: Any = None, **rule: Any
) -> Value | Trouble | None:
    return value_of(article, mapped(*sources, do=do, **rule), fields(language=language), LONDON)


def text(article: Article, *sources: dict[str, Any], **more: Any) -> str | None:
    """The text of a value without any trouble or warning, None where there is none."""
    value = found(article, *sources, **more)
    assert not isinstance(value, Trouble), value
    assert value is None or value.warning is None
    return value.text if value else None


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("sku", "JMP-NVY-M"), ("ean", EAN), ("upc", "036000291452"), ("size_label", "M"), ("size_number", "20"),
        ("product_number", "HF1"), ("variant_number", "NVY"), ("product_name", "Jumper"), ("variant_name", "Navy"),
        ("display_name", "Lambswool Jumper"), ("description", "<p>Soft</p>"), ("short_description", "Soft"),
        ("meta_title", "A jumper"), ("meta_description", "Buy it"), ("brand", "Harrow & Fen"), ("collection", "Core"),
        ("category", "Knitwear"), ("size_chart", "Letters"), ("country_of_origin", "GB"), ("hs_code", "6110111000"),
        ("weight", "0.45"), ("updated_at", "2026-03-02T23:30:00+00:00"),
    ],
)  # fmt: skip
def test_every_field_of_centra_is_found_where_centra_has_it(field: str, expected: str) -> None:
    whole = jumper(
        {"collection": Named(id=8, name="Core"), "updated_at": datetime(2026, 3, 2, 23, 30, tzinfo=UTC)},
        {"size_chart": "Letters"}, {"upc": "036000291452"},
        {"description": "<p>Soft</p>", "short_description": "Soft", "meta_title": "A jumper",
         "meta_description": "Buy it"},
    )  # fmt: skip
    assert text(whole, {"field": field}) == expected


def test_a_field_that_centra_leaves_empty_is_no_value_whichever_it_is() -> None:
    nothing: dict[str, None] = dict.fromkeys(
        ("brand", "number", "hs_code", "country_of_origin", "weight", "updated_at")
    )
    bare = jumper(
        {**nothing, "name": ""}, {"name": "", "number": None, "size_chart": None},
        {"sku": None, "ean": None, "label": "", "number": " "},
        {"name": "", "description": "", "canonical_category": None},
    )  # fmt: skip
    assert {field: text(bare, {"field": field}) for field in FIELDS} == dict.fromkeys(FIELDS)
    assert set(FIELDS) == set(get_args(CentraField))


def test_an_article_that_no_display_shows_has_no_texts_of_one() -> None:
    shown = jumper()
    hidden = Article(shown.product, shown.variant, shown.size, None, on_sale=False)

    assert text(hidden, {"field": "display_name"}) is None
    assert text(hidden, {"attribute": "display.fit.text"}) is None
    assert text(hidden, {"field": "product_name"}) == "Jumper"


def test_the_category_is_the_canonical_one_before_the_first_of_any() -> None:
    others = (Named(id=8, name="Sale"), Named(id=9, name="New"))
    assert text(jumper(display={"categories": others}), {"field": "category"}) == "Knitwear"
    assert text(jumper(display={"categories": others, "canonical_category": None}), {"field": "category"}) == "Sale"


@pytest.mark.parametrize(
    ("weight", "unit", "expected"),
    [
        ("0.450", "KILOGRAMS", "0.45"), ("100", "KILOGRAMS", "100"), ("1E+2", "KILOGRAMS", "100"),
        ("0", "KILOGRAMS", "0"),
        ("1", "POUNDS", "0.453592"), ("2", "STONES", None), ("2", None, None),
    ],
)  # fmt: skip
def test_a_weight_is_a_plain_number_of_kilograms(weight: str, unit: str | None, expected: str | None) -> None:
    assert text(jumper({"weight": weight, "weight_unit": unit}), {"field": "weight"}) == expected


@pytest.mark.parametrize("pounds", ["1", "0.123456", "2.20462262"])
def test_a_weight_in_pounds_can_be_told_in_grams(pounds: str) -> None:
    heavy = jumper({"weight": pounds, "weight_unit": "POUNDS"})
    grams = text(heavy, {"field": "weight"}, do=({"do": "weight", "to": "grams", "places": 0},))

    assert grams == str(round(float(pounds) * 453.59237))


def test_an_attribute_comes_from_its_level() -> None:
    three = jumper(
        {"attributes": {"fit.text": "of product"}}, {"attributes": {"fit.text": "of variant"}},
        display={"attributes": {"fit.text": "of display"}},
    )  # fmt: skip
    for level in ("product", "variant", "display"):
        assert text(three, {"attribute": f"{level}.fit.text"}) == f"of {level}"
    assert text(three, {"attribute": "product.fit.other"}) is None


def test_an_image_is_counted_in_the_variant_from_one() -> None:
    assert text(jumper(), {"image": 2}, type="link") == image(22).url
    assert text(jumper(), {"image": 4}, type="link") is None
    assert text(jumper(variant={"images": (image(1).model_copy(update={"url": None}),)}), {"image": 1}) is None


def test_a_variant_without_images_borrows_those_of_its_display_then_of_its_product() -> None:
    lent = jumper({"images": (image(1),)}, {"images": ()}, display={"images": (image(4),)})
    last = jumper({"images": (image(1),)}, {"images": ()})

    assert images_of(lent) == (image(4),)
    assert images_of(last) == (image(1),)
    assert images_of(jumper({"images": (image(1),)}, display={"images": (image(4),)}))[0] == image(21)


def test_a_constant_is_the_same_for_all() -> None:
    assert text(jumper(), {"constant": "Adult"}) == "Adult"


def test_what_is_joined_leaves_out_what_has_no_value() -> None:
    title = ({"field": "display_name"}, COLOUR, {"field": "size_label"})

    assert text(jumper(), *title, do=(JOIN,)) == "Lambswool Jumper, Navy, M"
    assert text(jumper(variant={"attributes": {"colour.text": "  "}}), *title, do=(JOIN,)) == "Lambswool Jumper, M"
    assert (
        text(jumper(variant={"attributes": {}}, size={"label": None}, display={"name": ""}), *title, do=(JOIN,)) is None
    )


def test_what_stands_before_join_works_on_each_source_and_what_follows_on_the_whole() -> None:
    sources = ({"field": "description"}, COLOUR)
    wide = jumper(variant={"attributes": {"colour.text": " Navy  blue "}}, display={"description": "<p>Soft</p>"})

    assert text(wide, *sources, do=(HTML, TRIM, JOIN, {"do": "case", "to": "upper"})) == "SOFT, NAVY BLUE"


def test_a_source_of_nothing_but_markup_is_not_joined() -> None:
    hollow = jumper(display={"description": "<p>&nbsp;</p>"})
    assert text(hollow, {"field": "description"}, COLOUR, do=(HTML, TRIM, JOIN)) == "Navy"


def test_the_trouble_of_a_transform_is_the_trouble_of_the_value() -> None:
    teal = jumper(variant={"attributes": {"colour.text": "Teal"}})
    value = found(teal, COLOUR, do=({"do": "list", "name": "colours"},))

    assert isinstance(value, Trouble)
    assert value.rule == "list"


def test_nothing_but_blanks_is_no_value_and_no_word_to_look_up() -> None:
    blank = jumper(variant={"attributes": {"colour.text": "\x07 \x07"}})
    assert found(blank, COLOUR, do=({"do": "list", "name": "colours"},)) is None


def test_what_was_lost_on_the_way_is_told_with_the_value_and_once() -> None:
    dirty = jumper(variant={"attributes": {"colour.text": "Na\x00vy"}}, display={"name": "Lambswool\x1b Jumper"})
    value = found(dirty, {"field": "display_name"}, COLOUR, do=(JOIN, {"do": "truncate", "at": 20}))

    assert value == Value(
        "Lambswool Jumper,", "display_name + variant.colour.text",
        "control characters were left out; was cut from 22 to 17 characters",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"field": "sku"}, "sku"),
        (COLOUR, "variant.colour.text"),
        ({"image": 1}, "image 1"),
        ({"constant": "x"}, "constant"),
    ],
)
def test_a_value_says_where_it_comes_from(source: dict[str, Any], name: str) -> None:
    value = found(jumper(), source)

    assert isinstance(value, Value)
    assert value.source == name


SWEDISH = {"sv-SE": {"name": "Lammullströja", "attributes.colour.text": "Marin"}, "en-GB": {"name": "Jumper"}}


@pytest.mark.parametrize(
    ("code", "missing", "expected"),
    [
        ("sv-SE", "hold", "Lammullströja"), ("sv", "hold", "Lammullströja"), ("en", "hold", "Jumper"),
        ("de", "default", "Lambswool Jumper"), ("sv-FI", "default", "Lambswool Jumper"),
    ],
)  # fmt: skip
def test_a_text_is_in_the_language_of_the_retailer(code: str, missing: str, expected: str) -> None:
    translated = jumper(display={"translations": SWEDISH})
    assert text(translated, {"field": "display_name"}, language={"code": code, "missing": missing}) == expected


def test_what_is_written_only_in_the_language_of_the_retailer_is_taken() -> None:
    translated = jumper(display={"name": "", "translations": SWEDISH})
    assert text(translated, {"field": "display_name"}, language={"code": "sv-SE", "missing": "hold"}) == "Lammullströja"


@pytest.mark.parametrize(
    ("field", "part", "name"),
    [
        ("description", "display", "description"), ("short_description", "display", "shortDescription"),
        ("meta_title", "display", "metaTitle"), ("meta_description", "display", "metaDescription"),
        ("product_name", "product", "name"), ("variant_name", "variant", "name"),
    ],
)  # fmt: skip
def test_each_text_that_centra_translates_is_looked_up_by_centras_name(field: str, part: str, name: str) -> None:
    translated = jumper(**{part: {"translations": {"sv-SE": {name: "på svenska"}}}})
    assert text(translated, {"field": field}, language={"code": "sv-SE", "missing": "hold"}) == "på svenska"


def test_an_attribute_is_translated_too() -> None:
    translated = jumper(variant={"translations": SWEDISH})
    assert text(translated, COLOUR, language={"code": "sv", "missing": "hold"}) == "Marin"


def test_a_text_that_is_not_translated_waits_where_the_map_says_so() -> None:
    value = found(jumper(), {"field": "display_name"}, language={"code": "sv", "missing": "hold"})
    assert value == Trouble("language", "has no text in sv in Centra")


def test_what_has_no_language_never_waits_for_a_translation() -> None:
    hold = {"code": "sv", "missing": "hold"}
    sized = jumper({"attributes": {"width.number": "52"}})

    assert text(sized, {"field": "ean"}, language=hold) == EAN
    assert text(sized, {"attribute": "product.width.number"}, language=hold, type="number") == "52"
    assert text(jumper(display={"name": ""}), {"field": "display_name"}, language=hold) is None


ANY = st.none() | st.text(max_size=30)
WORDS = st.text(max_size=30)
TEXTS = st.dictionaries(st.sampled_from(["colour.text", "fit.text"]), WORDS)
SPOKEN = st.dictionaries(st.sampled_from(["sv", "sv-SE", "en-GB"]), st.dictionaries(st.sampled_from(["name"]), WORDS))
SOURCES = st.sampled_from(
    [*({"field": field} for field in FIELDS), COLOUR, {"image": 1}, {"attribute": "display.fit.text"}]
)
TRANSFORMS = st.sampled_from([
    TRIM, HTML, {"do": "case", "to": "title"}, {"do": "list", "name": "colours"}, {"do": "truncate", "at": 7},
    {"do": "weight", "to": "ounces", "places": 6}, {"do": "date", "form": "YYYYMMDD"},
    {"do": "length", "unit": "inches", "to": "millimetres", "places": 0},
])  # fmt: skip


@given(
    product=st.fixed_dictionaries({
        "name": WORDS, "weight": st.none() | st.decimals(allow_nan=False, allow_infinity=False), "attributes": TEXTS,
        "updated_at": st.none() | st.datetimes(timezones=st.just(UTC)), "translations": SPOKEN,
    }),
    variant=st.fixed_dictionaries({"name": WORDS, "attributes": TEXTS, "images": st.just(())}),
    size=st.fixed_dictionaries({"sku": ANY, "ean": ANY, "label": ANY}),
    display=st.fixed_dictionaries({"name": WORDS, "description": ANY, "attributes": TEXTS, "translations": SPOKEN}),
    source=SOURCES, do=st.lists(TRANSFORMS, max_size=3).map(tuple),
    language=st.none() | st.sampled_from(["default", "hold"]).map(lambda missing: {"code": "sv", "missing": missing}),
)  # fmt: skip
def test_whatever_stands_in_centra_there_is_a_value_or_none_or_a_reason(
    product: dict[str, Any], variant: dict[str, Any], size: dict[str, Any], display: dict[str, Any],
    source: dict[str, Any], do: tuple[dict[str, Any], ...], language: dict[str, str] | None,
) -> None:  # fmt: skip
    value = found(jumper(product, variant, size, display), source, do=do, language=language)

    assert value is None or isinstance(value, Trouble | Value)
    if isinstance(value, Value):
        assert "\x00" not in value.text
        assert "\r" not in value.text
