"""Names, phone numbers and e-mails of customers."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.people import phone_number, split_name, usable_email
from integration.domain.texts import one_line

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
NAME_WORDS = st.sampled_from(
    ["Mrs.", "Dr", "Ada", "van", "der", "de", "la", "Smith-Jones", "O'Neil", "Jr.", "PhD", "&", "and", "King,", "(Bob)",
     "王", "小明", "c/o", "Ltd", "ben", "Al", "'t"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("full_name", "names"),
    [
        ("Ada Mary King", ("Ada Mary", "King")),
        ("Ada", ("", "Ada")),
        ("", ("", "")),
        ("Anna van der Berg-Smith", ("Anna", "van der Berg-Smith")),
        ("María de la Cruz", ("María", "de la Cruz")),
        ("Mr & Mrs J Jones", ("Mr & Mrs J", "Jones")),
        ("Dr John O'Neil Jr.", ("Dr John", "O'Neil Jr.")),
        ("King, Ada", ("King,", "Ada")),
        ("Ada King (c/o The Mill)", ("Ada King (c/o The", "Mill)")),
        ("Acme Trading Ltd", ("Acme Trading", "Ltd")),
        ("王 小明", ("王", "小明")),
        ("小明·王", ("", "小明·王")),
        ("Ada " * 64 + "van der Berg", (" ".join(["Ada"] * 64 + ["van", "der"]), "Berg")),  # too long for a name
    ],
)
def test_titles_stay_with_the_first_name_and_particles_with_the_last(full_name: str, names: tuple[str, str]) -> None:
    assert split_name(full_name) == names


@given(ANY_TEXT | st.lists(NAME_WORDS, max_size=9).map(" ".join))
def test_the_two_names_print_as_the_full_name(text: str) -> None:
    full_name = one_line(text)
    assert " ".join(filter(None, split_name(full_name))) == full_name


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("0113 4960000", "GB", "+441134960000"),
        ("(0113) 496-0000", "GB", "+441134960000"),
        ("+44 (0) 7777 333222", "GB", "+447777333222"),
        ("+44 07777 333222", "GB", "+447777333222"),
        ("00447777333222", "GB", "+447777333222"),
        ("447777333222", "GB", "+447777333222"),
        ("7777333222", "GB", "+447777333222"),
        ("01534 700000", "JE", "+441534700000"),
        ("+353 1 234 5678", "GB", "+35312345678"),
        ("01 234 5678", "IE", "+35312345678"),
        ("0113 496 0000 ext. 12", "GB", "+441134960000 ext. 12"),
        ("0113 496 0000 x12", "GB", "+441134960000 ext. 12"),
    ],
)
def test_a_valid_number_is_written_internationally(text: str, country: str, number: str) -> None:
    assert phone_number(text, country) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "none", "12345", "+44 0777 333 222", "0113 4960000 after 6", "ring Ada 0113 4960000",
        "0113 4960000 / 07777 333222", "0113 4960000 07777 333222", "07777333222 x", "+", "0800 FLOWERS",
        "٠١١٣ ٤٩٦٠٠٠٠",
    ],
)  # fmt: skip
def test_what_is_not_exactly_one_valid_number_stays_as_it_is(text: str) -> None:
    assert phone_number(text, "GB") == text


def test_digits_that_only_choose_a_network_are_kept_too() -> None:
    assert phone_number("0 15 11 2345-6789", "BR") == "0 15 11 2345-6789"
    assert phone_number("0 11 2345-6789", "BR") == "+551123456789"


@given(ANY_TEXT | st.from_regex(r"(\+|00)?(44|353)?[ (]{0,2}0?[ )]{0,2}[1-9][0-9 -]{6,11}( ?x ?[0-9]{1,5})?"))
def test_a_phone_number_keeps_its_digits(text: str) -> None:
    line = one_line(text)
    number = phone_number(line, "GB")
    if number != line:
        kept = "".join(filter(str.isdigit, number))
        given_digits = "".join(filter(str.isdigit, line))
        own = phonenumbers.national_significant_number(phonenumbers.parse(number))
        assert own in given_digits
        # All that may differ is the way to dial: zeros in front and the country code.
        assert given_digits.endswith(kept[kept.index(own) :])
        assert phone_number(number, "GB") == number


@pytest.mark.parametrize(("text", "usable"), [("ada@example.com", True), ("none", False), ("a b@example.com", False)])
def test_an_email_is_usable_or_none(text: str, usable: bool) -> None:
    assert usable_email(text) == (text if usable else None)
