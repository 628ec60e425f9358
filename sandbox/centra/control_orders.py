"""What staff and warehouse do with orders can be done here: cancel, allocate, ship, correct, take back."""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sandbox.centra import ordering, returning, shipping, stock
from sandbox.centra.clock import now
from sandbox.centra.ordering import LineCancel
from sandbox.centra.sales import NotPossible, Order, Return, Shipment
from sandbox.centra.world import World
from sandbox.seed import MARKETPLACES_MARKET_ID

CARRIERS = (
    ("Royal Mail", "Tracked 24"), ("Royal Mail", "Tracked 48"), ("DPD", "Next Day"), ("Evri", "Standard"),
    ("DX", "Two Day"), ("UPS", "Standard"),
)

Body = dict[str, Any]


def _units(given: Mapping[Any, Any]) -> dict[int, int]:
    return {int(line): int(units) for line, units in given.items()}


class OrderDesk:
    """The `verbs` about orders, by name. All work under the lock of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = random.Random(1)
        self.verbs: dict[str, Callable[[Body], Any]] = {
            "ship": self._ship, "ship_complete": self._ship_complete, "ship_due": self._ship_due,
            "unship": self._unship, "reship": self._reship, "tracking": self._tracking, "cancel": self._cancel,
            "restore": self._restore, "hold": self._hold, "allocate": self._allocate, "return": self._return,
            "return_complete": self._return_complete,
        }

    def _order(self, body: Body) -> Order:
        return self._world.orders[int(body["order"])]

    def _shipment(self, body: Body) -> Shipment:
        return self._world.shipments[int(body["shipment"])]

    def _ship(self, body: Body) -> Any:
        """``{order, lines?: {line id: units}, carrier, service, tracking, missing?, complete?}``: packs and marks paid.

        It is sent as well unless `complete` is false; then it is only good to go.
        """
        order = self._order(body)
        ready = {line.id: shipping.ready(line) for line in order.lines}
        wanted = {line: units for line, units in _units(body.get("lines") or ready).items() if units}
        if order.status not in ("CONFIRMED", "PROCESSING") or order.is_on_hold or not wanted:
            raise NotPossible(f"Order {order.number} cannot be shipped in status {order.status}")
        if any(not 0 < units <= ready.get(line, 0) for line, units in wanted.items()):
            raise NotPossible(f"Order {order.number} has fewer units to ship")
        shipment = shipping.create(self._world, order, wanted, good_to_go=True, paid=True)
        if body.get("complete", True):
            self._send(shipment, body)
        else:
            self._label(shipment, body)
        return {"shipment": shipment.id, "number": shipment.number}

    def _ship_complete(self, body: Body) -> Any:
        """``{shipment, carrier?, service?, tracking?, missing?}``: sends what was only packed."""
        shipment = self._shipment(body)
        if shipment.is_shipped or not (shipment.is_paid and shipment.is_good_to_go):
            raise NotPossible(f"Shipment {shipment.number} cannot be sent")
        self._send(shipment, body)
        return {"shipment": shipment.id, "number": shipment.number}

    def _send(self, shipment: Shipment, body: Body) -> None:
        missing = set(body.get("missing") or [])
        missing |= {"service"} if "carrier" in missing else set()
        if "carrier" not in missing and shipment.carrier_information is None:
            body = {"carrier": "Royal Mail", "service": "Tracked 24"} | body
        if "tracking" not in missing and shipment.tracking_number is None:
            body = {"tracking": f"GB{self._random.randrange(10**9, 10**10)}"} | body
        self._label(shipment, {name: value for name, value in body.items() if name not in missing})
        shipping.complete(self._world, shipment)
        ordering.settle(self._world, shipment.order)

    @staticmethod
    def _label(shipment: Shipment, body: Body) -> None:
        shipping.set_info(
            shipment, carrier=body.get("carrier"), service=body.get("service"), tracking=body.get("tracking")
        )

    def _ship_due(self, body: Body) -> Any:
        """``{seconds}``: ships what was confirmed for a marketplace longer ago than that and is all in stock."""
        before = now() - timedelta(seconds=float(body.get("seconds", 0)))
        shipped = []
        for order in self._world.orders.values():
            due = order.status == "CONFIRMED" and order.confirmed_at is not None and order.confirmed_at <= before
            if due and order.market.id == MARKETPLACES_MARKET_ID and not order.is_on_hold:
                for line in order.lines:
                    stock.allocate_demand(self._world, line)
                if any(line.backordered for line in order.lines):
                    continue
                carrier, service = self._random.choice(CARRIERS)
                shipped.append(self._ship({"order": order.number, "carrier": carrier, "service": service}))
        return {"shipments": shipped}

    def _unship(self, body: Body) -> Any:
        """``{shipment}``: staff delete a shipment, sent or not; its units are open again."""
        shipment = self._shipment(body)
        shipping.delete(self._world, shipment)
        ordering.settle(self._world, shipment.order)
        return {"status": shipment.order.status}

    def _reship(self, body: Body) -> Any:
        """``{shipment, lines?: {line id: units}, tracking?, carrier?, service?}``: staff correct a shipment.

        Lines that are not named keep their units; 0 takes one out.
        """
        shipment = self._shipment(body)
        if body.get("lines"):
            shipping.repack(self._world, shipment, _units(body["lines"]))
        self._label(shipment, body)
        shipping.touch(self._world, shipment)
        if body.get("lines"):
            ordering.settle(self._world, shipment.order)
        return {"number": shipment.number, "status": shipment.order.status}

    def _tracking(self, body: Body) -> Any:
        """``{shipment, tracking?, carrier?, service?}``: staff correct who carries a shipment that was sent."""
        return self._reship({name: value for name, value in body.items() if name != "lines"})

    def _cancel(self, body: Body) -> Any:
        """``{order, lines?: {line id: units}}``: staff cancel units, or the whole order; goods go back to stock."""
        order = self._order(body)
        if not body.get("lines"):
            ordering.cancel(self._world, order, returning.RELEASE, None, None)
        else:
            lines = self._world.order_lines
            cancels = [LineCancel(lines[line_id], units) for line_id, units in _units(body["lines"]).items()]
            ordering.cancel_lines(self._world, order, cancels)
            ordering.settle(self._world, order)
        return {"status": order.status}

    def _restore(self, body: Body) -> Any:
        """``{order}``: staff bring a cancelled order back."""
        order = self._order(body)
        ordering.restore(self._world, order)
        return {"status": order.status}

    def _hold(self, body: Body) -> Any:
        """``{order, hold, reason?}``: staff or a rule put an order on hold, or let it go."""
        order = self._order(body)
        order.is_on_hold = bool(body.get("hold", True))
        order.order_hold_reason = body.get("reason") if order.is_on_hold else None
        order.is_waiting_for_payment = order.order_hold_reason == "WAITING_FOR_PAYMENT"
        ordering.touch(self._world, order)
        return {"hold": order.is_on_hold}

    def _allocate(self, body: Body) -> Any:
        """``{order}``: staff look for stock again for the units of an order that found none."""
        order = self._order(body)
        found = sum(stock.allocate_demand(self._world, line) for line in order.lines)
        if found:
            ordering.touch(self._world, order)
        return {"allocated": found, "backordered": sum(line.backordered for line in order.lines)}

    def _return(self, body: Body) -> Any:
        """``{order | shipment, lines?: {order line id: units}, complete?}``: goods come back, by default all of them.

        Goods of several shipments come back in one return for each.
        """
        shipments = [self._shipment(body)] if "shipment" in body else self._order(body).shipments
        out = [line for shipment in shipments if shipment.is_shipped for line in shipment.lines]
        wanted = _units(body["lines"]) if body.get("lines") else None
        parts: dict[int, int] = {}
        for line in out:
            units = line.returnable_quantity
            if wanted is not None:
                units = max(0, min(units, wanted.get(line.order_line.id, 0)))
                wanted[line.order_line.id] = wanted.get(line.order_line.id, 0) - units
            if units > 0:
                parts[line.id] = units
        if not parts or any((wanted or {}).values()):
            raise NotPossible("So much was not sent, or it came back before")
        made = []
        for shipment in shipments:
            units_of = {line.id: parts[line.id] for line in shipment.lines if line.id in parts}
            if units_of:
                made.append(returning.create(self._world, shipment, units_of))
        for returned in made if body.get("complete") else []:
            returning.complete(self._world, returned)
        return {"return": made[0].id, "returns": [returned.id for returned in made]}

    def _return_complete(self, body: Body) -> Any:
        """``{return}``: staff close a return."""
        returned: Return = self._world.returns[int(body["return"])]
        returning.complete(self._world, returned)
        return {"return": returned.id}
