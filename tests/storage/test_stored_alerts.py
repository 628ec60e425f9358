"""A message is one row until it is out, whoever asks for it, and however often."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from work_asks import NOW, SECOND

from integration import kinds
from integration.kinds import Kind
from integration.problems import Problem
from integration.storage import Store, alerts, causes
from integration.storage.alerts import ALERT, NO_CAUSE, Wanted
from tests.racing import race

MINUTE = 60 * SECOND
TEAM = "catalogue/desk"


def opened(store: Store, key: str = "one", kind: Kind = kinds.UNMAPPED_SKU) -> int:
    """A cause is opened. Returns its id."""
    with store.write() as db:
        causes.open_for(db, [Problem(kind, key, {})], NOW, item_id=None)
        found = db.execute(sa.select(causes.CAUSE.c.id).where(causes.CAUSE.c.key == key)).scalar_one()
    return int(found)


def wanted(cause: int, level: str = "opened", to: str = TEAM, *, at: datetime = NOW, times: int = 1) -> Wanted:
    return Wanted(cause, times, level, to, at)


def want(store: Store, *rows: Wanted, at: datetime = NOW) -> None:
    with store.write() as db:
        alerts.want(db, rows, at)


def due(store: Store, at: datetime = NOW, limit: int = 100) -> list[tuple[int, str, str]]:
    with store.read() as db:
        return [(row.cause_id, row.level, row.recipient) for row in alerts.due(db, at, limit)]


def claim(store: Store, *ids: int, at: datetime = NOW) -> set[int]:
    with store.write() as db:
        return alerts.claim(db, list(ids), at, at + 2 * MINUTE)


def row(store: Store, number: int = 1) -> Any:
    with store.read() as db:
        return db.execute(sa.select(ALERT).where(ALERT.c.id == number)).one()


def test_a_message_that_is_wanted_again_is_the_same_row(store: Store) -> None:
    cause = opened(store)
    want(store, wanted(cause), wanted(cause, to="catalogue/phone"))
    want(store, wanted(cause))

    assert due(store) == [(cause, "opened", TEAM), (cause, "opened", "catalogue/phone")]


def test_racing_planners_want_one_message(store: Store) -> None:
    cause = opened(store)
    race(*[lambda: want(store, wanted(cause), wanted(cause, "late"))] * 6)

    assert len(due(store)) == 2


def test_one_that_waits_is_brought_forward_and_never_put_off(store: Store) -> None:
    cause = opened(store)
    want(store, wanted(cause, at=NOW + MINUTE))
    want(store, wanted(cause, at=NOW + 2 * MINUTE))
    assert row(store).due_at == NOW + MINUTE
    want(store, wanted(cause, at=NOW))

    assert row(store).due_at == NOW


def test_one_that_was_tried_or_sent_is_not_brought_forward(store: Store) -> None:
    cause = opened(store)
    want(store, wanted(cause), wanted(cause, "late"))
    tried, sent = (each.id for each in _all(store))
    claim(store, tried)
    with store.write() as db:
        alerts.sent(db, [sent], NOW)
    want(store, wanted(cause), wanted(cause, "late"), at=NOW)

    assert due(store, NOW + MINUTE) == []
    assert row(store, tried).due_at == NOW + 2 * MINUTE


def test_what_is_due_comes_oldest_first_and_no_more_than_asked_for(store: Store) -> None:
    first, second, third = (opened(store, key) for key in "abc")
    want(store, wanted(third, at=NOW + MINUTE), wanted(second), wanted(first, at=NOW - MINUTE))

    assert [cause for cause, *_ in due(store)] == [first, second]
    assert [cause for cause, *_ in due(store, limit=1)] == [first]


def test_of_racing_senders_one_has_a_message(store: Store) -> None:
    want(store, wanted(opened(store)))
    (mine,) = _all(store)
    got: list[set[int]] = []
    race(*[lambda: got.append(claim(store, mine.id))] * 6)

    assert sorted(got, key=len) == [set()] * 5 + [{mine.id}]


def test_a_claim_that_nobody_answers_runs_out(store: Store) -> None:
    want(store, wanted(opened(store)))
    assert claim(store, 1) == {1}

    assert claim(store, 1, at=NOW + MINUTE) == set()
    assert claim(store, 1, at=NOW + 2 * MINUTE) == {1}
    assert row(store).tries == 2


def test_what_is_sent_is_never_claimed_again(store: Store) -> None:
    want(store, wanted(opened(store)))
    with store.write() as db:
        alerts.failed(db, [1], NOW, "away")
        alerts.sent(db, [1], NOW)

    assert claim(store, 1, at=NOW + timedelta(days=1)) == set()
    assert (row(store).sent_at, row(store).last_error) == (NOW, None)


def test_a_failing_channel_lets_all_its_messages_wait_and_no_others(store: Store) -> None:
    causes_ = [opened(store, key) for key in "abc"]
    want(store, wanted(causes_[0]), wanted(causes_[1], at=NOW + timedelta(days=1)), wanted(causes_[2], to="finance/x"))
    with store.write() as db:
        alerts.wait(db, TEAM, NOW + MINUTE)

    assert due(store) == [(causes_[2], "opened", "finance/x")]
    assert [cause for cause, *_ in due(store, NOW + MINUTE)] == [causes_[2], causes_[0]]


def test_what_is_dropped_is_gone_but_nothing_that_was_sent(store: Store) -> None:
    cause = opened(store)
    want(store, wanted(cause), wanted(cause, "late"))
    with store.write() as db:
        alerts.sent(db, [1], NOW)
        alerts.drop(db, [1, 2])

    assert [each.id for each in _all(store)] == [1]


def test_on_record_is_the_newest_opening_of_open_causes_and_the_digests_of_late(store: Store) -> None:
    cause, closed = opened(store), opened(store, "closed")
    want(store, wanted(cause), wanted(cause, "late", at=NOW + MINUTE), wanted(closed), wanted(cause, times=7))
    want(store, wanted(NO_CAUSE, "2026-03-02", times=0))
    want(store, wanted(NO_CAUSE, "2026-02-20", times=0), at=NOW - timedelta(days=10))
    with store.write() as db:
        causes.close_one(db, NOW, "mended", kinds.UNMAPPED_SKU.code, "closed")
        alerts.sent(db, [each.id for each in _all(store) if (each.times, each.level) == (1, "opened")], NOW)
        made = alerts.made(db, NOW - timedelta(days=2))

    assert made == {
        (cause, 1, TEAM): {"opened": None, "late": NOW + MINUTE},
        (NO_CAUSE, 0, TEAM): {"2026-03-02": NOW},
    }


def test_only_open_causes_are_told_with_what_they_hold(store: Store) -> None:
    cause, closed = opened(store), opened(store, "closed")
    with store.write() as db:
        causes.close_one(db, NOW, "mended", kinds.UNMAPPED_SKU.code, "closed")
        found = alerts.causes_of(db, [cause, closed, NO_CAUSE])

    assert list(found) == [cause]
    assert found[cause]["held"] == 0


def test_openings_are_those_that_are_old_enough(store: Store) -> None:
    cause = opened(store)
    with store.read() as db:
        assert alerts.openings(db, NOW - SECOND) == []
        assert [each["id"] for each in alerts.openings(db, NOW)] == [cause]


def test_a_digest_counts_the_causes_of_its_team_only(store: Store) -> None:
    opened(store, "b", kinds.CONTENT_INVALID)
    opened(store, "a")
    opened(store, "other", kinds.ORDER_REFUSED)
    opened(store, "closed")
    with store.write() as db:
        causes.close_one(db, NOW, "mended", kinds.UNMAPPED_SKU.code, "closed")
        counts, urgent, closed = alerts.summary(db, "catalogue", NOW - MINUTE, 1)

    assert (counts, closed) == ({"act now": 1, "today": 1}, 1)
    assert [each.severity for each in urgent] == ["act now"]


def test_unsent_messages_are_counted_by_recipient_since_the_oldest(store: Store) -> None:
    first, second = opened(store, "a"), opened(store, "b")
    want(store, wanted(first, at=NOW + MINUTE), wanted(second), wanted(second, to="finance/x"))
    with store.write() as db:
        alerts.sent(db, [each.id for each in _all(store) if each.recipient == "finance/x"], NOW)
        assert alerts.unsent(db) == [(TEAM, 2, NOW)]


def test_old_messages_are_forgotten_except_those_of_open_causes(store: Store) -> None:
    cause, closed = opened(store), opened(store, "closed")
    want(store, wanted(cause), wanted(closed), wanted(NO_CAUSE, "2026-03-02", times=0), wanted(cause, "late"))
    with store.write() as db:
        causes.close_one(db, NOW, "mended", kinds.UNMAPPED_SKU.code, "closed")
        alerts.sent(db, [each.id for each in _all(store) if each.level != "late"], NOW)
        alerts.forget(db, NOW)
        assert len(list(db.execute(sa.select(ALERT)))) == 4
        alerts.forget(db, NOW + SECOND)

    assert [(each.cause_id, each.level) for each in _all(store)] == [(cause, "late"), (cause, "opened")]


def _all(store: Store) -> list[Any]:
    with store.read() as db:
        return list(db.execute(sa.select(ALERT).order_by(ALERT.c.cause_id, ALERT.c.level, ALERT.c.id)))
