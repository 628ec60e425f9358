"""A named person lets go what a guardrail stopped, all of it or some SKUs, and nothing else slips through with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from integration import kinds, steps
from integration.problems import Problem
from integration.storage import causes, guards, journal
from tests.cli.selling import lists, priced, pushes, reads, tee
from tests.world import World

Command = Callable[..., Result]
WHO = ("--by", "Ada King", "--reason", "a sale")
SHIRTS = [(31, 11, "TEE-M"), (32, 12, "TEE-L")]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Two T-shirts fell to a tenth of their price at Calder, and wait behind its guardrail."""
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


def cause(cvsync: Command) -> dict[str, Any]:
    (found,) = json.loads(cvsync("exceptions", "list", "--json").stdout)
    assert isinstance(found, dict)
    return found


def test_the_message_has_numbers_and_a_sample(shop: World, cvsync: Command) -> None:
    found = cause(cvsync)
    assert (found["kind"], found["held"]) == ("price-guard", 2)
    assert "36.00" in found["sentence"]
    assert "3.60" in found["sentence"]


def test_all_that_waits_is_let_go(shop: World, cvsync: Command) -> None:
    number = str(cause(cvsync)["id"])
    assert json.loads(cvsync("exceptions", "release", number, *WHO, "--json").stdout) == {
        "id": int(number), "released": 2,
    }  # fmt: skip
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == [{"price": "3.60", "rrp": "3.60"}] * 2
    assert shop.causes() == []


def test_only_the_named_skus_are_let_go(shop: World, cvsync: Command) -> None:
    number = str(cause(cvsync)["id"])
    result = cvsync("exceptions", "release", number, *WHO, "--sku", "TEE-M")
    assert (result.exit_code, "go on: 1" in result.stdout) == (0, True)
    assert pushes(shop, "calder", "TEE-M", "TEE-L") == [{"price": "3.60", "rrp": "3.60"}]
    assert shop.item(steps.PRODUCTS_PUSH, "calder/TEE-L").held
    assert shop.causes() == [("price-guard", "calder")]


def test_who_and_why_is_in_the_story_of_the_sku(shop: World, cvsync: Command) -> None:
    cvsync("exceptions", "release", str(cause(cvsync)["id"]), *WHO)
    with shop.store.read() as db:
        told = [each for each in journal.story(db, "sku", "TEE-M") if each["what"] == "let pass a guardrail"]
    assert [(each["by"], each["reason"]) for each in told] == [("Ada King", "a sale")]


def test_a_price_that_came_later_is_stopped_again(shop: World, cvsync: Command) -> None:
    cvsync("exceptions", "release", str(cause(cvsync)["id"]), *WHO, "--sku", "TEE-M")
    reads(shop, priced(tee(31, 11, "TEE-M", ean=""), "0.36"))
    assert pushes(shop, "calder", "TEE-M") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("99", *WHO), "no open exception 99"), (("{id}", *WHO, "--sku", "NOPE"), "NOPE"),
        (("{other}", *WHO), "No guardrail stands behind this one"),
    ],
)  # fmt: skip
def test_what_cannot_be_released_is_said_with_status_1(
    shop: World, cvsync: Command, words: tuple[str, ...], said: str
) -> None:
    number = cause(cvsync)["id"]
    with shop.store.write() as db:
        problem = Problem(kinds.LISTING_GONE, "calder/TEE-M", {"retailer": "Calder", "sku": "TEE-M"})
        causes.open_for(db, [problem], shop.at, item_id=None)
    result = cvsync("exceptions", "release", *(word.format(id=number, other=number + 1) for word in words))
    assert result.exit_code == 1
    assert said in result.stderr
    with shop.store.read() as db:
        assert guards.stopped(db) == {("prices", "calder")}


@pytest.mark.parametrize("words", [(), ("--reason", "a sale"), ("--by", " ", "--reason", "a sale"), ("--by", "Ada")])
def test_nobody_releases_without_a_name_and_a_reason(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("exceptions", "release", str(cause(cvsync)["id"]), *words).exit_code == 2
    assert pushes(shop, "calder", "TEE-M") == []
