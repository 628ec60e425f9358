"""A return has one row, moves only as the table of moves allows, and finds its twin in Centra by that twin's id."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration.domain.returns import ReturnState
from integration.storage import Store, journal, orders, returns
from integration.storage.returns import StoredReturn
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def order_id(store: Store) -> int:
    with store.write() as db:
        orders.receive(db, "northgate", "PO-1", 5001, {}, NOW)
        found = orders.by_subject(db, "northgate/PO-1")
    assert found is not None
    return found.id


def values(name: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "id": name, "retailer": "northgate", "reference": "PO-1", "line_reference": "1", "part_number": "7",
        "quantity": 1, "reason": "Damaged", "status": "RMA", "asked_at": NOW,
    } | more  # fmt: skip


def keep(store: Store, name: str = "a", **more: Any) -> StoredReturn:
    with store.write() as db:
        returns.store(db, **values(name, **more))
        return returns.get(db, name)


def move(store: Store, row: StoredReturn, there: ReturnState) -> bool:
    with store.write() as db:
        return returns.move(db, row, there, LATER, "seen")


def again(store: Store, name: str = "a") -> StoredReturn:
    with store.read() as db:
        return returns.get(db, name)


def test_a_return_is_stored_once_and_begins_as_asked_for(store: Store) -> None:
    with store.write() as db:
        assert returns.store(db, **values())
        assert not returns.store(db, **values(quantity=9))

    row = again(store)
    assert (row.state, row.quantity, row.subject, row.order_subject) == (
        ReturnState.ASKED, 1, "northgate/a", "northgate/PO-1",
    )  # fmt: skip


def test_two_readers_of_one_list_store_it_once(store: Store) -> None:
    def put() -> bool:
        with store.write() as db:
            return returns.store(db, **values())

    assert sorted(race(put, put)) == [False, True]


def test_an_unknown_return_is_none(store: Store) -> None:
    with store.read() as db:
        assert returns.by_id(db, "a") is None


def test_a_move_is_told_with_its_cause(store: Store) -> None:
    assert move(store, keep(store), ReturnState.AUTHORISED)

    with store.read() as db:
        (told,) = journal.story(db, "order", "northgate/PO-1")
    assert told == {
        "at": LATER, "what": "return authorised", "line": "1", "units": 1, "return_id": "a", "was": "asked",
        "cause": "seen",
    }  # fmt: skip


def test_a_move_that_is_not_allowed_changes_and_tells_nothing(store: Store) -> None:
    row = keep(store)
    move(store, row, ReturnState.AUTHORISED)

    assert not move(store, again(store), ReturnState.ACKNOWLEDGED)

    assert again(store).state is ReturnState.AUTHORISED
    with store.read() as db:
        assert len(journal.story(db, "order", "northgate/PO-1")) == 1


def test_who_saw_an_older_state_does_not_move_it(store: Store) -> None:
    row = keep(store)

    assert move(store, row, ReturnState.DECLINED)
    assert not move(store, row, ReturnState.APPROVED)

    assert again(store).state is ReturnState.DECLINED


def test_the_end_has_a_moment_and_coming_back_to_life_has_none(store: Store) -> None:
    move(store, keep(store), ReturnState.WITHDRAWN)
    assert again(store).closed_at == LATER

    move(store, again(store), ReturnState.ASKED)
    assert again(store).closed_at is None


def test_the_moment_the_goods_were_back_is_kept(store: Store) -> None:
    move(store, keep(store), ReturnState.BACK)
    move(store, again(store), ReturnState.APPROVED)

    assert (again(store).back_at, again(store).closed_at) == (LATER, LATER)


def test_an_acknowledgement_ends_its_intention(store: Store) -> None:
    row = keep(store)
    with store.write() as db:
        returns.begin_acknowledging(db, "a", NOW)
    assert again(store).acknowledging_since == NOW

    with store.write() as db:
        returns.acknowledged(db, row, LATER, "acknowledged")

    after = again(store)
    assert (after.state, after.acknowledged_at, after.acknowledging_since) == (ReturnState.ACKNOWLEDGED, LATER, None)


def test_the_unfinished_ones_of_a_retailer_come_oldest_first(store: Store) -> None:
    keep(store, "late", asked_at=LATER)
    keep(store, "early")
    keep(store, "other", retailer="calder")
    move(store, keep(store, "over"), ReturnState.DECLINED)

    with store.read() as db:
        assert [row.id for row in returns.unfinished(db, "northgate")] == ["early", "late"]


def test_the_returns_of_an_order_come_oldest_first(store: Store, order_id: int) -> None:
    keep(store, "late", order_id=order_id, asked_at=LATER)
    keep(store, "early", order_id=order_id)
    keep(store, "unknown")

    with store.read() as db:
        assert [row.id for row in returns.of_order(db, order_id)] == ["early", "late"]


def test_a_return_of_centra_keeps_the_moment_it_was_first_seen_complete(store: Store, order_id: int) -> None:
    with store.write() as db:
        assert returns.keep_centra_return(db, 61, order_id, {12000: 2}, None) is None
        returns.keep_centra_return(db, 61, order_id, {12000: 2}, NOW)
        before = returns.keep_centra_return(db, 61, order_id, {12000: 1}, LATER)
        (kept,) = returns.in_centra(db, order_id)
    assert before is not None
    assert (before.units, before.completed_at) == ({12000: 2}, NOW)
    assert (kept.units, kept.completed_at) == ({12000: 1}, NOW)


def test_a_return_of_centra_that_is_opened_again_is_not_complete(store: Store, order_id: int) -> None:
    with store.write() as db:
        returns.keep_centra_return(db, 61, order_id, {12000: 2}, NOW)
        returns.keep_centra_return(db, 61, order_id, {12000: 2}, None)
        (kept,) = returns.in_centra(db, order_id)
    assert kept.completed_at is None


def test_a_return_that_centra_deleted_leaves_its_twin_free(store: Store, order_id: int) -> None:
    row = keep(store, order_id=order_id)
    with store.write() as db:
        returns.keep_centra_return(db, 61, order_id, {12000: 1}, None)
        returns.link(db, row, 61, NOW)
    assert again(store).centra_return_id == 61

    with store.write() as db:
        gone = returns.forget_centra_return(db, 61)
        assert returns.forget_centra_return(db, 61) is None
        assert returns.in_centra(db, order_id) == []

    assert gone is not None
    assert gone.order_id == order_id
    assert again(store).centra_return_id is None
