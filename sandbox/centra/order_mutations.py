"""Writing about orders and shipments through GraphQL, with Centra's refusals as user errors."""

from datetime import datetime
from typing import Any

from sandbox.centra import ordering, shipping, stock
from sandbox.centra.clock import now
from sandbox.centra.model import Warehouse
from sandbox.centra.mutations import Input, Remark, exactly_one, mutation, warehouse_of
from sandbox.centra.ordering import NotPossible
from sandbox.centra.resolvers import Call, Registry, snake
from sandbox.centra.sales import Order, OrderLine, Shipment

registry = Registry()


def _order_of(call: Call, given: Input, *path: str) -> Order:
    way, wanted = exactly_one(given, *path)
    world = call.world
    number = world.conversions.internal(call.integration, "Order", wanted) if way == "externalId" else wanted
    found = world.orders_by_hash.get(wanted) if way == "id" else world.orders.get(number or 0)
    if found is None:
        raise NotPossible(f"Could not find Order with {way} {wanted}", *path)
    return found


def _shipment_of(call: Call, number: int) -> Shipment:
    if number not in call.world.shipments:
        raise NotPossible(f"Could not find Shipment with ID {number}", "id")
    return call.world.shipments[number]


def _line_of(order: Order, given: Input, *path: str) -> OrderLine:
    _way, wanted = exactly_one(given, *path)
    line = next((line for line in order.lines if line.id == wanted), None)
    if line is None:
        raise NotPossible(f"Could not find OrderLine with ID {wanted}", *path)
    return line


def _policy(call: Call, given: Input, *path: str) -> tuple[str, Warehouse | None]:
    way, wanted = exactly_one({name: value for name, value in given.items() if value is not False}, *path)
    into = warehouse_of(call, wanted, *path) if way == "sendItemsToDifferentWarehouse" else None
    return snake(way), into


@mutation(registry, "confirmOrder")
def confirm_order(call: Call, input: Input) -> Input:
    """Pending becomes confirmed."""
    order = _order_of(call, input["order"], "order")
    ordering.confirm(call.world, order)
    return {"order": order}


@mutation(registry, "updateDirectToConsumerOrder")
def update_order(call: Call, order: Input, input: Input) -> Input:
    """Changes comments, hold, external id; cancels units of lines."""
    found = _order_of(call, order, "order")
    cancels = [_cancel_step(call, found, item) for item in input.get("cancelLines") or []]
    for line, quantity, policy, into in cancels:
        ordering.cancel_line(call.world, line, quantity, policy, into)
    for name in ("internalComment", "otherComment", "isInternal", "isOnHold"):
        if input.get(name) is not None:
            setattr(found, snake(name), input[name])
    if input.get("cancellationComment"):
        ordering.append_comment(found, input["cancellationComment"])
    if input.get("externalId") is not None:
        call.world.conversions.set(call.integration, "Order", found.number, input["externalId"])
    if cancels:
        ordering.settle(call.world, found)
    else:
        ordering.touch(call.world, found)
    return {"order": found}


def _cancel_step(call: Call, order: Order, item: Input) -> tuple[OrderLine, int, str, Warehouse | None]:
    line = _line_of(order, item["line"], "cancelLines", "line")
    if not 0 < item["quantity"] <= line.open_quantity:
        raise NotPossible(f"Only {line.open_quantity} of line {line.id} can be cancelled", "cancelLines", "quantity")
    return line, item["quantity"], *_policy(call, item["stockActionPolicy"], "cancelLines", "stockActionPolicy")


@mutation(registry, "cancelDirectToConsumerOrder")
def cancel_order(call: Call, id: str, input: Input) -> Input:
    """Cancels a whole order, named by its hash."""
    order = _order_of(call, {"id": id}, "id")
    policy, into = _policy(call, input["stockAction"], "input", "stockAction")
    ordering.cancel(call.world, order, policy, into, input.get("comment"))
    order.emails_sent += bool(input["emailOptions"]["sendEmail"])
    return {"order": order}


