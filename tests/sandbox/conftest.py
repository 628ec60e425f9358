"""Tests of the sandbox get a fresh, small Virtualstock each."""

from collections.abc import Iterator

import pytest
from virtualstock_supplier import Virtualstock

from sandbox.seed import Seed, build_seed


@pytest.fixture(scope="session")
def small_seed() -> Seed:
    """A shop of some 60 SKUs."""
    return build_seed(60)


@pytest.fixture
def virtualstock(small_seed: Seed) -> Iterator[Virtualstock]:
    """A fresh twin."""
    platform = Virtualstock(small_seed)
    yield platform
    platform.session.close()
    platform.server.stop()
