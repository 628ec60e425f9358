"""Work can be asked for now, and what it would send can be seen without sending it."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from integration import steps
from integration.flows import preview
from integration.storage import orders
from tests.world import World

Command = Callable[..., Result]


def moved(shop: World, free: int) -> None:
    """Centra's level is `free` now, and we have read it."""
    shop.centra.has(11, "TEE-M", free, ean="5000000000011")
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)


def test_a_dry_run_shows_the_quantities_that_differ(shop: World, cvsync: Command) -> None:
    assert json.loads(cvsync("sync", "stock", "--all", "--dry-run", "--json").stdout) == {"would_send": []}
    moved(shop, 5)
    result = cvsync("sync", "stock", "--sku", "TEE-M", "--dry-run", "--json")
    assert json.loads(result.stdout)["would_send"] == [
        {"retailer": "northgate", "sku": "TEE-M", "product_id": 901, "before": 8, "quantity": 5}
    ]
    assert shop.northgate.said("set_stock") == []


def test_a_dry_run_of_an_order_shows_the_body_without_personal_data(shop: World, cvsync: Command) -> None:
    result = cvsync("sync", "orders", "--order", "PO-1", "--dry-run", "--json")
    (call,) = json.loads(result.stdout)["would_send"]
    assert (call["step"], call["retailer"], call["order"]) == ("orders.place", "northgate", "PO-1")
    assert call["body"]["createOnly"] is True
    assert call["body"]["products"][0]["qty"] == 3
    assert "Ada" not in result.stdout
    assert "LS1" not in result.stdout


def test_a_dry_run_says_what_keeps_an_order_from_being_sent(shop: World, cvsync: Command) -> None:
    with shop.store.write() as db:
        orders.replace_raw(db, 1, {**shop.northgate.placed[5001], "currency_code": "SEK"})
    result = cvsync("sync", "orders", "--all", "--dry-run", "--json")
    (call,) = json.loads(result.stdout)["would_send"]
    assert result.exit_code == 1
    assert "SEK" in call["problems"][0]


def test_after_its_creation_an_order_is_acknowledged_and_then_its_shipment_announced(shop: World) -> None:
    shop.run(steps.ORDERS_PLACE, "northgate/PO-1")
    shop.run(steps.ORDERS_CONFIRM, "northgate/PO-1")
    with shop.store.read() as db:
        (order,) = orders.find(db, "PO-1")
        (line,) = orders.lines(db, order.id)
    (call,) = preview.order_calls(shop.services, [order])
    assert call["step"] == "orders.acknowledge"
    assert call["body"]["items"][0]["line_ref"] == "1"
    shop.centra.ships(1200, {line.centra_line_id or 0: 3})
    (call,) = preview.announcements(shop.services, [order])
    assert call["body"]["items"][0].items() >= {"quantity": 3, "tracking_number": "TRACK41"}.items()
    assert shop.northgate.said("acknowledge") == shop.northgate.said("dispatch") == []


def test_sync_asks_for_a_fresh_reading_and_a_push(shop: World, cvsync: Command) -> None:
    asked = json.loads(cvsync("sync", "stock", "--sku", "TEE-M", "--json").stdout)["asked"]
    assert asked == [
        {"step": "stock.read", "subject": "centra"}, {"step": "stock.push", "subject": "northgate/TEE-M"},
    ]  # fmt: skip
    assert shop.asked(steps.STOCK_PUSH) == ["northgate/TEE-M"]
    assert shop.asked(steps.STOCK_READ) == ["centra"]


def test_sync_asks_each_retailer_for_its_orders(shop: World, cvsync: Command) -> None:
    assert cvsync("sync", "orders", "--all").exit_code == 0
    assert shop.asked(steps.ORDERS_POLL) == sorted(shop.rules.retailers)


@pytest.mark.parametrize(
    "words",
    [
        ("stock",), ("stock", "--order", "PO-1"), ("orders", "--sku", "TEE-M"), ("stock", "--all", "--sku", "TEE-M"),
        ("stock", "--retailer", "nobody"), ("prices", "--all"),
    ],
)  # fmt: skip
def test_wrong_use_ends_with_status_2(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("sync", *words).exit_code == 2


def test_a_platform_that_is_away_is_said_in_one_line_with_status_1(shop: World, cvsync: Command) -> None:
    shop.run(steps.ORDERS_PLACE, "northgate/PO-1")
    result = cvsync("sync", "dispatches", "--order", "PO-1", "--dry-run")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.stderr.strip()
