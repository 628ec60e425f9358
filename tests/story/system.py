"""The whole system as real processes: embedded Redis, both twins, web, workers and beat, on ports of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import redis
import requests
import sqlalchemy as sa
import yaml

from integration import embedded
from integration.lanes import Lane
from integration.steps import Spends, Step
from integration.storage import Store, causes, schema, work
from integration.storage.tables import Cause, Listing, MarketplaceOrder, WorkItem

ROOT = Path(__file__).parents[2]
QUEUES = "control,orders,stock-urgent,stock,catalogue,reconciliation"
RETAILERS = ("northgate", "calder", "fernhill")
STARTED_WITHIN = 120.0
"""Only a bound on hanging: five processes import everything at once, which on a busy machine may take a minute."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Twin:
    """The control side of one twin."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.session = requests.Session()

    def get(self, path: str, **params: Any) -> Any:
        answer = self.session.get(f"{self.url}/_control/{path}", params=params, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, verb: str, **body: Any) -> Any:
        answer = self.session.post(f"{self.url}/_control/{verb}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any) -> None:
        self.session.put(f"{self.url}/_control/{path}", json=body, timeout=30).raise_for_status()

    def faults(self, *rules: Mapping[str, Any]) -> None:
        self.put("faults", list(rules))

    def no_faults(self) -> None:
        self.session.delete(f"{self.url}/_control/faults", timeout=30).raise_for_status()

    def mark(self) -> int:
        """Where the journal stands now."""
        return int(self.get("journal", since=10**12)["next"])

    def calls(self, since: int, operation: str | None = None) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get("journal", since=since)["entries"]
        return [entry for entry in entries if operation is None or entry["operation"] == operation]


class System:
    """Start it, drive the twins, look at the database, kill what you like."""

    def __init__(
        self, folder: Path, *, skus: int, database_url: str | None = None, workers: int = 1, life: float = 0,
        mappings: Path = ROOT / "mappings", plan: str = "growth",
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.server = embedded.start(folder / "redis")
        ports = {"centra": free_port(), "virtualstock": free_port(), "web": free_port()}
        self.web_port = ports["web"]
        centra, virtualstock = (f"http://127.0.0.1:{ports[name]}" for name in ("centra", "virtualstock"))
        self.database_url = database_url or f"sqlite:///{folder}/cvsync.db"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CENTRA_", "VIRTUALSTOCK_"))},
            "VAR_DIR": str(folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.server.url,
            "MAPPINGS_DIR": str(mappings),
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
            "HOST": "127.0.0.1",
            "PORT": str(ports["web"]),
            "CENTRA_GRAPHQL_URL": f"{centra}/graphql",
            "CENTRA_TOKEN": "sandbox-centra-token",
            "CENTRA_ORDER_API_URL": f"{centra}/api/order-api",
            "CENTRA_ORDER_API_KEY": "sandbox-order-api-key",
            "CENTRA_WEBHOOK_SECRET": "sandbox-webhook-secret",
            "VIRTUALSTOCK_URL": virtualstock,
            "VIRTUALSTOCK_USERNAME": "northgate",
            "VIRTUALSTOCK_PASSWORD": "northgate-secret",
            "SANDBOX_CENTRA_PORT": str(ports["centra"]),
            "SANDBOX_VIRTUALSTOCK_PORT": str(ports["virtualstock"]),
            "SANDBOX_WEBHOOK_URL": f"http://127.0.0.1:{ports['web']}/webhooks/centra",
            "SANDBOX_WEBHOOK_SECRET": "sandbox-webhook-secret",
            "SANDBOX_LIFE": str(life),
            "SANDBOX_SEED_SKUS": str(skus),
        }
        for name in RETAILERS:
            self.env |= {
                f"VIRTUALSTOCK_{name.upper()}_USERNAME": name,
                f"VIRTUALSTOCK_{name.upper()}_PASSWORD": f"{name}-secret",
            }
        self.centra, self.virtualstock = Twin(ports["centra"]), Twin(ports["virtualstock"])
        self.store = Store(self.database_url)
        schema.upgrade(self.store)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.worker_count = workers
        self.plan = plan

    # Processes

    def start(self) -> "System":
        self.spawn("twins", sys.executable, "-m", "sandbox")
        self.until(lambda: self._answers(self.centra.url + "/_control/counts"), STARTED_WITHIN, "the twins answer")
        # Before anybody asks for the quota: a plan that is changed later is learned only minutes after.
        self.centra.put("settings", {"plan": self.plan})
        self.spawn("web", sys.executable, "-m", "integration.web")
        for number in range(self.worker_count):
            self.start_worker(f"worker{number + 1}")
        self.spawn("beat", sys.executable, "-m", "celery", "-A", "tasks", "beat", "-s", str(self.folder / "beat"))
        self.until(lambda: self._answers(f"http://127.0.0.1:{self.web_port}/readyz"), STARTED_WITHIN, "the web answers")
        assert self.inactive, "the seed has sizes that are not sold"
        return self

    def start_worker(self, name: str, queues: str = QUEUES) -> None:
        self.spawn(
            name, sys.executable, "-m", "celery", "-A", "tasks", "worker", "-n", f"{name}@%h", "-Q", queues,
            "-c", "8", "-P", "threads", "-E", "--without-gossip", "--without-mingle",
        )  # fmt: skip

    def spawn(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        os.killpg(process.pid, number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)

    def stop(self) -> None:
        for name in reversed(list(self.processes)):
            if self.processes[name].poll() is None:
                self.kill(name, signal.SIGTERM if name != "twins" else signal.SIGKILL)
        for twin in (self.centra, self.virtualstock):
            twin.session.close()
        self.store.close()
        self.server.stop()

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "integration", *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.server.url)

    def ask(self, step: Step, subject: str, lane: Lane | None = None) -> None:
        """Ask for a piece of work, as the timetable would."""
        gate = "centra" if step.spends is Spends.CENTRA else f"virtualstock:{subject.partition('/')[0]}"
        now = datetime.now(UTC)
        with self.store.write() as db:
            work.promise(db, [work.Promise(step.name, subject, gate, lane or step.lane, now)], now)

    def move(self, sku: str, delta: int) -> None:
        """Move Centra's stock of one SKU."""
        self.centra.post("stock", sku=sku, delta=delta)

    def order(self, retailer: str, *lines: Mapping[str, Any], **overrides: Any) -> str:
        """A shopper of a retailer orders; returns the reference."""
        placed = self.virtualstock.post("orders", retailer=retailer, lines=list(lines), overrides=overrides)
        return str(placed["reference"])

    # Looking

    def in_centra(self, subject: str) -> list[dict[str, Any]]:
        """Centra's orders that carry this reference."""
        mark = f"Reference: {subject}"
        orders = self.centra.get("state")["orders"]
        found = [{"number": int(number), **order} for number, order in orders.items()]
        return [order for order in found if mark in (order["internal_comment"] or "").splitlines()]

    def at_retailer(self, reference: str) -> dict[str, Any]:
        """The order as Virtualstock has it."""
        found: dict[str, Any] = self.virtualstock.get("state")["orders"][reference]
        return found

    def shown(self, retailer: str, sku: str) -> int | None:
        """The quantity a retailer shows."""
        found: int | None = self.virtualstock.get("stock", retailer=retailer).get(sku)
        return found

    def sellable(self, retailer: str, count: int, least: int = 12) -> list[str]:
        """SKUs that a retailer shows plenty of, most first: stories before this one may have sold the others out."""
        shown = self.virtualstock.get("stock", retailer=retailer)
        plenty = [sku for sku, quantity in shown.items() if quantity and quantity >= least]
        return sorted(plenty, key=lambda sku: -shown[sku])[:count]

    def stock_calls(self, since: int, *skus: str) -> list[dict[str, Any]]:
        """The accepted or refused stock calls since a mark, for these SKUs or for all."""
        calls = self.virtualstock.calls(since, "stock")
        return [call for call in calls if not skus or call["detail"].get("sku") in skus]

    @staticmethod
    def until(true: Callable[[], object], seconds: float, what: str) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := true():
                return found
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds:.0f} s: {what}")

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            return requests.get(url, timeout=2).ok
        except requests.RequestException:
            return False

    def scalar(self, statement: sa.Executable) -> Any:
        with self.store.read() as db:
            return db.scalar(statement)

    def rows(self, statement: sa.Executable) -> list[Any]:
        with self.store.read() as db:
            return list(db.execute(statement))

    def open_work(self, *steps: str) -> int:
        item = sa.inspect(WorkItem).local_table
        where = [item.c.asked > item.c.answered, ~item.c.held]
        if steps:
            where.append(item.c.step.in_(steps))
        return int(self.scalar(sa.select(sa.func.count()).select_from(item).where(*where)))

    def idle(self) -> bool:
        return self.open_work() == 0

    def busy(self) -> set[str]:
        """Subjects with work that is neither done nor waiting for a person."""
        item = sa.inspect(WorkItem).local_table
        return {row.subject for row in self.rows(sa.select(item.c.subject).where(item.c.asked > item.c.answered,
                                                                                 ~item.c.held))}  # fmt: skip

    def left(self) -> list[Any]:
        """What is not done, for the message of a test that waited for it in vain."""
        item = sa.inspect(WorkItem).local_table
        columns = (item.c.step, item.c.subject, item.c.tries, item.c.held, item.c.last_error)
        return self.rows(sa.select(*columns).where(item.c.asked > item.c.answered).limit(10))

    def stored_orders(self) -> list[Any]:
        """All orders on record."""
        return self.rows(sa.select(sa.inspect(MarketplaceOrder).local_table))

    def held_by(self, step: str, subject: str) -> list[str]:
        """The sentences that a work item waits behind."""
        item = sa.inspect(WorkItem).local_table
        found = self.scalar(sa.select(item.c.id).where(item.c.step == step, item.c.subject == subject))
        with self.store.read() as db:
            return causes.held_by(db, found) if found else []

    def causes(self, kind: str) -> list[Any]:
        cause = sa.inspect(Cause).local_table
        return self.rows(sa.select(cause).where(cause.c.kind == kind, cause.c.closed_at.is_(None)))

    def wrong_listings(self) -> dict[str, tuple[int | None, int]]:
        """Where a retailer shows something else than Centra says it may: {retailer:sku: (shown, wanted)}."""
        wanted = self.centra.get("stock") | dict.fromkeys(self.inactive, 0)
        wrong = {}
        for retailer in RETAILERS:
            shown = self.virtualstock.get("stock", retailer=retailer)
            for sku, quantity in shown.items():
                due = self.offered(retailer, sku, wanted.get(sku))
                if due is not None and quantity != due:
                    wrong[f"{retailer}:{sku}"] = (quantity, due)
        return wrong

    @cached_property
    def inactive(self) -> list[str]:
        """SKUs that Centra does not sell any more. Asked once: the question counts in the quota under test."""
        query = "{ productSizes(where: {isActive: false}, limit: 200) { SKU } }"
        answer = requests.post(
            self.env["CENTRA_GRAPHQL_URL"], json={"query": query}, timeout=30,
            headers={"Authorization": f"Bearer {self.env['CENTRA_TOKEN']}"},
        )  # fmt: skip
        return [size["SKU"] for size in answer.json()["data"]["productSizes"]]

    def offered(self, retailer: str, sku: str, publishable: int | None) -> int | None:
        """What the retailer may be shown, worked out here once more from the profile's numbers; None: it does not
        matter (a preorder article, which the twin's figure does not cover)."""
        rule = self.profile(retailer)["stock"]
        if publishable is None and rule["preorder"] == "none":
            return 0
        if publishable is None:
            return None
        left = max(0, publishable - rule["buffer"])
        left = 0 if left < rule["floor"] else left
        return left if rule["ceiling"] is None else min(left, rule["ceiling"])

    @staticmethod
    @cache
    def profile(retailer: str) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((ROOT / "mappings" / "retailers" / f"{retailer}.yaml").read_text())
        return found

    def knows_its_listings(self) -> bool:
        """Every retailer's listings are read, and tied to sizes of Centra."""
        listing = sa.inspect(Listing).local_table
        of = sa.select(sa.func.count(listing.c.retailer.distinct())).where(listing.c.size_id.is_not(None))
        return bool(self.scalar(of) == len(RETAILERS))

    def settled(self) -> object:
        listing = sa.inspect(Listing).local_table
        unsent = self.scalar(
            sa.select(sa.func.count()).select_from(listing)
            .where(listing.c.size_id.is_not(None), listing.c.agreed.is_(None))
        )  # fmt: skip
        known = self.scalar(sa.select(sa.func.count()).select_from(listing).where(listing.c.size_id.is_not(None)))
        steps = ("stock.push", "stock.read", "stock.sweep", "catalogue.listings")
        return known and unsent == 0 and self.open_work(*steps) == 0
