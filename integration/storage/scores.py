"""What a retailer counts of us is counted here from the rows of a span of time alone, however long the past is.

Orders and timelines are found by time without an index on it: their ids were handed out in the order of time, give or
take the seconds of a transaction.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from integration.domain.deadlines import Clock
from integration.domain.scorecard import Count
from integration.lifecycle import LineState, OrderState
from integration.storage.announcements import ANNOUNCEMENT
from integration.storage.deadlines import DEADLINE
from integration.storage.journal import TIMELINE
from integration.storage.listings import LISTING
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER

BATCH = 400
SAMPLES = 500
"""Ids that are looked at to find a moment; between two of them every row is."""
NEWEST = 1000
"""Orders that the typical time of an answer is told from."""


def first_order(db: sa.Connection, since: datetime) -> int:
    """The lowest id of an order that came in at `since` or later; above all where none did."""
    return _firsts(db, ORDER.c.id, ORDER.c.received_at, [since])[0]


def first_lines(db: sa.Connection, moments: Sequence[datetime]) -> list[int]:
    """For each of these moments the lowest id of a line of a timeline from then on; above all where there is none."""
    return _firsts(db, TIMELINE.c.id, TIMELINE.c.at, moments)


def first_told(db: sa.Connection) -> datetime | None:
    """When the oldest line of all timelines was written."""
    oldest: datetime | None = db.scalar(sa.select(TIMELINE.c.at).order_by(TIMELINE.c.id).limit(1))
    return oldest


def in_time(db: sa.Connection, retailer: str, first: int, now: datetime) -> dict[Clock, Count]:
    """Of the orders from `first` on whose clock has ended, those in which it was met by then; by clock.

    An order that was cancelled altogether is none that left, in time or late.
    """
    ended = sa.or_(DEADLINE.c.met_at.is_not(None), DEADLINE.c.due_at <= now)
    left = sa.or_(DEADLINE.c.clock != Clock.DISPATCH.value, ORDER.c.state != OrderState.CANCELLED)
    clocks = [clock.value for clock in (Clock.ACKNOWLEDGE, Clock.DISPATCH)]
    rows = db.execute(
        sa.select(
            DEADLINE.c.clock, sa.func.count().filter(DEADLINE.c.met_at <= DEADLINE.c.due_at), sa.func.count()
        )
        .join(ORDER, ORDER.c.id == DEADLINE.c.order_id)
        .where(*_mine(retailer, first), DEADLINE.c.order_id >= first, DEADLINE.c.clock.in_(clocks), ended, left)
        .group_by(DEADLINE.c.clock)
    )  # fmt: skip
    return {Clock(clock): Count(good, total) for clock, good, total in rows}


def answer_times(db: sa.Connection, retailer: str, first: int) -> list[timedelta]:
    """How long the newest orders from `first` on waited for their acknowledgement; at most `NEWEST`, shortest first."""
    rows = db.execute(
        sa.select(DEADLINE.c.started_at, DEADLINE.c.met_at)
        .join(ORDER, ORDER.c.id == DEADLINE.c.order_id)
        .where(*_mine(retailer, first), DEADLINE.c.order_id >= first, DEADLINE.c.clock == Clock.ACKNOWLEDGE.value,
               DEADLINE.c.met_at.is_not(None))
        .order_by(DEADLINE.c.order_id.desc()).limit(NEWEST)
    )  # fmt: skip
    return sorted(max(row.met_at - row.started_at, timedelta()) for row in rows)


def cancelled_by_us(db: sa.Connection, retailer: str, first: int) -> Count:
    """Of the lines of orders from `first` on, those of which units were cancelled that nobody there asked to cancel."""
    mine = [*_mine(retailer, first), LINE.c.order_id >= first]
    lines = sa.select(sa.func.count()).select_from(LINE).join(ORDER, ORDER.c.id == LINE.c.order_id).where(*mine)
    total = db.scalar(lines.where(LINE.c.quantity > 0)) or 0
    references = db.scalars(
        sa.select(ORDER.c.reference).join(LINE, ORDER.c.id == LINE.c.order_id).where(*mine, LINE.c.cancelled > 0)
        .distinct()
    ).all()  # fmt: skip
    subjects = [f"{retailer}/{reference}" for reference in references]
    return Count(sum(_unasked(db, subjects[at : at + BATCH]) for at in range(0, len(subjects), BATCH)), total)


def tracked(db: sa.Connection, retailer: str, first: int, since: datetime) -> Count:
    """Of the shipments told to the retailer since then, those with a tracking number that Centra still shows.

    What somebody told it of in its portal is not among them: we do not know what was said.
    """
    said = sa.cast(ANNOUNCEMENT.c["items"], sa.Text)
    # What is empty is never said, so that a name which stands there has a value. To look for the name in the text is
    # several times quicker than to take the JSON apart; within a value its quotes would be escaped.
    carrier, number = (said.contains(f'"{name}":') for name in ("carrier", "tracking_number"))
    # None is stored as the null of JSON by some writers, and as that of SQL where nobody wrote at all.
    as_told = sa.func.coalesce(sa.cast(ANNOUNCEMENT.c.differs, sa.Text), "null") == "null"
    right = sa.and_(carrier, number, as_told)
    good, total = db.execute(
        # Filtered here and not below: no planner knows how many rows hold a text, and PostgreSQL guesses "hardly any".
        sa.select(sa.func.count().filter(right), sa.func.count().filter(carrier))
        .select_from(ANNOUNCEMENT).join(ORDER, ORDER.c.id == ANNOUNCEMENT.c.order_id)
        .where(*_mine(retailer, first), ANNOUNCEMENT.c.order_id >= first, ANNOUNCEMENT.c.announced_at >= since)
    ).one()  # fmt: skip
    return Count(good, total)


def last_accepted(db: sa.Connection, retailer: str) -> datetime | None:
    """When the retailer last took a quantity."""
    mine = sa.select(sa.func.max(LISTING.c.agreed_at)).where(LISTING.c.retailer == retailer)
    newest: datetime | None = db.scalar(mine)
    return newest


def accepted_stock(db: sa.Connection, retailer: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Whether the retailer took a quantity, for each span of lines of the timelines: from its first up to its end.

    One statement for all of them: each span ends at the first line that says so.
    """
    taken = [
        sa.exists(
            sa.select(TIMELINE.c.id).where(
                TIMELINE.c.id >= first, TIMELINE.c.id < end, TIMELINE.c.about == "sku",
                TIMELINE.c.what == "stock accepted", TIMELINE.c.facts["retailer"].as_string() == retailer,
            )
        ).label(f"span_{number}")
        for number, (first, end) in enumerate(spans)
    ]  # fmt: skip
    return [bool(each) for each in db.execute(sa.select(*taken)).one()] if taken else []


