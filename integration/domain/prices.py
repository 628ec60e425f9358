"""A line's price is what the retailer wrote, to the penny, or it is missing; nothing is computed from a guess."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from integration.virtualstock.schema import OrderItem

_PENNY = Decimal("0.01")
_MOST = Decimal(10) ** 6  # a line of a million is a mistake of somebody


@dataclass(frozen=True)
class LinePrice:
    """Money of one line, in the order's currency.

    :param paid: what the retailer pays for the line, with tax.
    :param unit_price: per unit on the pricelist's tax basis, rounded down to a whole penny.
    :param remainder: pennies of the line that no whole unit price can hold, less than one a unit.
    """

    paid: Decimal
    unit_price: Decimal
    remainder: Decimal


def line_price(item: OrderItem, quantity: int, tax: str) -> LinePrice | str:
    """The price of a line, or why there is none.

    :param quantity: units, 1 or more.
    :param tax: ``included`` when Centra's pricelist holds prices with tax, ``excluded`` when without.
    """
    paid = _total(item)
    if paid is None:
        return "it has neither a total nor both subtotal and tax"
    if not _adds_up(item, paid):
        return "subtotal and tax do not add up to the total"
    basis = paid if tax == "included" else _without_tax(item, paid)
    if basis is None:
        return "it has no price without tax"
    if any(amount < 0 or amount >= _MOST or amount != amount.quantize(_PENNY) for amount in (paid, basis)):
        return "a price is negative, above any real order, or not in whole pennies"
    unit_price = (basis / quantity).quantize(_PENNY, ROUND_DOWN)
    return LinePrice(paid, unit_price, basis - unit_price * quantity)


def _total(item: OrderItem) -> Decimal | None:
    if item.total is not None:
        return item.total
    return None if item.subtotal is None or item.tax is None else item.subtotal + item.tax


def _without_tax(item: OrderItem, paid: Decimal) -> Decimal | None:
    if item.subtotal is not None:
        return item.subtotal
    return None if item.tax is None else paid - item.tax


def _adds_up(item: OrderItem, paid: Decimal) -> bool:
    if item.subtotal is None or item.tax is None:
        return item.subtotal is None or item.subtotal <= paid
    return item.subtotal + item.tax == paid
