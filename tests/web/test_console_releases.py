"""What a guardrail stopped is let go on its page, all of it or the SKUs that are named, and nothing by accident."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, site

from integration import steps
from integration.people import Role
from tests.cli.selling import lists, priced, pushes, reads, tee
from tests.world import World

SHIRTS = [(31, 11, "TEE-M"), (32, 12, "TEE-L")]
PATH, FELL = "/exceptions/1/release", {"price": "3.60", "rrp": "3.60"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    """Two T-shirts fell to a tenth of their price at Calder, and wait behind its guardrail as exception 1."""
    world = World(tmp_path)
    shirts = [tee(number, size_id, sku, ean="") for number, size_id, sku in SHIRTS]
    world.change("calder", products={"enabled": False})
    reads(world, *shirts)
    for number, size_id, sku in SHIRTS:
        lists(world, "calder", 900 + number, (size_id, sku))
    reads(world, *(priced(each, "3.60") for each in shirts))
    assert pushes(world, "calder", "TEE-M", "TEE-L") == []
    yield world
    world.store.close()


@pytest.fixture
def olga(shop: World) -> Browser:
    return Browser(site(shop), Role.OPERATOR)


def test_the_page_offers_each_sku_that_waits(olga: Browser) -> None:
    shown = olga.get("/exceptions/1").text
    assert "<h1>Prices are stopped by a guardrail</h1>" in shown
    assert 'name="sku" value="TEE-M"' in shown
    assert 'name="sku" value="TEE-L"' in shown
    assert "Release all 2" in shown


def test_all_of_it_is_let_go(shop: World, olga: Browser) -> None:
    assert "Articles that go on: 2" in olga.follow(olga.post(PATH, scope="all", reason="a sale")).text
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == [FELL, FELL]
    assert shop.causes() == []


@pytest.mark.parametrize("fields", [{"sku": "TEE-M"}, {"more": "\r\n TEE-M \r\n\r\n"}])
def test_only_what_is_ticked_or_written_is_let_go(shop: World, olga: Browser, fields: dict[str, str]) -> None:
    olga.follow(olga.post(PATH, scope="some", reason="a sale", **fields))
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == [FELL]
    assert shop.item(steps.PRODUCTS_PUSH, "calder/TEE-L").held
    assert shop.causes() == [("price-guard", "calder")]


@pytest.mark.parametrize("fields", [{"scope": "some"}, {"scope": "some", "more": " \n"}, {"scope": "none"}, {}])
def test_no_sku_named_never_means_all_of_them(shop: World, olga: Browser, fields: dict[str, str]) -> None:
    assert olga.post(PATH, reason="a sale", **fields).status_code == 422
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == []


def test_an_sku_that_does_not_wait_is_told_and_nothing_goes(shop: World, olga: Browser) -> None:
    answer = olga.post(PATH, scope="some", sku="TEE-M", more="NOPE", reason="a sale")
    assert (answer.status_code, "Nothing of NOPE waits" in answer.text) == (409, True)
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == []
