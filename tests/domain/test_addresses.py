"""Delivery addresses."""

from typing import Any

import pytest
from builders import draft, raw_order
from hypothesis import example, given
from hypothesis import strategies as st

from integration.centra.drafts import DraftAddress
from integration.domain.addresses import LONGEST_COMMENT, Destination, delivery_address
from integration.domain.texts import divide, one_line
from integration.virtualstock.schema import Address

WHOLE = {
    "full_name": "Ada Mary King", "line_1": "1 Mill Lane", "line_2": "Flat 2", "city": "Leeds",
    "postal_code": "ls14ap", "state": "West Yorkshire", "country": "United Kingdom", "phone": "0113 4960000",
    "email": "ada@example.com",
}  # fmt: skip
TEXT_FIELDS = ("first_name", "last_name", "address", "co_address", "city", "zip_code", "state", "phone")


def translated(
    *, branch_order: bool = False, instructions: str | None = None, **changes: Any
) -> Destination | list[str]:
    return delivery_address(
        Address.parse(WHOLE | changes),
        placeholder_email="none@example.com",
        branch_order=branch_order,
        instructions=instructions,
    )


def good(**changes: Any) -> Destination:
    result = translated(**changes)
    assert isinstance(result, Destination)
    return result


def test_a_whole_address_arrives_whole() -> None:
    assert good() == Destination(
        DraftAddress(
            email="ada@example.com", first_name="Ada Mary", last_name="King", address="1 Mill Lane",
            co_address="Flat 2", city="Leeds", zip_code="LS1 4AP", state="West Yorkshire", country="GB",
            phone="+441134960000",
        ),
        comment="",
    )  # fmt: skip


def test_everything_that_is_missing_is_said_at_once_and_without_personal_data() -> None:
    assert translated(full_name=None, line_1=" ", country="Atlantis") == [
        "the address has no name",
        "the address has no street",
        "the address has no country that we know",
    ]


def test_an_empty_country_is_not_made_up() -> None:
    assert translated(country="") == ["the address has no country that we know"]


@pytest.mark.parametrize("country", ["GB", "Jersey", "Isle of Man"])
def test_a_british_address_needs_a_postcode_unless_it_is_a_shop(country: str) -> None:
    assert translated(postal_code="", country=country) == ["the address has no postcode"]
    assert isinstance(translated(postal_code="", country=country, branch_order=True), Destination)
    assert good(postal_code="", country="Ireland").address.zip_code == ""


@pytest.mark.parametrize("email", [None, "", "not an address", "a" * 250 + "@example.com"])
def test_a_missing_or_unusable_email_becomes_the_placeholder(email: str | None) -> None:
    assert good(email=email).address.email == "none@example.com"


def test_line_breaks_and_control_characters_become_blanks() -> None:
    assert good(line_1="1 Mill\r\n\x07Lane\u00a0\u200bEast ").address.address == "1 Mill Lane East"


def test_a_county_in_the_city_is_taken_out() -> None:
    made = good(city="Leeds, West Yorkshire", state="").address
    assert (made.city, made.state) == ("Leeds", "West Yorkshire")


def test_british_customs_are_not_read_into_other_countries() -> None:
    made = good(city="Paris, Kent", state="", postal_code="n1 1aa", phone="01 42 68 53 00", country="France").address
    assert (made.city, made.state, made.zip_code, made.phone) == ("Paris, Kent", "", "n1 1aa", "+33142685300")


def test_the_instructions_are_carried_over_as_they_are() -> None:
    assert good(instructions="Ring twice.\nDog!").comment == "Ring twice.\nDog!"


def test_a_long_street_runs_over_into_the_second_line_and_then_into_the_comment() -> None:
    long = " ".join(f"word{number:03}" for number in range(100))
    made = good(line_1=long, instructions="Ring twice")
    assert made.address.address.split()[-1] == "word031"
    assert made.address.co_address.startswith("word032 ")
    assert made.address.co_address.endswith("word063")
    assert made.comment.startswith("Ring twice\nAddress continued: word064 ")
    assert made.comment.endswith("word099 Flat 2")


def test_an_orders_comment_carries_the_instructions_and_the_rest_of_the_address() -> None:
    made = draft(raw_order(comment="Ring twice", address={"line_2": "Flat 2 " * 80}))
    assert made.comment == "Ring twice\nAddress continued: " + " ".join(["Flat 2"] * 44)


def test_a_long_name_fills_both_names() -> None:
    made = good(full_name="Ada " * 100 + "King").address
    assert f"{made.first_name} {made.last_name}" == "Ada " * 100 + "King"


def test_a_second_phone_number_without_room_is_in_the_comment() -> None:
    made = good(phone=" / ".join(["0113 4960000"] * 5))
    assert made.address.phone == "0113 4960000 / 0113 4960000 / 0113 4960000 / 0113 4960000 / 0113"
    assert made.comment == "Phone continued: 4960000"


def test_what_nothing_can_hold_is_said_and_not_cut() -> None:
    assert translated(full_name="x" * 256, line_1="y" * 256, instructions="z" * LONGEST_COMMENT) == [
        "the name begins with a word too long for Centra",
        "the street begins with a word too long for Centra",
        "address and instructions leave more than 2000 characters to Centra's comment",
    ]


def test_no_repr_shows_who_lives_where() -> None:
    shown = repr(good(instructions="Ring twice", city="Leeds " * 60))
    assert not [word for word in ("Ada", "King", "Mill", "Leeds", "LS1", "496", "Ring") if word in shown]


ODD = st.characters(exclude_characters="\0", exclude_categories=["Cs"])  # the schema reads over NUL
WORDS = st.text(ODD, max_size=30) | st.text(ODD, min_size=30, max_size=300)
LINES = st.lists(WORDS, max_size=30).map(" ".join)
ADDRESSES = st.fixed_dictionaries(
    {"country": st.sampled_from(["GB", "Ireland", "AU", "France"]), "full_name": LINES, "line_1": LINES},
    optional=dict.fromkeys(("line_2", "city", "state", "postal_code", "phone"), LINES),
)


SAID = {
    "the address has no name",
    "the address has no street",
    "the address has no postcode",
    "the name begins with a word too long for Centra",
    "the street begins with a word too long for Centra",
    "address and instructions leave more than 2000 characters to Centra's comment",
}


def words(*texts: str | None) -> list[str]:
    return one_line(" ".join(text or "" for text in texts)).split()


@given(ADDRESSES, st.none() | LINES)
@example({"country": "GB", "full_name": "Ada", "line_1": "1", "city": "Leeds, Kent", "phone": "01134960000"}, "")
@example({"country": "AU", "full_name": "Ada", "line_1": "word " * 200, "line_2": "Richmond", "city": "Victoria"}, None)
def test_every_word_of_an_address_is_found_again_in_order(fields: dict[str, str], instructions: str | None) -> None:
    result = translated(**{"line_2": "", "city": "", "state": "", "phone": ""} | fields, instructions=instructions)
    if isinstance(result, list):
        assert set(result) <= SAID
        return
    address = result.address
    assert all(len(getattr(address, field)) <= DraftAddress.longest(field) for field in TEXT_FIELDS)
    assert len(result.comment) <= LONGEST_COMMENT
    assert result.comment.startswith(instructions or "")
    more = {
        label: rest
        for label, colon, rest in (line.partition(" continued: ") for line in result.comment.split("\n"))
        if colon
    }
    name = words(address.first_name, address.last_name, more.get("Name"))
    assert name == words(fields["full_name"])
    street = words(address.address, address.co_address, more.get("Address"))
    city = words(address.city, more.get("City"), address.state, more.get("County"))
    asked = words(fields["line_1"], fields.get("line_2")), words(fields.get("city"), fields.get("state"))
    plain = [[word.strip(",") for word in part] for part in (street + city, asked[0] + asked[1])]
    assert plain[0] == plain[1]
    code = words(address.zip_code, more.get("Postcode"))
    assert "".join(code).upper() == "".join(words(fields.get("postal_code", "LS1 4AP"))).upper()
    if not address.phone.startswith("+"):
        assert words(address.phone, more.get("Phone")) == words(fields.get("phone"))


@given(LINES, st.integers(1, 40))
def test_a_divided_line_is_the_line(text: str, longest: int) -> None:
    line = one_line(text)
    head, rest = divide(line, longest)
    assert len(head) <= longest
    assert " ".join(filter(None, (head, rest))) == line
    # As much as fits: the next word would have been too much.
    assert not rest or len(f"{head} {rest.split(' ')[0]}".strip()) > longest


@given(st.text(ODD, max_size=200))
def test_a_line_is_printable_and_stays_so(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line
    assert not any(letter in line for letter in "\n\r\t\x07\u200b\u202e\u00ad\u2028")
    assert "".join(filter(str.isalnum, line)) == "".join(filter(str.isalnum, text))
