"""(h) A system with nothing to do asks the platforms as often as its timetable says, and no more."""

import time
from collections import Counter
from pathlib import Path

import yaml

from benchmarks.figures import Row, Section
from benchmarks.plan import Plan
from benchmarks.stage import Product, Watch
from tests.story.system import RETAILERS, ROOT

SHOP = 60
TIMETABLE = ROOT / "celerybeat-schedule" / "timetable.yaml"
SMALLEST = 150
"""Requests a minute of the smallest quota that the platform gives a credential; the usual one is 250."""
SHARE = 5
"""Per cent of a credential's minute that an idle system may spend."""


def run(plan: Plan, folder: Path) -> list[Section]:
    """The product alone, with its own timetable: a task that asks every 30 s costs what its author makes it cost."""
    stage = Product(folder / "h-product", skus=SHOP, retailers=RETAILERS)
    try:
        stage.start()
        stage.until(stage.idle, 300, "nothing is left to do")
        time.sleep(10)
        journals = {"Virtualstock": Watch(stage.virtualstock), "Centra": Watch(stage.centra)}
        time.sleep(plan.idle_seconds)
        calls = {name: Counter(entry["operation"] or "unknown" for entry in watch.read())
                 for name, watch in journals.items()}  # fmt: skip
    finally:
        stage.stop()
    return [_section(calls["Virtualstock"], calls["Centra"], plan.idle_seconds / 60)]


def by_timetable(timetable: dict[str, float]) -> float:
    """Calls a minute that the polls of one retailer make, by the intervals of the timetable, where every list fits on
    a page."""
    polls = ("orders.poll", "cancellations.poll", "cancellations.sweep", "returns.poll")
    return sum(60 / timetable[job] for job in polls)


def _section(virtualstock: Counter[str], centra: Counter[str], minutes: float) -> Section:
    measured = virtualstock.total() / len(RETAILERS) / minutes
    planned = by_timetable(yaml.safe_load(TIMETABLE.read_text()))
    rows = [
        Row("calls to Virtualstock a minute and credential, measured", measured, None),
        Row("the same, by the timetable", planned, None),
        *(Row(f"share of a quota of {quota} a minute", 100 * max(measured, planned) / quota, None, "%",
              goal=f"≤ {SHARE} %", met=100 * max(measured, planned) / quota <= SHARE) for quota in (250, SMALLEST)),
        *(Row(f"· {name}, all credentials", count, None) for name, count in sorted(virtualstock.items())),
        Row("calls to Centra a minute", centra.total() / minutes, None),
        *(Row(f"· {name}", count, None) for name, count in sorted(centra.items())),
    ]  # fmt: skip
    note = (
        f"The whole system with {len(RETAILERS)} credentials, and {minutes:.0f} minutes in which nothing happens. A "
        "list that is longer than a page of 100 costs a call for each further page. The larger of the measured and "
        "the planned number is held against the quota."
    )
    return Section("h", "What polling costs", tuple(rows), (note,), columns=("product",))
