"""The whole system as real processes: embedded Redis, both twins, web, workers and beat, on ports of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import redis
import requests
import sqlalchemy as sa
import yaml

from integration import embedded
from integration.storage import Store, schema
from integration.storage.tables import Cause, Listing, WorkItem

ROOT = Path(__file__).parents[2]
QUEUES = "control,orders,stock-urgent,stock,catalogue,reconciliation"
RETAILERS = ("northgate", "calder", "fernhill")


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
        self, folder: Path, *, skus: int, database_url: str | None = None, workers: int = 1, life: float = 0
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
            "MAPPINGS_DIR": str(ROOT / "mappings"),
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

    # Processes

    def start(self) -> "System":
        self.spawn("twins", sys.executable, "-m", "sandbox")
        self.spawn("web", sys.executable, "-m", "integration.web")
        for number in range(self.worker_count):
            self.start_worker(f"worker{number + 1}")
        self.spawn("beat", sys.executable, "-m", "celery", "-A", "tasks", "beat", "-s", str(self.folder / "beat"))
        self.until(lambda: self._answers(self.centra.url + "/_control/counts"), 30, "the twins answer")
        self.until(lambda: self._answers(f"http://127.0.0.1:{self.web_port}/readyz"), 30, "the web answers")
        return self

    def start_worker(self, name: str, queues: str = QUEUES) -> None:
        self.spawn(
            name, sys.executable, "-m", "celery", "-A", "tasks", "worker", "-n", f"{name}@%h", "-Q", queues,
            "-c", "8", "-P", "threads", "-E", "--without-gossip", "--without-mingle",
        )  # fmt: skip

    def spawn(self, name: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
        )

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        os.killpg(process.pid, number)
        process.wait(30)

    def stop(self) -> None:
        for name in reversed(list(self.processes)):
            if self.processes[name].poll() is None:
                self.kill(name, signal.SIGTERM if name != "twins" else signal.SIGKILL)
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

    # Looking

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

    def causes(self, kind: str) -> list[Any]:
        cause = sa.inspect(Cause).local_table
        return self.rows(sa.select(cause).where(cause.c.kind == kind, cause.c.closed_at.is_(None)))

    def wrong_listings(self) -> dict[str, tuple[int | None, int]]:
        """Where a retailer shows something else than Centra says it may: {retailer:sku: (shown, wanted)}."""
        wanted = self.centra.get("stock")
        wrong = {}
        for retailer in RETAILERS:
            shown = self.virtualstock.get("stock", retailer=retailer)
            for sku, quantity in shown.items():
                due = self.offered(retailer, sku, wanted.get(sku))
                if due is not None and quantity != due:
                    wrong[f"{retailer}:{sku}"] = (quantity, due)
        return wrong

    def offered(self, retailer: str, sku: str, publishable: int | None) -> int | None:
        """What the retailer may be shown, worked out here once more from the profile's numbers; None: it does not
        matter (a preorder article, which the twin's figure does not cover)."""
        rule = self.profile(retailer)["stock"]
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

    def settled(self) -> object:
        listing = sa.inspect(Listing).local_table
        unsent = self.scalar(
            sa.select(sa.func.count()).select_from(listing)
            .where(listing.c.size_id.is_not(None), listing.c.agreed.is_(None))
        )  # fmt: skip
        known = self.scalar(sa.select(sa.func.count()).select_from(listing).where(listing.c.size_id.is_not(None)))
        return known and unsent == 0 and self.open_work("stock.push", "stock.read", "stock.sweep", "catalogue.listings") == 0
