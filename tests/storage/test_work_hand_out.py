"""A message is sent once for each due item, and never more of them than the quota of its lane has room for."""

from datetime import timedelta

from work_asks import GATE, NOW, SECOND, STEP, answered, ask, claim, claimed

from integration import policy
from integration.lanes import Lane
from integration.storage import Store, work
from integration.storage.work import Handed, Promise
from tests.racing import race

ROOM = {(GATE, Lane.STOCK): 100}


def hand_out(store: Store, room: int = 100, *, after: timedelta = timedelta()) -> list[str]:
    with store.write() as db:
        return [item.subject for item in work.hand_out(db, NOW + after, {(GATE, Lane.STOCK): room})]


def test_racing_sweepers_hand_each_item_to_one_of_them(store: Store) -> None:
    subjects = [f"northgate/{number}" for number in range(60)]
    ask(store, *subjects)

    shares = race(*[lambda: hand_out(store)] * 4)

    assert sorted(subject for share in shares for subject in share) == sorted(subjects)


def test_racing_sweepers_with_little_room_share_the_rest_without_doubles(store: Store) -> None:
    ask(store, *[f"northgate/{number}" for number in range(60)])

    shares = race(*[lambda: hand_out(store, 7)] * 4)

    given = [subject for share in shares for subject in share]
    assert len(set(given)) == len(given)
    assert all(len(share) <= 7 for share in shares)


def test_an_item_handed_out_is_not_handed_out_again_before_its_message_may_be_lost(store: Store) -> None:
    ask(store)

    assert len(hand_out(store)) == 1
    assert hand_out(store, after=policy.HANDED - SECOND) == []
    assert len(hand_out(store, after=policy.HANDED)) == 1


def test_the_oldest_due_item_goes_first(store: Store) -> None:
    ask(store, "northgate/new", due_at=NOW)
    ask(store, "northgate/old", due_at=NOW - SECOND)

    assert hand_out(store, 1) == ["northgate/old"]


def test_what_is_on_its_way_or_being_worked_on_counts_against_the_room(store: Store) -> None:
    ask(store, *[f"northgate/{number}" for number in range(5)])
    assert len(hand_out(store, 2)) == 2
    assert hand_out(store, 2) == []
    assert len(hand_out(store, 3)) == 1


def test_a_claimed_item_gives_its_room_back_when_it_is_done(store: Store) -> None:
    ask(store, "northgate/1", "northgate/2")
    (first,) = hand_out(store, 1)
    running = claimed(store, subject=first)
    assert hand_out(store, 1) == []

    answered(store, running)

    assert len(hand_out(store, 1)) == 1


def test_an_item_in_the_hands_of_a_worker_is_not_handed_out(store: Store) -> None:
    ask(store)
    claimed(store)
    ask(store)

    assert hand_out(store) == []


def test_the_item_of_a_worker_that_died_is_handed_out_again(store: Store) -> None:
    ask(store)
    hand_out(store)
    claimed(store)

    assert hand_out(store, after=policy.LEASE) == ["northgate/TEE-M"]


def test_a_full_lane_does_not_hold_back_another(store: Store) -> None:
    ask(store, "northgate/bulk", lane=Lane.STOCK)
    ask(store, "northgate/urgent", lane=Lane.URGENT)

    with store.write() as db:
        handed = work.hand_out(db, NOW, {(GATE, Lane.STOCK): 0, (GATE, Lane.URGENT): 1})

    assert handed == [Handed(STEP, "northgate/urgent", Lane.URGENT)]


def test_a_full_quota_does_not_hold_back_another(store: Store) -> None:
    with store.write() as db:
        work.promise(db, [Promise(STEP, "northgate/1", GATE, Lane.STOCK, NOW)], NOW)
        work.promise(db, [Promise(STEP, "calder/1", "virtualstock:calder", Lane.STOCK, NOW)], NOW)
        room = {(GATE, Lane.STOCK): 0, ("virtualstock:calder", Lane.STOCK): 1}

        assert [item.subject for item in work.hand_out(db, NOW, room)] == ["calder/1"]


def test_only_what_is_due_and_idle_is_waiting(store: Store) -> None:
    ask(store, "northgate/due", lane=Lane.URGENT)
    ask(store, "northgate/later", lane=Lane.STOCK, due_at=NOW + SECOND)

    with store.read() as db:
        assert work.waiting(db, NOW) == [(GATE, Lane.URGENT)]


def test_a_doubled_message_finds_nothing_to_do(store: Store) -> None:
    ask(store)
    hand_out(store)
    answered(store, claimed(store))

    assert claim(store) is None


def slow(store: Store, *gates: str, after: timedelta = timedelta()) -> set[str]:
    with store.read() as db:
        return work.slow(db, gates or [GATE], NOW + after)


def test_a_gate_is_slow_while_a_piece_of_its_work_is_claimed_for_long(store: Store) -> None:
    ask(store)
    running = claimed(store)

    assert slow(store, after=policy.SLOW_AFTER - SECOND) == set()
    assert slow(store, GATE, "centra", after=policy.SLOW_AFTER) == {GATE}
    assert slow(store, "centra", after=policy.SLOW_AFTER) == set()

    answered(store, running)
    assert slow(store, after=policy.SLOW_AFTER) == set()


def test_a_claim_that_ran_out_shows_a_slow_gate_until_another_takes_it(store: Store) -> None:
    ask(store)
    claimed(store)
    assert slow(store, after=2 * policy.LEASE) == {GATE}

    claimed(store, at=NOW + 2 * policy.LEASE)

    assert slow(store, after=2 * policy.LEASE) == set()


def test_a_gate_that_was_slow_counts_as_slow_for_a_while_and_no_other_does(store: Store) -> None:
    with store.write() as db:
        work.was_slow(db, GATE, NOW - policy.SLOW_FOR)
        work.was_slow(db, GATE, NOW)

    assert slow(store, GATE, "centra", after=policy.SLOW_FOR - SECOND) == {GATE}
    assert slow(store, GATE, "centra", after=policy.SLOW_FOR) == set()


def test_workers_that_find_a_gate_slow_at_once_write_it_down_without_a_quarrel(store: Store) -> None:
    def find() -> None:
        with store.write() as db:
            work.was_slow(db, GATE, NOW)

    race(*[find] * 8)

    assert slow(store) == {GATE}


def test_no_gates_at_all_is_no_question(store: Store) -> None:
    with store.read() as db:
        assert work.slow(db, [], NOW) == set()
