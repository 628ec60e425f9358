"""One piece of work of one quota, asked for and claimed in a line."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from integration.lanes import Lane
from integration.storage import Store, work
from integration.storage.store import table_of
from integration.storage.tables import WorkItem
from integration.storage.work import Claim, Promise

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STEP, SUBJECT, GATE = "stock.push", "northgate/TEE-M", "virtualstock:northgate"
ITEM = table_of(WorkItem)


def ask(
    store: Store, *subjects: str, at: datetime = NOW, lane: Lane = Lane.STOCK, due_at: datetime | None = None
) -> None:
    """Promise `STEP` for each subject."""
    with store.write() as db:
        work.promise(db, [Promise(STEP, each, GATE, lane, due_at or at) for each in subjects or (SUBJECT,)], at)


def claim(store: Store, *, at: datetime = NOW, subject: str = SUBJECT) -> Claim | None:
    """Try to claim it."""
    with store.write() as db:
        return work.claim(db, STEP, subject, at)


def claimed(store: Store, *, at: datetime = NOW, subject: str = SUBJECT) -> Claim:
    """Claim it for certain."""
    got = claim(store, at=at, subject=subject)
    assert got is not None
    return got


def answered(store: Store, got: Claim, *, at: datetime = NOW) -> bool:
    """Write down that it is done."""
    with store.write() as db:
        return work.answer(db, got, at)


def row(store: Store, subject: str = SUBJECT) -> Any:
    """The item as it stands in the database."""
    with store.read() as db:
        return db.execute(sa.select(ITEM).where(ITEM.c.step == STEP, ITEM.c.subject == subject)).one()
