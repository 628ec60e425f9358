"""The record of who did what is read on the command line, narrowed and page by page."""

import json
from collections.abc import Callable

from typer.testing import Result

from integration.people import Door, Person, Role
from integration.storage import activity
from tests.world import World


def test_the_record_is_shown_newest_first_and_can_be_narrowed(shop: World, cvsync: Callable[..., Result]) -> None:
    with shop.store.write() as db:
        for name in ("ada", "ben", "ada"):
            person = Person(name, Role.ADMIN, Door.CONSOLE)
            activity.record(db, person, "retried", "cause", "7", shop.at, "carrier back")

    rows = json.loads(cvsync("activity", "--json").stdout)
    assert [row["by"] for row in rows] == ["ada", "ben", "ada"]
    assert rows[0]["id"] > rows[1]["id"]
    mine = json.loads(cvsync("activity", "--by", "ada", "--limit", "1", "--json").stdout)
    older = json.loads(cvsync("activity", "--by", "ada", "--before", str(mine[0]["id"]), "--json").stdout)
    assert len(mine) == len(older) == 1
    assert older[0]["id"] < mine[0]["id"]
    shown = cvsync("activity", "--about", "cause", "--subject", "7").output
    assert "carrier" in shown
    assert json.loads(cvsync("activity", "--subject", "8", "--json").stdout) == []
