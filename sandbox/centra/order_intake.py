"""An order posted to the Order API is checked as Centra checks it, and refused with its codes.

Centra docs: Order API, create order. Codes: -1 product cannot be added, -2 stock missing, -3 order empty, -4 required
field missing, -5 order number exists, -7 anything else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra import clock, stock
from sandbox.centra.catalogue import COUNTRIES
from sandbox.centra.model import Market, Money, Pricelist, ProductSize, rounded
from sandbox.centra.ordering import Draft, Wanted, build, place
from sandbox.centra.sales import Address, Order, Payment
from sandbox.centra.world import World

_STATUS = {0: "PENDING", 1: "SUCCESS", 2: "FAILED"}


class Rejected(Exception):
    """The Order API's ``status: no`` with one of its codes."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Entry:
    """One thing the caller says about money."""

    kind: str
    status: str
    amount: Decimal
    transaction: str | None
    method: str | None


@dataclass
class Posted:
    """A checked order: what to build, under which number, and whether to stop before placing it."""

    draft: Draft
    number: int | None
    create_only: bool
    payments: list[Entry] = field(default_factory=list)


def read(world: World, body: Any) -> Posted:
    """Checks everything about a posted order but its stock.

    :raises Rejected: with Centra's code.
    """
    if not isinstance(body, dict):
        raise Rejected(-7, "Order is not an object")
    if not body.get("products"):
        raise Rejected(-3, "Order is empty")
    billing, shipping_to = _addresses(body)
    number = body.get("orderNumber")
    if number is not None and int(number) in world.orders:
        raise Rejected(-5, f"Order number {number} already exists")
    market, pricelist = _market(world, body), _pricelist(world, body)
    lines = [_line(world, item, market) for item in body["products"]]
    draft = Draft(
        market, pricelist, _rule(world, body, market), _shipping(world, body, pricelist), shipping_to, billing, lines,
        shipping_value=_money(body, "shippingValue"), voucher_value=_voucher(world, body, lines),
        internal_comment=str(body.get("internalComment") or ""), comment=str(body.get("comment") or ""),
        order_date=date(world, body.get("orderDate")), delivery_date=body.get("deliveryDate"),
        cancel_date=body.get("cancelDate"), internal=_flag(body, "internalOrder", default=False),
        adjust_stock=_flag(body, "adjustStock", default=True), email=_flag(body, "sendEmail", default=True),
        payment_plugin=(body.get("payment") or {}).get("id"), reference=_reference(body),
        attributes={str(name): str(value) for name, value in (body.get("extraAttributes") or {}).items()},
    )
    if draft.adjust_stock and not _flag(body, "forceCreate", default=False):
        _check_stock(world, draft)
    wanted_number = int(number) if number is not None else None
    create_only = _flag(body, "createOnly", default=False)
    return Posted(draft, wanted_number, create_only, payments(body.get("payment") or {}))


def create(world: World, posted: Posted) -> list[Order]:
    """Stores the order, and places it unless it was only to be created; several when the shop splits orders."""
    orders: list[Order] = []
    for part in _parts(world, posted):
        number = posted.number if posted.number is not None and not orders else world.next_order_number()
        order = build(world, part, number)
        pay(world, order, posted.payments)
        orders.append(order)
    for order in orders:
        if not posted.create_only:
            place(world, order)
    return orders


def payments(given: dict[str, Any]) -> list[Entry]:
    """The ``auth`` and ``capture`` blocks of a posted payment.

    :raises Rejected: one lacks its status or amount.
    """
    entries = []
    for kind in ("auth", "capture"):
        block = given.get(kind)
        if not block:
            continue
        if block.get("status") is None or block.get("amount") is None:
            raise Rejected(-4, f"payment.{kind} needs status and amount")
        entries.append(Entry(
            kind.upper(), _STATUS.get(int(block["status"]), "PENDING"), _money(block, "amount"),
            block.get("transaction"), block.get("method"),
        ))
    return entries


def pay(world: World, order: Order, entries: list[Entry]) -> None:
    """Records what the caller says about money; nothing is collected."""
    for entry in entries:
        order.payment_history.append(Payment(
            world.next_id("payment"), clock.now(), entry.kind, entry.status, Money(entry.amount, order.currency),
            entry.transaction, entry.method,
        ))
        world.revision += 1


def _parts(world: World, posted: Posted) -> list[Draft]:
    draft = posted.draft
    if not world.options.split_orders or posted.create_only or len(draft.lines) < 2:
        return [draft]
    rest = {**vars(draft), "lines": draft.lines[1:], "shipping_value": Decimal(0), "voucher_value": Decimal(0)}
    return [Draft(**{**vars(draft), "lines": draft.lines[:1]}), Draft(**rest)]


def _addresses(body: dict[str, Any]) -> tuple[Address, Address]:
    billing = body.get("address") or body.get("invoiceAddress")
    shipping = body.get("address") or body.get("deliveryAddress")
    if not isinstance(billing, dict) or not isinstance(shipping, dict):
        raise Rejected(-4, "Address is required")
    if not billing.get("email"):
        raise Rejected(-4, "Email is required")
    return _address(billing), _address(shipping)


