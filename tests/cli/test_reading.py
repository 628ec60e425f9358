"""How things stand, and what became of one SKU or order, is told from the database alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from integration import steps
from integration.flows import deadlines, report
from tests.world import World, line

Command = Callable[..., Result]


def test_status_counts_open_and_held_work_by_flow(shop: World, cvsync: Command) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    assert shop.run(steps.ORDERS_PLACE, "northgate/PO-2").state == "held"
    found = json.loads(cvsync("status", "--json").stdout)
    assert {name: found["flows"]["orders"][name] for name in ("open", "held", "paused")} == {
        "open": 1, "held": 1, "paused": False,
    }  # fmt: skip
    assert found["flows"]["orders"]["oldest_open_seconds"] > 0
    assert found["flows"]["stock"]["last_success_at"].startswith("2026-03-02T12:00")
    assert found["exceptions"] == {"open": 1, "by_owner": {"catalogue": 1}}
    assert {"limit", "used", "window_seconds", "throttled"} <= found["quotas"]["virtualstock:northgate"].keys()
    assert "centra" in found["quotas"]


def test_a_flow_that_no_retailer_lets_run_is_paused(shop: World) -> None:
    for code in shop.rules.retailers:
        assert report.status(shop.services)["flows"]["stock"]["paused"] is False
        shop.change(code, switches={"stock": False})
    assert report.status(shop.services)["flows"]["stock"]["paused"] is True


@pytest.mark.parametrize(
    ("flow", "off"),
    [
        ("cancellations", {"switches": {"cancellations": False}}), ("returns", {"returns": {"enabled": False}}),
        ("backorders", {"switches": {"acknowledgements": False}}),
    ],
)  # fmt: skip
def test_a_flow_is_paused_when_the_last_retailer_stops_it(shop: World, flow: str, off: dict[str, Any]) -> None:
    for code in shop.rules.retailers:
        assert report.status(shop.services)["flows"][flow]["paused"] is False
        shop.change(code, **off)
    assert report.status(shop.services)["flows"][flow]["paused"] is True


def test_status_counts_deadlines_that_are_near_or_missed(shop: World, cvsync: Command) -> None:
    assert report.status(shop.services)["deadlines"] == {
        "acknowledge": {"near": 0, "missed": 0}, "dispatch": {"near": 0, "missed": 0},
    }  # fmt: skip
    shop.wait(20 * 3600)
    deadlines.remind(shop.services)
    assert report.status(shop.services)["deadlines"]["acknowledge"] == {"near": 1, "missed": 0}
    shop.wait(4 * 3600)
    assert report.status(shop.services)["deadlines"]["acknowledge"] == {"near": 0, "missed": 1}
    assert "acknowledge 0 near, 1 missed" in cvsync("status").stdout


def test_a_sku_shows_what_each_retailer_was_told_and_what_is_wanted(shop: World, cvsync: Command) -> None:
    shop.centra.has(11, "TEE-M", 5, ean="5000000000011")
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)
    found = json.loads(cvsync("sku", "TEE-M", "--json").stdout)
    northgate = found["retailers"]["northgate"]
    assert (northgate["agreed"], northgate["wanted"], northgate["held_by"]) == (8, 5, [])
    assert northgate["pending_since"] is not None


def test_an_order_shows_its_state_its_trouble_and_no_personal_data(shop: World, cvsync: Command) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.run(steps.ORDERS_PLACE, "northgate/PO-2")
    result = cvsync("order", "PO-2", "--json")
    found = json.loads(result.stdout)
    assert (found["retailer"], found["state"], found["centra_order"]) == ("northgate", "received", None)
    assert "71009999" in found["held_by"][0]
    assert {"acknowledge_by", "dispatch_by"} < found["deadlines"].keys()
    assert [each["what"] for each in found["timeline"]] == ["received"]
    assert "Ada" not in result.stdout
    assert "Mill Lane" not in result.stdout


def test_an_order_is_found_by_its_centra_number(shop: World, cvsync: Command) -> None:
    shop.run(steps.ORDERS_PLACE, "northgate/PO-1")
    found = json.loads(cvsync("order", "1200", "--json").stdout)
    assert (found["reference"], found["state"]) == ("PO-1", "placed")
    assert [(each["sku"], each["quantity"]) for each in found["lines"]] == [("TEE-M", 3)]


@pytest.mark.parametrize("words", [("order", "PO-404"), ("sku", "NOPE")])
def test_what_is_unknown_is_said_with_status_1(shop: World, cvsync: Command, words: tuple[str, str]) -> None:
    result = cvsync(*words)
    assert result.exit_code == 1
    assert words[1] in result.stderr


@pytest.mark.parametrize("words", [("status",), ("sku", "TEE-M"), ("order", "PO-1"), ("exceptions", "list")])
def test_people_get_tables(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    result = cvsync(*words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip()


def test_a_database_without_a_schema_is_wrong_use(cvsync: Command) -> None:
    result = cvsync("status")
    assert result.exit_code == 2
    assert "cvsync db upgrade" in result.stderr


def test_a_retried_exception_makes_its_work_due_again(shop: World, cvsync: Command) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.run(steps.ORDERS_PLACE, "northgate/PO-2")
    (cause,) = json.loads(cvsync("exceptions", "list", "--json").stdout)
    assert (cause["kind"], cause["held"]) == ("unmapped-sku", 1)
    shown = json.loads(cvsync("exceptions", "show", str(cause["id"]), "--json").stdout)
    assert shown["work"] == ["orders.place northgate/PO-2"]
    assert json.loads(cvsync("exceptions", "retry", str(cause["id"]), "--json").stdout)["released"] == 1
    assert shop.item(steps.ORDERS_PLACE, "northgate/PO-2").held is False
    assert cvsync("exceptions", "show", "999").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--json"), ("exceptions", "list", "--json"), ("sync", "stock", "--all", "--dry-run", "--json"),
        ("sync", "orders", "--all", "--dry-run", "--json"), ("sync", "orders", "--all", "--json"),
    ],
)  # fmt: skip
def test_every_engine_answers(
    database_url: str, cvsync: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert cvsync("db", "upgrade").exit_code == 0
    result = cvsync(*words)
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)
