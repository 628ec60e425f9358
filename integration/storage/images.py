"""What was found behind each image link is kept, so that no link is asked for more often than needed."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from integration.storage.store import insert, table_of
from integration.storage.tables import ImageLink

LINK = table_of(ImageLink)
BATCH = 400


def known(db: sa.Connection, urls: Collection[str]) -> dict[str, str | None]:
    """What is wrong with each of these links that was looked at; None: an image is there."""
    found: dict[str, str | None] = {}
    ordered = sorted(set(urls))
    for start in range(0, len(ordered), BATCH):
        rows = db.execute(
            sa.select(LINK.c.url, LINK.c.wrong)
            .where(LINK.c.url.in_(ordered[start : start + BATCH]), LINK.c.checked_at.is_not(None))
        )  # fmt: skip
        found |= {row.url: row.wrong for row in rows}
    return found


def want(db: sa.Connection, urls: Collection[str], now: datetime) -> None:
    """These links are about to be sent: those that nobody has looked at are due now."""
    ordered = sorted(set(urls))
    for start in range(0, len(ordered), BATCH):
        rows = [{"url": url, "check_at": now} for url in ordered[start : start + BATCH]]
        db.execute(insert(db, ImageLink).on_conflict_do_nothing(), rows)


def due(db: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Links to look at, the longest due first."""
    return list(
        db.scalars(sa.select(LINK.c.url).where(LINK.c.check_at <= now).order_by(LINK.c.check_at, LINK.c.url)
                   .limit(limit))
    )  # fmt: skip


def record(db: sa.Connection, url: str, wrong: str | None, now: datetime, next_at: datetime) -> None:
    """What a look showed, and when to look again.

    :param wrong: what is wrong with the link, in words for a person; None: an image is there.
    """
    found = {"wrong": wrong, "checked_at": now, "check_at": next_at}
    statement = insert(db, ImageLink).values(url=url, **found)
    db.execute(statement.on_conflict_do_update(index_elements=["url"], set_=found))
