"""A supplier reads its listings, changes their attributes and sets their stock."""

from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import SUPPLIER_ID_IN_PRODUCTS, Retailer
from sandbox.virtualstock import attributes
from sandbox.virtualstock.paging import base, echo_format, page
from sandbox.virtualstock.state import Memory, Product

NOT_FOUND = {"detail": "Product not found.", "code": "PRODUCT_NOT_FOUND"}
PUBLISHING = {"detail": "Can't update a product which is in a publishing status."}
NOT_WHOLE = {"data": ["Expected a dictionary of items."]}


def list_products(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /api/v4/products/``, 100 a page unless asked otherwise."""
    products = memory.products_of[retailer.code]
    if (part_number := request.parameters.get("part_number")) is not None:
        found = memory.by_part_number.get((retailer.code, part_number))
        products = [found] if found else []
    return page(request, products, lambda product: row(memory, request, product), default_limit=100)


def get_product(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /api/v4/products/{id}/``."""
    product = find(memory, retailer, request)
    return json_response(row(memory, request, product)) if product else json_response(NOT_FOUND, 404)


def patch_product(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``PATCH /api/v4/products/{id}/``: named attributes change, the others stay; stock under the retailer's field.

    One bad value refuses the whole call. An attribute that the model does not have is dropped in silence.
    """
    product = find(memory, retailer, request)
    if product is None:
        return json_response(NOT_FOUND, 404)
    if product.locked_until > memory.clock():
        return json_response(PUBLISHING, 409)
    changes = body.get("data", {})
    if not isinstance(changes, dict):
        return json_response(NOT_WHOLE, 400)
    quantity = read_quantity(changes[retailer.stock_field]) if retailer.stock_field in changes else None
    if isinstance(quantity, str):
        return json_response({retailer.stock_field: [quantity]}, 400)
    model = memory.models[retailer.code].attributes(product.category)
    sent = attributes.read(model, changes, memory.settings.reformat)
    note(request, product, product.data, sent)
    if sent.errors:
        return attributes.refused(sent.errors, memory.settings.data_error_form)
    _take(memory, product, sent, quantity, body, request)
    return json_response(row(memory, request, product))


def _take(
    memory: Memory, product: Product, sent: attributes.Sent, quantity: int | None, body: Any, request: Request,
) -> None:
    date = body.get("back_in_stock_date", product.back_in_stock_date)
    request.note.changed = bool(request.note.detail["attributes"]) or date != product.back_in_stock_date
    product.data.update(sent.values)
    product.back_in_stock_date = date
    if quantity is not None:
        put_quantity(memory, product, quantity, request)


def set_stock(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``PATCH /api/v4/products/{id}/stock``: always ``supplier_free_stock``, whatever the retailer calls it."""
    product = find(memory, retailer, request)
    if product is None:
        return json_response(NOT_FOUND, 404)
    if "supplier_free_stock" not in body:
        return json_response({"supplier_free_stock": ["This field is required."]}, 400)
    quantity = read_quantity(body["supplier_free_stock"])
    if isinstance(quantity, str):
        return json_response({"supplier_free_stock": [quantity]}, 400)
    if product.locked_until > memory.clock():
        return json_response(PUBLISHING, 409)
    put_quantity(memory, product, quantity, request)
    return Response(200)


def find(memory: Memory, retailer: Retailer, request: Request) -> Product | None:
    """The product that the address names, if the caller may see it."""
    product = memory.products.get(request.memory["id"])
    request.note.subject = str(request.memory["id"])
    return product if product and product.listing.retailer == retailer.code else None


def note(request: Request, product: Product, before: dict[str, str], sent: attributes.Sent) -> None:
    """Tells the journal which attributes a call changes, which it need not have sent, and which came to nothing."""
    changed = {name: {"before": before.get(name, ""), "after": text} for name, text in sent.values.items()
               if text != before.get(name, "")}
    request.note.detail = _identity(product) | {
        "attributes": {} if sent.errors else changed, "unchanged": sorted(sent.values.keys() - changed.keys()),
        "ignored": sent.ignored, "refused": sent.errors,
    }


def put_quantity(memory: Memory, product: Product, quantity: int, request: Request) -> None:
    """Sets the stock, and tells the journal."""
    request.note.changed = request.note.changed or quantity != product.quantity
    request.note.detail |= _identity(product) | {"before": product.quantity, "after": quantity}
    product.quantity = quantity
    product.data["stock_updated_at"] = memory.now().isoformat()


def _identity(product: Product) -> dict[str, Any]:
    listing = product.listing
    return {"retailer": listing.retailer, "part_number": listing.part_number, "sku": listing.sku}


def read_quantity(value: object) -> int | str:
    """The quantity, or what the framework says against it."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return "A valid integer is required."
    return value if value >= 0 else "Ensure this value is greater than or equal to 0."


def shown_data(memory: Memory, product: Product) -> dict[str, str]:
    """Every attribute of the model, as text; what was never sent is empty."""
    retailer = memory.retailers[product.listing.retailer]
    model = memory.models[retailer.code].attributes(product.category)
    data = {name: product.data.get(name, "") for name in model}
    if retailer.stock_readable:
        data[retailer.stock_field] = "" if product.quantity is None else str(product.quantity)
    return data


def row(memory: Memory, request: Request, product: Product) -> dict[str, Any]:
    """A product as the API shows it."""
    listing = product.listing
    retailer = memory.retailers[listing.retailer]
    family, echo = f"{base(request)}/api/v4", echo_format(request)
    return {
        "url": f"{family}/products/{listing.id}/{echo}",
        "part_number": listing.part_number,
        "category": f"{family}/categories/{product.category}/{echo}",
        "client": f"{family}/clients/{retailer.client_id}/{echo}",
        "supplier": f"{family}/suppliers/{SUPPLIER_ID_IN_PRODUCTS}/{echo}",
        "data": shown_data(memory, product),
        "back_in_stock_date": product.back_in_stock_date,
    }
