"""From Centra's words to the retailer's."""

import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from wares import LONDON, fields

from integration.domain.transforms import LONGEST_HTML, Shaped, apply, printable, truncated
from integration.domain.validation import Trouble
from integration.rulebook.fields import Transform

TRANSFORM: TypeAdapter[Any] = TypeAdapter(Transform)


def done(text: str, do: str, zone: str = LONDON, **options: Any) -> Shaped | Trouble:
    return apply(TRANSFORM.validate_python({"do": do} | options), text, fields(), zone)


def shaped(text: str, do: str, zone: str = LONDON, **options: Any) -> str:
    """The text of a transform that must succeed without a warning."""
    result = done(text, do, zone, **options)
    assert isinstance(result, Shaped), result
    assert result.warning is None
    return result.text


def trouble(text: str, do: str, **options: Any) -> Trouble:
    result = done(text, do, **options)
    assert isinstance(result, Trouble), result
    return result


def test_trim_takes_blanks_away_and_leaves_lines() -> None:
    assert shaped("  Soft \t  and\u00a0 warm \n\n  Ribbed  \n", "trim") == "Soft and warm\n\nRibbed"


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("upper", "MEN'S DE LUXE TEE"), ("lower", "men's de luxe tee"), ("title", "Men's De Luxe Tee"),
        ("sentence", "Men's de Luxe TEE"),
    ],
)  # fmt: skip
def test_letters_come_in_the_case_asked_for(to: str, expected: str) -> None:
    assert shaped("men's de Luxe TEE", "case", to=to) == expected


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Soft and warm", "Soft and warm"),
        ("<p>Soft &amp; warm&hellip;</p><p>Second</p>", "Soft & warm…\n\nSecond"),
        ("<p>For</p><ul><li>cold</li><li>wet<ol><li>rain</li><li>snow</li></ol></li></ul>",
         "For\n\n  * cold\n  * wet\n     1. rain\n     2. snow"),
        ("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree"),
        ("<span>a</span><span>b</span> <b>c</b>", "ab c"),
        ("<table><caption>Sizes</caption><tr><th>Size</th><th>Chest</th></tr><tr><td>S</td><td>90 cm</td></tr></table>",
         "Sizes\nSize Chest\nS 90 cm"),
        ("a<script>alert(1)</script><style>p { }</style><!-- no -->b", "ab"),
        ("a<template>t</template><noscript>n</noscript>b", "ab"),
        ("<p style='color: red; Display :none'>hidden</p>shown", "shown"),
        ("a < b & c", "a < b & c"),
        ("<?xml version='1.0' encoding='utf-8'?><p>x</p>", "x"),
        ("<!-- only -->", ""), ("<p></p>", ""), ("<", "<"),
    ],
)  # fmt: skip
def test_html_becomes_the_text_that_a_browser_shows(html: str, text: str) -> None:
    assert shaped(html, "text_from_html") == text


def test_a_control_character_behind_an_entity_is_left_out_and_told() -> None:
    assert done("a&#1;b", "text_from_html") == Shaped("ab", "control characters were left out")


@pytest.mark.parametrize(
    "html",
    [
        "<p style='padding-left: 99999em'>" + "a<br>" * 20_000,
        "<p style='margin-top: 99999em'>a</p>" * 5_000,
        "<table><tr><td>" + "x" * 100_000 + "</td></tr>" + "<tr><td>a" * 9_000 + "</table>",
        "<div>" * 30_000 + "x",
        "<ul><li>" * 20_000 + "x",
        "&" * 200_000,
    ],
    ids=["padding", "margin", "columns", "depth", "lists", "entities"],
)
def test_html_that_asks_for_gigabytes_gets_no_more_than_it_brought(html: str) -> None:
    assert len(shaped(html, "text_from_html")) <= len(html)


def test_a_text_that_no_description_can_be_is_not_read_at_all() -> None:
    assert trouble("<p>" + "x" * LONGEST_HTML, "text_from_html").rule == "html"


def test_html_that_cannot_be_read_is_told_and_not_guessed() -> None:
    assert trouble("<ol><li value='²'>x</li></ol>", "text_from_html").rule == "html"


TAGS = st.sampled_from(
    ["<p>", "</p>", "<ul>", "<li>", "<ol>", "</ol>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<br/>", "<pre>",
     "<li value=x>", "<p style=':;x'>", "<p style='display'>", "<!--", "-->", "<![CDATA[", "&#0;", "&#xd800;", "&amp",
     "<?", "<svg:a>", "<a href='", "<body>", "<html>", "<head>", "<frameset>", "<q>", "<td align=x>", "\x00", "]]>"]
)  # fmt: skip


@given(st.lists(TAGS | st.text(max_size=5), max_size=30).map("".join))
def test_no_html_breaks_the_reading_of_it(html: str) -> None:
    result = done(printable(html).text, "text_from_html")

    assert isinstance(result, Trouble) or printable(result.text) == Shaped(result.text)


def test_a_word_of_ours_becomes_the_retailers() -> None:
    assert shaped("Moss", "list", name="colours") == "GREEN"


def test_a_word_that_is_not_in_the_list_is_told_by_name() -> None:
    found = trouble("Teal", "list", name="colours")

    assert found.rule == "list"
    assert "colours" in found.why
    assert "Teal" in found.why


