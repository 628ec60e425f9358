"""Exceptions for tests of what teams are told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import kinds
from integration.flows import alerts
from integration.kinds import Kind
from integration.policy import HOLD_BACK
from integration.problems import Problem
from integration.storage import causes
from integration.storage.store import table_of
from integration.storage.tables import Alert, Cause
from tests.world import World

CAUSE, ALERT = table_of(Cause), table_of(Alert)
FACTS = {"retailer": "Northgate & Co", "item": "71000001", "sku": "TEE-M", "why": "it is unknown"}


def trouble(world: World, key: str = "one", kind: Kind = kinds.UNMAPPED_SKU, *, due_at: datetime | None = None) -> None:
    """A cause is opened, or seen again."""
    with world.store.write() as db:
        causes.open_for(db, [Problem(kind, key, FACTS, due_at)], world.at, item_id=None)


def mend(world: World, key: str = "one", kind: Kind = kinds.UNMAPPED_SKU) -> None:
    """Its reason is gone."""
    with world.store.write() as db:
        causes.close_one(db, world.at, "mended", kind.code, key)


def write(world: World, key: str = "one", **values: Any) -> None:
    """Somebody acknowledges, mutes, …"""
    with world.store.write() as db:
        db.execute(sa.update(CAUSE).where(CAUSE.c.key == key).values(**values))


def pass_time(world: World, seconds: float, step: float = 15) -> None:
    """Time passes, and messages are sent at their pace."""
    end = world.at.timestamp() + seconds
    while world.at.timestamp() < end:
        world.wait(min(step, end - world.at.timestamp()))
        alerts.send(world.services)


def held_back(world: World) -> None:
    """As much time as everything is held back for."""
    pass_time(world, HOLD_BACK.total_seconds())


def told(world: World, channel: str = "") -> list[str]:
    """The titles that were sent since the last look."""
    found = [title for to, title, *_ in world.notify.told if channel in ("", to)]
    world.notify.told.clear()
    return found


def unsent(world: World) -> list[Any]:
    """Messages that wait."""
    with world.store.read() as db:
        return list(db.execute(sa.select(ALERT).where(ALERT.c.sent_at.is_(None)).order_by(ALERT.c.id)))
