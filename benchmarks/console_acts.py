"""What a person does to thousands is accepted at once, and comes due little by little; a flood is one message."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks import console_past
from benchmarks.console_pages import Visit
from benchmarks.console_site import Visitor
from benchmarks.figures import Row, at_most
from benchmarks.plan import Plan
from integration import policy
from integration.domain.pacing import pace
from integration.flows import alerts, mappings
from integration.lanes import Lane
from integration.people import Door, Person, Role
from integration.rulebook import Rulebook
from integration.services import Services
from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold, WorkItem
from integration.web.access import API

ACCEPTED_WITHIN = 2.0
"""Seconds."""
ROUNDS = 5
"""How often alerts are sent, a minute apart."""
SOMEBODY = Person("ada", Role.ADMIN, Door.CLI)
ITEM, CAUSE, HOLD = table_of(WorkItem), table_of(Cause), table_of(Hold)


def publish(services: Services, reason: str, buffer: int) -> float:
    """Publish mappings that differ from those before in one buffer. Returns the seconds that took."""
    rules = Rulebook.load(services.mappings_dir)
    profile = rules.retailers["northgate"]
    stock = profile.stock.model_copy(update={"buffer": buffer})
    changed = {**rules.retailers, "northgate": profile.model_copy(update={"stock": stock})}
    began = services.now()
    made = mappings.publish(services, rules.model_copy(update={"retailers": changed}), person=SOMEBODY, reason=reason)
    if made.version is None:
        raise RuntimeError(f"not published: {made.problems}")
    return (services.now() - began).total_seconds()


def rows(services: Services, visitor: Visitor, plan: Plan, guarded: int) -> list[Row]:
    """Retry thousands of causes, publish for them, let go a guardrail with as many, and tell of a flood."""
    limit = services.rules().retailers["northgate"].requests_per_minute
    retried, seconds = _timed(visitor, "retry", filter={"kind": console_past.HELD_KIND}, reason="mended in Centra")
    found = [_accepted(f"retry of {retried['causes']:,} exceptions, accepted", seconds)]
    found += _paced(services, "northgate", console_past.HELD_STEP, Lane.CATALOGUE, limit)
    _hold_again(services)
    seconds = publish(services, "names that are shorter", buffer=9)
    found.append(_accepted(f"publication that {plan.console_held:,} exceptions waited for", seconds))
    released, seconds = _timed(visitor, f"{guarded}/release", skus=None, reason="the sale is over")
    found.append(_accepted(f"release of {released['items']:,} listings that a guardrail stopped, accepted", seconds))
    limit = services.rules().retailers["calder"].requests_per_minute
    found += _paced(services, "calder", "stock.push", Lane.STOCK, limit)
    return [*found, *_flood(services, plan)]


def _timed(visitor: Visitor, path: str, **body: Any) -> tuple[Any, float]:
    return visitor.must(Visit("", f"{API}/exceptions/{path}", body=body))


def _accepted(what: str, seconds: float) -> Row:
    return Row(what, seconds, None, "s", f"< {ACCEPTED_WITHIN:g} s", at_most(seconds, ACCEPTED_WITHIN))


def _paced(services: Services, retailer: str, step: str, lane: Lane, limit: float) -> list[Row]:
    """How many pieces of work come due in each minute from now, against the quota of their credential."""
    with services.store.read() as db:
        due = db.scalars(
            sa.select(ITEM.c.due_at)
            .where(ITEM.c.step == step, ITEM.c.subject.startswith(f"{retailer}/"), ITEM.c.asked > ITEM.c.answered)
            .where(~ITEM.c.held)
        ).all()  # fmt: skip
    busiest = most_a_minute(due)
    planned = pace(limit, 60, lane) * 60 + policy.RELEASE_HANDFUL
    goal = f"≤ {planned:.0f} of {limit:g}"
    minutes = (max(due) - min(due)).total_seconds() / 60 if due else None
    return [
        Row("· of these, due in the busiest minute", busiest, None, "", goal, busiest <= planned),
        Row("· the last one is due after", minutes, None, "min"),
    ]


def most_a_minute(moments: Sequence[datetime]) -> int:
    """How many of them the fullest minute holds, counted from the first."""
    first = min(moments, default=None)
    minutes = Counter() if first is None else Counter((each - first) // timedelta(minutes=1) for each in moments)
    return max(minutes.values(), default=0)


def _hold_again(services: Services) -> None:
    """What was retried is judged, and its trouble is still there."""
    held = sa.select(HOLD.c.work_item_id).join(CAUSE, CAUSE.c.id == HOLD.c.cause_id)
    mine = held.where(CAUSE.c.kind == console_past.HELD_KIND, CAUSE.c.closed_at.is_(None))
    with services.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.id.in_(mine)).values(held=True, handed_until=None))


class _Told:
    """Counts messages by the page that they lead to."""

    def __init__(self) -> None:
        self.pages: Counter[str] = Counter()

    def send(self, _channel: str, _title: str, _body: str, page: str) -> None:
        """See `Notify.send`."""
        self.pages[page] += 1


def _flood(services: Services, plan: Plan) -> list[Row]:
    """One cause with twice as much work behind it as there are exceptions, and the clock moves on by minutes."""
    now, told = services.now(), _Told()
    flood = console_past.stopped(services.store, "fernhill", 2 * plan.console_held, now)
    longest = 0.0
    for minute in range(ROUNDS):
        at = now + timedelta(minutes=minute)
        began = services.now()
        alerts.send(replace(services, now=lambda at=at: at, notify=told))  # type: ignore[misc]
        longest = max(longest, (services.now() - began).total_seconds())
    mine = told.pages[f"/exceptions/{flood}"]
    return [
        Row(f"messages to a channel about {2 * plan.console_held:,} pieces of work of one cause", mine, None, "", "1",
            mine == 1),
        Row("· a round of alerts, the longest", longest, None, "s"),
    ]  # fmt: skip
