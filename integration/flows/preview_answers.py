"""What would be answered to a cancellation or a return, and which invoice would be sent, can be seen beforehand.

Whatever can be known is read from Centra and from the retailer's side; nothing is changed on either, nor here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.domain import cancellations as rules
from integration.domain.returns import OVER, misfit
from integration.flows import cancellations, invoices
from integration.flows.preview import call, orders_by_id
from integration.lanes import Lane
from integration.lifecycle import LineState, OrderState
from integration.problems import Problem
from integration.services import Services
from integration.storage import invoices as stored_invoices
from integration.storage import order_lines, orders, returns
from integration.storage.invoices import INVOICE, InvoiceState
from integration.storage.order_lines import LINE, StoredLine
from integration.storage.orders import ORDER, StoredOrder
from integration.storage.returns import StoredReturn
from integration.virtualstock.actions import ReturnItem
from integration.virtualstock.schema import Status

Calls = Iterator[dict[str, Any]]


def to_cancel(services: Services, *, reference: str | None = None, retailer: str | None = None) -> list[StoredOrder]:
    """Orders of which the retailer asks to cancel units, or took some back that Centra still holds."""
    taken_back = sa.and_(
        LINE.c.state == LineState.CANCELLED, LINE.c.centra_line_id.is_not(None),
        LINE.c.cancelled > LINE.c.centra_cancelled,
    )  # fmt: skip
    unsettled = sa.select(LINE.c.order_id).where(sa.or_(LINE.c.state == LineState.CANCELLING, taken_back))
    return _where(services, ORDER.c.id.in_(unsettled), reference, retailer)


def to_invoice(services: Services, *, reference: str | None = None, retailer: str | None = None) -> list[StoredOrder]:
    """Orders that are over, left at least in part, and are not invoiced although their retailer is."""
    invoiced = [code for code, profile in services.rules().retailers.items() if profile.invoices.enabled]
    settled = sa.select(INVOICE.c.order_id).where(INVOICE.c.accepted_at.is_not(None), INVOICE.c.replaced_at.is_(None))
    due = sa.and_(
        ORDER.c.state == OrderState.DISPATCHED, ~ORDER.c.rehearsal, ORDER.c.retailer.in_(invoiced),
        ORDER.c.id.not_in(settled),
    )  # fmt: skip
    return _where(services, due, reference, retailer)


def to_acknowledge(
    services: Services, *, reference: str | None = None, retailer: str | None = None
) -> list[tuple[StoredOrder, StoredReturn]]:
    """Returns that their retailer shows as new, with their orders."""
    profiles = services.rules().retailers
    codes = [code for code, profile in profiles.items() if profile.returns.enabled and retailer in (None, code)]
    with services.store.read() as db:
        named = None if reference is None else {order.id for order in orders.find(db, reference)}
        rows = [row for code in codes for row in returns.unfinished(db, code) if _is_new(row)]
        found = [(orders.by_id(db, row.order_id or 0), row) for row in rows if named is None or row.order_id in named]
    return [(order, row) for order, row in found if order is not None]


def cancellation_calls(services: Services, found: Iterable[StoredOrder]) -> Calls:
    """What would be cancelled in Centra and confirmed to the retailer, or what keeps it from being.

    :raises Failure: a platform could not be read.
    """
    for order in found:
        with services.store.read() as db:
            lines = order_lines.lines(db, order.id)
        asked, unclear = cancellations.units_asked(services, order, lines, Lane.RECONCILIATION)
        if unclear:
            yield call(steps.CANCELLATIONS_SETTLE.name, order, unclear)
            continue
        lines = [replace(line, cancel_asked=asked.get(line.line_reference, line.cancel_asked)) for line in lines]
        yield from _cancellation(services, order, lines)


def return_calls(services: Services, found: Iterable[tuple[StoredOrder, StoredReturn]]) -> Calls:
    """The acknowledgement of each return, or why it would not be sent."""
    for order, row in found:
        with services.store.read() as db:
            why = misfit(row, order_lines.lines(db, order.id), returns.of_order(db, order.id))
        item = ReturnItem(part_number=row.part_number, line_ref=row.line_reference, quantity=row.quantity)
        yield {"return": row.id, **call(
            steps.RETURNS_ACKNOWLEDGE.name, order, _misfits(services, row, why) if why else {"items": [item.to_json()]}
        )}  # fmt: skip


def invoice_calls(services: Services, found: Iterable[StoredOrder]) -> Calls:
    """The invoice of each order, or what keeps it from being made; after a lost answer it is the one sent before."""
    for order in found:
        with services.store.read() as db:
            last = stored_invoices.newest(db, order.id)
        if last and last.state is InvoiceState.IN_DOUBT:
            yield call(steps.INVOICES_SEND.name, order, last.body)
            continue
        attempt = 1 if last is None else last.attempt + (last.state is InvoiceState.REPLACED)
        planned = invoices.plan_invoice(services, order, attempt)
        yield call(steps.INVOICES_SEND.name, order, planned if isinstance(planned, list) else planned.to_json())


def _cancellation(services: Services, order: StoredOrder, lines: Sequence[StoredLine]) -> Calls:
    outside = order.rehearsal or (order.centra_number is None and order.placing_since is None)
    if outside:
        agreed = {
            line.line_reference: rules.wanted_units(line) for line in lines
            if line.state is LineState.CANCELLING and (order.rehearsal or not rules.asks_for_part(line))
        }  # fmt: skip
    elif order.centra_number is None or order.confirmed_at is None:
        yield call(steps.CANCELLATIONS_SETTLE.name, order, {"waits_for": "the order to be confirmed in Centra"})
        return
    elif not (made := services.centra.orders(numbers=[order.centra_number], lane=Lane.RECONCILIATION)):
        yield call(steps.CANCELLATIONS_SETTLE.name, order, {"waits_for": "Centra to show the order"})
        return
    else:
        settlement = rules.settle(lines, made[0])
        agreed = dict(settlement.agreed)
        if settlement.cancel or settlement.ships:
            yield call(steps.CANCELLATIONS_SETTLE.name, order, {
                "centra_order": order.centra_number, "whole_order": settlement.whole_order,
                "cancel_by_centra_line": dict(settlement.cancel), "too_late_lines": list(settlement.ships),
            })  # fmt: skip
    items = cancellations.to_confirm([
        replace(line, centra_cancelled=max(line.centra_cancelled, line.cancelled + agreed.get(line.line_reference, 0)))
        for line in lines
    ])  # fmt: skip
    if items and services.rules().retailers[order.retailer].switches.cancellations:
        yield call(steps.CANCELLATIONS_CONFIRM.name, order, {"items": [item.to_json() for item in items]})


def _is_new(row: StoredReturn) -> bool:
    return row.acknowledged_at is None and row.status == Status.RMA and row.state not in OVER


def _misfits(services: Services, row: StoredReturn, why: str) -> list[Problem]:
    facts = {"retailer": services.rules().retailers[row.retailer].name, "reference": row.reference, "why": why}
    return [Problem(kinds.RETURN_MISMATCH, row.subject, facts)]


def _where(
    services: Services, where: sa.ColumnElement[bool], reference: str | None, retailer: str | None
) -> list[StoredOrder]:
    where = where if retailer is None else sa.and_(where, ORDER.c.retailer == retailer)
    with services.store.read() as db:
        if reference is not None:
            where = sa.and_(where, ORDER.c.id.in_([order.id for order in orders.find(db, reference)]))
        return orders_by_id(db, list(db.scalars(sa.select(ORDER.c.id).where(where).order_by(ORDER.c.id))))
