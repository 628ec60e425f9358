"""Finance sees each invoice of an order with its amounts, and has a rejected one replaced by one with a new number."""

from typing import Annotated, Any, NoReturn

import typer

from integration.cli.output import ATTENTION, Json, clock, document, say, table, wrong_use
from integration.cli.session import open_services
from integration.flows import invoices, work
from integration.services import Services


def invoice(
    reference: str,
    replace: Annotated[bool, typer.Option("--replace", help="The retailer rejected it: send another one.")] = False,
    by: Annotated[str | None, typer.Option(help="Who says that it was rejected (with --replace).")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it was rejected (with --replace).")] = None,
    as_json: Json = False,
) -> None:
    """Show the invoices of an order, or replace one that its retailer rejected."""
    if replace != (by is not None) or replace != (reason is not None):
        wrong_use("--replace, --by and --reason go together.")
    with open_services() as services:
        found = invoices.overview(services, reference)
        if not found:
            _stop(f"There is no order {reference}.", as_json)
        if by is not None and reason is not None:
            _replace(services, found, by, reason, as_json)
            found = invoices.overview(services, f"{found[0]['retailer']}/{found[0]['reference']}")
    if as_json:
        # Two retailers may use one reference; the second and further ones stand beside the first.
        document({**found[0], "others": found[1:]})
        return
    for each in found:
        _show(each)
    if replace:
        say("its place is taken by a new one, which is on its way")


def _replace(services: Services, found: list[dict[str, Any]], by: str, reason: str, as_json: bool) -> None:
    subjects = [f"{each['retailer']}/{each['reference']}" for each in found]
    if len(subjects) > 1:
        wrong_use(f"Say which: {' or '.join(subjects)}.")
    if not invoices.replace(services, subjects[0], by=by, reason=reason):
        _stop(f"{subjects[0]} has no accepted invoice that could be replaced.", as_json)
    services.send(work.hand_out(services))


def _show(found: dict[str, Any]) -> None:
    say(f"{found['retailer']}/{found['reference']}: " + (
        f"{len(found['invoices'])} invoices" if found["invoices"] else "no invoice was sent yet"
    ))  # fmt: skip
    if found["invoices"]:
        table(
            ("number", "state", "net", "tax", "total", "currency", "accepted", "replaced"),
            [(each["number"], each["state"], each["net"], each["tax"], each["total"], each["currency"],
              clock(each["accepted_at"]), clock(each["replaced_at"])) for each in found["invoices"]],
        )  # fmt: skip


def _stop(sentence: str, as_json: bool) -> NoReturn:
    if as_json:
        document(None)
    typer.echo(sentence, err=True)
    raise typer.Exit(ATTENTION)
