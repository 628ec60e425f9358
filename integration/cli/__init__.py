"""Everything a person may ask of the system from a terminal is one verb of `cvsync`."""

import typer

from integration.cli import running

app = typer.Typer(
    name="cvsync", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Keeps Centra and Virtualstock in agreement: stock, orders and dispatches.",
)  # fmt: skip
app.command()(running.up)
app.command()(running.sandbox)


def main() -> None:
    """Run the command that the arguments name."""
    app()
