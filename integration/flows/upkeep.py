"""What the timetable asks for is asked once per window, and the database keeps no more than it needs."""

from collections.abc import Callable

from integration import policy, steps
from integration.flows import (
    alerts,
    deadlines,
    mappings_afresh,
    mappings_drift,
    pauses,
    products,
    pulse,
    silence,
    silence_orders,
    silence_stock,
    stock,
    weighing,
)
from integration.lanes import Lane
from integration.problems import Failure, Throttled
from integration.services import Services
from integration.steps import CENTRA, STEPS
from integration.storage import alerts as alerts_sent
from integration.storage import guards, images, inbox, journal


def tick(services: Services, job: str, every: float) -> bool:
    """Ask for a job, unless its window of `every` seconds has had it. Returns whether it asked.

    A flow that is paused is not asked for anything; resuming it makes up for that.
    """
    now = services.now()
    with services.store.write() as db:
        if not journal.first_in_window(db, job, int(now.timestamp() // every), now):
            return False
        if job in STEPS:
            services.promise(db, STEPS[job], pauses.asked_by_clock(services, db, STEPS[job]))
    if job not in STEPS:
        CHORES[job](services)
    return True


def learn_limits(services: Services) -> None:
    """Ask Centra for its count while we have none: at the start, and after Redis has lost ours.

    Our buckets are empty then. The hourly ones would take most of an hour to fill by themselves.
    """
    try:
        if services.quota(CENTRA).snapshot()["learned"]:
            return
    except Throttled:
        return
    limits(services)


def limits(services: Services) -> None:
    """Take over Centra's own count of its quota, which other integrations of the merchant share."""
    try:
        services.centra.rate_limits(lane=Lane.ORDERS)
    except Failure:
        # Only an improvement of what we count ourselves; the next window asks again.
        return


def forget(services: Services) -> None:
    """Delete what nobody needs any more."""
    now = services.now()
    with services.store.write() as db:
        journal.forget_ticks(db, now - policy.TICKS_KEPT)
        inbox.forget(db, now - policy.INBOX_KEPT)
        guards.forget(db, now - policy.GUARDED_KEPT)
        alerts_sent.forget(db, now - policy.ALERTS_KEPT)
        images.forget(db, now - policy.IMAGE_KEPT)


def start(services: Services) -> None:
    """Ask for what a new database needs first: Centra's sizes and products, then the retailers' listings."""
    with services.store.write() as db:
        if not journal.watermark(db, stock.SWEEP.finished):
            for step in (steps.STOCK_SWEEP, steps.CATALOGUE_DISPLAYS, steps.INTAKE_POLL):
                services.promise(db, step, [CENTRA])
        if not journal.watermark(db, products.SWEEP.finished):
            # Also after an upgrade: what retailers show of a listing has not been read by the release before.
            services.promise(db, steps.PRODUCTS_SWEEP, [CENTRA])
            services.promise(db, steps.CATALOGUE_LISTINGS, list(services.rules().retailers))


CHORES: dict[str, Callable[[Services], None]] = {
    "upkeep.limits": limits, "upkeep.pulse": pulse.beat, "upkeep.forget": forget, "deadlines.remind": deadlines.remind,
    "products.turn": products.turn, "exceptions.weigh": weighing.weigh,
    "mappings.drift": mappings_drift.watch, "mappings.afresh": mappings_afresh.see_to_late_ones,
    "alerts.send": alerts.send, "silence.watch": silence.watch,
    "silence.stock": silence_stock.ages, "silence.orders": silence_orders.volume,
    "silence.canary": silence_stock.canaries,
}  # fmt: skip
"""Jobs of the timetable that are not work items: they are done at once, and missing one does no harm."""
