"""Addresses of channels come from the environment and are never shown."""

import pytest

from integration import settings as module
from integration import wiring
from integration.notify import Channels, Printed

URL = "mailtos://ops:very-hidden@mail.example.com"


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))


def test_each_variable_is_the_address_of_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_ON_CALL_URL", URL)
    monkeypatch.setenv("ALERT_EMPTY_URL", "")
    settings = module.load()

    assert {name: url.get_secret_value() for name, url in settings.alert_urls().items()} == {"on-call": URL}
    assert URL in settings.secrets()
    assert "very-hidden" not in repr(settings)


def test_what_is_no_address_stops_the_start_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALERT_DESK_URL", "very-hidden")
    with pytest.raises(SystemExit):
        module.load()

    said = capsys.readouterr().err
    assert "ALERT_DESK_URL must be an address" in said
    assert "very-hidden" not in said


def test_a_channel_of_the_env_file_counts_too(tmp_path: object) -> None:
    with open(module.ENV_FILE, "w") as file:
        file.write(f"ALERT_DESK_URL={URL}\n")

    assert list(module.load().alert_urls()) == ["desk"]


def test_messages_are_lines_of_the_log_until_a_channel_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(wiring._notify(module.load()), Printed)
    monkeypatch.setenv("ALERT_DESK_URL", URL)

    assert isinstance(wiring._notify(module.load()), Channels)
