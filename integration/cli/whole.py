"""One call brings the whole system up on this machine, and one Ctrl-C takes all of it down again."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import requests
import sqlalchemy as sa

from integration import embedded, steps, wiring
from integration.cli.plan import PROCFILE, CannotStart, Plan, port_of
from integration.flows import stock, upkeep
from integration.passwords import password_hash
from integration.people import Role
from integration.services import Services
from integration.settings import Settings
from integration.steps import CENTRA
from integration.storage import Store, journal, schema
from integration.storage.store import table_of
from integration.storage.tables import WorkItem
from integration.supervisor import Program, Supervisor, programs

STOP_ORDER = (
    "beat", "web", "flower", "worker-orders", "worker-stock", "worker-catalogue", "worker-reconciliation", "twins",
)  # fmt: skip
READY_WITHIN = 100.0
OF_TWINS = "of-twins"
"""Counter that is 1 in a database whose platforms were the twins."""
ITEM = table_of(WorkItem)


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


def migrate(settings: Settings, *, sandbox: bool) -> None:
    """The database has the newest schema, and a database of the sandbox never meets the live platforms or the reverse.

    The twins forget everything when they end, and number their orders from the start again; so a database that
    remembers earlier twins is emptied.

    :raises CannotStart: it belongs to the other target.
    """
    store = Store(settings.database_url)
    try:
        of_twins, used = _origin(store)
        if of_twins and not sandbox:
            raise CannotStart("The database is of the sandbox: give the live system another DATABASE_URL or VAR_DIR.")
        if used and sandbox and not of_twins:
            raise CannotStart("The database is of a live system: give the sandbox another DATABASE_URL or VAR_DIR.")
        if of_twins:
            _empty(store)
        schema.upgrade(store)
        with store.write() as db:
            journal.move_watermark(db, OF_TWINS, int(sandbox))
    finally:
        store.close()


def prepare(services: Services) -> None:
    """The database knows what to ask for first."""
    with services.store.read() as db:
        known = journal.watermark(db, stock.SWEEP.finished) > 0
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


def _origin(store: Store) -> tuple[bool, bool]:
    """Whether the database remembers the twins, and whether it remembers anything."""
    if schema.current(store) is None:
        return False, False
    with store.read() as db:
        used = db.scalar(sa.select(ITEM.c.id).limit(1)) is not None
        return journal.watermark(db, OF_TWINS) > 0, used


def _empty(store: Store) -> None:
    everything = sa.MetaData()
    with store.write() as db:
        everything.reflect(db)
        everything.drop_all(db)


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
    if made.console_login:
        name, _, password = made.console_login.partition(":")
        given["CONSOLE_USERS"] = f"{name}/{Role.ADMIN}:{password_hash(password)}"
    return {**os.environ, **given}


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
