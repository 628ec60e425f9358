"""The supplier's side of Virtualstock's REST API is answered here: all URL families, as the real host would.

What is published is imitated exactly; what is not is Django REST framework's habit, the server's evident make.
"""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.http import HTML_PAGE, Request, Response, json_response
from sandbox.seed import Retailer, Seed
from sandbox.settings import SandboxSettings
from sandbox.virtualstock import creation, invoices, orders, products, returns_list, v3
from sandbox.virtualstock.access import Access, Denied, throttled
from sandbox.virtualstock.actions import act
from sandbox.virtualstock.control import control
from sandbox.virtualstock.fields import ACTION_FIELDS
from sandbox.virtualstock.lists import LISTS
from sandbox.virtualstock.state import Memory

_SESSION = {"set-cookie": "sessionid=5yq0sandbox; HttpOnly; Max-Age=14400; Path=/",
            "vary": "Accept,Accept-Language,Cookie", "content-language": "en-gb", "x-frame-options": "DENY"}
_NO_SUCH_PAGE = b"<!doctype html><title>Not Found</title><h1>Not Found</h1>"
_HTML = {"content-type": "text/html; charset=utf-8"}

_ROUTES: tuple[tuple[str, dict[str, str]], ...] = (
    (r"/restapi/v4/token", {"POST": "token"}),
    (r"/restapi/v4/token/refresh", {"POST": "token_refresh"}),
    (r"/restapi/v4/orders/", {"GET": "orders", "POST": "order_create"}),
    (r"/restapi/v4/orders/(\d+)/", {"GET": "order"}),
    *((rf"/restapi/v4/orders/(\d+)/{action}/", {"POST": action}) for action in (*ACTION_FIELDS, "cancel_request")),
    (r"/restapi/v3/orders/", {"GET": "orders_v3"}),
    (r"/restapi/v3/orders/(\d+)/", {"GET": "order_v3"}),
    *((rf"/api/v3/orders/(\d+)/{action}/", {"POST": action}) for action in ACTION_FIELDS),
    (r"/restapi/v4/returns/", {"GET": "returns"}),
    (r"/api/v4/invoices/", {"POST": "invoice"}),
    (r"/restapi/v4/customers/", {"GET": "customers"}),
    (r"/restapi/v4/suppliers/", {"GET": "suppliers"}),
    (r"/restapi/v4/order-tracking-carriers/", {"GET": "carriers"}),
    (r"/api/v4/products/", {"GET": "products", "POST": "product_create"}),
    (r"/api/v4/products/(\d+)/", {"GET": "product", "PATCH": "product_patch"}),
    (r"/api/v4/products/(\d+)", {"DELETE": "product_delete"}),
    (r"/api/v4/products/(\d+)/stock", {"PATCH": "stock"}),
    (r"/api/v4/categories/", {"GET": "categories"}),
    (r"/api/v4/clients/", {"GET": "clients"}),
    (r"/api/v4/channels/", {"GET": "channels"}),
    (r"/api/v4/settings/", {"GET": "supplier_settings"}),
    (r"/api/v4/suppliers/", {"GET": "product_suppliers"}),
)
ROUTES = tuple((re.compile(pattern), methods) for pattern, methods in _ROUTES)


MEDIA_URL = f"http://127.0.0.1:{SandboxSettings.centra_port}"
"""Where the shop's images are taken to lie unless somebody knows better."""


