"""`cvsync catalogue` tells per retailer how its catalogue meets Centra's, on the screen and row by row in a sheet."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.cli.selling import lists, read_completely, reads, tee
from tests.world import World

Command = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Calder lists a T-shirt, and something that is none of ours; another T-shirt is listed nowhere."""
    world = World(tmp_path)
    reads(world, tee(), tee(32, 12, "TEE-L", ean="1"))
    lists(world, "calder", 901)
    lists(world, "calder", 902, None, part_number="=7100")
    read_completely(world, "calder")
    yield world
    world.store.close()


def test_it_counts_per_retailer_and_says_how_far_the_reading_is(shop: World, cvsync: Command) -> None:
    found = json.loads(cvsync("catalogue", "--json").stdout)
    assert found.keys() == shop.rules.retailers.keys()
    assert found["calder"] == {
        "matched": 1, "ambiguous": 0, "only_there": 1, "only_here": 1,
        "reading": {"offset": 0, "complete_readings": 1},
    }  # fmt: skip
    assert (found["fernhill"]["only_here"], found["fernhill"]["reading"]["complete_readings"]) == (2, 0)


def test_people_get_a_table(shop: World, cvsync: Command) -> None:
    page = cvsync("catalogue", "--retailer", "calder").stdout
    assert "calder" in page
    assert "fernhill" not in page
    assert "never guessed" in page


def test_the_sheet_has_one_row_for_each(shop: World, cvsync: Command, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.csv"
    assert cvsync("catalogue", "--retailer", "calder", "--csv", str(file)).exit_code == 0
    found = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["state"], row["part_number"], row["product_id"], row["sku"]) for row in found] == [
        ("matched", "TEE-M", "901", "TEE-M"), ("only there", "'=7100", "902", ""), ("only here", "", "", "TEE-L"),
    ]  # fmt: skip
    assert cvsync("catalogue", "--retailer", "calder", "--csv", "-").stdout_bytes == file.read_bytes()


@pytest.mark.parametrize("words", [("--retailer", "nobody"), ("--json", "--csv", "-")])
def test_wrong_use_of_the_report_ends_with_status_2(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("catalogue", *words).exit_code == 2
