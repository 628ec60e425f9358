"""However many items wait behind a cause, a person sees it once, and closing it lets all of them go on."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from work_asks import NOW, SECOND, answered, ask, claim, claimed

from integration import kinds
from integration.problems import Problem
from integration.storage import Store, causes, work
from integration.storage.causes import CAUSE
from tests.racing import race

TEE, CAP = "northgate/TEE-M", "northgate/CAP"
SKU = Problem(kinds.UNMAPPED_SKU, "northgate/1", {"retailer": "Northgate", "item": "1"})
SERVICE = Problem(kinds.UNMAPPED_DELIVERY_SERVICE, "northgate/drone", {"retailer": "Northgate", "service": "drone"})


def hold(store: Store, subject: str, *problems: Problem, after: timedelta = timedelta()) -> int:
    """Ask for a subject, claim it and let it wait behind problems; returns the id of the item."""
    ask(store, subject, at=NOW + after)
    got = claimed(store, subject=subject, at=NOW + after)
    with store.write() as db:
        assert work.hold(db, got, "held")
        causes.open_for(db, problems, NOW + after, item_id=got.id)
    return got.id


def close(store: Store, problem: Problem, after: timedelta = timedelta()) -> int:
    with store.write() as db:
        return causes.close(
            db, NOW + after, "a person", kinds=[problem.kind.code], matches=lambda key: key == problem.key
        )


def cause(store: Store, problem: Problem = SKU) -> Any:
    with store.read() as db:
        return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == problem.kind.code, CAUSE.c.key == problem.key)).one()


def test_two_items_with_one_trouble_are_one_cause(store: Store) -> None:
    hold(store, TEE, SKU)
    hold(store, CAP, SKU, after=SECOND)

    found = cause(store)
    assert (found.times, found.opened_at, found.last_seen_at) == (1, NOW, NOW + SECOND)


def test_racing_workers_with_one_trouble_open_one_cause(store: Store) -> None:
    subjects = [f"northgate/{number}" for number in range(6)]

    race(*[lambda subject=subject: hold(store, subject, SKU) for subject in subjects])

    assert cause(store).times == 1
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

    hold(store, TEE, SKU, after=later)

    found = cause(store)
    assert (found.times, found.closed_at, found.closed_by) == (2, None, None)
    assert found.opened_at == NOW + later
    assert found.due_at == NOW + later + timedelta(hours=kinds.DUE_HOURS[SKU.kind.severity])


def test_a_cause_seen_again_keeps_the_hour_it_is_due(store: Store) -> None:
    hold(store, TEE, SKU)
    due_at = cause(store).due_at

    hold(store, CAP, SKU, after=timedelta(hours=5))

    assert cause(store).due_at == due_at


def test_a_person_releases_everything_behind_one_cause(store: Store) -> None:
    hold(store, TEE, SKU)
    number = cause(store).id

    with store.write() as db:
        assert causes.release_by_id(db, number, NOW, "ops") == 1

    assert cause(store).closed_by == "ops"
    assert claim(store) is not None


def test_a_cause_without_an_item_is_reported_once_and_holds_nothing(store: Store) -> None:
    with store.write() as db:
        causes.open_for(db, [SKU], NOW, item_id=None)
        causes.open_for(db, [SKU], NOW, item_id=None)

    assert cause(store).times == 1
    assert close(store, SKU) == 0


def test_a_fact_nobody_knew_does_not_spoil_the_sentence(store: Store) -> None:
    with store.write() as db:
        causes.open_for(db, [Problem(kinds.UNMAPPED_SKU, "northgate/1", {"retailer": "Northgate"})], NOW, item_id=None)

    assert cause(store).sentence.startswith("Northgate ordered unknown,")
