"""A retailer's listings are judged afresh, all of them, whenever its rules or our picture of its catalogue changed.

Prices that are about to change are all counted first: a new rule that is wrong is wrong everywhere.

A review goes page by page and survives a kill. One that is asked for while another runs follows it from the start: what
the running one has passed already was judged by what held before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from integration import steps
from integration.flows import price_guard, products
from integration.flows.product_moves import moves
from integration.flows.work import Findings
from integration.rulebook import Retailer
from integration.services import Services, gate_of
from integration.storage import contents, journal, work

AT_ONCE = 50
"""Listings a page: they are judged while every other writer of an SQLite database waits."""


def ask(db: sa.Connection, profiles: Iterable[Retailer], at: datetime, now: datetime) -> None:
    """Ask that all listings of these retailers are judged by what holds at `at`, not earlier."""
    # Marks are whole seconds; a review that begins within the second of its asking may have seen what held before.
    second = at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)
    step, promised = steps.PRODUCTS_REVIEW, []
    for profile in profiles:
        journal.move_watermark(db, _asked(profile.code), int(second.timestamp()))
        # From the profile in hand: the published rules may be what is being replaced because nobody can read them.
        promised.append(work.Promise(step.name, profile.code, gate_of(profile), step.lane, second))
    work.promise(db, promised, now)


def review(services: Services, retailer: str) -> Findings:
    """Count one page of a retailer's listings for the guardrail, or judge one once all are counted."""
    mark, began = f"products-review/{retailer}", f"products-review-began/{retailer}"
    now = services.now()
    # Judged where it is written: an article that went off sale in between would otherwise be put back.
    with services.store.write() as db:
        after = journal.watermark(db, mark)
        if not after:
            if not journal.watermark(db, _counted(retailer)):
                journal.move_watermark(db, began, int(now.timestamp()))
            if _count(services, db, retailer, now):
                services.promise(db, steps.PRODUCTS_REVIEW, [retailer])
                return None
        listings = contents.of_listings(db, retailer, after, AT_ONCE)
        more = len(listings) == AT_ONCE
        products.ask_moves(services, db, moves(db, services.rules(), listings, now))
        journal.move_watermark(db, mark, listings[-1].listing_id if more else 0)
        if more:
            services.promise(db, steps.PRODUCTS_REVIEW, [retailer])
            return None
        journal.move_watermark(db, _counted(retailer), 0)
        if journal.watermark(db, _asked(retailer)) > journal.watermark(db, began):
            ask(db, [services.rules().retailers[retailer]], now, now)
    return None


def _count(services: Services, db: sa.Connection, retailer: str, now: datetime) -> bool:
    """Count a page of what is about to change price; whether another page must be before the first is judged.

    A guardrail that trips half way has let half of a mistake through.
    """
    profile = services.rules().retailers.get(retailer)
    if profile is None or not price_guard.concerns(profile):
        return False
    listings = contents.of_listings(db, retailer, journal.watermark(db, _counted(retailer)), AT_ONCE)
    price_guard.watch(services, db, moves(db, services.rules(), listings, now))
    more = len(listings) == AT_ONCE
    if more:
        journal.move_watermark(db, _counted(retailer), listings[-1].listing_id)
    return more


def _counted(retailer: str) -> str:
    """The watermark of the last listing that was counted; where all are, it stays until all are judged."""
    return f"products-review-counted/{retailer}"


def _asked(retailer: str) -> str:
    return f"products-review-asked/{retailer}"
