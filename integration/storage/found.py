"""Whoever looks for exceptions finds them by anything that is known of them, page by page, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from integration.lanes import Lane
from integration.storage.causes import CAUSE, HOLD, ITEM

State = Literal["open", "muted", "closed", "all"]
HELD = sa.select(sa.func.count()).where(HOLD.c.cause_id == CAUSE.c.id).correlate(CAUSE).scalar_subquery().label("held")
OPEN = ITEM.c.asked > ITEM.c.answered
"""Work that waits is open. Said wherever work behind causes is read: a planner that expects much of it then takes the
index of open work, and does not walk through all that was ever done."""
MOST_IDS = 20_000
"""Ids that one filter may name: SQLite allows 32,766 variables a statement."""


@dataclass(frozen=True)
class Filter:
    """Which causes are meant; what is None or empty does not matter.

    :param also: keys that are about the retailer too, although they name a credential, a platform or a step.
    :param text: a part of the sentence or of the key, in any case of letters.
    :param state: ``open`` leaves out those that are muted, unless `ids` names them.
    :param ids: only these.
    :param overdue: only those whose due time is over.
    """

    kind: str | None = None
    owner: str | None = None
    retailer: str | None = None
    assigned_to: str | None = None
    severity: str | None = None
    text: str | None = None
    state: State = "open"
    ids: tuple[int, ...] = ()
    overdue: bool = False
    also: tuple[str, ...] = ()


def find(
    db: sa.Connection, wanted: Filter, *, now: datetime, after: tuple[datetime, int] | None, limit: int
) -> list[dict[str, Any]]:
    """The causes that a filter means, as all their columns and `held`, the work behind each.

    Those that are due first come first; of closed ones those that were closed last.

    :param after: `place` of the last one seen; None begins at the top.
    """
    moment = _moment(wanted)
    newest_first = wanted.state == "closed"
    ordered = [moment.desc(), CAUSE.c.id.desc()] if newest_first else [moment, CAUSE.c.id]
    rows = sa.select(CAUSE, HELD).where(*conditions(wanted, now)).order_by(*ordered).limit(limit)
    if after is not None:
        here = sa.tuple_(moment, CAUSE.c.id)
        seen = sa.tuple_(sa.literal(after[0], moment.type), sa.literal(after[1]))
        rows = rows.where(here < seen if newest_first else here > seen)
    return [dict(row._mapping) for row in db.execute(rows)]


def place(wanted: Filter, row: dict[str, Any]) -> tuple[datetime, int]:
    """Where a found cause stands, for `find` to go on after it."""
    return row[_moment(wanted).name], row["id"]


def count(db: sa.Connection, wanted: Filter, *, now: datetime) -> int:
    """How many causes a filter means."""
    return db.scalar(sa.select(sa.func.count()).select_from(CAUSE).where(*conditions(wanted, now))) or 0


def ids(db: sa.Connection, wanted: Filter, limit: int, *, now: datetime) -> list[int]:
    """Their ids, those that were opened first first."""
    rows = sa.select(CAUSE.c.id).where(*conditions(wanted, now)).order_by(CAUSE.c.opened_at, CAUSE.c.id).limit(limit)
    return list(db.scalars(rows))


def behind(db: sa.Connection, wanted: Filter, *, now: datetime) -> list["sa.Row[Any]"]:
    """The work that waits behind these causes, once for each of them: cause_id, id, step, gate, lane.

    Work that was released and has not been judged again yet does not wait.
    """
    rows = (
        sa.select(HOLD.c.cause_id, ITEM.c.id, ITEM.c.step, ITEM.c.gate, ITEM.c.lane)
        .join(HOLD, HOLD.c.cause_id == CAUSE.c.id).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .where(OPEN, ITEM.c.held, CAUSE.c.closed_at.is_(None), *conditions(wanted, now))
    )  # fmt: skip
    return list(db.execute(rows))


@dataclass(frozen=True)
class Counted:
    """So many causes with work that waits, and that work counted: rows of step, gate, lane and items."""

    causes: int
    work: Sequence["sa.Row[Any]"]


def counted_behind(db: sa.Connection, wanted: Filter, *, now: datetime) -> Counted:
    """What `behind` finds, counted where it is: each piece of work once, however many of these causes it waits for."""
    rows = (
        sa.select(HOLD.c.cause_id, ITEM.c.id, ITEM.c.step, ITEM.c.gate, ITEM.c.lane)
        .join(HOLD, HOLD.c.cause_id == CAUSE.c.id).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .where(OPEN, ITEM.c.held, CAUSE.c.closed_at.is_(None), *conditions(wanted, now)).subquery()
    )  # fmt: skip
    whose = (rows.c.step, rows.c.gate, rows.c.lane)
    work = db.execute(sa.select(*whose, sa.func.count(rows.c.id.distinct()).label("items")).group_by(*whose)).all()
    return Counted(db.scalar(sa.select(sa.func.count(rows.c.cause_id.distinct()))) or 0, work)


def travels(db: sa.Connection, wanted: Filter, *, now: datetime) -> set[tuple[str, Lane]]:
    """The quotas and lanes that the work behind these causes spends."""
    rows = (
        sa.select(ITEM.c.gate, ITEM.c.lane).distinct()
        .join(HOLD, HOLD.c.work_item_id == ITEM.c.id).join(CAUSE, CAUSE.c.id == HOLD.c.cause_id)
        .where(OPEN, ITEM.c.held, CAUSE.c.closed_at.is_(None), *conditions(wanted, now))
    )  # fmt: skip
    return {(row.gate, Lane(row.lane)) for row in db.execute(rows)}


def sample(db: sa.Connection, cause_id: int, limit: int) -> list[dict[str, Any]]:
    """Some of the work behind a cause, the oldest first: step, subject, opened_at, due_at, last_error, held."""
    columns = (ITEM.c.step, ITEM.c.subject, ITEM.c.opened_at, ITEM.c.due_at, ITEM.c.last_error, ITEM.c.held)
    rows = db.execute(
        sa.select(*columns).join(HOLD, HOLD.c.work_item_id == ITEM.c.id).where(HOLD.c.cause_id == cause_id, OPEN)
        .order_by(ITEM.c.opened_at, ITEM.c.id).limit(limit)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def under_way(db: sa.Connection, cause_id: int) -> int:
    """How much work behind a cause was released and has not been judged again yet."""
    return db.scalar(
        sa.select(sa.func.count()).select_from(HOLD).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .where(HOLD.c.cause_id == cause_id, OPEN, ~ITEM.c.held)
    ) or 0  # fmt: skip


def numbers(db: sa.Connection, now: datetime) -> dict[str, Any]:
    """The causes counted as the list shows them: ``open`` and not muted, ``muted``, ``overdue`` of the open ones, and
    the open ones by owner, kind and severity."""
    muted = sa.func.coalesce(CAUSE.c.muted_until > now, sa.false())
    rows = db.execute(
        sa.select(
            CAUSE.c.owner, CAUSE.c.kind, CAUSE.c.severity, sa.func.count().filter(~muted).label("all"),
            sa.func.count().filter(muted).label("muted"),
            sa.func.count().filter(~muted, CAUSE.c.due_at < now).label("overdue"),
        )
        .where(CAUSE.c.closed_at.is_(None)).group_by(CAUSE.c.owner, CAUSE.c.kind, CAUSE.c.severity)
    ).all()  # fmt: skip
    return {
        "open": sum(row.all for row in rows), "muted": sum(row.muted for row in rows),
        "overdue": sum(row.overdue for row in rows),
        **{f"by_{name}": _sums(rows, name) for name in ("owner", "kind", "severity")},
    }  # fmt: skip


def conditions(wanted: Filter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """The filter as conditions on the table of causes."""
    found = list(_of_state(wanted, now))
    for column in (CAUSE.c.kind, CAUSE.c.owner, CAUSE.c.assigned_to, CAUSE.c.severity):
        value = getattr(wanted, column.name)
        if value is not None:
            found.append(column == value)
    if wanted.retailer is not None:
        found.append(_of_retailer(wanted.retailer, wanted.also))
    if wanted.text:
        found.append(
            sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in (CAUSE.c.sentence, CAUSE.c.key)))
        )
    if wanted.ids:
        found.append(CAUSE.c.id.in_(wanted.ids[:MOST_IDS]))
    if wanted.overdue:
        found.append(CAUSE.c.due_at < now)
    return found


def _of_state(wanted: Filter, now: datetime) -> Sequence[sa.ColumnElement[bool]]:
    if wanted.state == "all":
        return ()
    if wanted.state == "closed":
        return (CAUSE.c.closed_at.is_not(None),)
    if wanted.state == "muted":
        return (CAUSE.c.closed_at.is_(None), CAUSE.c.muted_until > now)
    loud = sa.or_(CAUSE.c.muted_until.is_(None), CAUSE.c.muted_until <= now)
    return (CAUSE.c.closed_at.is_(None),) if wanted.ids else (CAUSE.c.closed_at.is_(None), loud)


def _of_retailer(code: str, also: Sequence[str]) -> sa.ColumnElement[bool]:
    """Its key begins with the retailer or is one of `also`, or work about the retailer waits behind it."""
    behind = (
        sa.exists().where(HOLD.c.cause_id == CAUSE.c.id, ITEM.c.id == HOLD.c.work_item_id, OPEN)
        .where(_about(ITEM.c.subject, code)).correlate(CAUSE)
    )  # fmt: skip
    return sa.or_(_about(CAUSE.c.key, code), CAUSE.c.key.in_(also), behind)


def _about(column: sa.ColumnElement[str], code: str) -> sa.ColumnElement[bool]:
    return sa.or_(column == code, column.startswith(f"{code}/", autoescape=True))


def _moment(wanted: Filter) -> "sa.Column[datetime]":
    return CAUSE.c.closed_at if wanted.state == "closed" else CAUSE.c.due_at


def _sums(rows: Sequence["sa.Row[Any]"], name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if row.all:
            found[getattr(row, name)] = found.get(getattr(row, name), 0) + row.all
    return dict(sorted(found.items()))
