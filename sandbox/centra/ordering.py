"""An order's life follows Centra's status machine, whoever moves it: the Order API, GraphQL or a person in the shop.

Centra docs: Order flow. Pending, then confirmed, processing (has a shipment), shipped; or cancelled.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.centra import shipping, stock
from sandbox.centra.clock import now
from sandbox.centra.model import AllocationRule, Market, Pricelist, ProductSize, ShippingOption, Warehouse
from sandbox.centra.sales import FINISHED, Address, Customer, NotPossible, Order, OrderLine
from sandbox.centra.world import World


@dataclass
class Wanted:
    """One line of a new order."""

    size: ProductSize
    quantity: int
    price: Decimal
    original_price: Decimal
    comment: str | None = None


@dataclass
class Draft:
    """A new order, checked and complete."""

    market: Market
    pricelist: Pricelist
    rule: AllocationRule
    shipping: ShippingOption
    shipping_address: Address
    billing_address: Address
    lines: list[Wanted]
    shipping_value: Decimal = Decimal(0)
    voucher_value: Decimal = Decimal(0)
    internal_comment: str = ""
    comment: str = ""
    order_date: datetime | None = None
    delivery_date: str | None = None
    cancel_date: str | None = None
    internal: bool = False
    adjust_stock: bool = True
    email: bool = False
    payment_plugin: int | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    """What the caller knows the order by."""


def build(world: World, draft: Draft, number: int) -> Order:
    """Stores an order that is not placed yet; its number is taken."""
    moment = now()
    buyer = draft.billing_address
    order = Order(
        id=hashlib.md5(f"order {number}".encode(), usedforsecurity=False).hexdigest(), number=number,
        status="INCOMPLETE", store=draft.market.store, market=draft.market, pricelist=draft.pricelist,
        shipping_price_group=draft.shipping, shipping_address=draft.shipping_address, billing_address=buyer,
        customer=Customer(world.next_id("customer"), buyer.email, buyer.first_name, buyer.last_name),
        created_at=moment, updated_at=moment, order_date=draft.order_date or moment,
        warehouses=draft.rule.warehouses, shipping_value=draft.shipping_value, voucher_value=draft.voucher_value,
        internal_comment=draft.internal_comment, other_comment=draft.comment, attributes=draft.attributes,
        delivery_date=draft.delivery_date, cancel_date=draft.cancel_date, is_internal=draft.internal,
        adjusts_stock=draft.adjust_stock, emails_sent=int(draft.email), payment_plugin=draft.payment_plugin,
        reference=draft.reference or str(number),
    )
    for wanted in draft.lines:
        line = OrderLine(
            world.next_id("line"), order, wanted.size, wanted.quantity, wanted.price, wanted.original_price,
            wanted.comment,
        )
        order.lines.append(line)
        world.order_lines[line.id] = line
    world.orders[number] = world.orders_by_hash[order.id] = order
    world.revision += 1
    return order


def place(world: World, order: Order) -> None:
    """The order counts from here on: it holds stock, and everybody hears of it."""
    order.status = "PENDING"
    if order.adjusts_stock:
        for line in order.lines:
            missing = stock.allocate(world, line, line.quantity)
            world.found_no_stock(order.market, order.reference, line.product_size, missing)
    world.order_changed(order, "CREATED", "insert")
    if world.options.autoconfirm or world.options.direct_to_shipment:
        confirm(world, order)
    if world.options.direct_to_shipment:
        lines = {line.id: line.quantity for line in order.lines}
        shipping.create(world, order, lines, good_to_go=True, paid=world.options.capture_pays)


def confirm(world: World, order: Order) -> None:
    """Pending becomes confirmed.

    :raises NotPossible: the order is in another status.
    """
    if order.status != "PENDING":
        raise NotPossible(f"Order {order.number} cannot be confirmed in status {order.status}", "order")
    order.status = "CONFIRMED"
    order.confirmed_at = now()
    touch(world, order)


def touch(world: World, order: Order, action: str = "update") -> None:
    """The order was changed."""
    order.updated_at = now()
    world.order_changed(order, "UPDATED", action)


def cancel(world: World, order: Order, policy: str, into: Warehouse | None, comment: str | None) -> None:
    """Cancels the whole order; its lines keep their quantities.

    :raises NotPossible: it is finished, or something of it is in a shipment.
    """
    if order.status in FINISHED or order.shipments:
        raise NotPossible(f"Order {order.number} cannot be cancelled in status {order.status}", "id")
    if order.status != "INCOMPLETE":
        for line in order.lines:
            stock.take_back(world, line, line.quantity, policy, into)
    order.status = "CANCELLED"
    if comment:
        append_comment(order, comment)
    touch(world, order, "cancel")
    _serve_others(world, order)


def restore(world: World, order: Order) -> None:
    """A cancelled order lives again and looks for stock anew.

    :raises NotPossible: it is not cancelled, or all its units were cancelled one by one.
    """
    if order.status != "CANCELLED" or not any(line.quantity for line in order.lines):
        raise NotPossible(f"Order {order.number} cannot be restored in status {order.status}", "order")
    order.status = "CONFIRMED" if order.confirmed_at else "PENDING"
    if order.adjusts_stock:
        for line in order.lines:
            stock.allocate(world, line, line.quantity)
    touch(world, order)


@dataclass(frozen=True)
class LineCancel:
    """Units of a line to cancel, and where their goods go."""

    line: OrderLine
    quantity: int
    policy: str = "release_items_back_to_warehouse"
    into: Warehouse | None = None


def cancel_lines(world: World, order: Order, cancels: Iterable[LineCancel]) -> None:
    """Cancels units that are in no shipment, all of them or none. The caller `settle`s the order afterwards.

    :raises NotPossible: the order is finished, or that many units are not open.
    """
    wanted = list(cancels)
    if order.status in FINISHED:
        raise NotPossible(f"Order {order.number} cannot be changed in status {order.status}", "order")
    total: Counter[OrderLine] = Counter()
    for item in wanted:
        total[item.line] += item.quantity
        if item.line.order is not order or item.quantity <= 0 or total[item.line] > item.line.open_quantity:
            raise NotPossible(
                f"Only {item.line.open_quantity} of line {item.line.id} can be cancelled", "cancelLines", "quantity"
            )
    for item in wanted:
        stock.take_back(world, item.line, item.quantity, item.policy, item.into)
        item.line.quantity -= item.quantity
        item.line.cancelled_quantity += item.quantity


def settle(world: World, order: Order) -> None:
    """Moves the order to the status that its lines and shipments now give it, and tells everybody."""
    before, order.status = order.status, _status(order)
    order.updated_at = now()
    finished = order.status == "SHIPPED" and before != "SHIPPED"
    world.order_changed(order, "COMPLETED" if finished else "UPDATED", "update")
    _serve_others(world, order)


def _status(order: Order) -> str:
    if not any(line.quantity for line in order.lines):
        return "CANCELLED"
    if order.status not in ("CONFIRMED", "PROCESSING", "SHIPPED"):
        return order.status
    if shipping.all_sent(order):
        return "SHIPPED"
    return "PROCESSING" if order.shipments else "CONFIRMED"


def _serve_others(world: World, order: Order) -> None:
    for line in order.lines:
        stock.serve_waiting(world, line.product_size)


def append_comment(order: Order, text: str) -> None:
    """Adds a line to the comment for internal eyes."""
    order.internal_comment = f"{order.internal_comment}\n{text}".strip()
