"""An invoice has the documented form and every required field before it is sent; money in it is text of two places.

Virtualstock API docs: Invoices, create an invoice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

_TOO_LARGE = Decimal(10) ** 12


@dataclass(frozen=True, kw_only=True)
class _Limited:
    """A part of an invoice whose fields are all required and whose texts have a longest length."""

    LIMITS: ClassVar[dict[str, int]]

    def to_json(self) -> dict[str, Any]:
        """The part as the API takes it."""
        return {name: _written(value) for name, value in self._values()}

    def _wrong_texts(self) -> list[str]:
        found = [f"{name} is missing" for name, value in self._values() if isinstance(value, str) and not value.strip()]
        return found + [
            f"{name} has {len(value)} characters, {self.LIMITS[name]} are allowed"
            for name, value in self._values()
            if isinstance(value, str) and len(value) > self.LIMITS[name]
        ]

    def _values(self) -> Iterator[tuple[str, Any]]:
        return ((each.name, getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True, kw_only=True)
class InvoiceLine(_Limited):
    """Units of one order line that left. Money is in the invoice's currency, in whole pennies and without tax.

    The platform computes `subtotal` and `tax` anew from the unit price and the rate, and still requires them.

    :param supply_date: the day of dispatch.
    :param tax_rate: percentage: 20.00 is 20 %.
    """

    retailer_sku: str
    supplier_sku: str
    order_line_reference: str
    description: str
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    supply_date: date
    tax_rate: Decimal
    tax: Decimal

    LIMITS: ClassVar[dict[str, int]] = {
        "retailer_sku": 100,
        "supplier_sku": 100,
        "order_line_reference": 100,
        "description": 100,
    }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """The line that `to_json` wrote."""
        money = {name: Decimal(written[name]) for name in ("unit_price", "subtotal", "tax_rate", "tax")}
        return cls(**{**written, **money, "supply_date": date.fromisoformat(written["supply_date"])})

    def violations(self) -> list[str]:
        """Sentences on what Virtualstock would refuse; empty when the line may be sent. They quote no values."""
        found = self._wrong_texts()
        if self.quantity < 1:
            found.append("quantity is below 1")
        for name, value in self._values():
            if not isinstance(value, Decimal):
                continue
            if not value.is_finite() or abs(value) >= _TOO_LARGE:
                found.append(f"{name} has more than 14 digits")
            elif value < 0 or value != round(value, 2):
                found.append(f"{name} is negative or has more than two places")
        return found


@dataclass(frozen=True, kw_only=True)
class Invoice(_Limited):
    """The one invoice of an order.

    :param retailer_id: the retailer's UUID, which the portal shows and orders carry.
    :param invoice_number: ours; sent again after a lost answer, and a new one only after a rejection.
    """

    retailer_id: str
    retailer_order_reference: str
    invoice_date: date
    invoice_number: str
    currency_code: str
    lines: tuple[InvoiceLine, ...]

    LIMITS: ClassVar[dict[str, int]] = {
        "retailer_id": 36,
        "retailer_order_reference": 255,
        "invoice_number": 20,
        "currency_code": 3,
    }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Self:
        """The invoice that `to_json` wrote, to be sent again word for word."""
        lines = tuple(InvoiceLine.read(line) for line in written["lines"])
        return cls(**{**written, "lines": lines, "invoice_date": date.fromisoformat(written["invoice_date"])})

    def violations(self) -> list[str]:
        """As `InvoiceLine.violations`, for the invoice and all of its lines."""
        found = self._wrong_texts() if self.lines else [*self._wrong_texts(), "it has no lines"]
        for line in self.lines:
            found += [f"line {line.order_line_reference[:100]}: {each}" for each in line.violations()]
        return found


def _written(value: object) -> object:
    if isinstance(value, tuple):
        return [line.to_json() for line in value]
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value