def _address(given: dict[str, Any]) -> Address:
    if not given.get("country"):
        raise Rejected(-4, "Country is required")
    country = next((country for country in COUNTRIES if country.code == given["country"]), None)
    if country is None:
        raise Rejected(-7, "Country is not known")
    return Address(
        country, given.get("firstName"), given.get("lastName"), given.get("address"), given.get("coaddress"),
        given.get("city"), given.get("zipcode"), given.get("state"), given.get("cell"), given.get("tele"),
        given.get("email"), given.get("attn"),
    )


def _market(world: World, body: dict[str, Any]) -> Market:
    wanted = body.get("marketId", body.get("market"))
    for market in world.catalogue.markets.values():
        if wanted is None or wanted == market.name or str(wanted) == str(market.id):
            allowed = world.options.order_api_markets
            if allowed is not None and market.id not in allowed:
                raise Rejected(-7, "order in wrong market")
            return market
    raise Rejected(-7, "Market is not known")


def _pricelist(world: World, body: dict[str, Any]) -> Pricelist:
    wanted = body.get("pricelistId", body.get("pricelist"))
    for pricelist in world.catalogue.pricelists.values():
        if wanted is None or wanted == pricelist.name or str(wanted) == str(pricelist.id):
            return pricelist
    raise Rejected(-7, "Pricelist is not known")


def _rule(world: World, body: dict[str, Any], market: Market) -> Any:
    name = body.get("warehouseGroup")
    if name is None:
        return world.catalogue.rule_of(market)
    if name not in world.catalogue.rules:
        raise Rejected(-7, "Warehouse group is not known")
    return world.catalogue.rules[name]


def _shipping(world: World, body: dict[str, Any], pricelist: Pricelist) -> Any:
    uri = body.get("shippingList")
    if uri is None:
        return pricelist.default_shipping_option
    if uri not in world.catalogue.shipping:
        raise Rejected(-7, "Shipping list is not known")
    return world.catalogue.shipping[uri]


def _size(world: World, item: dict[str, Any]) -> ProductSize | None:
    catalogue = world.catalogue
    if item.get("id") is not None:
        return catalogue.sizes.get(int(item["id"]))
    if item.get("ean"):
        return catalogue.by_ean.get(str(item["ean"]))
    if not item.get("sku"):
        raise Rejected(-4, "A product needs id, ean or sku")
    return catalogue.by_sku.get(str(item["sku"]))


def _line(world: World, item: dict[str, Any], market: Market) -> Wanted:
    size = _size(world, item)
    if item.get("qty") is None:
        raise Rejected(-4, "qty is required")
    quantity = int(item["qty"])
    if quantity <= 0:
        raise Rejected(-7, "qty must be above 0")
    shown = size is not None and any(market in display.markets for display in size.product_variant.product.displays)
    if size is None or not size.sellable or not shown:
        raise Rejected(-1, f"Product can not be added: {item.get('sku') or item.get('ean') or item.get('id')}")
    list_price = size.product_variant.price or Decimal(0)
    price = _money(item, "unitPrice", list_price)
    original = _money(item, "originalPrice", max(price, list_price))
    return Wanted(size, quantity, price, original, item.get("comment"))


def _check_stock(world: World, draft: Draft) -> None:
    wanted: dict[ProductSize, int] = {}
    for line in draft.lines:
        wanted[line.size] = wanted.get(line.size, 0) + line.quantity
    short = {
        size: quantity - stock.free(size, draft.rule.warehouses)
        for size, quantity in wanted.items()
        if not size.preorder and stock.free(size, draft.rule.warehouses) < quantity
    }
    if short:
        for size, missing in short.items():
            world.found_no_stock(draft.market, draft.reference, size, missing)
        raise Rejected(-2, f"Not enough stock: {', '.join(sorted(size.sku for size in short))}")


def _reference(body: dict[str, Any]) -> str:
    payment = (body.get("payment") or {}).get("auth") or {}
    return str(payment.get("transaction") or body.get("orderNumber") or body.get("internalComment") or "")


def _voucher(world: World, body: dict[str, Any], lines: list[Wanted]) -> Decimal:
    value = _money(body, "voucherValue")
    if _flag(body, "applyVouchers", default=True):
        goods = sum((line.price * line.quantity for line in lines), Decimal(0))
        value += rounded(goods * world.options.automatic_voucher_percent / 100)
    return value


def _flag(body: dict[str, Any], name: str, *, default: bool) -> bool:
    """A switch of the order; null is as good as missing."""
    return default if body.get(name) is None else bool(body[name])


def _money(given: dict[str, Any], name: str, default: Decimal = Decimal(0)) -> Decimal:
    if given.get(name) is None:
        return default
    try:
        value = rounded(Decimal(str(given[name])))
    except ArithmeticError:
        raise Rejected(-7, f"{name} is not a number") from None
    if value < 0:
        raise Rejected(-7, f"{name} must not be negative")
    return value


def date(world: World, given: Any) -> datetime | None:
    """A moment from the Order API, in the instance's zone.

    :raises Rejected: it is not a date.
    """
    try:
        return clock.parse(str(given), world.options.zone) if given else None
    except ValueError:
        raise Rejected(-7, "orderDate is not a date") from None
