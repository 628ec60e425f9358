"""`cvsync sync` asks for the work of a flow now, or shows exactly what it would send and sends nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from integration import steps
from integration.cli import product_asks, product_rows
from integration.cli.output import ATTENTION, Json, document, say, wrong_use
from integration.cli.session import open_services
from integration.cli.sheets import Csv, not_both
from integration.flows import preview, preview_answers, preview_products, stock, work
from integration.http import to_json
from integration.lifecycle import OrderState
from integration.problems import Failure
from integration.services import Services
from integration.steps import CENTRA, Step
from integration.storage import sizes
from integration.storage.orders import StoredOrder

Asked = list[tuple[Step, str]]
WAITING = (
    OrderState.RECEIVED, OrderState.PLACING, OrderState.PLACED, OrderState.BACKORDERED, OrderState.CANCELLING,
)  # fmt: skip
"""An order of one state may have lines of several; what each still needs, its flow finds out."""
IN_CENTRA = (OrderState.PLACED, OrderState.ACKNOWLEDGED, OrderState.BACKORDERED, OrderState.CANCELLING)


class Flow(StrEnum):
    """Flows that can be asked for."""

    STOCK = "stock"
    PRODUCTS = "products"
    ORDERS = "orders"
    DISPATCHES = "dispatches"
    CANCELLATIONS = "cancellations"
    RETURNS = "returns"
    INVOICES = "invoices"


class Part(NamedTuple):
    """Which part of a flow is asked for; all None: all of it."""

    sku: str | None
    order: str | None
    retailer: str | None


def sync(
    flow: Flow,
    sku: Annotated[str | None, typer.Option(help="Only this SKU (stock, products).")] = None,
    order: Annotated[str | None, typer.Option(help="Only this order (any flow but these two).")] = None,
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    as_json: Json = False,
    csv_file: Csv = None,
) -> None:
    """Ask for the work of a flow now."""
    part = Part(sku, order, retailer)
    _check_use(flow, part, everything)
    not_both(as_json, csv_file)
    if csv_file is not None and not (dry_run and flow is Flow.PRODUCTS):
        wrong_use("--csv goes with products and --dry-run.")
    with open_services() as services:
        if retailer is not None and retailer not in services.rules().retailers:
            wrong_use(f"There is no retailer {retailer}; there are {', '.join(services.rules().retailers)}.")
        try:
            if dry_run and flow is Flow.PRODUCTS:
                found = preview_products.rows(services, sku=sku, retailer=retailer)
                product_rows.show(found, as_json=as_json, csv_file=csv_file)
            elif dry_run:
                with Console(stderr=True).status("looking …"):
                    calls = list(CALLS[flow](services, part))
                _show(calls, as_json)
            else:
                _tell(_ask(services, flow, part), as_json)
        except Failure as failure:
            typer.echo(failure.reason, err=True)
            raise typer.Exit(ATTENTION) from None


def _check_use(flow: Flow, part: Part, everything: bool) -> None:
    of_skus = flow in (Flow.STOCK, Flow.PRODUCTS)
    if part.sku is not None and not of_skus:
        wrong_use(f"--sku does not go with {flow}.")
    if part.order is not None and of_skus:
        wrong_use(f"--order does not go with {flow}.")
    if everything == any(each is not None for each in part):
        wrong_use("Say what to work on: --sku, --order or --retailer, or else --all.")


def _ask(services: Services, flow: Flow, part: Part) -> Asked:
    """Promise the work in one transaction, and send the messages for what may start at once."""
    asked = ASKS[flow](services, part)
    with services.store.write() as db:
        if part.sku is not None and flow is Flow.STOCK:
            sizes.mark_skus_stale(db, {part.sku})
        services.promise_all(
            db, [(step, subject, step.lane) for step, subject in asked if step not in product_asks.PROMISED],
            services.now(),
        )  # fmt: skip
    services.send(work.hand_out(services))
    return asked


def _stock(services: Services, part: Part) -> Asked:
    if part.sku is None and part.retailer is None:
        return [(steps.STOCK_SWEEP, CENTRA)]
    listed = preview.listed(services, sku=part.sku, retailer=part.retailer)
    stock.count_falls(services, listed)
    pushes: Asked = [(steps.STOCK_PUSH, subject) for subject in listed]
    # The newest reading first; whatever it changes asks for its pushes itself.
    return [(steps.STOCK_READ if part.sku else steps.STOCK_SWEEP, CENTRA), *pushes] if pushes else []


def _orders(services: Services, part: Part) -> Asked:
    if part.order is None:
        return [(steps.ORDERS_POLL, code) for code in _retailers(services, part)]
    return [
        (steps.ORDERS_PLACE if each.placed_at is None else steps.ORDERS_ACKNOWLEDGE, each.subject)
        for each in _unfinished(services, part, WAITING)
    ]


def _dispatches(services: Services, part: Part) -> Asked:
    if part.order is None and part.retailer is None:
        return [(steps.DISPATCHES_SWEEP, CENTRA)]
    left = preview.unannounced(services, _unfinished(services, part, IN_CENTRA))
    return [(steps.DISPATCHES_ANNOUNCE, f"{each.retailer}/{shipment}") for each, shipment in left]


def _cancellations(services: Services, part: Part) -> Asked:
    found = preview_answers.to_cancel(services, reference=part.order, retailer=part.retailer)
    settled: Asked = [(steps.CANCELLATIONS_SETTLE, each.subject) for each in found]
    polls = [] if part.order else _retailers(services, part)
    return [*((steps.CANCELLATIONS_POLL, code) for code in polls), *settled]


def _returns(services: Services, part: Part) -> Asked:
    if part.order is None:
        return [(steps.RETURNS_POLL, code) for code in _retailers(services, part)]
    found = preview_answers.to_acknowledge(services, reference=part.order, retailer=part.retailer)
    return [(steps.RETURNS_ACKNOWLEDGE, row.subject) for _, row in found]


def _invoices(services: Services, part: Part) -> Asked:
    found = preview_answers.to_invoice(services, reference=part.order, retailer=part.retailer)
    return [(steps.INVOICES_SEND, each.subject) for each in found]


def _retailers(services: Services, part: Part) -> list[str]:
    return [code for code in services.rules().retailers if part.retailer in (None, code)]


def _unfinished(services: Services, part: Part, states: Iterable[OrderState]) -> list[StoredOrder]:
    return preview.unfinished(services, reference=part.order, retailer=part.retailer, states=states)


ASKS: Mapping[Flow, Callable[[Services, Part], Asked]] = {
    Flow.STOCK: _stock, Flow.ORDERS: _orders, Flow.DISPATCHES: _dispatches, Flow.CANCELLATIONS: _cancellations,
    Flow.PRODUCTS: lambda services, part: product_asks.ask(services, sku=part.sku, retailer=part.retailer),
    Flow.RETURNS: _returns, Flow.INVOICES: _invoices,
}  # fmt: skip
"""The work that each flow is asked for."""

CALLS: Mapping[Flow, Callable[[Services, Part], Iterator[dict[str, Any]]]] = {
    Flow.STOCK: lambda services, part: preview.stock_pushes(
        services, preview.listed(services, sku=part.sku, retailer=part.retailer)
    ),
    Flow.ORDERS: lambda services, part: preview.order_calls(services, _unfinished(services, part, WAITING)),
    Flow.DISPATCHES: lambda services, part: preview.announcements(services, _unfinished(services, part, IN_CENTRA)),
    Flow.CANCELLATIONS: lambda services, part: preview_answers.cancellation_calls(
        services, preview_answers.to_cancel(services, reference=part.order, retailer=part.retailer)
    ),
    Flow.RETURNS: lambda services, part: preview_answers.return_calls(
        services, preview_answers.to_acknowledge(services, reference=part.order, retailer=part.retailer)
    ),
    Flow.INVOICES: lambda services, part: preview_answers.invoice_calls(
        services, preview_answers.to_invoice(services, reference=part.order, retailer=part.retailer)
    ),
}
"""What each flow would send, without sending it."""


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


def _tell(asked: Asked, as_json: bool) -> None:
    if as_json:
        document({"asked": [{"step": step.name, "subject": subject} for step, subject in asked]})
    else:
        say(f"asked for {len(asked)} pieces of work" if asked else "there is nothing to ask for")
