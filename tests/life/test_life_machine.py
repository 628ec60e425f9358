"""Whatever retailer, warehouse, staff and network do in whatever order, both sides agree in the end, or a person knows.

Hypothesis writes the scripts (see `tests.life.script`); a failing one is printed whole and can be played again as an
entry of `tests.life.test_found_bugs`. A soak takes more examples, and other ones each time:

    LIFE_EXAMPLES=500 .venv/bin/python -m pytest tests/life/test_life_machine.py
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.life.script import Script
from tests.life.stage import Stage

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "0"))
"""More than CI plays, for a soak."""
AT_A_TIME = 3
"""Orders in one script."""
CALLS = (
    "dispatch", "cancel_acknowledge", "updateDirectToConsumerOrder", "cancelDirectToConsumerOrder", "acknowledge",
    "order.create", "order.complete", "setExternalId", "backorder", "return_acknowledge", "invoice", "order",
    "order_v3", "any",
)  # fmt: skip
"""Operations that faults strike and during which something else happens."""

lines = st.lists(st.integers(1, 4), min_size=1, max_size=3)
which = st.integers(0, 5)
"""Of the orders that there are, round and round."""
some_units = st.one_of(
    st.just(()),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=2, unique_by=lambda pair: pair[0]),
)
"""All, or some lines, each in whole (0) or so many units."""
calls = st.sampled_from(CALLS)


def words(units: Sequence[tuple[int, int]]) -> str:
    """Lines and units as the actor reads them."""
    return " ".join(f"{line}:{count}" if count else str(line) for line, count in units)


of_warehouse = st.one_of(
    st.builds(lambda units, how: f"ship {words(units) or 'all'} {how}".strip(), some_units,
              st.sampled_from(["", "", "packed", "untracked"])),
    st.sampled_from(["send", "unship", "stock 1:5", "track GB777000111"]),
    st.builds(lambda units: f"back {words(units) or 'all'}", some_units),
)  # fmt: skip
of_retailer = st.one_of(
    st.builds(lambda units: f"cancel {words(units)}".strip(), some_units),
    st.builds(lambda units: f"return {words(units)}".strip(), some_units),
    st.sampled_from([
        "relist", "authorise", "decline", "collect", "approve", "refuse", "withdraw", "portal acknowledge",
        "portal cancel_acknowledge", "portal dispatch",
    ]),
)  # fmt: skip
of_staff = st.one_of(
    st.builds(lambda units: f"staffcancel {words(units) or 'all'}", some_units), st.just("restore"),
)  # fmt: skip


class Lives(RuleBasedStateMachine):
    """A few orders and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.script = Script(Stage(self.folder, skus=24))

    def teardown(self) -> None:
        try:
            if self.script.orders:
                self.judge(self.script.end())
        except BaseException:
            note("; ".join(self.script.acts))
            raise
        finally:
            self.script.stage.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def judge(self, wrong: list[str]) -> None:
        """Fail with the whole script when something is wrong."""
        assert wrong == [], ", ".join(self.script.acts)

    def do(self, number: int, act: str) -> None:
        """Somebody does something to one of the orders."""
        names = sorted(self.script.orders)
        self.script.act(f"{names[number % len(names)]} {act}")

    @initialize(retailer=st.sampled_from("NCF"), units=lines)
    def first(self, retailer: str, units: list[int]) -> None:
        self.order(retailer, units, "")

    @precondition(lambda self: len(self.script.orders) < AT_A_TIME)
    @rule(retailer=st.sampled_from("NCF"), units=lines, how=st.sampled_from(["", "", "", "short", "test"]))
    def order(self, retailer: str, units: list[int], how: str) -> None:
        name = f"{retailer}{len(self.script.orders)}"
        self.script.act(f"{name} order {' '.join(map(str, units))} {how}".strip())

    @rule(number=which, act=of_warehouse)
    def warehouse(self, number: int, act: str) -> None:
        self.do(number, act)

    @rule(number=which, act=of_retailer)
    def retailer(self, number: int, act: str) -> None:
        self.do(number, act)

    @rule(number=which, act=of_staff)
    def staff(self, number: int, act: str) -> None:
        self.do(number, act)

    @rule(call=calls, number=which, act=st.one_of(of_warehouse, of_retailer, of_staff))
    def meanwhile(self, call: str, number: int, act: str) -> None:
        names = sorted(self.script.orders)
        self.script.act(f"during {call} {names[number % len(names)]} {act}")

    @rule(call=calls, kind=st.sampled_from(["lose", "drop", "refuse", "break"]), times=st.integers(1, 3))
    def fault(self, call: str, kind: str, times: int) -> None:
        self.script.act(f"{kind} {call} {times}")

    @rule(call=calls)
    def dies(self, call: str) -> None:
        self.script.act(f"die {call}")

    @rule(pieces=st.integers(1, 12))
    def some_work(self, pieces: int) -> None:
        self.script.act(f"work {pieces}")

    @rule()
    def round(self) -> None:
        self.script.act("round")

    @rule()
    def later(self) -> None:
        self.script.act("round")
        self.script.act("round")

    @invariant()
    def nothing_is_wrong(self) -> None:
        if self.script.orders:
            self.judge(self.script.wrong_now())


@pytest.mark.timeout(0 if EXAMPLES else 300)
def test_any_script_ends_with_both_sides_agreeing_or_a_person_knowing() -> None:
    run_state_machine_as_test(Lives, settings=settings(
        max_examples=EXAMPLES or 12, stateful_step_count=25, deadline=None, derandomize=not EXAMPLES, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
        phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
    ))  # fmt: skip
