"""Every test of the storage runs on both engines, each time on empty tables."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from integration.storage import Store, tables

TABLES = ", ".join(f'"{getattr(tables, name).__tablename__}"' for name in tables.__all__)


@pytest.fixture(scope="session")
def postgres_store(postgres_server: URL) -> Iterator[Store]:
    """A store on one PostgreSQL database for all tests; making one for each would take most of their time."""
    name = f"cvsync_storage_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as db:
        db.execute(sa.text(f'CREATE DATABASE "{name}"'))
    made = Store(postgres_server.set(database=name).render_as_string(hide_password=False))
    yield made
    made.close()
    with server.connect() as db:
        db.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with the schema of the models; `test_migrations` proves that the migrations make the same."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path / 'test.db'}")
        SQLModel.metadata.create_all(made.engine)
        yield made
        made.close()
        return
    shared: Store = request.getfixturevalue("postgres_store")
    SQLModel.metadata.create_all(shared.engine)
    with shared.write() as db:
        db.execute(sa.text(f"TRUNCATE {TABLES} RESTART IDENTITY"))
    yield shared
