"""Some retailers let their suppliers create products; a product that is deleted is hidden from then on.

Virtualstock API docs: Products, create a product, delete a product.
"""

import re
from decimal import Decimal
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import SUPPLIER_ID_IN_PRODUCTS, Listing, Retailer
from sandbox.virtualstock import attributes
from sandbox.virtualstock.fields import REQUIRED
from sandbox.virtualstock.listing_data import TITLES
from sandbox.virtualstock.models import BLANK
from sandbox.virtualstock.products import NOT_FOUND, NOT_WHOLE, find, note, put_quantity, read_quantity, row
from sandbox.virtualstock.state import Memory

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
TAKEN = "product with this part number already exists."
_REQUIRED = ("part_number", "category", "client", "supplier", "data")
_NO_PRICE = Decimal("50.00")


def create_product(memory: Memory, retailer: Retailer, request: Request, body: Any) -> Response:
    """``POST /api/v4/products/``: 201 with the product, 403 where the retailer creates its products itself."""
    if retailer.code not in memory.settings.may_create:
        return json_response(FORBIDDEN, 403)
    part_number = str(body.get("part_number") or "")
    request.note.subject = part_number or None
    request.note.detail = {"retailer": retailer.code, "part_number": part_number}
    category, errors = _checked(memory, retailer, body)
    if errors or category is None:
        return json_response(errors, 400)
    data = body["data"]
    if not isinstance(data, dict):
        return json_response(NOT_WHOLE, 400)
    quantity = read_quantity(data[retailer.stock_field]) if retailer.stock_field in data else None
    if isinstance(quantity, str):
        return json_response({retailer.stock_field: [quantity]}, 400)
    model = memory.models[retailer.code].attributes(category)
    sent = attributes.read(model, data, memory.settings.reformat, complete=True)
    if sent.errors:
        return attributes.refused(sent.errors, memory.settings.data_error_form)
    product = memory.add(_listing(memory, retailer, part_number, sent.values), category, dict(sent.values))
    product.back_in_stock_date = body.get("back_in_stock_date")
    product.locked_until = memory.clock() + memory.settings.publish_after_create
    note(request, product, {}, sent)
    request.note.changed = True
    if quantity is not None:
        put_quantity(memory, product, quantity, request)
    return json_response(row(memory, request, product), 201)


def delete_product(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``DELETE /api/v4/products/{id}``: 204, and nobody finds it any more."""
    product = find(memory, retailer, request)
    if product is None:
        return json_response(NOT_FOUND, 404)
    note(request, product, {}, attributes.Sent())
    request.note.changed = True
    memory.remove(product)
    return Response(204)


def _checked(memory: Memory, retailer: Retailer, body: dict[str, Any]) -> tuple[int | None, dict[str, list[str]]]:
    """The category, and what is wrong with everything beside ``data``."""
    errors = {name: [REQUIRED] for name in _REQUIRED if name not in body}
    part_number = str(body.get("part_number") or "")
    if "part_number" in body and not part_number.strip():
        errors["part_number"] = [BLANK]
    elif (retailer.code, part_number) in memory.by_part_number:
        errors["part_number"] = [TAKEN]
    known = {"categories": memory.models[retailer.code].categories.keys(), "clients": {retailer.client_id},
             "suppliers": {SUPPLIER_ID_IN_PRODUCTS}}
    category = None
    for name, family in (("category", "categories"), ("client", "clients"), ("supplier", "suppliers")):
        if name not in body:
            continue
        match = re.search(rf"/api/v4/{family}/(\d+)/(\?.*)?$", str(body[name]))
        if match is None:
            errors[name] = ["Invalid hyperlink - No URL match."]
        elif int(match[1]) not in known[family]:
            errors[name] = ["Invalid hyperlink - Object does not exist."]
        elif name == "category":
            category = int(match[1])
    return category, errors


def _listing(memory: Memory, retailer: Retailer, part_number: str, data: dict[str, str]) -> Listing:
    sku = data.get("tradedCode", "") if retailer.own_part_numbers else part_number
    ean = data.get("ean") or data.get("barcode") or ""
    price = data.get("price")
    return Listing(
        next(memory.product_ids), retailer.code, part_number, sku, ean, data.get(TITLES[retailer.code]) or part_number,
        Decimal(price) if price else _NO_PRICE,
    )
