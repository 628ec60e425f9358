"""What is read from Centra is read until it is known, and a reading never takes the place of one that began later.

One protocol for every table of readings; such a table has `id`, `read_seq`, `read_at`, `stale_asked`,
`stale_answered` and `gone`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from integration.storage import journal
from integration.storage.store import insert, table_of

BATCH = 400
"""Rows a statement; SQLite bounds the number of its variables."""


def mark_stale(db: sa.Connection, model: type[SQLModel], ids: Collection[int], after: int) -> None:
    """These must be read again, unless a reading with a number above `after` has brought them.

    :param after: the newest reading's number when we heard of the change. Numbers are drawn in the database before a
        request leaves, so "later" does not depend on anybody's clock.

    One we never heard of is entered, so that it is read at all.
    """
    table = table_of(model)
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), BATCH):
        rows = [
            {"id": number, "stale_asked": 1, "stale_answered": 0, "read_seq": 0, "gone": False}
            for number in ordered[start : start + BATCH]
        ]
        db.execute(
            insert(db, model).on_conflict_do_update(
                index_elements=["id"], set_={"stale_asked": table.c.stale_asked + 1}, where=unread_after(table, after)
            ),
            rows,
        )  # fmt: skip


def unread_after(table: sa.Table, number: int) -> sa.ColumnElement[bool]:
    """Those that no reading above this number has brought."""
    return table.c.read_seq <= number


def begin(db: sa.Connection) -> int:
    """The number of a reading, drawn before its request leaves; one counter for all tables, as events carry one number.

    A reading that began later wins, whichever answer comes first: every change raises an event, and the read that
    follows the event began after the change.
    """
    return journal.draw(db, journal.SIZE_READ)


def store(db: sa.Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what a reading brought, row by row where no later-begun one is there.

    :param rows: the columns that a reading fills, `id` and `read_seq` among them; alike in all rows.
    """
    table = table_of(model)
    ordered = sorted(rows, key=lambda row: row["id"])
    for start in range(0, len(ordered), BATCH):
        statement = insert(db, model)
        kept = {name: statement.excluded[name] for name in ordered[0] if name != "id"}
        db.execute(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_={**kept, "gone": statement.excluded.gone},
                where=table.c.read_seq < statement.excluded.read_seq,
            ),
            [{**row, "stale_asked": 0, "stale_answered": 0, "gone": False} for row in ordered[start : start + BATCH]],
        )


def mark_gone(db: sa.Connection, model: type[SQLModel], ids: Collection[int], seq: int, began: datetime) -> None:
    """Centra did not return these, unless a later-begun reading says otherwise."""
    table = table_of(model)
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        db.execute(
            sa.update(table).where(table.c.id.in_(ordered[start : start + BATCH]), table.c.read_seq < seq)
            .values(gone=True, read_seq=seq, read_at=began)
        )  # fmt: skip


def settle(db: sa.Connection, model: type[SQLModel], asked: Mapping[int, int]) -> None:
    """What was asked before a reading began has been answered by it."""
    table = table_of(model)
    if asked:
        db.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("number"), table.c.stale_answered < sa.bindparam("seen"))
            .values(stale_answered=sa.bindparam("seen")),
            [{"number": number, "seen": count} for number, count in sorted(asked.items())],
        )
