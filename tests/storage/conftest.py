"""Every test of the storage runs on both engines, each time on an empty database of its own."""

from collections.abc import Iterator

import pytest
from sqlmodel import SQLModel

from integration.storage import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with the schema of the models; `test_migrations` proves that the migrations make the same."""
    made = Store(database_url)
    SQLModel.metadata.create_all(made.engine)
    yield made
    made.close()
