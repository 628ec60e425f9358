"""The whole way, from the login to a dispatch that leaves, needs no mouse and no JavaScript."""

import re

from playwright.sync_api import Page, expect

from integration.people import Role
from tests.browser.conftest import PHONE, Seat, log_in
from tests.browser.deeds import DOCUMENT, fold, is_closed, open_exception, publish, retry
from tests.browser.shop import Shop
from tests.life.actor import Order
from tests.web.browser import NAMES, PASSWORD

STEPS = 150
"""So many times Tab is pressed before somebody gives up."""


def refused(shop: Shop) -> Order:
    """An order that Centra refused for something that is mended by now."""
    shop.centra.put("settings", {"order_api_markets": [1]})
    order = shop.buys("calder")
    shop.calm()
    shop.centra.put("settings", {"order_api_markets": None})
    return order


def test_the_whole_way_without_javascript(shop: Shop, seat: Seat) -> None:
    order = shop.buys("northgate")
    shop.calm()
    shop.centra.post("ship", order=order.centra_order()["number"], carrier="Yodell", service="Xpect 48", tracking="Y1")
    shop.calm()
    page = seat(None, java_script_enabled=False, viewport=PHONE)
    page.goto("/mappings")
    log_in(page, Role.OPERATOR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mappings")
    exception = open_exception(page, "No Virtualstock carrier for Yodell")
    page.get_by_role("button", name="I deal with it").click()
    expect(page.locator("#state")).to_contain_text("olga")
    part = fold(page, "Mute")
    part.get_by_label("Why").fill("I am on it")
    part.get_by_role("button", name="Mute").click()
    expect(page.locator("#state")).to_contain_text("no alerts until")
    page.goto("/mappings/suggestions")
    page.get_by_role("link", name="yodel", exact=True).click()
    expect(page.get_by_label(DOCUMENT)).to_have_value(re.compile("Yodell"))
    page.get_by_role("button", name="See what it would do").click()
    publish(page, "Yodell is Yodel")
    shop.calm()

    assert [each["carrier"] for each in order.at_retailer()["dispatches"]] == ["yodel"]
    is_closed(page, exception)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_many_are_ticked_previewed_and_retried_without_javascript(shop: Shop, seat: Seat) -> None:
    shop.centra.put("settings", {"order_api_markets": [1]})
    # Stock that moves lets every order try that waits for the article, so each is for its own.
    retailers = ("calder", "northgate", "fernhill")
    articles = [shop.on_sale(code, *shop.variants())[number] for number, code in enumerate(retailers)]
    orders = [shop.buys(code, sku) for code, sku in zip(retailers, articles, strict=True)]
    shop.calm()
    shop.centra.put("settings", {"order_api_markets": None})
    page = seat(Role.OPERATOR, java_script_enabled=False)
    page.goto("/exceptions")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.get_by_role("button", name="What is ticked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you act on 2 exceptions")
    page.get_by_label("Why", exact=True).first.fill("the plugin is mended")
    page.get_by_role("button", name="Retry 2 pieces of work").click()
    expect(page.get_by_role("status")).to_contain_text("2 waiting pieces of work are tried again")
    shop.calm()

    assert sorted(len(order.in_centra()) for order in orders) == [0, 1, 1], "what was not ticked waits"
    page.goto("/exceptions")
    expect(boxes).to_have_count(1)


def test_the_whole_way_without_a_mouse(shop: Shop, seat: Seat) -> None:
    order = refused(shop)
    page = seat(None)
    page.goto("/")
    page.keyboard.press("Tab")
    assert focus(page) == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(NAMES[Role.OPERATOR])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    enter(page, "Exceptions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Exceptions")
    enter(page, f"Centra refused order {order.reference}")
    expect(page.locator("#state")).to_be_visible()
    exception = page.url
    enter(page, "Retry what waits")
    tab_to(page, "What you mended")
    page.keyboard.type("the plugin may use the market again")
    enter(page, "Retry")
    expect(page.get_by_role("status")).to_contain_text("tried again")
    shop.calm()

    assert len(order.in_centra()) == 1
    is_closed(page, exception)
    enter(page, "Log out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_a_page_refreshes_its_numbers_by_itself_and_leaves_the_focus_where_it_is(shop: Shop, seat: Seat) -> None:
    page = seat()
    page.clock.install()
    page.goto("/")
    expect(page.locator("#open-causes")).to_have_text("0")
    page.locator("#open-causes").focus()
    refused(shop)
    page.clock.fast_forward(11_000)

    expect(page.locator("#open-causes")).to_have_text("1")
    assert page.evaluate("document.activeElement.id") == "open-causes"
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_retry_that_did_not_help_is_seen_on_the_page_without_loading_it_again(shop: Shop, seat: Seat) -> None:
    order = refused(shop)
    shop.centra.put("settings", {"order_api_markets": [1]})
    page = seat()
    page.clock.install()
    open_exception(page, f"Centra refused order {order.reference}")
    retry(page, "I hoped that it was mended")
    expect(page.locator("#state")).to_contain_text("1 of them being tried again")
    shop.calm()
    page.clock.fast_forward(11_000)

    expect(page.locator("#state")).not_to_contain_text("being tried again")
    expect(page.locator("#timeline")).to_contain_text("I hoped that it was mended")
    expect(page.locator("#state")).to_contain_text("nobody yet")


def focus(page: Page) -> str:
    """The words of what has the focus: its own, or those of its label."""
    return str(page.evaluate(
        "(each => each.labels?.length ? each.labels[0].innerText : each.innerText)(document.activeElement) ?? ''"
    )).strip().removeprefix("▸").strip()  # fmt: skip


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what begins with these words has the focus, and can be seen to have it."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if focus(page).startswith(words):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", words
            return
    raise AssertionError(f"nobody gets to {words} by the keyboard")


def enter(page: Page, words: str) -> None:
    """Get there by the keyboard and press Enter."""
    tab_to(page, words)
    page.keyboard.press("Enter")
