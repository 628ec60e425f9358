"""Each retailer has installed its own data model, by category, and nothing that breaks a rule of it gets in.

A model is imitated as far as a supplier meets it: which attributes there are, what each may hold, and which of them
only the retailer or the platform fills. Every value is text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

CLOTHING, FOOTWEAR, ACCESSORIES = 5544, 5546, 5547
BLANK = "This field may not be blank."
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_BLANK = re.compile(r"\S+")


@dataclass(frozen=True)
class Attribute:
    """What one attribute may hold: `kind` is ``text``, ``whole``, ``number``, ``gtin``, ``link``, ``date`` or
    ``yes_no``. What a supplier sends for one that is `made_here` is dropped."""

    kind: str = "text"
    required: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    made_here: bool = False

    def refusal(self, name: str, text: str) -> str | None:
        """What the platform says against a value; None when it is taken."""
        if not text.strip():
            return BLANK if self.required else None
        if "\x00" in text:
            return "Null characters are not allowed."
        if self.choices and text not in self.choices:
            return f"Value '{text}' is not valid for '{name}'. Must be one of: {', '.join(self.choices)}."
        if self.longest is not None and len(text) > self.longest:
            return f"Ensure this field has no more than {self.longest} characters."
        return _OF_KIND[self.kind](text) or self._outside(text)

    def _outside(self, text: str) -> str | None:
        if self.least is not None and Decimal(text) < self.least:
            return f"Ensure this value is greater than or equal to {self.least}."
        if self.most is not None and Decimal(text) > self.most:
            return f"Ensure this value is less than or equal to {self.most}."
        return None

    def shown(self) -> dict[str, Any]:
        """The rule as the control address tells it."""
        bounds = {name: None if bound is None else str(bound) for name, bound in
                  (("least", self.least), ("most", self.most))}
        return {"type": self.kind, "required": self.required, "longest": self.longest,
                "choices": list(self.choices), **bounds, "made_here": self.made_here}

    def changed(self, changes: Mapping[str, Any]) -> "Attribute":
        """The rule with the named parts changed; the names are those of `shown`.

        :raises ValueError: a part or a type is unknown, or bounds are given for what is no number.
        """
        unknown = changes.keys() - self.shown().keys()
        if unknown:
            raise ValueError(f"no part {sorted(unknown)}; there are {', '.join(self.shown())}")
        values: dict[str, Any] = {"kind" if name == "type" else name: value for name, value in changes.items()}
        for name in values.keys() & {"least", "most"}:
            values[name] = None if values[name] is None else Decimal(str(values[name]))
        if "choices" in values:
            values["choices"] = tuple(values["choices"] or ())
        result = replace(self, **values)
        if result.kind not in _OF_KIND:
            raise ValueError(f"type is one of {', '.join(_OF_KIND)}")
        if result.kind not in ("whole", "number") and (result.least, result.most) != (None, None):
            raise ValueError("least and most go with whole and number")
        return result


def _whole(text: str) -> str | None:
    return None if _WHOLE.fullmatch(text) else "A valid integer is required."


def _number(text: str) -> str | None:
    return None if _NUMBER.fullmatch(text) else "A valid number is required."


def _gtin(text: str) -> str | None:
    if not _GTIN.fullmatch(text):
        return "A GTIN has 8, 12, 13 or 14 digits."
    weighted = sum(int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(reversed(text)))
    return "The check digit of this GTIN is wrong." if weighted % 10 else None


def _link(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and _NO_BLANK.fullmatch(text)
    except ValueError:
        good = False
    return None if good else "Enter a valid URL."


def _date(text: str) -> str | None:
    try:
        good = bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        good = False
    return None if good else "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."


def _yes_no(text: str) -> str | None:
    return None if text in ("yes", "no") else "Must be one of: yes, no."


_OF_KIND: dict[str, Callable[[str], str | None]] = {
    "text": lambda _text: None, "whole": _whole, "number": _number, "gtin": _gtin, "link": _link, "date": _date,
    "yes_no": _yes_no,
}


@dataclass
class Category:
    """A category of a retailer with the attributes that only its products have."""

    name: str
    attributes: dict[str, Attribute]


@dataclass
class Model:
    """One retailer's data model: the attributes of all products, and its categories."""

    common: dict[str, Attribute]
    categories: dict[int, Category]

    def attributes(self, category: int) -> dict[str, Attribute]:
        """Everything a product of a category has."""
        return self.common | self.categories[category].attributes

    def change(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{attribute, category?, remove?, <part of the rule>: value}``; without a category it is for all products.

        :raises KeyError: what is to be removed, or the category, does not exist.
        :raises ValueError: a part of the rule is unknown or makes no sense.
        """
        changes = dict(body)
        name = changes.pop("attribute")
        category = changes.pop("category", None)
        table = self.common if category is None else self.categories[int(category)].attributes
        if changes.pop("remove", False):
            del table[name]
            return {}
        table[name] = table.get(name, Attribute()).changed(changes)
        return table[name].shown()


def _text(longest: int | None, *, required: bool = False, choices: tuple[str, ...] = ()) -> Attribute:
    return Attribute("text", required, longest, choices)


_GTIN_NEEDED, _LINK_NEEDED, _LINK = (
    Attribute("gtin", required=True), Attribute("link", required=True), Attribute("link"),
)
_MADE_HERE = Attribute(made_here=True)
_PRICE = Attribute("number", least=Decimal("0.01"))
_DAYS = Attribute("whole", least=Decimal(0))


def _northgate() -> Model:
    colours = ("BLUE", "CREAM", "GREEN", "BLACK", "ORANGE", "GREY", "PURPLE")
    return Model({
        "tradedCode": _text(50, required=True), "barcode": _GTIN_NEEDED, "brandName": _text(60, required=True),
        "productTitle": _text(100, required=True), "longDescription": _text(2000, required=True),
        "colour": _text(None, required=True, choices=colours), "size": _text(20, required=True),
        "material": _text(255), "countryOfOrigin": _text(2),
        "weightGrams": Attribute("whole", least=Decimal(1)),
        "image": _LINK_NEEDED, "image_2": _LINK, "image_3": _LINK,
        "listingStatus": _text(None, choices=("LIVE", "DISCONTINUED")),
        "current_lead_time_to_delivery_in_days": _DAYS,
        "prodId": _MADE_HERE, "supplierNum": _MADE_HERE, "fulfilmentType": _MADE_HERE,
        "stock_updated_at": _MADE_HERE,
    }, {CLOTHING: Category("Clothing", {})})


def _calder() -> Model:
    return Model({
        "product_name": _text(80, required=True), "description": _text(4000, required=True), "ean": _GTIN_NEEDED,
        "colour": _text(40, required=True), "size": _text(20, required=True), "fabric": _text(255),
        "care": _text(255), "image": _LINK_NEEDED, "image_2": _LINK,
        "price": replace(_PRICE, required=True), "rrp": _PRICE, "cost_price": _PRICE,
        "discontinued": _text(None, choices=("yes", "no")), "lead_time_days": _DAYS,
        "part_number": _MADE_HERE, "stock_updated_at": _MADE_HERE,
    }, {
        CLOTHING: Category("Clothing", {}),
        FOOTWEAR: Category("Footwear", {"shoe_size": _text(10, required=True)}),
        ACCESSORIES: Category("Accessories", {}),
    })


def _fernhill() -> Model:
    return Model({
        "name": _text(120, required=True), "description": _text(4000, required=True), "barcode": Attribute("gtin"),
        "colour": _text(40), "size": _text(20), "weight_kg": Attribute("number"), "image": _LINK, "price": _PRICE,
        "lead_time_days": _DAYS,
        "part_number": _MADE_HERE, "product_name": _MADE_HERE, "stock_updated_at": _MADE_HERE,
    }, {CLOTHING: Category("Clothing", {})})


def installed() -> dict[str, Model]:
    """The models of the three retailers as they are at the start."""
    return {"northgate": _northgate(), "calder": _calder(), "fernhill": _fernhill()}
