"""The schema of the database is brought to the newest state by one command, and can be asked for."""

import typer

from integration.cli.output import ATTENTION, Json, document, say
from integration.cli.session import open_store
from integration.storage import schema

app = typer.Typer(no_args_is_help=True, help="The schema of the database.")


@app.command()
def upgrade() -> None:
    """Apply every migration that is missing."""
    with open_store() as store:
        say(f"the schema is at {schema.upgrade(store)}")


@app.command()
def current(as_json: Json = False) -> None:
    """Say at which revision the database is; status 1 if it is not the newest."""
    with open_store() as store:
        at, newest = schema.current(store), schema.newest()
    if as_json:
        document({"current": at, "newest": newest})
    else:
        say(f"the schema is at {at or 'nothing'}, this release needs {newest}")
    if at != newest:
        raise typer.Exit(ATTENTION)
