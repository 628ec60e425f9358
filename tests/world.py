"""A whole integration in memory: a real database, both fake platforms, a clock that stands still until it is moved."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from integration.centra.client import CentraClient
from integration.flows import (
    acknowledgements,
    backorders,
    cancellations,
    catalogue,
    content_events,
    creations,
    dispatches,
    images,
    intake,
    invoices,
    orders,
    product_pushes,
    products,
    rehearsals,
    returns,
    reviews,
    stock,
    work,
)
from integration.flows.work import Findings, Outcome
from integration.images import ImageLinks, Verdict
from integration.lanes import Lane
from integration.notify import NotSent
from integration.rulebook import Rulebook
from integration.services import Services
from integration.steps import STEPS, Step
from integration.storage import Store, journal
from integration.storage.store import table_of
from integration.storage.tables import Cause, WorkItem
from integration.storage.work import Handed
from integration.virtualstock.client import VirtualstockClient
from integration.virtualstock.schema import Carrier, Product
from tests.fakes import FakeCentra, FakeVirtualstock

MAPPINGS = Path(__file__).parents[1] / "mappings"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ITEM, CAUSE = table_of(WorkItem), table_of(Cause)
FLOWS: dict[str, Callable[[Services, str], Findings]] = {
    "intake.absorb": intake.absorb, "intake.poll": intake.poll, "intake.content": content_events.read,
    "stock.read": stock.read, "stock.push": stock.push, "stock.sweep": stock.sweep,
    "catalogue.displays": catalogue.displays, "catalogue.listings": catalogue.read_listings,
    "products.read": products.read, "products.sweep": products.sweep, "products.review": reviews.review,
    "products.push": product_pushes.push, "products.create": creations.create, "images.check": images.check,
    "orders.poll": orders.poll, "orders.place": orders.place, "orders.acknowledge": acknowledgements.acknowledge,
    "orders.confirm": orders.confirm,
    "cancellations.poll": cancellations.poll, "cancellations.sweep": cancellations.sweep,
    "cancellations.settle": cancellations.settle, "cancellations.confirm": cancellations.confirm,
    "backorders.announce": backorders.announce,
    "invoices.send": invoices.send,
    "dispatches.sweep": dispatches.sweep, "dispatches.announce": dispatches.announce,
    "dispatches.rehearse": rehearsals.rehearse,
    "returns.poll": returns.poll, "returns.acknowledge": returns.acknowledge,
}  # fmt: skip


@cache
def book() -> Rulebook:
    """The rulebook of the repository."""
    return Rulebook.load(MAPPINGS)


class FakeQuota:
    """A quota with as much room as a test gives it."""

    def __init__(self) -> None:
        self.places = 100

    def room(self, lane: Lane) -> int:
        return self.places

    def left(self) -> float:
        return 1.0

    def hold_off(self, seconds: float) -> None:
        """A test that minds it looks at the work items."""

    def snapshot(self) -> dict[str, Any]:
        return {"learned": True}


class FakeNotify:
    """Remembers each message as (channel, title, body, page); a channel in `broken` takes none."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str, str]] = []
        self.broken: set[str] = set()

    def send(self, channel: str, title: str, body: str, page: str) -> None:
        if channel in self.broken:
            raise NotSent("the service is away")
        self.told.append((channel, title, body, page))


class FakeImages:
    """Every link leads to an image, except those that `wrong` names."""

    def __init__(self) -> None:
        self.wrong: dict[str, Verdict] = {}
        self.looked: list[str] = []

    def look(self, url: str) -> Verdict:
        self.looked.append(url)
        return self.wrong.get(url, Verdict())


