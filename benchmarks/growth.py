"""(i) What the system reads and writes for the orders in flight costs the same however many are over."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from benchmarks import past
from benchmarks.figures import Row, Section
from benchmarks.plan import Plan
from integration import kinds
from integration.flows import receiving, report
from integration.lanes import Lane
from integration.rulebook import Rulebook
from integration.services import Services
from integration.storage import (
    Store,
    announcements,
    causes,
    deadlines,
    journal,
    orders,
    returns,
    schema,
    work,
)  # fmt: skip
from tests.story.system import ROOT

TIMES = 20
FLAT = 1.3
"""How much more work with all the history still counts as no more: one level of an index, at most."""
SLACK = 50
"""Steps that count as none: a row more or less of one retailer in a small run."""
PAGE = 100

Query = Callable[[], object]
Cost = tuple[float, float]
"""Steps of SQLite's machine, and the median time in milliseconds."""


def run(plan: Plan, folder: Path) -> list[Section]:
    """The same queries on a database without and with a long past."""
    found = []
    for closed in (0, plan.closed_orders):
        store = Store(f"sqlite:///{folder / f'growth-{closed}.db'}")
        try:
            schema.upgrade(store)
            now = datetime.now(UTC)
            past.fill(store, closed, plan.open_orders, now)
            found.append({name: _cost(store, query) for name, query in queries(store, closed, plan, now).items()})
        finally:
            store.close()
    return [_section(plan, *found)]


