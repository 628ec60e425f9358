"""The stage with the catalogue's flows on, and the calls that reached the retailers' listings in words of a story."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from integration.centra.client import LISTENED
from integration.flows import mappings, upkeep, work
from integration.lanes import Lane
from integration.people import Door, Person, Role
from integration.steps import CENTRA, IMAGES_CHECK, INTAKE_CONTENT, INTAKE_POLL, PRODUCTS_READ, Step
from integration.storage import products
from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold
from sandbox.centra import clock
from sandbox.seed import Seed
from tests.life.kept import Kept
from tests.life.stage import Stage

JANE = Person("Jane Doe", Role.OPERATOR, Door.CONSOLE)

CAUSE, HOLD = table_of(Cause), table_of(Hold)
HANDED_AGAIN = 3601
"""Seconds after which work that was handed out and that nobody took is handed out again."""
PATCHED, CREATED = "product_patch", "product_create"
TELLING = (PATCHED, CREATED)
"""Operations of the Virtualstock twin that change what a listing says."""
Change = tuple[str | None, str]
Call = tuple[str, str, dict[str, Change]]


class ProductStage(Stage):
    """Centra's catalogue and the three retailers' listings, in agreement from the start.

    `mark` is where `calls` looks from.
    """

    sizes: ClassVar[tuple[str, ...]] = ("S", "M", "XL")
    """Of each colour: every further one costs most stories a third more calls and tells them nothing new."""

    def __init__(self, folder: Path, *, skus: int = 60) -> None:
        super().__init__(folder, skus=skus, catalogue=True)
        self.settle()
        self.keep()

    def _seed(self, skus: int) -> Seed:
        seed = super()._seed(skus)
        products = [replace(product, variants=tuple(
            replace(variant, sizes=tuple(size for size in variant.sizes if size.name in self.sizes))
            for variant in product.variants
        )) for product in seed.products]  # fmt: skip
        sold = {size.sku for _, _, size in Seed(tuple(products), ()).sizes()}
        return replace(seed, products=tuple(products), listings=tuple(
            each for each in seed.listings if each.sku in sold
        ))  # fmt: skip

    def keep(self) -> None:
        """`again` comes back to this moment from now on."""
        self.mark = self.virtualstock.mark()
        self._kept = Kept(self)
        self._kept_rules, self._dice, self._rolled = self.rules, self.random, self.random.getstate()

    def again(self) -> None:
        """Everything is as it was when it was kept: a story may leave the shop in whatever state it likes."""
        self.behave()
        self.gate.calls = self.killed = 0
        self.rules, self.random = self._kept_rules, self._dice
        self.random.setstate(self._rolled)
        self._kept.give_back()
        self.mark = self.virtualstock.mark()

    def settle(self, minutes: float = 2) -> None:
        """Time passes and work is done as the timetable would have it; no complete reading begins."""
        for _ in range(int(minutes * 4)):
            self.tick()
            clock.advance(15)

    def until(self, moment: datetime) -> None:
        """The clock is put on to this moment, and nothing happens meanwhile."""
        clock.advance((moment.astimezone(UTC) - clock.now()).total_seconds())

    def tick(self) -> None:
        """What the timetable asks within seconds, and the work that is due."""
        with self.store.write() as db:
            self.services.promise(db, INTAKE_POLL, [CENTRA])
            self.services.promise(db, INTAKE_CONTENT, [CENTRA])
            self.services.promise(db, IMAGES_CHECK, [CENTRA])
        upkeep.CHORES["products.turn"](self.services)
        self.drain()

    def tick_once(self) -> None:
        """Events are absorbed, products and stock read, and what follows from that has not been sent yet."""
        with self.store.write() as db:
            self.services.promise(db, INTAKE_POLL, [CENTRA])
            self.services.promise(db, INTAKE_CONTENT, [CENTRA])
        for _ in range(3):
            for each in work.hand_out(self.services):
                if each.step.startswith(("intake", "products.read", "stock.read")):
                    self._run(each)
            clock.advance(HANDED_AGAIN)

    def turn(self) -> None:
        """One tick of the clock of campaigns, and the work that follows; nobody reads events."""
        upkeep.CHORES["products.turn"](self.services)
        self.drain()

    def reread(self, product: int) -> None:
        """Read a product and do what follows, as if an event had named it."""
        with self.store.write() as db:
            products.mark_stale(db, [product], products.begin_read(db))
        self.ask(PRODUCTS_READ, CENTRA)
        self.settle(1)

    def ask(self, step: Step, *subjects: str) -> None:
        """Promise a step for subjects."""
        with self.store.write() as db:
            self.services.promise(db, step, subjects)

    def publish(self, **parts: Mapping[str, Any]) -> None:
        """Publish a rulebook in which some parts of `parts` differ, such as ``fields={"calder": …}``."""
        update = {name: {**getattr(self.rules, name), **changed} for name, changed in parts.items()}
        rules = self.rules.model_copy(update=update)
        made = mappings.publish(self.services, rules, person=JANE, reason="a story")
        assert made.version is not None, made.problems
        self.rules = rules

    def lose_events(self) -> None:
        """Somebody else takes every event off our queue."""
        client = self.services.centra
        while events := client.events(LISTENED, lane=Lane.ORDERS):
            client.confirm_events([event.id for event in events], lane=Lane.ORDERS)

    def sentences(self, kind: str) -> list[str]:
        """What the open causes of a kind say."""
        rows = self.rows(sa.select(CAUSE.c.sentence).where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind == kind))
        return [row.sentence for row in rows]

    def ids(self, kind: str) -> list[int]:
        """Ids of the open causes of a kind."""
        rows = self.rows(sa.select(CAUSE.c.id).where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind == kind))
        return [row.id for row in rows]

    def later(self, seconds: float) -> str:
        """A moment to come, as Centra takes it."""
        return (clock.now() + timedelta(seconds=seconds)).isoformat()

    def waiting(self, kind: str) -> int:
        """How many pieces of work wait behind the one open cause of a kind."""
        return len(self.rows(sa.select(HOLD).where(HOLD.c.cause_id == self.cause(kind).id)))

    def edit(self, **changes: Any) -> Any:
        """One save of the merchant's staff, see `sandbox.centra.editing`."""
        return self.centra.post("edit", **changes)

    def calls(self) -> list[Call]:
        """The successful calls that told a listing something since the last look, refused ones left out.

        Each is (retailer, SKU, {attribute: (before, after)}); sorted, because listings of one moment have no order.
        """
        entries = self.attempts()
        return sorted((each for each in map(_call, entries) if each is not None), key=lambda call: call[:2])

    def attempts(self) -> list[dict[str, Any]]:
        """The same as raw entries of the journal, with whatever came back; those for a stale token are left out."""
        entries = [
            entry for entry in self.virtualstock.calls(self.mark)
            if entry["operation"] in TELLING and entry["status"] != 401
        ]  # fmt: skip
        self.mark = self.virtualstock.mark()
        return entries

    def on_sale(self, retailer: str, *variants: int) -> list[str]:
        """SKUs of these variants that a retailer lists and that Centra offered at the start."""
        ours = {size.sku for _, variant, size in self.seed.sizes()
                if variant.active and size.active and variant.id in variants}  # fmt: skip
        return sorted(each.sku for each in self.seed.listings if each.retailer == retailer and each.sku in ours)

    def shown(self, retailer: str, sku: str) -> dict[str, Any]:
        """What a retailer shows of an SKU."""
        found: dict[str, Any] = self.virtualstock.get("products", retailer=retailer)[sku]
        return found

    def open_causes(self) -> dict[str, list[str]]:
        """Keys of the open causes by kind."""
        found: dict[str, list[str]] = {}
        for row in self.rows(sa.select(CAUSE).where(CAUSE.c.closed_at.is_(None)).order_by(CAUSE.c.key)):
            found.setdefault(row.kind, []).append(row.key)
        return found

    def cause(self, kind: str) -> Any:
        """The one open cause of a kind, as its row."""
        (row,) = self.rows(sa.select(CAUSE).where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind == kind))
        return row


def _call(entry: Mapping[str, Any]) -> Call | None:
    detail = entry["detail"]
    if not 200 <= entry["status"] < 300:
        return None
    changes = {name: (each["before"], each["after"]) for name, each in detail["attributes"].items()}
    return detail["retailer"], detail["sku"], changes
