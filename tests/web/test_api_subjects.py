"""A program finds, sends and switches what a person does, answers have their shape, and no input breaks a call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Program
from fastapi import FastAPI

from integration import steps
from integration.flows import pauses
from integration.people import Role
from integration.storage import activity, orders
from tests.world import World, line


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Northgate lists TEE-M as 71000001 and agreed on 8; its order PO-1 for two was dispatched, PO-2 is stored."""
    made = World(tmp_path)
    made.centra.has(11, "TEE-M", 8, ean="5000000000011")
    made.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    made.ask(steps.STOCK_SWEEP, steps.CENTRA)
    made.settle()
    made.ask(steps.CATALOGUE_LISTINGS, "northgate")
    made.settle()
    made.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    made.do(steps.ORDERS_POLL, "northgate")
    made.settle()
    made.centra.ships(1200, {12000: 2})
    made.do(steps.DISPATCHES_ANNOUNCE, "northgate/41")
    made.settle()
    made.orders("northgate", 5002, "PO-2", line("1", "71000001", 1, "12.00"))
    made.do(steps.ORDERS_POLL, "northgate")
    made.sent.clear()
    yield made
    made.store.close()


@pytest.fixture
def admin(app: FastAPI) -> Program:
    return Program(app, Role.ADMIN)


def answer(program: Program, path: str, status: int = 200, **params: Any) -> Any:
    found = program.call("GET", path, params=params)
    assert found.status_code == status, found.text
    return found.json()


def told(program: Program, path: str, status: int = 200, **body: Any) -> Any:
    found = program.call("POST", path, json=body)
    assert found.status_code == status, found.text
    return found.json()


def test_orders_are_found_by_any_name_and_leafed_through(world: World, admin: Program) -> None:
    assert [row["reference"] for row in answer(admin, "/orders", q="PO-1")["orders"]] == ["PO-1"]
    assert [row["reference"] for row in answer(admin, "/orders", q="5000000000011")["orders"]] == ["PO-2", "PO-1"]

    first = answer(admin, "/orders", limit=1)
    second = answer(admin, "/orders", limit=1, before=first["next"])
    assert [row["reference"] for row in first["orders"] + second["orders"]] == ["PO-2", "PO-1"]
    assert second["next"] is None
    assert answer(admin, "/orders", retailer="calder")["orders"] == []
    assert answer(admin, "/orders", state="dispatched")["orders"][0]["reference"] == "PO-1"


def test_an_order_is_told_whole_and_without_anything_personal(admin: Program) -> None:
    found = admin.call("GET", "/orders/northgate/PO-1")
    order = found.json()

    assert (order["state"], order["centra_order"]) == ("dispatched", 1200)
    assert order["lines"][0]["dispatched"] == 2
    assert order["shipments"][0]["announced_at"] is not None
    assert {each["clock"] for each in order["clocks"]} == {"acknowledge", "dispatch"}
    assert order["timeline"][0]["what"] == "received"
    assert "Ada" not in found.text
    assert "LS1" not in found.text


def test_an_order_of_another_retailer_with_the_same_reference_is_not_mistaken(world: World, admin: Program) -> None:
    with world.store.write() as db:
        orders.receive(db, "calder", "PO-1", 9, {}, world.at)
        orders.receive(db, "calder", "a/b", 10, {}, world.at)

    assert answer(admin, "/orders/calder/PO-1")["retailer"] == "calder"
    assert answer(admin, "/orders/calder/a/b")["reference"] == "a/b"
    answer(admin, "/orders/fernhill/PO-1", 404)


def test_an_article_is_told_with_what_each_retailer_agreed_to(admin: Program) -> None:
    assert [row["sku"] for row in answer(admin, "/skus", q="tee")["skus"]] == ["TEE-M"]
    assert answer(admin, "/skus")["next"] is None
    found = answer(admin, "/skus/TEE-M")

    assert found["retailers"]["northgate"]["agreed"] == 8
    answer(admin, "/skus/NOTHING", 404)


