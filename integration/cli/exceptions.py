"""Each cause that waits for a person can be listed, looked at and retried with all that waits behind it."""

import getpass
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from integration import kinds
from integration.cli.output import ATTENTION, Json, clock, document, say, table, wrong_use
from integration.cli.session import open_services
from integration.flows import dispatches, invoices, releases, report, shipments, work
from integration.services import Services
from integration.storage import causes

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")
CauseId = Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]
_BY_HAND: dict[str, tuple[Callable[[Services, str, str], object], str]] = {
    kinds.DISPATCH_UNKNOWN.code: (
        dispatches.settle_by_hand, "counted as dispatched; what waited for it goes on",
    ),
    kinds.SHIPMENT_CHANGED.code: (
        shipments.settle_by_hand, "closed; it is reported again if the shipment changes again",
    ),
    kinds.INVOICE_INCOMPLETE.code: (invoices.settle_by_hand, "counted as invoiced by hand; nothing is sent"),
    kinds.INVOICE_REFUSED.code: (invoices.settle_by_hand, "counted as invoiced by hand; nothing is sent"),
}  # fmt: skip


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
def resolve(
    cause_id: CauseId, reason: Annotated[str, typer.Option(help="What you saw or did in the portal.")]
) -> None:
    """Say that an unclear dispatch or an invoice is in the portal already, or a changed shipment corrected there.

    Every other kind closes by itself once it is mended.
    """
    with open_services() as services:
        found = report.exceptions(services, cause_id=cause_id)
        if not found:
            _unknown(cause_id)
        settle, said = _BY_HAND.get(found[0]["kind"], (None, ""))
        if settle is None:
            typer.echo("Mend the cause and retry it: only a fresh look closes this kind.", err=True)
            raise typer.Exit(ATTENTION)
        settle(services, found[0]["key"], f"{getpass.getuser()}: {reason}")
        services.send(work.hand_out(services))
    say(said)


@app.command()
def release(
    cause_id: CauseId,
    by: Annotated[str, typer.Option(help="Your name; it is kept with what you let go.")],
    reason: Annotated[str, typer.Option(help="Why it is right.")],
    sku: Annotated[list[str] | None, typer.Option(help="Only this SKU; may be given several times.")] = None,
    as_json: Json = False,
) -> None:
    """Let go what a guardrail stopped: all of it, or some SKUs."""
    if not by.strip() or not reason.strip():
        wrong_use("--by must name a person, and --reason say why.")
    with open_services() as services:
        try:
            released = releases.release(services, cause_id, skus=sku or (), by=by.strip(), reason=reason.strip())
        except releases.NotReleasable as problem:
            typer.echo(problem.reason, err=True)
            raise typer.Exit(ATTENTION) from None
        services.send(work.hand_out(services))
    if as_json:
        document({"id": cause_id, "released": released})
    else:
        say(f"let go by {by.strip()}; articles that go on: {released}")


def _unknown(cause_id: int) -> NoReturn:
    typer.echo(f"There is no exception {cause_id}.", err=True)
    raise typer.Exit(ATTENTION)
