"""What Centra's token may not read, and nobody would notice for days, the doctor says at once."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema
from typer.testing import Result

from integration.centra import queries
from integration.centra.queries import Operation
from sandbox.centra import CentraTwin
from sandbox.centra.documents import Documents
from sandbox.centra.options import Options, Token
from sandbox.centra.twin import CentraServer
from sandbox.seed import CENTRA_TOKEN, build_seed
from tests.world import MAPPINGS

Command = Callable[..., Result]
HOUSE = Path(__file__).parents[2]
PAGE, SANDBOX = HOUSE / "docs" / "operations.md", HOUSE / "sandbox"
BARE = frozenset({"Order:read", "Order.internalComment:read", "ProductSize:read", "Shipment:read"})
"""Enough to read orders, without what is allocated to them."""


@pytest.fixture
def options(cvsync: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Options]:
    """A running twin of Centra whose token may do everything, until a test changes that."""
    options = Options()
    server = CentraServer(CentraTwin(options, build_seed(20))).start()
    monkeypatch.setenv("CENTRA_GRAPHQL_URL", f"{server.url}/graphql")
    monkeypatch.setenv("CENTRA_TOKEN", CENTRA_TOKEN)
    cvsync("db", "upgrade")
    yield options
    server.stop()


def found(cvsync: Command) -> dict[str, dict[str, Any]]:
    checks = json.loads(cvsync("doctor", "--json").stdout)["checks"]
    return {check["name"]: check for check in checks}


def test_a_token_that_may_read_all_is_said_to(options: Options, cvsync: Command) -> None:
    checks = found(cvsync)
    assert checks["Centra, allocations"] == {"name": "Centra, allocations", "ok": True, "detail": "shown", "cure": ""}
    assert checks["Centra, returns"]["ok"]


def test_the_doctor_names_the_permissions_that_are_missing(options: Options, cvsync: Command) -> None:
    options.tokens[CENTRA_TOKEN] = Token("marketplaces", BARE)
    checks = found(cvsync)
    assert checks["Centra, GraphQL"]["ok"]
    for name, permission in (("Centra, allocations", "Allocation:read"), ("Centra, returns", "Return:read")):
        assert not checks[name]["ok"]
        assert f"You need {permission} permission" in checks[name]["detail"]
        assert checks[name]["cure"] == f"grant the token {permission}"


def test_what_no_profile_needs_is_no_trouble(
    options: Options, cvsync: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mappings = Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))
    for path in (mappings / "retailers").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for rule in ("backorder", "demand"):
            text = text.replace(f"out_of_stock: {rule}", "out_of_stock: hold")
        path.write_text(text.replace("returns: {enabled: true", "returns: {enabled: false"), encoding="utf-8")
    monkeypatch.setenv("MAPPINGS_DIR", str(mappings))
    options.tokens[CENTRA_TOKEN] = Token("marketplaces", BARE)
    checks = found(cvsync)
    for name in ("Centra, allocations", "Centra, returns"):
        assert checks[name]["ok"]
        assert "no profile needs them" in checks[name]["detail"]


def test_a_centra_that_does_not_let_us_in_is_asked_for_nothing_more(options: Options, cvsync: Command) -> None:
    options.tokens[CENTRA_TOKEN] = Token("marketplaces", expired=True)
    checks = found(cvsync)
    assert not checks["Centra, GraphQL"]["ok"]
    assert "Centra, allocations" not in checks


def test_every_permission_that_we_need_is_on_the_operations_page() -> None:
    documents = Documents(build_schema((SANDBOX / "centra" / "schema.graphql").read_text(encoding="utf-8")))
    texts = [each.text for each in vars(queries).values() if isinstance(each, Operation)]
    needed = {need.permission for text in texts for need in documents.prepare(text, None).needs}
    page = PAGE.read_text(encoding="utf-8")
    assert len(needed) > 10
    assert {each for each in needed if f"`{each}`" not in page} == set()
