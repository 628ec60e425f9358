"""All numbers of patience stand on this page; nothing here sleeps, and no other module has numbers of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.lanes import Lane

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

LEASE = 45 * SECOND
"""How long a claim keeps others off: longer than the calls of a step normally take (time-outs are 5 s and 15 s). A
worker that outlives it is fenced: it may not write its outcome over that of whoever took over."""

HANDED = 20 * SECOND
"""How long a message may be on its way before the work is handed out again; Redis may have lost it."""

IN_FLIGHT = 6
"""Messages on their way or running per quota and lane. Fewer than a worker process has threads (8), so that no platform
alone can fill one, and small, so that a decision is never older than a few calls. More would gain nothing: six calls at
a time that take half a second each are 12 a second, twice what Centra's smallest plan allows and three times what a
retailer's credential may do."""

SLOW_AFTER = 5 * SECOND
"""A piece of work that takes longer shows that the platform behind its quota is slow."""

SLOW_FOR = 60 * SECOND
"""How long a platform counts as slow after the last such piece. Being wrong costs next to nothing: one that is quick
again gets through as much with few calls at a time as its quota allows."""

SLOW_IN_FLIGHT = 2
"""The same as `IN_FLIGHT`, for a retailer that is slow: four slow ones fill a worker process, not one."""

SLOW_CENTRA_IN_FLIGHT = 4
"""The same for Centra. There is only one, and every order needs it; the other half of a worker is for the retailers."""

READ_GAP = 0.4 * SECOND
"""Rest after a bulk read of Centra while more is due: events that gather meanwhile cost nothing."""

ABSORB_GAP = 0.25 * SECOND
"""The same for the inbox."""

CONTENT_GAP = 5 * SECOND
"""The same for content, which nobody waits for by the second: one save in Centra raises several events."""

CONTENT_QUIET, CONTENT_LONGEST = 60 * SECOND, 300 * SECOND
"""A product is read once nobody has edited it for so long, and at the latest so long after the first edit: staff save
many times, and each call to a retailer may start a publication there. Prices do not wait."""

IMAGE_GAP = 10 * SECOND
"""Rest between two rounds of image links: the merchant's image server has shoppers to serve."""

IMAGE_GOOD, IMAGE_BROKEN, IMAGE_UNSURE = timedelta(days=30), timedelta(days=1), timedelta(minutes=15)
"""When a link is looked at again: behind it was an image, none, or nobody who answered."""

IMAGE_USED, IMAGE_KEPT = timedelta(days=2), timedelta(days=30)
"""How long a link counts as used after a listing wanted it (all listings are judged several times a day), and how long
one that is not used any more is remembered."""

PUSH_WAITS = 10 * SECOND
"""How long a listing's attributes wait for what must come first: stock 0, or the check of an image link."""


def gap(base: timedelta, left: float) -> timedelta:
    """How long a bulk read rests between two rounds, given the share of the hour's quota that is left.

    Centra's hourly quota is far below its ten-second one: going on as if there were plenty would leave nothing for
    orders within half an hour. A longer rest gathers more events into the same call.
    """
    if left > 0.5:
        return base
    return base * 5 if left > 0.25 else base * 12


LOOK_GRACE = 45 * SECOND
"""After a lost answer "not there" is believed only when the platform had this long to finish (it ends requests
after about 30 s)."""

NEW_AGAIN = 10 * MINUTE
"""An acknowledged order that is listed as new for longer than this is no old reading of the list."""

RELEASE_PACE = 2.0
"""Pieces of work a second, in one lane of one quota, that come due again when many held ones are released at once and
nobody knows the quota: half of what the smallest one serves, so that new work finds its way in between."""

RELEASE_HANDFUL = 20
"""Of released work so many pieces come due together; fewer than these need no pacing."""

RELEASE_SHARE = 0.5
"""Share of a known quota that released work may take; a piece takes a call or two."""

