"""A line's price is what the retailer wrote, to the penny, or it is missing; nothing is computed from a guess."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from integration.domain.money import net_of, total_of
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
    """The price of a line, or why there is none. Whether its amounts agree with each other is `domain/money.py`'s word.

    :param quantity: units, 1 or more.
    :param tax: ``included`` when Centra's pricelist holds prices with tax, ``excluded`` when without.
    """
    paid = total_of(item)
    if paid is None:
        return "it has neither a total nor both subtotal and tax"
    basis = paid if tax == "included" else net_of(item)
    if basis is None:
        return "it has no price without tax"
    if any(amount < 0 or amount >= _MOST or amount != amount.quantize(_PENNY) for amount in (paid, basis)):
        return "a price is negative, above any real order, or not in whole pennies"
    unit_price = (basis / quantity).quantize(_PENNY, ROUND_DOWN)
    return LinePrice(paid, unit_price, basis - unit_price * quantity)
