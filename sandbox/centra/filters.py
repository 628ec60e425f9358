"""Lists are filtered, sorted and paged the same way everywhere: `where`, `sort`, `limit` and `page`.

Ids are lists, dates are ranges (both ends included), strings match in exactly one way.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from graphql import GraphQLError

MAX_LIMIT = 200

Test = Callable[[Any], bool]
Rule = Callable[[Any], Test]


def one_of(attribute: str) -> Rule:
    """The attribute is in the given list."""
    get = attrgetter(attribute)

    def rule(wanted: list[Any]) -> Test:
        allowed = set(wanted)
        return lambda item: get(item) in allowed

    return rule


def equal(attribute: str) -> Rule:
    """The attribute has the given value."""
    get = attrgetter(attribute)
    return lambda wanted: lambda item: get(item) == wanted


def between(attribute: str) -> Rule:
    """The moment lies in a `DateRange`; an object without one never does."""
    get = attrgetter(attribute)

    def rule(wanted: dict[str, Any]) -> Test:
        start, end = wanted.get("from"), wanted.get("to")

        def test(item: Any) -> bool:
            moment = get(item)
            return moment is not None and (start is None or moment >= start) and (end is None or moment <= end)

        return test

    return rule


def text(attribute: str) -> Rule:
    """The string passes a `StringMatch`, letters of both cases alike.

    :raises GraphQLError: not exactly one way to match is given.
    """
    get = attrgetter(attribute)
    ways: dict[str, Callable[[str, str], bool]] = {
        "equals": str.__eq__, "contains": str.__contains__, "startsWith": str.startswith, "endsWith": str.endswith,
    }

    def rule(wanted: dict[str, str | None]) -> Test:
        given = [(way, value) for way, value in wanted.items() if value is not None]
        if len(given) != 1:
            raise GraphQLError("Exactly one input field should be provided")
        compare, value = ways[given[0][0]], str(given[0][1]).lower()
        return lambda item: compare((get(item) or "").lower(), value)

    return rule


def has(attribute: str) -> Rule:
    """The text holds the searched words somewhere, letters of both cases alike."""
    get = attrgetter(attribute)
    return lambda wanted: lambda item: wanted.lower() in str(get(item)).lower()


def keep(items: Iterable[Any], where: Mapping[str, Any] | None, rules: Mapping[str, Rule]) -> list[Any]:
    """The items that pass every given condition."""
    for name, wanted in (where or {}).items():
        if wanted is not None:
            items = filter(rules[name](wanted), items)
    return list(items)


def ordered(items: list[Any], sort: list[str] | None, names: Mapping[str, str]) -> list[Any]:
    """The items in the order of ``<field>_ASC`` and ``<field>_DESC`` words; `names` maps fields to attributes."""
    for word in reversed(sort or []):
        name, direction = word.rsplit("_", 1)
        items = sorted(items, key=attrgetter(names.get(name, name)), reverse=direction == "DESC")
    return items


def paged(items: list[Any], limit: int | None, page: int | None, default: int | None = 20) -> list[Any]:
    """One page; without any limit everything.

    :raises GraphQLError: the limit is not from 1 to 200, or the page is below 1.
    """
    size = limit if limit is not None else default
    if size is None:
        return items
    if not 1 <= size <= MAX_LIMIT or (page is not None and page < 1):
        raise GraphQLError(f"limit must be from 1 to {MAX_LIMIT} and page at least 1")
    start = ((page or 1) - 1) * size
    return items[start:start + size]