class _Steps:
    """Counts how often SQLite's machine goes round: each row that is visited is at least one."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> int:
        self.count += 1
        return 0


def _cost(store: Store, query: Query) -> Cost:
    query()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        query()
        taken.append((time.perf_counter() - began) * 1000)
    return steps(store, query), statistics.median(taken)


def steps(store: Store, query: Query) -> int:
    """How often SQLite's machine goes round for a query."""
    counter = _Steps()

    def count_steps(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(counter, 1)

    # Connections that are in the pool already have no counter.
    store.engine.dispose()
    sa.event.listen(store.engine, "connect", count_steps)
    try:
        query()
    finally:
        sa.event.remove(store.engine, "connect", count_steps)
        store.engine.dispose()
    return counter.count


def queries(store: Store, closed: int, plan: Plan, now: datetime) -> dict[str, Query]:
    """What a poll, a sweep, a step or a look at the status does, by name."""
    services, fresh = _services(store, now), count(closed + plan.open_orders + 1)
    first = closed + 1
    profile = services.rules().retailers["northgate"]
    mine = [n for n in range(first, first + plan.open_orders) if past.RETAILERS[n % 3] == profile.code]
    new, one = [n for n in mine if n - closed > past.NEW][:PAGE], mine[-1]
    customer = profile.virtualstock.customer_id
    known = [past.listed(n, customer) for n in new]
    skus = {f"SKU-{n}": 5 for n in range(PAGE)}

    def receive_new() -> None:
        rows = [past.listed(next(fresh) * 3, customer) for _ in range(PAGE)]
        receiving.receive(services, profile, rows, read_at=now)

    def on(act: Callable[[sa.Connection], object]) -> Query:
        return partial(_rolled_back, store, act)

    return {
        "poll: a page of 100 orders that are known": lambda: receiving.receive(services, profile, known, read_at=now),
        "returns poll: those that are not over": on(lambda db: returns.unfinished(db, profile.code)),
        "sweep: 50 orders in flight and their shipments": on(_sweep),
        "reminders: clocks that reached a mark": on(lambda db: deadlines.reached(db, now, 500)),
        "stock came: orders that wait for one of 100 SKUs": on(lambda db: orders.waiting_for_stock(db, skus)),
        "announcing one shipment": on(partial(_announce, one, now)),
        "a piece of work, from promise to answer": on(partial(_work_through, one, now)),
        "closing exceptions": on(partial(_close_causes, one, now)),
        "status page": lambda: report.status(services),
        "list of exceptions": lambda: report.exceptions(services),
        "health: last work, last tick": lambda: (report.last_work(services), report.last_tick(services)),
        "story of one order": on(partial(_story, one)),
        # Last: what it stores is not in flight for the others.
        "poll: a page of 100 new orders": receive_new,
    }  # fmt: skip


def _sweep(db: sa.Connection) -> None:
    numbers = orders.numbers_in_flight(db, 0, 50)
    orders.by_centra_numbers(db, numbers)
    announcements.of_centra_orders(db, numbers)


def _announce(one: int, now: datetime, db: sa.Connection) -> None:
    order = orders.by_subject(db, past.subject(one))
    assert order is not None
    shipment = past.FIRST_NUMBER + one
    announcements.note_shipment(db, shipment, order.id, "1", {}, now)
    announcements.in_doubt(db, order.id)
    announcements.begin_announcing(db, shipment, order.id, "1", [{"line_ref": "1", "quantity": 1}], now)
    announcements.announced(db, order, shipment, now, "dispatched")


def _work_through(one: int, now: datetime, db: sa.Connection) -> None:
    name = past.subject(one)
    work.promise(db, [work.Promise("orders.acknowledge", name, "virtualstock:northgate", Lane.ORDERS, now)], now)
    pairs = work.waiting(db, now)
    work.slow(db, [gate for gate, _ in pairs], now)
    work.hand_out(db, now, dict.fromkeys(pairs, 1))
    claim = work.claim(db, "orders.acknowledge", name, now)
    if claim is not None:
        work.answer(db, claim, now)
        causes.close_answered(db, claim.id, now)


def _close_causes(one: int, now: datetime, db: sa.Connection) -> None:
    causes.close_one(db, now, "over", kinds.TRACKING_MISSING.code, past.subject(one))
    causes.close(db, now, "over", kinds=[kinds.TRACKING_MISSING.code], matches=lambda _: False)


def _story(one: int, db: sa.Connection) -> None:
    for found in orders.find(db, past.reference(one)):
        journal.story(db, "order", found.subject)


def _rolled_back(store: Store, act: Callable[[sa.Connection], object]) -> None:
    """Do it in a transaction that leaves nothing, so that it can be done again."""
    with store.engine.connect().execution_options(cvsync_write=True) as db, db.begin() as transaction:
        act(db)
        transaction.rollback()


class _NoQuota:
    """The status page asks how full each quota is; that is not what is measured."""

    def snapshot(self) -> dict[str, Any]:
        return {}


def _services(store: Store, now: datetime) -> Services:
    rules, nobody = Rulebook.load(ROOT / "mappings"), cast(Any, None)
    return Services(
        store=store, centra=nobody, virtualstock=nobody, carriers=nobody, images=nobody,
        quota=lambda _: cast(Any, _NoQuota()),
        send=nobody, broker_answers=lambda: True, rules=lambda: rules, centra_zone="Europe/London", now=lambda: now,
        roll=lambda: 0.5, notify=nobody, mappings_dir=Path("mappings"),
    )  # fmt: skip


def _section(plan: Plan, without: dict[str, Cost], with_history: dict[str, Cost]) -> Section:
    rows = []
    for name, (fewer, milliseconds) in without.items():
        more, longer = with_history[name]
        rows.append(Row(f"{name}, steps", fewer, more, goal=f"≤ {FLAT} ×", met=more <= FLAT * fewer + SLACK))
        rows.append(Row("time", milliseconds, longer, "ms"))
    note = (
        f"SQLite, {plan.open_orders:,} orders in flight, and none or {plan.closed_orders:,} that are over, each with "
        "its lines, timeline, work items, clocks and announcements. Steps are rounds of SQLite's machine (its progress "
        f"handler), at least one for each row that is visited; the time is the median of {TIMES}."
    )
    columns = ("none over", f"{plan.closed_orders:,} over")
    return Section("i", "What history costs", tuple(rows), (note,), columns)
