"""Work of a paused flow stays where it is: nothing hands it out and nobody can claim it until the flow is resumed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Pause, WorkItem

PAUSE, ITEM = table_of(Pause), table_of(WorkItem)
EVERYBODY = ""
"""The retailer of a pause that is for all of them."""


@dataclass(frozen=True)
class StoredPause:
    """A row of pause. `retailer` is `EVERYBODY` where the flow is paused as a whole."""

    flow: str
    retailer: str
    by: str
    reason: str
    at: datetime

    def covers(self, flow: str, retailer: str) -> bool:
        """Whether it keeps this flow from working for this retailer."""
        return self.flow == flow and self.retailer in (EVERYBODY, retailer)


def add(db: sa.Connection, flow: str, retailer: str, by: str, reason: str, now: datetime) -> bool:
    """Pause a flow. False: just that is paused already, and what is on record of it stays."""
    statement = insert(db, Pause).values(flow=flow, retailer=retailer, by=by, reason=reason, at=now)
    return db.execute(statement.on_conflict_do_nothing().returning(PAUSE.c.flow)).first() is not None


def remove(db: sa.Connection, flow: str, retailer: str) -> bool:
    """End a pause. False: there is none."""
    gone = db.execute(sa.delete(PAUSE).where(PAUSE.c.flow == flow, PAUSE.c.retailer == retailer))
    return gone.rowcount == 1


def current(db: sa.Connection) -> list[StoredPause]:
    """All pauses, by flow; that of all retailers first."""
    rows = db.execute(sa.select(PAUSE).order_by(PAUSE.c.flow, PAUSE.c.retailer))
    return [StoredPause(**row._mapping) for row in rows]


def is_paused(db: sa.Connection, flow: str, retailer: str) -> bool:
    """Whether a flow must not work for a retailer; `EVERYBODY` asks for the flow as a whole."""
    return any(pause.covers(flow, retailer) for pause in current(db))


def _begins(text: sa.ColumnElement[str], prefix: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    # Not LIKE: a code may hold its jokers, and SQLite's takes capitals and small letters for the same.
    return sa.func.substr(text, 1, sa.func.length(prefix)) == prefix


def _of_pause() -> sa.ColumnElement[bool]:
    flow = _begins(ITEM.c.step, PAUSE.c.flow + ".")
    # A subject is the retailer's code itself, or begins with it and a stroke.
    retailer = _begins(ITEM.c.subject + "/", PAUSE.c.retailer + "/")
    return sa.and_(flow, sa.or_(PAUSE.c.retailer == EVERYBODY, retailer))


PAUSED = sa.exists(sa.select(PAUSE.c.flow).where(_of_pause()).correlate(ITEM))
"""That a work item belongs to a paused flow: within a statement, so that it holds the moment the pause is stored."""


def waiting(db: sa.Connection) -> dict[tuple[str, str], tuple[int, datetime]]:
    """How much open work each pause keeps waiting, by (flow, retailer), and since when the oldest of it."""
    open_work = sa.and_(ITEM.c.asked > ITEM.c.answered, ~ITEM.c.held)
    rows = db.execute(
        sa.select(PAUSE.c.flow, PAUSE.c.retailer, sa.func.count().label("items"), sa.func.min(ITEM.c.opened_at))
        .join(ITEM, _of_pause()).where(open_work).group_by(PAUSE.c.flow, PAUSE.c.retailer)
    )  # fmt: skip
    return {(flow, retailer): (items, oldest) for flow, retailer, items, oldest in rows}


def due_again(db: sa.Connection, flow: str, retailer: str, now: datetime) -> int:
    """How much work of a flow and retailer is due and free to go."""
    mine = _begins(ITEM.c.step, sa.literal(f"{flow}."))
    if retailer != EVERYBODY:
        mine = sa.and_(mine, _begins(ITEM.c.subject + "/", sa.literal(f"{retailer}/")))
    due = sa.and_(ITEM.c.asked > ITEM.c.answered, ~ITEM.c.held, ITEM.c.due_at <= now, ~PAUSED)
    return db.scalar(sa.select(sa.func.count()).select_from(ITEM).where(mine, due)) or 0
