"""What the merchant's screens show of orders is one JSON document, for assertions in tests and stories."""

from typing import Any

from sandbox.centra.sales import Order, OrderLine, Return, Shipment
from sandbox.centra.stock import held
from sandbox.centra.world import World

Body = dict[str, Any]


def state(world: World) -> Body:
    """All orders, what waits in queues, and how the webhooks fared."""
    placed = [order for order in world.orders.values() if order.status != "INCOMPLETE"]
    returns: dict[int, list[Return]] = {}
    for returned in world.returns.values():
        returns.setdefault(returned.order.number, []).append(returned)
    return {
        "orders": {order.number: _order(world, order, returns.get(order.number, [])) for order in placed},
        "incomplete": [order.number for order in world.orders.values() if order.status == "INCOMPLETE"],
        "unconfirmed_events": sum(len(queue) for queue in world.events.queues.values()),
        "webhooks": {"sent": world.webhooks.sent, "failed": world.webhooks.failed, "lost": world.webhooks.lost},
    }


def _order(world: World, order: Order, returns: list[Return]) -> Body:
    names = (
        world.conversions.external(token.integration_name, "Order", order.number)
        for token in world.options.tokens.values()
    )
    return {
        "status": order.status, "external_id": next((name for name in names if name), None),
        "internal_comment": order.internal_comment, "market": order.market.id, "store": order.store.id,
        "reference": order.reference, "hold": order.is_on_hold,
        "emails_sent": order.emails_sent, "shipping": order.shipping_price_group.uri,
        "attributes": order.attributes, "delivery_date": order.delivery_date,
        "payments": [
            {"type": entry.entry_type, "status": entry.status, "value": f"{entry.value.value:.2f}"}
            for entry in order.payment_history
        ],
        "totals": {
            "grand_total": f"{order.grand_total:.2f}", "lines": f"{order.line_total:.2f}",
            "shipping": f"{order.shipping_value:.2f}", "voucher": f"{order.voucher_value:.2f}",
        },
        "lines": [_line(line) for line in order.lines],
        "shipments": [_shipment(shipment) for shipment in order.shipments],
        "returns": [_return(returned) for returned in returns],
    }


def _line(line: OrderLine) -> Body:
    return {
        "id": line.id, "sku": line.product_size.sku, "quantity": line.quantity, "comment": line.comment,
        "cancelled": line.cancelled_quantity, "shipped": line.shipped_quantity, "returned": line.returned_quantity,
        "price": f"{line.price:.2f}", "backordered": line.backordered, "allocated": held(line),
        "allocations": [
            {"warehouse": allocation.warehouse.id, "quantity": allocation.quantity} for allocation in line.allocations
        ],
    }


def _shipment(shipment: Shipment) -> Body:
    carrier = shipment.carrier_information
    return {
        "id": shipment.id, "number": shipment.number, "shipped": shipment.is_shipped,
        "tracking": shipment.tracking_number, "carrier": carrier.carrier_name if carrier else None,
        "service": carrier.service_name if carrier else None,
        "lines": {line.order_line.id: line.quantity for line in shipment.lines},
    }


def _return(returned: Return) -> Body:
    return {
        "id": returned.id, "shipment": returned.shipment.id, "completed": returned.is_completed,
        "lines": {line.order_line.id: line.quantity for line in returned.lines},
    }
