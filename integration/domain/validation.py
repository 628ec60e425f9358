"""What a retailer would refuse is found here first, so that no call is spent on it and a person reads why.

Virtualstock publishes no rules of its own for attributes: each retailer's model has them, and the field map repeats
those of the attributes that we fill. Virtualstock docs: Suppliers API, products.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from stdnum import ean

from integration.domain.texts import one_line
from integration.rulebook.fields import Rule

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DIGITS = re.compile(r"[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_BLANK = re.compile(r"\S+")
_NO_LINK = "must be a link that begins with http:// or https://"
_CHOICES_NAMED = 12
_SHOWN = 80
"""Characters of a wrong value in a sentence."""


@dataclass(frozen=True)
class Trouble:
    """Why a value cannot be used.

    :param rule: a short code, the same for all products that break the same rule.
    :param why: words that go on after "the attribute …", such as "is longer than 40 characters".
    """

    rule: str
    why: str


def wrong_with(text: str, rule: Rule) -> Trouble | None:
    """The rule that a value breaks, None where it breaks none. A blank value is wrong only where one is required."""
    if not text.strip():
        return Trouble("required", "is required, and Centra has no value for it") if rule.required else None
    if "\x00" in text:
        return Trouble("text", "contains a null character")
    if rule.choices is not None and text not in rule.choices:
        return Trouble("choices", f"must be one of {_named(rule.choices)}")
    if rule.longest is not None and len(text) > rule.longest:
        return Trouble("longest", f"is longer than {rule.longest} characters")
    if wrong := _WRONG_WITH[rule.type](text):
        return Trouble(rule.type, wrong)
    return _outside(text, rule)


def example(text: str) -> str:
    """The value in brackets for a sentence about it, on one line and shortened; nothing where it is blank."""
    line = one_line(text)
    return f" (it is {line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''})" if line else ""


def _outside(text: str, rule: Rule) -> Trouble | None:
    if rule.least is not None and Decimal(text) < Decimal(rule.least):
        return Trouble("least", f"must be at least {rule.least}")
    if rule.most is not None and Decimal(text) > Decimal(rule.most):
        return Trouble("most", f"must be at most {rule.most}")
    return None


def _named(choices: tuple[str, ...]) -> str:
    more = len(choices) - _CHOICES_NAMED
    return ", ".join(choices[:_CHOICES_NAMED]) + (f" or {more} more" if more > 0 else "")


def _text(_text: str) -> str | None:
    return None


def _whole(text: str) -> str | None:
    return None if _WHOLE.fullmatch(text) else "must be a whole number"


def _number(text: str) -> str | None:
    return None if _NUMBER.fullmatch(text) else "must be a number"


def _gtin(text: str) -> str | None:
    if _DIGITS.fullmatch(text) and ean.is_valid(text):
        return None
    return "must be a GTIN of 8, 12, 13 or 14 digits with a right check digit"


def _link(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and _NO_BLANK.fullmatch(text)
    except ValueError:
        return _NO_LINK
    if not good:
        return _NO_LINK
    # The platform would take it, and every shopper could read it.
    return "must be a link without a user name or password" if "@" in parts.netloc else None


def _date(text: str) -> str | None:
    try:
        good = bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        good = False
    return None if good else "must be a date such as 2026-01-31"


def _yes_no(text: str) -> str | None:
    return None if text in ("yes", "no") else "must be yes or no"


_WRONG_WITH: dict[str, Callable[[str], str | None]] = {
    "text": _text, "whole": _whole, "number": _number, "gtin": _gtin, "link": _link, "date": _date, "yes_no": _yes_no,
}  # fmt: skip
