"""Every test of a flow has a world of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ordering import FH, states, take

from integration import steps
from integration.lifecycle import LineState
from tests.world import World, line


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty one."""
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def shop(world: World) -> World:
    """One in which Centra has a T-shirt and a cap that Northgate lists, read and agreed on, and nothing is to be done.

    TEE-M is size 11, part number 71000001, product 901: 8 units. CAP is size 12, 71000002, product 902: 3 units.
    """
    world.centra.has(11, "TEE-M", 8, ean="5000000000011")
    world.centra.has(12, "CAP", 3, ean="5000000000012")
    world.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    world.lists("northgate", 902, "71000002", "CAP", shown=3)
    world.ask(steps.STOCK_SWEEP, steps.CENTRA)
    world.settle()
    world.ask(steps.CATALOGUE_LISTINGS, "northgate")
    world.settle()
    assert world.items() == []
    for platform in (world.centra, *world.retailers.values()):
        platform.calls.clear()
        platform.lanes.clear()
    return world


@pytest.fixture
def ordered(shop: World) -> World:
    """Northgate has ordered two T-shirts as PO-1, and we have stored that."""
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    assert shop.do(steps.ORDERS_POLL, "northgate").state == "done"
    return shop


@pytest.fixture
def taken(ordered: World) -> World:
    """That order is in Centra as 1200, its line as 12000; the warehouse has it, and Northgate knows."""
    ordered.settle()
    assert ordered.northgate.status(5001) == "ORDER_ACK"
    assert ordered.centra.made[1200].status == "CONFIRMED"
    for platform in (ordered.centra, *ordered.retailers.values()):
        platform.calls.clear()
    return ordered


@pytest.fixture
def gone(shop: World) -> World:
    """Northgate's order of two T-shirts and a cap was dispatched an hour ago; it is order 1200 in Centra."""
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"), line("2", "71000002", 1))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.settle()
    shop.centra.ships(1200, {12000: 2, 12001: 1})
    assert shop.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    shop.settle()
    shop.wait(3600)
    shop.northgate.calls.clear()
    assert shop.causes() == []
    return shop


@pytest.fixture
def fernhill(shop: World) -> World:
    """Fernhill, which may cancel some units of a line, has ordered three T-shirts, and all is done."""
    take(shop, "fernhill", "FH-1")
    assert states(shop, FH) == [LineState.ACKNOWLEDGED]
    return shop
