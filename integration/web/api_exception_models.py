"""What calls about exceptions take and answer has a shape that programs can rely on."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from integration.storage.found import Filter
from integration.web.api_models import Answer
from integration.web.exception_filters import LATEST, CauseId, Mark, Text, Wanted, Word

MOST_ROWS, MOST_IDS, MOST_SKUS = 200, 5_000, 5_000


class Impact(Answer):
    """What an exception blocks, as last weighed. Units are those not dispatched yet; money is by currency."""

    items: int = 0
    orders: int = 0
    units: int = 0
    skus: int = 0
    money: dict[str, str] = Field(default_factory=dict)
    deadline: datetime | None = None


class Row(Answer):
    """An exception: one cause, however much waits behind it."""

    id: int
    kind: str = Field(description="A row of the catalogue; its runbook is at /manual/{kind} of the console.")
    key: str = Field(description="With the kind, what makes it this exception and no other.")
    owner: str = Field(description="The team.")
    severity: str
    sentence: str
    facts: dict[str, str]
    opened_at: datetime
    last_seen_at: datetime
    due_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    times: int = Field(description="How often it was opened.")
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    assigned_to: str | None
    muted_until: datetime | None
    impact: Impact | None
    held: int = Field(description="Pieces of work that wait behind it.")


class Work(Answer):
    """A piece of work that waits. `held` is false while it is being tried again."""

    step: str
    subject: str
    opened_at: datetime
    due_at: datetime
    last_error: str | None = Field(description="The last answer, or what became of the last try.")
    held: bool


class Line(Answer):
    """A line of the story."""

    at: datetime
    what: str
    by: str | None
    reason: str | None


class View(Row):
    """An exception with a sample of what waits and its story, oldest first."""

    under_way: int = Field(description="Of what waits, how much is being tried again.")
    by_hand: bool = Field(description="Whether it can be resolved by a person's word.")
    guardrail: bool = Field(description="Whether what it stopped can be released.")
    work: list[Work]
    timeline: list[Line]


class Page(Answer):
    """Some exceptions, most urgent first. `next` is the `after` of the next page, null on the last one."""

    exceptions: list[Row]
    next: str | None


class Counts(Answer):
    """The open exceptions, counted; `open` includes the muted ones."""

    open: int
    muted: int
    overdue: int
    by_owner: dict[str, int]
    by_kind: dict[str, int]
    by_severity: dict[str, int]


class Foreseen(Answer):
    """What a retry would do. Nothing was done."""

    causes: int
    items: int
    by_step: dict[str, int]
    by_gate: dict[str, int]
    minutes: float = Field(description="Until the last piece of work comes due.")


class Reached(Answer):
    """What was done: to so many exceptions, with so much behind them that goes on (of a release: articles)."""

    causes: int
    items: int
    follows: str = Field("", description="What comes of it, in words.")


class Listing(Wanted):
    """Which exceptions, and which page of them."""

    after: Mark = Field("", description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_ROWS)


class Noting(BaseModel):
    """These exceptions."""

    ids: list[CauseId] = Field(min_length=1, max_length=MOST_IDS)


class Assigning(Noting):
    """Who deals with them; null: nobody in particular."""

    to: Word | None
    reason: Word = ""


class Muting(Noting):
    """Until when there are no alerts; null: they come again."""

    until: Annotated[AwareDatetime, Field(lt=LATEST)] | None
    reason: Text


class Chosen(BaseModel):
    """Which exceptions: by `ids` or by `filter`, one of the two."""

    ids: list[CauseId] | None = Field(None, min_length=1, max_length=MOST_IDS)
    filter: Wanted | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Chosen":
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or filter")
        return self

    def meant(self) -> Filter:
        """The same for flows."""
        return (self.filter or Wanted()).filter(self.ids or ())


class Retrying(Chosen):
    """Which exceptions, and what was mended."""

    reason: Text


class Commenting(BaseModel):
    """A line for the story."""

    text: Text


class Reasoned(BaseModel):
    """Why."""

    reason: Text


class Releasing(Reasoned):
    """Which SKUs are right; null: all that was stopped."""

    skus: Annotated[list[Text], Field(min_length=1, max_length=MOST_SKUS)] | None
