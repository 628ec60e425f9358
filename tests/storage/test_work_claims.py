"""A piece of work has one worker at a time, and none of what is asked for is lost."""

from datetime import datetime, timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from work_asks import GATE, ITEM, NOW, SECOND, STEP, SUBJECT, answered, ask, claim, claimed, row

from integration import policy
from integration.lanes import Lane
from integration.storage import Store, work
from tests.racing import race

LATER = NOW + policy.LEASE + SECOND


def test_of_many_racing_claims_exactly_one_wins(store: Store) -> None:
    ask(store)

    claims = race(*[lambda: claim(store)] * 8)

    assert sum(got is not None for got in claims) == 1


def test_nothing_can_be_claimed_that_nobody_asked_for(store: Store) -> None:
    assert claim(store) is None
    ask(store)
    assert answered(store, claimed(store))
    assert claim(store) is None


def test_work_that_is_not_due_yet_cannot_be_claimed(store: Store) -> None:
    ask(store, due_at=NOW + SECOND)

    assert claim(store, at=NOW) is None
    assert claim(store, at=NOW + SECOND) is not None


def test_a_claim_keeps_others_off_until_it_runs_out(store: Store) -> None:
    ask(store)
    claimed(store)

    assert claim(store, at=NOW + policy.LEASE - SECOND) is None
    assert claim(store, at=NOW + policy.LEASE) is not None


def test_the_answer_of_a_worker_whose_claim_was_taken_over_is_refused(store: Store) -> None:
    ask(store)
    old = claimed(store)
    new = claimed(store, at=LATER)

    assert not answered(store, old, at=LATER)

    assert row(store).claim == new.token
    assert answered(store, new, at=LATER)
    assert not answered(store, old, at=LATER)


def test_no_outcome_of_an_outlived_worker_is_written(store: Store) -> None:
    ask(store)
    old = claimed(store)
    claimed(store, at=LATER)
    before = row(store)

    with store.write() as db:
        assert not work.postpone(db, old, due_at=LATER + SECOND, error="late", failed_at=LATER)
        assert not work.hold(db, old, "late")

    assert row(store) == before


def test_a_worker_may_still_answer_late_when_nobody_took_over(store: Store) -> None:
    ask(store)

    assert answered(store, claimed(store), at=LATER)
    assert claim(store, at=LATER) is None


def test_an_event_during_the_run_is_not_lost(store: Store) -> None:
    ask(store)
    running = claimed(store)
    ask(store)

    assert answered(store, running)

    assert claim(store) is not None


def test_events_before_the_run_are_all_answered_by_it(store: Store) -> None:
    ask(store)
    ask(store)
    ask(store)

    assert answered(store, claimed(store))

    assert claim(store) is None


def test_asking_while_somebody_works_does_not_start_a_second_worker(store: Store) -> None:
    ask(store)
    claimed(store)
    ask(store)

    assert claim(store) is None


def test_racing_events_are_counted_each(store: Store) -> None:
    race(*[lambda: ask(store)] * 8)

    assert row(store).asked == 8


def test_an_item_asked_again_during_its_run_rests_first(store: Store) -> None:
    ask(store)
    running = claimed(store)
    ask(store)

    with store.write() as db:
        work.answer(db, running, NOW, rest=5 * SECOND)

    assert claim(store, at=NOW + 4 * SECOND) is None
    assert claim(store, at=NOW + 5 * SECOND) is not None


def test_a_rest_does_not_delay_what_is_asked_for_after_the_run(store: Store) -> None:
    ask(store)
    with store.write() as db:
        work.answer(db, claimed_in(db), NOW, rest=60 * SECOND)

    ask(store, at=NOW + SECOND)

    assert claim(store, at=NOW + SECOND) is not None


def claimed_in(db: sa.Connection) -> work.Claim:
    got = work.claim(db, STEP, SUBJECT, NOW)
    assert got is not None
    return got


def test_news_does_not_shorten_the_patience_with_an_item_that_fails(store: Store) -> None:
    ask(store)
    due_at = NOW + timedelta(minutes=5)
    with store.write() as db:
        work.postpone(db, claimed_in(db), due_at=due_at, error="down", failed_at=NOW)

    ask(store, at=NOW + SECOND)

    assert row(store).due_at == due_at
    assert row(store).tries == 1


