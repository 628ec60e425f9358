"""Many lives are played on the running system at once, each at its own pace, while calls fail and workers die."""

import random
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from integration.steps import CENTRA, STEPS, Spends
from integration.storage.store import table_of
from integration.storage.tables import WorkItem
from tests.life import truths
from tests.life.play import Played, scenes_of
from tests.life.stage import POLLS
from tests.story.system import RETAILERS, ROOT, System

ITEM = table_of(WorkItem)
ASKED_BY_CLOCK = tuple(
    (name, subject) for name in POLLS for subject in ((CENTRA,) if STEPS[name].spends is Spends.CENTRA else RETAILERS)
)
"""What one turn of the timetable asks: names of steps and their subjects."""
GONE = frozenset({0, 500, 502})
"""Statuses in the twins' journals that only a fault gives; 0 is a call that got no answer."""
BETWEEN_TURNS = 1.0
"""Seconds, at least: what the timetable asks spends the same quota as the lives."""


def orders_only(folder: Path) -> Path:
    """The shipped mappings with stock, products and prices switched off, which would be most of a play's calls."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings)
    for profile in (mappings / "retailers").glob("*.yaml"):
        text = profile.read_text()
        for name in ("stock", "products", "prices"):
            text, switched = re.subn(rf"^  {name}: true$", f"  {name}: false", text, count=1, flags=re.MULTILINE)
            assert switched == 1, name
        profile.write_text(text)
    return mappings


class Trouble:
    """Random faults of both twins all through a play, and workers that are killed at several points of it.

    The points are told by what has been played, so that a slow machine sees as much of it as a quick one.
    """

    KILLED_AT = (0.0, 0.3)
    """Shares of all scenes: as soon as they are played, all workers are killed at once in the middle of their work."""
    WIPED = 1
    """The place among these at which Redis is wiped as well."""
    ENDS_AT = 0.6
    """The rest needs the time that lost answers and dead claims take to be found out."""
    STRUCK = 40
    """Calls that are lost or refused, at least."""
    CAUGHT = 3
    """Lives whose work must be under way when the workers are killed."""
    CHANGES = (
        "order.create", "order.complete", "cancelDirectToConsumerOrder", "updateDirectToConsumerOrder",
        "acknowledge", "backorder", "cancel_acknowledge", "dispatch", "return_acknowledge",
    )  # fmt: skip
    """Operations whose answers are held back shortly before, so that workers die between a deed and its answer."""

    def __init__(self, system: System, seed: int, share: float) -> None:
        self.system = system
        self.killed = self.struck = 0
        self._share = share
        self._rounds = 0
        self._over = self._lying_in_wait = False
        self._random = random.Random(seed)
        self._since = {twin: twin.mark() for twin in (system.centra, system.virtualstock)}

    @property
    def is_enough(self) -> bool:
        """Whether it proves something that the lives ended well all the same."""
        return self._rounds == len(self.KILLED_AT) and self.struck >= self.STRUCK

    def begin(self) -> None:
        """From now on: lost requests and answers, refusals before and after the deed, delays, unreliable webhooks."""
        self._misbehave()

    def _misbehave(self, *more: Mapping[str, Any]) -> None:
        kinds = ("drop_after", "drop_before", "status", "status_after", "latency", "late")
        calls = [*more, *({"do": kind, "probability": self._share} for kind in kinds)]
        hooks = [{"match": {"operation": "webhook"}, "do": kind, "probability": 0.2}
                 for kind in ("lose", "duplicate", "delay", "reorder")]  # fmt: skip
        self.system.virtualstock.faults(*calls)
        self.system.centra.faults(*hooks, *calls)

    def go_on(self, played: float) -> None:
        """Kill all workers if it is time to and they are in the middle of something; new ones take their place.

        :param played: the share of all scenes.
        """
        if self._over:
            return
        if self._rounds == len(self.KILLED_AT):
            if played >= self.ENDS_AT:
                self.end()
        elif played >= self.KILLED_AT[self._rounds]:
            if not self._lying_in_wait:
                self._lying_in_wait = True
                self._misbehave(*({"match": {"operation": each}, "do": "late", "value": 3} for each in self.CHANGES))
            if self._are_at_work():
                self._kill()

    def end(self) -> None:
        """No more of it."""
        if self._over:
            return
        self._over = True
        for twin, mark in self._since.items():
            twin.no_faults()
            self.struck += sum(call["status"] in GONE for call in twin.calls(mark))

    def _kill(self) -> None:
        names = [f"worker{number + 1}" for number in range(self.system.worker_count)]
        for name in self._random.sample(names, len(names)):
            self.system.kill(name)
        self.killed += len(names)
        if self._rounds == self.WIPED:
            self.system.redis().flushall()
        for name in names:
            self.system.start_worker(name)
        self._rounds += 1
        self._lying_in_wait = False
        self._misbehave()

    def _are_at_work(self) -> bool:
        """Whether enough lives would be struck, and nothing that all of them would have to wait for."""
        where = (ITEM.c.asked > ITEM.c.answered, ITEM.c.claimed_until > datetime.now(UTC))
        claimed = [row.subject for row in self.system.rows(sa.select(ITEM.c.subject).where(*where))]
        return len(claimed) >= self.CAUGHT and all("/" in subject for subject in claimed)


@dataclass
class Life:
    """A story on its way through its scenes."""

    played: Played
    scenes: list[list[str]]
    shipments: set[int] = field(default_factory=set)
    resting_since: int = -1
    """The turn in which the last scene was played."""

    def go_on(self, turn: int) -> None:
        """Play the next scene."""
        for act in self.scenes.pop(0):
            self.played.act(act)
        self.resting_since = turn

    def subjects(self, retailer_side: Mapping[str, Any], centra_side: Mapping[str, Any]) -> set[str]:
        """Under which names there may be work for it."""
        order = self.played.order
        mark = f"Reference: {order.subject}"
        for made in centra_side.values():
            if mark in (made["internal_comment"] or "").splitlines():
                self.shipments |= {each["id"] for each in made["shipments"]}
        returns = [row["id"] for row in retailer_side[order.reference]["returns"]]
        return {order.subject, *(f"{order.retailer}/{each}" for each in [*self.shipments, *returns])}


class Company:
    """Plays lives. Each goes on as soon as it is quiet, so that one that waits for a lost answer holds up no other."""

    def __init__(self, system: System, trouble: Trouble | None = None) -> None:
        self.system = system
        self.played = 0.0
        """The share of all scenes."""
        self.trouble = trouble
        self.turns = 0
        self.wrong: set[str] = set()
        """What did not hold at some moment of the play."""
        self._sent: dict[int, int] = {}
        """Units by Centra order line that were in shipments at some moment; one of them may have been deleted since."""

    def play(self, cast: Iterable[Played], within: float) -> None:
        """Play all lives to the end, and let everything settle."""
        lives = [Life(each, scenes_of(each.story.acts)) for each in cast]
        ends = time.monotonic() + within
        if self.trouble:
            self.trouble.begin()
        for life in lives:
            life.go_on(self.turns)
        while left := self._on_their_way(lives):
            assert time.monotonic() < ends, f"not within {within:.0f} s: {left}, {self.system.left()}"
            self._turn()
        if self.trouble:
            self.trouble.end()

    def _turn(self) -> None:
        """One turn of the timetable, answered."""
        began = time.monotonic()
        for name, subject in ASKED_BY_CLOCK:
            self.system.ask(STEPS[name], subject)
        asked = {(row.step, row.subject): row.asked for row in self._items()}
        while time.monotonic() < began + 120:
            if self.trouble:
                self.trouble.go_on(self.played)
            if time.monotonic() > began + BETWEEN_TURNS and not self._unanswered(asked):
                self.turns += 1
                return
            time.sleep(0.1)
        raise AssertionError(f"what the timetable asks is not answered: {self._unanswered(asked)}")

    def _unanswered(self, asked: Mapping[tuple[str, str], int]) -> list[Any]:
        """What was asked before, and what events have asked of Centra as a whole since."""
        return [row for row in self._items()
                if row.answered < asked.get((row.step, row.subject), row.asked)]  # fmt: skip

    def _items(self) -> list[Any]:
        columns = (ITEM.c.step, ITEM.c.subject, ITEM.c.asked, ITEM.c.answered, ITEM.c.tries, ITEM.c.last_error)
        where = sa.or_(ITEM.c.step.in_(POLLS), ITEM.c.step == "intake.absorb")
        return self.system.rows(sa.select(*columns).where(where, ~ITEM.c.held))

    def _on_their_way(self, lives: list[Life]) -> list[str]:
        """Let every quiet life go on; returns those that are not over."""
        # The retailer hears of everything after Centra: read before it, it can only know less.
        busy = self.system.busy()
        retailer_side = self.system.virtualstock.get("state")["orders"]
        centra_side = self.system.centra.get("state")["orders"]
        self._remember_sent(centra_side)
        self.wrong |= set(truths.always(_judged(lives, retailer_side), centra_side))
        left, all_of_them = [], sum(len(scenes_of(life.played.story.acts)) for life in lives)
        for life in lives:
            quiet = not busy & life.subjects(retailer_side, centra_side)
            if not quiet or self.turns < life.resting_since + 2:
                left.append(life.played.story.name)
            elif life.scenes:
                life.go_on(self.turns)
                left.append(life.played.story.name)
        self.played = 1 - sum(len(life.scenes) + 1 for life in lives if life.played.story.name in left) / all_of_them
        return left

    def _remember_sent(self, centra_side: Mapping[str, Any]) -> None:
        for made in centra_side.values():
            for line in made["lines"]:
                sent = [each["lines"].get(str(line["id"]), 0) for each in made["shipments"] if each["shipped"]]
                line["ever_sent"] = self._sent[line["id"]] = max(sum(sent), self._sent.get(line["id"], 0))


def _judged(lives: list[Life], retailer_side: Mapping[str, Any]) -> dict[str, Any]:
    own = [life.played for life in lives if not {"portal", "test"} & set(life.played.story.plot.split())]
    return {each.order.reference: retailer_side[each.order.reference] for each in own}
