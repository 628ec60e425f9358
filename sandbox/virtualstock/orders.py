"""Retailers place orders, and their supplier reads them: the rows have every field the real ones have."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import CURRENCY, SUPPLIER_ID_IN_ORDERS, Retailer
from sandbox.virtualstock.paging import page
from sandbox.virtualstock.state import Line, Memory, Order, Product
from sandbox.virtualstock.workflow import RETURNABLE

LIED_COUNT = 168_473
_TAX_RATE = Decimal("0.20")
_CENT = Decimal("0.01")
_SHOPPERS = (
    ("Amira Holt", "14 Station Road", "Reading", "RG1 2AB"),
    ("Tom Vickers", "Flat 3, 8 Quay Street", "Bristol", "BS1 4QT"),
    ("Eilidh Ross", "22 Leith Walk", "Edinburgh", "EH6 5AA"),
    ("Rhys Pugh", "5 Heol Fawr", "Cardiff", "CF14 1AB"),
    ("Niamh Daly", "71 Lisburn Road", "Belfast", "BT9 7AB"),
    ("Priya Nair", "9 Mill Lane", "Leeds", "LS1 4DY"),
)


def list_orders(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /restapi/v4/orders/``: the whole history by id, filtered, 10 a page unless asked otherwise."""
    asked = request.parameters
    orders = memory.orders_of[retailer.code]
    if (status := asked.get("status")) is not None:
        orders = [order for order in orders if order.status == status]
    if (reference := asked.get("order_reference")) is not None:
        orders = [order for order in orders if order.reference == reference]
    if (part_number := asked.get("part_number")) is not None:
        orders = [order for order in orders if any(line.row["part_number"] == part_number for line in order.lines)]
    if asked.get("retailer_id", str(retailer.customer_id)) != str(retailer.customer_id):
        orders = []
    if asked.get("supplier_id", str(SUPPLIER_ID_IN_ORDERS)) != str(SUPPLIER_ID_IN_ORDERS):
        orders = []
    if asked.get("sort") == "desc":
        orders = orders[::-1]
    return page(
        request, orders, lambda order: show(memory, order), default_limit=10,
        count=LIED_COUNT if memory.settings.lie_about_count else None, repeat=memory.settings.duplicate_listing,
    )


