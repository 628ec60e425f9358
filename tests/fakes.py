"""Both platforms in memory, with the method names of the clients: they remember what was done and fail on command."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integration.centra.drafts import OrderDraft
from integration.centra.schema import (
    Created,
    DisplayItem,
    Event,
    Order,
    OrderLine,
    RateLimit,
    Shipment,
    ShipmentLine,
    Size,
    StockChangeLine,
    Warehouse,
    WarehouseStock,
)
from integration.lanes import Lane
from integration.problems import Failure, Refused
from integration.virtualstock.actions import AcknowledgeItem, ActionItem, BackorderItem, CancelItem, DispatchItem
from integration.virtualstock.invoices import Invoice
from integration.virtualstock.schema import Carrier, Product
from tests.fake_catalogue import CatalogueInCentra
from tests.fake_returns import ReturnsInCentra, ReturnsOfRetailers

ORDERS_PAGE = 25
RANK = ("CANCEL", "ORDER", "BACKORDER", "ORDER_ACK", "DISPATCH", "CANCEL_ACK")
"""Statuses of lines; the first of those that an order's lines have is the status of the order."""


@dataclass
class Platform:
    """What both have in common: a list of calls, failures to come, and what happens while a call is out."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    _failures: dict[str, list[tuple[Failure, bool]]] = field(default_factory=lambda: defaultdict(list))
    _meanwhile: dict[str, list[Callable[[], object]]] = field(default_factory=lambda: defaultdict(list))

    def fail(self, name: str, *failures: Failure) -> None:
        """The next calls of that name fail one after the other, before anything happened."""
        self._failures[name] += [(failure, False) for failure in failures]

    def lose_answer(self, name: str, failure: Failure) -> None:
        """The next call of that name does what it is for, and then its answer is lost."""
        self._failures[name].append((failure, True))

    def meanwhile(self, name: str, act: Callable[[], object]) -> None:
        """While the next call of that name is out, `act` happens."""
        self._meanwhile[name].append(act)

    def said(self, name: str) -> list[Any]:
        """What was asked of a method, call by call."""
        return [said for called, said in self.calls if called == name]

    @contextmanager
    def _call(self, name: str, lane: Lane, said: Any = None) -> Iterator[None]:
        self.calls.append((name, said))
        self.lanes.append(lane)
        failure, after = self._failures[name].pop(0) if self._failures[name] else (None, False)
        if self._meanwhile[name]:
            self._meanwhile[name].pop(0)()
        if failure is not None and not after:
            raise failure
        yield
        if failure is not None:
            raise failure


@dataclass
class FakeCentra(CatalogueInCentra, ReturnsInCentra, Platform):
    """A Centra whose Order API completes an order to PENDING, as the real one does by default."""

    stock: dict[int, Size] = field(default_factory=dict)
    made: dict[int, Order] = field(default_factory=dict)
    shipped: dict[int, Shipment] = field(default_factory=dict)
    queue: list[Event] = field(default_factory=list)
    events_told: int = 0
    displays: list[DisplayItem] = field(default_factory=list)
    moved: list[StockChangeLine] = field(default_factory=list)
    markets: frozenset[int] = frozenset({3})

    def has(self, number: int, sku: str, free: int, **more: Any) -> None:
        """So many units of a size are free, in the one warehouse there is."""
        stock = (WarehouseStock(warehouse_id=1, free_to_allocate=free),)
        self.stock[number] = Size(id=number, sku=sku, is_active=True, stock=stock, **more)

    def ships(self, order: int, units: Mapping[int, int], shipment: int = 41, **more: Any) -> Shipment:
        """A shipment leaves with units by order line id."""
        lines = tuple(ShipmentLine(id=line, quantity=count, order_line_id=line) for line, count in units.items())
        about: dict[str, Any] = {
            "is_shipped": True, "shipped_at": datetime.fromisoformat("2026-03-02T09:00:00Z"), "carrier": "Royal Mail",
            "tracking_number": f"TRACK{shipment}", "number": f"{order}-{shipment}",
        }  # fmt: skip
        self.shipped[shipment] = Shipment(id=shipment, order_number=order, lines=lines, **about | more)
        return self.shipped[shipment]

    def tells(self, kind: str, *ids: int, action: str = "UPDATED") -> None:
        """Events enter the queue."""
        for number in ids:
            self.events_told += 1
            entry = Event(id=self.events_told + 499, object_type=kind, change_type=action, reference=number)
            self.queue.append(entry)

    def events(self, kinds: Sequence[str], limit: int, *, lane: Lane) -> list[Event]:
        with self._call("events", lane, limit):
            return [event for event in self.queue if event.object_type in kinds][:limit]

    def confirm_events(self, ids: Sequence[int], *, lane: Lane) -> None:
        with self._call("confirm_events", lane, list(ids)):
            self.queue = [event for event in self.queue if event.id not in ids]

    def listen(self, *, lane: Lane) -> None:
        with self._call("listen", lane):
            return

    def sizes(self, ids: Sequence[int], *, lane: Lane) -> list[Size]:
        # What is answered is what was there when the question arrived, whatever happens on the way back.
        found = [self.stock[number] for number in ids if number in self.stock]
        with self._call("sizes", lane, list(ids)):
            return found

    def sizes_page(self, page: int, limit: int, *, lane: Lane) -> list[Size]:
        with self._call("sizes_page", lane, page):
            return [self.stock[number] for number in sorted(self.stock)][(page - 1) * limit : page * limit]

    def display_items_page(self, page: int, *, lane: Lane) -> tuple[list[DisplayItem], bool]:
        with self._call("display_items_page", lane, page):
            return self.displays[page - 1 : page], page < len(self.displays)

    def stock_change_lines(self, since: datetime, page: int, *, lane: Lane) -> list[StockChangeLine]:
        with self._call("stock_change_lines", lane, (since, page)):
            if since.tzinfo is None:
                raise ValueError("a moment without a time zone")
            return self.moved if page == 1 else []

    def warehouses(self, *, lane: Lane) -> list[Warehouse]:
        with self._call("warehouses", lane):
            return [Warehouse(id=1, market_ids=self.markets)]

    def rate_limits(self, *, lane: Lane) -> list[RateLimit]:
        with self._call("rate_limits", lane):
            return []

    def orders(
        self, *, lane: Lane, numbers: Sequence[int] = (), external_ids: Sequence[str] = (),
        created_from: datetime | None = None, market_id: int | None = None, page: int = 1,
    ) -> list[Order]:  # fmt: skip
        with self._call("orders", lane, list(numbers) or list(external_ids) or page):
            found = [self._with_shipments(self.made[number]) for number in sorted(self.made)]
            if numbers or external_ids:
                return [each for each in found if each.number in numbers or each.external_id in external_ids]
            return found[(page - 1) * ORDERS_PAGE : page * ORDERS_PAGE]

    def shipments(self, ids: Sequence[int], *, lane: Lane) -> list[Shipment]:
        with self._call("shipments", lane, list(ids)):
            return [self.shipped[number] for number in ids if number in self.shipped]

    def create_order(self, draft: OrderDraft, *, create_only: bool, lane: Lane) -> Created:
        with self._call("create_order", lane, draft):
            free = {size.sku: sum(each.free_to_allocate for each in size.stock) for size in self.stock.values()}
            short = [line for line in draft.lines if line.quantity > free.get(line.sku, line.quantity)]
            if short and not draft.force_create:
                raise Refused("not enough stock", status=200, code="-2")
            number = 1200 + len(self.made)
            size = {each.sku: each.id for each in self.stock.values()}
            lines = tuple(
                OrderLine(id=number * 10 + place, quantity=line.quantity, sku=line.sku, size_id=size.get(line.sku),
                          comment=line.comment, allocated=min(line.quantity, free.get(line.sku, line.quantity)))
                for place, line in enumerate(draft.lines)
            )  # fmt: skip
            self.made[number] = Order(
                id=f"hash{number}", number=number, status="INCOMPLETE", internal_comment=draft.internal_comment,
                lines=lines,
            )  # fmt: skip
            return Created(numbers=(number,), finished=False)

    def complete_order(self, number: int, draft: OrderDraft, *, lane: Lane) -> tuple[int, ...]:
        with self._call("complete_order", lane, number):
            if self.made[number].status != "INCOMPLETE":
                raise Refused("the order is complete", code="-6")
            self._change(number, status="PENDING")
            return (number,)

    def set_external_id(self, number: int, external_id: str, *, lane: Lane) -> None:
        with self._call("set_external_id", lane, (number, external_id)):
            self._change(number, external_id=external_id)

    def confirm_order(self, number: int, *, lane: Lane) -> None:
        with self._call("confirm_order", lane, number):
            self._change(number, status="CONFIRMED")

    def adopt_order(self, number: int, external_id: str, *, lane: Lane) -> None:
        with self._call("adopt_order", lane, (number, external_id)):
            self._change(number, external_id=external_id, status="CONFIRMED")

    def cancel_lines(self, number: int, lines: Mapping[int, int], comment: str, *, lane: Lane) -> None:
        with self._call("cancel_lines", lane, (number, dict(lines))):
            made = self._with_shipments(self.made[number])
            if made.status == "CANCELLED" or any(units > self._free(made, each) for each, units in lines.items()):
                raise Refused("the units are in a shipment")
            self.cancels(number, lines)

    def cancel_order(self, order_id: str, comment: str, *, lane: Lane) -> None:
        with self._call("cancel_order", lane, order_id):
            (made,) = (each for each in self.made.values() if each.id == order_id)
            if self._with_shipments(made).shipments or made.status == "CANCELLED":
                raise Refused("the order has a shipment")
            self._change(made.number, status="CANCELLED")

    def cancels(self, number: int, lines: Mapping[int, int]) -> None:
        """Units leave an order by order line id, whoever wants that."""
        self._change(number, lines=tuple(
            line.model_copy(update={
                "quantity": line.quantity - lines.get(line.id, 0),
                "cancelled_quantity": line.cancelled_quantity + lines.get(line.id, 0),
            })
            for line in self.made[number].lines
        ))  # fmt: skip

    def allocates(self, number: int) -> None:
        """Stock comes in and all of an order gets its share."""
        self._change(number, lines=tuple(
            line.model_copy(update={"allocated": line.quantity}) for line in self.made[number].lines
        ))  # fmt: skip

    def _free(self, made: Order, line_id: int) -> int:
        packed = sum(row.quantity for each in made.shipments for row in each.lines if row.order_line_id == line_id)
        return sum(line.quantity for line in made.lines if line.id == line_id) - packed

    def _change(self, number: int, **fields: Any) -> None:
        self.made[number] = self.made[number].model_copy(update=fields)

    def _with_shipments(self, order: Order) -> Order:
        own = tuple(each for each in self.shipped.values() if each.order_number == order.number)
        return order.model_copy(update={"shipments": own})


@dataclass
class FakeVirtualstock(ReturnsOfRetailers, Platform):
    """A Virtualstock that lets a line do only what its status allows, and refuses the whole call for one that may not.

    :param tells_units: whether API v3 says how many units of a line are to be cancelled.
    :param serves_v3: whether there is an API v3 at all.
    """

    placed: dict[int, dict[str, Any]] = field(default_factory=dict)
    listed: list[Product] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    left: dict[tuple[int, str], int] = field(default_factory=dict)
    gone: dict[tuple[int, str], int] = field(default_factory=dict)
    wished: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)
    parcels: dict[tuple[int, str], DispatchItem] = field(default_factory=dict)
    tells_units: bool = True
    serves_v3: bool = True
    invoices: list[Invoice] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)

    def shows(self, order_id: int, status: str, *lines: str) -> None:
        """Lines of an order (all, if none is named) come into a status, whoever did it."""
        raw = self.placed[order_id]
        wanted = lines or tuple(item["line_reference"] for item in raw["items"])
        items = [item | {"status": status} if item["line_reference"] in wanted else item for item in raw["items"]]
        shown = [item["status"] for item in items]
        least = min(shown, key=lambda each: RANK.index(each) if each in RANK else len(RANK))
        self.placed[order_id] = raw | {"items": items, "status": least}

    def status(self, order_id: int, line: str = "1") -> str:
        """The status of a line."""
        return {item["line_reference"]: item["status"] for item in self.placed[order_id]["items"]}[line]

    def wants_cancelled(self, order_id: int, *lines: str, units: int | None = None) -> None:
        """The retailer asks to cancel lines, in whole or only some units of each."""
        for line in lines or tuple(item["line_reference"] for item in self.placed[order_id]["items"]):
            self.wished[order_id, line] = (units or self._remainder(order_id, line), self.status(order_id, line))
            self.shows(order_id, "CANCEL", line)

    def orders(self, status: str, *, lane: Lane, retailer_id: int | None = None) -> list[dict[str, Any]]:
        with self._call("orders", lane, (status, retailer_id)):
            return [raw for raw in self.placed.values() if raw.get("status") == status]

    def order(self, order_id: int, *, lane: Lane) -> dict[str, Any] | None:
        with self._call("order", lane, order_id):
            return self.placed.get(order_id)

    def order_v3(self, order_id: int, *, lane: Lane) -> dict[str, Any] | None:
        with self._call("order_v3", lane, order_id):
            if not self.serves_v3:
                return None
            items = [self._row_v3(order_id, item) for item in self.placed[order_id]["items"]]
            return {"url": f"https://v/restapi/v3/orders/{order_id}/", "shipments": [{"items": items}]}

    def orders_cancelled_lately(self, *, lane: Lane) -> list[dict[str, Any]]:
        """None: staff cancel nothing in the portal here; what they cancel there is a matter of the twins."""
        with self._call("orders_cancelled_lately", lane):
            return []

    def acknowledge(self, order_id: int, items: Sequence[AcknowledgeItem], *, lane: Lane) -> None:
        with self._call("acknowledge", lane, [item.to_json() for item in items]):
            self._check(order_id, items, {"ORDER", "BACKORDER"})
            self.shows(order_id, "ORDER_ACK", *(item.line_ref for item in items))

    def backorder(self, order_id: int, items: Sequence[BackorderItem], *, lane: Lane) -> None:
        with self._call("backorder", lane, [item.to_json() for item in items]):
            self._check(order_id, items, {"ORDER", "ORDER_ACK", "BACKORDER"})
            self.shows(order_id, "BACKORDER", *(item.line_ref for item in items))

    def dispatch(self, order_id: int, items: Sequence[DispatchItem], *, lane: Lane) -> None:
        with self._call("dispatch", lane, [item.to_json() for item in items]):
            self._check(order_id, items, {"ORDER_ACK", "BACKORDER", "CANCEL"})
            for item in items:
                self.left[order_id, item.line_ref] = self.left.get((order_id, item.line_ref), 0) + item.quantity
                self.parcels[order_id, item.line_ref] = item
                if self._remainder(order_id, item.line_ref) <= 0:
                    self.shows(order_id, "DISPATCH", item.line_ref)

    def cancel_acknowledge(self, order_id: int, items: Sequence[CancelItem], *, lane: Lane) -> None:
        with self._call("cancel_acknowledge", lane, [item.to_json() for item in items]):
            self._check(order_id, items, {"CANCEL"})
            for item in items:
                wanted = min(self.wished[order_id, item.line_ref][0], self._remainder(order_id, item.line_ref))
                if item.quantity != wanted:
                    raise Refused(f"{wanted} units are to be cancelled, not {item.quantity}", status=400)
            for item in items:
                self.cancelled(order_id, item.line_ref, item.quantity)

    def cancelled(self, order_id: int, line: str, units: int) -> None:
        """Units of a line are cancelled for good; the rest goes on as before."""
        self.gone[order_id, line] = self.gone.get((order_id, line), 0) + units
        if self._remainder(order_id, line) > 0:
            self.shows(order_id, self.wished[order_id, line][1], line)
        else:
            self.shows(order_id, "DISPATCH" if self.left.get((order_id, line)) else "CANCEL_ACK", line)

    def invoice(self, invoice: Invoice, *, lane: Lane) -> None:
        with self._call("invoice", lane, invoice.to_json()):
            wanted = invoice.retailer_order_reference
            (order,) = (raw for raw in self.placed.values() if raw["order_reference"] == wanted)
            if any(item["status"] not in ("DISPATCH", "CANCEL_ACK") for item in order["items"]):
                raise Refused("not fulfilled", status=400, code="ORDER_NOT_FULFILLED")
            if invoice.invoice_number in {each.invoice_number for each in self.invoices}:
                raise Refused("number used", status=400, code="DUPLICATED_INVOICE_NUMBER")
            if any(each.retailer_order_reference == invoice.retailer_order_reference for each in self.standing()):
                raise Refused("invoiced", status=400, code="ORDER_ALREADY_INVOICED")
            self.invoices.append(invoice)

    def standing(self) -> list[Invoice]:
        """Invoices that the retailer took and did not reject."""
        return [each for each in self.invoices if each.invoice_number not in self.rejected]

    def products_page(self, offset: int, limit: int = 200, *, lane: Lane) -> tuple[list[Product], int | None]:
        with self._call("products_page", lane, offset):
            following = offset + limit if offset + limit < len(self.listed) else None
            return self.listed[offset : offset + limit], following

    def products_named(self, part_number: str, *, lane: Lane) -> list[Product]:
        with self._call("products_named", lane, part_number):
            return [product for product in self.listed if product.part_number == part_number]

    def set_stock(self, product_id: int, quantity: int, *, lane: Lane) -> None:
        with self._call("set_stock", lane, (product_id, quantity)):
            self.shown[product_id] = quantity

    def categories(self, *, lane: Lane) -> list[tuple[int, str]]:
        with self._call("categories", lane):
            return [(5544, "Clothing"), (5546, "Footwear"), (5547, "Accessories")]

    def carriers(self, *, lane: Lane) -> list[Carrier]:
        with self._call("carriers", lane):
            return [Carrier(slug=slug) for slug in ("royal-mail", "dpd", "parcelforce")]

    def _check(self, order_id: int, items: Sequence[ActionItem], allowed: set[str]) -> None:
        for item in items:
            status = self.status(order_id, item.line_ref)
            if status not in allowed:
                raise Refused(f"line {item.line_ref} is {status}", status=400)

    def _remainder(self, order_id: int, line: str) -> int:
        ordered = {item["line_reference"]: item["quantity"] for item in self.placed[order_id]["items"]}[line]
        return int(ordered) - self.left.get((order_id, line), 0) - self.gone.get((order_id, line), 0)

    def _row_v3(self, order_id: int, item: Mapping[str, Any]) -> dict[str, Any]:
        at = (order_id, item["line_reference"])
        parcel = self.parcels.get(at)
        asked = self.wished[at][0] if item["status"] == "CANCEL" and self.tells_units else None
        return {
            "part_number": item["part_number"], "line_ref": item["line_reference"], "quantity": item["quantity"],
            "cancel_quantity": asked, "tracking_number": parcel.tracking_number if parcel else None,
            "dispatch_date": f"{parcel.supplier_dispatch_date}T00:00:00" if parcel else None,
        }  # fmt: skip
