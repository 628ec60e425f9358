"""What is open, held, agreed and late can be read from the database alone, whatever else is down.

The command line and the console show these answers; nothing here asks a platform.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.flows import stock
from integration.flows.deadlines import URGENT
from integration.flows.product_moves import Move, moves, takes_contents, takes_prices
from integration.problems import Throttled
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.steps import CENTRA, STEPS
from integration.storage import causes, contents, deadlines, journal, pauses, work
from integration.storage.pauses import StoredPause
from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold, Listing, Tick, WorkItem

ITEM, CAUSE, HOLD, LISTING, TICK = (table_of(each) for each in (WorkItem, Cause, Hold, Listing, Tick))
OPEN = ITEM.c.asked > ITEM.c.answered
PUSHES = (steps.STOCK_PUSH.name, steps.PRODUCTS_PUSH.name)
NOTHING_OPEN: Mapping[str, Any] = {"pending_since": None, "held_by": [], "last_error": None}
RUNS: Mapping[str, Callable[[Retailer], bool]] = {
    "stock": lambda profile: profile.switches.stock is not False,
    "products": lambda profile: takes_contents(profile) or takes_prices(profile),
    "images": lambda profile: takes_contents(profile) and profile.products.images == "checked",
    "orders": lambda profile: profile.switches.orders or profile.switches.acknowledgements,
    "backorders": lambda profile: profile.switches.acknowledgements,
    "cancellations": lambda profile: profile.switches.cancellations,
    "dispatches": lambda profile: profile.switches.dispatches,
    "returns": lambda profile: profile.returns.enabled,
    "invoices": lambda profile: profile.invoices.enabled,
}
"""Whether a retailer's profile lets a flow run; a flow that is not named always does."""
SHADOWS: Mapping[str, Callable[[Retailer], bool]] = {
    "stock": lambda profile: profile.switches.stock == "shadow",
    "products": lambda profile: (takes_contents(profile) and profile.switches.products == "shadow")
    or (takes_prices(profile) and profile.switches.prices == "shadow"),
}
"""Whether a flow, or a part of it, only writes down what it would have sent."""
PRICES = 20
"""Prices shown of one SKU and retailer, the newest first."""


def status(services: Services) -> dict[str, Any]:
    """Per flow what is open and held, per clock what is late, per quota what is spent, and what waits for a person."""
    now, rules = services.now(), services.rules()
    with services.store.read() as db:
        return {
            "flows": _flows(db, rules, now),
            "deadlines": {
                clock: {"near": near, "missed": missed} for clock, near, missed in deadlines.running(db, now, URGENT)
            },
            "quotas": {name: _quota(services, name) for name in quota_names(rules)},
            "exceptions": _exceptions(db),
            "oldest_agreed": _oldest_agreed(db, rules),
        }


def quota_names(rules: Rulebook) -> list[str]:
    """The quotas that the published retailers spend."""
    return [CENTRA, *sorted({f"virtualstock:{profile.credential}" for profile in rules.retailers.values()})]


def last_work(services: Services) -> datetime | None:
    """When a worker last finished anything."""
    with services.store.read() as db:
        return max(filter(None, work.last_done(db, STEPS).values()), default=None)


def last_tick(services: Services) -> datetime | None:
    """When the clock last asked for anything."""
    with services.store.read() as db:
        newest: datetime | None = db.scalar(sa.select(sa.func.max(TICK.c.at)))
        return newest


def sku(services: Services, name: str) -> dict[str, Any] | None:
    """Everything known of one SKU, or None where no retailer lists it and nothing was ever said of it."""
    with services.store.read() as db:
        rows = db.execute(
            # Where a retailer lists it twice, the listing that is not gone is shown.
            sa.select(LISTING).where(LISTING.c.sku == name)
            .order_by(LISTING.c.retailer, LISTING.c.gone.desc(), LISTING.c.id)
        ).all()  # fmt: skip
        story = journal.story(db, "sku", name)
        asked = {row.retailer: f"{row.retailer}/{name}" for row in rows}
        found = pending(db, [(step, subject) for subject in asked.values() for step in PUSHES])
        products = {row.id: _products(services, db, row, found) for row in rows}
    if not rows and not story:
        return None
    levels = [move for subject in asked.values() for move in stock.plan(services, subject)]
    wanted = {move.offer.listing_id: move.quantity for move in levels}
    return {
        "sku": name,
        "retailers": {
            row.retailer: {
                "agreed": row.agreed, "agreed_at": row.agreed_at, "wanted": wanted.get(row.id),
                "part_number": row.part_number, "product_id": row.product_id, "gone": row.gone,
                **found.get((steps.STOCK_PUSH.name, asked[row.retailer]), NOTHING_OPEN),
                **products[row.id],
            }
            for row in rows
        },
        "timeline": story,
    }  # fmt: skip


