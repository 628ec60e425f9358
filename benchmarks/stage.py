"""Each contender gets fresh twins, a fresh Redis and a warm start, and is told apart only by the processes it runs."""

import shutil
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import yaml
from celery import Celery

from tests.story.system import RETAILERS, ROOT, System, Twin

WORKERS = 2
MINUTE = 60


class Stage(System, ABC):
    """The twins, and whoever keeps them in agreement: see `Product` and `Naive`."""

    name: str

    def __init__(self, folder: Path, *, skus: int, retailers: Sequence[str] = RETAILERS) -> None:
        super().__init__(folder, skus=skus)
        self.retailers = retailers
        self.filled_at: float | None = None

    def start(self, fill: dict[str, int] | None = None) -> "Stage":
        """Starts everything and returns when it works.

        :param fill: what the retailers show at the start by SKU, so that nobody begins with a first publication.
        """
        self.start_twins()
        if fill is not None:
            self._fill(fill)
        self.start_web()
        self._start_workers()
        self.until(self._all_workers, 60, "all workers answer")
        self._settle()
        self._limit_again()
        return self

    def stop(self) -> None:
        """Ends everything at once: nothing of it is used again, so nobody needs to finish."""
        for name in list(self.processes):
            self.kill(name)
        self.store.close()
        self.server.stop()

    def start_twins(self) -> None:
        """The twins alone."""
        self.spawn("twins", sys.executable, "-m", "sandbox")
        for twin in (self.centra, self.virtualstock):
            self.until(partial(answers, f"{twin.url}/_control/counts"), 60, "the twins answer")

    @abstractmethod
    def start_web(self) -> None:
        """The receiver of webhooks alone."""

    @abstractmethod
    def idle(self) -> bool:
        """Whether nothing is left to be done about stock."""

    @abstractmethod
    def _start_workers(self) -> None: ...

    def _settle(self) -> None:
        """Returns when the contender knows its catalogue."""

    def _all_workers(self) -> bool:
        return len(Celery(broker=self.server.url).control.ping(timeout=1)) == WORKERS

    def _fill(self, fill: dict[str, int]) -> None:
        """Sets the retailers' stock through the supplier's own door, with their quotas lifted for the moment."""
        self.virtualstock.put("settings", {"requests_per_minute": dict.fromkeys(self.retailers, 10**6)})
        listings = self.virtualstock.get("state")["stock"]
        with requests.Session() as session:
            # Beside a session cookie Virtualstock refuses writes.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            for name, listing in listings.items():
                retailer = name.partition(":")[0]
                if retailer in self.retailers:
                    session.patch(
                        f"{self.virtualstock.url}/api/v4/products/{listing['id']}/stock",
                        json={"supplier_free_stock": fill[listing["sku"]]},
                        auth=(retailer, f"{retailer}-secret"),
                        timeout=30,
                    ).raise_for_status()
        self.filled_at = time.time()

    def _limit_again(self) -> None:
        """The filling must not count against the contender: its minute has to be over before the quota is back."""
        if self.filled_at is not None:
            turn = (self.filled_at // MINUTE + 1) * MINUTE
            time.sleep(max(0.0, turn - time.time()))
            self.virtualstock.put("settings", {"requests_per_minute": {}})


class Product(Stage):
    """Our own web, workers and beat."""

    name = "product"

    def __init__(self, folder: Path, *, skus: int, retailers: Sequence[str] = RETAILERS) -> None:
        super().__init__(folder, skus=skus, retailers=retailers)
        mappings = folder / "mappings"
        shutil.copytree(ROOT / "mappings", mappings, dirs_exist_ok=True)
        gone = set(RETAILERS) - set(retailers)
        for code in gone:
            (mappings / "retailers" / f"{code}.yaml").unlink()
        _forget(mappings / "carriers.yaml", gone)
        self.env["MAPPINGS_DIR"] = str(mappings)

    def change_profiles(self, **sections: dict[str, Any]) -> None:
        """Changes some keys of these sections in the profile of every retailer, before the start."""
        for path in (self.folder / "mappings" / "retailers").glob("*.yaml"):
            profile = yaml.safe_load(path.read_text())
            for section, changed in sections.items():
                profile[section].update(changed)
            path.write_text(yaml.safe_dump(profile, sort_keys=False))

    def start_web(self) -> None:
        """The web process."""
        self.spawn("web", sys.executable, "-m", "integration.web")
        self.until(lambda: answers(f"http://127.0.0.1:{self.web_port}/readyz"), 30, "the web answers")

    def idle(self) -> bool:
        """Whether no stock work is open."""
        return self.open_work("intake.absorb", "stock.read", "stock.push") == 0

    def _start_workers(self) -> None:
        for number in range(WORKERS):
            self.start_worker(f"worker{number + 1}")
        self.spawn("beat", sys.executable, "-m", "celery", "-A", "tasks", "beat", "-s", str(self.folder / "beat"))

    def _settle(self) -> None:
        self.until(self.settled, 600, "all listings are known and agreed")


def _forget(path: Path, retailers: Collection[str]) -> None:
    """Takes the rows about these retailers out of a mapping."""
    rows = [row for row in yaml.safe_load(path.read_text()) if row["retailer"] not in retailers]
    path.write_text(yaml.safe_dump(rows))


class Naive(Stage):
    """One task per event, as tutorials show it: see `benchmarks.naive`."""

    name = "naive"

    def __init__(self, folder: Path, *, skus: int, retailers: Sequence[str] = RETAILERS) -> None:
        super().__init__(folder, skus=skus, retailers=retailers)
        self.env["NAIVE_RETAILERS"] = ",".join(retailers)

    def start_web(self) -> None:
        """The receiver."""
        self.spawn("web", sys.executable, "-m", "benchmarks.naive.receiver")
        self.until(lambda: answers(f"http://127.0.0.1:{self.web_port}/healthz"), 30, "the receiver answers")

    def idle(self) -> bool:
        """Whether no message waits, and none is out with a worker."""
        broker: Any = self.redis()
        return not broker.llen("celery") and not broker.hlen("unacked")

    def _start_workers(self) -> None:
        celery = (sys.executable, "-m", "celery", "-A", "benchmarks.naive")
        for number in range(1, WORKERS + 1):
            self.spawn(
                f"worker{number}", *celery, "worker", "-n", f"worker{number}@%h", "-P", "threads", "-c", "8",
                "--without-gossip", "--without-mingle",
            )  # fmt: skip
        self.spawn("beat", *celery, "beat", "-s", str(self.folder / "beat"))

    def _fill(self, fill: dict[str, int]) -> None:
        super()._fill(fill)
        broker = self.redis()
        for retailer in self.retailers:
            broker.mset({f"sent:{retailer}:{sku}": units for sku, units in fill.items()})


CONTENDERS: tuple[type[Stage], ...] = (Product, Naive)


class Watch:
    """The journal of a twin from now on, read piece by piece."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._next = twin.mark()
        self.entries: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        """What was written since the last read."""
        answer = self._twin.get("journal", since=self._next)
        self._next = answer["next"]
        self.entries += answer["entries"]
        return list(answer["entries"])


def answers(url: str) -> bool:
    """Whether a GET of it succeeds."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
