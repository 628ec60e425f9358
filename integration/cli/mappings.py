"""The mappings are checked before anything relies on them, and published as one version with an author and a reason."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from integration.cli.output import ATTENTION, say
from integration.cli.session import load, open_services
from integration.flows import mappings
from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.schemas import FOLDER, schemas

app = typer.Typer(no_args_is_help=True, help="Check and publish what operations may decide.")
Folder = Annotated[Path | None, typer.Option("--dir", help="The folder of mapping files; by default MAPPINGS_DIR.")]


@app.command()
def check(folder: Folder = None) -> None:
    """Say everything that is wrong with the mapping files."""
    rules = _read(folder)
    say(f"{len(rules.retailers)} retailers, {len(rules.carriers)} carrier rows: nothing is wrong")


@app.command()
def publish(
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")],
    author: Annotated[str | None, typer.Option(help="Who; by default your login.")] = None,
    folder: Folder = None,
) -> None:
    """Make the mapping files the law for every process, and release what waited for them."""
    rules = _read(folder)
    with open_services() as services:
        made = mappings.publish(services, rules, author=author or getpass.getuser(), reason=reason)
    if made.version is None:
        _stop(made.problems)
    if made.unchecked:
        say("A live list could not be asked; carriers or categories are not checked against it.")
    say(f"version {made.version} is published; {made.released} held pieces of work are due again")


@app.command()
def schema(folder: Folder = None) -> None:
    """Write the JSON Schemas that editors check mapping files with, and name those that changed."""
    target = folder or load().mappings_dir
    if not target.is_dir():
        _stop([f"{target} is no folder"])
    (target / FOLDER).mkdir(exist_ok=True)
    changed = [path for path, text in schemas().items() if _written(target / path, text)]
    say(f"written: {', '.join(changed)}" if changed else "every schema was up to date")


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
