"""A flow is switched from a terminal as in the console: by name, with a reason, and with all that waited after it."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from integration import steps
from integration.storage import activity
from tests.world import World

Command = Callable[..., Result]


def test_a_flow_is_paused_shown_and_resumed(shop: World, cvsync: Command) -> None:
    shop.ask(steps.STOCK_PUSH, "northgate/TEE-M")
    paused = cvsync("flows", "pause", "stock", "--retailer", "northgate", "--by", "Ada", "--reason", "stock-taking")
    assert (paused.exit_code, paused.stdout) == (0, "stock is paused at northgate\n")
    assert shop.run(steps.STOCK_PUSH, "northgate/TEE-M").state == "idle"

    (shown,) = json.loads(cvsync("flows", "list", "--paused", "--json").stdout)
    assert (shown["flow"], shown["retailer"], shown["state"]) == ("stock", "northgate", "paused")
    assert (shown["pause"]["by"], shown["pause"]["reason"], shown["pause"]["waiting"]) == ("Ada", "stock-taking", 1)
    assert "stock-taking" in cvsync("flows", "list").stdout

    resumed = cvsync("flows", "resume", "stock", "--retailer", "northgate", "--reason", "counted", "--json")
    assert json.loads(resumed.stdout) == {"flow": "stock", "retailer": "northgate", "due": 1}
    assert json.loads(cvsync("flows", "list", "--paused", "--json").stdout) == []
    with shop.store.read() as db:
        assert [(row["verb"], row["door"]) for row in activity.page(db, before=None, limit=9)] == [
            ("resumed", "cli"), ("paused", "cli"),
        ]  # fmt: skip


def test_the_status_tells_of_a_pause_for_some_and_for_all(shop: World, cvsync: Command) -> None:
    cvsync("flows", "pause", "stock", "--retailer", "northgate", "--reason", "why")
    cvsync("flows", "pause", "returns", "--all", "--reason", "why")

    rows = {line.split()[1]: line for line in cvsync("status").stdout.splitlines() if line.startswith("│")}
    assert "at northgate" in rows["stock"]
    assert "yes" in rows["returns"]
    assert " no " in rows["orders"]


@pytest.mark.parametrize(("words", "status", "said"), [
    (("pause", "stock", "--reason", "why"), 2, "Say where"),
    (("pause", "stock", "--all", "--retailer", "northgate", "--reason", "why"), 2, "Say where"),
    (("pause", "stok", "--all", "--reason", "why"), 1, "There is no flow stok"),
    (("pause", "stock", "--retailer", "nobody", "--reason", "why"), 1, "There is no retailer nobody"),
    (("pause", "stock", "--all", "--reason", " "), 1, "Say why"),
    (("resume", "stock", "--all", "--reason", "why"), 1, "is not paused"),
    (("pause", "stock", "--all"), 2, "--reason"),
    (("scorecard", "--retailer", "nobody"), 2, "There is no retailer nobody"),
])  # fmt: skip
def test_what_cannot_be_is_told_in_a_line(
    shop: World, cvsync: Command, words: tuple[str, ...], status: int, said: str
) -> None:
    result = cvsync("flows", *words)

    assert result.exit_code == status
    assert said in result.stderr


def test_the_scorecard_ends_with_a_status_that_tells_of_a_missed_measure(shop: World, cvsync: Command) -> None:
    result = cvsync("flows", "scorecard", "--json")
    cards = {card["retailer"]: {each["measure"]: each for each in card["scores"]} for card in json.loads(result.stdout)}

    assert set(cards) == set(shop.rules.retailers)
    # A command has the time of the machine, and the shop has done nothing for longer than the card looks back.
    assert cards["northgate"]["acknowledged_in_time"]["verdict"] == "no data"
    assert cards["northgate"]["days_with_stock_update"]["verdict"] == "missed"
    assert result.exit_code == 1
    assert "no data" in cvsync("flows", "scorecard", "--retailer", "calder").stdout


@pytest.mark.parametrize(("text", "orders", "skus"), [
    ("PO-1", ["PO-1"], []), ("71000001", ["PO-1"], ["TEE-M"]), ("TEE", [], ["TEE-M"]), ("nothing", [], []),
])  # fmt: skip
def test_any_name_finds_what_it_belongs_to(
    shop: World, cvsync: Command, text: str, orders: list[str], skus: list[str]
) -> None:
    result = cvsync("find", text, "--json")
    found = json.loads(result.stdout)

    assert [row["reference"] for row in found["orders"]] == orders
    assert [row["sku"] for row in found["skus"]] == skus
    assert result.exit_code == int(not orders and not skus)
    assert all(name in cvsync("find", text).stdout for name in orders + skus)
