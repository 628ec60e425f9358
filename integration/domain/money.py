"""An order whose amounts contradict each other or its tax rate is noticed, with the arithmetic a person can check.

What the retailer left out is no contradiction: null amounts are common. In the sample of Virtualstock API docs: Orders,
list orders, `unit_cost_price` and `subtotal` are without tax, `tax_rate` is a percentage, `total` is with tax.
"""

from collections.abc import Sequence
from decimal import Decimal

from integration.domain.lines import reason_not_to_deliver, status_of
from integration.virtualstock.schema import Order, OrderItem, Status

_PENNY = Decimal("0.01")
_HALF_PENNY = Decimal("0.005")
_CANCELLED = (Status.CANCEL, Status.CANCEL_ACK)
_FIGURES = ("subtotal", "tax", "total")
_DEFAULT_CURRENCY = "GBP"  # Virtualstock API docs: Orders, the currency of an order that names none
_MOST_TERMS = 6  # a longer sum is no help to a reader


def currency_of(order: Order) -> str:
    """The ISO code of the currency that an order is in."""
    return (order.currency_code or _DEFAULT_CURRENCY).strip().upper()


def disagreements(order: Order) -> list[str]:
    """Every sum of an order that does not come out, such as ``lines 12.00 + 8.50 = 20.50, order total says 21.00``.

    Sums are exact, apart from what rounding explains: half a penny a unit for a unit price, and for a tax as
    `_tax_tolerance` says. Lines that are left out are not looked at themselves; the order's totals may or may not
    count them.
    """
    delivered = [item for item in order.items if reason_not_to_deliver(item, order) is None]
    if not delivered:
        return []
    lines = [f"line {item.line_reference or '(no reference)'}: {each}" for item in delivered for each in _line(item)]
    return [*lines, *(f"order: {each}" for each in _own_sum(order)), *_totals(order, delivered)]


def _line(item: OrderItem) -> list[str]:
    return [*_own_sum(item), *_unit_price(item), *_tax(item)]


def _own_sum(told: OrderItem | Order) -> list[str]:
    subtotal, tax, total = told.subtotal, told.tax, told.total
    if subtotal is None or total is None:
        return []
    if tax is None:
        return [f"total {_money(total)} is less than subtotal {_money(subtotal)}"] if total < subtotal else []
    if subtotal + tax == total:
        return []
    return [f"{_money(subtotal)} + {_money(tax)} = {_money(subtotal + tax)}, total says {_money(total)}"]


def _unit_price(item: OrderItem) -> list[str]:
    unit, quantity = item.unit_cost_price, item.quantity
    if unit is None or quantity is None:
        return []
    product, tolerance = unit * quantity, _HALF_PENNY * quantity
    shown = f"{quantity} × {_money(unit)}"
    if (net := net_of(item)) is not None:
        told = "subtotal says" if item.subtotal is not None else "total less tax is"
        return [] if abs(product - net) <= tolerance else [f"{shown} = {_money(product)}, {told} {_money(net)}"]
    if item.total is None:
        return []
    if item.tax_rate is None:
        too_little = item.total < product - tolerance
        return [f"{shown} = {_money(product)} without tax, total says {_money(item.total)}"] if too_little else []
    # Neither subtotal nor tax was told: unit price, rate and total show whether the total is one with tax.
    total = product + product * item.tax_rate / 100
    if abs(total - item.total) <= tolerance + _tax_tolerance(item, item.tax_rate):
        return []
    return [f"{shown} + {_money(item.tax_rate)} % = {_money(total)}, total says {_money(item.total)}"]


def _tax(item: OrderItem) -> list[str]:
    net, tax, rate = net_of(item), tax_of(item), item.tax_rate
    if net is None or tax is None or rate is None:
        return []
    expected = net * rate / 100
    if abs(expected - tax) <= _tax_tolerance(item, rate):
        return []
    told = "tax says" if item.tax is not None else "total less subtotal is"
    return [f"{_money(rate)} % of {_money(net)} = {_money(expected)}, {told} {_money(tax)}"]


def _tax_tolerance(item: OrderItem, rate: Decimal) -> Decimal:
    """What rounding explains: a penny where the line was rounded as a whole; where each unit was, half a penny a unit
    for its tax, and the tax on the half penny that its price without tax was rounded by."""
    return max(_PENNY, _HALF_PENNY * (item.quantity or 1) * (1 + abs(rate) / 100))


def _totals(order: Order, delivered: Sequence[OrderItem]) -> list[str]:
    """How the order's totals differ from its lines, whichever lines they may count."""
    alive = [item for item in order.items if status_of(item, order) not in _CANCELLED]
    readings = [_differences(order, items) for items in (order.items, alive, delivered)]
    return [] if [] in readings else readings[0]


def _differences(order: Order, items: Sequence[OrderItem]) -> list[str]:
    wrong = []
    for figure in _FIGURES:
        told = getattr(order, figure)
        terms = [_figure(item, figure) for item in items]
        known = [term for term in terms if term is not None]
        if told is None or len(known) < len(terms) or sum(known) == told:
            continue
        terms_shown = f"lines {' + '.join(map(_money, known))}"
        shown = terms_shown if len(known) <= _MOST_TERMS else f"{len(known)} lines together"
        wrong.append(f"{shown} = {_money(sum(known, Decimal()))}, order {figure} says {_money(told)}")
    return wrong


def _figure(item: OrderItem, name: str) -> Decimal | None:
    amount = {"subtotal": net_of, "tax": tax_of, "total": total_of}[name](item)
    return Decimal() if amount is None and item.quantity == 0 else amount


def net_of(item: OrderItem) -> Decimal | None:
    """What the retailer pays for a line without tax, told or following from what was told."""
    if item.subtotal is not None or item.total is None or item.tax is None:
        return item.subtotal
    return item.total - item.tax


def tax_of(item: OrderItem) -> Decimal | None:
    """The tax on a line, told or following from what was told."""
    if item.tax is not None or item.total is None or item.subtotal is None:
        return item.tax
    return item.total - item.subtotal


def total_of(item: OrderItem) -> Decimal | None:
    """What the retailer pays for a line with tax, told or following from what was told."""
    if item.total is not None or item.subtotal is None or item.tax is None:
        return item.total
    return item.subtotal + item.tax


def _money(amount: Decimal) -> str:
    """Two places, or up to four where the amount has them."""
    whole, _, places = f"{amount:.4f}".partition(".")
    return f"{whole}.{places[:2]}{places[2:].rstrip('0')}"
