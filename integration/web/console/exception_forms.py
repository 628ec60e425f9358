"""What the forms about exceptions carry is checked before anything looks at it."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, TypeAdapter

from integration.web.exception_filters import LATEST, CauseId, Mark, Text, Wanted, Word

MOST = 200
"""Exceptions that one form may name; more are meant by a filter."""
MORNING = time(8)
Ids = Annotated[list[CauseId], Field(max_length=MOST)]
Moment = Annotated[datetime, Field(lt=LATEST)]
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class Listing(Wanted):
    """A page of the list."""

    after: Mark = ""


class Chosen(Wanted):
    """Which exceptions somebody means: those that are ticked, those of the page, or all that the filter finds."""

    scope: Literal["ticked", "page", "filter"]
    ids: Ids = Field(default_factory=list)
    page_ids: Ids = Field(default_factory=list)

    def named(self) -> list[int]:
        """The ids of those that are meant one by one; none where the filter is meant."""
        return {"ticked": self.ids, "page": self.page_ids, "filter": []}[self.scope]

    def nothing(self) -> bool:
        """Whether nothing is meant at all. It must never read as "everything"."""
        return self.scope != "filter" and not self.named()


class Retrying(Chosen):
    """Try again what waits behind the chosen ones. `back`: the page of the one exception that it was asked on."""

    reason: Text
    back: CauseId | None = None


class Noting(BaseModel):
    """Something about these exceptions. `back` as in `Retrying`."""

    ids: Annotated[Ids, Field(min_length=1)]
    back: CauseId | None = None


class Assigning(Noting):
    """`to` deals with them; empty: nobody in particular."""

    to: Word = ""
    reason: Word = ""


class Muting(Noting):
    """No alerts for a while, or again."""

    until: Literal["hour", "tomorrow", "date", "off"]
    date: Word = ""
    reason: Text

    def moment(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Until when, on the clock that the page shows.

        :raises ValueError: the date is missing, or is none.
        """
        if self.until == "off":
            return None
        if self.until == "hour":
            return now + timedelta(hours=1)
        if self.until == "tomorrow":
            return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
        return _MOMENT.validate_python(datetime.fromisoformat(self.date).replace(tzinfo=zone))


class Commenting(BaseModel):
    """A line for the timeline."""

    text: Text


class Resolving(BaseModel):
    """What somebody saw or did in the portal."""

    reason: Text


class Releasing(BaseModel):
    """Let go all that a guardrail stopped, or some SKUs: those that are ticked, and those written one a line."""

    scope: Literal["all", "some"]
    sku: list[Word] = Field(default_factory=list, max_length=MOST)
    more: Annotated[str, Field(max_length=20_000)] = ""
    reason: Text

    def skus(self) -> list[str]:
        """The SKUs that are meant; none where all are."""
        lines = (line.strip() for line in self.more.splitlines())
        return [] if self.scope == "all" else [*filter(None, [*self.sku, *lines])]

    def nothing(self) -> bool:
        """Whether nothing is meant at all. It must never read as "everything"."""
        return self.scope == "some" and not self.skus()
