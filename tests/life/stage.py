"""A whole life of an order in one process: both twins behind real sockets, the real clients, flows and a database.

What the real system does with Celery, Redis and beat is done here by `Stage.calm`: it asks what the timetable asks,
runs what is due, and moves the clock of everybody ahead, so that a day of an order takes a moment. Faults strike
between the clients and the twins; a worker dies by `Killed`, which nothing may catch.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from integration.centra.client import CentraClient
from integration.flows import upkeep, work
from integration.http import ONE_REQUEST, open_session
from integration.images import ImageLinks
from integration.lanes import Lane
from integration.notify import Printed
from integration.rulebook import Rulebook
from integration.services import Services
from integration.steps import CENTRA, STEPS
from integration.storage import Store
from integration.storage.store import table_of
from integration.storage.tables import Cause, MarketplaceOrder, OrderLine, WorkItem
from integration.storage.work import Handed
from integration.virtualstock.client import VirtualstockClient
from integration.virtualstock.schema import Carrier
from integration.virtualstock.tokens import Tokens
from sandbox import centra
from sandbox.centra import clock
from sandbox.http import Server
from sandbox.seed import Seed, build_seed
from sandbox.settings import SandboxSettings
from sandbox.virtualstock import VirtualstockTwin
from tests.story.system import Twin
from tests.world import FLOWS

ROOT = Path(__file__).parents[2]
ITEM, CAUSE, ORDER, LINE = (table_of(each) for each in (WorkItem, Cause, MarketplaceOrder, OrderLine))
POLLS = (
    "orders.poll", "cancellations.poll", "cancellations.sweep", "returns.poll", "intake.poll", "intake.content",
    "dispatches.sweep", "stock.read",
)  # fmt: skip
"""What the timetable asks again and again, and what one round of `Stage.calm` asks once."""
ROUND = 301
"""Seconds between two rounds: every poll of the timetable is due once."""


class Killed(BaseException):
    """The worker died in the middle of its work; `Exception` handlers must not see it."""


class OpenGate:
    """A quota without limits that counts its calls, and kills the worker when it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.deadly: Callable[[], bool] = lambda: False

    def take(self, lane: Lane, charges: Mapping[str, float] = ONE_REQUEST) -> None:
        self.calls += 1
        if self.deadly():
            raise Killed

    def settle(self, charges: Mapping[str, float]) -> None: ...

    def learn(self, levels: Mapping[str, tuple[float, float]]) -> None: ...

    def hold_off(self, seconds: float) -> None: ...

    def succeeded(self) -> None:
        # The platform has answered and the answer is not written down yet: the worst moment to die.
        if self.deadly():
            raise Killed

    def failed(self) -> None: ...

    def room(self, lane: Lane) -> int:
        return 1000

    def left(self) -> float:
        return 1.0

    def snapshot(self) -> dict[str, Any]:
        return {"learned": True}


class OwnTokens:
    """Access tokens of one process."""

    def __init__(self) -> None:
        self._known: dict[str, Tokens] = {}

    def access(self, owner: str, issuer: Any, spoilt: str | None = None) -> str | None:
        known = self._known.get(owner)
        if known is None or (spoilt is not None and known.access == spoilt):
            known = self._known[owner] = issuer.log_in()
        return known.access


@cache
def book() -> Rulebook:
    """The rulebook of the repository."""
    return Rulebook.load(ROOT / "mappings")


