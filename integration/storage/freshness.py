"""How old the last success of each flow, SKU and order is can be asked in a few bounded queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from integration.lanes import Lane
from integration.storage.pauses import PAUSED
from integration.storage.store import table_of
from integration.storage.tables import Cause, Listing, MarketplaceOrder, OrderLine, Size, Tick, WorkItem

ITEM, CAUSE, LISTING, SIZE, ORDER, LINE, TICK = (
    table_of(each) for each in (WorkItem, Cause, Listing, Size, MarketplaceOrder, OrderLine, Tick)
)
OPEN = ITEM.c.asked > ITEM.c.answered
SAMPLE = 3


@dataclass(frozen=True)
class Asked:
    """What is known of one piece of work that is asked for again and again."""

    step: str
    subject: str
    opened_at: datetime
    done_at: datetime | None
    held: bool
    open: bool
    last_error: str | None


@dataclass(frozen=True)
class Waiting:
    """Work of one quota and lane that has not failed and waits."""

    gate: str
    lane: Lane
    items: int
    oldest: datetime


@dataclass(frozen=True)
class Stale:
    """SKUs of one retailer of which nobody knows whether it shows the truth."""

    retailer: str
    count: int
    oldest: datetime
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """A listing as far as its retailer's own pages can be compared with it."""

    product_id: int
    part_number: str
    agreed: int | None
    agreed_at: datetime | None


@dataclass(frozen=True)
class Stalled:
    """An order and since when it is where it is."""

    retailer: str
    reference: str
    state: str
    since: datetime


def asked(db: sa.Connection, work: Collection[tuple[str, str]]) -> list[Asked]:
    """What is known of these pieces of work, given as (step, subject)."""
    rows = db.execute(
        sa.select(
            ITEM.c.step, ITEM.c.subject, ITEM.c.opened_at, ITEM.c.done_at, ITEM.c.held, OPEN.label("open"),
            ITEM.c.last_error,
        ).where(sa.tuple_(ITEM.c.step, ITEM.c.subject).in_(sorted(work)))
    )  # fmt: skip
    return [Asked(**row._mapping) for row in rows]


def last_tick(db: sa.Connection, jobs: Collection[str]) -> datetime | None:
    """When the clock last asked for any of these jobs."""
    newest: datetime | None = db.scalar(sa.select(sa.func.max(TICK.c.at)).where(TICK.c.job.in_(sorted(jobs))))
    return newest


def began(db: sa.Connection) -> datetime | None:
    """When the first piece of work that is on record was asked for, this time round."""
    first: datetime | None = db.scalar(sa.select(ITEM.c.opened_at).order_by(ITEM.c.id).limit(1))
    return first


def overdue(db: sa.Connection, before: datetime) -> set[tuple[str, Lane]]:
    """The (quota, lane) pairs with work that nobody has taken although it has been due since `before`."""
    idle = sa.or_(ITEM.c.claimed_until.is_(None), ITEM.c.claimed_until <= before)
    rows = db.execute(
        sa.select(ITEM.c.gate, ITEM.c.lane)
        .where(OPEN, ~ITEM.c.held, ITEM.c.due_at <= before, idle, ~PAUSED).distinct()
    )  # fmt: skip
    return {(gate, Lane(lane)) for gate, lane in rows}


def lanes_alive(db: sa.Connection, steps: Collection[str], since: datetime) -> set[Lane]:
    """The lanes in which work of these steps was done since then."""
    done = sa.and_(ITEM.c.step.in_(sorted(steps)), ITEM.c.done_at >= since)
    return {Lane(lane) for lane in db.scalars(sa.select(ITEM.c.lane).where(done).distinct())}


def starving(db: sa.Connection, opened_before: Mapping[Lane, datetime], due_before: datetime) -> list[Waiting]:
    """Work that was asked for before the moment of its lane, has not failed since, and would be due by now."""
    long = sa.or_(
        *(sa.and_(ITEM.c.lane == lane.value, ITEM.c.opened_at < before) for lane, before in opened_before.items())
    )
    rows = db.execute(
        sa.select(ITEM.c.gate, ITEM.c.lane, sa.func.count(), sa.func.min(ITEM.c.opened_at))
        .where(OPEN, ~ITEM.c.held, ITEM.c.tries == 0, ITEM.c.due_at <= due_before, long, ~PAUSED)
        .group_by(ITEM.c.gate, ITEM.c.lane)
    )  # fmt: skip
    return [Waiting(gate, Lane(lane), items, oldest) for gate, lane, items, oldest in rows]


