"""(m) to (o): The console answers a busy merchant's people at once, whatever they look for and however much waits."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks import console_acts, console_lists, console_pages, console_past, console_site
from benchmarks.console_pages import Visit
from benchmarks.console_site import Visitor
from benchmarks.figures import Row, Section, percentile
from benchmarks.plan import Plan
from integration.services import Services

TIMES = 20
GOAL = 300.0
"""Milliseconds that 95 of 100 answers of a page may take at most."""
ANSWERED = frozenset({200, 303})
"""A search that finds one thing leads to it."""


def run(plan: Plan, _folder: Path) -> list[Section]:
    """Measure on servers of our own."""
    with console_site.services() as services:
        return measure(services, plan, TIMES)


def measure(services: Services, plan: Plan, times: int) -> list[Section]:
    """Fill an empty database, open every page so many times, then act on thousands."""
    # First: a publication judges afresh what waits for a mapping.
    for number in range(1, 4):
        console_acts.publish(services, f"version {number}", buffer=number)
    console_past.fill(services.store, plan, services.now())
    guarded = console_past.stopped(services.store, "calder", plan.console_held, services.now())
    with console_site.visitor(console_site.site(services)) as visitor:
        pages = console_pages.visits(services.store, plan, guarded, services.now())
        opened = [_opened(visitor, visit, times) for visit in pages]
        lists = console_lists.rows(services, plan)
        acts = console_acts.rows(services, visitor, plan, guarded)
    services.store.close()
    return _sections(plan, opened, lists, acts)


def _opened(visitor: Visitor, visit: Visit, times: int) -> Row:
    """The times of one page, in milliseconds; the first is not counted."""
    taken = []
    for _ in range(times + 1):
        answer, seconds = visitor.ask(visit)
        if answer.status_code not in ANSWERED:
            raise RuntimeError(f"{visit.path}: {answer.status_code}")
        taken.append(seconds * 1000)
    most = percentile(taken[1:], 95)
    met = most is not None and most < GOAL
    return Row(visit.what, percentile(taken[1:], 50), most, "ms", f"p95 < {GOAL:g} ms", met)


def _sections(plan: Plan, opened: Sequence[Row], lists: Sequence[Row], acts: Sequence[Row]) -> list[Section]:
    size = (
        f"PostgreSQL with {plan.console_orders:,} orders, {plan.console_entries:,} lines of timelines, "
        f"{plan.console_skus:,} SKUs at three retailers, {plan.console_held:,} open exceptions with a piece of work "
        f"behind each, and one more with {plan.console_held:,} behind it."
    )
    return [
        Section("m", "Pages of the console and the API", tuple(opened), (
            size, f"Time of the server for one request at a time, no network; {TIMES} requests each after one that is "
            "not counted.",
        ), ("p50", "p95")),
        Section("n", "Lists, and the same another way", tuple(lists), (
            "The same database. The last page of a list by OFFSET, a look by name without our index; the median of "
            f"{console_lists.TIMES}.",
        ), ("product", "the other way")),
        Section("o", "Thousands at once", tuple(acts), (
            "Through the API, or as the console publishes. What is let go spends at most half of what its lane may "
            "take of its credential's quota.",
        ), ("product",)),
    ]  # fmt: skip
