"""A supplier reads its listings, changes their attributes and sets their stock."""

from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import SUPPLIER_ID_IN_PRODUCTS, Retailer
from sandbox.virtualstock.paging import base, echo_format, page
from sandbox.virtualstock.state import Memory, Product

NOT_FOUND = {"detail": "Product not found.", "code": "PRODUCT_NOT_FOUND"}
PUBLISHING = {"detail": "Can't update a product which is in a publishing status."}


def list_products(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /api/v4/products/``, 100 a page unless asked otherwise."""
    products = memory.products_of[retailer.code]
    if (part_number := request.parameters.get("part_number")) is not None:
        found = memory.by_part_number.get((retailer.code, part_number))
        products = [found] if found else []
    return page(request, products, lambda product: _row(memory, request, product), default_limit=100)


def get_product(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /api/v4/products/{id}/``."""
    product = _find(memory, retailer, request)
    return json_response(_row(memory, request, product)) if product else json_response(NOT_FOUND, 404)


def patch_product(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``PATCH /api/v4/products/{id}/``: named attributes change, the others stay; stock under the retailer's field."""
    product = _find(memory, retailer, request)
    if product is None:
        return json_response(NOT_FOUND, 404)
    if product.locked_until > memory.clock():
        return json_response(PUBLISHING, 409)
    changes = body.get("data", {})
    if not isinstance(changes, dict):
        return json_response({"data": ["Expected a dictionary of items."]}, 400)
    if retailer.stock_field in changes:
        quantity = _quantity(changes[retailer.stock_field])
        if isinstance(quantity, str):
            return json_response({retailer.stock_field: [quantity]}, 400)
        _set(memory, product, quantity, request)
    texts = {name: "" if value is None else str(value) for name, value in changes.items()
             if name not in ("free_stock", "supplier_free_stock")}
    date = body.get("back_in_stock_date", product.back_in_stock_date)
    changed = texts.items() - product.data.items() or date != product.back_in_stock_date
    request.note.changed = request.note.changed or bool(changed)
    product.data.update(texts)
    product.back_in_stock_date = date
    return json_response(_row(memory, request, product))


def set_stock(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``PATCH /api/v4/products/{id}/stock``: always ``supplier_free_stock``, whatever the retailer calls it."""
    product = _find(memory, retailer, request)
    if product is None:
        return json_response(NOT_FOUND, 404)
    if "supplier_free_stock" not in body:
        return json_response({"supplier_free_stock": ["This field is required."]}, 400)
    quantity = _quantity(body["supplier_free_stock"])
    if isinstance(quantity, str):
        return json_response({"supplier_free_stock": [quantity]}, 400)
    if product.locked_until > memory.clock():
        return json_response(PUBLISHING, 409)
    _set(memory, product, quantity, request)
    return Response(200)


def _find(memory: Memory, retailer: Retailer, request: Request) -> Product | None:
    product = memory.products.get(request.memory["id"])
    request.note.subject = str(request.memory["id"])
    return product if product and product.listing.retailer == retailer.code else None


def _set(memory: Memory, product: Product, quantity: int, request: Request) -> None:
    listing = product.listing
    request.note.changed = quantity != product.quantity
    request.note.detail = {"retailer": listing.retailer, "part_number": listing.part_number, "sku": listing.sku,
                           "before": product.quantity, "after": quantity}
    product.quantity = quantity
    product.data["stock_updated_at"] = memory.now().isoformat()


def _quantity(value: object) -> int | str:
    """The quantity, or what the framework says against it."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return "A valid integer is required."
    return value if value >= 0 else "Ensure this value is greater than or equal to 0."


def _row(memory: Memory, request: Request, product: Product) -> dict[str, Any]:
    listing = product.listing
    retailer = memory.retailers[listing.retailer]
    family, echo = f"{base(request)}/api/v4", echo_format(request)
    data = dict(product.data)
    if retailer.stock_readable:
        data[retailer.stock_field] = "" if product.quantity is None else str(product.quantity)
    return {
        "url": f"{family}/products/{listing.id}/{echo}",
        "part_number": listing.part_number,
        "category": f"{family}/categories/5544/{echo}",
        "client": f"{family}/clients/{retailer.client_id}/{echo}",
        "supplier": f"{family}/suppliers/{SUPPLIER_ID_IN_PRODUCTS}/{echo}",
        "data": data,
        "back_in_stock_date": product.back_in_stock_date,
    }