def unread(db: sa.Connection, before: datetime) -> list[Stale]:
    """Per retailer the listed SKUs whose stock in Centra was last read before then."""
    where = sa.and_(~LISTING.c.gone, ~SIZE.c.gone, LISTING.c.sku.is_not(None), SIZE.c.read_at < before)
    joined = LISTING.join(SIZE, SIZE.c.id == LISTING.c.size_id)
    rows = db.execute(
        sa.select(LISTING.c.retailer, sa.func.count(), sa.func.min(SIZE.c.read_at))
        .select_from(joined).where(where).group_by(LISTING.c.retailer)
    ).all()  # fmt: skip
    return [
        Stale(retailer, count, oldest, tuple(db.scalars(
            sa.select(LISTING.c.sku).select_from(joined).where(where, LISTING.c.retailer == retailer)
            .order_by(SIZE.c.read_at).limit(SAMPLE)
        )))
        for retailer, count, oldest in rows
    ]  # fmt: skip


def unsent(db: sa.Connection, step: str, before: datetime, limit: int) -> list[tuple[str, str, str, datetime]]:
    """Work of a step that has been open since before then and is not held or paused, the oldest first, as
    (subject, quota, lane, open since). What waits in the lane of the catalogue is published for the first time."""
    rows = db.execute(
        sa.select(ITEM.c.subject, ITEM.c.gate, ITEM.c.lane, ITEM.c.opened_at)
        .where(OPEN, ~ITEM.c.held, ITEM.c.step == step, ITEM.c.opened_at < before, ~PAUSED)
        .where(ITEM.c.lane != Lane.CATALOGUE.value).order_by(ITEM.c.opened_at).limit(limit)
    )  # fmt: skip
    return [(row.subject, row.gate, row.lane, row.opened_at) for row in rows]


def listed(db: sa.Connection, retailer: str, sku: str) -> Listed | None:
    """What a retailer accepted of a SKU, and under which product."""
    row = db.execute(
        sa.select(LISTING.c.product_id, LISTING.c.part_number, LISTING.c.agreed, LISTING.c.agreed_at)
        .where(LISTING.c.retailer == retailer, LISTING.c.sku == sku, ~LISTING.c.gone)
        .order_by(LISTING.c.id).limit(1)
    ).first()  # fmt: skip
    return None if row is None else Listed(**row._mapping)


def orders_between(db: sa.Connection, retailer: str, hours: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many orders of a retailer came in each of these hours."""
    counts = [sa.func.count().filter(ORDER.c.received_at > start, ORDER.c.received_at <= end) for start, end in hours]
    first = min(start for start, _ in hours)
    row = db.execute(sa.select(*counts).where(ORDER.c.retailer == retailer, ORDER.c.received_at > first)).one()
    return list(row)


def first_order(db: sa.Connection, retailer: str) -> datetime | None:
    """When the first order of a retailer came in."""
    first: datetime | None = db.scalar(
        sa.select(ORDER.c.received_at).where(ORDER.c.retailer == retailer).order_by(ORDER.c.id).limit(1)
    )
    return first


def stalled(db: sa.Connection, state: str, before: datetime, limit: int) -> list[Stalled]:
    """The orders that have been in a state since before then, the oldest first."""
    since = _since(state)
    rows = db.execute(
        sa.select(ORDER.c.retailer, ORDER.c.reference, ORDER.c.state, since.label("since"))
        .where(ORDER.c.state == state, since < before, ~ORDER.c.rehearsal).order_by(since).limit(limit)
    )  # fmt: skip
    return [Stalled(**row._mapping) for row in rows]


def explained(db: sa.Connection, subject: str) -> bool:
    """Whether a person is asked to act on this order already: work of it is held, or a cause names it."""
    work = sa.select(ITEM.c.id).where(ITEM.c.subject == subject, OPEN, ITEM.c.held).limit(1)
    said = (
        sa.select(CAUSE.c.id)
        .where(CAUSE.c.closed_at.is_(None), sa.or_(CAUSE.c.key == subject, _begins(CAUSE.c.key, f"{subject}/")))
        .where(CAUSE.c.kind != "order-stalled").limit(1)
    )  # fmt: skip
    return db.scalar(work) is not None or db.scalar(said) is not None


def open_keys(db: sa.Connection, kinds: Collection[str]) -> set[str]:
    """The keys of the open causes of these kinds."""
    return set(db.scalars(sa.select(CAUSE.c.key).where(CAUSE.c.closed_at.is_(None), CAUSE.c.kind.in_(list(kinds)))))


def _since(state: str) -> sa.ColumnElement[datetime]:
    """Since when an order is in its state, as near as its row and its lines tell."""
    moved = sa.select(sa.func.max(LINE.c.moved_at)).where(LINE.c.order_id == ORDER.c.id)
    newest = moved.correlate(ORDER).scalar_subquery()
    known: dict[str, sa.ColumnElement[datetime]] = {"placing": ORDER.c.placing_since, "placed": ORDER.c.placed_at}
    if state == "received":
        return ORDER.c.received_at
    return sa.func.coalesce(known.get(state, newest), ORDER.c.received_at, type_=ORDER.c.received_at.type)


def _begins(text: sa.ColumnElement[str], prefix: str) -> sa.ColumnElement[bool]:
    return sa.func.substr(text, 1, len(prefix)) == prefix