class VirtualstockTwin:
    """One Virtualstock with three retailers, each behind its own credential."""

    name = "virtualstock"

    def __init__(self, seed: Seed, clock: Callable[[], float] = time.time, media_url: str = MEDIA_URL) -> None:
        self.memory = Memory(seed, clock, media_url)
        self._access = Access(self.memory)
        self._lock = threading.Lock()

    def operation(self, request: Request) -> str | None:
        """The action or listing asked for, by method and path."""
        methods = _route(request, request.path)
        request.memory["methods"] = methods
        return methods.get(request.method) if methods else None

    def answer(self, request: Request) -> Response:
        """Finds the address, lets the caller in, carries the call out."""
        methods = request.memory["methods"]
        # The address that deletes a product has no slash; read or patched, it is the one that lacks its slash.
        if methods is None or (request.method not in methods and _route(request, request.path + "/")):
            return self._no_address(request)
        with self._lock:
            try:
                return self._answer(request, methods)
            except Denied as denied:
                return denied.response

    def control(self, request: Request) -> Response | None:
        """The verbs of `sandbox.virtualstock.control`."""
        with self._lock:
            return control(self.memory, request)

    def throttled(self, request: Request, seconds: float) -> Response:  # noqa: ARG002 - one form for every call
        """The platform's 429."""
        return throttled(seconds)

    def _answer(self, request: Request, methods: dict[str, str]) -> Response:
        operation = methods.get(request.method)
        if operation in ("token", "token_refresh"):
            body, problem = _body(request)
            if problem:
                return problem
            return self._access.log_in(body) if operation == "token" else self._access.refresh(body)
        retailer = self.memory.retailers[self._access.caller(request).code]
        self._access.count(retailer)
        if operation is None:
            return _not_allowed(request, methods)
        if request.method == "GET" and _wants_a_page(request):
            return Response(200, HTML_PAGE, dict(_HTML))
        response = self._carry_out(request, operation, retailer)
        response.headers |= _SESSION | {"allow": ", ".join((*methods, "HEAD", "OPTIONS"))}
        return response

    def _carry_out(self, request: Request, operation: str, retailer: Retailer) -> Response:
        memory = self.memory
        if operation in ("cancel_request", "order_create"):
            return json_response(creation.FORBIDDEN, 403)
        if operation in ("order_v3", "orders_v3") and not memory.settings.v3_available:
            return Response(404, _NO_SUCH_PAGE, dict(_HTML))
        if request.method == "GET":
            return _READS[operation](memory, retailer, request)
        if operation == "product_delete":
            return creation.delete_product(memory, retailer, request)
        body, problem = _body(request)
        if problem:
            return problem
        if operation in _WRITES:
            return _WRITES[operation](memory, retailer, request, body)
        return act(memory, retailer, request, operation, body)

    def _no_address(self, request: Request) -> Response:
        """Without its slash an address redirects when read and refuses when written to."""
        if not request.path.endswith("/") and _route(request, request.path + "/"):
            if request.method in ("GET", "HEAD"):
                query = f"?{request.query}" if request.query else ""
                return Response(301, b"", {"location": f"{request.path}/{query}"})
            return _not_allowed(request, {"GET": ""})
        return Response(404, _NO_SUCH_PAGE, dict(_HTML))


_READS: dict[str, Callable[[Memory, Retailer, Request], Response]] = {
    "orders": orders.list_orders, "order": orders.get_order, "orders_v3": v3.list_orders, "order_v3": v3.get_order,
    "returns": returns_list.list_returns, "products": products.list_products, "product": products.get_product, **LISTS,
}
_WRITES: dict[str, Callable[[Memory, Retailer, Request, Any], Response]] = {
    "invoice": invoices.create, "stock": products.set_stock, "product_patch": products.patch_product,
    "product_create": creation.create_product,
}


def _route(request: Request, path: str) -> dict[str, str] | None:
    for pattern, methods in ROUTES:
        if (match := pattern.fullmatch(path)) is not None:
            request.memory["id"] = int(match[1]) if match.re.groups else None
            return methods
    return None


def _wants_a_page(request: Request) -> bool:
    """A browser gets HTML unless it says ``?format=json``."""
    return "text/html" in request.headers.get("accept", "") and request.parameters.get("format") != "json"


def _body(request: Request) -> tuple[Any, Response | None]:
    """The JSON object sent, or the answer to something else."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("application/json"):
        return None, json_response({"detail": f'Unsupported media type "{kind}" in request.'}, 415)
    try:
        body = request.json()
    except ValueError as error:
        return None, json_response({"detail": f"JSON parse error - {error}"}, 400)
    if not isinstance(body, dict):
        sentence = f"Invalid data. Expected a dictionary, but got {type(body).__name__}."
        return None, json_response({"non_field_errors": [sentence]}, 400)
    return body, None


def _not_allowed(request: Request, methods: dict[str, str]) -> Response:
    return json_response({"detail": f'Method "{request.method}" not allowed.'}, 405,
                         allow=", ".join((*methods, "HEAD", "OPTIONS")))
