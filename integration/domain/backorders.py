"""A retailer hears of late goods in its own terms, with days on which somebody works and none that has passed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from integration import kinds
from integration.domain.calendars import local, promised_day
from integration.problems import Problem
from integration.rulebook import Calendar, Retailer
from integration.virtualstock.actions import BackorderItem
from integration.virtualstock.schema import Order


@dataclass(frozen=True)
class Postponement:
    """What to tell the retailer; without items no line is late."""

    items: tuple[BackorderItem, ...]


def to_backorder(
    order: Order, retailer: Retailer, calendar: Calendar, *, now: datetime, late: Collection[str]
) -> Postponement | list[Problem]:
    """The new dates of the lines named in `late`, or what is wrong with them.

    Both dates count from today. Virtualstock API docs: Orders, backorder; the dates are the retailer's local time.

    :param now: aware.
    """
    rule = retailer.backorder
    today = local(now, retailer).date()
    dispatch = promised_day(rule.dispatch_date, today, calendar)
    delivery = promised_day(rule.delivery_date, today, calendar) if rule.delivery_date is not None else None
    items = tuple(
        BackorderItem(
            part_number=item.part_number or "", line_ref=item.line_reference or "", quantity=item.quantity or 0,
            sub_status=rule.sub_status, fulfillment_route=retailer.acknowledge.fulfilment_route,
            supplier_dispatch_date=datetime.combine(dispatch, time()),
            # Goods do not arrive before they leave, whatever the two rules say of a week with bank holidays.
            supplier_delivery_date=datetime.combine(max(delivery, dispatch), time()) if delivery else None,
        )
        for item in order.items
        if item.line_reference in late
    )  # fmt: skip
    wrong = _violations(items)
    if not wrong:
        return Postponement(items)
    reference = order.order_reference or "unknown"
    facts = {"retailer": retailer.name, "reference": reference, "why": "; ".join(wrong)}
    return [Problem(kinds.UNREADABLE_ORDER, f"{retailer.code}/{reference}", facts)]


def _violations(items: Sequence[BackorderItem]) -> list[str]:
    return sorted({violation for item in items for violation in item.violations()})
