"""Every failure says what to do next: try again, look first, or ask a person.

::

    Failure
    ├── TryAgain        nothing happened over there; the same call may be made again
    │   └── Throttled   nothing was even sent: a quota or an open breaker said when
    ├── LookFirst       it may have happened over there; ask before doing it again
    └── Refused         they heard and said no; the same call will be refused again

Clients raise these. Rules (``domain/``) do not raise: they return `Problem`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integration.kinds import Kind


class Failure(Exception):
    """A call that did not reach its goal.

    :param reason: one sentence for a person, free of secrets and personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryAgain(Failure):
    """Nothing happened over there; the same call may be made again.

    :param wait: seconds the other side asked for, or None to leave it to `policy`.
    """

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Throttled(TryAgain):
    """Nothing was sent: our own quota, their 429 or an open breaker says when. Never counts as a failed try."""

    def __init__(self, reason: str, *, wait: float) -> None:
        super().__init__(reason, wait=wait)
        self.wait: float = wait


class LookFirst(Failure):
    """The outcome is unknown: it may have happened over there. Read before repeating."""


class Refused(Failure):
    """They heard and said no; a person must act, or a look must show that it is done already.

    :param status: HTTP status, or None where the refusal came in a 200.
    :param code: the other side's own code (``PRODUCT_NOT_FOUND``, ``-2``), never parsed from a sentence.
    :param fields: what they said of single fields, by name; empty where they spoke of the whole only.
    """

    def __init__(
        self, reason: str, *, status: int | None = None, code: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.fields = dict(fields or {})

    @property
    def about_credential(self) -> bool:
        """Whether they refused who asks, not what is asked: everything that uses the credential is concerned."""
        return self.status in (401, 403) or self.code == "authorization"


@dataclass(frozen=True)
class Problem:
    """A business problem found by a rule: what `Kind` it is, which cause it belongs to, and the facts.

    Two problems with the same (kind, key) are one cause: one alert, any number of held items.

    :param due_at: until when a person must have acted, aware; None leaves it to the kind's severity.
    """

    kind: Kind
    key: str
    facts: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None

    @property
    def sentence(self) -> str:
        """What happened, what it blocks and what to do, in words for a person."""
        return self.kind.sentence.format_map(_Known({name: fact.rstrip(" .") for name, fact in self.facts.items()}))


class _Known(dict[str, str]):
    """Facts for a sentence; a fact nobody knew reads as "unknown" instead of crashing the alert."""

    def __missing__(self, key: str) -> str:
        return "unknown"
