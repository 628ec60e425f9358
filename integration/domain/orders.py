"""A retailer's order becomes one Centra draft with the same goods and the same money, or every reason why it cannot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from integration import kinds
from integration.centra.drafts import DraftLine, OrderDraft
from integration.domain.addresses import Destination, delivery_address
from integration.domain.lines import reason_not_to_deliver
from integration.domain.money import currency_of, disagreements
from integration.domain.prices import LinePrice, line_price
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.virtualstock.schema import Order, OrderItem

_OLDEST_YEAR = 2000
_LARGEST_QUANTITY = 100_000
_LONGEST = {"part_number": 255, "line_reference": 100}  # Virtualstock API docs: Orders, acknowledge
_NOTHING = Decimal("0.00")


def sku_keys(item: OrderItem, retailer: Retailer) -> list[tuple[str, str]]:
    """What to look a line's article up by, in the order of the profile: pairs of where to look and the value.

    Where is ``listing`` (a part number of our listing), ``sku`` or ``ean`` (of a Centra size). A SKU written down in
    products.yaml wins over all of them, see `Rulebook.sku_override`.
    """
    values = ((key.meets, getattr(item, key.virtualstock)) for key in retailer.sku_key.order)
    return [(meets, value.strip()) for meets, value in values if value is not None]


def ordered_at(order: Order, retailer: Retailer, received_at: datetime) -> datetime:
    """The aware moment of an order: the retailer's local time, or `received_at` where that is missing or absurd.

    Virtualstock API docs: Orders; order_date is what the retailer sent, without a zone.
    """
    stated = order.order_date
    if stated is None or not _OLDEST_YEAR <= stated.year <= received_at.year + 1:
        return received_at
    moment = stated.replace(tzinfo=ZoneInfo(retailer.timezone))
    return moment if moment <= received_at + timedelta(days=1) else received_at


def to_centra(
    order: Order,
    retailer: Retailer,
    skus: Mapping[str, str | None],
    *,
    ambiguous: Mapping[str, Sequence[str]],
    our_reference: str,
    received_at: datetime,
    centra_zone: str,
) -> OrderDraft | list[Problem]:
    """The draft of an order, or all of its problems.

    Lines of quantity 0 and lines that are cancelled or done are left out as long as another line remains, and the
    internal comment names them. Each draft line's comment is the retailer's line reference: it keeps two lines of one
    article apart in Centra and tells later which is which.

    :param skus: the Centra SKU by line reference; None or absent = none was found.
    :param ambiguous: by line reference, the SKUs that match equally well.
    :param our_reference: recorded as the payment's transaction and in the internal comment; not empty.
    :param received_at: when the order reached us, aware.
    :param centra_zone: time zone of the Centra instance.
    """
    subject = _Subject(retailer, order.order_reference or our_reference)
    destination = delivery_address(
        order.shipping_address,
        placeholder_email=retailer.centra.placeholder_email,
        branch_order=order.shipping_store_number is not None,
        instructions=order.comment,
    )
    shipping = retailer.centra.shipping.option(order.delivery_service_code)
    items = [item for item in order.items if reason_not_to_deliver(item, order) is None]
    lines = [_line(item, subject, skus, ambiguous) for item in items]
    wrong = [*_unreadable(order, items), *(destination if isinstance(destination, list) else [])]
    problems = [
        *([subject.problem(kinds.UNREADABLE_ORDER, subject.reference, why="; ".join(wrong))] if wrong else []),
        *_currency_problems(order, subject),
        *_money_problems(order, subject),
        *([] if shipping is not None else [_service_problem(order, subject)]),
        *(problem for line in lines if isinstance(line, list) for problem in line),
    ]
    if problems or isinstance(destination, list) or shipping is None:
        return list({(problem.kind, problem.key): problem for problem in problems}.values())
    delivery = _Delivery(destination, shipping, ordered_at(order, retailer, received_at), centra_zone)
    return _draft(order, retailer, delivery, [line for line in lines if isinstance(line, _Line)], our_reference)


@dataclass(frozen=True)
class _Line:
    draft: DraftLine
    price: LinePrice


@dataclass(frozen=True)
class _Delivery:
    destination: Destination
    shipping: str
    ordered_at: datetime
    centra_zone: str


@dataclass(frozen=True)
class _Subject:
    retailer: Retailer
    reference: str

    def problem(self, kind: kinds.Kind, cause: str, **facts: str) -> Problem:
        known = {"retailer": self.retailer.name, "reference": self.reference}
        return Problem(kind, f"{self.retailer.code}/{cause}", known | facts)


def _draft(
    order: Order, retailer: Retailer, delivery: _Delivery, lines: Sequence[_Line], our_reference: str
) -> OrderDraft:
    return OrderDraft(
        address=delivery.destination.address,
        lines=tuple(line.draft for line in lines),
        market_id=retailer.centra.market,
        pricelist_id=retailer.centra.pricelist,
        shipping=delivery.shipping,
        # Three units for 9.97 have no unit price in whole pennies: the odd pennies travel as shipping, so that
        # Centra's total is what the retailer pays and each order line stays one line.
        shipping_value=sum((line.price.remainder for line in lines), _NOTHING),
        ordered_at=delivery.ordered_at,
        zone=delivery.centra_zone,
        internal_comment=_internal_comment(order, retailer, our_reference),
        comment=delivery.destination.comment,
        payment_id=retailer.centra.payment,
        reference=our_reference,
        total=sum((line.price.paid for line in lines), _NOTHING),
    )


def _line(
    item: OrderItem, subject: _Subject, skus: Mapping[str, str | None], ambiguous: Mapping[str, Sequence[str]]
) -> _Line | list[Problem]:
    line = item.line_reference or ""
    problems = []
    sku = skus.get(line)
    part_number = item.part_number or "an article without part number"
    if candidates := ambiguous.get(line):
        facts = {"item": part_number, "candidates": ", ".join(sorted(candidates))}
        problems.append(subject.problem(kinds.AMBIGUOUS_SKU, part_number, **facts))
    elif not sku:
        problems.append(subject.problem(kinds.UNMAPPED_SKU, part_number, item=part_number))
    quantity = item.quantity or 1  # an unreadable quantity is reported by `_unreadable`; the price is looked at anyway
    price = line_price(item, quantity, subject.retailer.prices.tax)
    if isinstance(price, str):
        cause = f"{subject.reference}/{line}"
        problems.append(subject.problem(kinds.PRICE_MISSING, cause, line=line or "unknown", why=price))
    if problems or not sku or isinstance(price, str):
        return problems
    return _Line(DraftLine(sku=sku, quantity=quantity, unit_price=price.unit_price, comment=line), price)


def _unreadable(order: Order, items: Sequence[OrderItem]) -> list[str]:
    """What makes an order unusable whatever the mappings say."""
    wrong = [] if order.order_reference else ["it has no order reference"]
    if not items:
        wrong.append("no line is left to deliver")
    for reference, count in Counter(item.line_reference for item in items).items():
        if reference is None:
            wrong.append("a line has no line reference")
        elif count > 1:
            wrong.append(f"{count} lines are called {reference}")
    return wrong + [reason for item in items for reason in _unreadable_line(item)]


def _unreadable_line(item: OrderItem) -> list[str]:
    line = f"line {item.line_reference}" if item.line_reference else "a line"
    wrong = []
    if item.part_number is None:
        wrong.append(f"{line} has no part number")
    if item.quantity is None:
        wrong.append(f"{line} has no quantity")
    elif item.quantity > _LARGEST_QUANTITY:
        wrong.append(f"{line} orders more than {_LARGEST_QUANTITY} units")
    for field, longest in _LONGEST.items():
        if len(getattr(item, field) or "") > longest:
            wrong.append(f"the {field} of a line is longer than {longest} characters")
    return wrong


def _currency_problems(order: Order, subject: _Subject) -> list[Problem]:
    currency, expected = currency_of(order), subject.retailer.currency
    if currency == expected:
        return []
    return [subject.problem(kinds.CURRENCY_MISMATCH, currency, currency=currency, expected=expected)]


def _money_problems(order: Order, subject: _Subject) -> list[Problem]:
    wrong = disagreements(order)
    return [subject.problem(kinds.MONEY_MISMATCH, subject.reference, why="; ".join(wrong))] if wrong else []


def _service_problem(order: Order, subject: _Subject) -> Problem:
    service = order.delivery_service_code or "(none)"
    return subject.problem(kinds.UNMAPPED_DELIVERY_SERVICE, service, service=service)


def _internal_comment(order: Order, retailer: Retailer, our_reference: str) -> str:
    left_out = [
        f"Not ordered: line {item.line_reference or 'without reference'} ({reason})"
        for item in order.items
        if (reason := reason_not_to_deliver(item, order)) is not None
    ]
    references = {
        "Reference": our_reference,
        "Purchase order": order.purchase_order_reference,
        "Customer's purchase order": order.end_user_purchase_order_reference,
        "Additional reference": order.additional_order_reference,
        "Store": order.shipping_store_number,
    }
    known = [f"{name}: {value}" for name, value in references.items() if value is not None]
    return "\n".join([f"Virtualstock {retailer.name} {order.order_reference}", *known, *left_out])
