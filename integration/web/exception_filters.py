"""A filter of exceptions is read the same way from an address, a form and a call of the API."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from integration.storage.found import Filter, State, place

LARGEST_ID = 2**31 - 1
"""What the column of ids can hold."""
LONGEST_TEXT = 2_000
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""No moment that somebody names is later: every engine and every zone can still reckon with it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"(\d{1,17})-(\d{1,10})", re.ASCII)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


def _readable(mark: str) -> str:
    if mark:
        place_of(mark)
    return mark


CauseId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_storable)]
"""A short text, or nothing."""
Mark = Annotated[str, AfterValidator(_readable)]
"""Where the page before ended, as it said; nothing for the first page."""
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(_storable)
]
"""What somebody wrote: a reason or a comment."""


class Wanted(BaseModel):
    """Which exceptions are meant. What is empty does not matter."""

    kind: Word = Field("", description="A kind by its code.")
    owner: Word = Field("", description="The team that owns it.")
    retailer: Word = Field("", description="A retailer by its code: what is about it, or holds its work.")
    assigned_to: Word = Field("", description="The person who deals with it.")
    severity: Word = Field("", description="act now, today or this week.")
    text: Word = Field("", description="A part of the sentence or of the key.")
    state: State = Field("open", description="open leaves out what is muted.")
    overdue: bool = Field(False, description="Only those whose due time is over.")

    def filter(self, ids: Sequence[int] = ()) -> Filter:
        """The same as flows want it; of these `ids`, if there are any."""
        return Filter(
            kind=self.kind or None, owner=self.owner or None, retailer=self.retailer or None,
            assigned_to=self.assigned_to or None, severity=self.severity or None, text=self.text or None,
            state=self.state, ids=tuple(ids), overdue=self.overdue,
        )  # fmt: skip

    def fields(self) -> dict[str, str]:
        """What differs from "all that is open", as an address or a hidden field has it."""
        given = {name: getattr(self, name) for name in Wanted.model_fields}
        plain = {name: value for name, value in given.items() if value != Wanted.model_fields[name].default}
        return {name: "true" if value is True else str(value) for name, value in plain.items()}

    def address(self, **more: str) -> str:
        """The fields as the query of an address; `more` replaces or adds."""
        return urlencode(self.fields() | more)


def mark_of(wanted: Filter, rows: Sequence[dict[str, Any]]) -> str:
    """Where the last of some found rows stands, for the address of the next page."""
    moment, number = place(wanted, rows[-1])
    return f"{(_aware(moment) - EPOCH) // timedelta(microseconds=1)}-{number}"


def place_of(mark: str) -> tuple[datetime, int]:
    """The other way round.

    :raises ValueError: it is no mark that we gave.
    """
    found = _PLACE.fullmatch(mark)
    if found is None or int(found[2]) > LARGEST_ID:
        raise ValueError("must be the mark that the page before gave")
    return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
