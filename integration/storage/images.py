"""What was found behind each image link is kept, so that no link is asked for more often than needed."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from integration.policy import IMAGE_USED
from integration.storage.store import insert, table_of
from integration.storage.tables import ImageLink

LINK = table_of(ImageLink)
BATCH = 400
DAY = timedelta(days=1)


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
        batch = ordered[start : start + BATCH]
        rows = [{"url": url, "used_until": now + IMAGE_USED, "check_at": now} for url in batch]
        statement = insert(db, ImageLink)
        used = {"used_until": statement.excluded.used_until}
        db.execute(statement.on_conflict_do_update(index_elements=["url"], set_=used), rows)


def use(db: sa.Connection, urls: Collection[str], now: datetime) -> None:
    """Listings want these links, as far as they are known; written down once a day, for they say so again and again."""
    # Locked in one order by every writer; a crosswise one would deadlock in PostgreSQL.
    ordered = sorted(set(urls))
    for start in range(0, len(ordered), BATCH):
        old = sa.and_(LINK.c.url.in_(ordered[start : start + BATCH]), LINK.c.used_until <= now + IMAGE_USED - DAY)
        found = db.scalars(sa.select(LINK.c.url).where(old).order_by(LINK.c.url).with_for_update()).all()
        if found:
            db.execute(sa.update(LINK).where(LINK.c.url.in_(found)).values(used_until=now + IMAGE_USED))


def due(db: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Links to look at, the longest due first; one that was out of use when it was looked at is left alone."""
    used = sa.or_(LINK.c.checked_at.is_(None), LINK.c.checked_at <= LINK.c.used_until)
    return list(
        db.scalars(sa.select(LINK.c.url).where(LINK.c.check_at <= now, used).order_by(LINK.c.check_at, LINK.c.url)
                   .limit(limit))
    )  # fmt: skip


def record(db: sa.Connection, url: str, wrong: str | None, now: datetime, next_at: datetime) -> None:
    """What a look showed, and when to look again.

    :param wrong: what is wrong with the link, in words for a person; None: an image is there.
    """
    found = {"wrong": wrong, "checked_at": now, "check_at": next_at}
    statement = insert(db, ImageLink).values(url=url, used_until=now, **found)
    db.execute(statement.on_conflict_do_update(index_elements=["url"], set_=found))


def forget(db: sa.Connection, before: datetime) -> None:
    """Delete the links that were out of use by then."""
    db.execute(sa.delete(LINK).where(LINK.c.used_until < before))
