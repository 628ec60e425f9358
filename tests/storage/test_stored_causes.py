"""However many items wait behind a cause, a person sees it once, and closing it lets all of them go on."""

from datetime import timedelta

import sqlalchemy as sa
from trouble_asks import cause, close, hold, report
from work_asks import GATE, ITEM, NOW, SECOND, answered, ask, claim, claimed

from integration import kinds, policy
from integration.lanes import Lane
from integration.problems import Problem
from integration.storage import Store, causes, journal
from tests.racing import race

TEE, CAP = "northgate/TEE-M", "northgate/CAP"
SKU = Problem(kinds.UNMAPPED_SKU, "northgate/1", {"retailer": "Northgate", "item": "1"})
SERVICE = Problem(kinds.UNMAPPED_DELIVERY_SERVICE, "northgate/drone", {"retailer": "Northgate", "service": "drone"})


def test_two_items_with_one_trouble_are_one_cause(store: Store) -> None:
    hold(store, TEE, SKU)
    hold(store, CAP, SKU, at=NOW + SECOND)

    found = cause(store, SKU)
    assert (found.times, found.opened_at, found.last_seen_at) == (1, NOW, NOW + SECOND)


def test_racing_workers_with_one_trouble_open_one_cause(store: Store) -> None:
    subjects = [f"northgate/{number}" for number in range(6)]

    race(*[lambda subject=subject: hold(store, subject, SKU) for subject in subjects])

    assert cause(store, SKU).times == 1
    assert close(store, SKU) == 6


def test_closing_a_cause_makes_everything_behind_it_due_again(store: Store) -> None:
    hold(store, TEE, SKU)
    hold(store, CAP, SKU)

    assert close(store, SKU) == 2

    assert claim(store, subject=TEE) is not None
    assert claim(store, subject=CAP) is not None


def test_closing_another_key_of_the_same_kind_releases_nothing(store: Store) -> None:
    hold(store, TEE, SKU)

    assert close(store, Problem(kinds.UNMAPPED_SKU, "northgate/2")) == 0

    assert claim(store) is None


def test_an_item_behind_two_causes_is_judged_afresh_when_one_closes(store: Store) -> None:
    item = hold(store, TEE, SKU, SERVICE)

    close(store, SKU)

    assert claim(store) is not None
    with store.read() as db:
        assert causes.held_by(db, item) == [SERVICE.sentence]
    assert cause(store, SERVICE).closed_at is None


def test_an_item_held_again_waits_only_for_what_is_wrong_now(store: Store) -> None:
    item = hold(store, TEE, SKU, SERVICE)
    close(store, SKU)

    hold(store, TEE, SERVICE)

    with store.read() as db:
        assert causes.held_by(db, item) == [SERVICE.sentence]


def test_work_that_succeeds_leaves_open_a_cause_that_others_wait_for(store: Store) -> None:
    item = hold(store, TEE, SKU, SERVICE)
    hold(store, CAP, SERVICE)
    close(store, SKU)

    answered(store, claimed(store))
    with store.write() as db:
        causes.close_answered(db, item, NOW)

    assert cause(store, SERVICE).closed_at is None


def test_the_last_item_done_closes_its_cause(store: Store) -> None:
    items = [hold(store, TEE, SERVICE), hold(store, CAP, SERVICE)]
    with store.write() as db:
        causes.close_answered(db, items[0], NOW)
    assert cause(store, SERVICE).closed_at is None

    with store.write() as db:
        causes.close_answered(db, items[1], NOW + SECOND)

    assert cause(store, SERVICE).closed_at == NOW + SECOND


def test_a_cause_that_returns_is_opened_again_and_counted(store: Store) -> None:
    hold(store, TEE, SKU)
    close(store, SKU)
    later = timedelta(days=2)

    hold(store, TEE, SKU, at=NOW + later)

    found = cause(store, SKU)
    assert (found.times, found.closed_at, found.closed_by) == (2, None, None)
    assert found.opened_at == NOW + later
    assert found.due_at == NOW + later + timedelta(hours=kinds.DUE_HOURS[SKU.kind.severity])


def test_a_cause_seen_again_keeps_the_hour_it_is_due(store: Store) -> None:
    hold(store, TEE, SKU)
    due_at = cause(store, SKU).due_at

    hold(store, CAP, SKU, at=NOW + timedelta(hours=5))

    assert cause(store, SKU).due_at == due_at


def test_a_person_releases_everything_behind_one_cause(store: Store) -> None:
    hold(store, TEE, SKU)
    number = cause(store, SKU).id

    with store.write() as db:
        assert causes.release_by_id(db, number, NOW, "ops") == 1

    assert cause(store, SKU).closed_by == "ops"
    assert claim(store) is not None


def test_a_cause_without_an_item_is_reported_once_and_holds_nothing(store: Store) -> None:
    with store.write() as db:
        causes.open_for(db, [SKU], NOW, item_id=None)
        causes.open_for(db, [SKU], NOW, item_id=None)

    assert cause(store, SKU).times == 1
    assert close(store, SKU) == 0


def test_a_fact_nobody_knew_does_not_spoil_the_sentence(store: Store) -> None:
    with store.write() as db:
        causes.open_for(db, [Problem(kinds.UNMAPPED_SKU, "northgate/1", {"retailer": "Northgate"})], NOW, item_id=None)

    assert cause(store, SKU).sentence.startswith("Northgate ordered unknown,")


