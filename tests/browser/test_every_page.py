"""Every page fits a phone and is fit for a screen reader, in light and in dark; what is stored in it stays text."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Seat
from tests.browser.day import MARKUP, Day
from tests.browser.places import OUTSIDE, PLACES, ROLE

SERIOUS = ("serious", "critical")
RULES: Any = {"resultTypes": ["violations"]}
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DARK = (
    "today", "exceptions", "exception of a guardrail", "mapping with mistakes", "mapping before publishing", "retailer",
    "login refused",
)  # fmt: skip
"""Between them they have every colour of the style sheet."""
PICTURES = "BROWSER_PICTURES"
"""This variable of the environment names the folder that pictures of every page go to; never one in the repository."""


@pytest.fixture(scope="module")
def busy(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    made = Day(tmp_path_factory.mktemp("day"))
    yield made
    made.shop.stop()


@pytest.fixture
def day(busy: Day) -> Day:
    """The busy day, at its end."""
    busy.come_back()
    return busy


def everywhere(
    day: Day, seat: Seat, names: Collection[str] | None = None, **options: Any
) -> Iterator[tuple[str, Page]]:
    """Every page, or those named, one after the other, for somebody who has a browser with these options."""
    for role, places in ((ROLE, PLACES), (None, OUTSIDE)):
        page = seat(role, base_url=day.shop.address, **options)
        for name, way in places.items():
            if names is None or name in names:
                way(page, day)
                expect(page.get_by_role("main").get_by_role("heading", level=1), name).to_have_count(1)
                yield name, page


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What hinders somebody seriously, with the elements that do."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found if each["impact"] in SERIOUS]


@pytest.mark.timeout(300)
def test_every_page_fits_a_phone_a_desk_and_a_screen_reader(day: Day, seat: Seat) -> None:
    found: dict[str, object] = {}
    for name, page in everywhere(day, seat, viewport=PHONE):
        for width in (DESK, PHONE):
            page.set_viewport_size(width)
            if (over := page.evaluate(OVER)) > 0:
                found[f"{name}: too wide at {width['width']}"] = over
        if hindrances := violations(page):
            found[name] = hindrances

    assert found == {}


def test_pages_are_as_fit_on_a_desk_in_the_dark(day: Day, seat: Seat) -> None:
    dark = everywhere(day, seat, DARK, color_scheme="dark")

    assert {name: hindrances for name, page in dark if (hindrances := violations(page))} == {}


def test_markup_in_stored_names_is_shown_as_text_and_never_runs(day: Day, seat: Seat) -> None:
    page = seat(ROLE, base_url=day.shop.address)
    for path in ("/exceptions", f"/exceptions/{day.exceptions['unmapped-carrier']}", "/mappings/suggestions",
                 f"/orders/{day.orders['markup'].subject}", "/activity", "/retailers/fernhill"):  # fmt: skip
        page.goto(path)
        expect(page.get_by_text(MARKUP).first, path).to_be_visible()
        assert page.locator("main img, main script").count() == 0, path
    page.goto("/exceptions")
    page.get_by_label("Text").fill(MARKUP)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Text")).to_have_value(MARKUP)


@pytest.mark.skipif(PICTURES not in os.environ, reason=f"only where {PICTURES} names a folder")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=lambda size: str(size["width"]))
def test_pictures_of_every_page_are_taken(day: Day, seat: Seat, viewport: Any) -> None:
    folder = Path(os.environ[PICTURES]).resolve()
    assert Path(__file__).parents[2].resolve() not in folder.parents, "pictures stay out of the repository"
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in everywhere(day, seat, viewport=viewport):
        page.screenshot(path=folder / f"{viewport['width']} {name}.png", full_page=True)
