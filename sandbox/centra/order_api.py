"""``/api/order-api`` answers as Centra's Order API: HTTP 200 with ``status`` ok or no, 403 for what is not ticked.

Centra docs: Order API. A wrong key is not documented; here it is 401. Orders on hold or waiting for payment are
invisible, orders of a market that is not the plugin's cannot be changed.
"""

import re
from collections.abc import Callable
from typing import Any

from sandbox.centra import clock, order_intake, order_returns, order_views, stock
from sandbox.centra.ordering import append_comment, place, touch
from sandbox.centra.sales import NotPossible, Order, Shipment
from sandbox.centra.world import World
from sandbox.http import Request, Response, json_response

BASE = "/api/order-api"
_RETURN = re.compile(r"^/returns/(\d+)$")
_COMPLETE = re.compile(r"^/order/(\d+)$")
_ROUTES = {
    ("POST", "/order"): "order.create",
    ("POST", "/orders"): "orders.create",
    ("GET", "/orders"): "orders.list",
    ("PUT", "/orders"): "orders.update",
    ("GET", "/shipments"): "shipments.list",
    ("POST", "/return"): "return.create",
    ("GET", "/returns"): "returns.list",
    ("GET", "/products"): "products.list",
    ("GET", "/stock"): "stock.list",
    ("POST", "/stock"): "stock.update",
}
_SHIPMENTS: dict[str, Callable[[Shipment], bool]] = {
    "goodtogo": lambda shipment: shipment.is_good_to_go and not shipment.is_shipped,
    "inprogress": lambda shipment: not shipment.is_shipped,
    "completed": lambda shipment: shipment.is_shipped,
}

Answer = dict[str, Any]


def _no(message: str, **more: Any) -> Answer:
    return {"status": "no", "msg": message, **more}


