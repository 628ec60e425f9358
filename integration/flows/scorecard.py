"""Every retailer's own measures of us are known before it complains, from what is on record and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from integration.domain.deadlines import Clock
from integration.domain.scorecard import DAYS, Count, Measure, Score, scores
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import scores as stored


@dataclass(frozen=True)
class Card:
    """The measures of one retailer since `since`.

    `days`: whether each whole day had a stock update, oldest first. `typical`, `slowest`: how long half and 95 per
    cent of the newest orders waited for their acknowledgement at most; None where none was acknowledged.
    """

    retailer: str
    since: datetime
    scores: Sequence[Score]
    days: Sequence[tuple[datetime, bool]]
    typical: timedelta | None
    slowest: timedelta | None


def card(services: Services, retailer: str) -> Card:
    """The scorecard of a retailer over the last `DAYS` days.

    :raises KeyError: there is no such retailer.
    """
    profile, now = services.rules().retailers[retailer], services.now()
    since = now - timedelta(days=DAYS)
    with services.store.read() as db:
        first = stored.first_order(db, since)
        days = _days(db, profile, now) if profile.switches.stock is True else []
        waits = stored.answer_times(db, retailer, first)
        ended = stored.in_time(db, retailer, first, now)
        counts = {
            Measure.ACKNOWLEDGED: ended.get(Clock.ACKNOWLEDGE, Count(0, 0)),
            Measure.DISPATCHED: ended.get(Clock.DISPATCH, Count(0, 0)),
            Measure.CANCELLED: stored.cancelled_by_us(db, retailer, first),
            Measure.TRACKED: stored.tracked(db, retailer, first, since),
            Measure.UPDATED: Count(sum(had for _, had in days), len(days)),
        }
    found = scores(counts, profile.sla.thresholds)
    return Card(retailer, since, found, days, _share(waits, 50), _share(waits, 95))


def _days(db: sa.Connection, profile: Retailer, now: datetime) -> list[tuple[datetime, bool]]:
    """The whole days on the retailer's clock, since there are timelines: its midnight, and whether it took a quantity.

    The day that is not over is left out: it may still see one.
    """
    oldest = stored.first_told(db)
    if oldest is None:
        return []
    zone = ZoneInfo(profile.timezone)
    today, began = now.astimezone(zone).date(), oldest.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(DAYS, -1, -1) if today - timedelta(days=back) >= began]
    midnights = [datetime.combine(each, time(), zone) for each in dates]
    firsts, last = stored.first_lines(db, midnights), stored.last_accepted(db, profile.code)
    # After the last quantity it took no day can have one: a retailer that takes nothing is told from one look.
    looked = [midnight for midnight in midnights[:-1] if last is not None and midnight <= last]
    had = stored.accepted_stock(db, profile.code, list(pairwise(firsts))[: len(looked)])
    took = dict(zip(looked, had, strict=True))
    return [(midnight, took.get(midnight, False)) for midnight in midnights[:-1]]


def _share(waits: Sequence[timedelta], percent: int) -> timedelta | None:
    """The wait that `percent` of them, sorted, did not exceed."""
    return waits[-(-len(waits) * percent // 100) - 1] if waits else None