def test_a_cut_text_ends_with_a_whole_word_and_says_that_it_was_cut() -> None:
    assert truncated("Soft warm jumper", 12) == Shaped("Soft warm", "was cut from 16 to 9 characters")
    assert truncated("Soft warm jumper", 9).text == "Soft warm"
    assert truncated("Soft warm jumper", 16) == Shaped("Soft warm jumper")


def test_a_word_longer_than_its_place_is_cut_in_itself() -> None:
    assert truncated("Donaudampfschiff fährt", 5).text == "Donau"


@given(st.text(st.sampled_from("ab \n"), max_size=60), st.integers(1, 60))
def test_a_cut_text_is_a_beginning_that_fits_and_ends_at_a_word(text: str, at: int) -> None:
    result = truncated(text, at)

    assert len(result.text) <= at or result.text == text
    assert text.startswith(result.text)
    if result.text != text:
        rest = text[len(result.text) :]
        one_word = not any(letter.isspace() for letter in text[:at].strip())
        assert rest[0].isspace() or one_word
        assert result.warning


@pytest.mark.parametrize(
    ("kilograms", "to", "places", "expected"),
    [
        ("0.45", "grams", 0, "450"), ("0.0005", "grams", 0, "1"), ("1.2", "kilograms", 2, "1.20"),
        ("1", "pounds", 3, "2.205"), ("1", "ounces", 1, "35.3"), (" 2 ", "grams", 0, "2000"),
    ],
)  # fmt: skip
def test_kilograms_become_another_weight(kilograms: str, to: str, places: int, expected: str) -> None:
    assert shaped(kilograms, "weight", to=to, places=places) == expected


@pytest.mark.parametrize(
    ("text", "unit", "to", "expected"),
    [
        ("180", "centimetres", "metres", "1.80"),
        ("1", "inches", "millimetres", "25.40"),
        ("-3", "metres", "inches", "-118.11"),
    ],
)
def test_a_length_becomes_another(text: str, unit: str, to: str, expected: str) -> None:
    assert shaped(text, "length", unit=unit, to=to, places=2) == expected


@pytest.mark.parametrize("text", ["", "heavy", "1,5", "1e3", "NaN", "1 kg", "9" * 40])
def test_what_is_no_number_is_not_converted(text: str) -> None:
    assert trouble(text, "weight", to="grams", places=0).rule == "number"
    assert trouble(text, "length", unit="metres", to="inches", places=6).rule == "number"


@given(
    st.decimals("-999999999999", "999999999999", places=6), st.sampled_from(["grams", "kilograms", "pounds", "ounces"])
)
def test_a_converted_number_is_plain_and_as_close_as_its_places_allow(number: Decimal, to: str) -> None:
    per_kilogram = {"grams": Decimal(1000), "kilograms": Decimal(1), "pounds": 1 / Decimal("0.45359237"),
                    "ounces": 1 / Decimal("0.028349523125")}[to]  # fmt: skip
    text = shaped(f"{number:f}", "weight", to=to, places=3)

    assert "e" not in text.lower()
    assert abs(Decimal(text) - number * per_kilogram) <= Decimal("0.000501")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("YYYY-MM-DD", "2026-03-02"), ("DD/MM/YYYY", "02/03/2026"), ("DD-MM-YYYY", "02-03-2026"),
        ("DD.MM.YYYY", "02.03.2026"), ("MM/DD/YYYY", "03/02/2026"), ("YYYYMMDD", "20260302"),
    ],
)  # fmt: skip
def test_a_date_is_written_as_the_retailer_reads_it(form: str, expected: str) -> None:
    assert shaped("2026-03-02", "date", form=form) == expected


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-03-02T23:30:00+00:00", "Europe/London", "2026-03-02"),
        ("2026-07-02T23:30:00+00:00", "Europe/London", "2026-07-03"),
        ("2026-03-02T23:30:00+00:00", "Europe/Stockholm", "2026-03-03"),
        ("2026-03-03T01:00:00+02:00", "UTC", "2026-03-02"),
        ("2026-07-02T23:30:00", "Europe/London", "2026-07-03"),
        ("2026-07-02", "America/New_York", "2026-07-02"),
    ],
)
def test_a_moment_is_the_day_that_the_retailers_calendar_shows(moment: str, zone: str, expected: str) -> None:
    assert shaped(moment, "date", zone, form="YYYY-MM-DD") == expected


def test_a_moment_without_a_zone_is_utc_wherever_we_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert shaped("2026-03-02T12:00:00", "date", "Pacific/Auckland", form="YYYY-MM-DD") == "2026-03-03"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "02/03/2026", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert trouble(text, "date", form="YYYY-MM-DD").rule == "date"


@given(st.dates(min_value=date(1900, 1, 1)))
def test_no_date_is_lost_in_its_form(day: date) -> None:
    for form, parsed in (("YYYY-MM-DD", "%Y-%m-%d"), ("DD.MM.YYYY", "%d.%m.%Y"), ("YYYYMMDD", "%Y%m%d")):
        assert datetime.strptime(shaped(str(day), "date", form=form), parsed).date() == day


def test_control_characters_are_left_out_and_told_and_line_ends_become_one_kind() -> None:
    assert printable("a\x00b\x1b\x85c\ud800") == Shaped("abc", "control characters were left out")
    assert printable("a\r\nb\rc\td") == Shaped("a\nb\nc\td")


@given(st.text())
def test_printable_leaves_nothing_to_do_a_second_time(text: str) -> None:
    once = printable(text).text

    assert printable(once) == Shaped(once)
    assert not {"\x00", "\r", "\x7f"} & set(once)
