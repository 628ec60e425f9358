"""Nothing secret and nothing personal leaves through a log line or an error report."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from integration import telemetry

LEAKS = ("hunter22", "jane.doe@example.org", "Jane Doe", "07700 900123", "1 Mill Lane", "eyJhbGciOi", "LS1 4AB")


@dataclass
class Address:
    full_name: str = "Jane Doe"
    postcode: str = "LS1 4AB"


PERSONAL_AND_SECRET: dict[str, Any] = {
    "order": {"shipping_address": {"full_name": "Jane Doe", "line_1": "1 Mill Lane"}, "lines": [{"name": "Jane Doe"}]},
    "phoneNumber": "07700 900123",
    "headers": {"Authorization": "Bearer hunter22", "X-Centra-Signature": "hunter22", "API-Authorization": "hunter22"},
    "why": "jane.doe@example.org wrote with Basic aHVudGVyMjI6aHVudGVyMjI= and bearer hunter22hunter22",
    "url": "redis://:hunter22@localhost:6379/0?token=hunter22",
    "body": '{"email": "jane.doe@example.org", "full_name": "Jane Doe", "password":"hunter22"}',
    "answer": {"access": "eyJhbGciOi.eyJleHAiOjE.c2ln"},
    "object": Address(),
    "bytes": b"password=hunter22",
    "deep": [[{"customer": {"postal_code": "LS1 4AB"}}]],
}
USEFUL = {"sku": "A-1", "retailer": "northgate", "tokens": 3, "sku_key": "ean", "price": Decimal("1.50"), "token": None}


class Captured(Transport):
    """Keeps what would have been sent."""

    sent: ClassVar[list[str]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize().decode())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written to standard error; logging is put back as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


@pytest.fixture
def reports() -> Iterator[list[str]]:
    """Reports to Sentry, as sent; switched off afterwards."""
    Captured.sent = []
    telemetry.setup_sentry("https://publickey@sentry.invalid/1", "test", transport=Captured)
    yield Captured.sent
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture(autouse=True)
def nothing_hidden_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_hidden_values", set())


def assert_clean(text: str) -> None:
    assert [leak for leak in LEAKS if leak in text] == []


def test_keys_forms_and_objects_are_redacted_at_any_depth() -> None:
    assert_clean(json.dumps(telemetry.redact(PERSONAL_AND_SECRET)))


def test_what_helps_a_person_stays() -> None:
    assert telemetry.redact(USEFUL) == USEFUL
    for text in ("Order PO-1 of northgate waits until 12:30.", "WWW-Authenticate: Basic realm=api", "a@b", "3 tokens"):
        assert telemetry.redact(text) == text


def test_a_bottomless_structure_is_hidden_and_not_followed() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    assert telemetry.HIDDEN in json.dumps(telemetry.redact(loop))


def test_a_megabyte_without_an_at_sign_is_redacted_in_no_time() -> None:
    assert telemetry.redact("a" * 1_000_000) == "a" * 1_000_000


def test_a_value_handed_over_is_hidden_in_any_sentence() -> None:
    telemetry.hide("correct horse", "short")
    assert telemetry.redact("login correct horse failed shortly") == "login [hidden] failed shortly"


@pytest.mark.parametrize("form", ["text", "json"])
def test_both_loggers_write_clean_lines_in_both_forms(form: Any, log: io.StringIO) -> None:
    telemetry.configure("INFO", form, log)
    structlog.get_logger("integration.flows").warning("order read", **PERSONAL_AND_SECRET, module="same as a record's")
    logging.getLogger("celery").error("failed for %s with %r", "jane.doe@example.org", {"password": "hunter22"})
    try:
        raise ValueError("token=hunter22 of jane.doe@example.org")
    except ValueError:
        structlog.get_logger().exception("step failed", sku="A-1")
    written = log.getvalue()
    assert_clean(written)
    assert "order read" in written
    assert "ValueError" in written
    assert "A-1" in written


def test_json_lines_have_time_level_and_logger(log: io.StringIO) -> None:
    telemetry.configure("INFO", "json", log)
    structlog.contextvars.bind_contextvars(retailer="northgate")
    structlog.get_logger("integration.flows").info("order placed", reference="PO-1")
    structlog.contextvars.clear_contextvars()
    structlog.get_logger("integration.flows").debug("not at this level")
    [line] = log.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "order placed", "level": "info", "logger": "integration.flows",
        "reference": "PO-1", "retailer": "northgate",
    }


def test_no_terminal_means_json(log: io.StringIO) -> None:
    telemetry.configure(stream=log)
    logging.getLogger("celery").info("ready")
    assert json.loads(log.getvalue())["event"] == "ready"


def test_an_error_report_of_an_exception_full_of_secrets_is_clean(reports: list[str], log: io.StringIO) -> None:
    telemetry.configure("INFO", "json", log)
    password = "hunter22"
    structlog.get_logger("integration.http").info("called", authorization=password, why="mail jane.doe@example.org")
    sentry_sdk.set_user({"email": "jane.doe@example.org", "id": "Jane Doe"})
    sentry_sdk.set_extra("order", PERSONAL_AND_SECRET)
    sentry_sdk.set_tag("phone", "07700 900123")
    try:
        try:
            raise ConnectionError(f"https://northgate:{password}@virtualstock.invalid/ refused {PERSONAL_AND_SECRET}")
        except ConnectionError as cause:
            raise RuntimeError(f"password={password!r} for 'full_name': 'Jane Doe'") from cause
    except RuntimeError:
        structlog.get_logger("integration.flows").exception("step failed", sku="A-1", **PERSONAL_AND_SECRET)
    sentry_sdk.flush()
    report = "\n".join(reports)
    for expected in ("RuntimeError", "ConnectionError", "step failed", "A-1", "breadcrumbs", "sentry.python"):
        assert expected in report
    # The lines of source around a frame are code, and this test's code names the leaks.
    assert_clean(_without_source(report))


def test_no_address_means_no_reports(log: io.StringIO) -> None:
    telemetry.setup_sentry(None, "test", transport=Captured)
    assert not sentry_sdk.get_client().is_active()


def _without_source(report: str) -> str:
    """The envelope without the context lines of frames; fails if a frame carries local variables."""
    clean = []
    for line in report.splitlines():
        content = json.loads(line)
        for exception in content.get("exception", {}).get("values", []):
            for frame in exception["stacktrace"]["frames"]:
                assert "vars" not in frame
                for part in ("pre_context", "context_line", "post_context"):
                    frame.pop(part, None)
        clean.append(json.dumps(content))
    return "\n".join(clean)
