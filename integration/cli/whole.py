"""One call brings the whole system up on this machine, and one Ctrl-C takes all of it down again."""

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from integration import embedded, steps, wiring
from integration.flows import stock, upkeep
from integration.services import Services
from integration.settings import Settings
from integration.steps import CENTRA
from integration.storage import Store, journal, schema
from integration.storage.store import table_of
from integration.storage.tables import WorkItem
from integration.supervisor import Program, Supervisor, programs

PROCFILE = Path(__file__).parents[2] / "Procfile"
STOP_ORDER = (
    "beat", "web", "flower", "worker-orders", "worker-stock", "worker-catalogue", "worker-reconciliation", "twins",
)  # fmt: skip
ONCE = ("web", "beat", "flower")
"""Processes of which a second one on this machine would want the same port or the same file."""
READY_WITHIN = 100.0
ITEM = table_of(WorkItem)


class CannotStart(Exception):
    """The system cannot run like this; the text is one line on what to change."""


@dataclass(frozen=True)
class Plan:
    """What runs and where it answers; `flower_login` is a secret."""

    settings: Settings
    procs: Mapping[str, int]
    sandbox: bool
    flower_login: str

    def __repr__(self) -> str:
        return f"Plan(procs={dict(self.procs)}, sandbox={self.sandbox})"

    @property
    def host(self) -> str:
        """Where this machine reaches the web and Flower."""
        return "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host  # noqa: S104

    @property
    def addresses(self) -> dict[str, str]:
        """What answers where, by name."""
        ports = {"web": self.settings.port, "flower": self.settings.flower_port}
        own = {name: f"http://{self.host}:{port}" for name, port in ports.items() if self.procs.get(name) != 0}
        twins = {
            "Centra twin": f"http://127.0.0.1:{port_of(self.settings.centra_graphql_url)}",
            "Virtualstock twin": f"http://127.0.0.1:{port_of(self.settings.virtualstock_url)}",
        }
        return own | twins if self.sandbox else own


def plan(settings: Settings, target: str | None, procs: str | None) -> Plan:
    """What to run.

    :param target: ``sandbox``, ``live`` or None for what the settings say.
    :param procs: ``NAME=N,…``.
    :raises CannotStart: settings and wishes do not fit together, or a port is taken.
    """
    if target == "live" and settings.sandbox:
        raise CannotStart("There are no live settings: set CENTRA_… and VIRTUALSTOCK_…, or use --target sandbox.")
    if target == "sandbox" and not settings.sandbox:
        raise CannotStart("Live settings are given (environment or .env): unset CENTRA_… and VIRTUALSTOCK_… first.")
    given = settings.flower_basic_auth
    login = given.get_secret_value() if given else f"ops:{secrets.token_urlsafe(12)}"
    made = Plan(settings, _counts(procs), settings.sandbox, login)
    try:
        programs(PROCFILE, made.procs, {})
    except ValueError as problem:
        raise CannotStart(f"--procs: {problem}.") from None
    for name, address in made.addresses.items():
        _must_be_free(name, made.host, port_of(address))
    return made


def port_of(address: str) -> int:
    """The port of a web address."""
    parts = urlsplit(address)
    return parts.port or (443 if parts.scheme == "https" else 80)