class OrderApi:
    """The Order API plugin of one instance."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._work: dict[str, Callable[[Request], Answer]] = {
            "order.create": self._create, "orders.create": self._create_many, "order.complete": self._complete,
            "orders.list": self._orders, "orders.update": self._update, "shipments.list": self._shipments,
            "return.create": lambda request: order_returns.create(world, request.json()),
            "returns.list": lambda request: order_returns.listed(world, request.parameters),
            "return.update": self._update_return, "products.list": self._products, "stock.list": self._stock,
            "stock.update": self._set_stock,
        }

    def operation(self, request: Request) -> str | None:
        """What the call asks for, e.g. ``order.create``."""
        path = request.path.removeprefix(BASE).rstrip("/")
        if request.method == "POST" and _COMPLETE.match(path):
            return "order.complete"
        if request.method == "PUT" and _RETURN.match(path):
            return "return.update"
        return _ROUTES.get((request.method, path))

    def answer(self, request: Request) -> Response:
        """Carries one call out, all of it or nothing."""
        if request.headers.get("api-authorization") != self._world.options.order_api_key:
            return json_response(_no("Unauthorized"), 401)
        operation = self.operation(request)
        if operation is None or operation in self._world.options.denied_endpoints:
            return json_response({"status": "Not Allowed"}, 403)
        with self._world.lock:
            before = self._world.revision
            try:
                answer = self._work[operation](request)
            except NotPossible as refusal:
                answer = _no(str(refusal))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                answer = _no(f"Malformed request: {type(error).__name__}", code=-7)
            request.note.changed = self._world.revision != before
        request.note.detail |= {"outcome": answer.get("status"), "code": answer.get("code")}
        return json_response(answer)

    def _create(self, request: Request) -> Answer:
        return self._create_one(request, request.json())

    def _create_many(self, request: Request) -> Answer:
        return {str(key): self._create_one(request, body) for key, body in request.json().items()}

    def _create_one(self, request: Request, body: Any) -> Answer:
        try:
            posted = order_intake.read(self._world, body)
            orders = order_intake.create(self._world, posted)
        except order_intake.Rejected as rejection:
            return _no(str(rejection), code=rejection.code)
        request.note.subject = str(orders[0].number)
        request.note.detail["reference"] = posted.draft.reference
        request.note.detail["orders"] = [order.number for order in orders]
        if posted.create_only:
            return {"status": "ok", "order": orders[0].number}
        return {"status": "ok", "orders": [order.number for order in orders]}

    def _complete(self, request: Request) -> Answer:
        match = _COMPLETE.match(request.path.removeprefix(BASE).rstrip("/"))
        number = int(match[1]) if match else 0
        order = self._world.orders.get(number)
        request.note.subject = str(number)
        if order is None or order.status == "CANCELLED":
            return _no("order not found")
        body = request.json() if request.body else {}
        try:
            entries = order_intake.payments(body.get("payment") or {})
            order_date = order_intake.date(self._world, body.get("orderDate"))
        except order_intake.Rejected as rejection:
            return _no(str(rejection))
        order_intake.pay(self._world, order, entries)
        self._comment(order, body)
        order.order_date = order_date or order.order_date
        order.delivery_date = body.get("deliveryDate", order.delivery_date)
        order.cancel_date = body.get("cancelDate", order.cancel_date)
        if order.status == "INCOMPLETE":
            place(self._world, order)
        return {"orders": [str(number)], "status": "ok"}

    def _comment(self, order: Order, body: dict[str, Any]) -> None:
        if body.get("internalComment"):
            if body.get("replaceInternalComment"):
                order.internal_comment = ""
            append_comment(order, str(body["internalComment"]))
            self._world.revision += 1
        if body.get("comment"):
            present = "" if body.get("replaceComment") else order.other_comment
            order.other_comment = f"{present}\n{body['comment']}".strip()
            self._world.revision += 1

    def _visible(self) -> list[Order]:
        allowed = self._world.options.order_api_markets
        return [
            order for order in sorted(self._world.orders.values(), key=lambda order: order.number)
            if order.status != "INCOMPLETE" and not order.is_on_hold and not order.is_waiting_for_payment
            and (allowed is None or order.market.id in allowed)
        ]

    def _within(self, request: Request, items: list[Any], attribute: str) -> list[Any]:
        parameters, zone = request.parameters, self._world.options.zone
        for name, keep in (("newer_than", 1), ("older_than", -1)):
            if parameters.get(name):
                bound = clock.parse(parameters[name], zone)
                items = [item for item in items if (getattr(item, attribute) >= bound) == (keep > 0)]
        start = int(parameters.get("offset", 0))
        return items[start:start + int(parameters.get("limit", 20))]

    def _orders(self, request: Request) -> Answer:
        wanted = request.parameters.get("order")
        found = [order for order in self._visible() if wanted is None or str(order.number) == wanted]
        zone = self._world.options.zone
        return {
            "status": "ok",
            "orders": [order_views.order(order, zone) for order in self._within(request, found, "order_date")],
        }

    def _shipments(self, request: Request) -> Answer:
        test = _SHIPMENTS.get(request.parameters.get("status", "goodtogo"))
        if test is None:
            return _no("unknown status")
        wanted = request.parameters.get("order")
        found = [
            shipment for order in self._visible() if wanted in (None, str(order.number))
            for shipment in order.shipments if test(shipment)
        ]
        zone = self._world.options.zone
        found.sort(key=lambda shipment: shipment.id)
        chosen = self._within(request, found, "created_at")
        return {"status": "ok", "shipments": [order_views.shipment(shipment, zone) for shipment in chosen]}

    def _update(self, request: Request) -> Answer:
        body = request.json()
        number = int(body["order"])
        request.note.subject = str(number)
        order = self._world.orders.get(number)
        if order is None or order.is_on_hold or order.is_waiting_for_payment:
            return _no("order not found", order=number)
        allowed = self._world.options.order_api_markets
        if allowed is not None and order.market.id not in allowed:
            return _no("order in wrong market", order=number)
        self._comment(order, body)
        order.attributes |= {str(name): str(value) for name, value in (body.get("extraAttributes") or {}).items()}
        touch(self._world, order)
        return {"status": "ok", "order": number}

    def _update_return(self, request: Request) -> Answer:
        number = int(request.path.rstrip("/").rpartition("/")[2])
        request.note.subject = str(number)
        return order_returns.update(self._world, number, request.json())

    def _rows(self, request: Request, view: Callable[[Any], Answer], default_limit: int) -> Answer:
        wanted = request.parameters
        sizes = list(self._world.catalogue.sizes.values())
        for name, attribute in (("sku", "sku"), ("ean", "ean"), ("stockItemId", "id")):
            if wanted.get(name):
                sizes = [size for size in sizes if str(getattr(size, attribute)) == wanted[name]]
        limit, page = int(wanted.get("limit", default_limit)), int(wanted.get("page", 1))
        chosen = sizes[(page - 1) * limit:page * limit]
        answer: Answer = {"status": "ok", "products": [view(size) for size in chosen]}
        if page > 1:
            answer["previous"] = f"?limit={limit}&page={page - 1}"
        if page * limit < len(sizes):
            answer["next"] = f"?limit={limit}&page={page + 1}"
        return answer

    def _products(self, request: Request) -> Answer:
        pricelists = list(self._world.catalogue.pricelists.values())
        return self._rows(request, lambda size: order_views.product(size, pricelists), 100)

    def _stock(self, request: Request) -> Answer:
        return self._rows(request, order_views.stock, 100)

    def _set_stock(self, request: Request) -> Answer:
        primary = next(iter(self._world.catalogue.warehouses.values()))
        unknown = []
        for item in request.json()["products"]:
            size = self._world.catalogue.size(str(item["product"]))
            if size is None:
                unknown.append(item["product"])
                continue
            level = stock.level_of(size, primary)
            delta = int(item["quantity"]) - level.physical_quantity
            stock.move(self._world, [(level, delta)], "STOCK_SET", "Order API")
        if unknown:
            return _no("Some of the products were not updated", errors={"productsNotFound": unknown})
        return {"status": "ok"}
