"""Each cause that waits for a person can be listed, looked at and retried with all that waits behind it."""

import getpass
from typing import Annotated, NoReturn

import typer

from integration import kinds
from integration.cli.output import ATTENTION, Json, clock, document, say, table
from integration.cli.session import open_services
from integration.flows import dispatches, report, work
from integration.storage import causes

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")
CauseId = Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]


@app.command("list")
def list_open(as_json: Json = False) -> None:
    """List the open causes, most urgent first."""
    with open_services() as services:
        found = report.exceptions(services)
    if as_json:
        document(found)
        return
    table(
        ("id", "owner", "due", "held", "what happened"),
        [(each["id"], each["owner"], clock(each["due_at"]), each["held"], each["sentence"]) for each in found],
    )


@app.command()
def show(cause_id: CauseId, as_json: Json = False) -> None:
    """Show one cause and the work behind it."""
    with open_services() as services:
        found = report.exceptions(services, cause_id=cause_id)
        held = report.held_behind(services, cause_id)
    if not found:
        _unknown(cause_id)
    if as_json:
        document({**found[0], "work": held})
        return
    cause = found[0]
    say(cause["sentence"])
    say(f"{cause['kind']}, {cause['owner']}, {cause['severity']}; opened {clock(cause['opened_at'])}, "
        f"due {clock(cause['due_at'])}, seen again {clock(cause['last_seen_at'])}")  # fmt: skip
    if cause["closed_at"]:
        say(f"closed {clock(cause['closed_at'])}: {cause['closed_by']}")
    for item in held:
        say(f"  {item}")


@app.command()
def retry(cause_id: CauseId, as_json: Json = False) -> None:
    """Try everything behind a cause again; if its trouble is still there, it is simply opened again."""
    with open_services() as services:
        if not report.exceptions(services, cause_id=cause_id):
            _unknown(cause_id)
        with services.store.write() as db:
            released = causes.release_by_id(db, cause_id, services.now(), f"retried by {getpass.getuser()}")
        services.send(work.hand_out(services))
    if as_json:
        document({"id": cause_id, "released": released})
    else:
        say(f"{released} held pieces of work are due again")


@app.command()
def resolve(cause_id: CauseId, reason: Annotated[str, typer.Option(help="What you saw in the portal.")]) -> None:
    """Say that an unclear dispatch is in the portal already. Every other kind closes by itself once it is mended."""
    with open_services() as services:
        found = report.exceptions(services, cause_id=cause_id)
        if not found:
            _unknown(cause_id)
        if found[0]["kind"] != kinds.DISPATCH_UNKNOWN.code:
            typer.echo("Mend the cause and retry it: only a fresh look closes this kind.", err=True)
            raise typer.Exit(ATTENTION)
        dispatches.settle_by_hand(services, found[0]["key"], f"{getpass.getuser()}: {reason}")
        services.send(work.hand_out(services))
    say("counted as dispatched; what waited for it goes on")


def _unknown(cause_id: int) -> NoReturn:
    typer.echo(f"There is no exception {cause_id}.", err=True)
    raise typer.Exit(ATTENTION)
