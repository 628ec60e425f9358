"""All mappings are one frozen rulebook, read by the same models from files, from the database and from the console."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from integration.kinds import Team
from integration.rulebook.base import CODE, Code, Model, folded
from integration.rulebook.crosschecks import findings
from integration.rulebook.documents import Calendar, CarrierRow, SkuRow, StockDocument, TeamEntry
from integration.rulebook.fields import FieldMap
from integration.rulebook.reader import Location, Unreadable, read
from integration.rulebook.retailer import Retailer, Stock
from integration.rulebook.sentences import sentences

DOCUMENTS = ("carriers", "products", "stock", "calendars", "teams")
FOLDERS = ("retailers", "fields")
"""A document of these is a file of its own: ``retailers/calder.yaml``."""
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the mappings.

    `sentence` says file, line where known, place in the file and what is wrong. `document` is the name of the file
    without its ending, such as ``retailers/calder``; None: it concerns no single file. `words` leaves both out.
    """

    sentence: str
    document: str | None
    line: int | None
    words: str


class RulebookError(Exception):
    """The mappings cannot be used.

    :param mistakes: everything that is wrong, not only the first.
    """

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = mistakes
        self.problems = [each.sentence for each in mistakes]
        super().__init__("\n".join(self.problems))


class Rulebook(Model):
    """Every mapping of one version; `version` is None as long as it is only a folder of files."""

    version: int | None = Field(default=None, exclude=True)
    retailers: Mapping[Code, Retailer]
    fields: Mapping[Code, FieldMap]
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
        document, lines, mistakes = _files(folder)
        if mistakes:
            raise RulebookError(mistakes)
        return _validated(document, lines)

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any], *, version: int | None = None, lines: Mapping[Location, int] | None = None
    ) -> "Rulebook":
        """The rulebook that `to_document` wrote, or that somebody proposes.

        :param lines: on which line each part of it begins, where it comes from a text.
        :raises RulebookError: with every problem.
        """
        return _validated(document, lines or {}).model_copy(update={"version": version})

    def to_document(self) -> dict[str, Any]:
        """The whole content as JSON data, without the version."""
        return self.model_dump(mode="json")

    def to_files(self) -> dict[str, str]:
        """The whole content as mapping files: relative path to YAML text. Comments are not part of a rulebook."""
        return {f"{name}.yaml": text for name, text in texts(self.to_document()).items()}

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

    def fields_of(self, retailer: str) -> FieldMap | None:
        """The field map that the retailer's profile names, or None where it names none."""
        name = self.retailers[retailer].products.fields
        return None if name is None else self.fields[name]

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


def texts(document: Mapping[str, Any]) -> dict[str, str]:
    """Each document of a rulebook as YAML text by its name, also of one that today's models would refuse."""
    return {name: text_of(content) for name, content in parts(document).items()}


def parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """The content of each document of a rulebook by its name."""
    return {name: part(document, place) for name, place in _places(document).items()}


def text_of(content: Any) -> str:
    """One document as YAML text: what holds only plain values stands on one line, as in the files."""
    text: str = yaml.dump(
        content, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )
    return text


def place_of(name: str) -> Location | None:
    """Where the document of this name stands in a rulebook; None: there can be none of that name."""
    folder, _, inside = name.rpartition("/")
    if not folder:
        return (name,) if name in DOCUMENTS else None
    return (folder, inside) if folder in FOLDERS and re.fullmatch(CODE, inside) else None


def part(document: Mapping[str, Any], place: Location) -> Any:
    """The content of the document at this place, None where there is none."""
    found: Any = document
    for step in place:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def with_part(document: Mapping[str, Any], place: Location, content: Any) -> dict[str, Any]:
    """The rulebook in which the document at this place is `content`."""
    first, *rest = place
    known = document.get(first) if isinstance(first, str) else None
    inside = known if isinstance(known, Mapping) else {}
    return {**document, str(first): {**inside, rest[0]: content} if rest else content}


def _places(document: Mapping[str, Any]) -> dict[str, Location]:
    shared: dict[str, Location] = {name: (name,) for name in DOCUMENTS if name in document}
    return shared | {
        f"{folder}/{name}": (folder, name) for folder in FOLDERS for name in sorted(document.get(folder) or {})
    }


def _files(folder: Path) -> tuple[dict[str, Any], dict[Location, int], list[Mistake]]:
    document: dict[str, Any] = {name: {} for name in FOLDERS}
    lines: dict[Location, int] = {}
    mistakes: list[Mistake] = []
    single = [(path, (name,)) for name in FOLDERS for path in sorted((folder / name).glob("*.yaml"))]
    shared: list[tuple[Path, tuple[str, ...]]] = [(folder / f"{name}.yaml", ()) for name in DOCUMENTS]
    for path, prefix in shared + single:
        try:
            parsed = read(path)
        except Unreadable as error:
            mistakes.append(unreadable(path.relative_to(folder).with_suffix("").as_posix(), error))
            continue
        into = document[prefix[0]] if prefix else document
        into[path.stem] = parsed.data
        lines |= {(*prefix, path.stem, *location): line for location, line in parsed.lines.items()}
    return document, lines, mistakes + _strays(folder)


def unreadable(name: str, error: Unreadable) -> Mistake:
    """A document that could not even be read."""
    return Mistake(f"{name}.yaml {error}", name, error.line, error.reason)


def _strays(folder: Path) -> list[Mistake]:
    expected = {f"{name}.yaml" for name in DOCUMENTS}
    found = [*folder.glob("*.y*ml"), *(path for name in FOLDERS for path in (folder / name).glob("*.yml"))]
    said = "is no mapping file; nothing would read it"
    return [
        Mistake(f"{path.relative_to(folder)} {said}", None, None, said)
        for path in sorted(found) if path.name not in expected
    ]  # fmt: skip


def _validated(document: Mapping[str, Any], lines: Mapping[Location, int]) -> Rulebook:
    try:
        # Through JSON, so that a file and a stored version are held to one and the same strictness.
        book = Rulebook.model_validate_json(json.dumps(document))
        found = findings(book)
    except ValidationError as error:
        found = sentences(error)
    except (TypeError, ValueError, RecursionError):
        found = [((), "is not JSON data")]
    if found:
        raise RulebookError([mistake(location, words, lines) for location, words in found])
    return book


def mistake(location: Location, words: str, lines: Mapping[Location, int]) -> Mistake:
    """`carriers.yaml, line 7, row 3, slug: …`; the line of the innermost part that stands in the file."""
    name, inside = _file(location)
    ends = range(len(location), len(location) - len(inside) - 1, -1)
    line = next((lines[location[:end]] for end in ends if location[:end] in lines), None)
    place = [f"row {step + 1}" if isinstance(step, int) else str(step) for step in inside]
    shown = [f"{name}.yaml" if name else "the rulebook", *([] if line is None else [f"line {line}"]), *place]
    said = f"{', '.join(place)}: {words}" if place else words
    return Mistake(f"{', '.join(shown)}: {words}", name, line, said)


def _file(location: Location) -> tuple[str | None, Location]:
    match location:
        case (str(folder), str(name), *inside) if folder in FOLDERS:
            return f"{folder}/{name}", tuple(inside)
        case (str(name), *inside) if name in DOCUMENTS:
            return name, tuple(inside)
        case _:
            return None, location
