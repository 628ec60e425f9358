"""For a name that nobody mapped there is a short list of what it may mean; a person chooses, nothing applies itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from integration.rulebook.base import folded

LEAST = 60
"""Of 100. Below that a suggestion is a guess, and a wrong guess costs more than none."""
MOST = 5


@dataclass(frozen=True)
class Suggestion:
    """One candidate: `score` from 0 to 100, where 100 is the same but for case, blanks and punctuation."""

    value: str
    score: int


def closest(names: Sequence[str], candidates: Mapping[str, Sequence[str]]) -> list[Suggestion]:
    """The likeliest candidates, best first; equally good ones in the order of their values.

    :param names: what the thing is called over there; the likeness to any of them counts.
    :param candidates: what could be chosen, each with every name that it goes by.
    """
    wanted = [plain for name in names if (plain := _plain(name))]
    scores = {
        value: max((_likeness(one, _plain(other)) for one in wanted for other in known), default=0)
        for value, known in candidates.items()
    }
    ranked = sorted(scores.items(), key=lambda each: (-each[1], each[0]))
    return [Suggestion(value, score) for value, score in ranked[:MOST] if score >= LEAST]


def _likeness(one: str, other: str) -> int:
    # Whole names first; names of which one holds the other's words, such as "DPD" and "DPD UK Next Day", somewhat less,
    # and of those the one that holds more of them. Word by word, so that "DX" is never found inside "FedEx".
    whole = fuzz.ratio(one, other)
    return round(max(whole, 0.8 * fuzz.token_set_ratio(one, other) + 0.1 * whole))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", folded(name)).strip()
