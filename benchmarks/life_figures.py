"""The figures of (f) and (g): seconds per step, and calls per order against the least possible number."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.figures import Row, Section, at_most, percentile
from benchmarks.life_course import Course, Run
from benchmarks.life_plot import RETAILERS, Fate, Life, least

POLLS = {
    "Virtualstock": frozenset({"orders", "returns", "orders_v3", "carriers", "token", "token_refresh", "products"}),
    "Centra": frozenset({"events", "confirmEvents", "rateLimits"}),
}
"""Operations whose number follows from the clock and not from the orders: see (h)."""
STOCK = {
    "Virtualstock": frozenset({"stock"}),
    "Centra": frozenset({"productSizes", "stockChangeLines", "markets", "displays"}),
}
"""Operations about quantities: an order moves stock, and telling that is the business of (a) and (b)."""
SAME = {
    "confirmOrder": "confirm", "setIdConversions,confirmOrder": "confirm", "cancelDirectToConsumerOrder": "cancel",
    "updateDirectToConsumerOrder": "cancel",
}  # fmt: skip
"""What Centra calls the operations of `least`."""

Spans = Callable[[Course], Iterable[tuple[float | None, float | None]]]
STEPS: tuple[tuple[str, Spans, float | None], ...] = (
    ("ordered → confirmed in Centra", lambda one: [(one.listed, one.in_centra)], None),
    ("ordered → acknowledged", lambda one: [(one.listed, _nth(one.told["acknowledge"], 0))], 30 + 2),
    ("shipped → announced", lambda one: _parcels(one), 5),
    ("cancel asked → confirmed", lambda one: [(one.cancel_asked, _nth(one.told["cancel_acknowledge"], 0))], 60 + 5),
    ("return asked → acknowledged", lambda one: [(one.return_asked, _nth(one.told["return_acknowledge"], 0))],
     300 + 5),
)  # fmt: skip
"""What is timed, and the goal for the 95th percentile in seconds: the interval of the poll that finds it, and a bit."""


def sections(plot: Sequence[Life], ours: Run, naive: Run, seconds: float) -> list[Section]:
    """The tables of both contenders."""
    fates = Counter(life.fate for life in plot)
    told = ", ".join(f"{fates[fate]} {fate}" for fate in Fate)
    note = (
        f"{len(plot)} orders in {seconds:.0f} s ({len(plot) / seconds * 3600:,.0f} an hour) of "
        f"{' and '.join(RETAILERS)}, each with its own credential: {told}. Every step but the shipment waits for a "
        "poll first: of new orders each 30 s, of cancellations each 60 s, of returns each 300 s; goals are that and a "
        "few seconds. The naive variant knows orders and dispatches only."
    )
    rows = [row for step in STEPS for row in _step(step, ours, naive)]
    rows += _ends(plot, ours, naive)
    cost = (
        "The least possible number counts each thing that changes once: an acknowledgement an order; a dispatch a "
        "parcel; an answer a cancellation and a return; an invoice an order of the retailer that wants them; in Centra "
        "reserving, completing and confirming an order, cancelling, and one reading for each parcel and each return. "
        "One reading may be of several parcels, so the number of `shipments` may be smaller than that of parcels. "
        "What polls cost follows from the clock and is in (h); what stock costs is in (a)."
    )
    return [Section("f", "The whole life of an order", tuple(rows), (note,)),
            Section("g", "Calls an order takes", tuple(_calls(plot, ours, naive)), (cost,))]  # fmt: skip


def spans(run: Run, of: Spans) -> list[float]:
    """How long a step took, for every order that came through it."""
    pairs = [pair for course in run.courses.values() for pair in of(course)]
    return [last - first for first, last in pairs if first is not None and last is not None]


def tally(platform: str, entries: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Calls by operation, under `orders`, `polls` and `stock`."""
    found = {"orders": Counter[str](), "polls": Counter[str](), "stock": Counter[str]()}
    for entry in entries:
        operation = entry["operation"] or "unknown"
        kind = "polls" if operation in POLLS[platform] else "stock" if operation in STOCK[platform] else "orders"
        found[kind][SAME.get(operation, operation)] += 1
    return found


def _step(step: tuple[str, Spans, float | None], ours: Run, naive: Run) -> list[Row]:
    name, of, goal = step
    rows = []
    for percent in (50, 95):
        product, other = (percentile(spans(run, of), percent) for run in (ours, naive))
        limit = goal if percent == 95 else None
        rows.append(
            Row(f"{name}, p50" if percent == 50 else "p95", product, other, "s",
                "" if limit is None else f"≤ {limit:.0f} s", None if limit is None else at_most(product, limit))
        )  # fmt: skip
    return rows


def _ends(plot: Sequence[Life], ours: Run, naive: Run) -> list[Row]:
    def row(what: str, count: Callable[[Run], int], goal: int) -> Row:
        return Row(what, count(ours), count(naive), goal=str(goal), met=count(ours) == goal)

    return [
        row("orders told in full", lambda run: sum(course.complete for course in run.courses.values()), len(plot)),
        row("orders not in Centra", lambda run: len(plot) - len(run.centra_orders), 0),
        row("orders in Centra twice", lambda run: sum(count > 1 for count in run.centra_orders.values()), 0),
        row("lines with more told as dispatched than has left", _over_dispatched, 0),
        row("calls answered 429", _throttled, 0),
    ]


def _over_dispatched(run: Run) -> int:
    """An order whose second parcel could not be told was told as gone with its first."""
    wrong = 0
    for reference, lines in run.units.items():
        course = run.courses[reference]
        left = len(course.shipped) if course.life.fate is Fate.PARTS else None
        for ordered, dispatched, _ in lines:
            told = len(course.told["dispatch"])
            wrong += dispatched > (ordered if left is None else min(ordered, told))
    return wrong


def _throttled(run: Run) -> int:
    return sum(entry["status"] == 429 for entries in run.calls.values() for entry in entries)


def _calls(plot: Sequence[Life], ours: Run, naive: Run) -> list[Row]:
    rows = []
    for platform, needed in least(plot).items():
        mine, other = (tally(platform, run.calls[platform]) for run in (ours, naive))
        total, count = needed.total(), len(plot)
        rows.append(Row(f"{platform}: calls an order", mine["orders"].total() / count, other["orders"].total() / count,
                        goal=f"least possible: {total / count:.3g}"))  # fmt: skip
        ratio = mine["orders"].total() / total
        rows.append(Row("times the least possible", ratio, other["orders"].total() / total))
        for operation in sorted(mine["orders"] | other["orders"]):
            rows.append(
                Row(f"· {operation}", mine["orders"][operation], other["orders"][operation],
                    goal=str(needed[operation]) if operation in needed else "")
            )  # fmt: skip
        for kind in ("polls", "stock"):
            rows.append(Row(f"besides, {kind}", mine[kind].total(), other[kind].total()))
    return rows


def _parcels(course: Course) -> Iterable[tuple[float | None, float | None]]:
    return [(at, _nth(course.told["dispatch"], number)) for number, at in enumerate(course.shipped)]


def _nth(moments: Sequence[float], number: int) -> float | None:
    return moments[number] if number < len(moments) else None
