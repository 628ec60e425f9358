"""The console of a fresh world, for every test of pages and of the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import HASHER, site
from fastapi import FastAPI
from pwdlib import PasswordHash

from integration import passwords
from tests.world import World


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password takes no longer to check than it must: a test tries many."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHash((HASHER,)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh one."""
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def app(world: World) -> FastAPI:
    """Its console."""
    return site(world)
