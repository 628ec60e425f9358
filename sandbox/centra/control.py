"""What people do in Centra can be done here: count stock, buy, work on orders, edit the catalogue, and look."""

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from sandbox.centra import clock, content_views, control_views, ordering, stock
from sandbox.centra.control_catalogue import CatalogueDesk
from sandbox.centra.control_orders import OrderDesk
from sandbox.centra.model import ProductSize, Warehouse
from sandbox.centra.ordering import Draft, Wanted
from sandbox.centra.sales import Address, NotPossible
from sandbox.centra.world import World
from sandbox.http import Request, Response, json_response
from sandbox.seed import MARKETPLACES_MARKET_ID, OWN_SHOP_MARKET_ID, PRICELIST_ID

Body = dict[str, Any]


class Control:
    """The verbs under ``/_control``; a thing that Centra would not let a person do is answered with 409."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._verbs: dict[tuple[str, str], Callable[[Body], Any]] = {
            **{("POST", name): verb for name, verb in OrderDesk(world).verbs.items()},
            **{("POST", name): verb for name, verb in CatalogueDesk(world).verbs.items()},
            ("POST", "stock"): self._set_stock, ("POST", "buy"): self._buy,
            ("GET", "state"): lambda _body: control_views.state(world), ("GET", "stock"): self._stock,
            ("GET", "content"): lambda body: content_views.content(world, body["sku"]),
            ("GET", "oversold"): self._oversold, ("PUT", "settings"): self._settings, ("POST", "clock"): self._clock,
        }

    def answer(self, request: Request) -> Response | None:
        """Carries out a verb; None when there is no such verb.

        :raises KeyError: something named in the body does not exist.
        :raises ValueError: the body is malformed.
        """
        verb = self._verbs.get((request.method, request.path.removeprefix("/_control/").strip("/")))
        if verb is None:
            return None
        body = request.json() if request.body else dict(request.parameters)
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

    @staticmethod
    def _clock(body: Body) -> Any:
        """``{advance: seconds}``: time passes for every twin in this process."""
        return {"now": clock.advance(float(body.get("advance", 0))).isoformat()}
