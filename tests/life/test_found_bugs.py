"""Scripts that once ended wrong, shortened to what it took; see `tests.life.script` for their words."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.life.script import Script
from tests.life.stage import Stage


@dataclass(frozen=True)
class Found:
    """What was wrong, and the shortest script that showed it."""

    what: str
    plot: str


FOUND = (
    Found("a late order that is shown as new again is answered once more",
          "F1 order 1 short, round, round, round, F1 relist, round, round, round"),
    Found("one late line of an order that is shown as new again is answered once more",
          "F1 order 1 2 short, round, round, round, F1 relist, round, round, round"),
)  # fmt: skip


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.what)
def test_a_bug_that_was_found_does_not_come_back(found: Found, tmp_path: Path) -> None:
    stage = Stage(tmp_path, skus=24)
    try:
        script = Script(stage)
        for act in found.plot.split(","):
            script.act(act.strip())
            assert script.wrong_now() == [], act
        assert script.end() == []
    finally:
        stage.stop()
