"""Sentry hears of errors of ours and of nothing else: what a person must do about an order is told by alerts."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from integration import kinds, steps, telemetry, wiring
from integration.problems import Refused, TryAgain
from tests.life.desk import Desk
from tests.world import line

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Captured(Transport):
    """Keeps what would have been sent."""

    sent: ClassVar[list[dict[str, Any]]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.extend(json.loads(item.get_bytes()) for item in envelope.items if item.type == "event")


class Worker:
    """The real tasks of Celery, run here, on the system of the story."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def run(self, task: str, **arguments: str) -> str:
        """How Celery would show that it ended."""
        return str(self._app.tasks[task].apply(kwargs=arguments).state)


@pytest.fixture
def worker(desk: Desk, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setenv("REDIS_URL", redis_url)
    # Not at the top: it reads the environment when it is imported.
    import tasks

    monkeypatch.setattr(wiring, "services", lambda: desk.services)
    return Worker(tasks.app)


@pytest.fixture
def reports(worker: Worker) -> Iterator[list[dict[str, Any]]]:
    """Reports to Sentry; switched off afterwards."""
    Captured.sent = []
    telemetry.setup_sentry("https://publickey@sentry.invalid/1", "test", transport=Captured)
    yield Captured.sent
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_an_error_of_ours_is_one_report_and_one_exception(
    desk: Desk, worker: Worker, reports: list[dict[str, Any]]
) -> None:
    desk.northgate.fail("orders", ZeroDivisionError("by zero"))  # type: ignore[arg-type]
    desk.ask(steps.ORDERS_POLL, "northgate")
    assert worker.run("orders.poll", subject="northgate") == "FAILURE"

    (report,) = reports
    assert report["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert desk.causes() == [("defect", "orders.poll/northgate")]


def test_what_waits_for_a_person_or_for_a_platform_is_no_report(
    desk: Desk, worker: Worker, reports: list[dict[str, Any]]
) -> None:
    desk.orders("northgate", 5001, "PO-1", line("1", "79999999"), delivery_service_code="drone")
    desk.ask(steps.ORDERS_POLL, "northgate")
    assert worker.run("orders.poll", subject="northgate") == "SUCCESS"
    assert worker.run("orders.place", subject="northgate/PO-1") == "FAILURE"
    desk.calder.fail("orders", Refused("401: Invalid credentials", status=401))
    desk.retailers["fernhill"].fail("orders", *[TryAgain("Virtualstock answered 500.")] * 2)
    desk.ask(steps.ORDERS_POLL, "calder", "fernhill")
    assert worker.run("orders.poll", subject="calder") == "RETRY"
    assert worker.run("orders.poll", subject="fernhill") == "RETRY"
    desk.at += timedelta(days=20)
    assert worker.run("orders.poll", subject="fernhill") == "FAILURE"

    assert {kind for kind, _ in desk.causes()} == {
        kinds.UNMAPPED_SKU.code, kinds.UNMAPPED_DELIVERY_SERVICE.code, kinds.CREDENTIAL_REFUSED.code, kinds.GAVE_UP.code
    }  # fmt: skip
    assert reports == []


def test_a_channel_that_is_dead_is_no_report(desk: Desk, worker: Worker, reports: list[dict[str, Any]]) -> None:
    desk.board.away = {"catalogue"}
    desk.opens(kinds.UNMAPPED_SKU, "northgate/1")
    desk.at += timedelta(minutes=2)
    assert worker.run("timetable.tick", job="alerts.send") == "SUCCESS"

    assert ("alert-failed", "catalogue/catalogue") in desk.causes()
    assert reports == []
