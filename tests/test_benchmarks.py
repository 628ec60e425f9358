"""The benchmarks' own arithmetic is checked: a wrong judge would make every figure worthless."""

from typing import Any

import pytest

from benchmarks import judge, trace
from benchmarks.figures import percentile
from benchmarks.judge import Verdict
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
