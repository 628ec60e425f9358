"""A retailer hears in its own terms which lines we take, and no promise in it lies in the past."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from integration import kinds
from integration.domain.calendars import first_working_day, local, promised_day
from integration.domain.orders import ordered_at
from integration.problems import Problem
from integration.rulebook import Calendar, Promise, Retailer
from integration.virtualstock.actions import AcknowledgeItem
from integration.virtualstock.schema import Order, OrderItem


@dataclass(frozen=True)
class Acknowledgement:
    """What to tell the retailer; without items everything is acknowledged already, or cancelled meanwhile."""

    items: tuple[AcknowledgeItem, ...]


def to_acknowledge(
    order: Order, retailer: Retailer, calendar: Calendar, *, received_at: datetime, now: datetime,
    only: Collection[str],
) -> Acknowledgement | list[Problem]:
    """The acknowledgement of the lines that wait for one, or what is wrong with the order.

    Virtualstock API docs: Orders, acknowledge. One line in another state would have the whole call refused, so only
    the lines named are acknowledged.

    :param calendar: the one the retailer's profile names.
    :param received_at: when the order reached us, aware.
    :param now: aware; no promised day is earlier.
    :param only: the references of those lines.
    """
    promises = _Promises(retailer, calendar, ordered_at(order, retailer, received_at), local(now, retailer).date())
    waiting = [item for item in order.items if item.line_reference in only]
    items = tuple(_item(item, retailer, promises) for item in waiting)
    if wrong := sorted({violation for item in items for violation in item.violations()}):
        reference = order.order_reference or "unknown"
        facts = {"retailer": retailer.name, "reference": reference, "why": "; ".join(wrong)}
        return [Problem(kinds.UNREADABLE_ORDER, f"{retailer.code}/{reference}", facts)]
    return Acknowledgement(items)


@dataclass(frozen=True)
class _Promises:
    retailer: Retailer
    calendar: Calendar
    ordered_at: datetime
    today: date

    def midnight(self, promise: Promise | None, item: OrderItem) -> datetime | None:
        """The promised day as the API takes it: calendar days count from the order, working days from the day as
        whose order it counts."""
        if promise is None:
            return None
        working = promise.count == "working"
        start = (
            first_working_day(self.retailer, self.calendar, self.ordered_at)
            if working
            else local(self.ordered_at, self.retailer).date()
        )
        day = promised_day(promise, start, self.calendar, line_promise=item.promised_date)
        return datetime.combine(max(day, self.today), time())


def _item(item: OrderItem, retailer: Retailer, promises: _Promises) -> AcknowledgeItem:
    wanted = retailer.acknowledge
    return AcknowledgeItem(
        part_number=item.part_number or "",
        line_ref=item.line_reference or "",
        quantity=item.quantity or 0,
        sub_status=wanted.sub_status,
        supplier_dispatch_date=promises.midnight(wanted.dispatch_date, item),
        supplier_delivery_date=promises.midnight(wanted.delivery_date, item),
        fulfillment_route=wanted.fulfilment_route,
    )
