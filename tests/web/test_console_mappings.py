"""Operations change a mapping by pages alone: checked beside its lines, previewed, published, seen and undone."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, site

from integration import steps
from integration.centra.schema import Shipment
from integration.flows import mappings, mappings_afresh, new_carriers
from integration.people import Role
from integration.storage import announcements
from tests.flows.mapping import BOB, PIGEON, publish_files, take_over, text_of, versions
from tests.world import World, line

STOCK = "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: 1}\n"
FORM = {"name": "carriers", "base": "1"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Version 1 is in force."""
    made = World(tmp_path)
    publish_files(made)
    yield made
    made.store.close()


def person(world: World, role: Role = Role.OPERATOR) -> Browser:
    return Browser(site(world), role)


def words(text: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def typed(text: str) -> str:
    """What stands in the editor of a page."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_every_document_is_listed_and_opens_with_what_it_says(world: World) -> None:
    browser = person(world, Role.VIEWER)
    listed = browser.get("/mappings").text
    names = re.findall(r'href="/mappings/edit\?name=([^"&]+)"', listed)
    assert sorted(names) == sorted(mappings.documents(world.services).texts)
    for name in names:
        assert typed(browser.get(f"/mappings/edit?name={name}").text) == text_of(world, name)


def test_a_row_is_previewed_published_and_what_waited_for_it_leaves(world: World) -> None:
    world.centra.has(11, "TEE-M", 8, ean="5000000000011")
    world.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    for step, subject in ((steps.STOCK_SWEEP, steps.CENTRA), (steps.CATALOGUE_LISTINGS, "northgate")):
        world.ask(step, subject)
        world.settle()
    world.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    world.do(steps.ORDERS_POLL, "northgate")
    world.settle()
    world.centra.ships(1200, {12000: 2}, carrier="Pigeon Post")
    assert world.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "held"
    browser = person(world)

    draft = typed(browser.get("/mappings/edit?name=carriers").text) + PIGEON
    preview = browser.post("/mappings/preview", **FORM, text=draft.replace("\n", "\r\n"))
    assert preview.status_code == 200
    assert "releases 1 dispatch" in words(preview.text)
    assert '<span class="added">+- {retailer: null, carrier: Pigeon Post' in preview.text
    assert versions(world) == [1]
    published = browser.post("/mappings/publish", **FORM, text=typed(preview.text), reason="pigeons <b>")
    shown = browser.follow(published).text

    assert "1 held piece of work is due again" in words(shown)
    assert "pigeons &lt;b&gt;" in shown
    take_over(world)
    world.wait(mappings_afresh.SETTLED.total_seconds())
    assert world.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    with world.store.read() as db:
        told = announcements.announcement(db, 41)
    assert told is not None
    assert told.announced_at is not None
    assert "olga" in words(browser.get("/activity?about=mappings").text)


def test_what_is_wrong_stands_beside_its_line_and_the_text_is_kept(world: World) -> None:
    browser = person(world)
    draft = "# <script>\nbuffers:\n- {retailer: nobody, sku: A, sku_prefix: null, buffer: 1}\n"
    browser.get("/mappings/edit?name=stock")
    answer = browser.post("/mappings/preview", name="stock", base="1", text=draft)
    assert answer.status_code == 422
    assert re.search(
        r"<td>3</td><td>buffers, row 1, retailer: there is no retailer nobody<br><code>- \{retailer: nobody",
        answer.text,
    )
    assert typed(answer.text) == draft
    assert "<script>" not in answer.text.replace('<script src="/static', "")


@pytest.mark.parametrize("text", ["", "- &a [x]\n- *a\n", "a: 1\na: 2\n", "\tx", "x: \x00", "[" * 500, "42", "{}"])
def test_a_text_that_cannot_be_used_is_refused_in_words(world: World, text: str) -> None:
    browser = person(world)
    browser.get("/mappings/edit?name=carriers")
    for path, more in (("preview", {}), ("publish", {"reason": "x"})):
        answer = browser.post(f"/mappings/{path}", **FORM, text=text, **more)
        assert answer.status_code == 422
        assert "Nothing was published." in answer.text
    assert versions(world) == [1]


def test_the_second_of_two_editors_is_told_sees_the_change_and_can_publish_on_top(world: World) -> None:
    browser = person(world)
    browser.get("/mappings/edit?name=stock")
    draft = text_of(world, "carriers") + PIGEON
    mappings.publish_document(world.services, "carriers", draft, base_version=1, person=BOB, reason="pigeons")

    late = browser.post("/mappings/publish", name="stock", base="1", text=STOCK, reason="one kept back")

    assert late.status_code == 409
    assert 'Version 2 by bob came into force meanwhile ("pigeons")' in words(late.text)
    assert "carrier: Pigeon Post" in late.text
    assert 'value="one kept back"' in late.text
    assert (typed(late.text), 'name="base" value="2"' in late.text) == (STOCK, True)
    assert versions(world) == [2, 1]
    done = browser.post("/mappings/publish", name="stock", base="2", text=STOCK, reason="one kept back")
    assert done.headers["Location"].startswith("/mappings/versions/3")


def test_a_preview_says_that_somebody_published_since_the_editor_was_opened(world: World) -> None:
    browser = person(world)
    browser.get("/mappings/edit?name=stock")
    draft = text_of(world, "carriers") + PIGEON
    mappings.publish_document(world.services, "carriers", draft, base_version=1, person=BOB, reason="pigeons")
    preview = browser.post("/mappings/preview", name="stock", base="1", text=STOCK)
    assert "Version 2 by bob" in words(preview.text)
    assert 'name="base" value="2"' in preview.text


def test_what_was_typed_survives_the_way_back_from_the_preview(world: World) -> None:
    browser = person(world)
    browser.get("/mappings/edit?name=stock")
    preview = browser.post("/mappings/preview", name="stock", base="1", text=STOCK)
    assert 'formaction="/mappings/draft"' in preview.text
    assert typed(browser.post("/mappings/draft", name="stock", base="1", text=STOCK).text) == STOCK


def test_only_an_admin_rolls_back_and_the_way_back_is_a_version_too(world: World) -> None:
    draft = text_of(world, "carriers") + PIGEON
    mappings.publish_document(world.services, "carriers", draft, base_version=1, person=BOB, reason="pigeons")
    operator, admin = person(world), person(world, Role.ADMIN)
    assert "roll-back" not in operator.get("/mappings/versions/1").text
    assert operator.post("/mappings/versions/1/roll-back", reason="no pigeons").status_code == 403
    assert "roll-back" in admin.get("/mappings/versions/1").text
    back = admin.follow(admin.post("/mappings/versions/1/roll-back", reason="no pigeons"))
    assert '<span class="removed">-- {retailer: null, carrier: Pigeon Post' in back.text
    assert versions(world) == [3, 2, 1]
    again = admin.post("/mappings/versions/1/roll-back", reason="no pigeons")
    assert (again.status_code, "says just what version 1 says" in again.text) == (409, True)


def test_a_viewer_reads_everything_and_changes_nothing(world: World) -> None:
    browser = person(world, Role.VIEWER)
    assert "readonly" in browser.get("/mappings/edit?name=carriers").text
    for path, fields in (
        ("preview", {}), ("draft", {}), ("publish", {"reason": "x"}), ("versions/1/roll-back", {"reason": "x"}),
    ):  # fmt: skip
        assert browser.post(f"/mappings/{path}", **FORM, text="[]", **fields).status_code == 403
    assert versions(world) == [1]


def test_a_form_without_its_seal_or_without_a_reason_changes_nothing(world: World) -> None:
    browser = person(world)
    assert browser.post("/mappings/publish", sealed=False, **FORM, text=STOCK, reason="x").status_code == 403
    assert browser.post("/mappings/publish", name="stock", base="1", text=STOCK, reason=" ").status_code == 422
    assert versions(world) == [1]


@pytest.mark.parametrize("path", [
    "/mappings/edit?name=../../etc/passwd", "/mappings/edit?name=users", "/mappings/edit?name=retailers/",
    "/mappings/edit?name=%00", "/mappings/versions/9", "/mappings/versions/0", "/mappings/versions/9999999999999999",
    "/mappings/history?before=-1", "/mappings/edit",
])  # fmt: skip
def test_an_address_of_nothing_is_a_plain_page(world: World, path: str) -> None:
    assert person(world).get(path).status_code in (404, 422)


def test_the_history_pages_back_to_the_first_version(world: World) -> None:
    for number in range(1, 33):
        text = STOCK.replace("buffer: 1", f"buffer: {number}")
        made = mappings.publish_document(world.services, "stock", text, base_version=number, person=BOB, reason="more")
        assert made.version == number + 1
    browser = person(world, Role.VIEWER)
    first = browser.get("/mappings/history").text
    assert re.findall(r'href="/mappings/versions/(\d+)"', first) == [str(number) for number in range(33, 3, -1)]
    older = html.unescape(re.search(r'<a href="([^"]+)">Older</a>', first)[1])  # type: ignore[index]
    assert re.findall(r'href="/mappings/versions/(\d+)"', browser.get(older).text) == ["3", "2", "1"]


def test_a_suggested_row_is_only_written_into_the_editor(world: World) -> None:
    with world.store.write() as db:
        new_carriers.notice(world.services, db, [Shipment(id=1, carrier="DPD UK Ltd")], ours=())
    browser = person(world)
    offered = browser.get("/mappings/suggestions").text
    address = html.unescape(re.search(r'href="(/mappings/edit[^"]+slug=dpd)"', offered)[1])  # type: ignore[index]
    draft = typed(browser.get(address).text)
    assert draft == text_of(world, "carriers") + "- {retailer: null, carrier: DPD UK Ltd, service: null, slug: dpd}\n"
    assert versions(world) == [1]
