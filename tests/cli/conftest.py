"""Commands run against a small shop: its database and Redis are real, its platforms are out of reach."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from integration import steps
from integration.cli import app
from tests.world import MAPPINGS, World, line

Command = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    """Northgate lists a T-shirt (TEE-M) and has agreed on 8 units; its order PO-1 for three is received."""
    world = World(tmp_path)
    world.centra.has(11, "TEE-M", 8, ean="5000000000011")
    world.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    world.ask(steps.STOCK_SWEEP, steps.CENTRA)
    world.settle()
    world.ask(steps.CATALOGUE_LISTINGS, "northgate")
    world.settle()
    world.orders("northgate", 5001, "PO-1", line("1", "71000001", 3, "36.00"))
    world.do(steps.ORDERS_POLL, "northgate")
    yield world
    world.store.close()


@pytest.fixture
def cvsync(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs one command in an environment of its own."""
    monkeypatch.chdir(tmp_path)
    nobody = "http://127.0.0.1:9"
    for name, value in {
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'world.db'}",
        "REDIS_URL": redis_url,
        "MAPPINGS_DIR": str(MAPPINGS),
        "CENTRA_GRAPHQL_URL": f"{nobody}/graphql", "CENTRA_TOKEN": "token", "CENTRA_WEBHOOK_SECRET": "webhook-secret",
        "CENTRA_ORDER_API_URL": f"{nobody}/order-api", "CENTRA_ORDER_API_KEY": "api-key",
        "VIRTUALSTOCK_URL": nobody, "VIRTUALSTOCK_USERNAME": "user", "VIRTUALSTOCK_PASSWORD": "password",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield run
    # A command sends the logs to its own standard error, which is gone by now.
    root.handlers[:], root.level = before
    structlog.reset_defaults()
