"""Countries, counties and postcodes are known for certain or left as they came: nothing is guessed."""

import re
from functools import cache

import pycountry

from integration.domain.texts import folded

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][ABD-HJLNP-UW-Z]{2})")
_BRITISH_POSTCODES = frozenset({"GB", "JE", "GG", "IM"})

_MORE_COUNTRIES = {
    "GB": ("UK", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland", "N Ireland"),
    "IE": ("Republic of Ireland", "Eire"),
    "GG": ("Alderney", "Sark"),
    "NL": ("Holland",),
    "TR": ("Turkey",),
    "US": ("United States of America",),
}
"""Names people write for a country which ISO does not list."""
_CHANNEL_ISLANDS = {"JE": "JE", "GY": "GG"}
"""Two countries under one name; their postcodes tell which."""

_MORE_BRITISH_COUNTIES = (
    "Aberdeenshire", "Avon", "Ayrshire", "Bedfordshire", "Berkshire", "Buckinghamshire", "Carmarthenshire",
    "Cheshire", "Cleveland", "Clwyd", "Cornwall", "Denbighshire", "Dyfed", "East Lothian", "East Riding of Yorkshire",
    "East Yorkshire", "Flintshire", "Greater London", "Greater Manchester", "Gwent", "Gwynedd", "Herefordshire",
    "Humberside", "Isle of Wight", "Lanarkshire", "Merseyside", "Mid Glamorgan", "Middlesex", "Midlothian",
    "Monmouthshire", "Northamptonshire", "Northumberland", "Pembrokeshire", "Perthshire", "Powys", "Rutland",
    "Shropshire", "South Glamorgan", "South Yorkshire", "Sussex", "Tyne and Wear", "West Glamorgan", "West Lothian",
    "West Midlands", "West Yorkshire", "Wiltshire", "Yorkshire",
)  # fmt: skip
"""Counties people write which ISO lists as districts or not at all; none is also the name of a town."""
_NORTHERN_COUNTIES = ("Antrim", "Armagh", "Down", "Durham", "Fermanagh", "Londonderry", "Tyrone")


def country_code(text: str, postal_code: str = "") -> str | None:
    """ISO 3166-1 alpha-2 code of a country given as code or name; None where it is not certain which one is meant.

    A country stays as it is stated where the postcode belongs to another one ("GB" with a postcode of Jersey): the
    retailer sold, taxed and chose the delivery service by it.
    """
    name = folded(text).removeprefix("the ")
    if name == "channel islands":
        return _CHANNEL_ISLANDS.get(postal_code[:2].upper())
    return _countries().get(name)


@cache
def _countries() -> dict[str, str]:
    known = {}
    for country in pycountry.countries:
        for field in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            known[folded(getattr(country, field, country.name)).removeprefix("the ")] = country.alpha_2
    return known | {folded(name): code for code, names in _MORE_COUNTRIES.items() for name in names}


def postcode(text: str, country: str) -> str:
    """A British postcode in capitals with its blank, any other text as it is."""
    found = _POSTCODE.fullmatch(text.replace(" ", "").upper()) if country in _BRITISH_POSTCODES else None
    return f"{found[1]} {found[2]}" if found else text


def needs_postcode(country: str) -> bool:
    """Elsewhere there are countries without postcodes; in these no carrier takes a parcel without one."""
    return country in _BRITISH_POSTCODES


def town_and_county(line_2: str, city: str, state: str, country: str) -> tuple[str, str, str]:
    """Second line, city and state with a county taken out of the city where it certainly is one.

    Some retailers write "Leeds, West Yorkshire" as the city, others the county as the city and the town as the second
    line. Read one after the other, the words stay the same.
    """
    if state:
        return line_2, city, state
    town, _, county = (part.strip() for part in city.rpartition(","))
    if town and folded(county) in _counties(country):
        return line_2, town, county
    # With a digit it is rather a flat or a house than a town.
    if folded(city) in _counties(country) and line_2 and not any(letter.isdigit() for letter in line_2):
        return "", line_2, city
    return line_2, city, state


@cache
def _counties(country: str) -> frozenset[str]:
    """Folded names that cannot mean a town, hence in Ireland only "Co. Galway" and not "Galway"."""
    areas = [area for area in pycountry.subdivisions if area.country_code == country]
    names: list[str] = []
    if country == "GB":
        names = [area.name for area in areas if area.type == "Two-tier county"]
        names += [*_MORE_BRITISH_COUNTIES, *_with_prefix(_NORTHERN_COUNTIES)]
    elif country == "IE":
        names = _with_prefix([area.name for area in areas if area.type == "County"])
    elif country == "AU":
        names = [name for area in areas for name in (area.name, area.code.removeprefix("AU-"))]
    return frozenset(map(folded, names))


def _with_prefix(counties: list[str] | tuple[str, ...]) -> list[str]:
    return [f"{prefix} {county}" for prefix in ("Co", "County") for county in counties]
