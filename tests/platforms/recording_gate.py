"""A quota gate that lets everything through and remembers what it was told."""

from collections.abc import Mapping

from integration.http import ONE_REQUEST
from integration.lanes import Lane
from integration.problems import Throttled


class RecordingGate:
    def __init__(self, *, closed_for: float | None = None) -> None:
        self.closed_for = closed_for
        self.taken: list[tuple[Lane, dict[str, float]]] = []
        self.settled: list[dict[str, float]] = []
        self.learned: dict[str, tuple[float, float]] = {}
        self.told: list[str | float] = []

    def take(self, lane: Lane, charges: Mapping[str, float] = ONE_REQUEST) -> None:
        if self.closed_for is not None:
            raise Throttled("closed", wait=self.closed_for)
        self.taken.append((lane, dict(charges)))

    def settle(self, charges: Mapping[str, float]) -> None:
        self.settled.append(dict(charges))

    def learn(self, levels: Mapping[str, tuple[float, float]]) -> None:
        self.learned.update(levels)

    def hold_off(self, seconds: float) -> None:
        self.told.append(seconds)

    def succeeded(self) -> None:
        self.told.append("succeeded")

    def failed(self) -> None:
        self.told.append("failed")
