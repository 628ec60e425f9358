"""Any number of orders, both platforms' people, the network, dying workers and the time, as one script in words.

One act after another with commas between. The acts of an order begin with its name, whose first letter is its
retailer: ``N1 order 2 1, round, N1 cancel 2, calm`` (see `tests.life.actor`). The others are those of `EVENTS`; where
they name a call, it is by the operation of the twin that answers it, or ``any``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
import sqlalchemy as sa

from integration import kinds
from integration.steps import CENTRA, STEPS
from integration.storage import journal
from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold, MarketplaceOrder, OrderLine, WorkItem
from sandbox.centra import clock
from sandbox.http import Request, Response, Server
from tests.life import truths
from tests.life.actor import Order
from tests.life.stage import POLLS, Stage

RETAILERS = {"N": "northgate", "C": "calder", "F": "fernhill"}
LINES = 3
"""Articles that each order has for itself."""
FAULTS = {"lose": "drop_after", "drop": "drop_before", "refuse": "status", "break": "status_after"}
DEADLINES = (kinds.DEADLINE_NEAR.code, kinds.DEADLINE_MISSED.code)
NEVER = (kinds.DEFECT.code, kinds.GAVE_UP.code)
"""Exceptions that are our own fault."""


@dataclass
class Trap:
    """Something that happens as soon as a twin is asked for an operation."""

    operation: str
    spring: Callable[[Server], object]
    after: bool = False
    times: int = 1


class Script:
    """Plays acts on a stage and judges what came of them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.orders: dict[str, Order] = {}
        self.by_hand: set[str] = set()
        """Orders that somebody took a supplier's step for, or took back a cancellation of: sides may differ a while."""
        self.acts: list[str] = []
        self._left = _articles(stage)
        self._traps: list[Trap] = []
        self._dying = False
        self._sent: dict[int, int] = {}
        stage.gate.deadly = self._dies
        for server in stage.servers:
            _watch(server, self._called)

    # Playing

    def play(self, plot: str) -> "Script":
        """Play a whole plot."""
        for act in plot.split(","):
            self.act(act.strip())
        return self

    def act(self, words: str) -> bool:
        """Do one act. Returns whether it was possible: that a platform or the story forbids it is part of life."""
        self.acts.append(words)
        verb, *rest = words.split()
        if verb in EVENTS:
            EVENTS[verb](self, rest)
            return True
        return self.attempt(verb, rest)

    def attempt(self, name: str, words: Sequence[str]) -> bool:
        """Somebody does something about an order. Returns as `act`."""
        if words[0] == "order":
            retailer = RETAILERS[name[0]]
            own = [self._left[retailer].pop(0) for _ in range(LINES)]
            for others in self._left.values():
                others[:] = [sku for sku in others if sku not in own]
            self.orders[name] = Order(self.stage, retailer, own)
        if words[0] in ("restore", "portal", "show"):
            self.by_hand.add(name)
        if words[0] == "unship":
            self._centra_side()
        try:
            self.orders[name].act(" ".join(words))
        except requests.HTTPError as error:
            if error.response.status_code >= 500:
                raise
            return False
        except (LookupError, ValueError):
            return False
        return True

    # Judging

    def wrong_now(self) -> list[str]:
        """What must never be, at any moment."""
        retailer_side = self.stage.virtualstock.get("state")["orders"]
        judged = {
            order.reference: retailer_side[order.reference] for name, order in self.orders.items()
            if name not in self.by_hand and not _is_test(self.acts, name)
        }  # fmt: skip
        wrong = truths.always(judged, self._centra_side())
        wrong += [f"{row.kind}: {row.sentence}" for row in self.stage.rows(
            sa.select(CAUSE.c.kind, CAUSE.c.sentence).where(CAUSE.c.kind.in_(NEVER), CAUSE.c.closed_at.is_(None))
        )]
        open_holds = sa.select(HOLD.c.work_item_id).join(CAUSE, CAUSE.c.id == HOLD.c.cause_id).where(
            CAUSE.c.closed_at.is_(None)
        )
        lost = sa.select(ITEM.c.step, ITEM.c.subject).where(ITEM.c.held, ITEM.c.id.not_in(open_holds))
        wrong += [f"{row.step} of {row.subject} is held and no exception says why" for row in self.stage.rows(lost)]
        for order in self.orders.values():
            wrong += truths.moves(self.timeline(order))
        return wrong

    def wrong_at_the_end(self) -> list[str]:
        """What is wrong once the faults are over and everything is calm. Differences are a person's where one knows."""
        wrong = self.wrong_now()
        known = {reference for kind, reference in self.stage.causes() if kind not in DEADLINES}
        for name, order in self.orders.items():
            theirs, made = order.at_retailer(), order.in_centra()
            if order.reference in known or _is_out_of_sight(self.acts, name, theirs):
                continue
            found = truths.at_the_end(order.reference, theirs, made)
            if not _is_test(self.acts, name):
                found += truths.unfinished(order.reference, theirs, made)
            found += truths.records(order.reference, theirs, self._records(order))
            wrong += found
        return wrong

    def end(self) -> list[str]:
        """End all faults, let everything come to rest, and judge."""
        self.play("behave")
        self.stage.calm()
        return self.wrong_at_the_end()

    def timeline(self, order: Order) -> list[dict[str, Any]]:
        """The story of one order as the system tells it."""
        with self.stage.store.read() as db:
            return journal.story(db, "order", order.subject)

    def _centra_side(self) -> dict[str, Any]:
        """Centra's orders; their lines remember units of shipments that are deleted by now."""
        made: dict[str, Any] = self.stage.centra.get("state")["orders"]
        for order in made.values():
            for line in order["lines"]:
                line["ever_sent"] = self._sent[line["id"]] = max(line["shipped"], self._sent.get(line["id"], 0))
        return made

    def _records(self, order: Order) -> dict[str, tuple[int, int]]:
        rows = self.stage.rows(
            sa.select(LINE.c.line_reference, LINE.c.dispatched, LINE.c.cancelled)
            .join(ORDER, ORDER.c.id == LINE.c.order_id).where(ORDER.c.reference == order.reference)
        )  # fmt: skip
        return {row.line_reference: (row.dispatched, row.cancelled) for row in rows}

    # Inside

    def work(self, pieces: int) -> None:
        """The timetable asks, and only so many pieces of work are done."""
        clock.advance(25)
        with self.stage.store.write() as db:
            for name in POLLS:
                step = STEPS[name]
                subjects = [CENTRA] if step.spends == "centra" else list(self.stage.rules.retailers)
                self.stage.services.promise(db, step, subjects)
        self.stage.drain(pieces)

    def trap(self, trap: Trap) -> None:
        """Have something happen when a twin is asked for an operation the next time."""
        self._traps.append(trap)

    def behave(self) -> None:
        """No more faults and traps."""
        self.stage.behave()
        self.stage.gate.deadly = self._dies
        self._traps, self._dying = [], False

    def die(self) -> None:
        """The worker that is at work dies as soon as it has its answer."""
        self._dying = True

    def _dies(self) -> bool:
        dying, self._dying = self._dying, False
        return dying

    def _called(self, server: Server, operation: str | None, *, after: bool) -> None:
        roots = {"any", *(operation or "").split(",")}
        for trap in [each for each in self._traps if each.after is after and each.operation in roots]:
            trap.times -= 1
            if trap.times <= 0:
                self._traps.remove(trap)
            trap.spring(server)


