"""What flows in shadow would have sent can be read, in part or whole, before anything goes live."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from integration.cli import shadow
from integration.storage import shadows
from tests.cli.selling import lists, pushes, reads, tee
from tests.world import NOON, World

Command = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Over two days: products of two retailers, a creation, a quantity."""
    world = World(tmp_path)
    with world.store.write() as db:
        for days, (flow, retailer, sku, body) in enumerate([
            ("products", "calder", "TEE-M", {"price": "30.00", "product_name": "Tee"}),
            ("products created", "calder", "TEE-L", {"product_name": "=Tee"}),
            ("stock", "fernhill", "TEE-M", {"quantity": "5"}),
        ]):  # fmt: skip
            shadows.record(db, flow, retailer, sku, days, body, NOON + timedelta(days=days))
    yield world
    world.store.close()


def found(cvsync: Command, *words: str) -> list[tuple[str, str]]:
    return [(each["flow"], each["sku"]) for each in json.loads(cvsync("shadow", *words, "--json").stdout)]


def test_all_of_it_is_shown_oldest_first(shop: World, cvsync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "AT_ONCE", 2)
    shown = json.loads(cvsync("shadow", "--json").stdout)
    assert [each["flow"] for each in shown] == ["products", "products created", "stock"]
    assert shown[0]["body"] == {"price": "30.00", "product_name": "Tee"}
    assert shown[0]["at"].startswith("2026-03-02T12:00")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--flow", "products"), [("products", "TEE-M"), ("products created", "TEE-L")]),
        (("--flow", "stock"), [("stock", "TEE-M")]),
        (("--retailer", "calder", "--sku", "TEE-L"), [("products created", "TEE-L")]),
        (("--since", "2026-03-03T12:00:00+00:00"), [("products created", "TEE-L"), ("stock", "TEE-M")]),
        (("--since", "2026-03-03T12:00:01Z"), [("stock", "TEE-M")]),
    ],
)  # fmt: skip
def test_a_part_can_be_asked_for(
    shop: World, cvsync: Command, words: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    assert found(cvsync, *words) == expected


def test_the_sheet_has_a_row_for_each_attribute(shop: World, cvsync: Command) -> None:
    text = cvsync("shadow", "--retailer", "calder", "--csv", "-").stdout_bytes.decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["sku"], row["attribute"], row["value"]) for row in rows] == [
        ("TEE-M", "price", "30.00"), ("TEE-M", "product_name", "Tee"), ("TEE-L", "product_name", "'=Tee"),
    ]  # fmt: skip


def test_people_get_a_table_or_are_told_that_there_is_nothing(shop: World, cvsync: Command) -> None:
    assert "TEE-M" in cvsync("shadow").stdout
    assert cvsync("shadow", "--sku", "NOPE").stdout == "0 calls would have been made; none was.\n"


@pytest.mark.parametrize("words", [("--since", "yesterday"), ("--flow", "orders"), ("--json", "--csv", "-")])
def test_wrong_use_of_shadow_ends_with_status_2(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("shadow", *words).exit_code == 2


def test_what_a_push_in_shadow_wrote_down_is_what_would_have_been_sent(shop: World, cvsync: Command) -> None:
    shop.change("fernhill", switches={"products": "shadow"})
    reads(shop, tee())
    lists(shop, "fernhill", 902)
    reads(shop, tee(name="Light tee"))
    assert pushes(shop, "fernhill", "TEE-M") == []
    (shown,) = json.loads(cvsync("shadow", "--flow", "products", "--retailer", "fernhill", "--json").stdout)
    assert shown["body"] == {"name": "Light tee"}
