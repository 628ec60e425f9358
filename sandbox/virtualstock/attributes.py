"""What a supplier sends under ``data`` is taken as a whole or refused as a whole, by the retailer's data model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.http import Response, json_response, text_response
from sandbox.virtualstock.fields import REQUIRED
from sandbox.virtualstock.models import Attribute

STOCK_FIELDS = ("free_stock", "supplier_free_stock")
"""Not attributes of the model: they are numbers and have rules of their own."""


@dataclass
class Sent:
    """Attributes of one call: `values` as the platform keeps them, `errors` by name, `ignored` what nobody knows."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def read(model: Mapping[str, Attribute], data: Mapping[str, Any], reformat: str, *, complete: bool = False) -> Sent:
    """Reads what was sent; with `complete` every required attribute has to be there."""
    sent = Sent()
    for name, value in data.items():
        attribute = model.get(name)
        if name in STOCK_FIELDS:
            continue
        if attribute is None or attribute.made_here:
            sent.ignored.append(name)
            continue
        text = _text(value)
        refusal = "Not a valid string." if text is None else attribute.refusal(name, text)
        if text is None or refusal is not None:
            sent.errors[name] = [refusal or ""]
        else:
            sent.values[name] = _kept(attribute, text, reformat)
    if complete:
        missing = [name for name, attribute in model.items() if attribute.required and name not in data]
        sent.errors |= {name: [REQUIRED] for name in missing}
    return sent


def refused(errors: Mapping[str, list[str]], form: str) -> Response:
    """The 400 for bad attributes; how it wraps them is published nowhere, so `form` decides."""
    if form == "nested":
        return json_response({"data": errors}, 400)
    if form == "flat":
        return json_response(errors, 400)
    sentence = " ".join(f"{name}: {' '.join(sentences)}" for name, sentences in errors.items())
    return text_response(sentence, 400) if form == "text" else json_response({"detail": sentence}, 400)


def _text(value: object) -> str | None:
    """A value as text; None when it is neither text nor number."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    return str(value)


def _kept(attribute: Attribute, text: str, reformat: str) -> str:
    if reformat == "trim":
        return text.strip()
    if reformat == "two_places" and attribute.kind == "number" and text.strip():
        return f"{Decimal(text):.2f}"
    return text
