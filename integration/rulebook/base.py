"""Every mapping model is strict and frozen: an unknown key, a number for a text or a late change is refused."""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class Model(BaseModel):
    """Base of all mapping models."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone of the IANA database, such as Europe/London") from None
    return name


def _text(pattern: str, longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, pattern=pattern)


_ONE_LINE = r"^\S(.*\S)?$"
CODE = r"^[a-z][a-z0-9-]*$"
_SLUG = r"^[a-z0-9][a-z0-9-]*$"
_CURRENCY = r"^[A-Z]{3}$"
_CLOCK_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_MAILBOX = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_PRODUCT_FIELD = r"^(part_number|data\.[A-Za-z0-9_]+)$"
_ATTRIBUTE_NAME = r"^[A-Za-z0-9_]+$"
_CENTRA_ATTRIBUTE = r"^(product|variant|display)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"
_NUMBER = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"
_LANGUAGE = r"^[a-z]{2}(-[A-Z]{2})?$"
_DATE_FORM = r"^(YYYY-MM-DD|DD/MM/YYYY|DD-MM-YYYY|DD\.MM\.YYYY|MM/DD/YYYY|YYYYMMDD)$"

PATTERNS_IN_WORDS = {
    _ONE_LINE: "must be one line without blanks at its ends",
    CODE: "must be small letters, digits and hyphens, beginning with a letter",
    _SLUG: "must be a carrier slug: small letters, digits and hyphens",
    _CURRENCY: "must be a currency code such as GBP",
    _CLOCK_TIME: 'must be a time of day such as "14:00"',
    _MAILBOX: "must be an e-mail address",
    _PRODUCT_FIELD: "must be part_number or data.<field of the product>",
    _ATTRIBUTE_NAME: "must be the name of one of the retailer's attributes: letters, digits and underscores",
    _CENTRA_ATTRIBUTE: "must be product., variant. or display., then an attribute's type, a point and its element, "
    "such as variant.colour.text",
    _NUMBER: 'must be a number in quotes, such as "0.01"',
    _LANGUAGE: "must be a language such as en or en-GB",
    _DATE_FORM: "must be one of YYYY-MM-DD, DD/MM/YYYY, DD-MM-YYYY, DD.MM.YYYY, MM/DD/YYYY, YYYYMMDD",
}
"""What a text that does not match should have been, for a person."""

Text = Annotated[str, _text(_ONE_LINE, 255)]
ShortText = Annotated[str, _text(_ONE_LINE, 100)]
Code = Annotated[str, _text(CODE, 40)]
Slug = Annotated[str, _text(_SLUG, 255)]
Currency = Annotated[str, _text(_CURRENCY, 3)]
ClockTime = Annotated[str, _text(_CLOCK_TIME, 5)]
Mailbox = Annotated[str, _text(_MAILBOX, 75)]
ProductField = Annotated[str, _text(_PRODUCT_FIELD, 255)]
AttributeName = Annotated[str, _text(_ATTRIBUTE_NAME, 100)]
CentraAttribute = Annotated[str, _text(_CENTRA_ATTRIBUTE, 255)]
Number = Annotated[str, _text(_NUMBER, 20)]
Language = Annotated[str, _text(_LANGUAGE, 40)]
DateForm = Annotated[str, _text(_DATE_FORM, 10)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Identifier = Annotated[int, Field(ge=1)]
Units = Annotated[int, Field(ge=0, le=1_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Weekday(StrEnum):
    """Days in the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def folded(text: str) -> str:
    """The form in which two spellings of one name are the same: blanks collapsed, case ignored."""
    return " ".join(text.split()).casefold()
