"""A dry run of stock shows what the guardrail would hold, and exactly the rest is what is then sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from integration import steps
from integration.flows import preview, sending, stock
from integration.flows.releases import release
from integration.lanes import Lane
from integration.storage import guards, sizes
from integration.storage.store import table_of
from integration.storage.tables import Cause, GuardedMove
from tests.world import World

Command = Callable[..., Result]
Said = list[tuple[int, int]]
CAUSE, MOVE = table_of(Cause), table_of(GuardedMove)
SKUS = [f"TEE-{number}" for number in range(6)]
MASS = "3 of 6 live listings fall to zero within 60 minutes"


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Northgate shows 8 of each of six T-shirts; two falls of six may pass, three are a mass."""
    world = World(tmp_path)
    world.change("northgate", guardrails={"least_listings": 2, "most_to_zero_percent": 40})
    for number, sku in enumerate(SKUS):
        world.centra.has(11 + number, sku, 8)
        world.lists("northgate", 901 + number, f"7100000{number}", sku, shown=8)
    world.do(steps.STOCK_SWEEP, steps.CENTRA)
    world.do(steps.CATALOGUE_LISTINGS, "northgate")
    world.settle()
    assert world.items() == []
    yield world
    world.store.close()


def leaves(shop: World, count: int, quantity: int) -> None:
    """Of the first SKUs so many units are left in our picture of Centra; no flow has looked at that yet."""
    for number, sku in enumerate(SKUS[:count]):
        shop.centra.has(11 + number, sku, quantity)
    with shop.store.write() as db:
        found = shop.centra.sizes(list(range(11, 11 + count)), lane=Lane.STOCK)
        sizes.record(db, found, sizes.begin_read(db), shop.at)


def shown(shop: World, sku: str | None = None) -> tuple[Said, list[str]]:
    """What a dry run shows as sent, and the sentences beside what it shows as held."""
    calls = list(preview.stock_pushes(shop.services, preview.listed(shop.services, sku=sku, retailer="northgate")))
    sent = [(call["product_id"], call["quantity"]) for call in calls if "problems" not in call]
    return sent, [sentence for call in calls for sentence in call.get("problems", ())]


def sent(shop: World, sku: str | None = None) -> Said:
    """What is sent when it is asked for."""
    shop.northgate.calls.clear()
    asked = sending.ASKS[sending.Flow.STOCK](shop.services, sending.Part(sku, None, "northgate"))
    shop.ask(steps.STOCK_PUSH, *(subject for step, subject in asked if step is steps.STOCK_PUSH))
    shop.settle()
    return shop.northgate.said("set_stock")


def test_a_mass_of_falls_that_nobody_has_counted_is_shown_as_held_and_then_held(shop: World) -> None:
    leaves(shop, 3, 0)

    goes, sentences = shown(shop)

    assert goes == []
    assert (len(sentences), len(set(sentences))) == (3, 1)
    assert MASS in sentences[0]
    assert "3 listings wait, for example TEE-0 8 → 0; TEE-1 8 → 0; TEE-2 8 → 0" in sentences[0]
    assert sent(shop) == goes
    with shop.store.read() as db:
        assert db.scalar(sa.select(CAUSE.c.sentence)) == sentences[0]


def test_what_does_not_fall_to_zero_is_shown_as_sent_beside_a_mass_that_is_held(shop: World) -> None:
    leaves(shop, 4, 3)
    leaves(shop, 3, 0)

    goes, sentences = shown(shop)

    assert (goes, len(sentences)) == ([(904, 3)], 3)
    assert sent(shop) == goes


def test_falls_that_are_no_mass_are_shown_as_sent(shop: World) -> None:
    leaves(shop, 2, 0)

    assert shown(shop) == ([(901, 0), (902, 0)], [])
    assert sent(shop) == [(901, 0), (902, 0)]


def test_a_fall_is_judged_beside_those_that_fell_within_the_window(shop: World) -> None:
    leaves(shop, 2, 0)
    sent(shop)
    shop.wait(59 * 60)
    leaves(shop, 3, 0)
    goes, sentences = shown(shop, "TEE-2")
    assert goes == []
    assert MASS in sentences[0]

    shop.wait(3 * 60)
    assert shown(shop, "TEE-2") == ([(903, 0)], [])
    assert sent(shop, "TEE-2") == [(903, 0)]


def test_two_halves_of_a_mass_are_seen_together_over_any_border(shop: World) -> None:
    shop.at = shop.at.replace(hour=12, minute=59)
    leaves(shop, 2, 0)
    assert len(sent(shop)) == 2
    shop.wait(120)
    leaves(shop, 3, 0)

    assert sent(shop) == []
    assert shop.causes() == [("zero-guard", "northgate")]


def test_what_has_fallen_belongs_to_the_whole_that_a_mass_is_a_share_of(shop: World) -> None:
    shop.change("northgate", guardrails={"most_to_zero_percent": 50})
    for count in (1, 2, 3):
        leaves(shop, count, 0)
        assert len(sent(shop)) == 1, "three of six are half of them, although only three are left"


def test_a_fall_that_a_person_let_pass_is_shown_as_sent(shop: World) -> None:
    leaves(shop, 3, 0)
    sent(shop)
    with shop.store.read() as db:
        cause = db.scalar(sa.select(CAUSE.c.id)) or 0
    release(shop.services, cause, skus=["TEE-1"], by="Ada", reason="sold out")

    goes, sentences = shown(shop)

    assert (goes, len(sentences)) == ([(902, 0)], 2)
    assert sent(shop) == goes


def test_a_dry_run_counts_nothing(shop: World) -> None:
    leaves(shop, 3, 0)
    for _ in range(2):
        shown(shop)

    with shop.store.read() as db:
        assert list(db.execute(sa.select(MOVE))) == []
        assert guards.stopped(db) == set()
    assert shop.causes() == []


def test_what_is_in_shadow_is_held_by_no_guardrail(shop: World) -> None:
    shop.change("northgate", switches={"stock": "shadow"})
    leaves(shop, 3, 0)

    assert shown(shop) == ([(901, 0), (902, 0), (903, 0)], [])
    stock.count_falls(shop.services, [f"northgate/{sku}" for sku in SKUS])
    assert shop.causes() == []


def test_the_command_shows_what_is_held_and_asks_for_attention(shop: World, cvsync: Command) -> None:
    leaves(shop, 2, 3)
    leaves(shop, 1, 0)
    with shop.store.write() as db:
        guards.stop(db, "stock to zero", "northgate", shop.at)

    result = cvsync("sync", "stock", "--all", "--dry-run", "--json")

    held, goes = json.loads(result.stdout)["would_send"]
    assert (held["sku"], goes) == (
        "TEE-0", {"retailer": "northgate", "sku": "TEE-1", "product_id": 902, "before": 8, "quantity": 3}
    )  # fmt: skip
    assert "Stock that falls to zero is stopped for Northgate" in held["problems"][0]
    assert result.exit_code == 1
    assert "1 calls would be made" in cvsync("sync", "stock", "--all", "--dry-run").stdout
