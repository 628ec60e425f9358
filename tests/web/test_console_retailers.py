"""Whoever may do so switches a flow by a page that says what it means, and everybody sees how we look to a retailer."""

import re

import pytest
from browser import Browser
from fastapi import FastAPI

from integration import steps
from integration.flows import pauses
from integration.people import Door, Person, Role
from integration.storage import activity
from tests.world import World, line

BOB = Person("Bob", Role.ADMIN, Door.CLI)
MARKUP = "<script>alert('x')</script>"


@pytest.fixture
def ada(app: FastAPI) -> Browser:
    return Browser(app, Role.ADMIN)


def main_of(text: str) -> str:
    """What is said on a page, without markup and with single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("<main")[1].split("</main")[0]).split())


def test_every_retailer_is_listed_with_what_is_switched_off_there(app: FastAPI, world: World) -> None:
    world.change("calder", switches={"stock": "shadow", "dispatches": False})
    pauses.pause(world.services, "orders", "calder", BOB, MARKUP)
    said = Browser(app, Role.VIEWER).get("/retailers").text

    for code, profile in world.rules.retailers.items():
        assert f'<a href="/retailers/{code}">{profile.name.replace("&", "&amp;")}</a>' in said
    assert "orders new orders, and their acknowledgement runs, but paused at calder" in main_of(said)
    assert "Calder orders stock invoices, dispatches Europe/London GBP" in main_of(said)


def test_a_flow_is_paused_for_one_retailer_and_resumed(world: World, ada: Browser) -> None:
    world.ask(steps.STOCK_PUSH, "northgate/A", "northgate/B")
    ada.get("/retailers/northgate")
    page = ada.follow(ada.post("/retailers/pause", flow="stock", retailer="northgate", reason=f"counting {MARKUP}"))

    assert "nothing of it is sent until" in page.text
    assert "paused since" in main_of(page.text)
    assert "by ada: counting" in main_of(page.text)
    assert "2 pieces of work waited" in page.text
    assert MARKUP not in page.text
    assert [each["retailer"] for each in pauses.paused(world.services)] == ["northgate"]

    page = ada.follow(ada.post("/retailers/resume", flow="stock", retailer="northgate", reason="counted"))
    assert "It goes on" in page.text
    assert pauses.paused(world.services) == []
    with world.store.read() as db:
        done = [(row["by"], row["verb"], row["door"]) for row in activity.page(db, before=None, limit=9, about="flow")]
    assert done == [("ada", "resumed", "console"), ("ada", "paused", "console")]


def test_a_flow_is_paused_for_all_and_a_retailers_page_leads_there(world: World, ada: Browser) -> None:
    ada.get("/retailers")
    page = ada.follow(ada.post("/retailers/pause", flow="stock", retailer="", reason="counting"))

    assert "counting" in page.text
    said = ada.get("/retailers/calder").text
    assert "paused for all" in main_of(said)
    assert "Resume it for all" in said
    assert ada.follow(ada.post("/retailers/resume", flow="stock", retailer="", reason="counted")).status_code == 200
    assert pauses.paused(world.services) == []


@pytest.mark.parametrize(("act", "fields", "status", "said"), [
    ("pause", {"flow": "stok", "retailer": "northgate", "reason": "why"}, 409, "There is no flow stok"),
    ("pause", {"flow": "stock", "retailer": "nobody", "reason": "why"}, 409, "There is no retailer nobody"),
    ("pause", {"flow": MARKUP, "retailer": "", "reason": "why"}, 409, "There is no flow &lt;script&gt;"),
    ("pause", {"flow": "intake", "retailer": "northgate", "reason": "why"}, 409, "for all"),
    ("resume", {"flow": "stock", "retailer": "northgate", "reason": "why"}, 409, "is not paused"),
    ("pause", {"flow": "stock", "retailer": "northgate", "reason": "  "}, 422, "reason"),
    ("pause", {"flow": "stock", "retailer": "northgate"}, 422, "reason"),
    ("pause", {"flow": "stock", "retailer": "northgate", "reason": "x" * 2001}, 422, "reason"),
    ("pause", {"flow": "stock", "retailer": "a\0b", "reason": "why"}, 422, "NUL"),
])  # fmt: skip
def test_what_cannot_be_switched_is_told_on_a_page(
    world: World, ada: Browser, act: str, fields: dict[str, str], status: int, said: str
) -> None:
    ada.get("/retailers/northgate")
    answer = ada.post(f"/retailers/{act}", **fields)

    assert answer.status_code == status
    assert said in answer.text
    assert pauses.paused(world.services) == []


def test_of_two_who_pause_the_second_is_told_of_the_first(world: World, ada: Browser) -> None:
    ada.get("/retailers/northgate")
    pauses.pause(world.services, "stock", "northgate", BOB, "my own reasons")

    answer = ada.post("/retailers/pause", flow="stock", retailer="northgate", reason="mine")

    assert answer.status_code == 409
    assert "is paused already, by Bob: my own reasons" in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_an_admin_switches_and_only_by_a_form_of_ours(
    app: FastAPI, world: World, ada: Browser, role: Role
) -> None:
    browser = Browser(app, role)
    assert "/retailers/pause" not in browser.get("/retailers/northgate").text
    fields = {"flow": "stock", "retailer": "northgate", "reason": "why"}

    assert browser.post("/retailers/pause", **fields).status_code == 403
    assert ada.post("/retailers/pause", sealed=False, **fields).status_code == 403
    assert pauses.paused(world.services) == []


def test_the_scorecard_stands_beside_the_thresholds_and_is_drawn(world: World, app: FastAPI) -> None:
    world.centra.has(11, "TEE-M", 5)
    world.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    world.do(steps.STOCK_SWEEP, steps.CENTRA)
    world.do(steps.CATALOGUE_LISTINGS, "northgate")
    world.settle()
    assert world.northgate.said("set_stock") == [(901, 5)]
    world.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    world.do(steps.ORDERS_POLL, "northgate")
    world.wait(48 * 3600)

    page = Browser(app, Role.VIEWER).get("/retailers/northgate").text
    said = main_of(page)

    assert "Orders acknowledged in time missed 0.00 % at least 99 % 0 of 1 0" in said
    assert "Shipments with valid tracking no data – at least 98 % 0 of 0 –" in said
    assert "Days with a stock update missed 50.00 % at least 95 % 1 of 2" in said
    assert page.count("<svg") >= 2
    assert page.count("As a table") >= 2


def test_an_address_cannot_make_a_page_say_what_it_wants(ada: Browser) -> None:
    for path in ("/retailers", "/retailers/northgate"):
        assert "hacked" not in ada.get(f"{path}?said=You+have+been+hacked").text.split("<main")[1]
    assert ada.get("/retailers/nobody").status_code == 404
