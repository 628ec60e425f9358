"""Whoever is asked about an order or an article finds it, understands it, and can have it sent, by pages alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from fastapi import FastAPI

from integration import steps
from integration.flows import pauses
from integration.people import Door, Person, Role
from integration.problems import TryAgain
from integration.storage import activity, journal, orders
from tests.world import World, line

ADA = Person("Ada", Role.ADMIN, Door.CLI)
MARKUP = "<script>alert('x')</script>"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Northgate lists TEE-M as 71000001 and agreed on 8; its order PO-1 for two is stored, and so is calder's PO-9."""
    made = World(tmp_path)
    made.centra.has(11, "TEE-M", 8, ean="5000000000011")
    made.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    made.ask(steps.STOCK_SWEEP, steps.CENTRA)
    made.settle()
    made.ask(steps.CATALOGUE_LISTINGS, "northgate")
    made.settle()
    made.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    made.do(steps.ORDERS_POLL, "northgate")
    with made.store.write() as db:
        orders.receive(db, "calder", "PO-9", 9, {}, made.at)
    yield made
    made.store.close()


@pytest.fixture
def olga(app: FastAPI) -> Browser:
    return Browser(app, Role.OPERATOR)


def acts(world: World) -> list[tuple[str, ...]]:
    with world.store.read() as db:
        rows = activity.page(db, before=None, limit=20)
    columns = ("by", "verb", "about", "subject", "reason")
    return [tuple(row[name] for name in columns) for row in rows if row["about"] != "login"]


@pytest.mark.parametrize("path", ["/orders", "/orders/northgate/PO-1", "/orders/PO-1", "/skus", "/skus/TEE-M"])
def test_every_page_opens_for_a_viewer_and_not_for_a_stranger(app: FastAPI, path: str) -> None:
    assert Browser(app, Role.VIEWER).get(path).status_code == 200
    assert Browser(app).get(path).status_code == 303


@pytest.mark.parametrize(("text", "page"), [
    ("PO-1", "/orders/northgate/PO-1"), ("71000001", "/orders/northgate/PO-1"), ("calder/PO-9", "/orders/calder/PO-9"),
])  # fmt: skip
def test_a_search_that_finds_one_order_leads_to_it(olga: Browser, text: str, page: str) -> None:
    found = olga.get(f"/orders?q={text}")

    assert found.headers["Location"] == page
    assert "PO-" in olga.follow(found).text


def test_a_search_that_finds_several_lists_them_and_one_that_finds_none_says_so(olga: Browser) -> None:
    both = olga.get("/orders?q=PO-").text

    assert "/orders/northgate/PO-1" in both
    assert "/orders/calder/PO-9" in both
    assert "Nothing." in olga.get("/orders?q=nothing-of-ours").text
    assert "/orders/northgate" not in olga.get("/orders?q=PO-&retailer=fernhill").text


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", MARKUP, "\\", '"><img src=x>', "x" * 200, "9" * 19])
def test_what_is_typed_is_text_and_comes_back_as_text(olga: Browser, text: str) -> None:
    for path in ("/orders", "/skus"):
        page = olga._send("GET", path, params={"q": text})
        assert page.status_code == 200
        assert "<img" not in page.text
        assert "alert('x')</script>" not in page.text


