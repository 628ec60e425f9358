"""What a flow would send can be seen beforehand, word for word, and seeing it sends nothing.

Stock and orders are judged by what is stored; dispatches read their shipments from Centra. Personal data is masked.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from integration import steps, telemetry
from integration.domain.dispatches import Dispatch
from integration.flows import acknowledgements, dispatches, orders, stock, zero_guard
from integration.lanes import Lane
from integration.lifecycle import OVER, LineState
from integration.problems import Problem
from integration.services import Services
from integration.storage import announcements as shipments
from integration.storage import listings, order_lines
from integration.storage import orders as stored
from integration.storage.orders import ORDER, StoredOrder

PAGE = 25
"""Orders a request to Centra, as many as a page of it holds."""


def listed(services: Services, *, sku: str | None = None, retailer: str | None = None) -> list[str]:
    """The subjects ``<retailer>/<SKU>`` of stock pushes, of one SKU, of one retailer, or all."""
    with services.store.read() as db:
        return [f"{code}/{each}" for code, each in listings.skus(db, sku=sku, retailer=retailer)]


def unfinished(
    services: Services, *, reference: str | None = None, retailer: str | None = None, states: Iterable[str]
) -> list[StoredOrder]:
    """Our orders in these states: one by its reference, those of one retailer, or all."""
    with services.store.read() as db:
        if reference is not None:
            found = stored.find(db, reference)
        else:
            ids = db.scalars(sa.select(ORDER.c.id).where(ORDER.c.state.in_(list(states))).order_by(ORDER.c.id))
            found = orders_by_id(db, list(ids))
    return [each for each in found if each.state in states and retailer in (None, each.retailer)]


def orders_by_id(db: sa.Connection, ids: Iterable[int]) -> list[StoredOrder]:
    """Some orders of ours, in this order."""
    return [each for each in (stored.by_id(db, order_id) for order_id in ids) if each is not None]


def stock_pushes(services: Services, subjects: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The quantities that would be sent, written down only, or held by the guardrail, if all went now.

    A listing that shows the newest one is left out.
    """
    moves = [move for subject in subjects for move in stock.plan(services, subject) if move.needed]
    with services.store.read() as db:
        held = zero_guard.foreseen(services, db, [move for move in moves if not move.shadow])
    for move in moves:
        problem = held.get(move.offer.listing_id)
        yield {
            "retailer": move.offer.retailer, "sku": move.offer.sku, "product_id": move.offer.product_id,
            "before": move.before, "quantity": move.quantity, **({"shadow": True} if move.shadow else {}),
            **({"problems": [problem.sentence]} if problem else {}),
        }  # fmt: skip


def order_calls(services: Services, found: Iterable[StoredOrder]) -> Iterator[dict[str, Any]]:
    """The next call for each order, its creation in Centra or its acknowledgement, or what keeps it from being made."""
    for order in found:
        if order.placed_at is None:
            draft = orders.translate(services, order) if _has_lines_to_place(services, order) else None
            if isinstance(draft, list):
                yield call(steps.ORDERS_PLACE.name, order, draft)
            elif draft and not order.rehearsal:
                yield call(steps.ORDERS_PLACE.name, order, draft.to_json(create_only=True))
        elif planned := _acknowledgement(services, order):
            yield call(steps.ORDERS_ACKNOWLEDGE.name, order, planned)


def announcements(services: Services, found: list[StoredOrder]) -> Iterator[dict[str, Any]]:
    """What would be said of each shipment that its retailer has not been told of, or what keeps it from being said.

    :raises Failure: Centra could not be read.
    """
    for order, shipment_id in unannounced(services, found):
        for shipment in services.centra.shipments([shipment_id], lane=Lane.RECONCILIATION):
            planned = dispatches.plan(services, order, shipment)
            items = [item.to_json() for item in planned.items] if isinstance(planned, Dispatch) else planned
            body = {"items": items} if isinstance(planned, Dispatch) else planned
            yield {"shipment": shipment.number, **call(steps.DISPATCHES_ANNOUNCE.name, order, body)}


def unannounced(services: Services, found: list[StoredOrder]) -> list[tuple[StoredOrder, int]]:
    """The shipments (by id) of these orders that left and that their retailers have not been told of.

    :raises Failure: Centra could not be read.
    """
    by_number = {order.centra_number: order for order in found if order.centra_number is not None}
    numbers = [number for number in by_number if number is not None]
    left: list[tuple[StoredOrder, int]] = []
    for start in range(0, len(numbers), PAGE):
        made = services.centra.orders(numbers=numbers[start : start + PAGE], lane=Lane.RECONCILIATION)
        shipped = {each.id: order.number for order in made for each in order.shipments if each.is_shipped}
        with services.store.read() as db:
            untold = shipments.unannounced(db, list(shipped))
        left += [(by_number[number], each) for each, number in sorted(shipped.items()) if each in untold]
    return left


def call(step: str, order: StoredOrder, body: object) -> dict[str, Any]:
    """One row of a preview: what would be sent, or for a list of problems what keeps it from being sent."""
    named = {"step": step, "retailer": order.retailer, "order": order.reference}
    if isinstance(body, list):
        return {**named, "problems": [problem.sentence for problem in body]}
    return {**named, "body": telemetry.redact(body)}


def _has_lines_to_place(services: Services, order: StoredOrder) -> bool:
    with services.store.read() as db:
        lines = order_lines.lines(db, order.id)
    return not lines or any(line.state not in (*OVER, LineState.CANCELLING) for line in lines)


def _acknowledgement(services: Services, order: StoredOrder) -> dict[str, Any] | list[Problem] | None:
    planned = acknowledgements.plan_acknowledgement(services, order)
    if isinstance(planned, list):
        return planned
    return {"items": [item.to_json() for item in planned.items]} if planned.items else None
