"""What a gate grants, to whom, and in which words it refuses."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from integration.lanes import RESERVE, Lane
from integration.problems import Throttled
from integration.quota import GROWTH_PLAN, Bucket, Gate, centra_buckets, virtualstock_buckets

GateOf = Callable[..., Gate]
PassTime = Callable[[float], None]

TEN = Bucket("requests/60", "requests", capacity=10, refill=1, limit=10)
POINTS = Bucket("complexity/10", "complexity", capacity=100, refill=10, limit=100, window=10)


def granted(gate: Gate, lane: Lane = Lane.ORDERS, **charges: float) -> int:
    """How many calls in a row are granted now."""
    for calls in range(1000):
        try:
            gate.take(lane, charges or {"requests": 1})
        except Throttled:
            return calls
    raise AssertionError("no end of grants")


def tokens(gate: Gate, bucket: str) -> float:
    level: float = gate.snapshot()["buckets"][bucket]["tokens"]
    return level


def test_a_bucket_unknown_to_redis_starts_empty_and_fills(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(TEN, full=False)
    with pytest.raises(Throttled) as refusal:
        gate.take(Lane.ORDERS)
    assert refusal.value.wait == pytest.approx(1, abs=0.1)
    pass_time(3)
    assert granted(gate) == 3


def test_a_bucket_fills_from_the_first_look_on_even_if_nobody_takes(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(TEN, full=False)
    assert gate.room(Lane.ORDERS) == 0
    pass_time(5)
    assert gate.room(Lane.ORDERS) == 5


@pytest.mark.parametrize("lane", Lane)
def test_the_room_of_a_lane_is_what_it_would_be_granted(gate_of: GateOf, lane: Lane) -> None:
    gate = gate_of(TEN)
    gate.take(Lane.ORDERS)
    room = gate.room(lane)
    assert granted(gate, lane) == room


def test_there_is_no_room_in_a_pause_and_room_for_one_probe_in_an_open_breaker(
    gate_of: GateOf, pass_time: PassTime
) -> None:
    gate = gate_of(TEN)
    for _ in range(5):
        gate.failed()
    assert gate.room(Lane.ORDERS) == 0
    pass_time(20)
    assert gate.room(Lane.ORDERS) == 1
    gate.hold_off(5)
    assert gate.room(Lane.ORDERS) == 0


@pytest.mark.parametrize(("lane", "calls"), [
    (Lane.ORDERS, 10), (Lane.URGENT, 8), (Lane.STOCK, 6), (Lane.CATALOGUE, 4), (Lane.RECONCILIATION, 3),
])
def test_each_lane_leaves_its_reserve_to_the_lanes_above(gate_of: GateOf, lane: Lane, calls: int) -> None:
    gate = gate_of(TEN)
    assert granted(gate, lane) == calls
    assert granted(gate, Lane.ORDERS) == 10 - calls


def test_a_refused_call_spends_nothing_from_any_bucket(gate_of: GateOf) -> None:
    gate = gate_of(TEN, POINTS)
    gate.take(Lane.ORDERS, {"requests": 1, "complexity": 90})
    with pytest.raises(Throttled, match="complexity/10 of platform is spent for orders"):
        gate.take(Lane.ORDERS, {"requests": 1, "complexity": 50})
    assert tokens(gate, "requests/60") == pytest.approx(9, abs=0.1)


def test_the_longest_wait_of_all_buckets_is_told(gate_of: GateOf) -> None:
    gate = gate_of(TEN, POINTS)
    gate.take(Lane.ORDERS, {"requests": 10, "complexity": 100})
    with pytest.raises(Throttled) as refusal:
        gate.take(Lane.ORDERS, {"requests": 1, "complexity": 80})
    assert refusal.value.wait == pytest.approx(8, abs=0.1)


def test_whoever_comes_back_after_the_told_wait_is_served(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(TEN, full=False)
    with pytest.raises(Throttled) as refusal:
        gate.take(Lane.CATALOGUE)
    pass_time(refusal.value.wait)
    gate.take(Lane.CATALOGUE)


def test_a_full_bucket_serves_a_charge_larger_than_itself(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(POINTS)
    gate.take(Lane.RECONCILIATION, {"complexity": 250})
    assert tokens(gate, "complexity/10") == pytest.approx(-150, abs=1)
    assert granted(gate, complexity=10) == 0
    pass_time(16)
    assert granted(gate, complexity=10) == 1


def test_a_charge_that_no_bucket_counts_is_free(gate_of: GateOf) -> None:
    gate = gate_of(TEN)
    gate.take(Lane.ORDERS, {"requests": 1, "mutations": 1})


def test_settling_may_leave_a_bucket_below_zero_and_may_give_back(gate_of: GateOf) -> None:
    gate = gate_of(POINTS)
    gate.settle({"complexity": 130})
    assert tokens(gate, "complexity/10") == pytest.approx(-30, abs=1)
    gate.settle({"complexity": -1000})
    assert tokens(gate, "complexity/10") == 100


def test_learning_replaces_size_and_rate_by_our_share(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(*centra_buckets({"requests/10": 60}, share=0.5), full=False)
    gate.learn({"requests/10": (150, 150), "something/new": (1, 1)})
    assert granted(gate) == 75
    pass_time(2)
    assert granted(gate) == 15
    assert gate.snapshot()["limit"] == 75


def test_what_remains_over_there_caps_our_tokens(gate_of: GateOf) -> None:
    gate = gate_of(*centra_buckets({"requests/10": 60}, share=0.5))
    gate.learn({"requests/10": (60, 12)})
    assert granted(gate) == 12


def test_the_first_figures_after_a_wipe_fill_what_nobody_has_spent(gate_of: GateOf) -> None:
    gate = gate_of(*centra_buckets({"requests/3600": 5000}, share=0.5), full=False)
    gate.learn({"requests/3600": (5000, 4000)})
    assert tokens(gate, "requests/3600") == pytest.approx(1500, abs=2)
    gate.take(Lane.ORDERS, {"requests": 500})
    gate.learn({"requests/3600": (5000, 5000)})
    assert tokens(gate, "requests/3600") == pytest.approx(1000, abs=2)


def test_a_quota_of_nothing_is_not_believed(gate_of: GateOf) -> None:
    gate = gate_of(TEN)
    gate.learn({"requests/60": (0, 0)})
    assert granted(gate) == 10


def test_nobody_takes_before_the_latest_moment_the_platform_named(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(TEN)
    gate.hold_off(30)
    gate.hold_off(5)
    with pytest.raises(Throttled, match="asked us to pause") as refusal:
        gate.take(Lane.ORDERS)
    assert refusal.value.wait == pytest.approx(30, abs=0.5)
    pass_time(30)
    assert granted(gate) == 10
    assert gate.snapshot()["throttled"] == 2


def test_the_fifth_failure_in_a_row_opens_the_breaker(gate_of: GateOf) -> None:
    gate = gate_of(TEN)
    for _ in range(4):
        gate.failed()
    gate.succeeded()
    for _ in range(4):
        gate.failed()
    gate.take(Lane.ORDERS)
    gate.failed()
    with pytest.raises(Throttled, match="keeps failing") as refusal:
        gate.take(Lane.ORDERS)
    assert refusal.value.wait == pytest.approx(20, abs=0.5)
    assert gate.snapshot()["open"] is True


def test_an_open_breaker_lets_one_probe_through_until_a_success_closes_it(
    gate_of: GateOf, pass_time: PassTime
) -> None:
    gate = gate_of(TEN)
    for _ in range(5):
        gate.failed()
    pass_time(20)
    assert granted(gate) == 1
    gate.failed()
    assert granted(gate) == 0
    pass_time(20)
    assert granted(gate) == 1
    gate.succeeded()
    assert granted(gate) > 1


def test_a_probe_waits_for_the_quota_like_everybody(gate_of: GateOf, pass_time: PassTime) -> None:
    gate = gate_of(TEN)
    gate.settle({"requests": 40})
    for _ in range(5):
        gate.failed()
    pass_time(20)
    assert granted(gate) == 0
    pass_time(15)
    assert granted(gate) == 1


def test_a_short_wait_is_waited_out_and_a_long_one_is_not(gate_of: GateOf) -> None:
    fast = Bucket("requests/1", "requests", capacity=2, refill=50, limit=50, window=1)
    gate = gate_of(fast, full=False, patience=5.0)
    gate.take(Lane.ORDERS)
    gate.hold_off(60)
    with pytest.raises(Throttled):
        gate.take(Lane.ORDERS)


def test_a_lost_redis_stops_all_calls_but_breaks_none_that_was_made() -> None:
    nowhere = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    gate = Gate(nowhere, "platform", [TEN])
    with pytest.raises(Throttled, match="cannot be reached") as refusal:
        gate.take(Lane.ORDERS)
    assert refusal.value.wait == 2
    gate.settle({"requests": 1})
    gate.learn({"requests/60": (10, 10)})
    gate.hold_off(1)
    gate.succeeded()
    gate.failed()
    with pytest.raises(Throttled):
        gate.snapshot()


def test_a_defect_in_the_script_is_not_taken_for_a_lost_redis(redis_client: "redis.Redis") -> None:
    redis_client.set("quota:platform", "not a hash")
    with pytest.raises(redis.ResponseError):
        Gate(redis_client, "platform", [TEN]).take(Lane.ORDERS)


def test_the_snapshot_counts_what_was_spent_in_the_window(gate_of: GateOf) -> None:
    gate = gate_of(*virtualstock_buckets(250))
    for _ in range(7):
        gate.take(Lane.ORDERS)
    seen: dict[str, Any] = gate.snapshot()
    assert {name: seen[name] for name in ("limit", "used", "window_seconds", "throttled", "open", "held_for")} == {
        "limit": 250, "used": 7, "window_seconds": 60, "throttled": 0, "open": False, "held_for": 0,
    }


def test_a_window_that_has_passed_counts_no_more(redis_client: "redis.Redis") -> None:
    gate = Gate(redis_client, "platform", [Bucket("requests/1", "requests", 100, 1000, 100, window=0.05)])
    for _ in range(40):
        gate.take(Lane.ORDERS)
    assert gate.snapshot()["used"] <= 40
    time.sleep(0.1)
    assert gate.snapshot()["used"] == 0


def test_gates_of_different_names_share_nothing(gate_of: GateOf) -> None:
    first, second = gate_of(TEN, name="first"), gate_of(TEN, name="second")
    assert granted(first) == 10
    assert granted(second) == 10


def test_centra_buckets_are_our_share_of_the_plan() -> None:
    buckets = {bucket.name: bucket for bucket in centra_buckets(GROWTH_PLAN, share=0.6)}
    assert len(buckets) == 6
    assert buckets["mutations/10"].charge == "mutations"
    assert buckets["mutations/10"].capacity == pytest.approx(12)
    assert buckets["requests/3600"].refill == pytest.approx(0.6 * 5000 / 3600)


def test_every_lane_has_a_reserve() -> None:
    assert set(RESERVE) == set(Lane)
