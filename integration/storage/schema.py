"""The database has the schema this code was written for, or the start says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from integration.storage.store import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(store: Store) -> str:
    """Apply every missing migration; returns the revision reached. A second call does nothing."""
    config = _config()
    with _rebuilding(store) as db:
        if db.dialect.name == "postgresql":
            # Several processes may start at once: the first migrates, the others wait and find it done.
            db.exec_driver_sql("SELECT pg_advisory_xact_lock(7214001)")
        config.attributes["connection"] = db
        command.upgrade(config, "head")
    return current(store) or ""


@contextmanager
def _rebuilding(store: Store) -> Iterator[sa.Connection]:
    """A transaction in which a table that others refer to may be replaced, which is how SQLite changes a column.

    SQLite has to be told so before the transaction begins, and nobody then checks the references but we.
    """
    with store.engine.connect().execution_options(cvsync_write=True) as db:
        lite = db.connection.driver_connection if db.dialect.name == "sqlite" else None
        if lite is not None:
            lite.execute("PRAGMA foreign_keys=OFF")
        try:
            with db.begin():
                yield db
                if lite is not None and lite.execute("PRAGMA foreign_key_check").fetchall():
                    raise RuntimeError("a migration would leave rows that refer to rows which are not there")
        finally:
            if lite is not None:
                lite.execute("PRAGMA foreign_keys=ON")


def current(store: Store) -> str | None:
    """The revision the database is at, or None for an empty one."""
    with store.read() as db:
        return MigrationContext.configure(db).get_current_revision()


def newest() -> str | None:
    """The revision this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
