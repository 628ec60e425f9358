"""A mistake in the mappings is a place and a sentence, whoever finds it."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator

from integration.rulebook.reader import Location

Finding = tuple[Location, str]
"""Where in the rulebook something is wrong, and what."""


def said_twice(here: Location, rows: Iterable[Hashable]) -> Iterator[Finding]:
    """The rows of a list that repeat an earlier one, each named once."""
    seen: Counter[Hashable] = Counter()
    for index, row in enumerate(rows):
        seen[row] += 1
        if seen[row] == 2:
            yield (*here, index), "says again what an earlier row says already; keep one"
