"""Every test has a real Redis and both real database engines at hand, started once and gone afterwards."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL, make_url

from integration import embedded
from sandbox.centra import clock

NO_POSTGRES = "No PostgreSQL can be used: set TEST_POSTGRES_URL, or install PostgreSQL."
NO_BROWSER = "No Chromium was found: install Debian's package `chromium`, or run `playwright install chromium`."
CLUSTER_READY_WITHIN = 30.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: runs on PostgreSQL")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly, and not among the dots, where something is missing that others have."""
    # From the reports, which also come from the processes of xdist.
    told = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", ())
            if isinstance(report.longrepr, tuple)}  # fmt: skip
    for what, why in (("POSTGRESQL", NO_POSTGRES), ("BROWSER", NO_BROWSER)):
        found = sorted(each.removeprefix("Skipped: ") for each in told if why in each)
        if found:
            terminalreporter.section(f"{what} TESTS WERE SKIPPED", sep="!", red=True, bold=True)
            terminalreporter.write_line("\n".join(found), red=True)


# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("build", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("build")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories first: they mostly wait, and the last one to start decides when two processes are done."""
    items.sort(key=lambda item: item.get_closest_marker("story") is None)


@pytest.fixture(autouse=True)
def machine_time() -> Iterator[None]:
    """Whoever moved the twins' clock, the next test starts with the machine's time: the clock is the process's."""
    clock.reset()
    yield
    clock.reset()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a server of this session's own."""
    with tempfile.TemporaryDirectory(prefix="cvsync-redis-") as folder:
        server = embedded.start(Path(folder))
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture
def redis_client(redis_url: str) -> Iterator["redis.Redis"]:
    """A client on an empty database."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server on which databases may be created: the one named by the environment, or one of our own."""
    named = os.environ.get("TEST_POSTGRES_URL") or os.environ.get("DATABASE_URL", "")
    if named.startswith("postgres"):
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    programs = _postgres_programs()
    if programs is None:
        pytest.skip(NO_POSTGRES)
    cluster = _Cluster(programs)
    try:
        url = cluster.start()
    except (OSError, subprocess.SubprocessError, TimeoutError) as problem:
        cluster.stop()
        pytest.skip(f"{NO_POSTGRES} The one in {programs.folder} did not start: {problem}")
    yield url
    cluster.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of this test's own, once per engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: URL = request.getfixturevalue("postgres_server")
    name = f"cvsync_test_{uuid.uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


class _Programs(NamedTuple):
    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)


def _postgres_programs() -> _Programs | None:
    """A folder that holds both programs; the newest version wins where several are installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = [Path(found) for found in glob.glob("/usr/lib/postgresql/*/bin")]
    folders += sorted(installed, key=lambda path: float(path.parent.name), reverse=True)
    return next((_Programs(folder) for folder in folders if (folder / "postgres").exists()), None)


class _Cluster:
    """A throw-away PostgreSQL cluster: trust on loopback, nothing synced to disk."""

    def __init__(self, programs: _Programs) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="cvsync-postgres-"))
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> URL:
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        subprocess.run(
            [self._programs.path("initdb"), "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, user=self._user, cwd=self._folder,
        )
        port = _free_port()
        settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
        arguments = [word for setting in settings for word in ("-c", setting)]
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs.path("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port),
                 "-k", str(self._folder), *arguments],
                stdout=log, stderr=log, user=self._user, cwd=self._folder, start_new_session=True,
            )
        url = URL.create("postgresql+psycopg", "test", host="127.0.0.1", port=port, database="postgres")
        self._wait_until_ready(url)
        return url

    def _wait_until_ready(self, url: URL) -> None:
        assert self._process is not None
        deadline = time.monotonic() + CLUSTER_READY_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                _administer(url, "SELECT 1")
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise TimeoutError((self._folder / "server.log").read_text(errors="replace")[-500:])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends the cluster to somebody who is not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
