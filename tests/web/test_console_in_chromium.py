"""In a real browser every page fits a phone, is fit for a screen reader, obeys its own policy, and needs no mouse."""

import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from browser import PASSWORD, site
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from integration import kinds, steps
from integration.flows import pulse
from integration.people import Door, Person, Role
from integration.problems import Problem
from integration.storage import activity, causes
from integration.web.headers import Guarded
from integration.web.render import NAVIGATION
from tests.world import World

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE: Any = {"width": 375, "height": 700}
LONG = "A-REASON-" * 20 + " <script>alert(1)</script> and more"
PATHS = [*(address for address, _ in NAVIGATION), "/manual", "/manual/unmapped-sku", "/nowhere"]
SERIOUS = ("serious", "critical")

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the console of a busy day answers."""
    world = World(tmp_path_factory.mktemp("day"))
    fill(world)
    server = uvicorn.Server(uvicorn.Config(Guarded(site(world)), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    world.store.close()


def fill(world: World) -> None:
    """Exceptions, activities and an hour of minutes, with words as long as people write them."""
    world.quota.snapshot = lambda: {  # type: ignore[method-assign]
        "limit": 300, "used": 120, "window_seconds": 60, "throttled": 3, "open": True, "held_for": 4.0
    }
    world.ask(steps.STOCK_READ, "1", "2", "3")
    for _ in range(10):
        pulse.beat(world.services)
        world.wait(60)
    with world.store.write() as db:
        facts = {"retailer": "northgate", "sku": "TEE-M", "why": LONG}
        causes.open_for(db, [Problem(kinds.STOCK_REFUSED, "TEE-M", facts)], world.at, item_id=None)
        activity.record(db, Person("ada", Role.ADMIN, Door.CLI), "retried", "cause", "1", world.at, LONG, note=LONG)


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A phone in the hands of the administrator, at the first page; what it complains about fails the test."""
    context = chromium.new_context(viewport=PHONE, base_url=address)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda problem: complaints.append(str(problem)))
    log_in(opened)
    yield opened
    context.close()
    assert [line for line in complaints if "404" not in line] == []


def log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_a_phone_and_a_screen_reader(page: Page, path: str) -> None:
    page.goto(path)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = Axe().run(page).response["violations"]

    assert too_wide <= 0
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in SERIOUS] == []
    assert page.locator("main h1").count() == 1
    assert page.locator("header, main, footer, nav").count() >= 4


def test_somebody_without_a_mouse_gets_in_around_and_out(chromium: Browser, address: str) -> None:
    page = chromium.new_page(base_url=address)
    page.goto("/login?next=/activity")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity")
    focus_on(page, "Today")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is seen"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    focus_on(page, "Log out")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    page.close()


def focus_on(page: Page, words: str) -> None:
    """Press Tab until what has these words has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            return
    raise AssertionError(f"nobody gets to {words} by the keyboard")


def test_today_works_without_javascript(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE, base_url=address)
    page = context.new_page()
    log_in(page)
    page.get_by_role("link", name="1 exception").click()
    assert "/exceptions?owner=" in page.url
    page.goto("/")
    page.get_by_text("As a table").first.click()
    assert page.get_by_role("cell", name="3", exact=True).count() >= 1
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    context.close()


def test_today_refreshes_by_itself_and_leaves_the_focus_where_it_is(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    log_in(page)
    page.evaluate("document.getElementById('now').dataset.old = 'yes'")
    page.locator("#open-causes").focus()
    page.clock.fast_forward(11_000)
    page.locator("#now:not([data-old])").wait_for()
    assert page.evaluate("document.activeElement.id") == "open-causes"
    assert page.locator("h1").count() == 1, "only the part was replaced"
    context.close()


def test_a_script_that_somebody_wrote_into_a_reason_does_not_run(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto("/activity")
    assert page.get_by_text("<script>alert(1)</script>").count() >= 1
    page.goto("/exceptions")
    assert page.get_by_text("<script>alert(1)</script>").count() >= 1

