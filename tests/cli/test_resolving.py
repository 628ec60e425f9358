"""A person may say what the portal shows, where no look of ours can."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from integration import kinds
from integration.problems import Problem
from integration.storage import causes
from tests.world import World

Command = Callable[..., Result]


def opened(world: World, kind: kinds.Kind) -> str:
    """The number of a new cause of that kind, about shipment 41."""
    with world.store.write() as db:
        causes.open_for(db, [Problem(kind, "northgate/PO-1/41")], world.at, item_id=None)
        return str(db.scalar(causes.CAUSE.select().where(causes.CAUSE.c.kind == kind.code)))


@pytest.mark.parametrize("kind", [kinds.DISPATCH_UNKNOWN, kinds.SHIPMENT_CHANGED])
def test_what_only_the_portal_shows_is_closed_by_who_looked(
    shop: World, cvsync: Command, kind: kinds.Kind
) -> None:
    result = cvsync("exceptions", "resolve", opened(shop, kind), "--reason", "it is right there")

    assert result.exit_code == 0, result.output
    assert json.loads(cvsync("exceptions", "list", "--json").stdout) == []


def test_what_a_fresh_look_closes_cannot_be_talked_away(shop: World, cvsync: Command) -> None:
    result = cvsync("exceptions", "resolve", opened(shop, kinds.UNMAPPED_CARRIER), "--reason", "never mind")

    assert result.exit_code == 1
    assert len(json.loads(cvsync("exceptions", "list", "--json").stdout)) == 1
