"""Every minute each open exception is given the weight of what it blocks now, so that the heaviest stand first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.domain.money import currency_of, total_of
from integration.domain.severity import Impact, due, severity
from integration.kinds import CATALOGUE
from integration.services import Services
from integration.storage import impacts
from integration.storage.impacts import Waiting
from integration.virtualstock.schema import Order

OF_SKUS = frozenset({steps.STOCK_PUSH.name, steps.PRODUCTS_PUSH.name, steps.PRODUCTS_CREATE.name})
NO_MONEY = Decimal(0)


def weigh(services: Services) -> None:
    """Write down impact, severity and due time of every open cause of which they have changed."""
    now = services.now()
    with services.store.read() as db:
        rows, held = impacts.open_causes(db), impacts.held(db)
        orders = _orders(db, rows, held)
        known = impacts.waiting(db, {each for found in orders.values() for each in found})
    changed = []
    for row in rows:
        if row.kind not in CATALOGUE:
            continue  # an older release opened it, and this one has no such kind
        impact = _impact(held.get(row.id, ()), [known[each] for each in orders[row.id] if each in known])
        floor, until = CATALOGUE[row.kind].severity, _until(row)
        found = severity(floor, impact, now)
        due_at = due(until, row.opened_at, floor, found, impact.deadline)
        written = {**_plain(impact), "until": until.isoformat()}
        if (found.value, due_at, written) != (row.severity, row.due_at, row.impact):
            changed.append(impacts.Weight(row.id, row.times, found.value, due_at, written))
    if changed:
        with services.store.write() as db:
            impacts.weigh(db, changed)


def _orders(
    db: sa.Connection, rows: Sequence["sa.Row[Any]"], held: Mapping[int, Sequence[tuple[str, str]]]
) -> dict[int, set[int]]:
    """The orders that each cause is about: those of the work behind it, and the one it names itself."""
    named: dict[int, list[tuple[str, str]]] = {row.id: [*held.get(row.id, ()), *_own(row)] for row in rows}
    by_step: dict[str, set[str]] = {}
    for found in named.values():
        for step, subject in found:
            by_step.setdefault(step, set()).add(subject)
    shipped, returned = by_step.pop(steps.DISPATCHES_ANNOUNCE.name, ()), by_step.pop(steps.RETURNS_ACKNOWLEDGE.name, ())
    placed = {each for step, subjects in by_step.items() if step not in OF_SKUS for each in subjects}
    ids = {steps.DISPATCHES_ANNOUNCE.name: impacts.by_shipment(db, shipped),
           steps.RETURNS_ACKNOWLEDGE.name: impacts.by_return(db, returned)}  # fmt: skip
    ordered = impacts.by_reference(db, placed)
    return {
        cause: {ids.get(step, ordered)[subject] for step, subject in found if subject in ids.get(step, ordered)}
        for cause, found in named.items()
    }


def _own(row: "sa.Row[Any]") -> list[tuple[str, str]]:
    """A cause may be about an order of which no work waits: then its facts name it."""
    reference = (row.facts or {}).get("reference")
    return [("", f"{row.key.partition('/')[0]}/{reference}")] if reference else []


def _impact(held: Sequence[tuple[str, str]], orders: Sequence[Waiting]) -> Impact:
    money: dict[str, Decimal] = {}
    for each in orders:
        order = Order.parse(dict(each.amounts))
        worth = (
            order.total
            if order.total is not None
            else sum((total_of(one) or NO_MONEY for one in order.items), NO_MONEY)
        )
        money[currency_of(order)] = money.get(currency_of(order), NO_MONEY) + worth
    return Impact(
        items=len(held), orders=len(orders), units=sum(each.units for each in orders),
        skus=len({subject for step, subject in held if step in OF_SKUS}),
        money={currency: amount for currency, amount in sorted(money.items()) if amount},
        deadline=min((moment for each in orders for moment in each.deadlines), default=None),
    )  # fmt: skip


def _plain(impact: Impact) -> dict[str, Any]:
    return {
        "items": impact.items, "orders": impact.orders, "units": impact.units, "skus": impact.skus,
        "money": {currency: f"{amount:.2f}" for currency, amount in impact.money.items()},
        "deadline": None if impact.deadline is None else impact.deadline.isoformat(),
    }  # fmt: skip


def _until(row: "sa.Row[Any]") -> datetime:
    """The due time that the cause was opened with: it is kept, so that a cause that gets lighter has its time back."""
    return datetime.fromisoformat(row.impact["until"]) if row.impact else row.due_at
