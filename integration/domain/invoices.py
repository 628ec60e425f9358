"""Only what left is invoiced, at the price the retailer wrote; what is not known is asked for and never invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Protocol

from integration import kinds
from integration.domain.money import currency_of, net_of, tax_of
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.virtualstock.invoices import Invoice, InvoiceLine
from integration.virtualstock.schema import Order, OrderItem

_PENNY = Decimal("0.01")
_ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}
_HIGHEST_RATE = 100
_LONGEST_DESCRIPTION = InvoiceLine.LIMITS["description"]


class InvoicedLine(Protocol):
    """A line of the order as it was delivered."""

    @property
    def line_reference(self) -> str:
        """The retailer's name of the line."""

    @property
    def part_number(self) -> str:
        """The retailer's name of the article."""

    @property
    def sku(self) -> str | None:
        """The Centra SKU that was delivered."""

    @property
    def dispatched(self) -> int:
        """Units the retailer was told of as dispatched."""

    @property
    def dispatched_on(self) -> date | None:
        """The last dispatch date the retailer was told, on its calendar."""


def invoice_number(retailer: Retailer, centra_number: int, attempt: int) -> str:
    """The number of an order's invoice: Centra's order number behind the profile's prefix, and ``-2`` for the second.

    :param attempt: 1 for the first; a rejected invoice is replaced by the next.
    """
    number = f"{retailer.invoices.number_prefix}{centra_number}"
    return number if attempt == 1 else f"{number}-{attempt}"


def to_invoice(
    order: Order, lines: Sequence[InvoicedLine], retailer: Retailer, *, number: str, invoice_date: date
) -> Invoice | list[Problem]:
    """The invoice of an order, or one problem with every reason why it cannot be made.

    Units that were not dispatched are not on it. Virtualstock API docs: Invoices, create an invoice.

    :param number: see `invoice_number`.
    :param invoice_date: on the retailer's calendar; not before the last dispatch.
    """
    items = {item.line_reference: item for item in order.items}
    shipped = [line for line in lines if line.dispatched > 0]
    written = [_line(line, items.get(line.line_reference), retailer) for line in shipped]
    retailer_id = retailer.invoices.retailer_id or order.retailer_uuid
    wrong = [
        *([] if retailer_id else ["neither the profile nor the order has the retailer's UUID"]),
        *([] if shipped else ["nothing was dispatched"]),
        *_date_problems(shipped, invoice_date),
        *(reason for line in written if isinstance(line, list) for reason in line),
    ]
    invoice = Invoice(
        retailer_id=retailer_id or "",
        retailer_order_reference=order.order_reference or "",
        invoice_date=invoice_date,
        invoice_number=number,
        currency_code=currency_of(order),
        lines=tuple(line for line in written if isinstance(line, InvoiceLine)),
    )
    if wrong := wrong or invoice.violations():
        reference = order.order_reference or number
        facts = {"retailer": retailer.name, "reference": reference, "why": "; ".join(wrong)}
        return [Problem(kinds.INVOICE_INCOMPLETE, f"{retailer.code}/{reference}", facts)]
    return invoice


def _date_problems(shipped: Sequence[InvoicedLine], invoice_date: date) -> list[str]:
    last = max((line.dispatched_on for line in shipped if line.dispatched_on is not None), default=invoice_date)
    return [f"its date {invoice_date} is before the last dispatch on {last}"] if last > invoice_date else []


def _line(line: InvoicedLine, item: OrderItem | None, retailer: Retailer) -> InvoiceLine | list[str]:
    if item is None:
        return [f"line {line.line_reference} is not in the order"]
    net, rate, quantity, supplied_on = net_of(item), item.tax_rate, item.quantity, line.dispatched_on
    retailer_sku = item.retailer_sku_reference or item.part_number
    supplier_sku = item.supplier_sku_reference or line.sku
    known = {
        "price without tax": net, "tax rate": rate, "quantity": quantity, "SKU of the retailer": retailer_sku,
        "SKU of ours": supplier_sku, "dispatch date": supplied_on,
    }  # fmt: skip
    wrong = [f"line {line.line_reference} has no {what}" for what, value in known.items() if not value and value != 0]
    if quantity is not None and line.dispatched > quantity:
        wrong.append(f"{line.dispatched} units of line {line.line_reference} left, {quantity} were ordered")
    if rate is not None and not 0 <= rate <= _HIGHEST_RATE:
        wrong.append(f"line {line.line_reference} has a tax rate that is none")
    if wrong or net is None or rate is None or not quantity or not retailer_sku or not supplier_sku or not supplied_on:
        return wrong
    money = _money(line.dispatched, _Price(net, tax_of(item), rate, quantity), _ROUNDING[retailer.prices.rounding])
    return InvoiceLine(
        retailer_sku=retailer_sku,
        supplier_sku=supplier_sku,
        order_line_reference=line.line_reference,
        description=_description(item, line),
        quantity=line.dispatched,
        unit_price=money.unit_price,
        subtotal=money.subtotal,
        supply_date=supplied_on,
        tax_rate=rate,
        tax=money.tax,
    )


@dataclass(frozen=True)
class _Price:
    """What the retailer pays for all units of a line."""

    net: Decimal
    tax: Decimal | None
    rate: Decimal
    quantity: int


@dataclass(frozen=True)
class _Money:
    unit_price: Decimal
    subtotal: Decimal
    tax: Decimal


def _money(units: int, price: _Price, rounding: str) -> _Money:
    """A line that left as a whole has the retailer's own amounts, to the penny; of a part, units are counted."""
    unit_price = (price.net / price.quantity).quantize(_PENNY, rounding)
    whole = units == price.quantity
    subtotal = price.net if whole else unit_price * units
    if whole and price.tax is not None:
        return _Money(unit_price, subtotal, price.tax)
    return _Money(unit_price, subtotal, (subtotal * price.rate / 100).quantize(_PENNY, rounding))


def _description(item: OrderItem, line: InvoicedLine) -> str:
    """For the eye only: references identify the line, so a longer text may end early here."""
    text = " ".join((item.name or item.description or line.part_number).split())
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1].rstrip()}…"