def _mine(retailer: str, first: int) -> list[sa.ColumnElement[bool]]:
    return [ORDER.c.retailer == retailer, ORDER.c.id >= first, ~ORDER.c.rehearsal]


def _unasked(db: sa.Connection, subjects: Sequence[str]) -> int:
    """The lines of these orders that were cancelled and at no time asked to be."""
    rows = db.execute(
        sa.select(TIMELINE.c.subject, TIMELINE.c.what, TIMELINE.c.facts)
        .where(TIMELINE.c.about == "order", TIMELINE.c.subject.in_(subjects),
               TIMELINE.c.what.in_([f"line {LineState.CANCELLED}", f"line {LineState.CANCELLING}"]))
    ).all()  # fmt: skip
    asked = {(row.subject, row.facts["line"]) for row in rows if row.what == f"line {LineState.CANCELLING}"}
    over = {(row.subject, row.facts["line"]) for row in rows if row.what == f"line {LineState.CANCELLED}"}
    return len(over - asked)


def _firsts(
    db: sa.Connection, number: sa.ColumnElement[int], moment: sa.ColumnElement[datetime], since: Sequence[datetime]
) -> list[int]:
    """The lowest id whose row is of each moment or later: samples tell between which two ids it is."""
    lowest, highest = db.execute(sa.select(sa.func.min(number), sa.func.max(number))).one()
    if lowest is None or not since:
        return [1] * len(since)
    asked = range(lowest, highest + 1, max(1, (highest - lowest) // SAMPLES))
    known = [
        (row[0], row[1]) for row in db.execute(sa.select(number, moment).where(number.in_(asked)).order_by(number))
    ]
    looks = [_between(number, moment, each, known, highest).label(f"at_{place}") for place, each in enumerate(since)]
    return [highest + 1 if found is None else int(found) for found in db.execute(sa.select(*looks)).one()]


def _between(
    number: sa.ColumnElement[int], moment: sa.ColumnElement[datetime], since: datetime,
    known: Sequence[tuple[int, datetime]], highest: int,
) -> "sa.ScalarSelect[int]":  # fmt: skip
    place = bisect_left(known, since, key=lambda row: row[1])
    below = known[place - 1][0] if place else 0
    above = known[place][0] if place < len(known) else highest
    return sa.select(sa.func.min(number)).where(number > below, number <= above, moment >= since).scalar_subquery()
