"""The work of a flow can be asked for now, by name, or what it would send be seen beforehand with nothing sent.

The command line, the console and the API ask here, so that they ask for the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from integration import steps
from integration.flows import preview, preview_answers, preview_products, product_asks, stock, work
from integration.flows.exceptions import NotPossible
from integration.lifecycle import OrderState
from integration.people import Person
from integration.services import Services
from integration.steps import CENTRA, Step, retailer_of
from integration.storage import activity, pauses, sizes
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


OF_SKU = (Flow.STOCK, Flow.PRODUCTS)
OF_ORDER = tuple(flow for flow in Flow if flow not in OF_SKU)


class Part(NamedTuple):
    """Which part of a flow is asked for; all None: all of it."""

    sku: str | None = None
    order: str | None = None
    retailer: str | None = None


@dataclass(frozen=True)
class Sent:
    """What was asked for, and how much of it a paused flow keeps waiting."""

    asked: Asked
    paused: int


def send_now(services: Services, flow: Flow, part: Part, person: Person, reason: str) -> Sent:
    """Promise the work, and send the messages for what may start at once.

    :raises NotPossible: the part does not go with the flow, or the retailer is not known.
    :raises Failure: a platform had to be read first and could not be.
    """
    check(services, flow, part)
    asked = ASKS[flow](services, part)
    with services.store.write() as db:
        if part.sku is not None and flow is Flow.STOCK:
            sizes.mark_skus_stale(db, {part.sku})
        services.promise_all(
            db, [(step, subject, step.lane) for step, subject in asked if step not in product_asks.PROMISED],
            services.now(),
        )  # fmt: skip
        about, subject = _about(flow, part)
        activity.record(
            db, person, "sent now", about, subject, services.now(), reason.strip(), flow=flow.value, pieces=len(asked)
        )
        stopped = pauses.current(db)
    services.send(work.hand_out(services))
    waits = [any(each.covers(step.flow, retailer_of(subject)) for each in stopped) for step, subject in asked]
    return Sent(asked, sum(waits))


def dry_run(services: Services, flow: Flow, part: Part) -> Iterator[dict[str, Any]]:
    """What would be sent, one call (of products: one attribute) at a time, free of personal data.

    Raises as `send_now`.
    """
    check(services, flow, part)
    return CALLS[flow](services, part)


def check(services: Services, flow: Flow, part: Part) -> None:
    """
    :raises NotPossible: the part does not go with the flow, or the retailer is not known.
    """
    if part.sku is not None and flow not in OF_SKU:
        raise NotPossible(f"One SKU does not go with {flow}.")
    if part.order is not None and flow in OF_SKU:
        raise NotPossible(f"One order does not go with {flow}.")
    known = services.rules().retailers
    if part.retailer is not None and part.retailer not in known:
        raise NotPossible(f"There is no retailer {part.retailer}; there are {', '.join(known)}.")


def _about(flow: Flow, part: Part) -> tuple[str, str]:
    if part.sku is not None:
        return "sku", part.sku
    if part.order is not None:
        return "order", part.order
    return "flow", f"{flow}/{part.retailer}" if part.retailer else flow.value


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


def _product_rows(services: Services, part: Part) -> Iterator[dict[str, Any]]:
    return map(asdict, preview_products.rows(services, sku=part.sku, retailer=part.retailer))


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
    Flow.PRODUCTS: _product_rows,
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