@contextmanager
def broker(settings: Settings) -> Iterator[Settings]:
    """Settings with a Redis behind them: the one they name, or an embedded one for as long as this lasts.

    :raises CannotStart: there is none and none could be started.
    """
    if settings.redis_url is not None:
        yield settings
        return
    try:
        server = embedded.start(settings.var_dir / "redis")
    except embedded.NoServer as problem:
        raise CannotStart(str(problem)) from None
    left = settings.var_dir / wiring.EMBEDDED_URL
    try:
        left.unlink(missing_ok=True)
        with os.fdopen(os.open(left, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(server.url)
        yield settings.model_copy(update={"redis_url": server.url})
    finally:
        left.unlink(missing_ok=True)
        server.stop()


def migrate(settings: Settings) -> None:
    """The database has the newest schema."""
    store = Store(settings.database_url)
    try:
        schema.upgrade(store)
    finally:
        store.close()


def prepare(services: Services) -> None:
    """The database knows what to ask for first."""
    with services.store.read() as db:
        known = journal.watermark(db, stock.SWEEPS) > 0
    if not known:
        upkeep.start(services)
    with services.store.write() as db:
        # Whatever came in while nothing ran is worth more than waiting for the first tick.
        services.promise(db, steps.INTAKE_POLL, [CENTRA])
        services.promise(db, steps.ORDERS_POLL, list(services.rules().retailers))


def start_twins(supervisor: Supervisor, made: Plan, stopping: Callable[[], bool]) -> None:
    """The twins run and answer.

    :raises CannotStart: they ended or did not answer.
    """
    own = {
        "SANDBOX_CENTRA_PORT": str(port_of(made.settings.centra_graphql_url)),
        "SANDBOX_VIRTUALSTOCK_PORT": str(port_of(made.settings.virtualstock_url)),
        "SANDBOX_WEBHOOK_URL": f"http://{made.host}:{made.settings.port}/webhooks/centra",
        "SANDBOX_LIFE": os.environ.get("SANDBOX_LIFE", "1"),
    }
    supervisor.start(Program("twins", "python -m sandbox", {**_environment(made), **own}))
    twins = {name: partial(_listens, url) for name, url in made.addresses.items() if name.endswith("twin")}
    wait_for(twins, supervisor, stopping)


def start_processes(supervisor: Supervisor, made: Plan) -> None:
    """The Procfile's processes run."""
    for program in programs(PROCFILE, made.procs, _environment(made)):
        supervisor.start(program)


def answers(services: Services, made: Plan) -> dict[str, Callable[[], bool]]:
    """What must be true before the system may be called ready, by name."""
    since = services.now()
    checks: dict[str, Callable[[], bool]] = {"workers": lambda: _worked(services, since)}
    for name, path in (("web", "readyz"), ("flower", "healthcheck")):
        if name in made.addresses:
            checks[name] = partial(_fine, f"{made.addresses[name]}/{path}")
    return checks


def wait_for(
    checks: Mapping[str, Callable[[], bool]], supervisor: Supervisor, stopping: Callable[[], bool]
) -> None:
    """Return once every check has been true, or as soon as somebody stops us.

    :raises CannotStart: a program ended, or it took too long.
    """
    deadline = time.monotonic() + READY_WITHIN
    open_checks = dict(checks)
    while not stopping():
        open_checks = {name: check for name, check in open_checks.items() if not check()}
        if not open_checks:
            return
        must_all_run(supervisor)
        if time.monotonic() > deadline:
            raise CannotStart(f"No answer from: {', '.join(open_checks)}. Their own words are in the log folder.")
        time.sleep(0.1)


def must_all_run(supervisor: Supervisor) -> None:
    """
    :raises CannotStart: a program ended; says which, and its last words.
    """
    for ended in supervisor.ended():
        words = "\n".join(f"    {line}" for line in supervisor.last_lines(ended.name))
        raise CannotStart(f"{ended.name} ended with status {ended.status}. Its last words:\n{words}")


def _environment(made: Plan) -> dict[str, str]:
    """What every process is given: ours, with the addresses and secrets that were decided here."""
    settings = made.settings
    given = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "FLOWER_PORT": str(settings.flower_port),
        "FLOWER_ADDRESS": settings.host,
        # In the environment and not on a command line, which every user of the machine can read.
        "FLOWER_BASIC_AUTH": made.flower_login,
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    return {**os.environ, **given}


def _counts(procs: str | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in (procs or "").split(","):
        if not part.strip():
            continue
        name, _, number = part.strip().partition("=")
        if not number.isdecimal() or len(number) > 3:
            raise CannotStart("--procs takes NAME=N,…, as in worker-orders=2,flower=0.")
        if name in ONCE and int(number) > 1:
            raise CannotStart(f"--procs: only one {name} can run here.")
        counts[name] = int(number)
    return counts


def _must_be_free(name: str, host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the servers do: an address that only waits for late packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CannotStart(f"Port {port} for {name} cannot be used: {problem.strerror}.") from None


def _listens(url: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port_of(url))) == 0


def _fine(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def _worked(services: Services, since: datetime) -> bool:
    with services.store.read() as db:
        return db.scalar(sa.select(ITEM.c.id).where(ITEM.c.done_at >= since).limit(1)) is not None
