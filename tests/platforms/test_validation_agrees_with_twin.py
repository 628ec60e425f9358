"""What our rules pass the retailer takes, and what they stop it would refuse: both sides hold the same model.

The twin's models are written by hand from what a retailer installs; the shipped field maps are written by hand too.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stdnum import ean

from integration.domain.validation import wrong_with
from integration.rulebook import Rulebook
from integration.rulebook.fields import AttributeMap, Rule
from sandbox.virtualstock.models import Attribute, installed

BOOK = Rulebook.load(Path(__file__).parents[2] / "mappings")
MODELS = installed()
KINDS = ("text", "whole", "number", "gtin", "link", "date", "yes_no")


def places(retailer: str) -> Iterator[tuple[int, AttributeMap]]:
    """Every attribute of a retailer's map as it applies in each category of its model."""
    for category in MODELS[retailer].categories:
        for mapped in BOOK.fields_of(retailer).attributes_of(category):
            yield category, mapped


PLACES = [(retailer, category, mapped) for retailer in BOOK.retailers for category, mapped in places(retailer)]
NAMES = [f"{code}-{number}-{each.attribute}" for code, number, each in PLACES]
ALL = pytest.mark.parametrize(("retailer", "category", "mapped"), PLACES, ids=NAMES)
EACH = pytest.mark.parametrize("retailer", list(BOOK.retailers))


def numbered(digits: str) -> str:
    """Digits with the check digit that makes them a GTIN."""
    return digits + str(ean.calc_check_digit(digits))


digits = st.text("0123456789", min_size=6, max_size=14)
gtins = st.one_of(*(st.text("0123456789", min_size=size, max_size=size).map(numbered) for size in (7, 10, 11, 12, 13)))
links = st.builds(
    "{}{}{}".format, st.sampled_from(["http://", "https://", "HTTPS://", "ftp://", "//", "http:/", "javascript:", ""]),
    st.sampled_from(["cdn.example.com", "[::1]", "[", "jane@example.com", "", "a b", "xn--4ca", "example.com:port"]),
    st.one_of(st.just("/1.jpg"), st.text(max_size=8)),
)  # fmt: skip
numbers = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str), st.integers().map(str), st.floats().map(str),
    st.sampled_from(["-1", "0", "0.00", "0.01", "0.009", "1", "+1", "1.", ".5", "1,5", "1e3", " 1", "1\n", "٣", "0x1"]),
)  # fmt: skip
dates = st.one_of(
    st.dates().map(str), st.datetimes().map(str),
    st.sampled_from(["2026-02-30", "20260131", "2026-W05-6", "0000-01-01", "31/01/2026", "2026-1-1"]),
)
texts = st.one_of(
    st.text(max_size=60), st.integers(0, 4100).map("x".__mul__),
    st.sampled_from(["", " ", "\n", "\xa0", "a\x00", "\x00"]),
)
words = st.sampled_from(["yes", "no", "Yes", "LIVE", "BLUE", "blue"])
values = st.one_of(texts, numbers, digits, gtins, links, dates, words)


def names_a_person(text: str, kind: str) -> bool:
    """A link with a user name or password: the platform would take it, and we never publish one."""
    return kind == "link" and "@" in urlsplit(text).netloc


def disagreement(text: str, rule: Rule, attribute: Attribute) -> str | None:
    """How the two sides differ about a value, in words; None when they agree."""
    ours, theirs = wrong_with(text, rule), attribute.refusal("it", text)
    if (ours is None) == (theirs is None):
        return None
    if theirs is None and ours is not None and ours.rule == "link" and names_a_person(text, rule.type):
        return None
    return f"{text!r}: we say {ours}, the retailer says {theirs}"


def ruled(attribute: Attribute) -> Rule:
    """The rule of the model as a field map would write it."""
    return Rule.model_validate({
        "type": attribute.kind, "required": attribute.required, "longest": attribute.longest,
        "choices": attribute.choices or None,
        **{name: None if bound is None else str(bound)
           for name, bound in (("least", attribute.least), ("most", attribute.most))},
    })  # fmt: skip


@ALL
def test_a_shipped_rule_is_the_rule_of_the_model(retailer: str, category: int, mapped: AttributeMap) -> None:
    model = MODELS[retailer].attributes(category)

    assert mapped.attribute in model
    assert not model[mapped.attribute].made_here
    assert mapped.rule == ruled(model[mapped.attribute])


@EACH
def test_a_shipped_map_names_only_categories_of_the_model(retailer: str) -> None:
    assert {each.category for each in BOOK.fields_of(retailer).categories} <= MODELS[retailer].categories.keys()


@EACH
def test_a_price_goes_into_an_attribute_that_takes_what_we_send(retailer: str) -> None:
    for category in MODELS[retailer].categories:
        model = MODELS[retailer].attributes(category)
        for field in BOOK.retailers[retailer].prices.fields:
            assert not model[field.attribute].made_here
            assert model[field.attribute].kind == "number"
            for price in (Decimal(1).scaleb(-field.places), Decimal("79.00")):
                assert model[field.attribute].refusal(field.attribute, f"{price:f}") is None


@EACH
def test_a_withdrawal_says_what_its_attribute_takes(retailer: str) -> None:
    withdrawal = BOOK.fields_of(retailer).withdrawal
    for category in MODELS[retailer].categories if withdrawal else ():
        attribute = MODELS[retailer].attributes(category)[withdrawal.attribute]
        assert set(attribute.choices) == {withdrawal.on_sale, withdrawal.withdrawn}


@EACH
def test_whatever_the_model_requires_is_filled(retailer: str) -> None:
    prices = {field.attribute for field in BOOK.retailers[retailer].prices.fields}
    for category in MODELS[retailer].categories:
        needed = {name for name, each in MODELS[retailer].attributes(category).items() if each.required}
        filled = {each.attribute for each in BOOK.fields_of(retailer).attributes_of(category)}
        assert needed <= filled | prices


@EACH
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(text=values)
@example("x" * 2001)
@example("jane:secret@example.com")
@example("https://jane:secret@example.com/1.jpg")
def test_each_attribute_refuses_exactly_what_our_rule_finds_wrong(retailer: str, text: str) -> None:
    found = {
        (category, mapped.attribute): disagreement(
            text, mapped.rule, MODELS[retailer].attributes(category)[mapped.attribute]
        )
        for category, mapped in places(retailer)
    }

    assert {name: told for name, told in found.items() if told} == {}


bounds = st.none() | st.sampled_from(["-1", "0", "0.01", "1", "100"])


@given(
    text=values, kind=st.sampled_from(KINDS), required=st.booleans(), longest=st.none() | st.integers(1, 60),
    choices=st.sampled_from([(), ("BLUE", "1")]), least=bounds,
)  # fmt: skip
def test_any_rule_is_read_by_both_sides_the_same(
    text: str, kind: str, *, required: bool, longest: int | None, choices: tuple[str, ...], least: str | None
) -> None:
    attribute = Attribute(kind, required, longest, choices if kind in ("text", "whole") else ())
    if kind in ("whole", "number") and least is not None:
        attribute = replace(attribute, least=Decimal(least), most=Decimal(least) + 100)

    assert disagreement(text, ruled(attribute), attribute) is None
