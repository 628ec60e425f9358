"""A table for a merchandiser opens in a spreadsheet as it is, and no cell of it is ever run as a formula."""

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from integration.cli.output import wrong_use

Csv = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help="Write a table for a spreadsheet; - is standard output.")
]
_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


@contextmanager
def sheet(target: str, columns: Sequence[str]) -> Iterator[Callable[[Sequence[object]], None]]:
    """Gives the function that writes one row; each is written at once, so that any number of them may come.

    UTF-8 with a mark at its beginning: without it Excel reads the file as some other encoding.
    """
    with _opened(target) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
        try:
            writer = csv.writer(text)
            writer.writerow(columns)

            def write(row: Sequence[object]) -> None:
                writer.writerow([_harmless(cell) for cell in row])

            yield write
        finally:
            # Standard output stays open for whoever comes after us.
            text.detach()


def not_both(as_json: bool, target: str | None) -> None:
    """End with status 2 where JSON and a table are asked for at once."""
    if as_json and target is not None:
        wrong_use("--json and --csv do not go together.")


@contextmanager
def _opened(target: str) -> Iterator[BinaryIO]:
    if target == "-":
        yield sys.stdout.buffer
        return
    try:
        with Path(target).open("wb") as file:
            yield file
    except OSError as problem:
        wrong_use(f"{target} cannot be written: {problem.strerror}")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUNS) else cell
