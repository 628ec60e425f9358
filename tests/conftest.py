"""Every test has a real Redis and both real database engines at hand, started once and gone afterwards."""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL, make_url

from integration import embedded
from sandbox.centra import clock
from tests.cluster import Cluster, administer, programs

NO_POSTGRES = "No PostgreSQL can be used: set TEST_POSTGRES_URL, or install PostgreSQL."
NO_BROWSER = "No Chromium was found: install Debian's package `chromium`, or run `playwright install chromium`."


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
    found = programs()
    if found is None:
        pytest.skip(NO_POSTGRES)
    cluster = Cluster(found)
    try:
        url = cluster.start()
    except (OSError, subprocess.SubprocessError, TimeoutError) as problem:
        cluster.stop()
        pytest.skip(f"{NO_POSTGRES} The one in {found.folder} did not start: {problem}")
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
    administer(server, f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')
