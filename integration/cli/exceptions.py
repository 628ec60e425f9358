"""Everything the console lets a person do about an exception can be done from a terminal as well."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer

from integration.cli.exception_options import (
    Assigned,
    By,
    CauseId,
    CauseIds,
    Everything,
    Kind,
    Muted,
    Overdue,
    Owner,
    Retailer,
    Severity,
    Text,
    moment,
    wanted,
)
from integration.cli.output import ATTENTION, Json, clock, document, say, table, wrong_use
from integration.cli.session import me, open_services
from integration.flows import exceptions
from integration.flows.exceptions import Done, NotPossible, Preview
from integration.services import Services
from integration.storage.found import State

app = typer.Typer(no_args_is_help=True, help="What waits for a person.")
MOST = 500


@app.command("list")
def list_found(
    kind: Kind = None,
    owner: Owner = None,
    retailer: Retailer = None,
    text: Text = None,
    assigned: Assigned = None,
    severity: Severity = None,
    overdue: Overdue = False,
    muted: Muted = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those that are over, the last closed first.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Open, muted and closed ones.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = MOST,
    as_json: Json = False,
) -> None:
    """List the open causes that nobody muted, those due first first; options narrow it down."""
    if muted + closed + everything > 1:
        wrong_use("Choose one of --muted, --closed and --all.")
    state: State = "muted" if muted else "closed" if closed else "all" if everything else "open"
    meant = wanted((), kind, owner, retailer, text, assigned, severity, overdue=overdue, state=state)
    with open_services() as services:
        found = exceptions.find(services, meant, limit=limit)
        total = exceptions.total(services, meant)
    if as_json:
        document(found)
        return
    table(
        ("id", "owner", "urgency", "due", "held", "who", "what happened"),
        [
            (each["id"], each["owner"], each["severity"], clock(each["due_at"]), each["held"],
             each["assigned_to"] or each["acknowledged_by"], each["sentence"])
            for each in found
        ],
    )  # fmt: skip
    if total > len(found):
        say(f"{total - len(found)} more: narrow it down, or ask for more with --limit.")


@app.command()
def show(cause_id: CauseId, as_json: Json = False) -> None:
    """Show one cause: what it blocks, the work behind it, and its story."""
    with open_services() as services:
        cause = exceptions.one(services, cause_id)
    if cause is None:
        _stop(f"There is no exception {cause_id}.")
    if as_json:
        document({**cause, "work": [f"{each['step']} {each['subject']}" for each in cause["work"]]})
        return
    say(cause["sentence"])
    say(f"{cause['kind']}, {cause['owner']}, {cause['severity']}; opened {clock(cause['opened_at'])}, "
        f"due {clock(cause['due_at'])}, seen again {clock(cause['last_seen_at'])}")  # fmt: skip
    for said in _marks(cause):
        say(said)
    for item in cause["work"]:
        say(f"  {item['step']} {item['subject']}" + (f": {item['last_error']}" if item["last_error"] else ""))
    for line in cause["timeline"]:
        more = ", ".join(f"{name} {value}" for name, value in line.items() if name not in ("at", "what"))
        say(f"  {clock(line['at'])}  {line['what']}" + (f" ({more})" if more else ""))


@app.command()
def acknowledge(cause_ids: CauseIds, by: By = None, as_json: Json = False) -> None:
    """Say that you have seen them."""
    _act(lambda services: exceptions.acknowledge(services, cause_ids, me(by)), "acknowledged", as_json)


@app.command()
def assign(
    cause_ids: CauseIds,
    to: Annotated[str, typer.Option(help="Who deals with them; empty = nobody in particular.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Say who deals with them."""
    _act(lambda services: exceptions.assign(services, cause_ids, to, me(by), reason), "assigned", as_json)


