"""(b) A single stock change reaches its retailer within seconds while changes keep coming."""

import time
from pathlib import Path

from benchmarks import judge, trace
from benchmarks.figures import Row, Section, at_most, percentile
from benchmarks.plan import Plan
from benchmarks.stage import CONTENDERS, Stage, Watch
from sandbox.seed import build_seed

RETAILER = "calder"
RATE = 2
"""Changes a second: half of what the retailer's quota of 250 a minute admits."""
SHOP, SKUS = 130, 100
PATIENCE = 60.0
"""Seconds after the last change for what is still on its way."""
GOAL_P99 = 5.0


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders, one after the other."""
    shop = build_seed(SHOP)
    events = trace.make(shop, count=int(plan.seconds * RATE), skus=SKUS, seconds=plan.seconds)
    found: dict[str, tuple[list[float], int]] = {}
    for contender in CONTENDERS:
        stage = contender(folder / f"b-{contender.name}", skus=SHOP, retailers=(RETAILER,))
        try:
            stage.start(fill=trace.listed(shop))
            found[contender.name] = _measure(stage, events)
        finally:
            stage.stop()
    return [_section(plan, found["product"], found["naive"])]


def _measure(stage: Stage, events: trace.Trace) -> tuple[list[float], int]:
    calls = Watch(stage.virtualstock)
    history = trace.drive(events, stage.centra)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        calls.read()
        if not judge.latencies(calls.entries, history)[1]:
            break
        time.sleep(0.2)
    return judge.latencies(calls.entries, history)


def _section(plan: Plan, ours: tuple[list[float], int], naive: tuple[list[float], int]) -> Section:
    p99 = percentile(ours[0], 99)
    rows = (
        Row("change → accepted, p50", percentile(ours[0], 50), percentile(naive[0], 50), "s"),
        Row("p95", percentile(ours[0], 95), percentile(naive[0], 95), "s"),
        Row("p99", p99, percentile(naive[0], 99), "s", goal=f"≤ {GOAL_P99:.0f} s", met=at_most(p99, GOAL_P99)),
        Row("largest", percentile(ours[0], 100), percentile(naive[0], 100), "s"),
        Row("changes that never arrived", ours[1], naive[1], goal="0", met=ours[1] == 0),
    )
    note = (
        f"{RATE} changes a second for {plan.seconds:.0f} s on {SKUS} SKUs, one retailer. A change has arrived when its "
        "value or a newer one of the same SKU was accepted. Below its quotas a task per event has nothing to wait for."
    )
    return Section("b", "Latency of single stock changes", rows, (note,))
