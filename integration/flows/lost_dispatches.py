"""A dispatch whose answer was lost is looked up until it is known, or a person is asked; it is never said twice."""

from collections.abc import Sequence
from typing import Any

from integration import kinds, policy
from integration.lanes import Lane
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import announcements, order_lines
from integration.storage.announcements import StoredAnnouncement
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order, OrderV3, Status


def find(services: Services, order: StoredOrder, told: StoredAnnouncement) -> bool | Problem:
    """Whether the retailer counted it. False: it did not, and the shipment may be judged and said again.

    :raises TryAgain: not there yet, and a request sent a moment ago may still be at work.
    """
    assert told.announcing_since is not None  # noqa: S101 - the caller's condition, for the type checker
    if told.told_with is not None:
        raise TryAgain(f"its units travel in the announcement of shipment {told.told_with}", wait=2)
    arrived = _arrived(services, order, told)
    if arrived:
        return True
    wait = (told.announcing_since + policy.LOOK_GRACE - services.now()).total_seconds()
    if wait > 0:
        raise TryAgain("the answer was lost and the dispatch is not there yet; looking again", wait=wait)
    with services.store.write() as db:
        if arrived is None and told.unclear_at is None:
            announcements.unclear(db, told.shipment_id, services.now())
            return _unknown(services, order, told)
        # It is not there; or a person looked, and asks to send it by trying again.
        announcements.not_announced(db, told.shipment_id)
    return False


def _arrived(services: Services, order: StoredOrder, told: StoredAnnouncement) -> bool | None:
    """Whole lines show their state; of part of a line only the older API tells, by its tracking. None: nobody can."""
    items = [item for item in told.items if "tracking_number" in item]
    raw = services.client_of(order.retailer).order(order.virtualstock_id, lane=Lane.ORDERS)
    status = {item.line_reference: item.status for item in Order.parse(raw).items}
    if items and all(status.get(item["line_ref"]) == Status.DISPATCH for item in items):
        return True
    with services.store.read() as db:
        open_units = {line.line_reference: line.open for line in order_lines.lines(db, order.id)}
        others = [each for each in announcements.announcements(db, order.id) if each.shipment_id != told.shipment_id]
    if all(item["quantity"] >= open_units.get(item["line_ref"], 0) for item in items):
        return False
    return _shows_tracking(services, order, items, {each for other in others for each in _numbers(other.items)})


def _shows_tracking(
    services: Services, order: StoredOrder, items: Sequence[dict[str, Any]], others: set[str]
) -> bool | None:
    if others & _numbers(items):
        return None
    try:
        raw = services.client_of(order.retailer).order_v3(order.virtualstock_id, lane=Lane.ORDERS)
    except Refused:
        # The older API is not for every credential. That this one is good, the reading of the order has shown.
        return None
    if raw is None:
        return None
    shown = {(row.line_ref, _plain(row.tracking_number or "")) for row in OrderV3.parse(raw).items}
    found = [(item["line_ref"], _plain(item["tracking_number"])) in shown for item in items]
    return found[0] if len(set(found)) == 1 else None


def _numbers(items: Sequence[dict[str, Any]]) -> set[str]:
    return {_plain(item["tracking_number"]) for item in items if "tracking_number" in item}


def _plain(tracking_number: str) -> str:
    return "".join(tracking_number.split()).casefold()


def _unknown(services: Services, order: StoredOrder, told: StoredAnnouncement) -> Problem:
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "shipment": told.number or str(told.shipment_id)}
    return Problem(kinds.DISPATCH_UNKNOWN, f"{order.subject}/{told.shipment_id}", facts)
