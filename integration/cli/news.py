"""Whoever watches the system sees each business event once, as one line, soon after it happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration.storage import Store
from integration.storage.store import table_of
from integration.storage.tables import Cause, Timeline

TIMELINE, CAUSE = table_of(Timeline), table_of(Cause)
MOST_STOCK_LINES = 12
"""Stock lines shown of one look; a first publication moves thousands."""


class News:
    """Tells what is new in the timeline and among the causes since the last look."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._causes_since = now
        with store.read() as db:
            self._last = db.scalar(sa.select(sa.func.max(TIMELINE.c.id))) or 0

    def lines(self) -> list[str]:
        """One line per event, oldest first."""
        with self._store.read() as db:
            # What happened to a cause is the console's story of it. Here its sentence is told once, from its own row.
            rows = db.execute(
                sa.select(TIMELINE).where(TIMELINE.c.id > self._last, TIMELINE.c.about != "cause")
                .order_by(TIMELINE.c.id)
            ).all()  # fmt: skip
            opened = db.execute(
                sa.select(CAUSE.c.opened_at, CAUSE.c.owner, CAUSE.c.sentence)
                .where(CAUSE.c.opened_at > self._causes_since, CAUSE.c.closed_at.is_(None)).order_by(CAUSE.c.opened_at)
            ).all()  # fmt: skip
        if rows:
            self._last = rows[-1].id
        if opened:
            self._causes_since = opened[-1].opened_at
        told = [_line(row.at, *_words(row.about, row.subject, row.what, row.facts)) for row in _few(rows)]
        left_out = len(rows) - len(told)
        if left_out:
            told.append(_line(rows[-1].at, "stock", f"… and {left_out} more"))
        return told + [_line(row.opened_at, "to do", f"{row.owner}: {row.sentence}") for row in opened]


def _few(rows: Sequence[Any]) -> list[Any]:
    """All that is about orders, and the first few of the rest."""
    stock = {row.id for row in [row for row in rows if row.about == "sku"][:MOST_STOCK_LINES]}
    return [row for row in rows if row.about != "sku" or row.id in stock]


def _words(about: str, subject: str, what: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    if about == "sku" and "quantity" in facts:
        before = "–" if facts.get("before") is None else facts["before"]
        return "stock", f"{facts.get('retailer', ''):<10}  {subject:<20}  {before} → {facts['quantity']}"
    retailer, _, reference = subject.partition("/")
    if what == "placed":
        what = f"placed as Centra order {facts.get('centra_order')}"
    elif facts.get("tracking"):
        what = f"{what} with {facts.get('carrier')} {facts['tracking']}"
    return about, f"{retailer:<10}  {reference:<20}  {what}"


def _line(at: datetime, topic: str, text: str) -> str:
    return f"{at.astimezone():%H:%M:%S}  {topic:<7}  {text}"
