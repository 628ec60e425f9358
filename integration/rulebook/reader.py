"""A mapping file is read as plain data or refused: no duplicate keys, anchors, tags, odd booleans or giant files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 1_000_000
DEEPEST = 16
MOST_VALUES = 100_000

Location = tuple[str | int, ...]

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# YAML 1.1 would also read no, on, 14:00 and 0123 as booleans and numbers; here they stay text.

_NEVER = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\U00010000-\U0010ffff]")
"""What no YAML text may hold. A quoted text can still write it as an escape, and no database takes it as text."""

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster where it was built


class Unreadable(Exception):
    """A file is no usable YAML.

    :param reason: what is wrong, without file and line.
    :param line: where, from 1; None where it concerns the whole file.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Parsed:
    """Plain data, and the line on which each part of it begins."""

    data: Any
    lines: dict[Location, int] = field(default_factory=dict)


def read(path: Path) -> Parsed:
    """The content of one mapping file.

    :raises Unreadable: too large, not UTF-8, not YAML, or YAML beyond plain mappings, lists and scalars.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Unreadable(f"cannot be opened: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"is larger than {LARGEST_FILE} bytes")
    try:
        return parse(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"is not UTF-8 at byte {error.start}", line) from None


def parse(text: str) -> Parsed:
    """The content of one YAML text, see `read`. It comes from a file or from a form."""
    # A text has at most as many characters as bytes, and to encode a giant one only to count it would cost twice.
    if len(text) > LARGEST_FILE or len(text.encode("utf-8", "replace")) > LARGEST_FILE:
        raise Unreadable(f"is larger than {LARGEST_FILE} bytes")
    if found := _NEVER.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise Unreadable(f"is no YAML, it holds the character U+{ord(found[0]):04X}", line)
    try:
        return _Builder(yaml.parse(text, Loader=_PARSER)).document()
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark  # both parsers always set it
        raise Unreadable(f"is no YAML, {error.problem}", mark.line + 1) from None
    except yaml.YAMLError:
        raise Unreadable("is no YAML: it holds characters that YAML does not allow") from None


class _Builder:
    """Builds plain data from parser events, so that nothing is ever constructed that a file could choose."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[Location, int] = {}

    def document(self) -> Parsed:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise Unreadable("is empty")
        data = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        if not isinstance(second := next(self._events), yaml.StreamEndEvent):
            raise _at(second, "a second document begins here; a file holds one")
        return Parsed(data, self._lines)

    def _value(self, event: Any, location: Location) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _at(event, "anchors and aliases are not allowed; write the value out")
        if event.tag is not None:
            raise _at(event, f"the tag {event.tag} is not allowed")
        if len(location) > DEEPEST:
            raise _at(event, "is nested too deeply")
        self._lines[location] = event.start_mark.line + 1
        if len(self._lines) > MOST_VALUES:
            raise _at(event, f"holds more than {MOST_VALUES:,} values")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(location)
        return _scalar(event)

    def _mapping(self, location: Location) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _at(event, "a key must be plain text")
            key = event.value
            if key in found:
                raise _at(event, f"the key {key} stands here a second time")
            found[key] = self._value(next(self._events), (*location, key))
            self._lines[(*location, key)] = line
        return found

    def _sequence(self, location: Location) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*location, len(found))))
        return found


def _scalar(event: Any) -> str | int | bool | None:
    text: str = event.value
    if found := _NEVER.search(text):
        raise _at(event, f"holds the character U+{ord(found[0]):04X}, which no text may hold")
    if not event.implicit[0]:  # quoted or a block: text, whatever it looks like
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _at(event: Any, reason: str) -> Unreadable:
    return Unreadable(reason, event.start_mark.line + 1)
