"""`cvsync sync` asks for the work of a flow now, or shows exactly what it would send and sends nothing."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from integration import steps
from integration.cli.output import ATTENTION, Json, document, say, wrong_use
from integration.cli.session import open_services
from integration.flows import preview, work
from integration.http import to_json
from integration.lifecycle import OrderState
from integration.problems import Failure
from integration.services import Services
from integration.steps import CENTRA, Step
from integration.storage import sizes

Asked = list[tuple[Step, str]]
WAITING = (OrderState.RECEIVED, OrderState.PLACING, OrderState.PLACED)
IN_CENTRA = (OrderState.PLACED, OrderState.ACKNOWLEDGED, OrderState.BACKORDERED, OrderState.CANCELLING)


class Flow(StrEnum):
    """Flows that can be asked for."""

    STOCK = "stock"
    ORDERS = "orders"
    DISPATCHES = "dispatches"


def sync(
    flow: Flow,
    sku: Annotated[str | None, typer.Option(help="Only this SKU (stock).")] = None,
    order: Annotated[str | None, typer.Option(help="Only this order (orders, dispatches).")] = None,
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Ask for the work of a flow now."""
    _check_use(flow, sku, order, retailer, everything)
    with open_services() as services:
        if retailer is not None and retailer not in services.rules().retailers:
            wrong_use(f"There is no retailer {retailer}; there are {', '.join(services.rules().retailers)}.")
        try:
            if dry_run:
                with Console(stderr=True).status("looking …"):
                    calls = list(_calls(services, flow, sku, order, retailer))
                _show(calls, as_json)
            else:
                _tell(_ask(services, flow, sku, order, retailer), as_json)
        except Failure as failure:
            typer.echo(failure.reason, err=True)
            raise typer.Exit(ATTENTION) from None


def _check_use(flow: Flow, sku: str | None, order: str | None, retailer: str | None, everything: bool) -> None:
    if sku is not None and flow is not Flow.STOCK:
        wrong_use(f"--sku does not go with {flow}.")
    if order is not None and flow is Flow.STOCK:
        wrong_use("--order does not go with stock.")
    if everything == any(each is not None for each in (sku, order, retailer)):
        wrong_use("Say what to work on: --sku, --order or --retailer, or else --all.")


def _calls(
    services: Services, flow: Flow, sku: str | None, order: str | None, retailer: str | None
) -> Iterator[dict[str, Any]]:
    if flow is Flow.STOCK:
        return preview.stock_pushes(services, preview.listed(services, sku=sku, retailer=retailer))
    states = WAITING if flow is Flow.ORDERS else IN_CENTRA
    found = preview.unfinished(services, reference=order, retailer=retailer, states=states)
    return (preview.order_calls if flow is Flow.ORDERS else preview.announcements)(services, found)


def _ask(services: Services, flow: Flow, sku: str | None, order: str | None, retailer: str | None) -> Asked:
    """Promise the work in one transaction, and send the messages for what may start at once."""
    asked = {Flow.STOCK: _stock, Flow.ORDERS: _orders, Flow.DISPATCHES: _dispatches}[flow](
        services, sku or order, retailer
    )
    with services.store.write() as db:
        if flow is Flow.STOCK and sku is not None:
            sizes.mark_skus_stale(db, {sku})
        services.promise_all(db, [(step, subject, step.lane) for step, subject in asked], services.now())
    services.send(work.hand_out(services))
    return asked


def _stock(services: Services, sku: str | None, retailer: str | None) -> Asked:
    if sku is None and retailer is None:
        return [(steps.STOCK_SWEEP, CENTRA)]
    pushes: Asked = [(steps.STOCK_PUSH, subject) for subject in preview.listed(services, sku=sku, retailer=retailer)]
    # The newest reading first; whatever it changes asks for its pushes itself.
    return [(steps.STOCK_READ if sku else steps.STOCK_SWEEP, CENTRA), *pushes] if pushes else []


def _orders(services: Services, order: str | None, retailer: str | None) -> Asked:
    if order is None:
        return [(steps.ORDERS_POLL, code) for code in services.rules().retailers if retailer in (None, code)]
    found = preview.unfinished(services, reference=order, retailer=retailer, states=WAITING)
    return [
        (steps.ORDERS_PLACE if each.placed_at is None else steps.ORDERS_ACKNOWLEDGE, each.subject) for each in found
    ]


def _dispatches(services: Services, order: str | None, retailer: str | None) -> Asked:
    if order is None and retailer is None:
        return [(steps.DISPATCHES_SWEEP, CENTRA)]
    found = preview.unfinished(services, reference=order, retailer=retailer, states=IN_CENTRA)
    left = preview.unannounced(services, found)
    return [(steps.DISPATCHES_ANNOUNCE, f"{each.retailer}/{shipment}") for each, shipment in left]


def _show(calls: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        document({"would_send": calls})
    else:
        for call in calls:
            say(to_json(call))
        say(f"{len(calls)} calls would be made; nothing was sent.")
    if any("problems" in call for call in calls):
        raise typer.Exit(ATTENTION)


def _tell(asked: Asked, as_json: bool) -> None:
    if as_json:
        document({"asked": [{"step": step.name, "subject": subject} for step, subject in asked]})
    else:
        say(f"asked for {len(asked)} pieces of work" if asked else "there is nothing to ask for")
