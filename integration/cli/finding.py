"""Whatever number somebody has been given, one command finds the order or the article that it belongs to."""

from typing import Annotated

import typer

from integration.cli.output import ATTENTION, Json, clock, document, say, table
from integration.cli.session import open_services
from integration.flows import search


def find(
    text: Annotated[str, typer.Argument(help="A reference, number, SKU, part number, EAN or tracking number.")],
    as_json: Json = False,
) -> None:
    """Find orders and SKUs by any name they have. Ends with status 1 where nothing is found."""
    with open_services() as services:
        orders, skus = search.orders(services, text), search.skus(services, text)
    if as_json:
        document({"orders": orders, "skus": skus})
    else:
        if orders:
            table(("order", "retailer", "state", "in Centra", "came"), [
                (row["reference"], row["retailer"], row["state"], row["centra_number"], clock(row["received_at"]))
                for row in orders
            ])  # fmt: skip
        if skus:
            table(("SKU", "EAN", "listed by"), [
                (row["sku"], row["ean"], ", ".join(each["retailer"] for each in row["retailers"])) for row in skus
            ])  # fmt: skip
        say(f"{len(orders)} orders and {len(skus)} SKUs")
    if not orders and not skus:
        raise typer.Exit(ATTENTION)