def test_a_dry_run_sends_nothing_and_sending_is_on_record(world: World, admin: Program) -> None:
    (call,) = told(admin, "/dry-run", flow="orders", order="northgate/PO-2")["would_send"]
    assert (call["step"], call["body"]["createOnly"]) == ("orders.place", True)
    assert world.sent == []

    assert told(admin, "/send", flow="orders", order="northgate/PO-2", reason="why") == {"pieces": 1, "paused": 0}
    assert [(item.step, item.subject) for item in world.sent] == [("orders.place", "northgate/PO-2")]
    assert told(admin, "/send", flow="stock", sku="TEE-M", reason="why")["pieces"] == 2
    with world.store.read() as db:
        done = activity.page(db, before=None, limit=9)
    assert [(row["by"], row["door"], row["subject"]) for row in done] == [
        ("ada-program", "api", "TEE-M"), ("ada-program", "api", "northgate/PO-2"),
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), [
    ({"flow": "orders", "reason": "why"}, 422),
    ({"flow": "orders", "order": "northgate/PO-2", "sku": "TEE-M", "reason": "why"}, 422),
    ({"flow": "stock", "order": "northgate/PO-2", "reason": "why"}, 409),
    ({"flow": "orders", "order": "northgate/PO-99", "reason": "why"}, 404),
    ({"flow": "stock", "sku": "NOTHING", "reason": "why"}, 404),
    ({"flow": "sales", "sku": "TEE-M", "reason": "why"}, 422),
    ({"flow": "stock", "sku": "TEE-M", "reason": " "}, 422),
    ({"flow": "stock", "sku": "TEE-M"}, 422),
    ({"flow": "stock", "sku": "a\0b", "reason": "why"}, 422),
])  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_sends_nothing(
    world: World, admin: Program, body: dict[str, Any], status: int
) -> None:
    told(admin, "/send", status, **body)

    assert world.sent == []


def test_flows_are_switched_and_shown(world: World, admin: Program) -> None:
    world.ask(steps.STOCK_PUSH, "northgate/TEE-M")
    assert told(admin, "/flows/pause", flow="stock", retailer="northgate", reason="counting") == {"due": 0}
    told(admin, "/flows/pause", 409, flow="stock", retailer="northgate", reason="again")
    told(admin, "/flows/pause", 409, flow="stok", reason="why")
    shown = {(each["flow"], each["retailer"]): each for each in answer(admin, "/flows")}
    assert (shown["stock", "northgate"]["state"], shown["stock", "northgate"]["pause"]["waiting"]) == ("paused", 1)
    assert shown["intake", ""]["state"] == "runs"
    assert told(admin, "/send", flow="stock", sku="TEE-M", reason="why") == {"pieces": 2, "paused": 1}

    assert told(admin, "/flows/resume", flow="stock", retailer="northgate", reason="counted") == {"due": 1}
    assert pauses.paused(world.services) == []


def test_a_retailers_measures_are_told_with_what_it_wants(admin: Program) -> None:
    assert {each["code"] for each in answer(admin, "/retailers")} == {"northgate", "calder", "fernhill"}
    card = answer(admin, "/retailers/northgate/scorecard")

    scores = {each["measure"]: each for each in card["scores"]}
    assert scores["dispatched_in_time"] == {
        "measure": "dispatched_in_time", "some": 1, "all": 1, "percent": "100.00", "wanted": "98", "at_most": False,
        "verdict": "met", "spare": 0,
    }  # fmt: skip
    answer(admin, "/retailers/nobody/scorecard", 404)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_no_program_does_more_than_its_role(app: FastAPI, world: World, role: Role) -> None:
    program = Program(app, role)

    answer(program, "/flows")
    told(program, "/dry-run", flow="orders", order="northgate/PO-2")
    for path in ("/flows/pause", "/flows/resume"):
        told(program, path, 403, flow="stock", reason="why")
    told(program, "/send", 200 if role is Role.OPERATOR else 403, flow="stock", sku="TEE-M", reason="why")
    assert pauses.paused(world.services) == []


@pytest.mark.parametrize("path", ["/orders", "/orders/northgate/PO-1", "/skus", "/skus/TEE-M", "/flows", "/retailers",
                                  "/retailers/northgate/scorecard"])  # fmt: skip
def test_a_stranger_sees_nothing(app: FastAPI, path: str) -> None:
    answer(Program(app, None, token="guessed"), path, 401)


@pytest.mark.parametrize("path", ["/orders/northgate/%00", "/skus/%00", "/retailers/%00/scorecard"])
def test_a_name_that_cannot_be_is_not_there(admin: Program, path: str) -> None:
    answer(admin, path, 404)
