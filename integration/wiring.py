"""Settings become connections in this one place; nothing else builds a client, a gate or an engine."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import redis
from redis.sentinel import Sentinel

from integration import settings as settings_module
from integration.broker import Sender, split_sentinel
from integration.centra.client import CentraClient
from integration.images import ImageLinks
from integration.lanes import Lane
from integration.notify import Channels, Notify, Printed
from integration.quota import GROWTH_PLAN, Gate, centra_buckets, virtualstock_buckets
from integration.rulebook import Rulebook
from integration.services import Services
from integration.settings import Settings
from integration.steps import CENTRA, ORDER_API
from integration.storage import Store, published
from integration.virtualstock.client import VirtualstockClient
from integration.virtualstock.schema import Carrier
from integration.virtualstock.tokens import TokenStore

RULES_FRESH = 1.0
"""Seconds until a process asks whether a newer rulebook was published."""
CARRIERS_FRESH = 600.0
"""Seconds for which the live carrier list is believed."""
REDIS_SECONDS = 5.0
"""Longest wait for Redis; a quota that cannot be asked means that nothing is sent."""
EMBEDDED_URL = "redis.url"
"""File in VAR_DIR in which the supervisor leaves the address of the embedded Redis, readable by its owner only."""

Found = TypeVar("Found")


class NotRunning(RuntimeError):
    """REDIS_URL is not set and no embedded Redis has left its address."""


@cache
def services() -> Services:
    """The services of this process, built once from the environment."""
    return build(settings_module.load())


def build(settings: Settings) -> Services:
    """Services for these settings."""
    store = Store(settings.database_url)
    url = redis_url(settings)
    server = redis_client(url)
    gates: dict[str, Gate] = {}
    clients: dict[str, VirtualstockClient] = {}
    lock = threading.Lock()
    rules = remembered(RULES_FRESH, lambda _: _newest_rules(store, settings.mappings_dir))

    def gate(name: str) -> Gate:
        with lock:
            if name not in gates:
                gates[name] = Gate(server, name, _buckets(name, settings, lambda: rules("")))
            return gates[name]

    def client(credential: str) -> VirtualstockClient:
        own_gate = gate(f"virtualstock:{credential}")
        with lock:
            if credential not in clients:
                login = settings.credential(credential)
                clients[credential] = VirtualstockClient(
                    login.url, login.username, login.password.get_secret_value(), own_gate, TokenStore(server)
                )
            return clients[credential]

    def read_carriers(credential: str) -> Mapping[str, Carrier]:
        found = client(credential).carriers(lane=Lane.ORDERS)
        return {carrier.slug: carrier for carrier in found if carrier.slug}

    carriers = remembered(CARRIERS_FRESH, read_carriers)
    return Services(
        store=store,
        centra=CentraClient(
            settings.centra_graphql_url, settings.centra_token.get_secret_value(),
            settings.centra_order_api_url, settings.centra_order_api_key.get_secret_value(),
            gate(CENTRA), gate(ORDER_API),
        ),
        virtualstock=client,
        carriers=lambda retailer: carriers(rules("").retailers[retailer].credential),
        images=ImageLinks(settings.centra_graphql_url),
        quota=gate,
        send=Sender(url).send,
        broker_answers=lambda: _answers(server),
        rules=lambda: rules(""),
        centra_zone=settings.centra_timezone,
        now=lambda: datetime.now(UTC),
        roll=random.random,
        notify=_notify(settings), mappings_dir=settings.mappings_dir,
    )  # fmt: skip


def redis_url(settings: Settings) -> str:
    """The Redis to use: REDIS_URL, else the embedded one that `cvsync up` is running.

    :raises NotRunning: neither is there.
    """
    if settings.redis_url is not None:
        return settings.redis_url
    left = settings.var_dir / EMBEDDED_URL
    if not left.exists():
        raise NotRunning("No Redis: set REDIS_URL, or start the system with `cvsync up` first.")
    return left.read_text().strip()


def redis_client(url: str) -> "redis.Redis":
    """A client for any form of REDIS_URL. A Sentinel address lists its hosts with ``;`` between them and names the
    primary with ``?master_name=``, as Celery's documentation writes it."""
    patience = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS, "health_check_interval": 25}
    address, primary = split_sentinel(url)
    if primary is None:
        return redis.Redis.from_url(url, **patience)
    parts = [redis.connection.parse_url(each.replace("sentinel://", "redis://")) for each in address.split(";")]
    sentinel = Sentinel([(part["host"], part.get("port", 26379)) for part in parts], **patience)
    login: dict[str, Any] = {name: parts[-1][name] for name in ("password", "db") if name in parts[-1]}
    found: redis.Redis = sentinel.master_for(primary, **login, **patience)
    return found


def _notify(settings: Settings) -> Notify:
    urls = settings.alert_urls()
    # Like Sentry: off until an address is set. Once there is one, a channel that has none fails and says so.
    return Channels(urls, settings.console_url) if urls else Printed()


def _answers(server: "redis.Redis") -> bool:
    try:
        return bool(server.ping())
    except redis.RedisError:
        return False


def _buckets(name: str, settings: Settings, rules: Callable[[], Rulebook]) -> list[Any]:
    if name == CENTRA:
        return centra_buckets(GROWTH_PLAN, settings.centra_share)
    if name == ORDER_API:
        # Centra publishes limits of the Integration API only. The same pace is a careful guess; an hourly limit is not
        # known, and its bucket would start empty with nobody to tell us how full theirs is.
        return centra_buckets({"requests/10": GROWTH_PLAN["requests/10"]}, settings.centra_share)
    credential = name.partition(":")[2]
    # Retailers that share a credential share its limit: the lowest figure anybody gave is the safe one.
    limits = [each.requests_per_minute for each in rules().retailers.values() if each.credential == credential]
    return virtualstock_buckets(min(limits, default=150))


def _newest_rules(store: Store, folder: Path) -> Rulebook:
    with store.read() as db:
        version = published.newest_version(db)
    if version is None:
        return _rules_of_folder(folder)
    return _rules_of_version(store, version)


@lru_cache(maxsize=2)
def _rules_of_folder(folder: Path) -> Rulebook:
    return Rulebook.load(folder)


@lru_cache(maxsize=4)
def _rules_of_version(store: Store, version: int) -> Rulebook:
    with store.read() as db:
        return Rulebook.from_document(published.document(db, version), version=version)


def remembered(seconds: float, read: Callable[[str], Found]) -> Callable[[str], Found]:
    """`read`, remembered per argument for so long.

    Threads that ask for the same together wait for one reading; those that ask for something else never wait for it.
    """
    known: dict[str, tuple[float, Found]] = {}
    reading: dict[str, threading.Lock] = {}

    def fresh(key: str) -> Found | None:
        at, value = known.get(key, (0.0, None))
        return value if time.monotonic() - at <= seconds else None

    def answer(key: str) -> Found:
        value = fresh(key)
        if value is not None:
            return value
        # One lock per argument: a retailer that is slow to list its carriers must not hold up another's dispatches.
        with reading.setdefault(key, threading.Lock()):
            value = fresh(key)
            if value is None:
                value = read(key)
                known[key] = (time.monotonic(), value)
            return value

    return answer
