"""Every version of the mappings can be looked at beside the one before it, and beside the files in the repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.book import FOLDERS, parts, text_of, texts
from integration.services import Services
from integration.storage import published

PAGE = 30
LARGEST_DIFFERENCE = 200_000
"""Characters of a difference that are shown; what is longer nobody reads."""


@dataclass(frozen=True)
class Change:
    """One version: who published it, when and why, and the names of the documents that it changed."""

    version: int
    author: str
    reason: str
    published_at: datetime
    documents: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """One version with the difference to the one before it, and what it says: YAML text by name of the document."""

    change: Change
    difference: str
    texts: Mapping[str, str]


def in_force(services: Services) -> tuple[int | None, dict[str, Any]]:
    """The newest version and what it says, as data: also where this release cannot read it. None: the files count."""
    with services.store.read() as db:
        version = published.newest_version(db)
        if version is not None:
            return version, published.document(db, version)
    return None, services.rules().to_document()


def history(services: Services, before: int | None = None, limit: int = PAGE) -> list[Change]:
    """The versions before a number (None: from the newest on), newest first."""
    with services.store.read() as db:
        found = published.versions(db, before=before, limit=limit)
        numbers = {each.version for each in found}
        known = published.documents(db, numbers | {number - 1 for number in numbers})
    return [
        Change(each.version, each.author, each.reason, each.published_at,
               tuple(changed(known.get(each.version - 1, {}), known[each.version])))
        for each in found
    ]  # fmt: skip


def show(services: Services, version: int) -> Shown | None:
    """One version, None where there is none of that number."""
    found = history(services, before=version + 1, limit=1)
    if not found or found[0].version != version:
        return None
    with services.store.read() as db:
        known = published.documents(db, [version, version - 1])
    return Shown(found[0], difference(known.get(version - 1, {}), known[version]), texts(known[version]))


def between(services: Services, since: int | None, until: Rulebook | int) -> str:
    """The difference from a version (None: from what is in force) to a rulebook or another version.

    :raises LookupError: with a sentence; there is no such version.
    """
    before = in_force(services)[1] if since is None else _version(services, since)
    return difference(before, until.to_document() if isinstance(until, Rulebook) else _version(services, until))


def export(services: Services, folder: Path | None = None) -> dict[str, str]:
    """What is in force as mapping files: relative path to text.

    :param folder: leaves out what a file in it says already; so its comments stay.
    """
    said = _said(folder) if folder is not None else {}
    return {
        f"{name}.yaml": f"# yaml-language-server: $schema={_schema(name)}\n{text}"
        for name, text in texts(in_force(services)[1]).items() if said.get(name) != text
    }  # fmt: skip


def beyond(services: Services, folder: Path) -> list[str]:
    """The mapping files of a folder that belong to no document in force."""
    names = parts(in_force(services)[1])
    found = [path for inside in FOLDERS for path in sorted((folder / inside).glob("*.yaml"))]
    return [
        path for each in found
        if (path := each.relative_to(folder).as_posix()) and path.removesuffix(".yaml") not in names
    ]  # fmt: skip


def drift(services: Services, folder: Path) -> list[str]:
    """In what the published mappings and the files of a folder differ, one sentence each; none: they say the same."""
    version, document = in_force(services)
    if version is None:
        return []
    try:
        files = Rulebook.load(folder).to_document()
    except RulebookError as error:
        return [f"the files cannot be used: {problem}" for problem in error.problems]
    here, there = parts(files), parts(document)
    return [f"{name}.yaml {_how(name, here, there, version)}" for name in changed(document, files)]


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the documents in which two rulebooks differ."""
    old, new = parts(before), parts(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def difference(before: Mapping[str, Any], after: Mapping[str, Any], only: str | None = None) -> str:
    """What changed from one rulebook to another, as a unified diff of YAML text; `only`: of the document so named."""
    sides = parts(before), parts(after)
    lines: list[str] = []
    for name in changed(before, after):
        if only is None or name == only:
            old, new = (text_of(side[name]).splitlines() if name in side else [] for side in sides)
            lines += unified_diff(old, new, f"{name}.yaml", f"{name}.yaml", lineterm="")
    text = "\n".join(lines)
    return text if len(text) <= LARGEST_DIFFERENCE else f"{text[:LARGEST_DIFFERENCE]}\n… and more"


def _version(services: Services, version: int) -> dict[str, Any]:
    with services.store.read() as db:
        found = published.documents(db, [version])
    if not found:
        raise LookupError(f"There is no version {version}.")
    return found[version]


def _how(name: str, files: Mapping[str, Any], there: Mapping[str, Any], version: int) -> str:
    if name not in files:
        return f"is in version {version} only"
    return f"differs from version {version}" if name in there else f"is in the files only, not in version {version}"


def _said(folder: Path) -> dict[str, str]:
    try:
        return texts(Rulebook.load(folder).to_document())
    except RulebookError:
        return {}


def _schema(name: str) -> str:
    folder, _, _ = name.rpartition("/")
    return f"../schema/{'retailer' if folder == 'retailers' else folder}.json" if folder else f"schema/{name}.json"