class World:
    """One merchant and its retailers. `at` is the time; `services` is what flows get."""

    def __init__(self, folder: Path) -> None:
        self.at = NOON
        self.rules = book()
        self.centra = FakeCentra()
        self.retailers = {code: FakeVirtualstock() for code in self.rules.retailers}
        self.images = FakeImages()
        self.quota = FakeQuota()
        self.notify = FakeNotify()
        self.sent: list[Handed] = []
        self.store = Store(f"sqlite:///{folder / 'world.db'}")
        SQLModel.metadata.create_all(self.store.engine)
        self.services = Services(
            store=self.store,
            centra=cast(CentraClient, self.centra),
            virtualstock=lambda credential: cast(VirtualstockClient, self.retailers[credential]),
            carriers=self._carriers,
            images=cast(ImageLinks, self.images),
            quota=lambda _: cast(Any, self.quota),
            send=self._send,
            broker_answers=lambda: True,
            rules=lambda: self.rules,
            centra_zone="Europe/Stockholm",
            now=lambda: self.at,
            roll=lambda: 0.5,
            notify=self.notify,
            mappings_dir=MAPPINGS,
        )

    @property
    def northgate(self) -> FakeVirtualstock:
        return self.retailers["northgate"]

    @property
    def calder(self) -> FakeVirtualstock:
        return self.retailers["calder"]

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.at += timedelta(seconds=seconds)

    def ask(self, step: Step, *subjects: str) -> None:
        """Promise a step for subjects."""
        with self.store.write() as db:
            self.services.promise(db, step, subjects)

    def run(self, step: Step, subject: str) -> Outcome:
        """Let a worker take the item, if it is there and due."""
        return work.run(self.services, step, subject, FLOWS[step.name])

    def do(self, step: Step, subject: str) -> Outcome:
        """Ask for it and run it."""
        self.ask(step, subject)
        return self.run(step, subject)

    def settle(self, turns: int = 100) -> None:
        """Run what is due and what becomes due by it; time moves on over rests, but not over what fails."""
        for _ in range(turns):
            ready = [row for row in self.items() if not row.held and (row.tries == 0 or row.due_at <= self.at)]
            if not ready:
                return
            first = min(ready, key=lambda row: row.due_at)
            self.at = max(self.at, first.due_at)
            self.run(STEPS[first.step], first.subject)
        raise AssertionError("the work does not come to an end")

    def items(self) -> list[Any]:
        """Open work items."""
        with self.store.read() as db:
            return list(db.execute(sa.select(ITEM).where(ITEM.c.asked > ITEM.c.answered).order_by(ITEM.c.id)))

    def asked(self, step: Step) -> list[str]:
        """Subjects of a step that are asked for and not done."""
        return sorted(row.subject for row in self.items() if row.step == step.name)

    def item(self, step: Step, subject: str) -> Any:
        """One open item."""
        return next(row for row in self.items() if (row.step, row.subject) == (step.name, subject))

    def causes(self) -> list[tuple[str, str]]:
        """Code and key of each open cause."""
        with self.store.read() as db:
            rows = db.execute(sa.select(CAUSE).where(CAUSE.c.closed_at.is_(None)).order_by(CAUSE.c.id))
            return [(row.kind, row.key) for row in rows]

    def change(self, retailer: str, **parts: Mapping[str, Any]) -> None:
        """Publish a rulebook in which parts of one profile differ."""
        profile = self.rules.retailers[retailer]
        update = {name: getattr(profile, name).model_copy(update=dict(values)) for name, values in parts.items()}
        profiles = dict(self.rules.retailers) | {retailer: profile.model_copy(update=update)}
        self.rules = self.rules.model_copy(update={"retailers": profiles})

    def lists(self, retailer: str, product: int, part_number: str, sku: str, shown: int | None = None) -> None:
        """A retailer lists an article, under its part number and, where its products say so, with our SKU."""
        data = {"tradedCode": sku} | ({} if shown is None else {self.rules.retailers[retailer].stock.field: shown})
        raw = {"url": f"https://v/api/v4/products/{product}/", "part_number": part_number, "data": data}
        self.retailers[retailer].listed.append(Product.parse(raw))

    def orders(self, retailer: str, number: int, reference: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A retailer places an order."""
        customer = self.rules.retailers[retailer].virtualstock.customer_id
        raw = {
            "url": f"https://v/restapi/v4/orders/{number}/", "retailer": f"https://v/restapi/v4/customers/{customer}/",
            "order_reference": reference, "order_date": "2026-03-02T11:00:00", "status": "ORDER",
            "currency_code": "GBP", "delivery_service_code": "standard", "items": list(lines),
            "shipping_address": {
                "full_name": "Ada King", "line_1": "1 Mill Lane", "city": "Leeds", "postal_code": "LS1 4AP",
                "country": "GB", "email": "ada@example.com",
            },
        } | more  # fmt: skip
        self.retailers[retailer].placed[number] = raw
        return raw

    def _send(self, handed: Iterable[Handed]) -> None:
        self.sent += handed

    def _carriers(self, retailer: str) -> Mapping[str, Carrier]:
        found = self.retailers[retailer].carriers(lane=Lane.ORDERS)
        return {carrier.slug or "": carrier for carrier in found}


def line(reference: str, part_number: str, quantity: int = 1, total: str = "10.00") -> dict[str, Any]:
    """A line of an order."""
    return {
        "line_reference": reference, "part_number": part_number, "quantity": quantity, "total": total,
        "status": "ORDER",
    }  # fmt: skip


def heard(db: sa.Connection) -> int:
    """What a letter that comes in now would note: the number of the newest reading."""
    return journal.watermark(db, journal.SIZE_READ)


def heard_now(db: sa.Connection) -> int:
    """The number of the newest reading: a change we hear of now is in none up to it."""
    return journal.watermark(db, journal.SIZE_READ)
