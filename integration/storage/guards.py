"""What a guardrail counts, has stopped, and was told to let pass is on record, and survives any loss of Redis."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Approval, GuardedMove, Listing, Stop

MOVE, STOP, APPROVAL, LISTING = table_of(GuardedMove), table_of(Stop), table_of(Approval), table_of(Listing)
BATCH = 400


def note(db: sa.Connection, guard: str, retailer: str, window: int, skus: Collection[str]) -> int:
    """These SKUs move in this window; noting one again changes nothing. Returns how many move in it by now."""
    ordered = sorted(set(skus))
    for start in range(0, len(ordered), BATCH):
        rows = [
            {"guard": guard, "retailer": retailer, "window": window, "sku": sku}
            for sku in ordered[start : start + BATCH]
        ]
        db.execute(insert(db, GuardedMove).on_conflict_do_nothing(), rows)
    return db.scalar(
        sa.select(sa.func.count()).select_from(MOVE)
        .where(MOVE.c.guard == guard, MOVE.c.retailer == retailer, MOVE.c.window == window)
    ) or 0  # fmt: skip


def live(db: sa.Connection, retailer: str) -> int:
    """How many listings of a retailer show that they can be bought."""
    mine = sa.and_(LISTING.c.retailer == retailer, ~LISTING.c.gone, LISTING.c.agreed > 0)
    return db.scalar(sa.select(sa.func.count()).select_from(LISTING).where(mine)) or 0


def offered(db: sa.Connection, retailer: str) -> int:
    """How many listings shoppers can buy now, or may where nobody knows their stock."""
    sold = sa.or_(LISTING.c.agreed.is_(None), LISTING.c.agreed > 0)
    return db.scalar(
        sa.select(sa.func.count()).where(LISTING.c.retailer == retailer, ~LISTING.c.gone, sold)
    ) or 0  # fmt: skip


def stop(db: sa.Connection, guard: str, retailer: str, now: datetime) -> bool:
    """Nothing of this guard's leaves for the retailer any more. False: it was stopped already."""
    statement = insert(db, Stop).values(guard=guard, retailer=retailer, at=now)
    return db.execute(statement.on_conflict_do_nothing().returning(STOP.c.guard)).first() is not None


def stopped(db: sa.Connection) -> set[tuple[str, str]]:
    """What is stopped, as (guard, retailer)."""
    return {(row.guard, row.retailer) for row in db.execute(sa.select(STOP.c.guard, STOP.c.retailer))}


def go_on(db: sa.Connection, guard: str, retailer: str) -> None:
    """A person lets the retailer go on: what was counted until now does not stop it again."""
    db.execute(sa.delete(STOP).where(STOP.c.guard == guard, STOP.c.retailer == retailer))
    db.execute(sa.delete(MOVE).where(MOVE.c.guard == guard, MOVE.c.retailer == retailer))


def approve(
    db: sa.Connection, guard: str, retailer: str, sku: str, value: str, by: str, reason: str, now: datetime
) -> None:
    """A person lets this value pass, and no other."""
    said = {"by": by, "reason": reason, "at": now}
    statement = insert(db, Approval).values(guard=guard, retailer=retailer, sku=sku, value=value, **said)
    db.execute(
        statement.on_conflict_do_update(index_elements=["guard", "retailer", "sku", "value"], set_=said)
    )


def approved(db: sa.Connection, guard: str, retailer: str, sku: str, value: str) -> bool:
    """Whether a person let just this value pass."""
    mine = sa.and_(_of(guard, retailer, sku), APPROVAL.c.value == value)
    return db.scalar(sa.select(sa.literal(1)).select_from(APPROVAL).where(mine)) is not None


def used(db: sa.Connection, guard: str, retailer: str, sku: str) -> None:
    """The retailer accepted what was let pass: the next move of this SKU is judged like any other."""
    db.execute(sa.delete(APPROVAL).where(_of(guard, retailer, sku)))


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete the windows that a newer one has followed, and what was let pass before then and never left.

    A window is a number whose length is the profile's, so only its order tells that it is over.
    """
    newer = MOVE.alias("newer")
    followed = sa.exists().where(
        newer.c.guard == MOVE.c.guard, newer.c.retailer == MOVE.c.retailer, newer.c.window > MOVE.c.window
    )
    db.execute(sa.delete(MOVE).where(followed))
    db.execute(sa.delete(APPROVAL).where(APPROVAL.c.at < before))


def _of(guard: str, retailer: str, sku: str) -> sa.ColumnElement[bool]:
    return sa.and_(APPROVAL.c.guard == guard, APPROVAL.c.retailer == retailer, APPROVAL.c.sku == sku)
