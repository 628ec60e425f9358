"""What a credential can look up about the platform and its retailer: short lists that seldom change."""

from collections.abc import Callable

from sandbox.http import Request, Response, json_response
from sandbox.seed import CARRIERS, SUPPLIER_ID_IN_ORDERS, SUPPLIER_ID_IN_PRODUCTS, Retailer
from sandbox.virtualstock.paging import base, echo_format, page
from sandbox.virtualstock.state import Memory


def _customers(_memory: Memory, retailer: Retailer, request: Request) -> Response:
    return page(request, [retailer], lambda row: {
        "url": f"{base(request)}/restapi/v4/customers/{row.customer_id}/{echo_format(request)}",
        "id": row.customer_id, "name": row.name,
    }, default_limit=10)


def _suppliers(_memory: Memory, _retailer: Retailer, request: Request) -> Response:
    family = "/restapi/v4" if request.path.startswith("/restapi") else "/api/v4"
    supplier_id = SUPPLIER_ID_IN_ORDERS if family == "/restapi/v4" else SUPPLIER_ID_IN_PRODUCTS
    return page(request, [supplier_id], lambda row: {
        "url": f"{base(request)}{family}/suppliers/{row}/{echo_format(request)}",
        "id": row, "name": "Harrow & Fen Ltd", "account_id": "34926",
    }, default_limit=10)


def _carriers(_memory: Memory, _retailer: Retailer, _request: Request) -> Response:
    return json_response([{"id": number, "slug": slug, "name": name} for number, slug, name in CARRIERS])


def _named(request: Request, family: str, rows: list[tuple[int, str]]) -> Response:
    """Rows of a link and a name, which is all that is known of these lists."""
    return page(request, rows, lambda row: {
        "url": f"{base(request)}/api/v4/{family}/{row[0]}/{echo_format(request)}", "name": row[1],
    }, default_limit=10)


def _categories(memory: Memory, retailer: Retailer, request: Request) -> Response:
    categories = memory.models[retailer.code].categories
    return _named(request, "categories", [(number, category.name) for number, category in categories.items()])


def _clients(_memory: Memory, retailer: Retailer, request: Request) -> Response:
    return _named(request, "clients", [(retailer.client_id, retailer.name)])


def _channels(_memory: Memory, retailer: Retailer, request: Request) -> Response:
    return _named(request, "channels", [(retailer.customer_id, "Online")])


def _settings(_memory: Memory, _retailer: Retailer, request: Request) -> Response:
    return _named(request, "settings", [])


LISTS: dict[str, Callable[[Memory, Retailer, Request], Response]] = {
    "customers": _customers, "suppliers": _suppliers, "product_suppliers": _suppliers, "carriers": _carriers,
    "categories": _categories, "clients": _clients, "channels": _channels, "supplier_settings": _settings,
}
"""By the operation that the address stands for."""
