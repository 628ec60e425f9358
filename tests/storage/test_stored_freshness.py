"""How old the last success is of flows, SKUs and orders is answered the same by both engines."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from work_asks import GATE, ITEM, NOW, STEP, answered, ask, claimed

from integration.lanes import Lane
from integration.storage import Store, figures, freshness, journal, pauses
from integration.storage.freshness import Listed, Stale, Stalled, Waiting
from integration.storage.listings import LISTING
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER
from integration.storage.sizes import SIZE

MINUTE = timedelta(minutes=1)


def write(store: Store, table: sa.Table, **values: Any) -> None:
    with store.write() as db:
        db.execute(sa.insert(table).values(**values))


def change(store: Store, subject: str, **values: Any) -> None:
    with store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.subject == subject).values(**values))


def order(store: Store, number: int, state: str, **values: Any) -> None:
    raw = {"virtualstock_id": number, "raw": {}, "received_at": NOW, "rehearsal": False}
    write(store, ORDER, id=number, retailer="northgate", reference=f"PO-{number}", state=state, **{**raw, **values})


def listing(store: Store, number: int, sku: str, read_at: datetime | None, **values: Any) -> None:
    write(store, SIZE, id=number, sku=sku, read_at=read_at, read_seq=1, stale_asked=0, stale_answered=0, gone=False)
    row = {"retailer": "northgate", "gone": False, "agreed_seq": 0, "seen_at": NOW, "part_number": f"P{number}"}
    write(store, LISTING, **{**row, "product_id": number, "sku": sku, "size_id": number, **values})


def test_what_is_known_of_work_that_is_asked_for_again_and_again(store: Store) -> None:
    ask(store, "northgate/a", "northgate/b", "northgate/c")
    answered(store, claimed(store, subject="northgate/a"), at=NOW + MINUTE)
    with store.read() as db:
        found = {each.subject: each for each in freshness.asked(db, [(STEP, "northgate/a"), (STEP, "northgate/b")])}

    assert set(found) == {"northgate/a", "northgate/b"}
    assert (found["northgate/a"].done_at, found["northgate/a"].open) == (NOW + MINUTE, False)
    assert (found["northgate/b"].done_at, found["northgate/b"].open) == (None, True)


def test_the_last_tick_is_that_of_the_jobs_that_count(store: Store) -> None:
    with store.write() as db:
        assert freshness.last_tick(db, ["orders.poll"]) is None
        journal.first_in_window(db, "orders.poll", 1, NOW)
        journal.first_in_window(db, "silence.watch", 1, NOW + MINUTE)
        assert freshness.last_tick(db, ["orders.poll", "stock.read"]) == NOW


def test_work_that_nobody_takes_is_found_by_quota_and_lane(store: Store) -> None:
    ask(store, "northgate/due")
    ask(store, "northgate/later", due_at=NOW + MINUTE)
    ask(store, "northgate/held", "northgate/running", lane=Lane.ORDERS)
    change(store, "northgate/held", held=True)
    claimed(store, subject="northgate/running")
    with store.read() as db:
        assert freshness.overdue(db, NOW) == {(GATE, Lane.STOCK)}
        assert freshness.overdue(db, NOW - MINUTE) == set()


def test_a_lane_lives_while_work_is_done_in_it(store: Store) -> None:
    ask(store, "northgate/a")
    ask(store, "northgate/b", lane=Lane.ORDERS)
    answered(store, claimed(store, subject="northgate/a"), at=NOW + MINUTE)
    with store.read() as db:
        assert freshness.lanes_alive(db, [STEP], NOW) == {Lane.STOCK}
        assert freshness.lanes_alive(db, [STEP], NOW + 2 * MINUTE) == set()
        assert freshness.lanes_alive(db, ["orders.poll"], NOW) == set()


def test_work_starves_by_the_patience_of_its_lane(store: Store) -> None:
    ask(store, "northgate/a", "northgate/b", "northgate/failed", "northgate/paused")
    ask(store, "northgate/bulk", lane=Lane.CATALOGUE)
    change(store, "northgate/failed", tries=1)
    change(store, "northgate/b", opened_at=NOW + MINUTE)
    before = {Lane.STOCK: NOW + 2 * MINUTE, Lane.CATALOGUE: NOW}
    with store.write() as db:
        assert freshness.starving(db, before, NOW) == [Waiting(GATE, Lane.STOCK, 3, NOW)]
        pauses.add(db, "stock", "", "ada", "", NOW)
        assert freshness.starving(db, before, NOW) == []


def test_skus_that_were_not_read_are_counted_by_retailer_the_oldest_first(store: Store) -> None:
    for number in range(1, 6):
        listing(store, number, f"SKU-{number}", NOW - number * MINUTE)
    listing(store, 6, "NEVER", None)
    listing(store, 7, "GONE", NOW - 90 * MINUTE, gone=True)
    with store.read() as db:
        assert freshness.unread(db, NOW - MINUTE) == [
            Stale("northgate", 4, NOW - 5 * MINUTE, ("SKU-5", "SKU-4", "SKU-3"))
        ]
        assert freshness.unread(db, NOW - 5 * MINUTE) == []


def test_quantities_that_wait_are_told_with_their_quota_and_lane(store: Store) -> None:
    ask(store, "northgate/a", at=NOW + MINUTE)
    ask(store, "northgate/b")
    ask(store, "northgate/first", lane=Lane.CATALOGUE)
    with store.read() as db:
        found = freshness.unsent(db, STEP, NOW + 2 * MINUTE, 9)

    assert found == [("northgate/b", GATE, "stock", NOW), ("northgate/a", GATE, "stock", NOW + MINUTE)]


def test_what_a_retailer_accepted_of_a_sku(store: Store) -> None:
    listing(store, 1, "TEE", NOW, gone=True)
    write(store, LISTING, retailer="northgate", product_id=9, part_number="P9", sku="TEE", agreed=4, agreed_at=NOW,
          agreed_seq=1, seen_at=NOW, gone=False)  # fmt: skip
    with store.read() as db:
        assert freshness.listed(db, "northgate", "TEE") == Listed(9, "P9", 4, NOW)
        assert freshness.listed(db, "calder", "TEE") is None


def test_orders_are_counted_by_hour_and_the_border_belongs_to_one_of_them(store: Store) -> None:
    for number, minutes in enumerate((0, 59, 60, 61, 120), 1):
        order(store, number, "received", received_at=NOW - minutes * MINUTE)
    hours = [(NOW - 60 * MINUTE, NOW), (NOW - 120 * MINUTE, NOW - 60 * MINUTE)]
    with store.read() as db:
        assert freshness.orders_between(db, "northgate", hours) == [2, 2]
        assert freshness.orders_between(db, "calder", hours) == [0, 0]
        assert freshness.first_order(db, "northgate") == NOW
        assert freshness.first_order(db, "calder") is None


def test_an_order_is_in_its_state_since_what_its_row_or_its_lines_say(store: Store) -> None:
    order(store, 1, "placed", placed_at=NOW + MINUTE)
    order(store, 2, "cancelling")
    order(store, 3, "placed", placed_at=NOW + MINUTE, rehearsal=True)
    write(store, LINE, order_id=2, line_reference="1", part_number="P", quantity=1, state="cancelling", dispatched=0,
          cancelled=0, centra_cancelled=0, short=0, moved_at=NOW + 2 * MINUTE)  # fmt: skip
    late = NOW + 9 * MINUTE
    with store.read() as db:
        assert freshness.stalled(db, "placed", late, 9) == [Stalled("northgate", "PO-1", "placed", NOW + MINUTE)]
        (cancelling,) = freshness.stalled(db, "cancelling", late, 9)
        assert cancelling.since == NOW + 2 * MINUTE
        assert freshness.stalled(db, "cancelling", NOW + 2 * MINUTE, 9) == []


def test_a_prefix_of_a_reference_is_another_order(store: Store) -> None:
    ask(store, "northgate/PO-11")
    change(store, "northgate/PO-11", held=True)
    with store.read() as db:
        assert freshness.explained(db, "northgate/PO-11")
        assert not freshness.explained(db, "northgate/PO-1")


def test_figures_count_what_is_open(store: Store) -> None:
    ask(store, "northgate/a", "northgate/b", "northgate/done")
    answered(store, claimed(store, subject="northgate/done"))
    order(store, 1, "placed")
    order(store, 2, "dispatched")
    with store.read() as db:
        assert figures.backlog(db) == {(GATE, "stock"): 2}
        assert figures.orders(db) == {("northgate", "placed"): 1}
        assert (figures.causes(db), figures.overdue(db, NOW), figures.inbox(db)) == ({}, {}, 0)
