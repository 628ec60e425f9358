"""Six token buckets decide whether a GraphQL call may run, as in Centra's rate limits; refused calls cost nothing.

Centra docs: Integration API, rate limits. The limits are shared with every other integration of the merchant.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.centra import clock
from sandbox.centra.options import PLANS, Options

TYPES = ("REQUEST_COUNT", "QUERY_COMPLEXITY", "MUTATION_COUNT")
WINDOWS = {"TEN_SECONDS": 10.0, "ONE_HOUR": 3600.0}


@dataclass
class Bucket:
    """Tokens of one type for one window, refilled steadily."""

    type: str
    interval_seconds: str
    quota: int
    tokens: float
    at: float
    other: int = 0

    @property
    def ours(self) -> int:
        """What other integrations leave of the quota in each window."""
        return max(0, self.quota - self.other)

    def refill(self, moment: float) -> None:
        """Adds what has flowed in since the last look."""
        rate = self.ours / WINDOWS[self.interval_seconds]
        self.tokens = min(float(self.ours), self.tokens + (moment - self.at) * rate)
        self.at = moment

    def wait(self, price: int) -> float:
        """Seconds until the price can be paid; a window long when others use up everything."""
        window = WINDOWS[self.interval_seconds]
        return max(0.0, price - self.tokens) * window / self.ours if self.ours else window * (price > self.tokens)

    @property
    def remaining_quota(self) -> int:
        """Whole tokens left."""
        return int(self.tokens)

    @property
    def used_quota(self) -> int:
        """What is not left; with `remaining_quota` it makes the quota."""
        return self.quota - self.remaining_quota


@dataclass
class Limiter:
    """The buckets of the instance. The caller holds the twin's lock."""

    options: Options
    clock: Callable[[], float] = clock.monotonic
    _plan: str = ""
    _buckets: list[Bucket] = field(default_factory=list)

    def buckets(self) -> list[Bucket]:
        """All six as they stand now."""
        moment = self.clock()
        if self._plan != self.options.plan:
            self._plan = self.options.plan
            quotas = PLANS[self._plan]
            keys = [(kind, window) for kind in TYPES for window in WINDOWS]
            self._buckets = [
                Bucket(kind, window, quota, quota, moment) for (kind, window), quota in zip(keys, quotas, strict=True)
            ]
        for bucket in self._buckets:
            bucket.other = self.options.other_use.get(bucket.type, 0)
            bucket.refill(moment)
        return self._buckets

    def spend(self, complexity: int, mutations: int) -> float:
        """Pays for a call, or pays nothing and returns the seconds until it can be paid; 0.0 means paid."""
        prices = {"REQUEST_COUNT": 1, "QUERY_COMPLEXITY": complexity, "MUTATION_COUNT": mutations}
        buckets = self.buckets()
        wait = max(bucket.wait(prices[bucket.type]) for bucket in buckets)
        if wait == 0:
            for bucket in buckets:
                bucket.tokens -= prices[bucket.type]
        return wait

    def capacity(self, kind: str) -> int:
        """The most a single call can ever pay of a type."""
        return min(bucket.quota for bucket in self.buckets() if bucket.type == kind)
