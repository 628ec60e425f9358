"""What a model refuses is one sentence for the person who wrote the file, at the place where it stands in the file."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from integration.rulebook.base import PATTERNS_IN_WORDS
from integration.rulebook.finding import Finding
from integration.rulebook.reader import Location

MOST = 1_000
"""A file that is something else altogether can be wrong in every value; nobody reads a million sentences."""
_CHOSEN_BY_KEY = ("sources", "transforms")
"""Lists whose rows are of several kinds; the library then puts the kind into the place, where no file has it."""


def sentences(error: ValidationError) -> list[Finding]:
    """Every problem with its place in the document, in the order of the document; of a great many the first."""
    problems = error.errors(include_url=False, include_input=False)[:MOST]
    # A list whose rows were refused is called too short as well; the rows say it better, however deep their mistake.
    parents = {problem["loc"][:end] for problem in problems for end in range(len(problem["loc"]))}
    return [
        (_place(problem), _words(problem))
        for problem in problems
        if problem["type"] != "too_short" or problem["loc"] not in parents
    ]


def _place(problem: ErrorDetails) -> Location:
    whole = problem["loc"]
    place = tuple(part for index, part in enumerate(whole) if part != "[key]" and not _is_kind(whole[:index]))
    # The row is where a wrong `do` is found, but the key is what somebody has to look at.
    return (*place, "do") if problem["type"] in ("union_tag_invalid", "union_tag_not_found") else place


def _is_kind(before: Location) -> bool:
    return len(before) > 1 and before[-2] in _CHOSEN_BY_KEY and isinstance(before[-1], int)


def _words(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    match problem["type"]:
        case "string_pattern_mismatch":
            return PATTERNS_IN_WORDS[context["pattern"]]
        case "union_tag_invalid":
            return f"must be one of {context['expected_tags']}".replace("'", "")
        case "too_short":
            return f"must hold at least {context['min_length']}"
        case "too_long":
            return f"must hold at most {context['max_length']}"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "literal_error":
            return f"must be {context['expected']}".replace("True, False", "true, false")
        case kind:
            message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
            return _TYPES_IN_WORDS.get(kind, message[:1].lower() + message[1:])


_DATE = 'must be a valid date, such as "2026-07-01"'
_TYPES_IN_WORDS = {
    "missing": "is missing",
    "union_tag_not_found": "is missing; it says what is done",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "must not be empty",
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "mapping_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
}
