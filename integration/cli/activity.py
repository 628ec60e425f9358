"""Who did what, when and why can be read from a terminal too."""

from typing import Annotated

import typer

from integration.cli.output import Json, clock, document, table
from integration.cli.session import open_services
from integration.flows import activity as record

MOST = 1000


def activity(
    by: Annotated[str | None, typer.Option(help="Only what this person or program did.")] = None,
    about: Annotated[str | None, typer.Option(help="cause, mappings, flow, sku, order or login.")] = None,
    subject: Annotated[str | None, typer.Option(help="Which of them.")] = None,
    before: Annotated[int | None, typer.Option(help="Go on from the last number seen.", min=1)] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=MOST)] = 50,
    as_json: Json = False,
) -> None:
    """Show what people did, newest first."""
    with open_services() as services:
        rows = record.read(services, record.Wanted(about, subject, by), before=before, limit=limit)
    if as_json:
        document(rows)
        return
    table(("number", "when", "who", "door", "what", "to what", "why"), [
        (row["id"], clock(row["at"]), row["by"], row["door"], row["verb"], f"{row['about']} {row['subject']}",
         row["reason"]) for row in rows
    ])  # fmt: skip
