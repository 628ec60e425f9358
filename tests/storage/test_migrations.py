"""A database that was migrated is the database the models describe, and migrating again changes nothing."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from integration.storage import Store, schema, tables
from tests.racing import race


@pytest.fixture
def empty(database_url: str) -> Iterator[Store]:
    """A store on an empty database."""
    made = Store(database_url)
    yield made
    made.close()


def test_a_migrated_database_differs_in_nothing_from_the_models(empty: Store) -> None:
    schema.upgrade(empty)

    with empty.read() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_partial_indexes_are_partial_in_the_database_too(empty: Store) -> None:
    schema.upgrade(empty)

    with empty.read() as db:
        for table in SQLModel.metadata.sorted_tables:
            made = {each["name"]: each for each in sa.inspect(db).get_indexes(table.name)}
            for index in table.indexes:
                wanted = index.dialect_options[db.dialect.name]["where"] is not None
                stored = any(key.endswith("_where") for key in made[index.name].get("dialect_options", {}))
                assert stored == wanted, index.name


def test_an_empty_database_has_no_revision_and_a_migrated_one_the_newest(empty: Store) -> None:
    assert schema.current(empty) is None
    assert schema.newest() is not None

    assert schema.upgrade(empty) == schema.newest()

    assert schema.current(empty) == schema.newest()


def test_migrating_again_keeps_what_is_stored(empty: Store) -> None:
    schema.upgrade(empty)
    with empty.write() as db:
        db.execute(sa.insert(tables.Sequence.__table__).values(name="page", value=5))  # type: ignore[attr-defined]

    schema.upgrade(empty)

    with empty.read() as db:
        assert db.scalar(sa.text("SELECT value FROM sequence")) == 5


def test_processes_that_start_at_once_migrate_once(empty: Store, database_url: str) -> None:
    def start() -> str:
        own = Store(database_url)
        try:
            return schema.upgrade(own)
        finally:
            own.close()

    assert set(race(start, start, start)) == {schema.newest()}


def test_every_moment_in_the_database_knows_its_time_zone() -> None:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.DateTime) or column.name.endswith(("_at", "_since", "_until")):
                assert type(column.type).__name__ == "UTCDateTime", column
