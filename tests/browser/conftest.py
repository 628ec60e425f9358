"""A real browser, and people of each role who sit in front of it; where there is none, that is said loudly."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, expect, sync_playwright

from integration.people import Role
from tests.browser.shop import Shop
from tests.conftest import NO_BROWSER
from tests.web.browser import NAMES, PASSWORD

DESK: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 375, "height": 700}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine."""
Seat = Callable[..., Page]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    # Of this package and no longer: its event loop would stand in the way of every other one of this process.
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None) or playwright.chromium.executable_path
    if not os.access(program, os.X_OK):
        pytest.skip(NO_BROWSER)
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    expect.set_options(timeout=PATIENCE)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def opened(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The one shop of this package; a test asks for `shop`."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    yield shop
    shop.stop()


@pytest.fixture
def shop(opened: Shop) -> Shop:
    """The shop as it was when it opened."""
    opened.again()
    return opened


@pytest.fixture(scope="package")
def sessions() -> dict[Role, StorageState]:
    """Cookies of those who are in already: the login is tested once, and not before everything else again."""
    return {}


@pytest.fixture
def seat(chromium: Browser, opened: Shop, sessions: dict[Role, StorageState]) -> Iterator[Seat]:
    """Give somebody of a role a browser of their own; what it complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sit(role: Role | None = Role.OPERATOR, **options: Any) -> Page:
        if role is not None and role not in sessions:
            sessions[role] = _enter(chromium, opened.address, role)
        state = sessions[role] if role is not None else None
        given = {"viewport": DESK, "base_url": opened.address, "storage_state": state} | options
        context = chromium.new_context(**given)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on("dialog", lambda dialog: complaints.append(f"a script asked: {dialog.message}"))
        return page

    yield sit
    for context in contexts:
        context.close()
    # A page that answers 403, 404, 409 or 422 is one of ours too, and Chromium says so.
    assert [each for each in complaints if "Failed to load resource" not in each] == []


def _enter(chromium: Browser, address: str, role: Role) -> StorageState:
    with chromium.new_context(base_url=address) as context:
        page = context.new_page()
        log_in(page, role)
        return context.storage_state()


def log_in(page: Page, role: Role) -> None:
    """As a person does it, from wherever the login was asked for."""
    if "/login" not in page.url:
        page.goto("/login")
    page.get_by_label("Name").fill(NAMES[role])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)
