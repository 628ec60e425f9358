"""Brings a database to the newest schema; run by `integration.storage.schema`, on SQLite and PostgreSQL alike."""

from alembic import context
from sqlmodel import SQLModel

from integration.storage import tables

assert tables.WorkItem.__tablename__  # noqa: S101 - importing the tables is what fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite changes a column by copying its table.
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
