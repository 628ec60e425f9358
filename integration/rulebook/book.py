"""All mappings are one frozen rulebook, read by the same models from files, from the database and from the console."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from integration.kinds import Team
from integration.rulebook.base import PATTERNS_IN_WORDS, Code, Model, folded
from integration.rulebook.crosschecks import Finding, findings
from integration.rulebook.documents import Calendar, CarrierRow, SkuRow, StockDocument, TeamEntry
from integration.rulebook.reader import Location, Unreadable, read
from integration.rulebook.retailer import Retailer, Stock

DOCUMENTS = ("carriers", "products", "stock", "calendars", "teams")


class RulebookError(Exception):
    """The mappings cannot be used.

    :param problems: one sentence each: file, line where known, place in the file, what is wrong.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Rulebook(Model):
    """Every mapping of one version; `version` is None as long as it is only a folder of files."""

    version: int | None = Field(default=None, exclude=True)
    retailers: Mapping[Code, Retailer]
    carriers: tuple[CarrierRow, ...]
    products: tuple[SkuRow, ...]
    stock: StockDocument
    calendars: Mapping[Code, Calendar]
    teams: Mapping[Team, TeamEntry]

    @classmethod
    def load(cls, folder: Path) -> "Rulebook":
        """The rulebook in a folder of mapping files.

        :raises RulebookError: with every problem of every file, not the first.
        """
        document, lines, problems = _files(folder)
        if problems:
            raise RulebookError(problems)
        return _validated(document, lines)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, version: int | None = None) -> "Rulebook":
        """The rulebook that `to_document` wrote, or that somebody proposes.

        :raises RulebookError: with every problem.
        """
        return _validated(document, {}).model_copy(update={"version": version})

    def to_document(self) -> dict[str, Any]:
        """The whole content as JSON data, without the version."""
        return self.model_dump(mode="json")

    def to_files(self) -> dict[str, str]:
        """The whole content as mapping files: relative path to YAML text. Comments are not part of a rulebook."""
        document = self.to_document()
        retailers = {f"retailers/{code}.yaml": profile for code, profile in document["retailers"].items()}
        shared = {f"{name}.yaml": document[name] for name in DOCUMENTS}
        return {
            path: yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
            for path, content in (retailers | shared).items()
        }

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the content: two rulebooks that say the same have the same one, whatever their version."""
        canonical = json.dumps(self.to_document(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def carrier_slug(self, retailer: str, carrier: str, service: str | None) -> str | None:
        """The slug for Centra's carrier and service names, or None where nobody mapped them.

        The retailer's own rows win over general ones, and among those a named service over any.
        """
        for code in (retailer, None):
            for name in (service, None):
                row = (code, folded(carrier), name and folded(name))
                if slug := self._slugs.get(row):
                    return slug
        return None

    def sku_override(self, retailer: str, part_number: str) -> str | None:
        """The SKU somebody wrote down for a retailer's part number; it wins over every key of the profile."""
        return self._overrides.get((retailer, part_number))

    def stock_rule(self, retailer: str, sku: str) -> Stock:
        """The retailer's stock rule with the buffer that applies to this SKU.

        The retailer's own buffers win over general ones, a whole SKU over a prefix, a longer prefix over a shorter.
        """
        rule = self.retailers[retailer].stock
        for code in (retailer, None):
            exact = self._exact_buffers.get((code, sku))
            buffer = exact if exact is not None else self._prefix_buffer(code, sku)
            if buffer is not None:
                return rule.model_copy(update={"buffer": buffer})
        return rule

    @cached_property
    def _slugs(self) -> dict[tuple[str | None, str, str | None], str]:
        return {
            (row.retailer, folded(row.carrier), row.service and folded(row.service)): row.slug for row in self.carriers
        }

    @cached_property
    def _overrides(self) -> dict[tuple[str, str], str]:
        return {(row.retailer, row.part_number): row.sku for row in self.products}

    @cached_property
    def _exact_buffers(self) -> dict[tuple[str | None, str], int]:
        return {(row.retailer, row.sku): row.buffer for row in self.stock.buffers if row.sku is not None}

    @cached_property
    def _prefix_buffers(self) -> list[tuple[str | None, str, int]]:
        rows = [(row.retailer, row.sku_prefix, row.buffer) for row in self.stock.buffers if row.sku_prefix is not None]
        return sorted(rows, key=lambda row: -len(row[1]))

    def _prefix_buffer(self, retailer: str | None, sku: str) -> int | None:
        rows = (row for row in self._prefix_buffers if row[0] == retailer and sku.startswith(row[1]))
        return next((buffer for _, _, buffer in rows), None)


