"""A delivery address reaches Centra whole: nothing is cut, and what is missing is said instead of made up."""

import re

from pydantic import ValidationError

from integration.centra.schema import DraftAddress
from integration.virtualstock.schema import Address

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_EMAIL = 254

_COUNTRIES = {
    "GB": ("UK", "United Kingdom", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland",
           "United Kingdom of Great Britain and Northern Ireland"),
    "IE": ("Ireland", "Republic of Ireland", "Eire"),
    "IM": ("Isle of Man",),
    "JE": ("Jersey",),
    "GG": ("Guernsey",),
    "GI": ("Gibraltar",),
    "FR": ("France",), "DE": ("Germany",), "NL": ("Netherlands", "The Netherlands"), "BE": ("Belgium",),
    "LU": ("Luxembourg",), "ES": ("Spain",), "PT": ("Portugal",), "IT": ("Italy",), "AT": ("Austria",),
    "DK": ("Denmark",), "SE": ("Sweden",), "FI": ("Finland",), "NO": ("Norway",), "CH": ("Switzerland",),
    "MT": ("Malta",), "CY": ("Cyprus",), "PL": ("Poland",),
    "US": ("USA", "United States", "United States of America"), "AU": ("Australia",), "NZ": ("New Zealand",),
}  # fmt: skip
"""Countries the retailers deliver to, and the names under which they were seen or may be spelt out."""

_BY_NAME = {name.casefold(): code for code, names in _COUNTRIES.items() for name in (code, *names)}


def country_code(text: str | None) -> str | None:
    """ISO 3166-1 alpha-2 code of a country given as code or name; None where it is not one we deliver to."""
    return _BY_NAME.get(_clean(text).strip(".").casefold())


def delivery_address(address: Address, *, placeholder_email: str, branch_order: bool) -> DraftAddress | list[str]:
    """Centra's form of a delivery address, or what is wrong with it in words free of personal data.

    :param placeholder_email: stands in for a customer's missing or unusable e-mail; Centra requires one and sends
        it nothing.
    :param branch_order: the goods go to a shop, whose orders come without a postcode.
    """
    country = country_code(address.country)
    wrong = _missing(address, country, branch_order)
    if country is None or wrong:
        return wrong
    first_name, last_name = split_name(_clean(address.full_name))
    try:
        return DraftAddress(
            email=_email(address.email) or placeholder_email,
            first_name=first_name,
            last_name=last_name,
            address=_clean(address.line_1),
            co_address=_clean(address.line_2),
            city=_clean(address.city),
            zip_code=_clean(address.postal_code),
            state=_clean(address.state),
            country=country,
            phone=_clean(address.phone),
        )
    except ValidationError as error:
        return [f"the {'.'.join(map(str, each['loc']))} is too long for Centra" for each in error.errors()]


def split_name(full_name: str) -> tuple[str, str]:
    """First and last name, which together print as the full name: the last word is the last name."""
    first_name, _, last_name = full_name.rpartition(" ")
    return first_name, last_name


def _missing(address: Address, country: str | None, branch_order: bool) -> list[str]:
    wrong = []
    if not _clean(address.full_name):
        wrong.append("the address has no name")
    if not _clean(address.line_1):
        wrong.append("the address has no street")
    if country is None:
        wrong.append("the address has no country that we know")
    # Elsewhere there are countries without postcodes; in Britain no carrier takes a parcel without one.
    if country == "GB" and not _clean(address.postal_code) and not branch_order:
        wrong.append("the address has no postcode")
    return wrong


def _email(text: str | None) -> str | None:
    email = _clean(text)
    return email if len(email) <= _LONGEST_EMAIL and _EMAIL.fullmatch(email) else None


def _clean(text: str | None) -> str:
    """One line: line breaks and other unprintable characters would break a label."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())