def test_news_brings_forward_an_open_item_that_does_not_fail(store: Store) -> None:
    ask(store, due_at=NOW + timedelta(minutes=5))

    ask(store, at=NOW + SECOND)

    assert row(store).due_at == NOW + SECOND


def test_asking_again_never_moves_open_work_back(store: Store) -> None:
    ask(store)

    ask(store, at=NOW + SECOND, due_at=NOW + timedelta(hours=1))

    assert row(store).due_at == NOW
    assert row(store).opened_at == NOW


def test_failed_tries_count_from_the_first_failure_and_success_forgets_them(store: Store) -> None:
    ask(store)
    with store.write() as db:
        work.postpone(db, claimed_in(db), due_at=NOW, error="down", failed_at=NOW)
    again = claimed(store, at=NOW + SECOND)
    with store.write() as db:
        work.postpone(db, again, due_at=NOW + SECOND, error="down", failed_at=NOW + SECOND)

    third = claimed(store, at=NOW + 2 * SECOND)
    assert (third.tries, third.failing_since) == (2, NOW)

    answered(store, third, at=NOW + 2 * SECOND)
    ask(store, at=NOW + 3 * SECOND)
    assert claimed(store, at=NOW + 3 * SECOND).tries == 0


def test_waiting_for_a_quota_is_not_a_failed_try(store: Store) -> None:
    ask(store)
    with store.write() as db:
        work.postpone(db, claimed_in(db), due_at=NOW, error="quota", failed_at=None)

    got = claimed(store)
    assert (got.tries, got.failing_since) == (0, None)


def test_open_work_only_ever_moves_up_a_lane(store: Store) -> None:
    order = list(Lane)
    for earlier, later in product(Lane, Lane):
        subject = f"{earlier}/{later}"
        ask(store, subject, lane=earlier)

        ask(store, subject, lane=later)

        assert row(store, subject).lane == min(earlier, later, key=order.index), subject


def test_work_that_is_done_takes_the_lane_of_the_next_ask(store: Store) -> None:
    ask(store, lane=Lane.URGENT)
    answered(store, claimed(store))

    ask(store, lane=Lane.RECONCILIATION)

    assert row(store).lane == Lane.RECONCILIATION


def test_more_promises_than_fit_one_statement_are_all_kept(store: Store) -> None:
    ask(store, *[f"northgate/{number}" for number in range(work.BATCH * 2 + 1)])

    with store.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ITEM)) == work.BATCH * 2 + 1


def test_the_same_subject_twice_in_one_promise_is_one_item(store: Store) -> None:
    ask(store, SUBJECT, SUBJECT)

    assert row(store).asked == 1


def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 2, 9, 0)

    with pytest.raises(sa.exc.StatementError):
        ask(store, due_at=naive)

    with store.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ITEM)) == 0


def test_a_moment_comes_back_from_the_database_as_the_same_moment(store: Store) -> None:
    ask(store)

    assert row(store).due_at == NOW
    assert row(store).due_at.utcoffset() == timedelta()


def test_a_held_item_stays_with_its_person_however_often_it_is_asked_for(store: Store) -> None:
    ask(store)
    with store.write() as db:
        work.hold(db, claimed_in(db), "for a person")
    ask(store)

    assert claim(store) is None
    with store.read() as db:
        assert work.waiting(db, NOW) == []
    with store.write() as db:
        assert work.hand_out(db, NOW, {(GATE, Lane.STOCK): 5}) == []


def test_a_released_item_is_due_at_once_with_fresh_patience(store: Store) -> None:
    ask(store)
    with store.write() as db:
        work.postpone(db, claimed_in(db), due_at=NOW, error="down", failed_at=NOW)
    with store.write() as db:
        work.hold(db, claimed_in(db), "for a person")

    with store.write() as db:
        work.release_subject(db, STEP, SUBJECT, NOW + SECOND)

    got = claimed(store, at=NOW + SECOND)
    assert (got.tries, got.failing_since) == (0, None)
