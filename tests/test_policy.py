"""Patience always ends, never looks back, and spreads those who failed together."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration import policy
from integration.policy import Patience
from integration.steps import STEPS, Step

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
patiences = st.sampled_from([policy.ORDERS, policy.STOCK, policy.READS])
tries = st.integers(1, 10**6)
rolls = st.floats(0, 1, exclude_max=True)
in_its_own_time = settings(deadline=None)
ages = st.timedeltas(timedelta(), timedelta(days=60))


@in_its_own_time
@given(patiences, tries, ages, rolls)
def test_the_next_try_is_never_before_now_and_never_later_than_the_longest_wait(
    patience: Patience, tries: int, age: timedelta, roll: float
) -> None:
    due_at = patience.next_try(tries=tries, since=NOW - age, now=NOW, roll=roll)

    if due_at is not None:
        assert NOW < due_at <= NOW + patience.longest


@in_its_own_time
@given(patiences, tries, rolls)
def test_patience_ends_exactly_when_it_is_said_to(patience: Patience, tries: int, roll: float) -> None:
    last = NOW - patience.give_up_after

    assert patience.next_try(tries=tries, since=last, now=NOW, roll=roll) is None
    assert patience.next_try(tries=tries, since=last + timedelta(microseconds=1), now=NOW, roll=roll) is not None


@pytest.mark.parametrize("patience", [policy.ORDERS, policy.STOCK, policy.READS])
def test_whoever_only_ever_fails_comes_to_an_end(patience: Patience) -> None:
    now, tries = NOW, 1
    while (due_at := patience.next_try(tries=tries, since=NOW, now=now, roll=0.5)) is not None:
        now, tries = due_at, tries + 1

    assert patience.give_up_after <= now - NOW <= patience.give_up_after + patience.longest


@in_its_own_time
@given(patiences, tries, rolls)
def test_the_jitter_stays_inside_its_bounds(patience: Patience, tries: int, roll: float) -> None:
    ceiling = min(patience.longest, patience.first * 2 ** min(tries - 1, 20))

    due_at = patience.next_try(tries=tries, since=NOW, now=NOW, roll=roll)

    assert due_at is not None
    assert patience.first / 4 <= due_at - NOW <= max(ceiling, patience.first / 4)


@in_its_own_time
@given(patiences, st.integers(1, 30))
def test_a_later_failure_never_waits_shorter(patience: Patience, tries: int) -> None:
    waits = [patience.next_try(tries=number, since=NOW, now=NOW, roll=0.5) for number in (tries, tries + 1)]

    assert waits[0] is not None
    assert waits[1] is not None
    assert waits[0] <= waits[1]


@in_its_own_time
@given(st.timedeltas(timedelta(seconds=0.1), timedelta(seconds=5)), st.floats(0, 1), st.floats(0, 1))
def test_the_less_of_a_quota_is_left_the_longer_bulk_reads_rest(rest: timedelta, one: float, other: float) -> None:
    less, more = sorted((one, other))

    assert policy.gap(rest, less) >= policy.gap(rest, more) >= rest


def test_those_who_failed_together_come_back_at_different_times() -> None:
    due = {policy.ORDERS.next_try(tries=5, since=NOW, now=NOW, roll=number / 10) for number in range(1, 10)}

    assert len(due) == 9


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_every_step_tries_more_than_once_and_rests_less_than_it_waits(step: Step) -> None:
    patience = step.patience

    assert patience.next_try(tries=1, since=NOW, now=NOW, roll=0.5) is not None
    assert step.rest < patience.longest


def test_a_lost_answer_is_believed_lost_only_after_a_claim_would_have_run_out() -> None:
    assert policy.LOOK_GRACE >= policy.LEASE
    assert policy.HANDED < policy.LEASE


def test_no_platform_alone_fills_a_worker_and_a_slow_one_at_most_half_of_it() -> None:
    lines = (Path(__file__).parents[1] / "Procfile").read_text().splitlines()
    (orders,) = [line for line in lines if line.startswith("worker-orders:")]
    threads = int(orders.partition(" -c ")[2].split()[0])

    assert threads > policy.IN_FLIGHT
    assert max(policy.SLOW_IN_FLIGHT, policy.SLOW_CENTRA_IN_FLIGHT) <= threads / 2


def test_a_slow_run_is_noticed_while_its_claim_still_holds() -> None:
    assert policy.SLOW_AFTER < policy.LEASE < policy.SLOW_FOR
