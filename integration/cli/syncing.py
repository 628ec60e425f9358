"""`cvsync sync` asks for the work of a flow now, or shows exactly what it would send and sends nothing."""

from typing import Annotated, Any

import typer
from rich.console import Console

from integration.cli import product_rows
from integration.cli.output import ATTENTION, Json, document, say, wrong_use
from integration.cli.session import me, open_services
from integration.cli.sheets import Csv, not_both
from integration.flows import preview_products, sending
from integration.flows.exceptions import NotPossible
from integration.flows.sending import Flow, Part, Sent
from integration.http import to_json
from integration.problems import Failure


def sync(
    flow: Flow,
    sku: Annotated[str | None, typer.Option(help="Only this SKU (stock, products).")] = None,
    order: Annotated[str | None, typer.Option(help="Only this order (any flow but these two).")] = None,
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")] = "",
    as_json: Json = False,
    csv_file: Csv = None,
) -> None:
    """Ask for the work of a flow now."""
    part = Part(sku, order, retailer)
    if everything == any(each is not None for each in part):
        wrong_use("Say what to work on: --sku, --order or --retailer, or else --all.")
    not_both(as_json, csv_file)
    if csv_file is not None and not (dry_run and flow is Flow.PRODUCTS):
        wrong_use("--csv goes with products and --dry-run.")
    with open_services() as services:
        try:
            sending.check(services, flow, part)
            if dry_run and flow is Flow.PRODUCTS:
                found = preview_products.rows(services, sku=sku, retailer=retailer)
                product_rows.show(found, as_json=as_json, csv_file=csv_file)
            elif dry_run:
                with Console(stderr=True).status("looking …"):
                    calls = list(sending.dry_run(services, flow, part))
                _show(calls, as_json)
            else:
                _tell(sending.send_now(services, flow, part, me(), reason), as_json)
        except NotPossible as problem:
            wrong_use(problem.reason)
        except Failure as failure:
            typer.echo(failure.reason, err=True)
            raise typer.Exit(ATTENTION) from None


def _show(calls: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        document({"would_send": calls})
    else:
        for call in calls:
            say(to_json(call))
        made = sum("problems" not in call and "shadow" not in call for call in calls)
        say(f"{made} calls would be made; nothing was sent.")
    if any("problems" in call for call in calls):
        raise typer.Exit(ATTENTION)


def _tell(sent: Sent, as_json: bool) -> None:
    if as_json:
        document({"asked": [{"step": step.name, "subject": subject} for step, subject in sent.asked]})
        return
    say(f"asked for {len(sent.asked)} pieces of work" if sent.asked else "there is nothing to ask for")
    if sent.paused:
        say(f"{sent.paused} of them wait until a paused flow is resumed: cvsync flows list")
