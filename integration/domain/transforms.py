"""A small closed set of transforms turns Centra's words into the retailer's, and never makes a value up.

Each takes a text and returns a text, or the `Trouble` that keeps the value from being used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml.etree import LxmlError

from integration.domain.validation import Trouble, example
from integration.rulebook.fields import (
    Case,
    DateText,
    FieldMap,
    Length,
    TextFromHtml,
    Transform,
    Trim,
    Truncate,
    ValueList,
    Weight,
)

LONGEST_HTML = 200_000
"""Characters. A text beyond that is no description of a product, and reading it would take seconds."""
KILOGRAMS = {"grams": Decimal("0.001"), "kilograms": Decimal(1), "pounds": Decimal("0.45359237"),
             "ounces": Decimal("0.028349523125")}  # fmt: skip
"""Of one unit. International avoirdupois pound of 1959."""
METRES = {"millimetres": Decimal("0.001"), "centimetres": Decimal("0.01"), "metres": Decimal(1),
          "inches": Decimal("0.0254")}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"\S+")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,30})?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Shaped:
    """A text after a transform, and what was lost on the way, if anything was."""

    text: str
    warning: str | None = None


def printable(text: str) -> Shaped:
    """The text without control characters, which would break a label or a feed; line ends and tabs stay."""
    if not _UNPRINTABLE.search(text):
        return Shaped(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _UNPRINTABLE.sub("", text)
    return Shaped(clean, None if clean == text else "control characters were left out")


def apply(transform: Transform, text: str, fields: FieldMap, zone: str) -> Shaped | Trouble:
    """One transform other than join, which takes several texts.

    :param zone: the retailer's time zone, for dates.
    """
    match transform:
        case Trim():
            return Shaped(_trimmed(text))
        case Case(to=to):
            return Shaped(_cased(text, to))
        case TextFromHtml():
            return _text_from_html(text)
        case ValueList(name=name):
            return _listed(text, name, fields.lists[name])
        case Truncate(at=at):
            return truncated(text, at)
        case Weight(to=to, places=places):
            return _converted(text, 1 / KILOGRAMS[to], places)
        case Length(unit=unit, to=to, places=places):
            return _converted(text, METRES[unit] / METRES[to], places)
        case DateText(form=form):
            return _dated(text, form, zone)
    raise AssertionError(transform.do)


def truncated(text: str, at: int) -> Shaped:
    """At most `at` characters, ending with a whole word where there is one that ends in time."""
    if len(text) <= at:
        return Shaped(text)
    kept = text[:at]
    if not text[at].isspace():
        begun = re.search(r"\s\S*$", kept)
        kept = kept[: begun.start()] if begun and kept[: begun.start()].strip() else kept
    return Shaped(kept.rstrip(), f"was cut from {len(text)} to {len(kept.rstrip())} characters")


def _trimmed(text: str) -> str:
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.strip().split("\n"))


def _cased(text: str, to: str) -> str:
    if to == "sentence":
        return text[:1].upper() + text[1:]
    if to == "title":
        # Not str.title: it would write Men'S.
        return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)
    return text.upper() if to == "upper" else text.lower()


def _text_from_html(text: str) -> Shaped | Trouble:
    if len(text) > LONGEST_HTML:
        return Trouble("html", f"comes from a text of more than {LONGEST_HTML:,} characters")
    if "<" not in text and "&" not in text:
        return Shaped(text.strip())
    found = _read_html(text)
    return Trouble("html", "comes from a text that cannot be read as HTML") if found is None else found


@lru_cache(maxsize=128)
def _read_html(text: str) -> Shaped | None:
    # Every size of a product has the same description, and reading HTML is slow.
    try:
        # An entity can stand for a control character too.
        return printable(str(get_text(text, _HTML)).strip())
    except (LxmlError, ValueError, RecursionError):
        return None


def _html() -> ParserConfig:
    """How HTML is read: as a browser shows it, except that nothing is drawn.

    A margin of 100,000 lines, or a column as wide as its widest cell, makes gigabytes of a text that Centra takes.
    """

    def skip(*_: object) -> None:
        return

    def style(text: str, element: HtmlElement) -> None:
        if _HIDDEN.search(text):
            element.display = Display.none

    row, cell, unseen = HtmlElement(display=Display.block), HtmlElement(prefix=" "), HtmlElement(display=Display.none)
    tags = {"table": row, "caption": row, "tr": row, "td": cell, "th": cell, "template": unseen, "noscript": unseen}
    starts = dict.fromkeys(("table", "tr", "td", "th"), skip)
    config = ParserConfig(
        css=STRICT_CSS_PROFILE | tags, custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(starts, starts)
    )
    config.attribute_handler.attribute_mapping = {"style": style}
    return config


_HTML = _html()


def _listed(text: str, name: str, words: Mapping[str, str]) -> Shaped | Trouble:
    if text in words:
        return Shaped(words[text])
    return Trouble("list", f"is looked up in the list {name} of the field map, which lacks this word{example(text)}")


def _converted(text: str, factor: Decimal, places: int) -> Shaped | Trouble:
    if not _PLAIN_NUMBER.fullmatch(text.strip()):
        return Trouble("number", f"is computed from a number, and this is none{example(text)}")
    number = (Decimal(text.strip()) * factor).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return Shaped(f"{number:f}")


def _dated(text: str, form: str, zone: str) -> Shaped | Trouble:
    try:
        moment = datetime.fromisoformat(text.strip())
        if len(text.strip()) > len("2026-01-31"):
            # A day alone is the same everywhere; a moment is a day only on somebody's clock.
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):  # the clock of another zone may be beyond the first or last year
        return Trouble("date", f"is made of a date, and this is none{example(text)}")
    day = moment.date()
    for name, value in (("YYYY", f"{day.year:04}"), ("MM", f"{day.month:02}"), ("DD", f"{day.day:02}")):
        form = form.replace(name, value)
    return Shaped(form)
