"""Work that is held behind problems, and causes as they stand in the database."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from work_asks import NOW, ask, claimed

from integration.problems import Problem
from integration.storage import Store, causes, work
from integration.storage.causes import CAUSE


def hold(store: Store, subject: str, *problems: Problem, at: datetime = NOW) -> int:
    """Ask for a subject, claim it and let it wait behind problems; returns the id of the item."""
    ask(store, subject, at=at)
    got = claimed(store, subject=subject, at=at)
    with store.write() as db:
        assert work.hold(db, got, "held")
        causes.open_for(db, problems, at, item_id=got.id)
    return got.id


def report(store: Store, *problems: Problem, at: datetime = NOW) -> None:
    """Open causes behind which nothing waits."""
    with store.write() as db:
        causes.open_for(db, problems, at, item_id=None)


def close(store: Store, problem: Problem, at: datetime = NOW) -> int:
    """Close the cause of a problem; returns how much work is due again."""
    with store.write() as db:
        return causes.close(db, at, "a person", kinds=[problem.kind.code], matches=lambda key: key == problem.key)


def cause(store: Store, problem: Problem) -> Any:
    """The cause of a problem as it stands."""
    with store.read() as db:
        return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == problem.kind.code, CAUSE.c.key == problem.key)).one()
