"""Before a flow goes live for a retailer, a person can read what it would have sent over days."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from integration.cli.output import Json, clock, document, say, table, wrong_use
from integration.cli.product_rows import shortened
from integration.cli.session import open_services
from integration.cli.sheets import Csv, not_both, sheet
from integration.services import Services
from integration.storage import shadows
from integration.storage.shadows import Shaded

AT_ONCE = 500
COLUMNS = ("at", "flow", "retailer", "sku", "attribute", "value")


class Flow(StrEnum):
    """Flows that can run in shadow."""

    PRODUCTS = "products"
    STOCK = "stock"


def shadow(
    flow: Annotated[Flow | None, typer.Option(help="Only this flow.")] = None,
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only this SKU.")] = None,
    since: Annotated[str | None, typer.Option(metavar="ISO", help="Only from this moment on.")] = None,
    as_json: Json = False,
    csv_file: Csv = None,
) -> None:
    """Show what flows in shadow would have sent, oldest first."""
    not_both(as_json, csv_file)
    begin = None if since is None else _moment(since)
    with open_services() as services:
        found = (
            each
            for each in _all(services, retailer)
            # Creations are recorded under a name of their own, "products created".
            if (flow is None or each.flow.partition(" ")[0] == flow)
            and sku in (None, each.sku) and (begin is None or each.at >= begin)
        )  # fmt: skip
        if csv_file is not None:
            with sheet(csv_file, COLUMNS) as write:
                for each in found:
                    for name, value in each.body.items():
                        write((each.at.isoformat(), each.flow, each.retailer, each.sku, name, value))
        elif as_json:
            document([asdict(each) for each in found])
        else:
            _tell(list(found))


def _tell(found: list[Shaded]) -> None:
    rows = [
        (clock(each.at), each.flow, each.retailer, each.sku, name, shortened(str(value)))
        for each in found for name, value in each.body.items()
    ]  # fmt: skip
    if rows:
        table(COLUMNS, rows)
    say(f"{len(found)} calls would have been made; none was.")


def _all(services: Services, retailer: str | None) -> Iterator[Shaded]:
    after = 0
    while True:
        with services.store.read() as db:
            page = shadows.page(db, None, retailer, after, AT_ONCE)
        yield from page
        if len(page) < AT_ONCE:
            return
        after = page[-1].id


def _moment(text: str) -> datetime:
    """A moment; without a zone it is on the reader's own clock."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        wrong_use(f"{text} is no moment; write it like 2026-03-02T09:00.")
