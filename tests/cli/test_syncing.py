"""Work can be asked for now, and what it would send can be seen without sending it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from integration import steps
from integration.flows import preview, preview_answers
from integration.problems import LookFirst
from integration.storage import order_lines, orders
from tests.flows.invoicing import leave
from tests.flows.ordering import PO, acknowledge, confirm, place
from tests.world import World, line

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
        (shirts,) = order_lines.lines(db, order.id)
    (call,) = preview.order_calls(shop.services, [order])
    assert call["step"] == "orders.acknowledge"
    assert call["body"]["items"][0]["line_ref"] == "1"
    shop.centra.ships(1200, {shirts.centra_line_id or 0: 3})
    (call,) = preview.announcements(shop.services, [order])
    assert call["body"]["items"][0].items() >= {"quantity": 3, "tracking_number": "TRACK41"}.items()
    assert shop.northgate.said("acknowledge") == shop.northgate.said("dispatch") == []


@pytest.fixture
def placed(shop: World) -> World:
    """PO-1, three T-shirts, is confirmed in Centra as order 1200 and acknowledged."""
    for act in (place, confirm, acknowledge):
        assert act(shop).state == "done"
    shop.northgate.calls.clear()
    shop.centra.calls.clear()
    return shop


def would_cancel(shop: World) -> list[dict[str, Any]]:
    return list(preview_answers.cancellation_calls(shop.services, preview_answers.to_cancel(shop.services)))


def changed(shop: World) -> set[str]:
    """What was asked of either platform besides reading."""
    reading = {"orders", "order", "order_v3", "returns"}
    return {name for name, _ in [*shop.northgate.calls, *shop.centra.calls]} - reading


def test_a_dry_run_of_a_cancellation_shows_both_calls_and_makes_none(placed: World) -> None:
    placed.northgate.wants_cancelled(5001)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    settle, confirmed = would_cancel(placed)
    assert (settle["step"], settle["order"]) == ("cancellations.settle", "PO-1")
    assert settle["body"] == {
        "centra_order": 1200, "whole_order": True, "cancel_by_centra_line": {12000: 3}, "too_late_lines": [],
    }  # fmt: skip
    assert confirmed["step"] == "cancellations.confirm"
    assert confirmed["body"] == {"items": [{"part_number": "71000001", "line_ref": "1", "quantity": 3}]}
    assert changed(placed) == set()
    placed.settle()
    assert placed.northgate.said("cancel_acknowledge") == [confirmed["body"]["items"]]
    assert placed.northgate.status(5001) == "CANCEL_ACK"
    assert would_cancel(placed) == []


def test_a_dry_run_of_a_cancellation_that_came_too_late_says_so(placed: World) -> None:
    placed.centra.ships(1200, {12000: 3}, is_shipped=False)
    placed.northgate.wants_cancelled(5001)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    (settle,) = would_cancel(placed)
    assert settle["body"]["too_late_lines"] == ["1"]
    assert settle["body"]["cancel_by_centra_line"] == {}


def test_a_dry_run_asks_the_retailer_for_units_and_keeps_the_answer_to_itself(placed: World) -> None:
    placed.change("northgate", cancel={"part_lines": True})
    placed.northgate.wants_cancelled(5001, units=1)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    settle, confirmed = would_cancel(placed)
    assert settle["body"]["cancel_by_centra_line"] == {12000: 1}
    assert confirmed["body"]["items"][0]["quantity"] == 1
    with placed.store.read() as db:
        assert [each.cancel_asked for each in order_lines.lines(db, 1)] == [None]
    placed.northgate.tells_units = False
    (unclear,) = would_cancel(placed)
    assert "does not tell how many" in unclear["problems"][0]


def test_a_dry_run_of_a_cancellation_before_centra_needs_nothing_there(shop: World) -> None:
    shop.northgate.wants_cancelled(5001)
    shop.do(steps.CANCELLATIONS_POLL, "northgate")
    (confirmed,) = would_cancel(shop)
    assert (confirmed["step"], confirmed["body"]["items"][0]["quantity"]) == ("cancellations.confirm", 3)


def test_sync_asks_to_settle_what_waits_and_to_look_for_more(placed: World, cvsync: Command) -> None:
    placed.northgate.wants_cancelled(5001)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    asked = json.loads(cvsync("sync", "cancellations", "--retailer", "northgate", "--json").stdout)["asked"]
    assert asked == [
        {"step": "cancellations.poll", "subject": "northgate"}, {"step": "cancellations.settle", "subject": PO},
    ]  # fmt: skip
    asked = json.loads(cvsync("sync", "cancellations", "--order", "PO-1", "--json").stdout)["asked"]
    assert asked == [{"step": "cancellations.settle", "subject": PO}]


@pytest.fixture
def left(placed: World) -> World:
    """All of PO-1 left, and Northgate is invoiced for it."""
    placed.change("northgate", invoices={"enabled": True, "retailer_id": "3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11"})
    leave(placed, {"1": 3})
    with placed.store.write() as db:
        amounts = {"subtotal": "30.00", "tax": "6.00", "tax_rate": "20.00"}
        raw = placed.northgate.placed[5001]
        raw = raw | {"items": [each | amounts for each in raw["items"]]}
        db.execute(sa.update(orders.ORDER).values(raw=raw))
    return placed


def would_invoice(shop: World) -> list[dict[str, Any]]:
    return list(preview_answers.invoice_calls(shop.services, preview_answers.to_invoice(shop.services)))


def test_a_dry_run_of_an_invoice_shows_exactly_what_is_then_sent(left: World) -> None:
    (call,) = would_invoice(left)
    assert (call["step"], call["order"]) == ("invoices.send", "PO-1")
    assert left.northgate.said("invoice") == []
    assert left.do(steps.INVOICES_SEND, PO).state == "done"
    assert left.northgate.said("invoice") == [call["body"]]
    assert would_invoice(left) == []


def test_a_dry_run_of_an_invoice_whose_answer_was_lost_shows_the_same_again(left: World) -> None:
    left.northgate.lose_answer("invoice", LookFirst("the answer was lost"))
    left.do(steps.INVOICES_SEND, PO)
    left.wait(86_400)
    (call,) = would_invoice(left)
    assert [call["body"]] == left.northgate.said("invoice")


def test_a_dry_run_says_what_an_invoice_lacks(left: World) -> None:
    with left.store.write() as db:
        db.execute(sa.update(orders.ORDER).values(raw=left.northgate.placed[5001]))
    (call,) = would_invoice(left)
    assert "tax rate" in call["problems"][0]


def test_only_what_is_owed_is_asked_to_be_invoiced(left: World) -> None:
    assert [each.subject for each in preview_answers.to_invoice(left.services, retailer="northgate")] == [PO]
    assert preview_answers.to_invoice(left.services, reference="PO-2") == []
    assert preview_answers.to_invoice(left.services, retailer="calder") == []
    left.change("northgate", invoices={"enabled": False})
    assert preview_answers.to_invoice(left.services) == []


def test_a_dry_run_of_a_return_shows_its_acknowledgement(left: World, cvsync: Command) -> None:
    left.northgate.asks_back(5001)
    left.do(steps.RETURNS_POLL, "northgate")
    (call,) = json.loads(cvsync("sync", "returns", "--all", "--dry-run", "--json").stdout)["would_send"]
    assert (call["return"], call["step"]) == ("r-1", "returns.acknowledge")
    assert call["body"] == {"items": [{"part_number": "71000001", "line_ref": "1", "quantity": 1}]}
    assert left.northgate.said("return_acknowledge") == []
    asked = json.loads(cvsync("sync", "returns", "--order", "PO-1", "--json").stdout)["asked"]
    assert asked == [{"step": "returns.acknowledge", "subject": "northgate/r-1"}]
    asked = json.loads(cvsync("sync", "returns", "--retailer", "northgate", "--json").stdout)["asked"]
    assert asked == [{"step": "returns.poll", "subject": "northgate"}]
    left.settle()
    assert left.northgate.said("return_acknowledge") == [call["body"]["items"]]
    assert preview_answers.to_acknowledge(left.services) == []


def test_a_dry_run_of_a_return_that_does_not_fit_says_why(left: World) -> None:
    left.northgate.asks_back(5001, quantity=4)
    left.do(steps.RETURNS_POLL, "northgate")
    found = preview_answers.to_acknowledge(left.services)
    (call,) = preview_answers.return_calls(left.services, found)
    assert "where 3 were dispatched" in call["problems"][0]


def test_a_test_order_shows_no_call_to_centra(shop: World) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71000001"), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    with shop.store.read() as db:
        found = orders.find(db, "PO-2")
    assert list(preview.order_calls(shop.services, found)) == []
    assert place(shop, "northgate/PO-2").state == "done"
    with shop.store.read() as db:
        found = orders.find(db, "PO-2")
    assert [call["step"] for call in preview.order_calls(shop.services, found)] == ["orders.acknowledge"]


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
        ("stock", "--retailer", "nobody"), ("prices", "--all"), ("returns", "--sku", "TEE-M"), ("invoices",),
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
