"""Delivery addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.schema import DraftAddress
from integration.domain.addresses import country_code, delivery_address, split_name
from integration.virtualstock.schema import Address

WHOLE = {
    "full_name": "Ada Mary King", "line_1": "1 Mill Lane", "line_2": "Flat 2", "city": "Leeds",
    "postal_code": "LS1 4AP", "state": "West Yorkshire", "country": "United Kingdom", "phone": "0113 4960000",
    "email": "ada@example.com",
}  # fmt: skip


def translated(*, branch_order: bool = False, **changes: Any) -> DraftAddress | list[str]:
    address = Address.parse(WHOLE | changes)
    return delivery_address(address, placeholder_email="none@example.com", branch_order=branch_order)


def good(**changes: Any) -> DraftAddress:
    result = translated(**changes)
    assert isinstance(result, DraftAddress)
    return result


def test_a_whole_address_arrives_whole() -> None:
    assert good() == DraftAddress(
        email="ada@example.com", first_name="Ada Mary", last_name="King", address="1 Mill Lane", co_address="Flat 2",
        city="Leeds", zip_code="LS1 4AP", state="West Yorkshire", country="GB", phone="0113 4960000",
    )  # fmt: skip


def test_a_single_name_is_the_last_name() -> None:
    assert split_name("Ada") == ("", "Ada")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GB", "GB"), ("gb", "GB"), ("UK", "GB"), (" united  KINGDOM ", "GB"), ("Northern Ireland", "GB"),
        ("IE", "IE"), ("Republic of Ireland", "IE"), ("Australia", "AU"), ("Atlantis", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str | None, code: str | None) -> None:
    assert country_code(text) == code


def test_everything_that_is_missing_is_said_at_once_and_without_personal_data() -> None:
    assert translated(full_name=None, line_1=" ", country="Atlantis") == [
        "the address has no name",
        "the address has no street",
        "the address has no country that we know",
    ]


def test_a_british_address_needs_a_postcode_unless_it_is_a_shop() -> None:
    assert translated(postal_code="") == ["the address has no postcode"]
    assert isinstance(translated(postal_code="", branch_order=True), DraftAddress)
    assert good(postal_code="", country="Ireland").zip_code == ""


@pytest.mark.parametrize("email", [None, "", "not an address", "a" * 250 + "@example.com"])
def test_a_missing_or_unusable_email_becomes_the_placeholder(email: str | None) -> None:
    assert good(email=email).email == "none@example.com"


def test_nothing_is_cut_to_fit() -> None:
    assert translated(line_1="x" * 256, phone="1" * 65) == [
        "the address is too long for Centra",
        "the phone is too long for Centra",
    ]


def test_line_breaks_and_control_characters_become_blanks() -> None:
    assert good(line_1="1 Mill\r\n\x07Lane ").address == "1 Mill Lane"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80))
def test_the_two_names_print_as_the_full_name(full_name: str) -> None:
    result = translated(full_name=full_name)
    if isinstance(result, DraftAddress):
        printed = f"{result.first_name} {result.last_name}".strip()
        assert printed == " ".join("".join(c if c.isprintable() else " " for c in full_name).split())
