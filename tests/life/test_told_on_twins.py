"""From a retailer's order over both twins' sockets to the one message at a real address, and to its quiet end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integration import kinds
from integration.flows import exceptions, upkeep
from integration.storage.found import Filter
from sandbox.centra import clock
from tests.life.desk import JANE
from tests.life.stage import Stage
from tests.life.switchboard import Message, Switchboard

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SERVICE = kinds.UNMAPPED_DELIVERY_SERVICE.code


@pytest.fixture
def stage(tmp_path: Path, board: Switchboard) -> Iterator[Stage]:
    made = Stage(tmp_path, skus=20)
    names = {channel.name for team in made.rules.teams.values() for channel in team.channels}
    board.again(made.now)
    made.services = replace(made.services, notify=board.channels(names))
    yield made
    made.stop()


def minutes(stage: Stage, count: int) -> None:
    """Minutes pass, with the work that is due and all that people are told."""
    for _ in range(count):
        clock.advance(60)
        stage.drain()
        for chore in ("exceptions.weigh", "alerts.send"):
            upkeep.CHORES[chore](stage.services)


def told(board: Switchboard) -> list[Message]:
    return [each for each in board.taken if SERVICE in each.title]


def test_orders_that_nobody_can_map_are_one_message_and_go_on_when_the_mapping_is_there(
    stage: Stage, board: Switchboard
) -> None:
    skus = sorted(each.sku for each in stage.seed.listings if each.retailer == "northgate")[:3]
    placed = [
        stage.virtualstock.post("orders", retailer="northgate", lines=[{"sku": sku, "quantity": 1}],
                                overrides={"delivery_service_code": "drone"})["reference"]
        for sku in skus
    ]  # fmt: skip
    stage.round()
    minutes(stage, 4)

    (message,) = told(board)
    assert (message.channel, "3 orders" in message.title) == ("operations", True)
    assert "orders delivery service drone" in message.body

    shipping = stage.rules.retailers["northgate"].centra.shipping
    services = {**shipping.services, "drone": "express"}
    stage.change("northgate", centra={"shipping": shipping.model_copy(update={"services": services})})
    done = exceptions.retry(stage.services, Filter(kind=SERVICE), JANE, "published")
    assert (done.causes, done.items) == (1, 3)
    minutes(stage, 3)

    assert SERVICE not in [kind for kind, _ in stage.causes()]
    comments = [order["internal_comment"] for order in stage.centra.get("state")["orders"].values()]
    assert all(any(reference in (comment or "") for comment in comments) for reference in placed)
    assert told(board) == [message]
