"""The mappings are checked before anything relies on them, and published as one version with an author and a reason."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from integration.cli.output import ATTENTION, Json, clock, document, say, table
from integration.cli.session import load, me, open_services
from integration.flows import mappings, mappings_history, mappings_suggestions
from integration.flows.mappings import Publication
from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.schemas import FOLDER, schemas

app = typer.Typer(no_args_is_help=True, help="Check and publish what operations may decide.")
Folder = Annotated[Path | None, typer.Option("--dir", help="The folder of mapping files; by default MAPPINGS_DIR.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept with the version.")]
Who = Annotated[str | None, typer.Option("--author", help="Who; by default your login.")]


@app.command()
def check(folder: Folder = None) -> None:
    """Say everything that is wrong with the mapping files."""
    rules = _read(folder)
    say(f"{len(rules.retailers)} retailers, {len(rules.carriers)} carrier rows: nothing is wrong")


@app.command()
def diff(
    folder: Folder = None,
    since: Annotated[int | None, typer.Option("--from", help="An earlier version, instead of the newest.")] = None,
    until: Annotated[int | None, typer.Option("--to", help="A version, instead of the mapping files.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the mapping files would change, and what that sets in motion; or the difference of two versions."""
    with open_services() as services:
        rules = _read(folder) if until is None else None
        try:
            text = mappings_history.between(services, since, rules or until or 0)
        except LookupError as problem:
            _stop([str(problem.args[0])])
        effect = mappings.effect_of(services, rules) if rules and since is None else None
    said = effect.sentences if effect and text else []
    if as_json:
        document({"difference": text, "effect": said})
        return
    say(text or "no difference")
    for sentence in said:
        say(f"Publishing {sentence}.")


@app.command()
def publish(
    reason: Why, author: Who = None, folder: Folder = None,
    base: Annotated[int | None, typer.Option(help="The version whose changes the files hold.")] = None,
) -> None:  # fmt: skip
    """Make the mapping files the law for every process, and release what waited for them."""
    rules = _read(folder)
    with open_services() as services:
        made = mappings.publish_files(services, rules, base_version=base, person=me(author), reason=reason)
    _told(made)


@app.command()
def rollback(
    version: Annotated[int, typer.Argument(help="The version to go back to; see history.")], reason: Why,
    author: Who = None,
) -> None:  # fmt: skip
    """Publish the content of an earlier version anew."""
    with open_services() as services:
        made = mappings.roll_back(services, version, person=me(author), reason=reason)
    _told(made)


@app.command()
def history(
    version: Annotated[int | None, typer.Argument(help="Show what this version changed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="So many versions, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the versions with author and reason, or show one of them."""
    with open_services() as services:
        shown = mappings_history.show(services, version) if version is not None else None
        found = mappings_history.history(services, limit=limit) if version is None else []
    if version is not None and shown is None:
        _stop([f"There is no version {version}."])
    if as_json:
        document(asdict(shown) if shown else [asdict(each) for each in found])
    elif shown is not None:
        by = shown.change
        say(f"version {by.version} by {by.author}, {clock(by.published_at)}: {by.reason}")
        say(shown.difference)
    else:
        rows = [(each.version, clock(each.published_at), each.author, each.reason, ", ".join(each.documents))
                for each in found]  # fmt: skip
        table(("version", "published", "by", "why", "changed"), rows)


@app.command()
def export(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; it need not exist.")]) -> None:
    """Write what is in force as mapping files; a file that says it already stays as it is, with its comments."""
    with open_services() as services:
        files = mappings_history.export(services, folder)
        left = mappings_history.beyond(services, folder)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    say(f"written: {', '.join(files)}" if files else "every file says already what is in force")
    if left:
        say(f"not in force, yours to delete: {', '.join(left)}")


@app.command()
def drift(folder: Folder = None, as_json: Json = False) -> None:
    """Say in what the mapping files and the published mappings differ."""
    with open_services() as services:
        found = mappings_history.drift(services, folder or services.mappings_dir)
    if as_json:
        document({"drift": found})
    else:
        say("\n".join(found) or "files and published mappings say the same")
    if found:
        raise typer.Exit(ATTENTION)


@app.command()
def suggest(as_json: Json = False) -> None:
    """Offer what an unmapped carrier or delivery service may mean; nothing is applied."""
    with open_services() as services:
        offers = mappings_suggestions.suggestions(services)
    if as_json:
        document([asdict(each) for each in offers])
        return
    if not offers:
        say("no carrier and no delivery service waits for a mapping")
    for offer in offers:
        say(f"{offer.wanted}, {offer.retailer or 'every retailer'} (exception {offer.cause_id}): {offer.document}.yaml")
        for suggestion, row in zip(offer.suggestions, offer.rows, strict=True):
            say(f"  {suggestion.score:3} %  {row}")
        if not offer.suggestions:
            why = "the live carrier list could not be asked" if offer.unchecked else "nothing resembles it"
            say(f"  {why}")


@app.command()
def schema(folder: Folder = None) -> None:
    """Write the JSON Schemas that editors check mapping files with, and name those that changed."""
    target = folder or load().mappings_dir
    if not target.is_dir():
        _stop([f"{target} is no folder"])
    (target / FOLDER).mkdir(exist_ok=True)
    changed = [path for path, text in schemas().items() if _written(target / path, text)]
    say(f"written: {', '.join(changed)}" if changed else "every schema was up to date")


def _told(made: Publication) -> None:
    if made.version is None:
        _stop([*made.problems, *([made.difference] if made.difference else [])])
    if made.unchecked:
        say("Carriers and categories are not checked against the live lists.")
    say(f"version {made.version} is published; {made.released} held pieces of work are due again")


def _written(path: Path, text: str) -> bool:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def _read(folder: Path | None) -> Rulebook:
    try:
        return Rulebook.load(folder or load().mappings_dir)
    except RulebookError as problem:
        _stop(problem.problems)


def _stop(sentences: Sequence[str]) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(ATTENTION)
