"""How quotas, backlog and freshness moved over the last hour can be drawn, for each minute leaves a row behind."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from integration import policy
from integration.flows import report
from integration.lanes import Lane
from integration.services import Services
from integration.storage import pulses
from integration.storage.store import table_of
from integration.storage.tables import WorkItem

ITEM = table_of(WorkItem)
OPEN = ITEM.c.asked > ITEM.c.answered
AGES: Mapping[str, timedelta] = {
    "under 1 minute": policy.MINUTE, "under 10 minutes": 10 * policy.MINUTE, "under 1 hour": policy.HOUR,
    "under 1 day": 24 * policy.HOUR,
}  # fmt: skip
OLDER = "older"


def beat(services: Services) -> None:
    """Write down how things stand in this minute."""
    now = services.now()
    standing = report.status(services)
    facts = {
        "quotas": {name: _used(each) for name, each in standing["quotas"].items()},
        "ages": {name: _since(flow["last_success_at"], now) for name, flow in standing["flows"].items()},
        "lanes": lanes(services),
    }
    with services.store.write() as db:
        pulses.write(db, now, facts)
        pulses.forget(db, now - policy.PULSES_KEPT)


def lately(services: Services, over: timedelta = policy.HOUR) -> list[dict[str, Any]]:
    """The minutes of the last hour, oldest first: at, quotas (share used, 0 to 1), ages (seconds), lanes (items)."""
    with services.store.read() as db:
        return pulses.since(db, services.now() - over)


def lanes(services: Services) -> dict[str, int]:
    """How much work is open and waits for its turn, by lane, most important lane first."""
    with services.store.read() as db:
        rows = db.execute(
            # By gate too: the index of open work begins with it.
            sa.select(ITEM.c.lane, sa.func.count()).where(OPEN, ~ITEM.c.held).group_by(ITEM.c.gate, ITEM.c.lane)
        )
        counted: dict[str, int] = dict.fromkeys(Lane, 0)
        for lane, count in rows:
            counted[lane] = counted.get(lane, 0) + count
    return counted


def ages(services: Services) -> dict[str, dict[str, int]]:
    """How long open work has been waiting: pieces by age, for what waits for its turn and for what waits for a
    person."""
    now = services.now()
    names = [*AGES, OLDER]
    age = sa.case(*((ITEM.c.opened_at > now - most, name) for name, most in AGES.items()), else_=OLDER).label("age")
    with services.store.read() as db:
        rows = db.execute(sa.select(ITEM.c.held, age, sa.func.count()).where(OPEN).group_by("held", "age")).all()
    counted = {(held, name): count for held, name, count in rows}
    return {
        word: {name: counted.get((held, name), 0) for name in names}
        for word, held in (("turn", False), ("person", True))
    }


def _used(quota: Mapping[str, Any]) -> float | None:
    return round(quota["used"] / quota["limit"], 3) if quota.get("limit") else None


def _since(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, int((now - moment).total_seconds()))
