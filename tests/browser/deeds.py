"""What a person does on the pages, in the words of a story: only clicking, typing and reading."""

from playwright.sync_api import Locator, Page, expect

DOCUMENT = "The document as YAML"


def open_exception(page: Page, words: str) -> str:
    """From Today to the page of the one exception whose sentence has these words; returns its path."""
    page.goto("/")
    page.locator("#open-causes").click()
    page.get_by_role("table").get_by_role("link", name=words).click()
    expect(page.locator("p.notice").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("complementary").get_by_role("heading", name="Runbook")).to_be_visible()
    return page.url


def fold(page: Page, words: str) -> Locator:
    """Open what is folded away under these words."""
    found = page.locator("details").filter(has=page.get_by_text(words, exact=True))
    found.locator("summary").first.click()
    return found


def retry(page: Page, reason: str) -> None:
    """Press the button on the page of an exception."""
    part = fold(page, "Retry what waits")
    part.get_by_label("What you mended").fill(reason)
    part.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status")).to_contain_text("tried again")


def is_closed(page: Page, exception: str) -> None:
    """The page of an exception says that it is closed, and the list of open ones does not name it."""
    page.goto(exception)
    expect(page.locator("#state")).to_contain_text("Closed")
    page.goto("/exceptions")
    expect(page.get_by_role("table").locator(f"a[href='/{exception.split('/', 3)[3]}']")).to_have_count(0)


def edit_mapping(page: Page, document: str, old: str, new: str) -> None:
    """Open a document in the editor and replace `old` in it; the next page shows what that would do."""
    page.goto("/mappings")
    page.get_by_role("link", name=document, exact=True).click()
    text = page.get_by_label(DOCUMENT)
    before = text.input_value()
    assert old in before, before
    text.fill(before.replace(old, new, 1))
    page.get_by_role("button", name="See what it would do").click()


def publish(page: Page, reason: str) -> None:
    """Publish what the preview shows."""
    page.get_by_label("Why").fill(reason)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("It is in force")
