"""No window ever sees more than the limit: in virtual minutes, in a race, and after a loss of all keys."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import pytest
import redis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from integration.lanes import Lane
from integration.problems import Throttled
from integration.quota import Bucket, Gate, virtualstock_buckets

PROCESSES = 3
FAST_LIMIT = 200
"""Calls a second that the race tests may make."""


class Grant(NamedTuple):
    """A call that was granted at some moment between these two, in seconds."""

    before: float
    after: float


def most_in_a_window(grants: Sequence[Grant], window: float) -> int:
    """The most grants that certainly lie in one sliding window: a slow machine can blur them, never invent one."""
    return max(
        (sum(start <= grant.before and grant.after <= start + window for grant in grants) for start, _ in grants),
        default=0,
    )


def fast_bucket() -> Bucket:
    """Virtualstock's bucket with a second for a minute."""
    [bucket] = virtualstock_buckets(FAST_LIMIT)
    return replace(bucket, refill=bucket.refill * 60, window=1.0)


def flood(url: str, lane: Lane, seconds: float) -> list[Grant]:
    """Takes whatever it gets for so long; runs in a process of its own."""
    gate = Gate(redis.Redis.from_url(url), "platform", [fast_bucket()], patience=0)
    grants = []
    end = time.time() + seconds
    while (before := time.time()) < end:
        try:
            gate.take(lane)
            grants.append(Grant(before, time.time()))
        except Throttled as refusal:
            time.sleep(min(refusal.wait, 0.005))
    return grants


def probe(url: str) -> int:
    """How many of fifty calls in a row an open breaker lets through."""
    gate = Gate(redis.Redis.from_url(url), "platform", [fast_bucket()], patience=0)
    granted = 0
    for _ in range(50):
        try:
            gate.take(Lane.ORDERS)
            granted += 1
        except Throttled:
            pass
    return granted


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def results(futures: "Sequence[Future[list[Grant]]]") -> list[Grant]:
    return [grant for future in futures for grant in future.result()]


@given(st.floats(2, 10_000))
def test_a_full_bucket_and_a_minutes_refill_stay_under_the_limit(requests_per_minute: float) -> None:
    [bucket] = virtualstock_buckets(requests_per_minute)
    assert bucket.refill > 0
    assert bucket.capacity + 60 * bucket.refill <= 0.98 * requests_per_minute + 1e-6


def test_a_limit_that_leaves_nothing_to_spend_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        virtualstock_buckets(1)


STEPS = st.lists(
    st.tuples(st.floats(0, 15), st.integers(0, 60), st.sampled_from(Lane), st.sampled_from([False] * 5 + [True])),
    max_size=25,
)


@given(steps=STEPS, requests_per_minute=st.sampled_from([30, 150, 250]))
@example(steps=[(0 if step == 15 else 6.6, 60, Lane.ORDERS, step == 15) for step in range(25)], requests_per_minute=250)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_pauses_bursts_and_wipes_fit_more_than_the_limit_into_a_minute(
    redis_client: "redis.Redis",
    pass_time: Callable[[float], None],
    steps: list[tuple[float, int, Lane, bool]],
    requests_per_minute: int,
) -> None:
    redis_client.flushdb()
    gate = Gate(redis_client, "platform", virtualstock_buckets(requests_per_minute), patience=0)
    grants, passed = [], 0.0
    for pause, calls, lane, wiped in steps:
        pass_time(pause)
        passed += pause
        if wiped:
            redis_client.flushdb()
        for _ in range(calls):
            before = time.time() + passed
            try:
                gate.take(lane)
                grants.append(Grant(before, time.time() + passed))
            except Throttled:
                break
    assert most_in_a_window(grants, 60) <= 0.98 * requests_per_minute


def test_a_flood_gets_the_limit_and_not_more(
    redis_client: "redis.Redis", pass_time: Callable[[float], None]
) -> None:
    gate = Gate(redis_client, "platform", virtualstock_buckets(250), patience=0)
    grants, passed = [], 0.0
    while passed < 180:
        before = time.time() + passed
        try:
            gate.take(Lane.STOCK)
            grants.append(Grant(before, time.time() + passed))
        except Throttled as refusal:
            pass_time(refusal.wait)
            passed += refusal.wait
    assert most_in_a_window(grants, 60) <= 245
    assert len(grants) > 600


def test_racing_processes_stay_under_the_limit_even_when_redis_is_wiped(
    processes: ProcessPoolExecutor, redis_client: "redis.Redis", redis_url: str
) -> None:
    floods = [processes.submit(flood, redis_url, lane, 3.0) for lane in (Lane.ORDERS, Lane.STOCK, Lane.ORDERS)]
    while not all(future.done() for future in floods):
        time.sleep(0.7)
        redis_client.flushall()
    grants = results(floods)
    assert len(grants) > FAST_LIMIT
    assert most_in_a_window(grants, 1.0) <= FAST_LIMIT


def test_the_urgent_lane_never_waits_while_bulk_floods(
    processes: ProcessPoolExecutor, redis_client: "redis.Redis", redis_url: str
) -> None:
    floods = [processes.submit(flood, redis_url, Lane.STOCK, 2.0) for _ in range(PROCESSES)]
    gate = Gate(redis_client, "platform", [fast_bucket()], patience=0)
    while gate.snapshot()["used"] < 20:
        time.sleep(0.01)
    while not any(future.done() for future in floods):
        gate.take(Lane.URGENT)
        time.sleep(0.03)
    assert len(results(floods)) > FAST_LIMIT


def test_only_one_process_probes_an_open_breaker(
    processes: ProcessPoolExecutor, redis_client: "redis.Redis", redis_url: str, pass_time: Callable[[float], None]
) -> None:
    gate = Gate(redis_client, "platform", [fast_bucket()])
    gate.settle({"requests": 1})
    for _ in range(5):
        gate.failed()
    pass_time(20)
    assert sum(future.result() for future in [processes.submit(probe, redis_url) for _ in range(PROCESSES)]) == 1
