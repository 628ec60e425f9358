"""Every number that a monitoring system reads is one row here: its name, its labels, and what it says.

No label has values without bound: they are names from the mappings, the catalogue of kinds and this code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from integration.flows import report, silence
from integration.services import Services
from integration.steps import STEPS
from integration.storage import alerts, figures, freshness, pauses, work
from integration.storage.figures import Counted

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Figure:
    """One metric, a gauge. Times are seconds since 1970, lengths of time are seconds."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


FIGURES = {figure.name: figure for figure in (
    Figure("cvsync_database_up", "Whether the database answers; 0 leaves out all that is read from it"),
    Figure("cvsync_redis_up", "Whether Redis answers; 0 leaves out all quotas"),
    Figure("cvsync_rules_version", "Version of the published mappings; 0 is a folder of files"),
    Figure("cvsync_last_tick_timestamp_seconds", "When the clock (beat) last asked for work"),
    Figure("cvsync_last_work_timestamp_seconds", "When any worker last finished a piece of work"),
    Figure("cvsync_flow_open", "Open pieces of work that wait for nobody", ("flow",)),
    Figure("cvsync_flow_held", "Pieces of work that wait for a person", ("flow",)),
    Figure("cvsync_flow_oldest_open_seconds", "How long the oldest of them has been open", ("flow",)),
    Figure("cvsync_flow_last_success_timestamp_seconds", "When work of the flow was last done", ("flow",)),
    Figure("cvsync_flow_paused", "Whether somebody has paused the flow for the retailer; all = for every retailer",
           ("flow", "retailer")),
    Figure("cvsync_poll_age_seconds", "How long ago a step of the timetable was last done; centra = for all retailers",
           ("step", "retailer")),
    Figure("cvsync_poll_every_seconds", "How often it is to be done", ("step",)),
    Figure("cvsync_backlog", "Open pieces of work that wait for nobody, by quota and lane", ("quota", "lane")),
    Figure("cvsync_inbox_waiting", "Events that have come in and are not turned into work"),
    Figure("cvsync_causes_open", "Open exceptions", ("kind", "owner", "severity")),
    Figure("cvsync_causes_overdue", "Open exceptions whose due time is over", ("owner",)),
    Figure("cvsync_orders_in_flight", "Orders that are not over", ("retailer", "state")),
    Figure("cvsync_deadlines_near", "Clocks of orders of which three quarters are over", ("clock",)),
    Figure("cvsync_deadlines_missed", "Clocks of orders that are over", ("clock",)),
    Figure("cvsync_alerts_unsent", "Messages that wait, for a channel that fails or the hours of a team",
           ("team", "channel")),
    Figure("cvsync_quota_limit", "What the platform allows in the window of its first limit", ("quota",)),
    Figure("cvsync_quota_used", "What we have used of it in the last window", ("quota",)),
    Figure("cvsync_quota_left_ratio", "Share of the scarcest limit that is left, 0 to 1", ("quota",)),
    Figure("cvsync_quota_throttled", "Pauses that the platform has asked for so far", ("quota",)),
    Figure("cvsync_quota_breaker_open", "Whether the platform keeps failing, so that one call at a time tries again",
           ("quota",)),
)}  # fmt: skip
"""Every metric by its name. ``docs/monitoring/metrics.md`` is this list; a test compares them."""

Readings = dict[str, Counted]


def read(services: Services) -> Readings:
    """The newest values, by figure and labels.

    What cannot be read is left out, and the figures that end in ``_up`` say why.
    """
    found: Readings = {"cvsync_database_up": _one(0), "cvsync_redis_up": _one(services.broker_answers())}
    for part in (_standing, _counts):
        try:
            found |= part(services)
        except Exception:
            # A scrape that fails as a whole would hide even what is known.
            log.exception("figures not read", part=part.__name__)
    return found


def _standing(services: Services) -> Readings:
    """What the status page shows."""
    standing = report.status(services)
    flows, clocks, quotas = standing["flows"], standing["deadlines"], standing["quotas"]
    return {
        "cvsync_flow_open": _each(flows, "open"),
        "cvsync_flow_held": _each(flows, "held"),
        "cvsync_flow_oldest_open_seconds": _each(flows, "oldest_open_seconds"),
        "cvsync_flow_last_success_timestamp_seconds": _each(flows, "last_success_at"),
        "cvsync_deadlines_near": _each(clocks, "near"),
        "cvsync_deadlines_missed": _each(clocks, "missed"),
        "cvsync_quota_limit": _each(quotas, "limit"),
        "cvsync_quota_used": _each(quotas, "used"),
        "cvsync_quota_throttled": _each(quotas, "throttled"),
        "cvsync_quota_breaker_open": _each(quotas, "open"),
        "cvsync_quota_left_ratio": {
            (name,): min(bucket["tokens"] / bucket["capacity"] for bucket in quota["buckets"].values())
            for name, quota in quotas.items() if quota.get("buckets")
        },
    }  # fmt: skip


def _counts(services: Services) -> Readings:
    """What is counted for nobody but a monitoring system."""
    rules, now, polled = services.rules(), services.now(), silence.polled()
    with services.store.read() as db:
        done = max(filter(None, work.last_done(db, STEPS).values()), default=None)
        asked = freshness.asked(db, silence.polls(rules))
        return {
            "cvsync_database_up": _one(1),
            "cvsync_rules_version": _one(rules.version or 0),
            "cvsync_last_tick_timestamp_seconds": _one(freshness.last_tick(db, polled)),
            "cvsync_last_work_timestamp_seconds": _one(done),
            "cvsync_backlog": figures.backlog(db),
            "cvsync_inbox_waiting": _one(figures.inbox(db)),
            "cvsync_causes_open": figures.causes(db),
            "cvsync_causes_overdue": figures.overdue(db, now),
            "cvsync_orders_in_flight": figures.orders(db),
            "cvsync_alerts_unsent": {tuple(to.split("/")): float(count) for to, count, _ in alerts.unsent(db)},
            "cvsync_flow_paused": {(each.flow, each.retailer or "all"): 1.0 for each in pauses.current(db)},
            "cvsync_poll_every_seconds": {(step,): every.total_seconds() for step, every in polled.items()},
            "cvsync_poll_age_seconds": {
                (each.step, each.subject): (now - (each.done_at or each.opened_at)).total_seconds() for each in asked
            },
        }


def _one(value: datetime | float | None) -> Counted:
    """A figure without labels, left out where there is no value."""
    return {} if value is None else {(): _number(value)}


def _each(rows: Mapping[str, Mapping[str, Any]], what: str) -> Counted:
    """One value of each row that has it, by the row's name."""
    return {(name,): _number(row[what]) for name, row in rows.items() if row.get(what) is not None}


def _number(value: datetime | float) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