def _files(folder: Path) -> tuple[dict[str, Any], dict[Location, int], list[str]]:
    document: dict[str, Any] = {"retailers": {}}
    lines: dict[Location, int] = {}
    problems: list[str] = []
    profiles = sorted((folder / "retailers").glob("*.yaml"))
    for path in [folder / f"{name}.yaml" for name in DOCUMENTS] + profiles:
        into, prefix = (document["retailers"], ("retailers",)) if path in profiles else (document, ())
        try:
            parsed = read(path)
        except Unreadable as error:
            problems.append(f"{path.relative_to(folder)} {error}")
            continue
        into[path.stem] = parsed.data
        lines |= {(*prefix, path.stem, *location): line for location, line in parsed.lines.items()}
    return document, lines, problems + _strays(folder)


def _strays(folder: Path) -> list[str]:
    expected = {f"{name}.yaml" for name in DOCUMENTS}
    found = sorted([*folder.glob("*.y*ml"), *(folder / "retailers").glob("*.yml")])
    return [
        f"{path.relative_to(folder)} is no mapping file; nothing would read it"
        for path in found
        if path.name not in expected
    ]


def _validated(document: Mapping[str, Any], lines: Mapping[Location, int]) -> Rulebook:
    try:
        # Through JSON, so that a file and a stored version are held to one and the same strictness.
        book = Rulebook.model_validate_json(json.dumps(document))
        found = findings(book)
    except ValidationError as error:
        found = _in_words(error)
    except (TypeError, ValueError, RecursionError):
        found = [((), "is not JSON data")]
    if found:
        raise RulebookError([f"{_place(location, lines)}: {words}" for location, words in found])
    return book


def _in_words(error: ValidationError) -> list[Finding]:
    problems = error.errors(include_url=False, include_input=False)
    # A list whose rows were refused is called too short as well; the rows say it better.
    parents = {problem["loc"][:-1] for problem in problems}
    return [
        (tuple(part for part in problem["loc"] if part != "[key]"), _words(problem))
        for problem in problems
        if problem["type"] != "too_short" or problem["loc"] not in parents
    ]


def _words(problem: ErrorDetails) -> str:
    if problem["type"] == "string_pattern_mismatch":
        return PATTERNS_IN_WORDS[problem["ctx"]["pattern"]]
    message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return _TYPES_IN_WORDS.get(problem["type"], message[:1].lower() + message[1:])


_TYPES_IN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false",
    "model_type": "must be a mapping of keys to values",
    "mapping_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
}


def _place(location: Location, lines: Mapping[Location, int]) -> str:
    """`carriers.yaml, line 7, row 3, slug`; the line of the innermost part that stands in the file."""
    name, inside = _file(location)
    ends = range(len(location), len(location) - len(inside) - 1, -1)
    line = next((f", line {lines[location[:end]]}" for end in ends if location[:end] in lines), "")
    rest = (f", row {part + 1}" if isinstance(part, int) else f", {part}" for part in inside)
    return name + line + "".join(rest)


def _file(location: Location) -> tuple[str, Location]:
    match location:
        case ("retailers", str(code), *inside):
            return f"retailers/{code}.yaml", tuple(inside)
        case (str(name), *inside) if name in DOCUMENTS:
            return f"{name}.yaml", tuple(inside)
        case _:
            return "the rulebook", location
