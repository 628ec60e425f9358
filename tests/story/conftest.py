"""One running system for all stories; each story starts with no faults, all workers, and nothing left to do."""

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest

from tests.story.system import System


@pytest.fixture(scope="session")
def story_database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for SQLite; a fresh PostgreSQL database where DATABASE_URL names a server."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        yield None
        return
    server = request.getfixturevalue("postgres_server")
    name = f"cvsync_story_{uuid.uuid4().hex[:12]}"
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, story_database_url: str | None) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("system"), skus=60, database_url=story_database_url, workers=2)
    try:
        system.start()
        system.until(system.settled, 120, "the first publication is through")
        yield system
    finally:
        system.stop()


@pytest.fixture
def system(running: System) -> Iterator[System]:
    _recover(running)
    yield running
    _recover(running)


def _recover(system: System) -> None:
    for twin in (system.centra, system.virtualstock):
        twin.no_faults()
    for number in range(system.worker_count):
        name = f"worker{number + 1}"
        if name not in system.processes:
            system.start_worker(name)
    system.until(system.idle, 120, f"everything is done: {system.left()}")
