"""A platform that does not answer, and a quota that does not suffice, are each told once, not by all they stop."""

from datetime import datetime

import sqlalchemy as sa

from integration import kinds, policy
from integration.domain.freshness import ago
from integration.flows import looks
from integration.flows.report import quota_names
from integration.kinds import Kind
from integration.problems import Problem, Throttled
from integration.services import Services
from integration.steps import ORDER_API, STEPS
from integration.storage import freshness, journal, work

DOWN, SLOW = "down/", "slow-since/"
"""Begin the names of the watermarks that say since when a platform has been so at every look, as seconds since 1970."""


def platforms(services: Services) -> None:
    """Platforms whose breaker has been open, or which have been slow, at every look for too long."""
    now, found = services.now(), []
    for gate in [*quota_names(services.rules()), ORDER_API]:
        is_open = _is_open(services, gate)
        with services.store.write() as db:
            down = _since(db, DOWN + gate, is_open, now)
            slow = _since(db, SLOW + gate, bool(work.slow(db, [gate], now)), now)
        if down and now - down >= policy.DOWN_AFTER:
            found.append(_problem(kinds.PLATFORM_DOWN, gate, gate, f"it has not answered for {ago(down, now)}"))
        elif slow and now - slow >= policy.SLOW_DOWN_AFTER:
            why = f"it has answered slowly for {ago(slow, now)}, so few pieces of work at a time get through"
            found.append(_problem(kinds.PLATFORM_DOWN, gate, gate, why))
    looks.settle(services, kinds.PLATFORM_DOWN, found)


def quotas(services: Services) -> None:
    """Lanes whose work waits too long for a quota, although some of it gets through."""
    now = services.now()
    before = {lane: now - patience for lane, patience in policy.STARVED_AFTER.items()}
    with services.store.read() as db:
        explained = looks.explained_gates(db)
        alive = freshness.lanes_alive(db, STEPS, now - policy.WORKERS_SILENT)
        waiting = freshness.starving(db, before, now + policy.MINUTE)
    found = []
    for each in waiting:
        if each.gate not in explained and each.lane in alive:
            left = f"{services.quota(each.gate).left():.0%} of it is left"
            why = f"{each.items} pieces of work wait, the oldest for {ago(each.oldest, now)}, and {left}"
            found.append(_problem(kinds.QUOTA_STARVED, f"{each.gate}/{each.lane}", each.gate, why, lane=each.lane))
    looks.settle(services, kinds.QUOTA_STARVED, found)


def _is_open(services: Services, gate: str) -> bool:
    try:
        return bool(services.quota(gate).snapshot().get("open"))
    except Throttled:
        # Without Redis nothing is known of the platform; the silence of all workers is told instead.
        return False


def _since(db: sa.Connection, name: str, is_so: bool, now: datetime) -> datetime | None:
    """Since when it has been so at every look; written down, because each look may be another process."""
    known = journal.watermark(db, name)
    if is_so and known:
        return datetime.fromtimestamp(known, now.tzinfo)
    if is_so or known:
        journal.move_watermark(db, name, int(now.timestamp()) if is_so else 0)
    return now if is_so else None


def _problem(kind: Kind, key: str, gate: str, why: str, **facts: str) -> Problem:
    return Problem(kind, key, {**looks.named(gate), "why": why, **facts})
