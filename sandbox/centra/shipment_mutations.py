"""Writing about shipments through GraphQL, with Centra's refusals as user errors."""

from datetime import datetime
from typing import Any

from sandbox.centra import ordering, shipping, stock
from sandbox.centra.clock import now
from sandbox.centra.mutations import Input, Remark, line_of, mutation, order_of, shipment_of
from sandbox.centra.resolvers import Call, Registry
from sandbox.centra.sales import NotPossible, Shipment

registry = Registry()


@mutation(registry, "createShipment")
def create_shipment(call: Call, input: Input) -> Input:
    """Packs open units of a confirmed order. A capture that fails leaves the shipment, with a warning."""
    order = order_of(call, input["order"], "order")
    if order.status not in ("CONFIRMED", "PROCESSING") or order.is_on_hold:
        raise NotPossible(f"Order {order.number} cannot be shipped in status {order.status}", "order")
    lines: dict[int, int] = {}
    for item in input.get("lines") or []:
        line = line_of(order, item["orderLine"], "lines", "orderLine")
        if input.get("allocateDemand"):
            stock.allocate_demand(call.world, line)
        ready = shipping.ready(line)
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
    shipment = shipment_of(call, id, "id")
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
    shipment = shipment_of(call, id, "id")
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
