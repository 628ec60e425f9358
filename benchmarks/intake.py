"""(e) The web process takes webhooks faster than Centra sends them, and each is stored before it is answered."""

import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.figures import Row, Section, percentile
from benchmarks.plan import Plan
from benchmarks.stage import CONTENDERS, Stage

CLIENTS = 4
SHOP = 20


@dataclass(frozen=True)
class Load:
    """What the clients saw, and what it cost the web process."""

    answers: list[float]
    failed: int
    seconds: float
    cpu: float


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders' receivers, one after the other; no worker runs, so that only the intake is measured."""
    loads: dict[str, Load] = {}
    for contender in CONTENDERS:
        stage = contender(folder / f"e-{contender.name}", skus=SHOP)
        try:
            stage.start_web()
            loads[contender.name] = _measure(stage, plan.intake_seconds)
        finally:
            stage.stop()
    return [_section(plan, loads["product"], loads["naive"])]


def _measure(stage: Stage, seconds: float) -> Load:
    secret = stage.env["CENTRA_WEBHOOK_SECRET"]
    pid = stage.processes["web"].pid
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as clients:
        # Start all clients before the clock.
        clients.map(abs, range(CLIENTS))
        before, began = _cpu(pid), time.monotonic()
        work = [(stage.web_port, secret, seconds, client) for client in range(CLIENTS)]
        seen = clients.starmap(send, work, chunksize=1)
        took, after = time.monotonic() - began, _cpu(pid)
    times = [each for answered, _ in seen for each in answered]
    return Load(times, sum(failed for _, failed in seen), took, after - before)


def send(port: int, secret: str, seconds: float, client: int) -> tuple[list[float], int]:
    """One client: a new shipment event per POST, the next as soon as the last is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    answered, failed, number = [], 0, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        body, headers = _signed(secret, client * 10**7 + number)
        began = time.perf_counter()
        connection.request("POST", "/webhooks/centra", body, headers)
        response = connection.getresponse()
        response.read()
        if response.status == 204:
            answered.append(time.perf_counter() - began)
        else:
            failed += 1
    connection.close()
    return answered, failed


def _signed(secret: str, number: int) -> tuple[bytes, dict[str, str]]:
    event = {"type": "shipment", "action": "complete", "date": "2026-01-01 00:00:00.000000", "id": number}
    body = urlencode({"payload": json.dumps({"events": [event]})}).encode()
    stamp = int(time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/x-www-form-urlencoded", "X-Centra-Signature": f"t={stamp},v1={digest}",
    }  # fmt: skip


def _cpu(pid: int) -> float:
    """CPU seconds a process has used: fields 14 and 15 of its stat file (Linux: proc_pid_stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _section(plan: Plan, ours: Load, naive: Load) -> Section:
    def milliseconds(load: Load, percent: float) -> float | None:
        value = percentile(load.answers, percent)
        return None if value is None else value * 1000

    rows = (
        Row("events a second", len(ours.answers) / ours.seconds, len(naive.answers) / naive.seconds),
        Row("answer, p50", milliseconds(ours, 50), milliseconds(naive, 50), "ms"),
        Row("p99", milliseconds(ours, 99), milliseconds(naive, 99), "ms"),
        Row("CPU of the web process per 1,000 events", _per_thousand(ours), _per_thousand(naive), "s"),
        Row("not answered with 204", ours.failed, naive.failed, goal="0", met=ours.failed == 0),
    )
    note = (
        f"{CLIENTS} clients, each in its own process, for {plan.intake_seconds:.0f} s; one event per POST (Centra "
        "sends up to 100). The product commits each to SQLite before it answers; the naive receiver puts a message "
        "into Redis."
    )
    return Section("e", "Webhook intake", rows, (note,))


def _per_thousand(load: Load) -> float | None:
    return load.cpu / len(load.answers) * 1000 if load.answers else None
