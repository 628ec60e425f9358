"""Every command speaks the same way: people read tables, programs read one JSON document, errors name their cure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from integration.http import to_json

DONE, ATTENTION, WRONG_USE = 0, 1, 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output and nothing else.")]


def say(text: str = "") -> None:
    """Print a line for a person."""
    Console(highlight=False).print(escape(text), soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table for a person; None is shown as a dash."""
    grid = Table(*columns, title=title, title_justify="left")
    for row in rows:
        grid.add_row(*("–" if cell is None else escape(str(cell)) for cell in row))
    Console(highlight=False).print(grid)


def document(content: object) -> None:
    """Print one JSON document."""
    typer.echo(to_json(_plain(content)))


def wrong_use(line: str) -> NoReturn:
    """End with status 2 and one line that says what to change."""
    typer.echo(line, err=True)
    raise typer.Exit(WRONG_USE)


def ago(seconds: float | None) -> str | None:
    """An age in its largest useful unit: ``42 s``, ``7 min``, ``3 h``, ``2 d``."""
    if seconds is None:
        return None
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def clock(moment: datetime | None) -> str | None:
    """A moment on the reader's own clock."""
    return None if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _plain(value: object) -> object:
    """Moments and days as ISO 8601; all else as `to_json` knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
