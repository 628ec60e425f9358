"""(a) After a burst of stock events every retailer shows the last values, for as few calls as that takes."""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import judge, trace
from benchmarks.figures import Row, Section
from benchmarks.judge import Verdict
from benchmarks.plan import Plan
from benchmarks.stage import CONTENDERS, Stage, Watch
from sandbox.seed import build_seed

RETAILER = "calder"
CALM = 3.0
"""Seconds for which all values must stay right; a task that is running now is in no queue."""


@dataclass(frozen=True)
class Outcome:
    """What became of the burst. `right_after` is in seconds from the last event, None if it took too long."""

    verdict: Verdict
    right_after: float | None
    wrong: int
    centra_calls: int
    centra_throttled: int
    idle: bool


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders, one after the other."""
    shop = build_seed(plan.burst_shop)
    events = trace.make(shop, count=plan.burst_events, skus=plan.burst_skus, seconds=plan.burst_seconds)
    results: dict[str, Outcome] = {}
    for contender in CONTENDERS:
        stage = contender(folder / f"a-{contender.name}", skus=plan.burst_shop, retailers=(RETAILER,))
        try:
            stage.start(fill=trace.listed(shop))
            results[contender.name] = _measure(stage, events, plan.burst_cap)
        finally:
            stage.stop()
    return [_section(plan, events, results["product"], results["naive"])]


def _measure(stage: Stage, events: trace.Trace, cap: float) -> Outcome:
    calls, centra = Watch(stage.virtualstock), Watch(stage.centra)
    history = trace.drive(events, stage.centra)
    ended = time.monotonic()
    finals = events.finals()
    _check(stage, finals)
    right_after = None
    while (passed := time.monotonic() - ended) < cap:
        calls.read()
        centra.read()
        if wrong(stage, finals):
            # Right once is not enough: a late retry may spoil it.
            right_after = None
        elif right_after is None:
            right_after = passed
        if right_after is not None and passed - right_after >= CALM and stage.idle():
            break
        time.sleep(0.5)
    calls.read()
    centra.read()
    return Outcome(
        judge.judge(calls.entries, history), right_after, wrong(stage, finals), len(centra.entries),
        sum(entry["status"] == judge.TOO_MANY for entry in centra.entries), stage.idle(),
    )  # fmt: skip


def wrong(stage: Stage, finals: dict[str, int]) -> int:
    """How many listings show something else than Centra's last value."""
    shown = stage.virtualstock.get("stock", retailer=RETAILER)
    return sum(shown[sku] != units for sku, units in finals.items())


def _check(stage: Stage, finals: dict[str, int]) -> None:
    """Our idea of what is true must be the twin's, or all judgements are worth nothing."""
    true = stage.centra.get("stock")
    assert all(true[sku] == units for sku, units in finals.items()), "the trace and the twin disagree"


def _section(plan: Plan, events: trace.Trace, ours: Outcome, naive: Outcome) -> Section:
    finals = events.finals()
    least = sum(finals[sku] != units for sku, units in events.start.items())
    a, b = ours.verdict, naive.verdict
    minutes = f"{plan.burst_cap / 60:.0f} min"
    rows = (
        Row("stock calls", a.calls, b.calls, goal=f"≤ {least} + re-changes", met=a.calls == a.needed),
        Row("of them: the value was new to the retailer", a.needed, b.needed),
        Row("of them: the retailer had that value", a.wasted, b.wasted, goal="0", met=a.wasted == 0),
        Row("of them: answered 429", a.throttled, b.throttled, goal="0", met=a.throttled == 0),
        Row("of them: put an older value over a newer", a.regressions, b.regressions, goal="0", met=a.regressions == 0),
        Row("of them: anything else", a.other, b.other),
        Row(f"last event → all values right (at most {minutes})", ours.right_after, naive.right_after, "s"),
        Row("listings wrong at the end", ours.wrong, naive.wrong, goal="0", met=ours.wrong == 0),
        Row("calls to Centra", ours.centra_calls, naive.centra_calls),
        Row("of them: answered 429", ours.centra_throttled, naive.centra_throttled, goal="0",
            met=ours.centra_throttled == 0),
    )  # fmt: skip
    notes = [
        f"{len(events.events):,} changes of {len(events.start)} SKUs in {plan.burst_seconds:.0f} s; one retailer, "
        f"250 requests a minute. {least} SKUs ended on another value than they began with.",
    ]
    for name, outcome in (("product", ours), ("naive variant", naive)):
        if not outcome.idle:
            notes.append(f"The {name} still had work when its {minutes} were over; its figures stop there.")
    return Section("a", "Burst of stock events", rows, tuple(notes))
