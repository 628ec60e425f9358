"""Whoever lists our range at a retailer sees what meets, what could be several articles, and what stands alone."""

from collections import Counter
from typing import Annotated

import typer

from integration.cli.output import Json, document, say, table, wrong_use
from integration.cli.session import open_services
from integration.cli.sheets import Csv, not_both, sheet
from integration.flows import catalogue_report
from integration.flows.catalogue_report import Row, State

COLUMNS = ("state", "retailer", "part_number", "product_id", "sku", "ean", "candidates")


def catalogue(
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None,
    as_json: Json = False,
    csv_file: Csv = None,
) -> None:
    """Show how each retailer's catalogue meets Centra's."""
    not_both(as_json, csv_file)
    with open_services() as services:
        known = services.rules().retailers
        if retailer is not None and retailer not in known:
            wrong_use(f"There is no retailer {retailer}; there are {', '.join(known)}.")
        codes = [code for code in known if retailer in (None, code)]
        counts: dict[str, Counter[State]] = {code: Counter() for code in codes}
        rows = catalogue_report.report(services, counts, retailer=retailer)
        if csv_file is None:
            for _ in rows:
                continue
        else:
            with sheet(csv_file, COLUMNS) as write:
                for row in rows:
                    write(_cells(row))
        readings = catalogue_report.readings(services, codes)
    if as_json:
        document({code: {**_by_name(counts[code]), "reading": readings[code]} for code in codes})
    elif csv_file is None:
        table(
            ("retailer", *State, "products read", "complete readings"),
            [(code, *(counts[code][state] for state in State), readings[code]["offset"] or "–",
              readings[code]["complete_readings"]) for code in codes],
        )  # fmt: skip
        say("Ambiguous listings are never guessed; --csv names each row and what it could be.")


def _by_name(counts: Counter[State]) -> dict[str, int]:
    return {state.replace(" ", "_"): counts[state] for state in State}


def _cells(row: Row) -> tuple[object, ...]:
    return (
        row.state, row.retailer, row.part_number, row.product_id, row.sku, row.ean, " ".join(row.candidates),
    )  # fmt: skip