class Stage:
    """Both platforms, all flows and a database, with no process and no waiting."""

    def __init__(self, folder: Path, *, skus: int = 200, catalogue: bool = False) -> None:
        clock.reset()
        settings = SandboxSettings(centra_port=0, virtualstock_port=0, webhook_url="", life=0, seed_skus=skus)
        self.seed = seed = self._seed(skus)
        self.servers = [centra.serve(settings, seed), Server(VirtualstockTwin(seed, clock.timestamp)).start()]
        self.centra, self.virtualstock = (Twin(server.port) for server in self.servers)
        self.centra.put("settings", {"plan": "enterprise", "webhook_url": None})
        self.virtualstock.put("settings", {
            "requests_per_minute": dict.fromkeys(book().retailers, 10**6), "media_url": self.centra.url,
        })  # fmt: skip
        self.gate = OpenGate()
        self.store = Store(f"sqlite:///{folder / 'stage.db'}")
        # No test here is about a power cut; waiting for the disk would be half of their time.
        sa.event.listen(self.store.engine, "connect", _without_sync)
        SQLModel.metadata.create_all(self.store.engine)
        self.rules = book()
        for code in self.rules.retailers:
            # Stories of orders would spend most of their time on pushing the whole range.
            self.change(code, switches={"stock": False, "products": catalogue, "prices": catalogue})
        self.random = random.Random(0)
        self.killed = 0
        self._tokens = OwnTokens()
        self._clients: dict[str, VirtualstockClient] = {}
        self.services = self._services()
        self._open_shop()

    def _seed(self, skus: int) -> Seed:
        """What both sides hold at the start."""
        return build_seed(skus, 1)

    def stop(self) -> None:
        """Close everything."""
        for server in self.servers:
            server.stop()
        for twin in (self.centra, self.virtualstock):
            twin.session.close()
        self.store.close()

    # Time and work

    def now(self) -> datetime:
        """This moment, for everybody."""
        return clock.now()

    def drain(self, pieces: int | None = None) -> int:
        """Run what is due until nothing is, or so many pieces; returns how many were run."""
        done = 0
        while handed := work.hand_out(self.services):
            for each in handed:
                if done == pieces:
                    return done
                self._run(each)
                done += 1
            if done > 20_000:
                raise AssertionError(f"the work does not come to an end: {self.left()}")
        return done

    def calm(self, rounds: int = 40) -> None:
        """Let time pass until nothing changes any more: the timetable asks, the work is done, what failed is tried."""
        quiet = 0
        for _ in range(rounds):
            self.round()
            quiet = quiet + 1 if not self.left() else 0
            if quiet == 2:
                return
        raise AssertionError(f"not settled after {rounds} rounds: {self.left()}")

    def round(self) -> None:
        """One turn of the timetable and everything that follows from it, retries included."""
        clock.advance(ROUND)
        with self.store.write() as db:
            for name in POLLS:
                step = STEPS[name]
                subjects = [CENTRA] if step.spends == "centra" else list(self.rules.retailers)
                self.services.promise(db, step, subjects)
        upkeep.CHORES["deadlines.remind"](self.services)
        for _ in range(30):
            self.drain()
            due = self._next_due()
            if due is None or due > clock.now() + timedelta(seconds=ROUND):
                break
            clock.advance(max(0.0, (due - clock.now()).total_seconds()) + 0.001)

    def left(self) -> list[Any]:
        """Work that is neither done nor waiting for a person."""
        where = sa.and_(ITEM.c.asked > ITEM.c.answered, ~ITEM.c.held)
        return self.rows(sa.select(ITEM.c.step, ITEM.c.subject, ITEM.c.tries, ITEM.c.last_error).where(where))

    def rows(self, statement: sa.Executable) -> list[Any]:
        """What a query finds."""
        with self.store.read() as db:
            return list(db.execute(statement))

    def causes(self) -> list[tuple[str, str | None]]:
        """Kind of every open cause and the order that its facts name."""
        rows = self.rows(sa.select(CAUSE).where(CAUSE.c.closed_at.is_(None)).order_by(CAUSE.c.id))
        return [(row.kind, row.facts.get("reference")) for row in rows]

    def change(self, retailer: str, **parts: Mapping[str, Any]) -> None:
        """Publish a rulebook in which parts of one profile differ."""
        profile = self.rules.retailers[retailer]
        update = {name: getattr(profile, name).model_copy(update=dict(values)) for name, values in parts.items()}
        profiles = dict(self.rules.retailers) | {retailer: profile.model_copy(update=update)}
        self.rules = self.rules.model_copy(update={"retailers": profiles})

    # Faults

    def misbehave(self, seed: int, share: float) -> None:
        """Lose, refuse and delay calls and kill workers at random, the same way for the same seed."""
        self.random = random.Random(seed)
        for server in self.servers:
            server.faults.replace([
                {"do": "drop_after", "probability": share}, {"do": "drop_before", "probability": share},
                {"do": "status", "value": 500, "probability": share},
                {"do": "status_after", "value": 502, "probability": share},
            ])  # fmt: skip
        self.gate.deadly = lambda: self.random.random() < share / 2

    def behave(self) -> None:
        """No more faults."""
        for server in self.servers:
            server.faults.clear()
        self.gate.deadly = lambda: False

    # Inside

    def _run(self, each: Handed) -> None:
        try:
            outcome = work.run(self.services, STEPS[each.step], each.subject, FLOWS.get(each.step, lambda *_: None))
        except Killed:
            # Nobody wrote anything down; the claim runs out by itself.
            self.killed += 1
            return
        if outcome.defect is not None:
            raise outcome.defect

    def _next_due(self) -> datetime | None:
        rows = self.rows(
            sa.select(ITEM.c.due_at, ITEM.c.claimed_until, ITEM.c.handed_until)
            .where(ITEM.c.asked > ITEM.c.answered, ~ITEM.c.held)
        )  # fmt: skip
        return min((max(filter(None, row)) for row in rows), default=None)

    def _open_shop(self) -> None:
        """Read Centra's sizes and the retailers' listings, so that every article is known."""
        upkeep.start(self.services)
        self.drain()
        self.round()

    def _services(self) -> Services:
        base = self.centra.url
        centra_client = CentraClient(
            f"{base}/graphql", "sandbox-centra-token", f"{base}/api/order-api", "sandbox-order-api-key",
            cast(Any, self.gate), cast(Any, self.gate), session=open_session(base),
        )
        return Services(
            store=self.store, centra=centra_client, virtualstock=self._client, carriers=self._carriers,
            images=ImageLinks(base),
            quota=lambda _: cast(Any, self.gate), send=_nobody, broker_answers=lambda: True, rules=lambda: self.rules,
            centra_zone="Europe/London", now=self.now, roll=self.random.random,
            notify=Printed(), mappings_dir=ROOT / "mappings",
        )  # fmt: skip

    def _client(self, credential: str) -> VirtualstockClient:
        if credential not in self._clients:
            self._clients[credential] = VirtualstockClient(
                self.virtualstock.url, credential, f"{credential}-secret", cast(Any, self.gate),
                cast(Any, self._tokens), session=open_session(self.virtualstock.url),
            )
        return self._clients[credential]

    def _carriers(self, retailer: str) -> Mapping[str, Carrier]:
        found = self._client(self.rules.retailers[retailer].credential).carriers(lane=Lane.ORDERS)
        return {carrier.slug: carrier for carrier in found if carrier.slug}


def _without_sync(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _nobody(_: Iterable[Handed]) -> None:
    """The stage asks for what is due itself."""
