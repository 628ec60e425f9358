"""Teams that nobody could tell of anything are found by the doctor, and not by a customer who complains."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from integration.cli.doctor import examine
from integration.settings import load
from tests.world import book

Command = Callable[..., Result]
EVERY = sorted({channel.name for team in book().teams.values() for channel in team.channels})


def variable(channel: str) -> str:
    return f"ALERT_{channel.replace('-', '_').upper()}_URL"


def alerts(cvsync: Command) -> dict[str, Any]:
    checks = json.loads(cvsync("doctor", "--json").stdout)["checks"]
    (found,) = [check for check in checks if check["name"] == "alerts"]
    return dict(found)


def test_a_live_system_in_which_nobody_is_told_of_anything_is_not_well(cvsync: Command) -> None:
    found = alerts(cvsync)

    assert not found["ok"]
    assert "no channel of any team has an address" in found["detail"]
    assert all(variable(each) in found["cure"] for each in EVERY)


def test_an_address_of_a_channel_that_no_team_has_tells_nobody_either(
    cvsync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_ELSEWHERE_URL", "json://127.0.0.1/")

    assert "no channel of any team" in alerts(cvsync)["detail"]


def test_channels_that_were_forgotten_are_named_with_their_settings(
    cvsync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = {"on-call", "warehouse"}
    for each in set(EVERY) - forgotten:
        monkeypatch.setenv(variable(each), f"json://user:hidden@127.0.0.1/{each}")
    found = alerts(cvsync)

    assert not found["ok"]
    assert found["detail"] == "no address for on-call, warehouse"
    assert found["cure"] == "set ALERT_ON_CALL_URL, ALERT_WAREHOUSE_URL, then restart the workers"
    assert "hidden" not in json.dumps(found)


def test_where_every_channel_has_an_address_nothing_needs_to_be_done(
    cvsync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in EVERY:
        monkeypatch.setenv(variable(each), "json://127.0.0.1/")

    assert alerts(cvsync) == {
        "name": "alerts", "ok": True, "detail": "every channel of every team has an address", "cure": "",
    }  # fmt: skip


def test_in_the_sandbox_nobody_need_be_told(cvsync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CENTRA_GRAPHQL_URL", "CENTRA_TOKEN", "CENTRA_WEBHOOK_SECRET", "CENTRA_ORDER_API_URL",
                 "CENTRA_ORDER_API_KEY", "VIRTUALSTOCK_URL", "VIRTUALSTOCK_USERNAME", "VIRTUALSTOCK_PASSWORD"):
        monkeypatch.delenv(name)
    settings = load()
    assert settings.sandbox
    (found,) = [line for line in examine(settings) if line.name == "alerts"]

    assert (found.ok, found.cure) == (True, "")