def get_order(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /restapi/v4/orders/{id}/``: one row of the list."""
    order = memory.orders.get(request.memory["id"])
    if order is None or order.retailer.code != retailer.code:
        return json_response({"detail": "Not found."}, 404)
    return json_response(show(memory, order))


def show(memory: Memory, order: Order) -> dict[str, Any]:
    """The order as the API shows it; links lead to another host than the one called."""
    family = f"{memory.settings.link_host}/restapi/v4"
    return {
        "url": f"{family}/orders/{order.id}/",
        "retailer": f"{family}/customers/{order.retailer.customer_id}/",
        "supplier": f"{family}/suppliers/{SUPPLIER_ID_IN_ORDERS}/",
        "status": order.status,
        "items": [show_item(memory, line) for line in order.lines],
        **order.row,
    }


def show_item(memory: Memory, line: Line) -> dict[str, Any]:
    """A line as the API shows it."""
    row = line.row
    if memory.settings.quantity_shrinks and line.cancelled:
        row = row | {"quantity": line.quantity - line.cancelled}
    return {"url": f"{memory.settings.link_host}/restapi/v4/items/{line.id}/", "status": line.status, **row}


def place(memory: Memory, body: dict[str, Any]) -> Order:
    """A shopper of a retailer orders: ``{retailer, lines: [{sku | part_number, quantity, overrides}], overrides}``.

    Overrides replace or add any field of the row, so an order can be as odd as real ones are.

    :raises KeyError: the retailer or the SKU is unknown.
    :raises ValueError: there are no lines, or the reference exists.
    """
    retailer = memory.retailers[body["retailer"]]
    if not body.get("lines"):
        raise ValueError("an order has at least one line")
    lines = [_line(memory, retailer, number, line) for number, line in enumerate(body["lines"], start=1)]
    order_id = next(memory.order_ids)
    overrides = dict(body.get("overrides") or {})
    shown_status = overrides.pop("status", None)
    row = _row(memory, retailer, order_id, lines) | overrides
    order = Order(order_id, retailer, row, lines, shown_status)
    if order.reference in memory.by_reference:
        raise ValueError(f"order {order.reference} exists")
    memory.keep(order)
    return order


def _line(memory: Memory, retailer: Retailer, number: int, asked: dict[str, Any]) -> Line:
    if "sku" in asked:
        product: Product | None = memory.by_sku[retailer.code, asked["sku"]]
    else:
        product = memory.by_part_number.get((retailer.code, asked["part_number"]))
    part_number = product.listing.part_number if product else asked["part_number"]
    quantity = asked.get("quantity", 1)
    row = _identity(retailer, product, part_number) | {
        "line_reference": f"{number:05d}" if retailer.own_part_numbers else str(number),
        "quantity": quantity,
        **_prices(product.listing.price if product else Decimal("50.00"), quantity),
        "promised_date": (memory.now() + timedelta(days=5)).replace(hour=0, minute=0, second=0).isoformat(),
    }
    overrides = dict(asked.get("overrides") or {})
    status = overrides.pop("status", "ORDER")
    row |= overrides
    if str(row["quantity"]).isdecimal():
        quantity = int(row["quantity"])
    line = Line(next(memory.item_ids), product.listing.sku if product else None, quantity, row, status)
    # A line that begins its life later than others has its past.
    line.cancel_asked = quantity if status == "CANCEL" else 0
    line.cancelled = quantity if status == "CANCEL_ACK" else 0
    line.dispatched = quantity if status in RETURNABLE else 0
    return line


def _identity(retailer: Retailer, product: Product | None, part_number: str) -> dict[str, Any]:
    """The references of a line, in the retailer's habit."""
    sku, ean, name = ((product.listing.sku, product.listing.ean, product.listing.name) if product
                      else (part_number, None, "Unlisted product"))
    if retailer.own_part_numbers:
        return {"part_number": part_number, "retailer_sku_reference": ean, "supplier_sku_reference": None,
                "retailer_additional_reference": ean, "name": None, "description": name}
    return {"part_number": part_number, "retailer_sku_reference": part_number, "supplier_sku_reference": sku,
            "retailer_additional_reference": None, "name": name, "description": ""}


def _prices(retail: Decimal, quantity: int) -> dict[str, str]:
    unit = (retail * Decimal("0.48")).quantize(_CENT)
    subtotal = unit * quantity
    tax = (subtotal * _TAX_RATE).quantize(_CENT)
    return {"unit_cost_price": f"{unit:.2f}", "subtotal": f"{subtotal:.2f}", "tax": f"{tax:.2f}", "tax_rate": "20.00",
            "total": f"{subtotal + tax:.2f}"}


def _row(memory: Memory, retailer: Retailer, order_id: int, lines: list[Line]) -> dict[str, Any]:
    name, street, city, postcode = _SHOPPERS[order_id % len(_SHOPPERS)]
    services = retailer.delivery_services
    return {
        "order_reference": _reference(retailer, order_id),
        "order_date": memory.now().isoformat(),
        "purchase_order_reference": f"PO{order_id}",
        "end_user_purchase_order_reference": None,
        "additional_order_reference": None,
        "comment": "",
        "channel": None,
        "test_flag": False,
        "currency_code": CURRENCY,
        **{field: _total(lines, field) for field in ("subtotal", "tax", "total")},
        "shipping_address": {
            "country": "GB", "line_1": street, "line_2": "", "city": city, "postal_code": postcode, "state": "",
            "phone": "01632 960123", "full_name": name, "email": None,
        },
        "retailer_data": {
            "uuid": retailer.uuid, "name": retailer.name, "email": "",
            "phone": "", "tax_code": "",
            "address": {"line_1": "", "line_2": "", "city": "", "state": "", "country": "", "postal_code": ""},
        },
        "delivery_service_code": services[order_id % len(services)],
    }


def _total(lines: list[Line], field: str) -> str | None:
    amounts = [line.row[field] for line in lines]
    return None if None in amounts else f"{sum(Decimal(str(amount)) for amount in amounts):.2f}"


def _reference(retailer: Retailer, order_id: int) -> str:
    """An order number in the retailer's own style."""
    if retailer.own_part_numbers:
        return f"{800_000_000 + order_id}-1"
    return f"C{order_id:09d}" if retailer.full_lines_only else f"FH_GB_{order_id}"