@pytest.mark.parametrize("path", [
    "/orders?q=a%00b", "/orders?before=0", "/orders?before=nine", "/skus?q=" + "x" * 201,
    "/orders/northgate/PO-1?flow=sales", "/orders?before=99999999999999999999",
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_page(olga: Browser, path: str) -> None:
    assert olga.get(path).status_code == 422


@pytest.mark.parametrize(
    "path", ["/orders/PO-77", "/skus/NOTHING", "/orders/a%00b", "/skus/a%00b", "/orders/northgate/"]
)
def test_what_is_not_there_is_a_plain_page(olga: Browser, path: str) -> None:
    assert olga.get(path).status_code == 404


def test_an_order_tells_where_it_is_who_must_act_and_what_happened(olga: Browser) -> None:
    page = olga.get("/orders/northgate/PO-1").text

    assert "create it in Centra" in page
    assert "received" in page
    assert "71000001" in page
    assert "Ada King" not in page
    assert "LS1 4AP" not in page


def test_markup_in_what_was_stored_is_shown_as_text(world: World, olga: Browser) -> None:
    world.orders("northgate", 5002, MARKUP, line(MARKUP, MARKUP))
    world.do(steps.ORDERS_POLL, "northgate")
    with world.store.write() as db:
        journal.tell(db, "sku", "TEE-M", MARKUP, world.at, why=MARKUP)

    for path in ("/orders", "/skus/TEE-M"):
        assert MARKUP not in olga.get(path).text
        assert "&lt;script&gt;" in olga.get(path).text
    page = olga.follow(olga._send("GET", "/orders", params={"q": MARKUP}))
    assert page.status_code == 200
    assert MARKUP not in page.text


def test_a_dry_run_shows_the_call_and_sends_nothing(world: World, olga: Browser) -> None:
    page = olga.get("/orders/northgate/PO-1?flow=orders").text

    assert "put the order into Centra" in page
    assert "createOnly" in page
    assert "12.00" in page
    assert "Ada King" not in page
    assert world.centra.made == {}
    assert acts(world) == []


def test_a_dry_run_that_needs_a_platform_which_is_away_says_so(world: World, olga: Browser) -> None:
    world.settle()
    world.centra.fail("orders", TryAgain("Centra does not answer"))

    page = olga.get("/orders/northgate/PO-1?flow=dispatches")

    assert page.status_code == 200
    assert "Centra does not answer" in page.text


def test_send_now_hands_the_work_out_and_writes_down_who_asked_and_why(world: World, olga: Browser) -> None:
    olga.get("/orders/northgate/PO-1")
    sent = olga.follow(olga.post("/orders/northgate/PO-1", flow="orders", reason="the customer rang"))

    assert "Asked for 1 piece of work." in sent.text
    assert [(item.step, item.subject) for item in world.sent] == [("orders.place", "northgate/PO-1")]
    assert acts(world) == [("olga", "sent now", "order", "northgate/PO-1", "the customer rang")]


def test_an_article_is_pushed_with_a_fresh_reading(world: World, olga: Browser) -> None:
    olga.get("/skus/TEE-M")
    olga.follow(olga.post("/skus/TEE-M", flow="stock", reason="a recount"))

    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]
    assert world.asked(steps.STOCK_PUSH) == ["northgate/TEE-M"]
    assert acts(world)[0][:4] == ("olga", "sent now", "sku", "TEE-M")


def test_what_a_pause_keeps_waiting_is_told_before_and_after(world: World, olga: Browser) -> None:
    pauses.pause(world.services, "orders", "northgate", ADA, "stock-taking")

    assert "stock-taking" in olga.get("/orders/northgate/PO-1").text
    page = olga.follow(olga.post("/orders/northgate/PO-1", flow="orders", reason="now"))

    assert "1 of them wait" in page.text
    assert world.sent == []
    assert "stock-taking" not in olga.get("/orders/calder/PO-9").text
    assert "stock-taking" not in olga.get("/skus/TEE-M").text, "orders are no matter of an article"
    pauses.pause(world.services, "stock", None, ADA, "a recount")
    assert "a recount" in olga.get("/skus/TEE-M").text
    assert "a recount" not in olga.get("/orders/northgate/PO-1").text


@pytest.mark.parametrize("fields", [
    {"flow": "stock", "reason": "why"}, {"flow": "orders", "reason": " "}, {"flow": "orders"}, {"reason": "why"},
])  # fmt: skip
def test_a_form_that_does_not_fit_sends_nothing(world: World, olga: Browser, fields: dict[str, str]) -> None:
    olga.get("/orders/northgate/PO-1")

    assert olga.post("/orders/northgate/PO-1", **fields).status_code in (409, 422)
    assert world.sent == []
    assert acts(world) == []


def test_only_an_operator_sends_and_only_by_a_form_of_ours(app: FastAPI, world: World, olga: Browser) -> None:
    vera = Browser(app, Role.VIEWER)
    assert "Send now" not in vera.get("/orders/northgate/PO-1").text
    for path in ("/orders/northgate/PO-1", "/skus/TEE-M"):
        flow = "orders" if "orders" in path else "stock"
        assert vera.post(path, flow=flow, reason="why").status_code == 403
        assert olga.post(path, sealed=False, flow=flow, reason="why").status_code == 403

    assert world.sent == []


def test_an_address_cannot_make_a_page_say_what_it_wants(olga: Browser) -> None:
    page = olga.get("/orders/northgate/PO-1?said=You+have+been+hacked&pieces=3").text

    assert "hacked" not in page.split("<main")[1]


def test_one_number_of_two_orders_leads_to_both(world: World, olga: Browser) -> None:
    with world.store.write() as db:
        orders.receive(db, "calder", "PO-1", 10, {}, world.at)

    both = olga.follow(olga.get("/orders/PO-1"))

    assert "/orders/calder/PO-1" in both.text
    assert "/orders/northgate/PO-1" in both.text


def test_long_lists_are_leafed_through(world: World, olga: Browser) -> None:
    with world.store.write() as db:
        for number in range(120):
            orders.receive(db, "calder", f"C-{number:03}", number, {}, world.at)
    seen: list[str] = []
    path: str | None = "/orders?retailer=calder"
    while path:
        text = olga.get(path).text
        seen += [part.split('"')[0] for part in text.split('href="/orders/calder/')[1:]]
        path = next((part.split('"')[0].replace("&amp;", "&") for part in text.split('href="')
                     if "before=" in part.split('"')[0]), None)  # fmt: skip

    assert len(seen) == len(set(seen)) == 121
    assert seen[0] == "C-119"
