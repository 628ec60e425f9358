"""What a guardrail counts, has stopped, and was told to let pass is on record, and survives any loss of Redis."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import Approval, GuardedMove, Listing, Stop

MOVE, STOP, APPROVAL, LISTING = table_of(GuardedMove), table_of(Stop), table_of(Approval), table_of(Listing)
BATCH = 400


def note(db: sa.Connection, guard: str, retailer: str, skus: Collection[str], now: datetime, minutes: int) -> int:
    """These SKUs move now; noting one again counts no more. Returns how many moved within the last `minutes`."""
    ordered = sorted(set(skus))
    for start in range(0, len(ordered), BATCH):
        rows = [
            {"guard": guard, "retailer": retailer, "minute": _minute(now), "sku": sku}
            for sku in ordered[start : start + BATCH]
        ]
        db.execute(insert(db, GuardedMove).on_conflict_do_nothing(), rows)
    return _count(db, _within(guard, retailer, now, minutes))


def foresee(db: sa.Connection, guard: str, retailer: str, skus: Collection[str], now: datetime, minutes: int) -> int:
    """What `note` would return; nothing is written."""
    within, ordered = _within(guard, retailer, now, minutes), sorted(set(skus))
    known = sum(
        _count(db, sa.and_(within, MOVE.c.sku.in_(ordered[start : start + BATCH])))
        for start in range(0, len(ordered), BATCH)
    )
    return _count(db, within) + len(ordered) - known


def fallen(db: sa.Connection, guard: str, retailer: str, now: datetime, minutes: int) -> int:
    """How many of the SKUs that moved within the last `minutes` cannot be bought any more."""
    bought = sa.exists().where(LISTING.c.retailer == retailer, LISTING.c.sku == MOVE.c.sku, _is_live())
    return _count(db, sa.and_(_within(guard, retailer, now, minutes), ~bought))


def live(db: sa.Connection, retailer: str) -> int:
    """How many listings of a retailer show that they can be bought."""
    mine = sa.and_(LISTING.c.retailer == retailer, _is_live())
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
    db: sa.Connection, guard: str, values: Iterable[tuple[str, str, str]], by: str, reason: str, now: datetime
) -> None:
    """A person lets these values pass, each as (retailer, SKU, value), and no others."""
    said = {"by": by, "reason": reason, "at": now}
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    rows = [
        {"guard": guard, "retailer": retailer, "sku": sku, "value": value, **said}
        for retailer, sku, value in sorted(set(values))
    ]
    statement = insert(db, Approval)
    newest = {name: statement.excluded[name] for name in said}
    if rows:
        db.execute(
            statement.on_conflict_do_update(index_elements=["guard", "retailer", "sku", "value"], set_=newest), rows
        )


def approved(db: sa.Connection, guard: str, retailer: str, sku: str, value: str) -> bool:
    """Whether a person let just this value pass."""
    mine = sa.and_(_of(guard, retailer, sku), APPROVAL.c.value == value)
    return db.scalar(sa.select(sa.literal(1)).select_from(APPROVAL).where(mine)) is not None


def used(db: sa.Connection, guard: str, retailer: str, sku: str) -> None:
    """The retailer accepted what was let pass: the next move of this SKU is judged like any other."""
    db.execute(sa.delete(APPROVAL).where(_of(guard, retailer, sku)))


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete what moved, and what was let pass and never left, before this moment."""
    db.execute(sa.delete(MOVE).where(MOVE.c.minute < _minute(before)))
    db.execute(sa.delete(APPROVAL).where(APPROVAL.c.at < before))


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def _within(guard: str, retailer: str, now: datetime, minutes: int) -> sa.ColumnElement[bool]:
    # Both ends are counted: what lies less than `minutes` apart is always seen together.
    return sa.and_(MOVE.c.guard == guard, MOVE.c.retailer == retailer, MOVE.c.minute >= _minute(now) - minutes)


def _count(db: sa.Connection, where: sa.ColumnElement[bool]) -> int:
    return db.scalar(sa.select(sa.func.count(MOVE.c.sku.distinct())).where(where)) or 0


def _is_live() -> sa.ColumnElement[bool]:
    return sa.and_(~LISTING.c.gone, LISTING.c.agreed > 0)


def _of(guard: str, retailer: str, sku: str) -> sa.ColumnElement[bool]:
    return sa.and_(APPROVAL.c.guard == guard, APPROVAL.c.retailer == retailer, APPROVAL.c.sku == sku)
