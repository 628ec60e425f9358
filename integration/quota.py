"""A platform's limit holds over all workers on all machines, and bulk work never delays an order.

Each platform credential has one `Gate`: token buckets in Redis that are checked and charged in one script
(``quota.lua``) by the clock of the Redis server, so skewed clocks and racing workers cannot overspend.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import structlog
from redis import exceptions

from integration.http import ONE_REQUEST
from integration.lanes import LONG_WINDOW_SHARE, RESERVE, Lane
from integration.problems import Throttled

FAILURES_TO_OPEN = 5
"""Consecutive failures after which the breaker opens."""
PROBE_EVERY = 20.0
"""Seconds between the single calls that an open breaker lets through."""
MINUTE = 60.0
"""Seconds."""
WITHOUT_REDIS = 2.0
"""Seconds until the next try while the shared quota cannot be reached."""
SAFETY = 0.98
"""Share of a published limit that is spent at most: a request may arrive a moment later than it was granted."""
BURST = 0.1
"""Share of Virtualstock's limit that may be spent at once."""
GROWTH_PLAN: Mapping[str, float] = {
    "requests/10": 60, "requests/3600": 5_000,
    "mutations/10": 20, "mutations/3600": 1_800,
    "complexity/10": 250_000, "complexity/3600": 30_000_000,
}
"""Centra's smallest plan, until the platform has told the real quotas. Centra docs: Integration API, rate limits."""

MOST_AT_ONCE = 1_000
"""Upper bound of what `Gate.room` answers."""