TICKS_KEPT = 2 * HOUR
PULSES_KEPT = 2 * HOUR
INBOX_KEPT = timedelta(days=30)
GUARDED_KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Patience:
    """How a step that failed is tried again: exponential, with full jitter, and never for ever."""

    first: timedelta
    longest: timedelta
    give_up_after: timedelta

    def next_try(self, *, tries: int, since: datetime, now: datetime, roll: float) -> datetime | None:
        """When to try again, or None: a person must look.

        :param tries: failed tries so far, this one included (1 or more).
        :param since: when it first failed.
        :param roll: a random number from 0 up to 1; spreads those who failed together.
        """
        if now - since >= self.give_up_after:
            return None
        # Capped exponent: 2**40 seconds would overflow a timedelta long before it says anything new.
        ceiling = min(self.longest, self.first * 2 ** min(tries - 1, 20))
        wait: timedelta = max(ceiling * roll, self.first / 4)
        return now + wait


ORDERS = Patience(first=2 * SECOND, longest=10 * MINUTE, give_up_after=72 * HOUR)
STOCK = Patience(first=2 * SECOND, longest=5 * MINUTE, give_up_after=72 * HOUR)
READS = Patience(first=1 * SECOND, longest=1 * MINUTE, give_up_after=15 * 24 * HOUR)

CREDENTIAL_WAIT = 60 * SECOND
"""A refused password is asked again at this pace; renewing it must heal everything by itself."""

HOLD_BACK = 90 * SECOND
"""How long nobody is told of a new cause: what a retry or the next look of a minute mends is over by then."""

NEAR_AT = 0.75
"""Share of the time of a cause after which its team is told again, if nobody has taken it."""

ALERTS = Patience(first=30 * SECOND, longest=10 * MINUTE, give_up_after=timedelta.max)
"""How a message that a channel did not take is tried again: as long as its cause is open."""

ALERT_LEASE = 2 * MINUTE
"""How long whoever sends messages keeps them from others; after a death in between they go out again."""

ALERTS_AT_ONCE = 5_000
"""Messages looked at in one round. What is above it waits for the next round."""

BUNDLE_ABOVE = 3
"""When more causes than this are to be told to one channel at a time, one message tells all of them."""

ALERTS_KEPT = timedelta(days=90)
"""How long it stays on record what was told about a cause that is closed."""

SILENCE_GRACE = 2 * MINUTE
"""How much longer than its timetable says a flow may go without work done before it counts as silent. Together with
the looks of a minute and `HOLD_BACK` its team is told within five minutes of the flow's own clock."""

CLOCK_SILENT = WORKERS_SILENT = 2 * MINUTE
"""Without a tick, or any work done, for this long the clock or the workers count as dead. Polls come every 30 s, and
what stops many flows must be seen before any of them counts as silent by itself."""

DOWN_AFTER, SLOW_DOWN_AFTER = 2 * MINUTE, 15 * MINUTE
"""How long the breaker of a platform must be open at every look, or its calls slow, until people are told."""

STARVED_AFTER = {
    Lane.ORDERS: 10 * MINUTE, Lane.URGENT: 10 * MINUTE, Lane.STOCK: 30 * MINUTE,
    Lane.CATALOGUE: 12 * HOUR, Lane.RECONCILIATION: 6 * HOUR,
}
"""How long work that has not failed may wait for its quota, by lane. A first publication of a catalogue takes hours."""

SWEEPS_UNTIL_STALE = 2
"""A SKU is stale when this many sweeps of all stock should have read it and none did."""

PUSH_STALE = 30 * MINUTE
"""A SKU is stale when a quantity has waited this long to be sent, and no quota, platform or person explains it."""

CANARY_SETTLES = 5 * MINUTE
"""How long after an accepted quantity a retailer's products may still show the one before."""

STALLED_AFTER = {
    "received": 15 * MINUTE, "placing": 15 * MINUTE, "placed": 15 * MINUTE, "cancelling": HOUR,
    "acknowledged": timedelta(days=14), "backordered": timedelta(days=30),
}
"""How long an order may stay in a state with nothing that explains it. Whoever waits longer for the warehouse hears of
the retailer's clocks before."""