@app.command()
def mute(
    cause_ids: CauseIds,
    reason: Annotated[str, typer.Option(help="Why nobody need hear of them.")] = "",
    until: Annotated[
        str | None, typer.Option(help="So long: 90m, 4h, 2d, or a moment on your clock: 2026-03-02T08:00.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Let alerts come again.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Let no alerts come of them until a moment, also if they are opened again."""
    if off == (until is not None):
        wrong_use("Say --until when, or --off.")
    with open_services() as services:
        ends = None if until is None else moment(until, services.now())
        with _or_say_why():
            done = exceptions.mute(services, cause_ids, ends, me(by), reason)
    _tell(done, "unmuted" if off else f"muted until {clock(ends)}", as_json)


@app.command()
def comment(
    cause_id: CauseId, text: Annotated[str, typer.Argument(help="What others should know.")], by: By = None
) -> None:
    """Add a line to the story of a cause."""
    with open_services() as services, _or_say_why():
        exceptions.comment(services, cause_id, me(by), text)
    say("written down")


@app.command()
def retry(
    cause_ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Their numbers in the list.")] = None,
    kind: Kind = None,
    owner: Owner = None,
    retailer: Retailer = None,
    text: Text = None,
    assigned: Assigned = None,
    severity: Severity = None,
    overdue: Overdue = False,
    muted: Muted = False,
    everything: Everything = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be tried, and try nothing.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Try everything behind these causes again, the oldest first; a cause closes only when its trouble is gone."""
    meant = wanted(cause_ids or (), kind, owner, retailer, text, assigned, severity, overdue=overdue,
                   state="muted" if muted else "open")  # fmt: skip
    if not everything and not muted and meant == wanted(()):
        wrong_use("Name exceptions, or narrow them down with --kind, --retailer …; --all means every open one.")
    with open_services() as services, _or_say_why():
        for each in cause_ids or ():
            if exceptions.one(services, each) is None:
                _stop(f"There is no exception {each}.")
        if dry_run:
            _foresee(exceptions.preview(services, meant), as_json)
            return
        done = exceptions.retry(services, meant, me(by), reason)
    if as_json:
        document({"exceptions": done.causes, "released": done.items})
    else:
        say(f"{done.items} held pieces of work are due again")


@app.command()
def resolve(
    cause_id: CauseId,
    reason: Annotated[str, typer.Option(help="What you saw or did in the portal.")],
    by: By = None,
) -> None:
    """Say that what no look of ours can see is settled, such as an unclear dispatch that the portal shows.

    Every other kind closes by itself once it is mended.
    """
    with open_services() as services, _or_say_why():
        say(exceptions.resolve(services, cause_id, me(by), reason))


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
    with open_services() as services, _or_say_why():
        released = exceptions.release(services, cause_id, sku or (), me(by), reason)
    if as_json:
        document({"id": cause_id, "released": released})
    else:
        say(f"let go by {by.strip()}; articles that go on: {released}")


def _act(act: Callable[[Services], Done], verb: str, as_json: bool) -> None:
    with open_services() as services, _or_say_why():
        done = act(services)
    _tell(done, verb, as_json)


def _tell(done: Done, verb: str, as_json: bool) -> None:
    if as_json:
        document({"exceptions": done.causes})
    else:
        say(f"{done.causes} exceptions {verb}" if done.causes != 1 else f"1 exception {verb}")


def _foresee(found: Preview, as_json: bool) -> None:
    if as_json:
        document({"exceptions": found.causes, "would_release": found.items, "by_step": found.by_step,
                  "by_quota": found.by_gate, "minutes": round(found.minutes, 1)})  # fmt: skip
        return
    say(f"{found.items} held pieces of work behind {found.causes} exceptions would be due again"
        + (f", the last of them in {found.minutes:.0f} min" if found.minutes >= 1 else ""))  # fmt: skip
    for name, count in (*found.by_step.items(), *found.by_gate.items()):
        say(f"  {name}: {count}")


def _marks(cause: dict[str, Any]) -> Iterator[str]:
    if cause["closed_at"]:
        yield f"closed {clock(cause['closed_at'])}: {cause['closed_by']}"
    if cause["acknowledged_by"]:
        yield f"seen by {cause['acknowledged_by']}, {clock(cause['acknowledged_at'])}"
    if cause["assigned_to"]:
        yield f"{cause['assigned_to']} deals with it"
    if cause["muted_until"]:
        yield f"muted until {clock(cause['muted_until'])}"
    if cause["held"]:
        yield f"{cause['held']} pieces of work wait, {cause['under_way']} of them are being tried again"
    if impact := cause["impact"]:
        worth = "".join(f", {amount} {currency}" for currency, amount in impact["money"].items())
        yield f"blocks {impact['orders']} orders with {impact['units']} units{worth}; {impact['skus']} listings"


@contextmanager
def _or_say_why() -> Iterator[None]:
    try:
        yield
    except NotPossible as problem:
        _stop(problem.reason)


def _stop(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(ATTENTION)
