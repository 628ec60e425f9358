"""Countries, counties and postcodes."""

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.places import country_code, postcode, town_and_county


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GB", "GB"), ("gbr", "GB"), ("UK", "GB"), ("U.K.", "GB"), (" united  KINGDOM ", "GB"), ("Scotland", "GB"),
        ("United Kingdom of Great Britain & Northern Ireland", "GB"), ("N. Ireland", "GB"), ("Northern Ireland", "GB"),
        ("IE", "IE"), ("Republic of Ireland", "IE"), ("EIRE", "IE"), ("Éire", "IE"), ("Australia", "AU"),
        ("Jersey", "JE"), ("Guernsey", "GG"), ("Isle of Man", "IM"), ("Gibraltar", "GI"), ("The Netherlands", "NL"),
        ("Cote d’Ivoire", "CI"), ("Turkey", "TR"), ("South Korea", "KR"), ("USA", "US"),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "Atlantis", "Unted Kingdom", "Leeds", "XX", "826", "Ireland Northern", "🇬🇧"])
def test_an_unknown_country_is_not_guessed(text: str) -> None:
    assert country_code(text) is None


def test_every_country_of_the_library_is_known_by_all_its_names() -> None:
    for country in pycountry.countries:
        assert country_code(country.alpha_2.lower()) == country.alpha_2
        assert country_code(country.name.upper()) == country.alpha_2


@pytest.mark.parametrize(("code", "country"), [("JE2 3AB", "JE"), ("gy1 1aa", "GG"), ("LS1 4AP", None), ("", None)])
def test_the_channel_islands_are_told_apart_by_postcode(code: str, country: str | None) -> None:
    assert country_code("Channel Islands", code) == country


def test_a_stated_country_wins_over_the_postcode() -> None:
    assert country_code("GB", "JE2 3AB") == "GB"


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("ls14ap", "GB", "LS1 4AP"), ("LS1  4AP", "GB", "LS1 4AP"), ("sw1a 1aa", "GB", "SW1A 1AA"),
        ("E C 1 A 1 B B", "GB", "EC1A 1BB"), ("je23ab", "JE", "JE2 3AB"), ("gir0aa", "GB", "GIR 0AA"),
        ("BFPO 57", "GB", "BFPO 57"), ("SW1A OAA", "GB", "SW1A OAA"),
        ("ls1 4ap please ring", "GB", "ls1 4ap please ring"),
        ("d02 x285", "IE", "d02 x285"), ("n1 1aa", "NL", "n1 1aa"), ("", "GB", ""),
    ],
)  # fmt: skip
def test_british_postcodes_are_written_in_one_way_and_others_stay(text: str, country: str, code: str) -> None:
    assert postcode(text, country) == code


@pytest.mark.parametrize(
    ("before", "country", "after"),
    [
        (("Flat 2", "Leeds, West Yorkshire", ""), "GB", ("Flat 2", "Leeds", "West Yorkshire")),
        (("", "Newcastle, Tyne & Wear", ""), "GB", ("", "Newcastle", "Tyne & Wear")),
        (("", "Seaham, Co. Durham", ""), "GB", ("", "Seaham", "Co. Durham")),
        (("", "Bray, Co Wicklow", ""), "IE", ("", "Bray", "Co Wicklow")),
        (("", "Richmond, VIC", ""), "AU", ("", "Richmond", "VIC")),
        (("Maidstone", "Kent", ""), "GB", ("", "Maidstone", "Kent")),
        (("Parramatta", "New South Wales", ""), "AU", ("", "Parramatta", "New South Wales")),
    ],
)
def test_a_county_in_the_city_becomes_the_state(
    before: tuple[str, str, str], country: str, after: tuple[str, str, str]
) -> None:
    assert town_and_county(*before, country) == after


@pytest.mark.parametrize(
    ("before", "country"),
    [
        (("", "Leeds, West Yorkshire", "Yorkshire"), "GB"),  # the state is told
        (("", "Headingley, Leeds", ""), "GB"),  # a district of ISO, but a town to everyone else
        (("", "Leeds West Yorkshire", ""), "GB"),
        (("", ", Kent", ""), "GB"),
        (("Ballsbridge", "Dublin", ""), "IE"),
        (("", "Ballsbridge, Dublin", ""), "IE"),
        (("Flat 2", "Kent", ""), "GB"),
        (("", "Kent", ""), "GB"),
        (("", "Paris, Kent", ""), "FR"),
        (("", "", ""), "GB"),
    ],
)
def test_what_is_not_certainly_a_county_stays(before: tuple[str, str, str], country: str) -> None:
    assert town_and_county(*before, country) == before


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_too_odd_to_be_looked_up(text: str, code: str) -> None:
    country_code(text, code)
    assert postcode(text, "GB").replace(" ", "") in (text.upper().replace(" ", ""), text.replace(" ", ""))
