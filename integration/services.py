"""What a flow may touch, handed in whole: the database, the two platforms, the published rules, the time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from integration.centra.client import CentraClient
from integration.http import Gate
from integration.images import ImageLinks
from integration.lanes import Lane
from integration.notify import Notify
from integration.rulebook import Retailer, Rulebook
from integration.steps import CENTRA, Spends, Step, retailer_of
from integration.storage import Store, work
from integration.storage.work import Handed
from integration.virtualstock.client import VirtualstockClient
from integration.virtualstock.schema import Carrier


class Quota(Gate, Protocol):
    """A gate as the dispatcher and the status page see it."""

    def room(self, lane: Lane) -> int:
        """How many requests `lane` could make right now."""

    def left(self) -> float:
        """The share of the scarcest bucket that is left, from 0 to 1."""

    def snapshot(self) -> dict[str, Any]:
        """Limit, use and health, for people."""


def gate_of(profile: Retailer) -> str:
    """The name of the quota of a retailer's credential at Virtualstock."""
    return f"virtualstock:{profile.credential}"


@dataclass(frozen=True)
class Services:
    """One per process.

    `rules` is the newest published rulebook, `virtualstock` the client of a credential, `carriers` the live carrier
    list that a retailer's credential sees, by slug. `mappings_dir` is the folder of mapping files of this machine.
    """

    store: Store
    centra: CentraClient
    virtualstock: Callable[[str], VirtualstockClient]
    carriers: Callable[[str], Mapping[str, Carrier]]
    images: ImageLinks
    quota: Callable[[str], Quota]
    send: Callable[[Iterable[Handed]], None]
    broker_answers: Callable[[], bool]
    rules: Callable[[], Rulebook]
    centra_zone: str
    now: Callable[[], datetime]
    roll: Callable[[], float]
    notify: Notify
    mappings_dir: Path

    def client_of(self, retailer: str) -> VirtualstockClient:
        """The Virtualstock client whose credential serves this retailer."""
        return self.virtualstock(self.rules().retailers[retailer].credential)

    def gate_of(self, step: Step, subject: str) -> str:
        """The name of the quota that this piece of work mainly spends."""
        if step.spends is Spends.CENTRA:
            return CENTRA
        profile = self.rules().retailers.get(retailer_of(subject))
        return gate_of(profile) if profile else f"virtualstock:{retailer_of(subject)}"

    def promise(
        self, db: sa.Connection, step: Step, subjects: Iterable[str], *, lane: Lane | None = None
    ) -> None:
        """Ask, within this transaction, that `step` looks at each subject again."""
        now = self.now()
        self.promise_all(db, [(step, subject, lane or step.lane) for subject in subjects], now)

    def promise_all(self, db: sa.Connection, asked: Sequence[tuple[Step, str, Lane]], now: datetime) -> None:
        """The same for a mixed list of (step, subject, lane)."""
        work.promise(
            db,
            [work.Promise(step.name, subject, self.gate_of(step, subject), lane, now) for step, subject, lane in asked],
            now,
        )