def _products(
    services: Services, db: sa.Connection, row: "sa.Row[Any]", found: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    """The product data of one listing as its retailer accepted it, what differs, and where sent prices came from."""
    mine = [each for each in contents.of_sku(db, row.retailer, row.sku) if each.listing_id == row.id]
    judged = {move.listed.listing_id: move for move in moves(db, services.rules(), mine, services.now())}
    return {
        "products": {
            "accepted": mine[0].accepted if mine else None,
            "withdrawn": mine[0].withdrawn if mine else None,
            "wanted": _wanted(judged.get(row.id)),
            **found.get((steps.PRODUCTS_PUSH.name, f"{row.retailer}/{row.sku}"), NOTHING_OPEN),
        },
        "prices": [dict(each._mapping) for each in contents.sent_prices(db, row.retailer, row.sku, PRICES)],
    }


def _wanted(move: Move | None) -> dict[str, str]:
    return {**move.real, **move.shadow} if move else {}


def pending(db: sa.Connection, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Of the open ones among some pieces of work, by (step, subject): since when each is open, what it waits for, and
    what went wrong last."""
    rows = db.execute(
        sa.select(ITEM).where(sa.tuple_(ITEM.c.step, ITEM.c.subject).in_(sorted(set(asked))), OPEN).order_by(ITEM.c.id)
    ).all()
    return {
        (row.step, row.subject): {
            "pending_since": row.opened_at,
            "held_by": causes.held_by(db, row.id) if row.held else [],
            "last_error": row.last_error,
        }
        for row in rows
    }


def exceptions(services: Services, *, cause_id: int | None = None) -> list[dict[str, Any]]:
    """The open causes, most urgent first, or the one with this id whether open or closed."""
    waiting = (
        sa.select(sa.func.count()).where(HOLD.c.cause_id == CAUSE.c.id).correlate(CAUSE).scalar_subquery()
    )
    where = CAUSE.c.closed_at.is_(None) if cause_id is None else CAUSE.c.id == cause_id
    with services.store.read() as db:
        rows = db.execute(sa.select(CAUSE, waiting.label("held")).where(where).order_by(CAUSE.c.due_at, CAUSE.c.id))
        return [dict(row._mapping) for row in rows]


def held_behind(services: Services, cause_id: int) -> list[str]:
    """The work that waits behind a cause, as ``step subject``."""
    with services.store.read() as db:
        rows = db.execute(
            sa.select(ITEM.c.step, ITEM.c.subject).join(HOLD, HOLD.c.work_item_id == ITEM.c.id)
            .where(HOLD.c.cause_id == cause_id).order_by(ITEM.c.id)
        )  # fmt: skip
        return [f"{row.step} {row.subject}" for row in rows]


def _flows(db: sa.Connection, rules: Rulebook, now: datetime) -> dict[str, Any]:
    waits = ~ITEM.c.held
    rows = db.execute(
        sa.select(
            ITEM.c.step,
            sa.func.count().filter(waits).label("open"),
            sa.func.count().filter(ITEM.c.held).label("held"),
            sa.func.min(ITEM.c.opened_at).filter(waits).label("oldest"),
        # The index of open work is by gate; by step alone the whole past would be walked through.
        ).where(OPEN).group_by(ITEM.c.gate, ITEM.c.step)
    ).all()  # fmt: skip
    of_flow = defaultdict(list)
    for row in rows:
        of_flow[row.step.partition(".")[0]].append(row)
    done, stopped = work.last_done(db, STEPS), pauses.current(db)
    names = dict.fromkeys(step.flow for step in STEPS.values())
    return {
        name: {**_flow(of_flow[name], [done[step.name] for step in STEPS.values() if step.flow == name], now),
               "paused": not _running(rules, stopped, name), "shadow": _in_shadow(rules, name),
               "paused_for": _paused_for(rules, stopped, name)}
        for name in names
    }  # fmt: skip


def _flow(rows: list[Any], done: list[datetime | None], now: datetime) -> dict[str, Any]:
    oldest = min((row.oldest for row in rows if row.oldest is not None), default=None)
    return {
        "open": sum(row.open for row in rows),
        "held": sum(row.held for row in rows),
        "oldest_open_seconds": None if oldest is None else max(0.0, (now - oldest).total_seconds()),
        "last_success_at": max(filter(None, done), default=None),
    }


def _running(rules: Rulebook, stopped: Sequence[StoredPause], flow: str) -> bool:
    """Whether the flow may run anywhere: nobody has paused it, and a retailer's profile lets it."""
    if not rules.retailers:
        return flow not in RUNS
    return any(
        (flow not in RUNS or RUNS[flow](profile)) and not any(pause.covers(flow, code) for pause in stopped)
        for code, profile in rules.retailers.items()
    )


def _paused_for(rules: Rulebook, stopped: Sequence[StoredPause], flow: str) -> list[str]:
    """The retailers at which somebody has paused the flow."""
    return [code for code in rules.retailers if any(pause.covers(flow, code) for pause in stopped)]


def _in_shadow(rules: Rulebook, flow: str) -> list[str]:
    """The retailers whose switch lets the flow only write down what it would have sent."""
    return [code for code, profile in rules.retailers.items() if flow in SHADOWS and SHADOWS[flow](profile)]


def _quota(services: Services, name: str) -> dict[str, Any]:
    try:
        return services.quota(name).snapshot()
    except Throttled as failure:
        return {"limit": None, "used": None, "window_seconds": None, "throttled": None, "error": failure.reason}


def _exceptions(db: sa.Connection) -> dict[str, Any]:
    owners = Counter(db.scalars(sa.select(CAUSE.c.owner).where(CAUSE.c.closed_at.is_(None))))
    return {"open": owners.total(), "by_owner": dict(sorted(owners.items()))}


def _oldest_agreed(db: sa.Connection, rules: Rulebook) -> dict[str, Any] | None:
    # A seek for each retailer: one look at all listings would read all of them.
    found = [
        db.execute(
            sa.select(LISTING.c.sku, LISTING.c.retailer, LISTING.c.agreed_at)
            .where(LISTING.c.retailer == code, LISTING.c.agreed_at.is_not(None), ~LISTING.c.gone)
            .order_by(LISTING.c.agreed_at).limit(1)
        ).first()
        for code in rules.retailers
    ]  # fmt: skip
    oldest = min((row for row in found if row is not None), key=lambda row: row.agreed_at, default=None)
    return None if oldest is None else dict(oldest._mapping)
