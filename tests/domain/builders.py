"""Orders, sizes and shipments for the rules, written as short as a test wants to read them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from integration.centra.drafts import OrderDraft
from integration.centra.schema import Shipment, Size
from integration.domain.orders import to_centra
from integration.lifecycle import LineState
from integration.problems import Problem
from integration.rulebook import Retailer, Rulebook
from integration.virtualstock.schema import Carrier, Order

MAPPINGS = Path(__file__).parents[2] / "mappings"
BOOK = Rulebook.load(MAPPINGS)
NORTHGATE, CALDER = BOOK.retailers["northgate"], BOOK.retailers["calder"]
RECEIVED = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)  # a Wednesday
CARRIERS = {row.slug: Carrier(slug=row.slug) for row in BOOK.carriers}


def changed(retailer: Retailer, **parts: dict[str, Any]) -> Retailer:
    """A retailer whose profile differs in parts: ``changed(CALDER, prices={"tax": "excluded"})``."""
    update = {name: getattr(retailer, name).model_copy(update=values) for name, values in parts.items()}
    return retailer.model_copy(update=update)


def item(reference: str = "1", quantity: object = 2, total: object = "12.00", **fields: object) -> dict[str, object]:
    """One order line as Virtualstock sends it, priced by its total alone unless told otherwise."""
    return {
        "line_reference": reference, "part_number": f"PN{reference}", "quantity": quantity, "total": total,
        "status": "ORDER",
    } | fields  # fmt: skip


def raw_order(*items: dict[str, object], **fields: object) -> dict[str, object]:
    """An order as Virtualstock sends it; `address` changes single fields of the address."""
    address = {
        "full_name": "Ada Mary King", "line_1": "1 Mill Lane", "line_2": "Flat 2", "city": "Leeds",
        "postal_code": "LS1 4AP", "state": "West Yorkshire", "country": "GB", "phone": "0113 4960000",
        "email": "ada@example.com",
    }  # fmt: skip
    changes = fields.pop("address", {})
    assert isinstance(changes, dict)
    return {
        "order_reference": "NG100", "order_date": "2026-07-01T10:00:00", "status": "ORDER", "currency_code": "GBP",
        "delivery_service_code": "standard", "items": list(items or (item(),)), "shipping_address": address | changes,
    } | fields  # fmt: skip


def translate(
    raw: object,
    retailer: Retailer = CALDER,
    skus: dict[str, str | None] | None = None,
    ambiguous: dict[str, tuple[str, ...]] | None = None,
) -> OrderDraft | list[Problem]:
    """`to_centra` where every line of the order is mapped to SKU-<line reference> unless `skus` says otherwise."""
    order = Order.parse(raw)
    known = {line.line_reference or "": f"SKU-{line.line_reference}" for line in order.items}
    return to_centra(
        order, retailer, known if skus is None else skus, ambiguous=ambiguous or {}, our_reference="cv-1",
        received_at=RECEIVED, centra_zone="Europe/Stockholm",
    )  # fmt: skip


def draft(raw: object, retailer: Retailer = CALDER) -> OrderDraft:
    """The draft of an order that has no problem."""
    result = translate(raw, retailer)
    assert isinstance(result, OrderDraft), [problem.sentence for problem in result]
    return result


def problems(result: object) -> list[tuple[str, str]]:
    """Code and sentence of each problem of a result that must be problems."""
    assert isinstance(result, list)
    assert result
    return [(problem.kind.code, problem.sentence) for problem in result]


def codes(result: object) -> list[str]:
    """Only the codes of `problems`."""
    return [code for code, _ in problems(result)]


def size(*stock: tuple[int, int, int | None], offset: int | None = None, **fields: object) -> Size:
    """A size with (warehouse, free to allocate, threshold) rows."""
    rows = [
        {"warehouse": {"id": warehouse, "threshold": threshold}, "freeToAllocateQuantity": free}
        for warehouse, free, threshold in stock
    ]
    return Size.model_validate({"id": 1, "stock": rows, "productVariant": {"id": 1, "stockOffset": offset}} | fields)


@dataclass(frozen=True)
class PlacedLine:
    """An order line as storage knows it."""

    line_reference: str
    part_number: str
    quantity: int
    dispatched: int
    centra_line_id: int | None
    cancelled: int = 0
    state: LineState = LineState.ACKNOWLEDGED
    cancel_asked: int | None = None
    centra_cancelled: int = 0

    @property
    def open(self) -> int:
        """Units that are neither dispatched nor cancelled."""
        return self.quantity - self.dispatched - self.cancelled


def line(reference: str = "1", quantity: int = 2, dispatched: int = 0, **more: Any) -> PlacedLine:
    """A placed line whose Centra line id is ten times its reference."""
    return PlacedLine(reference, f"PN{reference}", quantity, dispatched, int(reference) * 10, **more)


def shipment(units: dict[int, int], shipment_id: int = 1, **fields: Any) -> Shipment:
    """A completed shipment holding units by Centra order line id."""
    rows = [
        {"id": number, "quantity": quantity, "orderLine": {"id": centra_line}}
        for number, (centra_line, quantity) in enumerate(units.items())
    ]
    known: dict[str, object] = {
        "id": shipment_id, "number": f"500-{shipment_id}", "isShipped": True, "trackingNumber": f"TRACK{shipment_id}",
        "shippedAt": "2026-07-02T23:30:00+00:00", "lines": rows,
        "carrierInformation": {"carrierName": "Royal Mail", "serviceName": "Tracked 24"},
    }  # fmt: skip
    return Shipment.model_validate(known | fields)


def pennies(amount: int) -> str:
    """An amount as Virtualstock writes it."""
    return str(Decimal(amount) / 100)