@mutation(registry, "createShipment")
def create_shipment(call: Call, input: Input) -> Input:
    """Packs open units of a confirmed order. A capture that fails leaves the shipment, with a warning."""
    order = _order_of(call, input["order"], "order")
    if order.status not in ("CONFIRMED", "PROCESSING") or order.is_on_hold:
        raise NotPossible(f"Order {order.number} cannot be shipped in status {order.status}", "order")
    lines: dict[int, int] = {}
    for item in input.get("lines") or []:
        line = _line_of(order, item["orderLine"], "lines", "orderLine")
        if input.get("allocateDemand"):
            stock.allocate_demand(call.world, line)
        ready = line.open_quantity - line.backordered
        if not 0 < item["quantity"] <= ready or line.id in lines:
            raise NotPossible(f"Only {ready} of line {line.id} can be shipped", "lines", "quantity")
        lines[line.id] = item["quantity"]
    if not lines:
        raise NotPossible("A shipment needs lines", "lines")
    capture = bool(input.get("capture"))
    captured = capture and call.world.options.capture_pays
    paid = captured or (bool(input.get("isPaid")) and not capture)
    good_to_go = bool(input.get("isGoodToGo"))
    if input.get("shippedAt") and not (paid and good_to_go):
        raise NotPossible("Shipment has to be paid and good to go", "shippedAt")
    shipment = shipping.create(call.world, order, lines, good_to_go=good_to_go, paid=paid)
    shipment.is_captured = captured
    shipment.additional_message = input.get("additionalMessage")
    _set_info(shipment, input.get("shipmentInfo"))
    if input.get("shippedAt"):
        _complete(call, shipment, input["shippedAt"])
    warnings = [Remark("Capture failed", ["capture"])] if capture and not captured else []
    return {"shipment": shipment, "user_warnings": warnings}


@mutation(registry, "updateShipment")
def update_shipment(call: Call, id: int, input: Input) -> Input:
    """Changes a shipment; once shipped only its payment and message."""
    shipment = _shipment_of(call, id)
    frozen = [name for name in ("shipmentInfo", "isGoodToGo") if input.get(name) is not None]
    if shipment.is_shipped and frozen:
        raise NotPossible("Shipment is sent and can not be updated", *frozen[:1])
    if input.get("isPaid") is not None:
        shipping.set_paid(shipment, input["isPaid"])
    if input.get("additionalMessage") is not None:
        shipment.additional_message = input["additionalMessage"]
    if input.get("externalId") is not None:
        call.world.conversions.set(call.integration, "Shipment", shipment.id, input["externalId"])
    _set_info(shipment, input.get("shipmentInfo"))
    if input.get("isGoodToGo") and not shipment.is_good_to_go:
        shipping.set_good_to_go(call.world, shipment)
    else:
        shipping.touch(call.world, shipment)
    return {"shipment": shipment}


@mutation(registry, "completeShipment")
def complete_shipment(call: Call, id: int, input: Input) -> Input:
    """Sends a shipment that is good to go and paid."""
    shipment = _shipment_of(call, id)
    shipped_at = input.get("shippedAt")
    if shipped_at and shipped_at > now():
        raise NotPossible("shippedAt must not be in the future", "input", "shippedAt")
    _check_complete(shipment)
    _set_info(shipment, input.get("shipmentInfo"))
    if input.get("additionalMessage") is not None:
        shipment.additional_message = input["additionalMessage"]
    _complete(call, shipment, shipped_at)
    return {"shipment": shipment}


def _check_complete(shipment: Shipment) -> None:
    if shipment.is_shipped:
        raise NotPossible("Shipment is already completed", "id")
    if not (shipment.is_paid and shipment.is_good_to_go):
        raise NotPossible("Shipment has to be paid and good to go", "id")


def _complete(call: Call, shipment: Shipment, shipped_at: datetime | None) -> None:
    _check_complete(shipment)
    shipping.complete(call.world, shipment, shipped_at)
    ordering.settle(call.world, shipment.order)


def _set_info(shipment: Shipment, info: Input | None) -> None:
    given: dict[str, Any] = info or {}
    shipping.set_info(
        shipment, carrier=given.get("carrier"), service=given.get("service"), tracking=given.get("trackingNumber"),
        return_tracking=given.get("returnTrackingNumber"), packages=given.get("packagesNumber"),
    )
