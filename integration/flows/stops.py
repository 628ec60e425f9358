"""What a guardrail has stopped waits behind one cause, with the numbers of the moment it tripped and a sample."""

from collections.abc import Sequence

import sqlalchemy as sa

from integration.kinds import Kind
from integration.problems import Problem
from integration.storage import causes

SAMPLES = 5


def problem(
    db: sa.Connection, kind: Kind, retailer: str, name: str, why: str, samples: Sequence[str]
) -> Problem:
    """The cause of a stop: `why` is kept from when it tripped, count and sample grow with what waits."""
    known = causes.facts_of(db, kind.code, retailer)
    before = [each for each in known.get("sample", "").split("; ") if each]
    seen = list(dict.fromkeys([*before, *samples]))
    sample = seen[:SAMPLES]
    count = max(causes.waiting(db, kind.code, retailer), len(seen))
    facts = {"retailer": name, "why": known.get("why") or why, "count": str(count), "sample": "; ".join(sample)}
    return Problem(kind, retailer, facts)
