"""A merchandiser sees what each retailer would be sent, old and new side by side, before anything is sent."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import groupby

import typer

from integration.cli.output import ATTENTION, say, table
from integration.cli.sheets import sheet
from integration.flows.preview_products import Row, State
from integration.http import to_json

SHORT = 40
"""Characters of a value in a table; JSON and CSV have it whole."""
COLUMNS = tuple(each.name for each in fields(Row))
TROUBLE = (State.INVALID, State.STOPPED)


def show(rows: Iterable[Row], *, as_json: bool, csv_file: str | None) -> None:
    """Print or write the rows as they come; ends with status 1 where something is invalid or stopped."""
    trouble: list[bool] = []
    watched = _watched(rows, trouble)
    if csv_file is not None:
        with sheet(csv_file, COLUMNS) as write:
            for row in watched:
                write(tuple(asdict(row).values()))
    elif as_json:
        _document(watched)
    else:
        _tables(watched)
    if trouble:
        raise typer.Exit(ATTENTION)


def shortened(text: str) -> str:
    """One line of a table."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[:SHORT - 1]}…"


def _watched(rows: Iterable[Row], trouble: list[bool]) -> Iterator[Row]:
    """The same rows; `trouble` is no longer empty after one that a person must look at."""
    for row in rows:
        if row.state in TROUBLE and not trouble:
            trouble.append(True)
        yield row


def _document(rows: Iterable[Row]) -> None:
    """One JSON document, printed row by row: that of a whole range does not fit into memory."""
    typer.echo('{"would_send":[', nl=False)
    for index, row in enumerate(rows):
        typer.echo(f"{',' if index else ''}{to_json(asdict(row))}", nl=False)
    typer.echo("]}")


def _tables(rows: Iterable[Row]) -> None:
    sent = 0
    for (retailer, sku, part_number), group in groupby(rows, lambda row: (row.retailer, row.sku, row.part_number)):
        found = list(group)
        table(
            ("attribute", "old", "new", "source", "state"),
            [(row.attribute, shortened(row.old), shortened(row.new), row.source, row.state) for row in found],
            title=f"{retailer} {sku} (part number {part_number})",
        )
        for sentence in dict.fromkeys(row.sentence for row in found if row.sentence):
            say(f"  {sentence}")
        sent += any(row.state is State.SEND for row in found)
    say(f"{sent} listings would be changed or made; nothing was sent.")
