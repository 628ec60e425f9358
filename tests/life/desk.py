"""The people who run it, at a system whose whole timetable runs: every flow, every look, every message, at its pace.

Both platforms are in memory and time is moved, but steps and chores are asked for as beat asks for them, work is handed
out and run as workers do it, and messages leave through the real sender to a real address (`Switchboard`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.flows import upkeep, work
from integration.flows.work import Findings
from integration.kinds import Kind
from integration.people import Door, Person, Role
from integration.problems import Problem, TryAgain
from integration.services import Services
from integration.steps import STEPS, Step
from integration.storage import causes
from integration.storage.work import Handed
from integration.timetable import timetable
from tests.life.switchboard import Message, Switchboard
from tests.world import CAUSE, FLOWS, ITEM, World

JANE = Person("Jane Doe", Role.OPERATOR, Door.CONSOLE)
BEAT = 15.0
"""Seconds: the pace of the fastest chore that tells people anything."""


class Silence(StrEnum):
    """Why a step says nothing."""

    FAILS = "every try of it fails"
    STUCK = "its messages lie in a queue that nobody reads"
    UNASKED = "the clock does not ask for it"


class Desk(World):
    """A world in which people are told. It stands at a Monday's noon until `beat`; `dice` falls as a story wants it."""

    def __init__(self, folder: Path, board: Switchboard) -> None:
        super().__init__(folder)
        # No story here is about a power cut; waiting for the disk would be most of their time.
        sa.event.listen(self.store.engine, "connect", _without_sync)
        self.store.engine.dispose()
        self.board = board.again(lambda: self.at)
        names = {channel.name for team in self.rules.teams.values() for channel in team.channels}
        self.dice = 0.5
        self.services = replace(self.services, notify=board.channels(names), roll=lambda: self.dice)
        self._windows: dict[str, int] = {}
        self._silent: dict[str, Silence] = {}
        self._lying: list[Handed] = []

    # Time

    def beat(self, seconds: float, step: float = BEAT) -> None:
        """Time passes, and everything that the timetable asks for is done."""
        end = self.at + timedelta(seconds=seconds)
        while self.at < end:
            self.at = min(end, self.at + timedelta(seconds=step))
            self.turn()

    def leap(self, moment: datetime) -> None:
        """Until then everything went on as always; what is seen of it is that all was done by then."""
        self.at = max(self.at, moment)
        self.turn()

    def turn(self) -> None:
        """What is asked for at this moment, and the work that is due."""
        due = [job for job, every in timetable().items() if self._is_due(job, every)]
        # After a leap over hours the work comes first, as if it had gone on meanwhile.
        for chores in (False, True):
            for job in due:
                if (job not in STEPS) is chores:
                    upkeep.tick(self.services, job, timetable()[job])
            self.drain()

    def chores(self, seconds: float, step: float, *jobs: str) -> None:
        """Time passes, and only these chores are done."""
        end = self.at + timedelta(seconds=seconds)
        while self.at < end:
            self.at = min(end, self.at + timedelta(seconds=step))
            for job in jobs:
                upkeep.tick(self.services, job, timetable()[job])

    def drain(self) -> None:
        """Run what is due, as workers would."""
        while handed := work.hand_out(self.services):
            for each in handed:
                if self._silent.get(each.step) is Silence.STUCK:
                    self._lying.append(each)
                else:
                    work.run(self.services, STEPS[each.step], each.subject, self._act(each.step))

    # Silence

    def silence(self, step: Step, how: Silence) -> None:
        """From now on this step is not done any more."""
        self._silent[step.name] = how

    def restore(self) -> None:
        """Everything works again; what lies in a queue is taken up."""
        self._silent.clear()
        lying, self._lying = self._lying, []
        for each in lying:
            work.run(self.services, STEPS[each.step], each.subject, self._act(each.step))

    def last_done(self, step: Step) -> datetime:
        """When a step was last done, for the subject that has waited longest."""
        with self.store.read() as db:
            found = db.scalar(sa.select(sa.func.min(ITEM.c.done_at)).where(ITEM.c.step == step.name))
        assert isinstance(found, datetime)
        return found

    # Trouble

    def flood(self, problem: Problem, subjects: list[str], step: Step = steps.DISPATCHES_ANNOUNCE) -> None:
        """Each of these pieces of work is taken by a worker and waits behind the problem."""
        self.ask(step, *subjects)
        for subject in subjects:
            work.run(self.services, step, subject, lambda *_: [problem])

    def pile(self, problem: Problem, subjects: list[str], step: Step = steps.DISPATCHES_ANNOUNCE) -> None:
        """The same in one stroke, for more than workers could take within a story; the cause is open already."""
        self.ask(step, *subjects)
        waits = sa.and_(ITEM.c.step == step.name, ~ITEM.c.held)
        with self.store.write() as db:
            ids = list(db.scalars(sa.update(ITEM).where(waits).values(held=True).returning(ITEM.c.id)))
            behind = self.cause(problem.kind, problem.key).id
            db.execute(sa.insert(causes.HOLD), [{"work_item_id": each, "cause_id": behind} for each in ids])

    def opens(self, kind: Kind, key: str, **facts: Any) -> int:
        """A flow finds something; nothing waits behind it. Returns the id of the cause."""
        problem = Problem(kind, key, {**FACTS, **facts})
        with self.store.write() as db:
            causes.open_for(db, [problem], self.at, item_id=None)
        return self.cause(kind, key).id  # type: ignore[no-any-return]

    def mends(self, kind: Kind, key: str) -> None:
        """A fresh look finds it gone."""
        with self.store.write() as db:
            causes.close_one(db, self.at, "a fresh look", kind.code, key)

    def cause(self, kind: Kind, key: str) -> Any:
        """A cause as its row, open or closed."""
        with self.store.read() as db:
            return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == kind.code, CAUSE.c.key == key)).one()

    # What people heard

    def heard(self, about: str = "", channel: str = "") -> list[Message]:
        """The messages of exceptions whose title has `about`, without digests."""
        found = [each for each in self.board.taken if "this morning" not in each.title]
        return [each for each in found if about in each.title and channel in ("", each.channel)]

    def titles(self, about: str = "", channel: str = "") -> list[str]:
        """Their titles."""
        return [each.title for each in self.heard(about, channel)]

    def digests(self) -> list[Message]:
        """The summaries of mornings."""
        return [each for each in self.board.taken if "this morning" in each.title]

    # Inside

    def _is_due(self, job: str, every: float) -> bool:
        window = int(self.at.timestamp() // every)
        if self._windows.get(job) == window or self._silent.get(job) is Silence.UNASKED:
            return False
        self._windows[job] = window
        return True

    def _act(self, step: str) -> Callable[[Services, str], Findings]:
        return _fail if self._silent.get(step) is Silence.FAILS else FLOWS[step]


def _fail(*_: object) -> Findings:
    raise TryAgain("Virtualstock answered 500.")


FACTS: Mapping[str, str] = {
    "retailer": "Northgate & Co", "item": "71000001", "sku": "TEE-M", "why": "it is unknown", "carrier": "UPS",
    "service": "Express", "reference": "PO-1", "step": "orders.place", "subject": "northgate/PO-1",
    "attribute": "colour", "line": "1", "source": "centra",
}  # fmt: skip


def _without_sync(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
