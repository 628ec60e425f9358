"""Any JSON value can be read: an odd, missing or unknown one becomes None or text, never a crash."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

_ID_IN_LINK = re.compile(r"/([0-9]{1,18})/?(\?.*)?$")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,14}(\.[0-9]{1,8})?\s*")
_LARGEST_NUMBER = Decimal(10) ** 14


def id_in_link(link: object) -> int | None:
    """The integer a Virtualstock link ends in, with or without ``?format=json`` behind it; None when there is none."""
    found = _ID_IN_LINK.search(link) if isinstance(link, str) else None
    return int(found.group(1)) if found else None


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    # NUL and lone surrogates are legal JSON but neither PostgreSQL nor pydantic takes them.
    text = str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return text if text.strip() else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value.strip()) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return number if number.is_finite() and abs(number) < _LARGEST_NUMBER else None


def _whole_number(value: object) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None and number >= 0 and number == number.to_integral_value() else None


def _linked_id(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else id_in_link(value)


def _local_datetime(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        return None
    # They promise local time without an offset. What carries one is something else and stays text only.
    return moment if isinstance(moment, datetime) and moment.tzinfo is None else None


def _date(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment = _local_datetime(value)
    return moment.date() if moment is not None else None


def as_object(value: object) -> Any:
    """`value` if it is an object or one of our models, else an empty object."""
    return value if isinstance(value, dict | BaseModel) else {}


def as_objects(value: object) -> list[Any]:
    """Every row survives: one that is no object is a line nobody can read, not a line that does not exist."""
    return [as_object(row) for row in value] if isinstance(value, list | tuple) else []


Text = Annotated[str | None, BeforeValidator(_text)]
StatusText = Annotated[str, BeforeValidator(lambda value: _text(value) or "")]
Price = Annotated[Decimal | None, BeforeValidator(_decimal)]
WholeNumber = Annotated[int | None, BeforeValidator(_whole_number)]
LocalDatetime = Annotated[datetime | None, BeforeValidator(_local_datetime)]
Date = Annotated[date | None, BeforeValidator(_date)]
LinkedId = Annotated[int | None, BeforeValidator(_linked_id)]


class Read(BaseModel):
    """Base of what is read: frozen, unknown fields ignored, any JSON value accepted."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read one JSON value, whatever it is. Never raises."""
        return cls.model_validate(as_object(raw))
