"""What a retailer would refuse."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.validation import example, wrong_with
from integration.rulebook.fields import Rule
from sandbox.virtualstock.models import Attribute


def rule(kind: str = "text", *, required: bool = False, **bounds: Any) -> Rule:
    return Rule.model_validate({"type": kind, "required": required} | bounds)


def broken(text: str, kind: str = "text", **bounds: Any) -> str | None:
    """The code of the rule that a value breaks."""
    found = wrong_with(text, rule(kind, **bounds))
    return found.rule if found else None


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
@pytest.mark.parametrize("kind", ["text", "whole", "number", "gtin", "link", "date", "yes_no"])
def test_a_blank_value_is_wrong_only_where_one_is_required(kind: str, blank: str) -> None:
    assert broken(blank, kind) is None
    assert broken(blank, kind, required=True) == "required"


def test_a_null_character_is_refused_in_any_text() -> None:
    assert broken("a\x00b") == "text"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("whole", "0"), ("whole", "-12"), ("whole", "+7"), ("number", "1"), ("number", "-0.50"), ("number", ".5"),
        ("number", "5."), ("gtin", "96385074"), ("gtin", "036000291452"), ("gtin", "5060412000017"),
        ("gtin", "15060412000014"), ("link", "http://example.com"), ("link", "HTTPS://example.com:8080/a?b=c"),
        ("date", "2028-02-29"), ("yes_no", "yes"), ("yes_no", "no"),
    ],
)  # fmt: skip
def test_what_a_kind_takes(kind: str, text: str) -> None:
    assert broken(text, kind) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("whole", "1.0"), ("whole", " 1"), ("whole", "1\n"), ("whole", "٣"), ("whole", "1e3"), ("number", "."),
        ("number", "1e3"), ("number", "1,5"), ("number", "NaN"), ("number", "Infinity"), ("number", "1 000"),
        ("gtin", "5060412000018"), ("gtin", "506041200001"), ("gtin", "5060412 000017"), ("gtin", "5060412-000017"),
        ("gtin", "1234567"), ("gtin", "A0"), ("link", "ftp://example.com/a.jpg"), ("link", "example.com/a.jpg"),
        ("link", "http://"), ("link", "https:///a.jpg"), ("link", "https://example.com/a b.jpg"),
        ("link", "https://[::1/a.jpg"), ("link", "https://ada:secret@example.com/a.jpg"),
        ("date", "2027-02-29"), ("date", "20270101"), ("date", "2027-1-1"), ("date", "01/02/2027"),
        ("yes_no", "Yes"), ("yes_no", "true"), ("yes_no", "1"),
    ],
)  # fmt: skip
def test_what_a_kind_refuses(kind: str, text: str) -> None:
    assert broken(text, kind) == kind


def test_a_text_may_be_as_long_as_its_rule_says_and_no_longer() -> None:
    assert broken("x" * 40, longest=40) is None
    assert broken("x" * 41, longest=40) == "longest"


def test_a_choice_is_one_of_the_words_letter_by_letter() -> None:
    assert broken("BLUE", choices=("BLUE", "GREEN")) is None
    assert broken("Blue", choices=("BLUE", "GREEN")) == "choices"


def test_only_some_of_many_choices_are_told() -> None:
    found = wrong_with("x", rule(choices=tuple(f"C{number}" for number in range(1, 31))))

    assert found is not None
    assert found.why.endswith("C12 or 18 more")


@pytest.mark.parametrize("kind", ["whole", "number"])
def test_bounds_belong_to_what_is_allowed(kind: str) -> None:
    bounds = {"least": "1", "most": "10"}
    assert [broken(text, kind, **bounds) for text in ("0", "1", "10", "11")] == ["least", None, None, "most"]


def test_bounds_are_compared_to_the_last_digit() -> None:
    assert broken("0.0099999999999999999999999999999999999999", "number", least="0.01") == "least"
    assert broken("0.01000000000000000000000000000000000000", "number", least="0.01") is None


def test_an_example_is_one_short_line_and_nothing_where_there_is_nothing() -> None:
    assert example("a\n<b>\x07") == " (it is a <b>)"
    assert example("x" * 500) == f" (it is {'x' * 80}…)"
    assert example(" \n") == ""


TEXTS = st.one_of(
    st.text(max_size=20), st.text("0123456789+-.eE ", max_size=16), st.from_regex(r"\A[0-9]{7,14}\Z"),
    st.dates().map(str), st.sampled_from(["yes", "no", "BLUE", "https://a.b/c", "http://a b", "https://"]),
)  # fmt: skip
KINDS = st.sampled_from(["text", "whole", "number", "gtin", "link", "date", "yes_no"])


@given(text=TEXTS, kind=KINDS, required=st.booleans(), longest=st.none() | st.integers(1, 15), bounds=st.booleans())
def test_a_value_is_wrong_exactly_where_the_platform_refuses_it(
    text: str, kind: str, *, required: bool, longest: int | None, bounds: bool
) -> None:
    numeric = bounds and kind in ("whole", "number")
    ours = rule(kind, required=required, longest=longest, **({"least": "1", "most": "500"} if numeric else {}))
    theirs = Attribute(kind, required, longest, least=Decimal(1) if numeric else None,
                       most=Decimal(500) if numeric else None)  # fmt: skip
    expected = theirs.refusal("a", text) is None and not (kind == "link" and "@" in urlsplit(text).netloc)

    assert (wrong_with(text, ours) is None) == expected


@given(st.integers(0, 10**13 - 1), st.sampled_from([8, 12, 13, 14]))
def test_every_gtin_of_every_length_has_one_right_check_digit(number: int, length: int) -> None:
    body = f"{number:014}"[-(length - 1) :]
    right = [digit for digit in "0123456789" if broken(body + digit, "gtin") is None]

    assert len(right) == 1
    assert re.fullmatch(r"[0-9]", right[0])


@given(text=TEXTS, words=st.lists(st.sampled_from(["BLUE", "GREEN", "7"]), min_size=1, unique=True))
def test_with_choices_a_value_is_taken_exactly_where_it_is_one(text: str, words: list[str]) -> None:
    assert (broken(text, choices=tuple(words)) is None) == (text in words or not text.strip())