def _watch(server: Server, tell: Callable[..., None]) -> None:
    handle = server.handle

    def watched(request: Request) -> Response | None:
        if request.path.startswith("/_control/"):
            return handle(request)
        operation = server.twin.operation(request)
        tell(server, operation, after=False)
        response = handle(request)
        tell(server, operation, after=True)
        return response

    server.handle = watched  # type: ignore[method-assign]


def _articles(stage: Stage) -> dict[str, list[str]]:
    sold = {size.sku for _, _, size in stage.seed.sizes() if size.active and not size.preorder}
    listed: dict[str, list[str]] = {code: [] for code in RETAILERS.values()}
    for listing in stage.seed.listings:
        if listing.sku in sold:
            listed[listing.retailer].append(listing.sku)
    return listed


def _is_test(acts: Sequence[str], name: str) -> bool:
    return any(act.startswith(f"{name} order") and "test" in act.split() for act in acts)


def _is_out_of_sight(acts: Sequence[str], name: str, theirs: Mapping[str, Any]) -> bool:
    """Whether somebody did in the portal what no list of the retailer shows: sent something, took an order before we
    saw it, or confirmed that units of a line are cancelled and others are not."""
    done = {kind for kind in ("acknowledge", "dispatch", "cancel_acknowledge")
            if any(act.endswith(f"{name} portal {kind}") for act in acts)}  # fmt: skip
    in_part = any(0 < line["cancelled"] < line["quantity"] for line in theirs["lines"])
    return bool(done & {"acknowledge", "dispatch"}) or ("cancel_acknowledge" in done and in_part)


def _during(script: Script, words: list[str]) -> None:
    """``during OPERATION N1 ship all``: something happens while that call is on its way."""
    script.trap(Trap(words[0], lambda _: script.attempt(words[1], words[2:])))


def _die(script: Script, words: list[str]) -> None:
    """``die OPERATION``: the worker dies when that call is carried out and nothing is written down."""
    script.trap(Trap(words[0], lambda _: script.die(), after=True))


def _fault(kind: str) -> Callable[[Script, list[str]], None]:
    """``lose OPERATION [times]``, and so on: the next calls of an operation fail."""
    rule = {"do": FAULTS[kind], "times": 1}

    def fail(script: Script, words: list[str]) -> None:
        times = int(words[1]) if len(words) > 1 else 1
        # The rule is there for the very call that sprang the trap, and for no other.
        script.trap(Trap(words[0], lambda server: server.faults.replace([rule]), times=times))

    return fail


EVENTS: Mapping[str, Callable[[Script, list[str]], None]] = {
    "round": lambda script, _: script.stage.round(),
    "work": lambda script, words: script.work(int(words[0])),
    "calm": lambda script, _: script.stage.calm(),
    "pass": lambda _, words: clock.advance(float(words[0])),
    "during": _during, "die": _die, **{kind: _fault(kind) for kind in FAULTS},
    "behave": lambda script, _: script.behave(),
}  # fmt: skip
ITEM, CAUSE, HOLD, ORDER, LINE = (table_of(each) for each in (WorkItem, Cause, Hold, MarketplaceOrder, OrderLine))
