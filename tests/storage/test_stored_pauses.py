"""Work of a paused flow is neither handed out nor claimed, and nobody else's work notices."""

import pytest
from work_asks import GATE, NOW, SECOND, claim

from integration.lanes import Lane
from integration.storage import Store, pauses, work
from integration.storage.work import Promise
from tests.racing import race


def stop(store: Store, flow: str, retailer: str = pauses.EVERYBODY, by: str = "Ada") -> bool:
    with store.write() as db:
        return pauses.add(db, flow, retailer, by, "stock-taking", NOW)


def ask(store: Store, step: str, *subjects: str) -> None:
    with store.write() as db:
        work.promise(db, [Promise(step, each, GATE, Lane.STOCK, NOW) for each in subjects], NOW)


def handed(store: Store) -> set[str]:
    with store.write() as db:
        return {f"{item.step} {item.subject}" for item in work.hand_out(db, NOW, {(GATE, Lane.STOCK): 100})}


@pytest.mark.parametrize(("flow", "retailer", "left"), [
    ("stock", "", {"stocks.push north/TEE", "orders.poll north"}),
    ("stock", "north", {"stock.push northgate/TEE", "stock.push n_rth/TEE", "stock.push North/TEE", "stock.read centra",
                        "stocks.push north/TEE", "orders.poll north"}),
    ("stock", "n_rth", {"stock.push north/TEE", "stock.push northgate/TEE", "stock.push North/TEE", "stock.read centra",
                        "stocks.push north/TEE", "orders.poll north"}),
    ("orders", "north", {"stock.push north/TEE", "stock.push northgate/TEE", "stock.push n_rth/TEE",
                         "stock.push North/TEE", "stock.read centra", "stocks.push north/TEE"}),
])  # fmt: skip
def test_just_the_work_of_that_flow_and_retailer_stays(store: Store, flow: str, retailer: str, left: set[str]) -> None:
    ask(store, "stock.push", "north/TEE", "northgate/TEE", "n_rth/TEE", "North/TEE")
    ask(store, "stock.read", "centra")
    ask(store, "stocks.push", "north/TEE")
    ask(store, "orders.poll", "north")
    stop(store, flow, retailer)

    assert handed(store) == left


def test_a_message_that_was_out_when_it_was_paused_finds_nothing_to_claim(store: Store) -> None:
    ask(store, "stock.push", "northgate/TEE-M")
    assert handed(store)
    stop(store, "stock", "northgate")

    assert claim(store) is None
    with store.write() as db:
        assert pauses.remove(db, "stock", "northgate")
    assert claim(store) is not None


def test_what_waits_only_for_a_pause_does_not_look_due(store: Store) -> None:
    ask(store, "stock.push", "northgate/TEE-M")
    with store.read() as db:
        assert work.waiting(db, NOW) == [(GATE, Lane.STOCK)]
    stop(store, "stock")

    with store.read() as db:
        assert work.waiting(db, NOW) == []


def test_of_many_who_pause_at_once_one_is_on_record(store: Store) -> None:
    won = race(*[lambda name=f"person {number}": stop(store, "stock", "northgate", name) for number in range(6)])

    assert sum(won) == 1
    with store.read() as db:
        assert len(pauses.current(db)) == 1


def test_each_pause_tells_how_much_waits_for_it_and_since_when(store: Store) -> None:
    ask(store, "stock.push", "northgate/A", "northgate/B", "calder/A")
    ask(store, "orders.place", "northgate/PO-1")
    with store.write() as db:
        got = work.claim(db, "stock.push", "northgate/B", NOW)
        assert got is not None
        work.hold(db, got, "a person must look")
    stop(store, "stock", "northgate")
    stop(store, "stock")
    stop(store, "returns")

    with store.read() as db:
        assert pauses.waiting(db) == {("stock", ""): (2, NOW), ("stock", "northgate"): (1, NOW)}


def test_what_another_pause_or_a_person_keeps_is_not_counted_as_due_again(store: Store) -> None:
    ask(store, "stock.push", "northgate/A", "northgate/B", "calder/A")
    with store.write() as db:
        work.promise(db, [Promise("stock.push", "northgate/LATER", GATE, Lane.STOCK, NOW + SECOND)], NOW)
    stop(store, "stock", "calder")

    with store.read() as db:
        assert pauses.due_again(db, "stock", pauses.EVERYBODY, NOW) == 2
        assert pauses.due_again(db, "stock", "calder", NOW) == 0
        assert pauses.due_again(db, "stock", "northgate", NOW) == 2
