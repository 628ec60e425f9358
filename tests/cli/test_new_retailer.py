"""A further retailer is a file of its own and a login, and the doctor says which of both is missing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.world import MAPPINGS

Command = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped mappings and a profile of Harbour, which is Northgate's with its own name, login and ids."""
    target = Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))
    text = (target / "retailers" / "northgate.yaml").read_text(encoding="utf-8")
    for old, new in {
        "code: northgate": "code: harbour", "name: Northgate & Co": "name: Harbour",
        "credential: northgate": "credential: harbour", "customer_id: 13": "customer_id: 21",
        "client_id: 637": "client_id: 712",
    }.items():  # fmt: skip
        assert text.count(old) == 1
        text = text.replace(old, new)
    (target / "retailers" / "harbour.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("MAPPINGS_DIR", str(target))
    return target


@pytest.fixture
def own_logins(cvsync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three shipped retailers have a login each, and there is no default one."""
    for part in ("USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"VIRTUALSTOCK_{part}")
        for name in ("NORTHGATE", "CALDER", "FERNHILL"):
            monkeypatch.setenv(f"VIRTUALSTOCK_{name}_{part}", "something")


def logins(cvsync: Command) -> dict[str, object]:
    checks = json.loads(cvsync("doctor", "--json").stdout)["checks"]
    return next(check for check in checks if check["name"] == "logins")


def test_one_file_more_is_one_retailer_more(cvsync: Command, folder: Path) -> None:
    result = cvsync("mappings", "check", "--dir", str(folder))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("4 retailers")


def test_the_doctor_names_the_settings_of_the_missing_login(
    cvsync: Command, own_logins: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = logins(cvsync)
    assert found["ok"] is False
    assert found["detail"] == "harbour needs VIRTUALSTOCK_HARBOUR_USERNAME and VIRTUALSTOCK_HARBOUR_PASSWORD"
    monkeypatch.setenv("VIRTUALSTOCK_HARBOUR_USERNAME", "harbour")
    monkeypatch.setenv("VIRTUALSTOCK_HARBOUR_PASSWORD", "something")
    assert logins(cvsync)["ok"] is True


def test_a_default_login_serves_profiles_without_their_own(cvsync: Command, folder: Path) -> None:
    assert logins(cvsync)["ok"] is True


def test_the_doctor_shows_that_bank_holidays_are_known(cvsync: Command) -> None:
    checks = json.loads(cvsync("doctor", "--json").stdout)["checks"]
    (calendars,) = (check for check in checks if check["name"] == "calendars")
    assert calendars["ok"]
    assert calendars["detail"].startswith("england-and-wales: next day off 2")


def test_schemas_are_written_once_and_again_only_when_they_changed(cvsync: Command, folder: Path) -> None:
    shutil.rmtree(folder / "schema")
    first, second = (cvsync("mappings", "schema", "--dir", str(folder)) for _ in range(2))
    assert "schema/retailer.json" in first.stdout
    assert second.stdout.strip() == "every schema was up to date"
    assert sorted(path.name for path in (folder / "schema").iterdir()) == sorted(
        path.name for path in (MAPPINGS / "schema").iterdir()
    )
