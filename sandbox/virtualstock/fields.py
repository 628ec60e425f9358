"""The body of an action or an invoice is checked field by field, with the sentences of Django REST framework."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

REQUIRED = "This field is required."
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Field:
    """What one field may hold: ``text``, ``number``, ``decimal``, ``datetime`` or ``date``."""

    kind: str = "text"
    limit: int = 255
    required: bool = False


_LINE = {"part_number": Field(required=True), "line_ref": Field(limit=100, required=True),
         "quantity": Field("number", required=True)}
_PROMISE = {"sub_status": Field(limit=100), "supplier_dispatch_date": Field("datetime"),
            "supplier_delivery_date": Field("datetime"), "comment": Field(), "fulfillment_route": Field()}

ACTION_FIELDS: dict[str, dict[str, Field]] = {
    "acknowledge": _LINE | _PROMISE,
    "backorder": _LINE | _PROMISE | {"sub_status": Field(limit=100, required=True),
                                     "supplier_dispatch_date": Field("datetime", required=True)},
    "dispatch": _LINE | {
        "carrier": Field(required=True), "supplier_dispatch_date": Field("date", required=True),
        "supplier_delivery_date": Field("date"), "tracking_number": Field(limit=100, required=True),
        "tracking_url": Field(),
    },
    "cancel_acknowledge": _LINE | {"comment": Field()},
    "return_acknowledge": _LINE,
}
INVOICE_FIELDS = {
    "retailer_id": Field(limit=36, required=True), "retailer_order_reference": Field(required=True),
    "invoice_date": Field("date", required=True), "invoice_number": Field(limit=20, required=True),
    "currency_code": Field(limit=3, required=True),
}
INVOICE_LINE_FIELDS = {
    **{name: Field(limit=100, required=True)
       for name in ("retailer_sku", "supplier_sku", "order_line_reference", "description")},
    "quantity": Field("number", required=True), "supply_date": Field("date", required=True),
    **{name: Field("decimal", required=True) for name in ("unit_price", "subtotal", "tax_rate", "tax")},
    "discount": Field("decimal"),
}
_DIGITS, _PLACES = 14, 2


def read_items(action: str, body: Any) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The items of an action, and the errors if there are any. Keys that the action does not know are dropped."""
    if not isinstance(body, dict):
        return [], {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(body).__name__}."]}
    items = body.get("items")
    if items is None:
        return [], {"items": [REQUIRED]}
    if not isinstance(items, list):
        return [], {"items": [f'Expected a list of items but got type "{type(items).__name__}".']}
    if not items:
        return [], {"items": ["This list may not be empty."]}
    read = [read_fields(ACTION_FIELDS[action], item) for item in items]
    if any(errors for _, errors in read):
        return [], {"items": [errors for _, errors in read]}
    return [values for values, _ in read], None


def read_fields(fields: dict[str, Field], item: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values of one object, and what is wrong with it. Keys that are not among `fields` are dropped."""
    if not isinstance(item, dict):
        return {}, {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(item).__name__}."]}
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, field in fields.items():
        if name not in item:
            if field.required:
                errors[name] = [REQUIRED]
            continue
        value, error = _value(field, item[name])
        if error:
            errors[name] = [error]
        else:
            values[name] = value
    return values, errors


def _value(field: Field, value: Any) -> tuple[Any, str | None]:
    if value is None:
        return None, "This field may not be null."
    if field.kind == "number":
        return _whole(value)
    if field.kind == "decimal":
        return _decimal(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None, "Not a valid string."
    text = str(value).strip()
    if not text:
        return None, "This field may not be blank."
    if field.kind == "datetime" and not (_DATETIME.fullmatch(text) and _real(datetime, text)):
        return None, "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm:ss."
    if field.kind == "date" and not (_DATE.fullmatch(text) and _real(date, text)):
        return None, "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
    if len(text) > field.limit:
        return None, f"Ensure this field has no more than {field.limit} characters."
    return text, None


def _whole(value: Any) -> tuple[Any, str | None]:
    text = str(value).strip().removesuffix(".0")
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", text):
        return None, "A valid integer is required."
    return int(text), None


def _decimal(value: Any) -> tuple[Any, str | None]:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None, "A valid number is required."
    if isinstance(value, bool) or not number.is_finite():
        return None, "A valid number is required."
    if number != round(number, _PLACES):
        return None, f"Ensure that there are no more than {_PLACES} decimal places."
    if abs(number) >= 10 ** (_DIGITS - _PLACES):
        return None, f"Ensure that there are no more than {_DIGITS} digits in total."
    return number, None


def _real(kind: type[date] | type[datetime], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True
