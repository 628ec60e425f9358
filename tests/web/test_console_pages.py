"""The pages say how things stand, also while something is away; what came from outside is only ever text."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from browser import Browser, Program
from fastapi import FastAPI

from integration import kinds, steps
from integration.flows import activity, pulse
from integration.people import Door, Person, Role
from integration.problems import Problem, Throttled
from integration.storage import activity as stored
from integration.storage import causes
from integration.web import headers
from integration.web.runbooks import runbook
from tests.world import World

MARKUP = '<img src=x onerror=alert(1)>"\'&'
ADA = Person("ada", Role.ADMIN, Door.CLI)


def refused(world: World, sku: str, why: str = "no") -> None:
    """Somebody of the catalogue team is needed for a SKU."""
    with world.store.write() as db:
        problem = Problem(kinds.STOCK_REFUSED, sku, {"retailer": "northgate", "sku": sku, "why": why})
        causes.open_for(db, [problem], world.at, item_id=None)


def did(world: World, verb: str, subject: str = "1", reason: str = "", **facts: Any) -> None:
    with world.store.write() as db:
        stored.record(db, ADA, verb, "cause", subject, world.at, reason, **facts)


@pytest.fixture
def vera(app: FastAPI) -> Browser:
    return Browser(app, Role.VIEWER)


def test_today_says_who_is_needed_and_leads_there(world: World, vera: Browser) -> None:
    refused(world, "TEE-M")
    shown = vera.get("/").text
    owner = kinds.STOCK_REFUSED.owner
    assert f'href="/exceptions?owner={owner}"' in shown
    assert "1 exception<" in shown
    refused(world, "TEE-L")
    assert "2 exceptions<" in vera.get("/").text


def test_today_says_what_is_open_and_what_is_held(world: World, vera: Browser) -> None:
    world.ask(steps.STOCK_READ, "1", "2", "3")
    world.wait(600)
    row = flow_row(vera.get("/").text, "stock")
    assert '<td class="number">3</td>' in row
    assert "<td>10 min</td>" in row
    assert "<td>runs</td>" in row


def test_today_says_so_when_redis_is_away(world: World, app: FastAPI, vera: Browser) -> None:
    object.__setattr__(world.services, "broker_answers", lambda: False)
    world.quota.snapshot = unreachable  # type: ignore[method-assign]
    answer = vera.get("/")
    assert answer.status_code == 200
    assert "Redis does not answer" in answer.text
    assert "The shared quota cannot be reached" in answer.text
    object.__setattr__(world.services, "broker_answers", lambda: True)
    assert "Redis does not answer" not in vera.get("/").text


def unreachable() -> dict[str, Any]:
    raise Throttled("The shared quota cannot be reached.", wait=2)


def test_today_says_so_when_a_platform_is_away_or_asks_for_a_pause(world: World, vera: Browser) -> None:
    quota = {"limit": 300, "used": 120, "window_seconds": 60, "throttled": 2, "open": True, "held_for": 0.0}
    world.quota.snapshot = lambda: quota  # type: ignore[method-assign]
    assert "Centra keeps failing" in vera.get("/").text
    quota |= {"open": False, "held_for": 30.0}
    assert "Centra asked us to pause for another 30 s" in vera.get("/").text


def test_today_refreshes_only_the_part_that_changes(vera: Browser) -> None:
    part = vera.get("/", **{"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="now" hx-get="/" hx-trigger="every 10s"')
    assert "<html" not in part
    assert part.strip() in vera.get("/").text


def test_today_draws_the_last_hour_and_has_the_numbers_in_tables_too(world: World, vera: Browser) -> None:
    assert "No minute has been written down yet" in vera.get("/").text
    quota = {"limit": 300, "used": 120, "window_seconds": 60}
    world.quota.snapshot = lambda: quota  # type: ignore[method-assign]
    world.ask(steps.INTAKE_POLL, steps.CENTRA)
    world.run(steps.INTAKE_POLL, steps.CENTRA)
    for used in (30, 60, 90):
        quota["used"] = used
        pulse.beat(world.services)
        world.wait(60)
    shown = vera.get("/").text
    assert 'aria-label="Per cent of the quota centra used, minute by minute"' in shown
    assert '<th scope="row">13:02</th><td class="number">30</td>' in shown, "a minute of the merchant's clock"
    assert "<strong>intake</strong> · 2 min" in shown
    assert "<style" not in shown
    assert shown.count("<script") == shown.count('<script src="/static/htmx.min.js" defer>') == 1


def test_activity_shows_the_newest_first_and_leads_to_older_ones(world: World, vera: Browser) -> None:
    for number in range(60):
        did(world, "retried", str(number))
    first = vera.get("/activity?about=cause&by=ada").text
    found = positions(first, "exception 59<", "exception 10<")
    assert found == sorted(found)
    assert "exception 9<" not in first
    older = link(first, "Older")
    second = vera.get(older).text
    assert "exception 9<" in second
    assert "exception 10<" not in second
    assert "Older</a>" not in second
    assert 'href="/exceptions/9"' in second


@pytest.mark.parametrize(("about", "subject", "leads"), [
    ("cause", "7", "/exceptions/7"), ("cause", "5 exceptions", None), ("mappings", "3", "/mappings/versions/3"),
    ("order", "northgate/PO 1?x", "/orders/northgate/PO%201%3Fx"), ("sku", "A/B", "/skus/A/B"),
    ("flow", "stock/calder", "/retailers"), ("login", "ada", None), ("sku", "", None),
])  # fmt: skip
def test_activity_leads_to_what_it_was_about(
    world: World, vera: Browser, about: str, subject: str, leads: str | None
) -> None:
    with world.store.write() as db:
        stored.record(db, ADA, "did", about, subject, world.at)
    row = re.search(r"</a> did (.*?)</td>", vera.get("/activity").text, re.DOTALL)
    assert row is not None
    found = re.search(r'href="([^"]*)"', row[1])
    assert (found[1] if found else None) == leads


def test_activity_can_be_narrowed_to_a_person_or_a_subject(world: World, vera: Browser) -> None:
    did(world, "retried", "7")
    assert "exception 7" in vera.get("/activity?by=ada").text
    assert "exception 7" not in vera.get("/activity?by=vera").text
    assert "exception 7" not in vera.get("/activity?about=cause&subject=8").text
    assert "Nothing." in vera.get("/activity?about=cause&subject=8").text


def test_markup_from_outside_is_text_on_every_page(world: World, vera: Browser) -> None:
    did(world, MARKUP, MARKUP, MARKUP, note=MARKUP)
    with world.store.write() as db:
        stored.record(db, Person(MARKUP, Role.ADMIN, Door.CLI), "x", MARKUP, MARKUP, world.at)
    refused(world, MARKUP, MARKUP)
    at = [f"{path}{MARKUP}" for path in ("/activity?by=", "/", "/manual/", "/login?next=/")]
    for path in ("/", "/activity", *at):
        shown = vera.get(path).text
        assert "<img" not in shown, path
    assert "&lt;img" in vera.get("/activity").text


@pytest.mark.parametrize("path", [
    "/activity?before=x", "/activity?before=0", "/activity?before=99999999999999999999", "/activity?by=" + "x" * 300,
])  # fmt: skip
def test_an_address_that_makes_no_sense_is_a_plain_page(vera: Browser, path: str) -> None:
    answer = vera.get(path)
    assert answer.status_code == 422
    assert "That cannot be used" in answer.text


@pytest.mark.parametrize("text", ["'; DROP TABLE activity; --", "%", "_", "1 OR 1=1", "\\", "\u202e", "😀"])
def test_what_looks_like_sql_is_only_a_name_that_nobody_has(world: World, vera: Browser, text: str) -> None:
    did(world, "retried")
    answer = vera._send("GET", "/activity", params={"by": text})
    assert answer.status_code == 200
    assert "Nothing." in answer.text
    assert len(activity.read(world.services, activity.Wanted(about="cause"))) == 1


def test_every_kind_has_its_runbook_in_the_console(vera: Browser) -> None:
    index = vera.get("/manual").text
    missing = [code for code in kinds.CATALOGUE if f'href="/manual/{code}"' not in index]
    assert missing == []
    page = vera.get("/manual/unmapped-sku").text
    assert "<h1>An ordered article has no Centra SKU</h1>" in page
    assert "<h2>Do this</h2>" in page


@pytest.mark.parametrize("code", ["nothing", "..%2F..%2Fpyproject", "%2e%2e", "UNMAPPED-SKU", "unmapped-sku.md"])
def test_only_runbooks_are_read_from_the_folder(vera: Browser, code: str) -> None:
    assert vera.get(f"/manual/{code}").status_code == 404
    assert runbook("../manual/unmapped-sku") is None


def test_a_page_that_is_not_there_is_a_plain_page_and_leads_back(app: FastAPI, vera: Browser) -> None:
    answer = vera.get("/nowhere")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert 'href="/"' in answer.text
    assert Browser(app).get("/nowhere").status_code == 404


def test_a_page_that_breaks_says_so_and_shows_nothing_of_the_inside(app: FastAPI, vera: Browser) -> None:
    app.get("/breaks")(breaks)
    answer = vera.get("/breaks")
    assert answer.status_code == 500
    assert "Something broke" in answer.text
    assert "of the inside" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


def breaks() -> None:
    raise ZeroDivisionError("of the inside")


def test_a_database_that_is_away_is_said_and_not_a_defect(app: FastAPI, vera: Browser) -> None:
    app.get("/away")(away)
    answer = vera.get("/away")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text


def away() -> None:
    raise sa.exc.OperationalError("SELECT secret", {}, Exception("host 10.0.0.1"))


def test_every_answer_has_the_headers_that_keep_other_sites_out(app: FastAPI, vera: Browser) -> None:
    for path in ("/", "/login", "/nowhere", "/manual", "/api/v1/me", "/static/console.css"):
        answer = vera.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'"), path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert vera.get("/").headers["Cache-Control"] == "no-store"
    assert "no-store" not in vera.get("/static/console.css").headers["Cache-Control"]
    assert "Strict-Transport-Security" not in vera.get("/").headers
    assert "Strict-Transport-Security" in Browser(app, base="https://console.test").get("/login").headers


def test_no_page_holds_a_script_or_a_style_of_its_own(world: World, vera: Browser) -> None:
    pulse.beat(world.services)
    refused(world, "TEE-M")
    for path in ("/", "/activity", "/manual", "/manual/unmapped-sku", "/login", "/nowhere"):
        shown = vera.get(path).text
        assert "<style" not in shown, path
        assert " style=" not in shown, path
        assert " onclick=" not in shown, path
        assert "javascript:" not in shown, path


def test_a_form_larger_than_any_of_ours_is_turned_away(vera: Browser) -> None:
    for path in ("/logout", "/login"):
        answer = vera.post(path, name="x" * headers.LARGEST_BODY)
        assert answer.status_code == 413
        assert "4 MB is the limit" in answer.text
    assert vera.get("/").status_code == 200


def test_the_scripts_and_styles_are_there(vera: Browser) -> None:
    for name in ("htmx.min.js", "console.css", "icon.svg"):
        assert vera.get(f"/static/{name}").status_code == 200
    assert vera.get("/static/../app.py").status_code == 404


def test_the_api_fails_in_json(app: FastAPI) -> None:
    ada = Program(app)
    nothing = ada.call("GET", "/nothing")
    assert (nothing.status_code, nothing.headers["Content-Type"]) == (404, "application/json")
    assert ada.call("POST", "/me").status_code == 405
    described = ada.call("GET", "/openapi.json").json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert {"401", "403", "404", "409", "503"} <= set(described["paths"]["/me"]["get"]["responses"])


def test_times_are_of_the_merchants_clock(world: World, vera: Browser) -> None:
    did(world, "retried")
    assert ">2 Mar 13:00</time>" in vera.get("/activity").text, "noon in London is one o'clock in Stockholm"
    world.at += timedelta(days=365)
    assert ">2 Mar 2026 13:00</time>" in Browser(vera_app(vera), Role.VIEWER).get("/activity").text


def vera_app(browser: Browser) -> Any:
    return browser.app


def positions(text: str, *words: str) -> list[int]:
    return [text.index(word) for word in words]


def link(text: str, label: str) -> str:
    """Where the link with this label leads."""
    before = text[: text.index(f">{label}</a>")]
    return unescape(before[before.rindex('href="') + 6 : before.rindex('"')])


def flow_row(text: str, flow: str) -> str:
    start = text.index(f'<th scope="row">{flow}<')
    return text[start : text.index("</tr>", start)]
