"""Everything a person may ask of the system from a terminal is one verb of `cvsync`."""

import typer

from integration.cli import (
    activity,
    catalogue,
    console,
    database,
    doctor,
    exceptions,
    finding,
    flows,
    invoices,
    mappings,
    orders,
    reading,
    running,
    shadow,
    syncing,
)

app = typer.Typer(
    name="cvsync", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Keeps Centra and Virtualstock in agreement: stock, products, prices, orders and dispatches.",
)  # fmt: skip
for verb in (
    running.up, running.sandbox, doctor.doctor, reading.status, reading.sku, orders.order, invoices.invoice,
    syncing.sync, catalogue.catalogue, shadow.shadow, finding.find, activity.activity,
):  # fmt: skip
    app.command()(verb)
for name, group in (
    ("mappings", mappings.app), ("exceptions", exceptions.app), ("flows", flows.app), ("console", console.app),
    ("db", database.app),
):  # fmt: skip
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command that the arguments name."""
    app()