_SCRIPT = Path(__file__).with_suffix(".lua").read_text()
_REDIS_AWAY = (
    exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError, exceptions.OutOfMemoryError,
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bucket:
    """One limit of a platform.

    :param charge: what it counts: ``requests``, ``mutations`` or ``complexity``.
    :param capacity: tokens that may be spent at once.
    :param refill: tokens per second.
    :param limit: what the platform publishes for a window, for display.
    :param window: seconds over which the platform counts.
    :param share: part of a quota learned from the platform that is ours.
    """

    name: str
    charge: str
    capacity: float
    refill: float
    limit: float
    window: float = 60.0
    share: float = 1.0


def virtualstock_buckets(requests_per_minute: float) -> list[Bucket]:
    """The bucket of one credential: in no sliding minute, hence in no calendar minute, more than 98 % of the limit.

    Virtualstock API docs, rate limit: requests per minute over all calls of a credential; whether the minute slides
    is not published. A sliding minute can see a full bucket plus a minute's refill, so these two share the limit.

    :raises ValueError: a limit under two a minute leaves nothing to spend.
    """
    if requests_per_minute < 2:
        raise ValueError("requests_per_minute must be at least 2")
    spendable = SAFETY * requests_per_minute
    capacity = max(1.0, BURST * spendable)
    return [Bucket("requests/60", "requests", capacity, (spendable - capacity) / 60, requests_per_minute)]


def centra_buckets(quotas: Mapping[str, float], share: float) -> list[Bucket]:
    """Our `share` of each of Centra's buckets, whose names say charge and window: ``requests/10``.

    Centra docs: Integration API, rate limits. Their buckets refill steadily too and are shared by all integrations
    of the merchant; a bucket of `share` times the size, filled at `share` times the rate, never takes more than it.
    """
    buckets = []
    for name, quota in quotas.items():
        charge, _, seconds = name.partition("/")
        window = float(seconds)
        buckets.append(Bucket(name, charge, share * quota, share * quota / window, share * quota, window, share))
    return buckets


class Gate:
    """The shared quota of one platform credential; as many objects of one `name` as there are processes.

    :param buckets: all limits that a call must respect; the first one is the one `snapshot` counts.
    :param reserve: share of every bucket that a lane leaves untouched for the lanes above it.
    :param patience: seconds that `take` waits itself before it raises.
    """

    def __init__(
        self,
        redis: "redis.Redis",
        name: str,
        buckets: Sequence[Bucket],
        *,
        reserve: Mapping[Lane, float] = RESERVE,
        patience: float = 0.5,
    ) -> None:
        self._run = redis.register_script(_SCRIPT)
        self._name = name
        self._key = f"quota:{name}"
        self._buckets = tuple(buckets)
        self._reserve = reserve
        self._patience = patience

    def take(self, lane: Lane, charges: Mapping[str, float] = ONE_REQUEST) -> None:
        """Spends `charges` from every bucket that counts them, or from none; waits at most `patience` seconds.

        :raises Throttled: nothing was spent, and `wait` says when to come back: the quota is spent for this lane,
            the platform asked for a pause, its breaker is open, or the shared quota cannot be reached.
        """
        deadline = time.monotonic() + self._patience
        while (refusal := self._try_to_take(lane, charges)) is not None:
            if refusal.wait > deadline - time.monotonic():
                raise refusal
            time.sleep(max(refusal.wait, 0.001))

    def room(self, lane: Lane) -> int:
        """How many single requests `take` would grant this lane right now; 0 while Redis cannot be reached."""
        try:
            answer = self._ask(
                "room", buckets=self._charged(ONE_REQUEST, lane), most=MOST_AT_ONCE
            )
        except _REDIS_AWAY:
            return 0
        return int(answer["room"])

    def left(self) -> float:
        """The share of the scarcest bucket that is left, from 0 to 1; 0 while Redis cannot be reached."""
        try:
            buckets = self.snapshot()["buckets"].values()
        except Throttled:
            return 0.0
        return float(max(0.0, min(bucket["tokens"] / bucket["capacity"] for bucket in buckets)))

    def settle(self, charges: Mapping[str, float]) -> None:
        """Spends afterwards what an answer says it cost more than was taken; this may leave a bucket below zero."""
        self._tell("settle", buckets=self._charged(charges))

    def learn(self, levels: Mapping[str, tuple[float, float]]) -> None:
        """Takes over the platform's own figures: bucket name → (quota, remaining) in tokens, over all its users.

        From then on the bucket is our share of that quota, and never holds more than they say remains.
        """
        told = [
            {"name": bucket.name, "capacity": bucket.capacity, "refill": bucket.refill, "share": bucket.share,
             "window": bucket.window, "quota": float(quota), "remaining": float(remaining)}
            for bucket in self._buckets
            for quota, remaining in [levels.get(bucket.name, (0.0, 0.0))]
            if quota > 0
        ]
        self._tell("learn", buckets=told)

    def hold_off(self, seconds: float) -> None:
        """Nobody takes anything for `seconds` from now, or until an earlier call's later moment."""
        self._tell("hold_off", seconds=seconds)

    def succeeded(self) -> None:
        """The platform answered: the breaker closes."""
        self._tell("succeeded")

    def failed(self) -> None:
        """The platform did not answer as a working one does; the fifth time in a row opens the breaker."""
        self._tell("failed", failures_to_open=FAILURES_TO_OPEN, probe_every=PROBE_EVERY)

    def snapshot(self) -> dict[str, Any]:
        """What a status page shows of the gate.

        ``limit`` and ``used`` are tokens of the first bucket in its last ``window_seconds`` (an open slot of a twelfth
        of the window makes ``used`` an underestimate of at most that slot); ``throttled`` counts the pauses the
        platform asked for, ``held_for`` is the rest of the last one in seconds; ``learned`` tells whether the platform
        has told us its own figures; ``open`` is the breaker.

        :raises Throttled: the shared quota cannot be reached.
        """
        first = self._buckets[0]
        try:
            answer = self._ask("snapshot", window=first.window, buckets=self._charged(None))
        except _REDIS_AWAY:
            raise self._unreachable() from None
        counted = answer["buckets"][0]
        return {
            "limit": round(counted["capacity"] if counted["learned"] else first.limit),
            "used": round(answer["used"]),
            "window_seconds": round(first.window),
            "throttled": round(answer["throttled"]),
            "learned": all(bucket["learned"] for bucket in answer["buckets"]),
            "open": answer["open"],
            "held_for": answer["held_for"],
            "buckets": {
                bucket["name"]: {"tokens": bucket["tokens"], "capacity": bucket["capacity"]}
                for bucket in answer["buckets"]
            },
        }

    def _try_to_take(self, lane: Lane, charges: Mapping[str, float]) -> Throttled | None:
        first = self._buckets[0]
        try:
            answer = self._ask(
                "take",
                buckets=self._charged(charges, lane),
                window=first.window,
                counted=charges.get(first.charge, 0),
                probe_every=PROBE_EVERY,
            )
        except _REDIS_AWAY:
            return self._unreachable()
        if answer["granted"]:
            return None
        wait = float(answer["wait"])
        return Throttled(self._reason(answer["why"], lane, wait), wait=wait)

    def _reason(self, why: str, lane: Lane, wait: float) -> str:
        if why == "hold":
            return f"{self._name} asked us to pause for another {wait:.0f} s."
        if why == "open":
            return f"{self._name} keeps failing; one call tries again in {wait:.0f} s."
        return f"The quota {why} of {self._name} is spent for {lane} until {wait:.1f} s from now."

    def _unreachable(self) -> Throttled:
        return Throttled(f"The shared quota of {self._name} cannot be reached, so nothing is sent.", wait=WITHOUT_REDIS)

    def _charged(self, charges: Mapping[str, float] | None, lane: Lane | None = None) -> list[dict[str, Any]]:
        """The buckets that count any of `charges`, or all of them; a charge that no bucket counts is free."""
        return [
            {"name": bucket.name, "capacity": bucket.capacity, "refill": bucket.refill,
             "amount": (charges or {}).get(bucket.charge, 0), "reserve": self._kept(bucket, lane)}
            for bucket in self._buckets
            if charges is None or charges.get(bucket.charge)
        ]

    def _kept(self, bucket: Bucket, lane: Lane | None) -> float:
        """The share of a bucket that a lane leaves untouched."""
        if lane is None:
            return 0.0
        return self._reserve[lane] * (LONG_WINDOW_SHARE if bucket.window > MINUTE else 1.0)

    def _tell(self, verb: str, **facts: Any) -> None:
        """Writes something down, or says in the log that it could not.

        The call it is about has been made already, so this never raises: its outcome must not be lost over our
        bookkeeping. Meanwhile `take` lets nobody through.
        """
        try:
            self._ask(verb, **facts)
        except _REDIS_AWAY as problem:
            _log.warning("quota not updated", gate=self._name, verb=verb, error=type(problem).__name__)

    def _ask(self, verb: str, **facts: Any) -> Any:
        return json.loads(self._run(keys=[self._key], args=[verb, json.dumps(facts)]))
