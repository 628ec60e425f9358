"""A late page of a list, and a look by name, cost what they would cost another way: by OFFSET, or without an index."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import Row
from benchmarks.plan import Plan
from integration.services import Services
from integration.steps import STEPS
from integration.storage import activity, found, journal, search, work
from integration.storage.activity import ACTIVITY
from integration.storage.causes import CAUSE
from integration.storage.found import Filter
from integration.storage.listings import LISTING
from integration.storage.orders import ORDER

TIMES, PAGE = 7, 50
Look = Callable[[sa.Connection], object]


def rows(services: Services, plan: Plan) -> list[Row]:
    """Two rows for each look: milliseconds, and how many times as long the other way takes."""
    compared: list[Row] = []
    for name, ours, other in _late_pages(services, plan):
        with services.store.read() as db:
            compared += _beside(name, _took(db, ours), _took(db, other))
    for name, look, indexes in _by_index(plan):
        with services.store.read() as db:
            with_it = _took(db, look)
        compared += _beside(name, with_it, _without(services, look, indexes))
    return compared


def _beside(name: str, ours: float, other: float) -> list[Row]:
    return [Row(name, ours, other, "ms"), Row("· times as long", 1, other / ours)]


def _took(db: sa.Connection, look: Look) -> float:
    """The median in milliseconds, after one that is not counted."""
    look(db)
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        look(db)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _without(services: Services, look: Look, indexes: Sequence[str]) -> float:
    """The same in a transaction in which these indexes are not there; it leaves nothing."""
    with services.store.engine.connect() as db, db.begin() as transaction:
        for index in indexes:
            db.exec_driver_sql(f"DROP INDEX {index}")
        taken = _took(db, look)
        transaction.rollback()
    return taken


def _late_pages(services: Services, plan: Plan) -> list[tuple[str, Look, Look]]:
    """The last full page of each list: as the product reads it, and by OFFSET."""
    now = services.now()
    everything, skus = Filter(), f"SKU-{plan.console_skus - PAGE:06}"
    causes = sa.select(CAUSE, found.HELD).where(*found.conditions(everything, now)).order_by(CAUSE.c.due_at, CAUSE.c.id)
    orders = sa.select(*(each for each in ORDER.c if each.name != "raw")).order_by(ORDER.c.id.desc())
    listed = sa.select(LISTING.c.sku).where(LISTING.c.sku.is_not(None)).distinct().order_by(LISTING.c.sku)
    acts = sa.select(ACTIVITY).order_by(ACTIVITY.c.id.desc())
    with services.store.read() as db:
        last = db.execute(causes.offset(plan.console_held - PAGE).limit(1)).one()
    after = (last.due_at, last.id)
    return [
        ("exceptions, the last page", lambda db: found.find(db, everything, now=now, after=after, limit=PAGE),
         _offset(causes, plan.console_held - PAGE)),
        ("orders, the last page", lambda db: search.orders_page(db, before=PAGE + 1, limit=PAGE),
         _offset(orders, plan.console_orders - PAGE)),
        ("SKUs, the last page", lambda db: search.skus_page(db, retailer=None, after=skus, limit=PAGE),
         _offset(listed, plan.console_skus - PAGE)),
        ("activity, the last page", lambda db: activity.page(db, before=PAGE + 1, limit=PAGE),
         _offset(acts, plan.console_held * 4 - PAGE)),
    ]  # fmt: skip


def _offset(wanted: "sa.Select[Any]", rows: int) -> Look:
    return lambda db: db.execute(wanted.offset(rows).limit(PAGE)).all()


def _by_index(plan: Plan) -> list[tuple[str, Look, tuple[str, ...]]]:
    number, sku = plan.console_orders // 2, f"SKU-{plan.console_skus // 2:06}"
    return [
        ("the story of a SKU", lambda db: journal.story(db, "sku", sku), ("timeline_subject",)),
        ("an order by Centra's number", lambda db: search.orders(db, str(10_000 + number), PAGE),
         ("ix_marketplace_order_centra_number",)),
        ("an SKU by name", lambda db: search.skus(db, sku, PAGE), ("listing_sku",)),
        ("the last success of each flow", lambda db: work.last_done(db, STEPS), ("work_item_done",)),
    ]  # fmt: skip
