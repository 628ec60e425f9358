"""The benchmarks' own arithmetic is checked: a wrong judge would make every figure worthless."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import growth, idle, judge, life_figures, life_plot, past, trace
from benchmarks.figures import Section, percentile
from benchmarks.judge import Verdict
from benchmarks.life_course import Course, Run
from benchmarks.life_plot import Fate, Life
from benchmarks.plan import Plan
from integration.storage import Store, schema
from sandbox.seed import build_seed


def call(after: int, *, sku: str = "A", at: float = 0.0, status: int = 200, changed: bool = True) -> dict[str, Any]:
    detail = {"sku": sku, "after": after} if status == 200 else {}
    return {"operation": "stock", "status": status, "changed": changed, "at": at, "detail": detail}


@pytest.fixture
def history() -> trace.History:
    found = trace.History({"A": 10})
    for at, value in ((1.0, 9), (2.0, 8), (3.0, 7)):
        found.add("A", at, value)
    return found


def test_a_value_that_is_newer_than_the_last_is_needed(history: trace.History) -> None:
    assert judge.judge([call(9), call(7)], history) == Verdict(calls=2, needed=2)


def test_an_older_value_after_a_newer_one_is_a_regression(history: trace.History) -> None:
    assert judge.judge([call(8), call(9), call(7)], history) == Verdict(calls=3, needed=2, regressions=1)


def test_calls_that_change_nothing_are_wasted_and_throttled_ones_counted_apart(history: trace.History) -> None:
    entries = [call(9), call(9, changed=False), call(8, status=429, changed=False)]
    assert judge.judge(entries, history) == Verdict(calls=3, needed=1, wasted=1, throttled=1)


def test_a_value_that_was_never_true_is_neither_needed_nor_a_regression(history: trace.History) -> None:
    assert judge.judge([call(55), call(4, sku="B")], history) == Verdict(calls=2, other=2)


def test_a_newer_value_serves_all_changes_before_it(history: trace.History) -> None:
    assert judge.latencies([call(8, at=2.5)], history) == ([1.5, 0.5], 1)


def test_an_older_value_serves_no_later_change(history: trace.History) -> None:
    assert judge.latencies([call(7, at=4.0), call(9, at=5.0)], history) == ([3.0, 2.0, 1.0], 0)


def test_the_same_arguments_give_the_same_trace_and_no_value_twice() -> None:
    shop = build_seed(60)
    made = trace.make(shop, count=200, skus=20, seconds=10)
    assert made == trace.make(shop, count=200, skus=20, seconds=10)
    values = [(event.sku, event.shown) for event in made.events] + list(made.start.items())
    assert len(set(values)) == len(values)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([1.0, 2.0, 3.0, 4.0], percent) for percent in (50, 95, 99)] == [2.0, 4.0, 4.0]
    assert percentile([], 50) is None


def life(fate: Fate, retailer: str = "northgate") -> Life:
    return Life(0.0, retailer, (("A", 2),), fate)


def course(fate: Fate, reference: str, **moments: Any) -> Course:
    return Course(life(fate), reference, listed=100.0, **moments)


def called(*operations: str, status: int = 200) -> list[dict[str, Any]]:
    return [{"operation": operation, "status": status} for operation in operations]


def played(*courses: Course, virtualstock: tuple[str, ...] = (), centra: tuple[str, ...] = ()) -> Run:
    return Run(
        {each.reference: each for each in courses},
        {"Virtualstock": called(*virtualstock), "Centra": called(*centra)}, 60.0,
        Counter(each.reference for each in courses), {each.reference: [(2, 2, 0)] for each in courses},
    )  # fmt: skip


def figure(sections: list[Section], what: str) -> float | None:
    return next(row.product for section in sections for row in section.rows if row.what == what)


def test_the_least_number_counts_each_thing_that_changes_once() -> None:
    plot = [life(Fate.SHIPPED, "fernhill"), life(Fate.PARTS), life(Fate.CANCELLED, "fernhill"), life(Fate.RETURNED)]
    assert life_plot.least(plot) == {
        "Virtualstock": Counter(acknowledge=4, dispatch=4, cancel_acknowledge=1, return_acknowledge=1, invoice=1),
        "Centra": Counter({"order.create": 4, "order.complete": 4, "confirm": 4, "shipments": 4, "cancel": 1,
                           "returns": 1}),
    }  # fmt: skip


def test_every_run_has_the_same_lives_with_the_shares_that_were_promised() -> None:
    shop = build_seed(120)
    plot = life_plot.lives(shop, 100, 360.0)
    assert plot == life_plot.lives(shop, 100, 360.0)
    fates = Counter(each.fate for each in plot)
    assert fates == {Fate.SHIPPED: 77, Fate.PARTS: 10, Fate.CANCELLED: 8, Fate.RETURNED: 5}


def test_calls_are_held_against_the_least_number_and_polls_are_none_of_them() -> None:
    whole = course(Fate.SHIPPED, "R1", shipped=[100.5])
    whole.told |= {"acknowledge": [101.0], "dispatch": [101.0]}
    run = played(whole, virtualstock=("acknowledge", "order", "orders", "dispatch", "stock"), centra=("order.create",))
    sections = life_figures.sections([life(Fate.SHIPPED)], run, run, 60.0)
    assert figure(sections, "Virtualstock: calls an order") == 3
    assert figure(sections, "times the least possible") == 1.5
    assert figure(sections, "besides, polls") == 1


def test_a_parcel_is_timed_by_the_dispatch_that_tells_it() -> None:
    parts = course(Fate.PARTS, "R1", shipped=[110.0, 120.0])
    parts.told["dispatch"] = [111.0, 124.0]
    _, _, (_, of, _), *_ = life_figures.STEPS
    assert life_figures.spans(played(parts), of) == [1.0, 4.0]


def test_an_order_is_told_in_full_only_with_all_its_parcels() -> None:
    parts = course(Fate.PARTS, "R1")
    parts.told |= {"acknowledge": [101.0], "dispatch": [102.0]}
    assert not parts.complete
    parts.told["dispatch"].append(103.0)
    assert parts.complete


class Small(Plan):
    open_orders = 240
    closed_orders = 2_400


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, int]]:
    found, now = [], datetime.now(UTC)
    for closed in (0, Small.closed_orders):
        folder: Path = tmp_path_factory.mktemp("history")
        store = Store(f"sqlite:///{folder}/history.db")
        schema.upgrade(store)
        past.fill(store, closed, Small.open_orders, now)
        queries = growth.queries(store, closed, Small(), now)
        found.append({name: growth.steps(store, query) for name, query in queries.items()})
        store.close()
    return found


def test_no_query_of_the_daily_work_grows_with_the_orders_that_are_over(costs: list[dict[str, int]]) -> None:
    without, with_history = costs
    grown = {name: (count, with_history[name]) for name, count in without.items()
             if with_history[name] > growth.FLAT * count + growth.SLACK}  # fmt: skip
    assert grown == {}


def test_a_query_that_walks_through_the_past_is_noticed(tmp_path: Path) -> None:
    now, counts = datetime.now(UTC), []
    for closed in (0, 500):
        store = Store(f"sqlite:///{tmp_path}/{closed}.db")
        schema.upgrade(store)
        past.fill(store, closed, 50, now)

        def walk(store: Store = store) -> None:
            with store.read() as db:
                db.exec_driver_sql("SELECT max(received_at) FROM marketplace_order").all()

        counts.append(growth.steps(store, walk))
        store.close()
    assert counts[1] > counts[0] + 500


def test_reading_orders_in_centra_is_no_poll_as_listing_them_at_virtualstock_is() -> None:
    assert life_figures.tally("Virtualstock", called("orders"))["polls"] == Counter(orders=1)
    assert life_figures.tally("Centra", called("orders"))["orders"] == Counter(orders=1)


def test_polling_stays_within_a_twentieth_of_the_smallest_quota() -> None:
    polls = idle.by_timetable(yaml.safe_load(idle.TIMETABLE.read_text()))
    assert 0 < polls <= idle.SMALLEST * idle.SHARE / 100
