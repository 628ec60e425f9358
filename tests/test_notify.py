"""A message arrives at a real web address through Apprise, or says why it did not, without the secret in it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from integration.notify import BODY_LENGTH, TITLE_LENGTH, Channels, NotSent, Printed, variable

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Webhook(HTTPServer):
    """A service that takes messages, or answers with another status."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Webhook)
        self.server.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def channels(webhook: Webhook, console: str | None = None) -> Channels:
    return Channels({"desk": SecretStr(f"json://user:hidden@127.0.0.1:{webhook.server_port}")}, console)


def test_a_message_arrives_with_its_text_as_it_is(webhook: Webhook) -> None:
    body = "<b>Ada</b> & Søren said *no* <!channel>\nsecond line"
    channels(webhook).send("desk", "act now: defect", body, "/exceptions/1")

    (message,) = webhook.taken
    assert (message["title"], message["message"]) == ("act now: defect", body)


def test_it_ends_with_the_address_of_its_page(webhook: Webhook) -> None:
    channels(webhook, "https://console.example.com").send("desk", "t", "b", "/exceptions/12")

    assert webhook.taken[0]["message"] == "b\nhttps://console.example.com/exceptions/12"


def test_a_title_is_one_line_however_it_came(webhook: Webhook) -> None:
    channels(webhook).send("desk", "one\r\nBcc: all@example.com\n", "b", "/")

    assert webhook.taken[0]["title"] == "one Bcc: all@example.com"


def test_a_long_message_is_cut_and_keeps_its_address(webhook: Webhook) -> None:
    channels(webhook, "https://c.example").send("desk", "t" * 900, "b" * 99_000, "/exceptions")

    (message,) = webhook.taken
    assert len(message["title"]) == TITLE_LENGTH
    assert len(message["message"]) == BODY_LENGTH
    assert message["message"].endswith("b\nhttps://c.example/exceptions")


@pytest.mark.parametrize("status", [404, 500])
def test_a_service_that_does_not_take_it_is_not_told_as_success(webhook: Webhook, status: int) -> None:
    webhook.status = status
    with pytest.raises(NotSent) as caught:
        channels(webhook).send("desk", "t", "b", "/")

    assert "ALERT_DESK_URL" in caught.value.reason
    assert "hidden" not in caught.value.reason


def test_a_service_that_is_away_is_not_told_as_success(webhook: Webhook) -> None:
    webhook.shutdown()
    webhook.server_close()
    with pytest.raises(NotSent):
        channels(webhook).send("desk", "t", "b", "/")


def test_a_channel_without_an_address_names_the_setting_that_is_missing(webhook: Webhook) -> None:
    with pytest.raises(NotSent) as caught:
        channels(webhook).send("on-call", "t", "b", "/")

    assert caught.value.reason == "ALERT_ON_CALL_URL is not set"


def test_an_address_that_nobody_knows_says_so_and_hides_it() -> None:
    with pytest.raises(NotSent) as caught:
        Channels({"desk": SecretStr("nosuch://hidden")}).send("desk", "t", "b", "/")

    assert caught.value.reason == "ALERT_DESK_URL is no address that Apprise knows"


def test_a_sender_that_breaks_is_a_message_not_sent(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("hidden")

    monkeypatch.setattr("apprise.Apprise.notify", fail)
    with pytest.raises(NotSent) as caught:
        channels(webhook).send("desk", "t", "b", "/")

    assert caught.value.reason == "its sender failed (RuntimeError)"


def test_without_channels_a_message_is_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    Printed().send("desk", "act now", "b", "/exceptions/1")

    assert "act now" in capsys.readouterr().out


def test_the_setting_of_a_channel_has_its_name_in_capitals() -> None:
    assert variable("on-call-2") == "ALERT_ON_CALL_2_URL"