def story(store: Store, problem: Problem = SKU) -> list[str]:
    with store.read() as db:
        return [line["what"] for line in journal.story(db, "cause", str(cause(store, problem).id))]


def test_the_story_tells_each_opening_and_closing_once(store: Store) -> None:
    hold(store, TEE, SKU)
    hold(store, CAP, SKU, at=NOW + SECOND)
    close(store, SKU, NOW + 2 * SECOND)
    close(store, SKU, NOW + 3 * SECOND)
    hold(store, TEE, SKU, at=NOW + 4 * SECOND)

    assert story(store) == ["opened", "closed: a person", "opened again"]


def test_a_cause_that_a_fresh_look_no_longer_finds_is_closed(store: Store) -> None:
    item = hold(store, TEE, SKU)
    with store.write() as db:
        causes.release(db, [item], NOW)

    hold(store, TEE, SERVICE)

    assert cause(store, SKU).closed_by == "a fresh look found it gone"
    assert cause(store, SERVICE).closed_at is None


def test_a_cause_stays_open_while_other_work_waits_for_it(store: Store) -> None:
    item = hold(store, TEE, SKU)
    hold(store, CAP, SKU)
    with store.write() as db:
        causes.release(db, [item], NOW)

    hold(store, TEE, SERVICE)

    assert cause(store, SKU).closed_at is None


def test_work_that_is_held_again_leaves_its_cause_as_it_was(store: Store) -> None:
    item = hold(store, TEE, SKU)
    before = cause(store, SKU)
    later = NOW + timedelta(hours=9)
    with store.write() as db:
        causes.release(db, [item], later)

    hold(store, TEE, SKU, at=later)

    found = cause(store, SKU)
    assert (found.times, found.opened_at, found.due_at) == (1, before.opened_at, before.due_at)
    assert found.last_seen_at == later


def test_a_report_beside_the_work_closes_nothing_that_others_wait_for(store: Store) -> None:
    hold(store, TEE, SKU)

    report(store, SERVICE)

    assert cause(store, SKU).closed_at is None


def test_a_cause_that_opens_again_has_been_seen_by_nobody_and_stays_muted(store: Store) -> None:
    hold(store, TEE, SKU)
    until = NOW + timedelta(days=3)
    seen = {"acknowledged_by": "ada", "acknowledged_at": NOW, "muted_until": until, "assigned_to": "bob",
            "impact": {"orders": 3}, "severity": "act now"}  # fmt: skip
    with store.write() as db:
        assert causes.change(db, [cause(store, SKU).id], seen) == [cause(store, SKU).id]
    close(store, SKU)

    hold(store, TEE, SKU, at=NOW + timedelta(days=1))

    found = cause(store, SKU)
    assert (found.acknowledged_by, found.acknowledged_at, found.impact) == (None, None, None)
    assert (found.muted_until, found.assigned_to) == (until, "bob")


def test_only_open_causes_are_changed(store: Store) -> None:
    hold(store, TEE, SKU)
    hold(store, CAP, SERVICE)
    close(store, SKU)
    both = [cause(store, SKU).id, cause(store, SERVICE).id]

    with store.write() as db:
        assert causes.change(db, [*both, 999], {"assigned_to": "ada"}) == [both[1]]

    assert cause(store, SKU).assigned_to is None


def test_a_closed_cause_is_not_closed_again(store: Store) -> None:
    hold(store, TEE, SKU)
    close(store, SKU)

    with store.write() as db:
        assert causes.release_by_id(db, cause(store, SKU).id, NOW + SECOND, "ops") == 0

    assert (cause(store, SKU).closed_by, cause(store, SKU).closed_at) == ("a person", NOW)


def test_much_released_work_comes_due_little_by_little_the_oldest_first(store: Store) -> None:
    count = 3 * policy.RELEASE_HANDFUL
    names = [f"northgate/{number:03}" for number in reversed(range(count))]
    items = {name: hold(store, name, SKU, at=NOW + place * SECOND) for place, name in enumerate(names)}
    now = NOW + timedelta(hours=1)

    with store.write() as db:
        causes.release(db, sorted(items.values(), reverse=True), now, {(GATE, Lane.STOCK): 10.0})

    with store.read() as db:
        rows = db.execute(sa.select(ITEM.c.subject, ITEM.c.due_at).order_by(ITEM.c.due_at, ITEM.c.opened_at)).all()
    assert [row.subject for row in rows] == names
    assert sorted({row.due_at for row in rows}) == [now, now + 2 * SECOND, now + 4 * SECOND]


def test_without_a_known_quota_work_comes_due_at_the_pace_of_the_smallest(store: Store) -> None:
    for number in range(policy.RELEASE_HANDFUL + 1):
        hold(store, f"northgate/{number}", SKU)

    close(store, SKU)

    with store.read() as db:
        last = db.scalar(sa.select(sa.func.max(ITEM.c.due_at)))
    assert last == NOW + timedelta(seconds=policy.RELEASE_HANDFUL / policy.RELEASE_PACE)


def test_work_that_is_not_held_is_left_alone_by_a_release(store: Store) -> None:
    ask(store, TEE, due_at=NOW + timedelta(hours=1))
    with store.read() as db:
        item = db.scalar(sa.select(ITEM.c.id))
    assert item is not None

    with store.write() as db:
        causes.release(db, [item], NOW)

    assert claim(store, subject=TEE) is None
