"""Rows of a span of time are found by halving, and it makes no difference where the gaps are."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from work_asks import NOW, SECOND

from integration.storage import Store, journal, orders, scores
from integration.storage.journal import TIMELINE


def lines(store: Store, *seconds: int) -> None:
    with store.write() as db:
        for each in seconds:
            journal.tell(db, "sku", "A", "stock accepted", NOW + SECOND * each, retailer="northgate")


@pytest.mark.parametrize("seed", range(8))
def test_the_first_row_of_a_span_is_found_whatever_is_missing(store: Store, seed: int) -> None:
    luck = random.Random(seed)
    moments = sorted(luck.randrange(100) for _ in range(luck.randrange(40)))
    lines(store, *moments)
    with store.write() as db:
        for gone in luck.sample(range(1, len(moments) + 1), len(moments) // 3):
            db.execute(sa.delete(TIMELINE).where(TIMELINE.c.id == gone))
    asked = sorted(luck.randrange(-5, 105) for _ in range(10))

    with store.read() as db:
        kept = db.execute(sa.select(TIMELINE.c.id, TIMELINE.c.at)).all()
        found = scores.first_lines(db, [NOW + SECOND * each for each in asked])

    for first, since in zip(found, asked, strict=True):
        assert {row.id for row in kept if row.id >= first} == {
            row.id for row in kept if row.at >= NOW + SECOND * since
        }  # fmt: skip


def test_the_first_order_of_a_span_is_found(store: Store) -> None:
    with store.write() as db:
        for number in range(10):
            orders.receive(db, "northgate", f"PO-{number}", number, {}, NOW + timedelta(days=number))

    with store.read() as db:
        assert scores.first_order(db, NOW + timedelta(days=4)) == 5
        assert scores.first_order(db, NOW - timedelta(days=4)) == 1
        assert scores.first_order(db, NOW + timedelta(days=40)) == 11


def test_a_quantity_another_retailer_took_or_another_event_is_no_update(store: Store) -> None:
    with store.write() as db:
        journal.tell(db, "sku", "A", "stock accepted", NOW, retailer="calder")
        journal.tell(db, "sku", "A", "product data accepted", NOW, retailer="northgate")
        journal.tell(db, "order", "A", "stock accepted", NOW, retailer="northgate")
    with store.read() as db:
        spans = [(1, 10), (1, 2), (2, 10), (0, 1)]
        assert scores.accepted_stock(db, "northgate", spans) == [False, False, False, False]
        assert scores.accepted_stock(db, "calder", spans) == [True, True, False, False]
        assert scores.accepted_stock(db, "calder", []) == []
