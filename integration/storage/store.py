"""Two doors to the database: `Store.write` holds the write lock from its first statement, `Store.read` never does.

Hot paths use SQLAlchemy Core on the SQLModel tables: several times faster than the ORM for rows in bulk.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

SQLITE_BUSY_SECONDS = 20
POOL_SIZE = 20


class Store:
    """A database engine and its two kinds of transaction."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may write; committed at the end, rolled back on an exception."""
        with self.engine.connect().execution_options(cvsync_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A consistent view for reading."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def table_of(model: type[SQLModel]) -> sa.Table:
    """The Core table of a SQLModel class."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table


def insert(db: sa.Connection, model: type[SQLModel]) -> Any:
    """An INSERT that knows ON CONFLICT in the dialect of this connection.

    Give many rows to `execute`, not to `values`: only then is the compiled statement reused.
    """
    return insert_into(db.dialect.name, model)


def insert_into(dialect: str, model: type[SQLModel]) -> Any:
    """The same for a dialect by name."""
    make: Callable[[sa.Table], Any] = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(table_of(model))


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True, hide_parameters=True
        )
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    # Parameters hold customers' addresses, and an error's text goes to logs and to Sentry.
    engine = sa.create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: BEGIN IMMEDIATE below decides who writes.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={SQLITE_BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
        # FULL: "stored" has been answered to Centra, so it must survive a power cut.
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A read that turns into a write is refused at once by SQLite, whatever the timeout; so writers say so first.
    writes = connection.get_execution_options().get("cvsync_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
