"""Two people who change the same mapping do not overwrite each other, and nobody has a button that is not theirs."""

from playwright.sync_api import Page, expect

from integration.people import Role
from tests.browser.conftest import Seat
from tests.browser.deeds import edit_mapping, fold, publish
from tests.browser.shop import Shop

FIRST, SECOND = "Whistl", "Tuffnells"


def draft(page: Page, carrier: str) -> None:
    """Write a row for a carrier, up to the page that would publish it."""
    edit_mapping(page, "carriers", "- {", f"- {{retailer: null, carrier: {carrier}, service: null, slug: dx}}\n- {{")
    expect(page.locator("#effect")).to_be_visible()
    page.get_by_label("Why").fill(f"{carrier} is new")


def test_the_second_of_two_editors_is_told_sees_theirs_and_publishes_on_top_of_it(shop: Shop, seat: Seat) -> None:
    olga, ada = seat(Role.OPERATOR), seat(Role.ADMIN)
    draft(olga, FIRST)
    draft(ada, SECOND)
    publish(olga, f"{FIRST} is new")
    ada.get_by_role("button", name="Publish").click()

    told = ada.get_by_role("alert")
    expect(told).to_contain_text(f'Version 2 by olga came into force meanwhile ("{FIRST} is new")')
    expect(ada.get_by_role("region", name="What was changed meanwhile")).to_contain_text(f"carrier: {FIRST}")
    expect(ada.get_by_label("Why")).to_have_value(f"{SECOND} is new")
    assert not any(row.carrier == SECOND for row in shop.services.rules().carriers), "nothing of hers counts yet"

    ada.get_by_role("button", name="Back to the editor").click()
    text = ada.get_by_label("The document as YAML")
    row = f"- {{retailer: null, carrier: {FIRST}, service: null, slug: dx}}\n"
    text.fill(row + text.input_value())
    ada.get_by_role("button", name="See what it would do").click()
    publish(ada, "both of them")
    carriers = {row.carrier for row in shop.services.rules().carriers}
    assert {FIRST, SECOND} <= carriers


def test_a_version_is_rolled_back_by_an_administrator_and_by_nobody_else(shop: Shop, seat: Seat) -> None:
    olga, ada = seat(Role.OPERATOR), seat(Role.ADMIN)
    draft(olga, FIRST)
    publish(olga, f"{FIRST} is new")
    for page in (olga, ada):
        page.goto("/mappings/versions/1")
    expect(olga.get_by_role("heading", name="Go back to it")).to_have_count(0)
    answer = olga.request.post("/mappings/versions/1/roll-back", form={"reason": "x", "_csrf": seal(olga)})
    assert answer.status == 403

    ada.get_by_label("Why").fill("it was the wrong one")
    fold(ada, "Roll back").get_by_role("button", name="Yes, roll back").click()
    expect(ada.get_by_role("status")).to_contain_text("It is in force")
    assert not any(row.carrier == FIRST for row in shop.services.rules().carriers)


def test_a_viewer_sees_every_page_and_has_no_button_that_changes_something(shop: Shop, seat: Seat) -> None:
    order = shop.orders("calder", {"part_number": "CAL-OLD-9", "quantity": 1}, skus=[])
    shop.round()
    page = seat(Role.VIEWER)
    paths = (
        "/", "/exceptions", "/exceptions/1", "/orders", f"/orders/{order.subject}", "/skus", "/skus/HF1001-OAT-S",
        "/mappings", "/mappings/edit?name=carriers", "/mappings/suggestions", "/mappings/history",
        "/mappings/versions/1", "/retailers", "/retailers/calder", "/activity", "/manual",
    )  # fmt: skip
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("main").get_by_role("heading", level=1), path).to_have_count(1)
        assert page.locator("main form[method=post] button, main [formaction]").count() == 0, path


def test_a_viewer_is_refused_by_address_too(shop: Shop, seat: Seat) -> None:
    shop.orders("calder", {"part_number": "CAL-OLD-9", "quantity": 1}, skus=[])
    shop.round()
    page = seat(Role.VIEWER)
    page.goto("/exceptions/preview?scope=filter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    page.goto("/exceptions/1")
    for path in ("/exceptions/acknowledge", "/exceptions/retry", "/exceptions/1/comment", "/mappings/publish"):
        form = {"_csrf": seal(page), "ids": "1", "scope": "ticked", "reason": "x", "text": "x", "name": "carriers"}
        assert page.request.post(path, form=form).status == 403, path
    for path in ("/retailers/pause", "/mappings/versions/1/roll-back"):
        form = {"_csrf": seal(seat(Role.OPERATOR), "/activity"), "flow": "stock", "retailer": "", "reason": "x"}
        assert page.request.post(path, form=form).status == 403, path
    assert shop.open_causes() == {"unmapped-sku": ["calder/CAL-OLD-9"]}


def test_an_operator_cannot_pause_a_flow(shop: Shop, seat: Seat) -> None:
    olga, ada = seat(Role.OPERATOR), seat(Role.ADMIN)
    for page in (olga, ada):
        page.goto("/retailers/calder")
    expect(olga.get_by_role("button", name="Pause")).to_have_count(0)
    form = {"_csrf": seal(olga), "flow": "stock", "retailer": "calder", "reason": "x"}
    assert olga.request.post("/retailers/pause", form=form).status == 403

    switches = ada.get_by_role("table", name="Switches of this retailer")
    row = switches.get_by_role("row").filter(has=ada.get_by_role("cell", name="orders new orders"))
    row.get_by_text("Pause", exact=True).click()
    row.get_by_label("Why").fill("they are closed today")
    row.get_by_role("button", name="Pause").click()
    expect(ada.get_by_role("status")).to_contain_text("It is paused")
    olga.reload()
    expect(olga.get_by_role("main")).to_contain_text("by ada: they are closed today")


def seal(page: Page, path: str = "") -> str:
    """The seal that the forms of a page carry."""
    if path:
        page.goto(path)
    return page.locator("input[name=_csrf]").first.input_value()
