"""The older generation of the order API tells what the current one does not: units to cancel, parcels, returns."""

from datetime import datetime
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import SUPPLIER_ID_IN_ORDERS, Retailer
from sandbox.virtualstock.paging import page
from sandbox.virtualstock.state import Line, Memory, Order
from sandbox.virtualstock.workflow import LABELS, REASONS, RETURN_REASONS

_DAY = 86_400.0
_WINDOW = 73 * 3600.0
_STATUSES = {"new": "ORDER", "order_ack": "ORDER_ACK", "cancel": "CANCEL", "cancel_ack": "CANCEL_ACK", "return": "RMA",
             "return_ack": "RMA_ACK"}


def list_orders(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /restapi/v3/orders/``: placed (``ord_days``) or changed (``chg_days``) in 73 hours from N days ago on."""
    asked = request.parameters
    changed = "chg_days" in asked
    begins = memory.clock() - _days(asked.get("chg_days" if changed else "ord_days")) * _DAY
    orders = [
        order for order in memory.orders_of[retailer.code]
        if begins <= (order.modified if changed else order.created) < begins + _WINDOW
    ]
    if (status := asked.get("status")) is not None:
        orders = [order for order in orders if order.status == _STATUSES.get(status)]
    return page(request, orders, lambda order: _order(memory, order), default_limit=10)


def get_order(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /restapi/v3/orders/{id}/``."""
    order = memory.orders.get(request.memory["id"])
    if order is None or order.retailer.code != retailer.code:
        return json_response({"detail": "Not found."}, 404)
    request.note.subject = order.reference
    return json_response(_order(memory, order))


def _days(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 2


def _order(memory: Memory, order: Order) -> dict[str, Any]:
    family = f"{memory.settings.link_host}/restapi/v3"
    row = order.row
    invoice = dict.fromkeys(f"invoice_{name}" for name in (
        "title", "full_name", "address_1", "address_2", "address_3", "postcode", "country", "phone", "email"))
    return {
        "url": f"{family}/orders/{order.id}/",
        "retailer": f"{family}/customers/{order.retailer.customer_id}/",
        "retailer_name": order.retailer.name,
        "supplier": f"{family}/suppliers/{SUPPLIER_ID_IN_ORDERS}/",
        "supplier_name": "Harrow & Fen Ltd",
        "order_number": order.reference,
        "order_date": row.get("order_date"),
        "customer_ref": row.get("end_user_purchase_order_reference"),
        "retailer_ref": row.get("additional_order_reference"),
        "supplier_ref": None,
        **invoice,
        "test_flag": row.get("test_flag"),
        "current_status": _label(order.status),
        "shipments": [_shipment(memory, order, f"{family}/orders/{order.id}/shipments/1/")],
        "account_id": "34926",
        "order_channel": row.get("channel"),
    }


def _shipment(memory: Memory, order: Order, url: str) -> dict[str, Any]:
    to = order.row.get("shipping_address") or {}
    sent = [line.parcel for line in order.lines if line.parcel]
    last = max(sent, key=lambda parcel: parcel["at"]) if sent else {}
    return {
        "url": url,
        "shipment_id": None,
        "shipping_title": None,
        "shipping_full_name": to.get("full_name"),
        "shipping_address_1": to.get("line_1"),
        "shipping_address_2": to.get("line_2"),
        "shipping_address_3": to.get("city"),
        "shipping_postcode": to.get("postal_code"),
        "shipping_country": to.get("country"),
        "shipping_phone": to.get("phone"),
        "shipping_email": to.get("email"),
        "carrier_name": last.get("carrier"),
        "carrier_service": None,
        "shipping": None,
        "total_price": None,
        "giftwrap": False,
        "signature": False,
        "expected_delivery_date": None,
        "dispatch_date": _midnight(last.get("supplier_dispatch_date")),
        "tracking_number": last.get("tracking_number"),
        "tracking_url": last.get("tracking_url"),
        "current_status": _label(order.status),
        "items": [_item(memory, order, line) for line in order.lines],
        "shipping_address_type": "",
    }


def _item(memory: Memory, order: Order, line: Line) -> dict[str, Any]:
    row, parcel = line.row, line.parcel
    return {
        "url": f"{memory.settings.link_host}/restapi/v3/items/{line.id}/",
        "part_number": row["part_number"],
        "line_ref": row["line_reference"],
        "quantity": row["quantity"],
        "name": row.get("name"),
        "description": row.get("description"),
        "retailer_ref": row.get("retailer_sku_reference"),
        "additional_ref": row.get("retailer_additional_reference"),
        "supplier_ref": row.get("supplier_sku_reference"),
        "cost": row.get("unit_cost_price"),
        "shipping": None,
        "sub_total": row.get("subtotal"),
        "tax": row.get("tax"),
        "total": row.get("total"),
        "current_status": _label(line.status),
        "dispatch_status": _dispatch_status(line),
        "dispatch_date": _midnight(parcel.get("supplier_dispatch_date")),
        "delivery_date": _midnight(parcel.get("supplier_delivery_date")),
        "tracking_number": parcel.get("tracking_number", ""),
        "tracking_url": parcel.get("tracking_url", ""),
        **_cancellation(memory, line),
        **_return(order, line),
        "promised_date": row.get("promised_date"),
    }


def _cancellation(memory: Memory, line: Line) -> dict[str, Any]:
    if not line.cancel_asked and not line.cancelled:
        return dict.fromkeys(("cancel_date", "cancel_reason", "cancel_quantity"))
    code = line.cancellation.get("reason_code")
    return {
        "cancel_date": _moment(line.cancellation.get("at")),
        "cancel_reason": None if code is None else REASONS.get(code, str(code)),
        "cancel_quantity": (line.cancel_asked or line.cancelled) if memory.settings.v3_tells_cancel_quantity else None,
    }


def _return(order: Order, line: Line) -> dict[str, Any]:
    of_line = [row for row in order.returns if row.line is line and not row.withdrawn]
    if not of_line:
        return dict.fromkeys(("return_date", "return_code", "return_reason", "return_quantity"))
    last = of_line[-1]
    return {
        "return_date": _moment(last.stamps["requested"]),
        "return_code": last.reason_code,
        "return_reason": RETURN_REASONS.get(last.reason_code, last.reason_code),
        "return_quantity": last.quantity,
    }


def _dispatch_status(line: Line) -> str | None:
    if not line.dispatched:
        return None
    return "Dispatched" if line.remainder == 0 else "Partially Dispatched"


def _label(status: str) -> str:
    return LABELS.get(status, status)


def _midnight(day: str | None) -> str | None:
    return f"{day}T00:00:00" if day else None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
