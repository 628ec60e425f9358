"""Mappings come into force as one checked version, and what waited for them goes on by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from integration.flows import live_lists, mappings_afresh, mappings_effect, new_carriers, reviews
from integration.flows.mappings_effect import Effect
from integration.flows.mappings_history import changed, difference, in_force
from integration.people import Door, Person
from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.book import Mistake, mistake, place_of, texts, unreadable, with_part
from integration.rulebook.reader import Location, Unreadable, parse
from integration.services import Services
from integration.storage import activity, published

MOST_MISTAKES = 100
"""So many are told of one text; whoever pasted something else need not read a million."""


ACTS = 200
"""So many of the newest publications are looked at before files are published over them."""
PUBLISHED, ROLLED_BACK = "published", "rolled back"


@dataclass(frozen=True)
class Documents:
    """The documents in force as YAML text by name, and the version that they are of; None: of the files."""

    version: int | None
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Proposal:
    """What would become of a document: `mistakes` that keep it from being published, else its `effect`.

    `difference`: unified diff against what is in force. `unchecked`: a live list could not be asked. `meanwhile`: what
    somebody else has published since its author began.
    """

    base_version: int | None
    mistakes: Sequence[Mistake] = ()
    difference: str = ""
    effect: Effect | None = None
    unchecked: bool = False
    meanwhile: "Publication | None" = None

    @property
    def problems(self) -> list[str]:
        """The mistakes in sentences."""
        return [each.sentence for each in self.mistakes]


@dataclass(frozen=True)
class Publication:
    """What became of it: `version` None = not published, because of `problems`.

    `unchecked`: a live list could not be asked, so carriers' slugs and categories are taken on trust.
    `difference`: what somebody else has published meanwhile, as unified diff.
    """

    version: int | None = None
    released: int = 0
    problems: Sequence[str] = field(default=())
    unchecked: bool = False
    difference: str = ""


@dataclass(frozen=True)
class _Basis:
    """What is in force, as data: also where this release cannot read it."""

    version: int | None
    document: dict[str, Any]

    def rules(self) -> Rulebook | None:
        try:
            return Rulebook.from_document(self.document, version=self.version)
        except RulebookError:
            return None


def documents(services: Services) -> Documents:
    """What is in force."""
    basis = _Basis(*in_force(services))
    return Documents(basis.version, texts(basis.document))


def propose(services: Services, name: str, text: str, *, base_version: int | None) -> Proposal:
    """What would become of the document `name` if it said `text`. Nothing is changed, and no retailer is written to.

    :param base_version: the version in force when its author began.
    """
    basis = _Basis(*in_force(services))
    meanwhile = None if basis.version == base_version else _overtaken(services, base_version)
    try:
        rules, lines, proposed = _read(basis, name, text)
    except RulebookError as error:
        return Proposal(basis.version, error.mistakes[:MOST_MISTAKES], meanwhile=meanwhile)
    found, unchecked = live_lists.findings(services, rules, only=[name])
    mistakes = [mistake(place, words, lines) for place, words in found[:MOST_MISTAKES]]
    return Proposal(
        basis.version, mistakes, difference(basis.document, proposed, name),
        None if mistakes else mappings_effect.effect(services, basis.rules(), rules), unchecked, meanwhile,
    )  # fmt: skip


def effect_of(services: Services, rules: Rulebook) -> Effect:
    """What follows if `rules` come into force. Nothing is changed, and no platform is asked."""
    return mappings_effect.effect(services, _Basis(*in_force(services)).rules(), rules)


def publish_document(
    services: Services, name: str, text: str, *, base_version: int | None, person: Person, reason: str
) -> Publication:
    """Make `text` the law for the document `name`, if what is in force still is `base_version`."""
    basis = _Basis(*in_force(services))
    if basis.version != base_version:
        return _overtaken(services, base_version)
    try:
        rules, lines, proposed = _read(basis, name, text)
    except RulebookError as error:
        return Publication(problems=error.problems[:MOST_MISTAKES])
    if not changed(basis.document, proposed):
        return Publication(problems=[f"{name}.yaml says just this already; nothing was published."])
    found, unchecked = live_lists.findings(services, rules, only=[name])
    if found:
        return Publication(problems=[mistake(*each, lines).sentence for each in found[:MOST_MISTAKES]])
    return _store(services, rules, basis, person, reason, PUBLISHED, unchecked)


def publish(services: Services, rules: Rulebook, *, person: Person, reason: str) -> Publication:
    """Store `rules`, all documents at once, as the next version and make due what was held for a mapping."""
    basis = _Basis(*in_force(services))
    found, unchecked = live_lists.findings(services, rules)
    if found:
        return Publication(problems=[mistake(*each, {}).sentence for each in found[:MOST_MISTAKES]])
    return _store(services, rules, basis, person, reason, PUBLISHED, unchecked)


def publish_files(
    services: Services, rules: Rulebook, *, base_version: int | None, person: Person, reason: str
) -> Publication:
    """Publish the files of a folder, unless they would take back what somebody changed elsewhere since the last time.

    :param base_version: the version that the files are known to hold; None: that is worked out from what was done.
    """
    if base_version is not None and base_version != in_force(services)[0]:
        return _overtaken(services, base_version)
    if base_version is None and (lost := _taken_back(services, rules)):
        return Publication(problems=lost)
    return publish(services, rules, person=person, reason=reason)


def roll_back(services: Services, version: int, *, person: Person, reason: str) -> Publication:
    """Publish the content of an earlier version anew.

    The live lists are not asked: whoever goes back is in a hurry, and what held then is the best that is known.
    """
    basis = _Basis(*in_force(services))
    with services.store.read() as db:
        found = published.documents(db, [version]).get(version)
    if found is None:
        return Publication(problems=[f"There is no version {version}."])
    try:
        rules = Rulebook.from_document(found)
    except RulebookError as error:
        return Publication(problems=[f"Version {version} cannot be used by this release:", *error.problems])
    if not changed(basis.document, rules.to_document()):
        return Publication(problems=[f"What is in force says just what version {version} says."])
    return _store(services, rules, basis, person, reason, ROLLED_BACK, unchecked=True)


def _read(basis: _Basis, name: str, text: str) -> tuple[Rulebook, Mapping[Location, int], dict[str, Any]]:
    """The rulebook in which one document says `text`, the lines of that text, and the rulebook as data."""
    place = place_of(name)
    if place is None:
        raise RulebookError([_about(name, "is no mapping document; nothing would read it")])
    try:
        parsed = parse(text)
    except Unreadable as error:
        raise RulebookError([unreadable(name, error)]) from None
    lines = {(*place, *location): line for location, line in parsed.lines.items()}
    rules = Rulebook.from_document(with_part(basis.document, place, parsed.data), lines=lines)
    return rules, lines, rules.to_document()


def _taken_back(services: Services, rules: Rulebook) -> list[str]:
    """What was changed elsewhere after files were last published, and is not in these files."""
    version, document = in_force(services)
    with services.store.read() as db:
        acts = activity.page(db, before=None, limit=ACTS, about="mappings")
    since = takewhile(lambda act: (act["verb"], act["door"]) != (PUBLISHED, Door.CLI), acts)
    by = {name: act for act in reversed(list(since)) for name in act["facts"].get("documents", ())}
    lost = [
        f"{name}.yaml was changed by {by[name]['by']} in version {by[name]['subject']}, and the files say otherwise."
        for name in changed(document, rules.to_document()) if name in by
    ]  # fmt: skip
    cure = f"Export first; or, where the files hold that change or should undo it, publish with --base {version}."
    return [*lost, cure] if lost else []


def _about(name: str, words: str) -> Mistake:
    shown = name if len(name) <= 60 else f"{name[:60]}…"
    return Mistake(f"{shown} {words}", None, None, words)


def _overtaken(services: Services, base_version: int | None) -> Publication:
    with services.store.read() as db:
        newest = next(iter(published.versions(db, before=None, limit=1)), None)
        if newest is None:
            return Publication(problems=[f"There is no version {base_version}; nothing is published yet."])
        wanted = [number for number in (base_version, newest.version) if number is not None]
        known = published.documents(db, wanted)
    before = known.get(base_version) if base_version is not None else None
    said = f'Version {newest.version} by {newest.author} came into force meanwhile ("{newest.reason}").'
    shown = difference(before, known[newest.version]) if before is not None else ""
    return Publication(problems=[f"{said} Look at theirs, then publish on top of it."], difference=shown)


def _store(
    services: Services, rules: Rulebook, basis: _Basis, person: Person, reason: str, verb: str, unchecked: bool
) -> Publication:
    if not reason.strip():
        return Publication(problems=["Say why; the reason is kept with the version."])
    now, content = services.now(), rules.to_document()
    with services.store.write() as db:
        version = published.publish(
            db, content, after=basis.version, author=person.name, reason=reason.strip(), now=now
        )
        if version is not None:
            # Not due at once: until then a worker may still judge by the version before, and hold it again for good.
            released = mappings_afresh.ask(db, now, f"mappings version {version} by {person.name}")
            new_carriers.settle(db, rules, now, version, person.name)
            reviews.ask(db, rules.retailers.values(), now + mappings_afresh.SETTLED, now)
            names = changed(basis.document, content)
            activity.record(db, person, verb, "mappings", str(version), now, reason.strip(), documents=names)
            return Publication(version, released, unchecked=unchecked)
    return _overtaken(services, basis.version)
