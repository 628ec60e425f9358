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
from integration.virtualstock.actions import AcknowledgeItem, DispatchItem
from integration.virtualstock.schema import Carrier, Product

ORDERS_PAGE = 25


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
class FakeCentra(Platform):
    """A Centra whose Order API completes an order to PENDING, as the real one does by default."""

    stock: dict[int, Size] = field(default_factory=dict)
    made: dict[int, Order] = field(default_factory=dict)
    shipped: dict[int, Shipment] = field(default_factory=dict)
    queue: list[Event] = field(default_factory=list)
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
            entry = Event(id=len(self.queue) + 500, object_type=kind, change_type=action, reference=number)
            self.queue.append(entry)

    def events(self, limit: int, *, lane: Lane) -> list[Event]:
        with self._call("events", lane, limit):
            return self.queue[:limit]

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
            number = 1200 + len(self.made)
            size = {each.sku: each.id for each in self.stock.values()}
            lines = tuple(
                OrderLine(id=number * 10 + place, quantity=line.quantity, sku=line.sku, size_id=size.get(line.sku),
                          comment=line.comment)
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

    def _change(self, number: int, **fields: Any) -> None:
        self.made[number] = self.made[number].model_copy(update=fields)

    def _with_shipments(self, order: Order) -> Order:
        own = tuple(each for each in self.shipped.values() if each.order_number == order.number)
        return order.model_copy(update={"shipments": own})


@dataclass
class FakeVirtualstock(Platform):
    """A Virtualstock that refuses to acknowledge what is not new and to dispatch what has left."""

    placed: dict[int, dict[str, Any]] = field(default_factory=dict)
    listed: list[Product] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    left: dict[tuple[int, str], int] = field(default_factory=dict)

    def orders(self, status: str, *, lane: Lane, retailer_id: int | None = None) -> list[dict[str, Any]]:
        with self._call("orders", lane, (status, retailer_id)):
            return [raw for raw in self.placed.values() if raw.get("status") == status]

    def order(self, order_id: int, *, lane: Lane) -> dict[str, Any] | None:
        with self._call("order", lane, order_id):
            return self.placed.get(order_id)

    def acknowledge(self, order_id: int, items: Sequence[AcknowledgeItem], *, lane: Lane) -> None:
        with self._call("acknowledge", lane, [item.to_json() for item in items]):
            if self.placed[order_id]["status"] != "ORDER":
                raise Refused("the order is not new", status=400)
            self._become(order_id, "ORDER_ACK", [item.line_ref for item in items])

    def dispatch(self, order_id: int, items: Sequence[DispatchItem], *, lane: Lane) -> None:
        with self._call("dispatch", lane, [item.to_json() for item in items]):
            status = {item["line_reference"]: item["status"] for item in self.placed[order_id]["items"]}
            if any(status[item.line_ref] == "DISPATCH" for item in items):
                raise Refused("a line is dispatched already", status=400)
            for item in items:
                self.left[order_id, item.line_ref] = self.left.get((order_id, item.line_ref), 0) + item.quantity
            whole = {item["line_reference"]: item["quantity"] for item in self.placed[order_id]["items"]}
            gone = [line for (of, line), count in self.left.items() if of == order_id and count >= whole[line]]
            self._become(order_id, "DISPATCH", gone)

    def products_page(self, offset: int, limit: int = 200, *, lane: Lane) -> tuple[list[Product], int | None]:
        with self._call("products_page", lane, offset):
            following = offset + limit if offset + limit < len(self.listed) else None
            return self.listed[offset : offset + limit], following

    def set_stock(self, product_id: int, quantity: int, *, lane: Lane) -> None:
        with self._call("set_stock", lane, (product_id, quantity)):
            self.shown[product_id] = quantity

    def carriers(self, *, lane: Lane) -> list[Carrier]:
        with self._call("carriers", lane):
            return [Carrier(slug=slug) for slug in ("royal-mail", "dpd", "parcelforce")]

    def _become(self, order_id: int, status: str, lines: Sequence[str]) -> None:
        raw = self.placed[order_id]
        items = [item | {"status": status} if item["line_reference"] in lines else item for item in raw["items"]]
        states = {item["status"] for item in items}
        self.placed[order_id] = raw | {"items": items, "status": states.pop() if len(states) == 1 else raw["status"]}
