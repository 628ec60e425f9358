"""What waited for a mapping is judged afresh by the new ones, also what was held by the old ones a moment too late."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from integration import kinds, policy
from integration.services import Services
from integration.storage import answerable, causes, journal, published

ANSWERED = tuple(
    kind.code
    for kind in (
        kinds.UNMAPPED_SKU, kinds.AMBIGUOUS_SKU, kinds.UNMAPPED_CARRIER, kinds.CARRIER_NOT_ALLOWED,
        kinds.UNMAPPED_DELIVERY_SERVICE, kinds.CURRENCY_MISMATCH, kinds.PRICE_MISSING, kinds.UNREADABLE_ORDER,
        kinds.INVOICE_INCOMPLETE, kinds.INVOICE_REFUSED, kinds.CONTENT_INVALID, kinds.PRICE_INVALID,
        kinds.CONTENT_REFUSED, kinds.ATTRIBUTE_IGNORED, kinds.CREATE_REFUSED,
    )
)  # fmt: skip
"""Kinds that a new version may have answered. Work that it has not is held again, behind the same open cause."""

SETTLED = timedelta(seconds=3)
"""After so long every process has seen a new version; each asks for it once a second."""
LATE = policy.LEASE + SETTLED
"""After so long no run is under way that began with the version before."""
SEEN_TO = "mappings-seen-to"
"""The newest version after which the late ones were judged again."""


def ask(db: sa.Connection, now: datetime, by: str) -> int:
    """Make due what waits for a mapping. Returns how many pieces of work.

    A cause stays open until its work was judged. One that nothing waits for closes, and opens again if it is seen.
    """
    found = answerable.waiting(db, ANSWERED)
    # Not due at once: until then a worker may still judge by the version before.
    causes.release(db, found.items, now + SETTLED)
    journal.tell_all(db, "cause", [str(number) for number in found.causes], f"judged afresh: {by}", now)
    for kind, key in found.empty:
        causes.close_one(db, now, by, kind, key)
    return len(found.items)


def see_to_late_ones(services: Services) -> None:
    """Judge once more what was held while the newest version came into force: a run may have begun before it."""
    now = services.now()
    with services.store.write() as db:
        newest = next(iter(published.versions(db, before=None, limit=1)), None)
        if newest is None or now - newest.published_at < LATE or journal.watermark(db, SEEN_TO) >= newest.version:
            return
        journal.move_watermark(db, SEEN_TO, newest.version)
        found = answerable.waiting(db, ANSWERED, seen_since=newest.published_at)
        causes.release(db, found.items, now)
