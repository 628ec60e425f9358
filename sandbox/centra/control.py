"""What people do in Centra can be done here: count stock, buy, cancel, ship, edit the catalogue, and look."""

import random
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.centra import ordering, shipping, stock
from sandbox.centra.clock import now
from sandbox.centra.model import ProductSize, Warehouse
from sandbox.centra.ordering import Draft, NotPossible, Wanted
from sandbox.centra.sales import Address, Order, Shipment
from sandbox.centra.world import World
from sandbox.http import Request, Response, json_response
from sandbox.seed import MARKETPLACES_MARKET_ID, OWN_SHOP_MARKET_ID, PRICELIST_ID

CARRIERS = (
    ("Royal Mail", "Tracked 24"), ("Royal Mail", "Tracked 48"), ("DPD", "Next Day"), ("Evri", "Standard"),
    ("DX", "Two Day"), ("UPS", "Standard"),
)

Body = dict[str, Any]


class Control:
    """The verbs under ``/_control``; a thing that Centra would not let a person do is answered with 409."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = random.Random(1)
        self._verbs: dict[tuple[str, str], Callable[[Body], Any]] = {
            ("POST", "stock"): self._set_stock, ("POST", "buy"): self._buy, ("POST", "ship"): self._ship,
            ("POST", "ship_due"): self._ship_due, ("POST", "cancel"): self._cancel, ("POST", "edit"): self._edit,
            ("POST", "tracking"): self._tracking, ("POST", "hold"): self._hold,
            ("GET", "state"): self._state, ("GET", "stock"): self._stock, ("GET", "oversold"): self._oversold,
            ("PUT", "settings"): self._settings,
        }

    def answer(self, request: Request) -> Response | None:
        """Carries out a verb; None when there is no such verb.

        :raises KeyError: something named in the body does not exist.
        :raises ValueError: the body is malformed.
        """
        verb = self._verbs.get((request.method, request.path.removeprefix("/_control/").strip("/")))
        if verb is None:
            return None
        body = request.json() if request.body else {}
        with self._world.lock:
            try:
                answer = verb(body)
            except NotPossible as refusal:
                return json_response({"error": str(refusal)}, 409)
            return json_response(answer)

    def _size(self, sku: str) -> ProductSize:
        return self._world.catalogue.by_sku[sku]

    def _set_stock(self, body: Body) -> Any:
        """``{sku, quantity | delta, warehouse?}`` or ``{changes: [...]}``: physical stock, never below what is held."""
        houses = self._world.catalogue.warehouses
        changed = 0
        for item in body.get("changes", [body]):
            house: Warehouse = houses[item["warehouse"]] if item.get("warehouse") else next(iter(houses.values()))
            level = stock.level_of(self._size(item["sku"]), house)
            delta = int(item["delta"]) if "delta" in item else int(item["quantity"]) - level.physical_quantity
            changed += stock.move(self._world, [(level, delta)], "STOCK_CHANGE", "Counted") is not None
        return {"changed": changed}

    def _buy(self, body: Body) -> Any:
        """``{sku, quantity}``: somebody buys in the merchant's own shop."""
        size, quantity = self._size(body["sku"]), int(body.get("quantity", 1))
        world = self._world
        market = world.catalogue.markets[OWN_SHOP_MARKET_ID]
        rule = world.catalogue.rule_of(market)
        if not size.sellable or (not size.preorder and stock.free(size, rule.warehouses) < quantity):
            raise NotPossible(f"{size.sku} cannot be bought")
        pricelist = world.catalogue.pricelists[PRICELIST_ID]
        home = Address(market.assigned_to_countries[0], "Own", "Shop", "1 High Street", email="shop@example.com")
        price = size.product_variant.price or Decimal(0)
        draft = Draft(
            market, pricelist, rule, pricelist.default_shipping_option, home, home,
            [Wanted(size, quantity, price, price)],
        )
        order = ordering.build(world, draft, world.next_order_number())
        ordering.place(world, order)
        if order.status == "PENDING":
            ordering.confirm(world, order)
        return {"order": order.number}

    def _ship(self, body: Body) -> Any:
        """``{order, lines?: {line id: units}, carrier, service, tracking, missing?}``: packs, marks paid, sends."""
        order = self._world.orders[int(body["order"])]
        open_lines = {line.id: line.open_quantity - line.backordered for line in order.lines}
        wanted = {int(line): int(units) for line, units in (body.get("lines") or open_lines).items() if int(units)}
        if order.status not in ("CONFIRMED", "PROCESSING") or order.is_on_hold or not wanted:
            raise NotPossible(f"Order {order.number} cannot be shipped in status {order.status}")
        if any(units > open_lines.get(line, 0) for line, units in wanted.items()):
            raise NotPossible(f"Order {order.number} has fewer units to ship")
        missing = set(body.get("missing") or [])
        shipment = shipping.create(self._world, order, wanted, good_to_go=True, paid=True)
        if "carrier" not in missing:
            shipping.set_info(
                shipment, carrier=body.get("carrier", "Royal Mail"), service=body.get("service", "Tracked 24")
            )
        if "tracking" not in missing:
            shipping.set_info(shipment, tracking=body.get("tracking", self._tracking_number()))
        self._send(shipment)
        return {"shipment": shipment.id, "number": shipment.number}

    def _tracking_number(self) -> str:
        return f"GB{self._random.randrange(10**9, 10**10)}"

    def _send(self, shipment: Shipment) -> None:
        shipping.complete(self._world, shipment)
        ordering.settle(self._world, shipment.order)

    def _ship_due(self, body: Body) -> Any:
        """``{seconds}``: ships what was confirmed for a marketplace longer ago than that and is all in stock."""
        before = now() - timedelta(seconds=float(body.get("seconds", 0)))
        shipped = []
        for order in self._world.orders.values():
            due = order.status == "CONFIRMED" and order.confirmed_at is not None and order.confirmed_at <= before
            if due and order.market.id == MARKETPLACES_MARKET_ID and not order.is_on_hold:
                for line in order.lines:
                    stock.allocate_demand(self._world, line)
                if any(line.backordered for line in order.lines):
                    continue
                carrier, service = self._random.choice(CARRIERS)
                shipped.append(self._ship({"order": order.number, "carrier": carrier, "service": service}))
        return {"shipments": shipped}

    def _cancel(self, body: Body) -> Any:
        """``{order, lines?: {line id: units}}``: staff cancel units, or the whole order; goods go back to stock."""
        order = self._world.orders[int(body["order"])]
        release = "release_items_back_to_warehouse"
        if not body.get("lines"):
            ordering.cancel(self._world, order, release, None, None)
        else:
            for line_id, units in body["lines"].items():
                ordering.cancel_line(self._world, self._world.order_lines[int(line_id)], int(units), release, None)
            ordering.settle(self._world, order)
        return {"status": order.status}

    def _hold(self, body: Body) -> Any:
        """``{order, hold, reason?}``: staff or a rule put an order on hold, or let it go."""
        order = self._world.orders[int(body["order"])]
        order.is_on_hold = bool(body.get("hold", True))
        order.order_hold_reason = body.get("reason") if order.is_on_hold else None
        order.is_waiting_for_payment = order.order_hold_reason == "WAITING_FOR_PAYMENT"
        ordering.touch(self._world, order)
        return {"hold": order.is_on_hold}

    def _tracking(self, body: Body) -> Any:
        """``{shipment, tracking?, carrier?, service?}``: staff correct a shipment after it was sent."""
        shipment = self._world.shipments[int(body["shipment"])]
        shipping.set_info(
            shipment, carrier=body.get("carrier"), service=body.get("service"), tracking=body.get("tracking")
        )
        shipping.touch(self._world, shipment)
        return {"number": shipment.number}

    def _edit(self, body: Body) -> Any:
        """``{sku, active?, price?, stock_offset?, ean?}``: staff edit the catalogue."""
        size, world = self._size(body["sku"]), self._world
        variant = size.product_variant
        if "ean" in body or "active" in body:
            world.catalogue.by_ean.pop(size.ean, None)
            size.ean = str(body.get("ean", size.ean))
            world.catalogue.by_ean[size.ean] = size
            size.is_active = bool(body.get("active", size.is_active))
            size.updated_at = now()
            world.changed("ProductSize", "UPDATED", size.id)
        if "stock_offset" in body:
            variant.stock_offset = int(body["stock_offset"])
            variant.updated_at = now()
            world.changed("ProductVariant", "UPDATED", variant.id)
        if "price" in body:
            variant.price = None if body["price"] is None else Decimal(str(body["price"]))
            world.changed("Price", "UPDATED", variant.id * 100 + PRICELIST_ID)
        world.webhooks.notify_display_item(variant.display_item_id)
        return {"variant": variant.id}

    def _state(self, _body: Body) -> Any:
        world = self._world
        finished = [order for order in world.orders.values() if order.status != "INCOMPLETE"]
        return {
            "orders": {order.number: self._order_state(order) for order in finished},
            "incomplete": [order.number for order in world.orders.values() if order.status == "INCOMPLETE"],
            "unconfirmed_events": sum(len(queue) for queue in world.events.queues.values()),
            "webhooks": {"sent": world.webhooks.sent, "failed": world.webhooks.failed, "lost": world.webhooks.lost},
        }

    def _order_state(self, order: Order) -> Body:
        conversions = self._world.conversions
        names = (
            conversions.external(token.integration_name, "Order", order.number)
            for token in self._world.options.tokens.values()
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
            "lines": [
                {"id": line.id, "sku": line.product_size.sku, "quantity": line.quantity, "comment": line.comment,
                 "cancelled": line.cancelled_quantity, "shipped": line.shipped_quantity, "price": f"{line.price:.2f}",
                 "backordered": line.backordered}
                for line in order.lines
            ],
            "shipments": [self._shipment_state(shipment) for shipment in order.shipments],
        }

    @staticmethod
    def _shipment_state(shipment: Shipment) -> Body:
        carrier = shipment.carrier_information
        return {
            "id": shipment.id, "number": shipment.number, "shipped": shipment.is_shipped,
            "tracking": shipment.tracking_number, "carrier": carrier.carrier_name if carrier else None,
            "service": carrier.service_name if carrier else None,
            "lines": {line.order_line.id: line.quantity for line in shipment.lines},
        }

    def _stock(self, _body: Body) -> Any:
        market = self._world.catalogue.markets[MARKETPLACES_MARKET_ID]
        houses = self._world.catalogue.rule_of(market).warehouses
        return {size.sku: stock.publishable(size, houses) for size in self._world.catalogue.sizes.values()}

    def _oversold(self, _body: Body) -> Any:
        by_sku: dict[str, int] = {}
        for (_reference, sku), units in self._world.unmet.items():
            by_sku[sku] = by_sku.get(sku, 0) + units
        return {"units": sum(by_sku.values()), "by_sku": by_sku}

    def _settings(self, body: Body) -> Any:
        """Changes options; answers with all that are not secret."""
        options = self._world.options
        options.change(body)
        return {option.name: getattr(options, option.name) for option in fields(options) if option.repr}
