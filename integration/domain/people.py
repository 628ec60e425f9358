"""A person's name is kept whole, a phone number keeps every digit that means something, an e-mail is usable or none."""

import re

import nameparser
import phonenumbers

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_EMAIL = 254  # RFC 5321: the longest path without its brackets
# Longer texts are no names, and the parser's time grows with the square of their length.
_LONGEST_NAME = 255
# Anything beside one number ("ring the bell", a second number) would be lost by writing the number anew.
_ONE_NUMBER = re.compile(r"[+0-9()\-. ]+((,? ?(ext|extn|extension)\.?:?|,? ?[x#]) ?[0-9]{1,7})?", re.IGNORECASE)


def split_name(full_name: str) -> tuple[str, str]:
    """First and last name, which joined by a blank are the full name: titles stay in front, particles behind.

    The last name is what the parser calls one, with suffixes such as "Jr.", where it ends the text; else the last word.

    :param full_name: one line.
    """
    at = _start_of_family_name(full_name)
    if at is None:
        at = full_name.rfind(" ") + 1
    return full_name[:at].rstrip(" "), full_name[at:]


def _start_of_family_name(full_name: str) -> int | None:
    if len(full_name) > _LONGEST_NAME:
        return None
    start = None
    for token in reversed(nameparser.parse(full_name).tokens):
        if token.role not in (nameparser.Role.FAMILY, nameparser.Role.SUFFIX):
            break
        if token.role is nameparser.Role.FAMILY and token.span is not None:
            start = token.span.start
    # A name may begin within a word ("小明·王"), and a word is never parted.
    return start if start is not None and f" {full_name}"[start] == " " else None


def phone_number(text: str, country: str) -> str:
    """The number in international form (E.164, with " ext. 12" behind it) where it is a valid one, else the text as is.

    :param text: one line.
    :param country: ISO 3166-1 alpha-2, where a number without country code is dialled.
    """
    if not _ONE_NUMBER.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_valid_number(number) or not _holds_all_digits(number, text):
        return text
    international = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{international} ext. {number.extension}" if number.extension else international


def _holds_all_digits(number: phonenumbers.PhoneNumber, text: str) -> bool:
    """Whether the text has no other digits than the number, its country code, its extension and dialling zeros."""
    digits = "".join(letter for letter in text if letter.isdigit())
    own = phonenumbers.national_significant_number(number) + (number.extension or "")
    return digits.endswith(own) and digits.removesuffix(own).strip("0") in ("", str(number.country_code))


def usable_email(text: str) -> str | None:
    """The e-mail address, or None where the text is none.

    :param text: one line.
    """
    return text if len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) else None
