"""What a retailer's staff do with products and their data model can be done here, and everybody can look."""

from collections.abc import Callable
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.virtualstock.products import shown_data
from sandbox.virtualstock.state import Memory, Product


def publish(memory: Memory, request: Request) -> Response:
    """``{products: [id] | retailer, sku, seconds?}``: the products cannot be updated for so long; 60 seconds."""
    body = request.json()
    until = memory.clock() + float(body.get("seconds", 60))
    chosen = [memory.products[number] for number in body["products"]] if "products" in body else [_named(memory, body)]
    for product in chosen:
        product.locked_until = until
    return json_response({"until": until})


def change_model(memory: Memory, request: Request) -> Response:
    """``{retailer, attribute, category?, remove?, type?, required?, longest?, choices?, least?, most?, made_here?}``.

    An attribute that is new is added. Products keep what they hold, even where it breaks the changed rule.
    """
    body = request.json()
    return json_response(memory.models[body.pop("retailer")].change(body))


def show_model(memory: Memory, request: Request) -> Response:
    """``?retailer=``: the rules for all its products, and those of each category."""
    model = memory.models[request.parameters["retailer"]]
    return json_response({
        "common": {name: attribute.shown() for name, attribute in model.common.items()},
        "categories": {str(number): {"name": category.name, "attributes": {
            name: attribute.shown() for name, attribute in category.attributes.items()
        }} for number, category in model.categories.items()},
    })


def edit_product(memory: Memory, request: Request) -> Response:
    """``{retailer, sku, data?, category?}``: staff may write anything that the model has, right or wrong."""
    body = request.json()
    product = _named(memory, body)
    model = memory.models[product.listing.retailer]
    category = int(body.get("category", product.category))
    if unknown := body.get("data", {}).keys() - model.attributes(category).keys():
        raise ValueError(f"the model has no {sorted(unknown)}")
    product.category = category
    product.data.update({name: str(value) for name, value in body.get("data", {}).items()})
    return json_response(shown_data(memory, product))


def remove_product(memory: Memory, request: Request) -> Response:
    """``{retailer, sku}``: the retailer lists it no longer."""
    product = _named(memory, request.json())
    memory.remove(product)
    return json_response({"id": product.listing.id})


def show_products(memory: Memory, request: Request) -> Response:
    """``?retailer=``: what it shows of each SKU; without it, of all retailers."""
    retailer = request.parameters.get("retailer")
    if retailer is not None:
        return json_response(_shown(memory, retailer))
    return json_response({code: _shown(memory, code) for code in memory.retailers})


VERBS: dict[tuple[str, str], Callable[[Memory, Request], Response]] = {
    ("POST", "publish"): publish, ("POST", "model"): change_model, ("GET", "model"): show_model,
    ("POST", "product_edit"): edit_product, ("POST", "product_remove"): remove_product,
    ("GET", "products"): show_products,
}
"""By method and path below ``/_control``."""


def _named(memory: Memory, body: dict[str, Any]) -> Product:
    return memory.by_sku[body["retailer"], body["sku"]]


def _shown(memory: Memory, retailer: str) -> dict[str, Any]:
    return {product.listing.sku: shown_data(memory, product) for product in memory.products_of[retailer]}
