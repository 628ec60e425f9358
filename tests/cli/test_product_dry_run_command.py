"""A dry run of product data shows, attribute by attribute, exactly what a push then sends, and what keeps it back."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from integration import steps
from integration.cli.sheets import sheet
from integration.flows import catalogue_report, preview_products, report
from integration.rulebook.retailer import QuietWindow
from integration.storage import contents, guards, images, products
from tests.cli.selling import EAN, LINK, lists, priced, pushes, read_completely, reads, tee
from tests.world import World

Command = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Calder and Fernhill list a T-shirt and have accepted all that Centra says of it."""
    world = World(tmp_path)
    reads(world, tee())
    lists(world, "calder", 901)
    lists(world, "fernhill", 902)
    yield world
    world.store.close()


def rows(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["would_send"]
    return found


def seen(result: Result) -> dict[tuple[str, str], tuple[str, str]]:
    """State and new value by retailer and attribute."""
    return {(row["retailer"], row["attribute"]): (row["state"], row["new"]) for row in rows(result)}


def test_nothing_is_shown_while_every_retailer_has_what_centra_says(shop: World, cvsync: Command) -> None:
    result = cvsync("sync", "products", "--all", "--dry-run", "--json")
    assert (result.exit_code, rows(result)) == (0, [])
    assert "0 listings" in cvsync("sync", "products", "--all", "--dry-run").stdout


def test_what_it_shows_is_exactly_what_is_then_sent(shop: World, cvsync: Command) -> None:
    reads(shop, priced(tee(name="Light tee", description="<p>Soft.</p><p>Light.</p>"), "30.00"))
    shown = rows(cvsync("sync", "products", "--retailer", "calder", "--dry-run", "--json"))
    assert {row["state"] for row in shown} == {"send"}
    assert shown[0] == {
        "retailer": "calder", "sku": "TEE-M", "part_number": "TEE-M", "attribute": "product_name", "old": "Tee Navy",
        "new": "Light tee Navy", "source": shown[0]["source"], "state": "send", "sentence": "",
    }  # fmt: skip
    assert {row["attribute"]: row["source"] for row in shown}["price"] == "pricelist 7"
    sent = pushes(shop, "calder", "TEE-M")
    assert sent == [{row["attribute"]: row["new"] for row in shown}]
    assert set(sent[0]) == {"product_name", "description", "price", "rrp"}
    assert rows(cvsync("sync", "products", "--retailer", "calder", "--dry-run", "--json")) == []


def test_a_dry_run_writes_nothing_and_makes_no_call(shop: World, cvsync: Command) -> None:
    reads(shop, priced(tee(name="Light tee"), "3.00"))
    before = dump(shop)
    assert cvsync("sync", "products", "--all", "--dry-run", "--json").exit_code == 1
    assert dump(shop) == before


def dump(shop: World) -> dict[str, list[Any]]:
    tables = sa.MetaData()
    with shop.store.read() as db:
        tables.reflect(db)
        return {name: list(db.execute(sa.select(table))) for name, table in tables.tables.items()}


def test_one_sku_at_one_retailer_can_be_asked_for(shop: World, cvsync: Command) -> None:
    reads(shop, tee(name="Light tee"), tee(32, 12, "TEE-L", ean="5012345678917", name="Heavy tee"))
    lists(shop, "calder", 903, (12, "TEE-L"), accepted={})
    found = seen(cvsync("sync", "products", "--sku", "TEE-M", "--retailer", "fernhill", "--dry-run", "--json"))
    assert found == {("fernhill", "name"): ("send", "Light tee")}
    assert ("calder", "product_name") in seen(cvsync("sync", "products", "--sku", "TEE-M", "--dry-run", "--json"))


def test_an_invalid_product_is_held_whole_or_sent_in_part_by_the_profile(shop: World, cvsync: Command) -> None:
    reads(shop, tee(name="", description="<p>New.</p>"))
    result = cvsync("sync", "products", "--all", "--dry-run", "--json")
    assert result.exit_code == 1
    found = seen(result)
    assert found["fernhill", "name"] == ("invalid", "")
    assert found["fernhill", "description"] == ("send", "New.")
    assert pushes(shop, "fernhill", "TEE-M") == [{"description": "New."}]
    reads(shop, tee(name="", description="<p>Newer.</p>"))
    shop.change("fernhill", products={"when_invalid": "hold"})
    (invalid, waits) = [row for row in preview(shop, "fernhill") if row.attribute in ("name", "description")]
    assert (invalid.state, waits.state) == ("invalid", "waits")
    assert "name" in invalid.sentence
    assert pushes(shop, "fernhill", "TEE-M") == []


def preview(shop: World, retailer: str) -> list[preview_products.Row]:
    return list(preview_products.rows(shop.services, retailer=retailer))


def test_prices_behind_a_guardrail_are_shown_as_stopped_and_the_rest_is_sent(shop: World, cvsync: Command) -> None:
    reads(shop, priced(tee(name="Light tee"), "3.60"))
    result = cvsync("sync", "products", "--retailer", "calder", "--dry-run", "--json")
    assert result.exit_code == 1
    assert seen(result) == {
        ("calder", "product_name"): ("send", "Light tee Navy"), ("calder", "price"): ("stopped", "3.60"),
        ("calder", "rrp"): ("stopped", "3.60"),
    }  # fmt: skip
    sentence = next(row["sentence"] for row in rows(result) if row["state"] == "stopped")
    assert "36.00" in sentence
    assert pushes(shop, "calder", "TEE-M") == [{"product_name": "Light tee Navy"}]


def test_a_small_step_is_stopped_too_once_the_guardrail_has_tripped(shop: World) -> None:
    reads(shop, priced(tee(), "35.00"))
    assert {row.state for row in preview(shop, "calder")} == {"send"}
    with shop.store.write() as db:
        guards.stop(db, "prices", "calder", shop.at)
    assert {row.state for row in preview(shop, "calder")} == {"stopped"}
    assert pushes(shop, "calder", "TEE-M") == []


def test_a_price_that_a_person_let_pass_is_shown_as_sent(shop: World) -> None:
    reads(shop, priced(tee(), "3.60"))
    with shop.store.write() as db:
        for name in ("price", "rrp"):
            guards.approve(db, "prices", [("calder", "TEE-M", f"{name}=3.60")], "Ada", "a sale", shop.at)
    assert {row.state for row in preview(shop, "calder")} == {"send"}
    assert pushes(shop, "calder", "TEE-M") == [{"price": "3.60", "rrp": "3.60"}]


def test_what_is_in_shadow_is_shown_as_shadow(shop: World) -> None:
    shop.change("calder", switches={"products": "shadow"})
    reads(shop, priced(tee(name="Light tee"), "35.00"))
    found = {row.attribute: row.state for row in preview(shop, "calder")}
    assert found == {"product_name": "shadow", "price": "send", "rrp": "send"}
    assert pushes(shop, "calder", "TEE-M") == [{"price": "35.00", "rrp": "35.00"}]
    assert preview(shop, "calder") == []


def test_a_listing_waits_for_the_look_at_its_image_and_for_stock_that_goes_first(shop: World) -> None:
    new = tee(31)
    picture = new.variants[0].images[0].model_copy(update={"url": LINK.format("new")})
    variant = new.variants[0].model_copy(update={"images": (picture,)})
    with shop.store.write() as db:
        products.record(db, [new.model_copy(update={"variants": (variant,)})], products.begin_read(db), shop.at, {})
    (row,) = preview(shop, "calder")
    assert (row.attribute, row.state, row.sentence) == ("image", "waits", "its image links are being checked")
    assert pushes(shop, "calder", "TEE-M") == []
    with shop.store.write() as db:
        images.record(db, LINK.format("new"), None, shop.at, shop.at)
    assert [row.state for row in preview(shop, "calder")] == ["send"]
    reads(shop, tee(market_ids=()))
    (row,) = preview(shop, "calder")
    assert (row.attribute, row.new, row.sentence) == ("discontinued", "yes", "stock 0 goes first")


def test_large_changes_wait_for_the_quiet_window_unless_a_price_goes_with_them(shop: World) -> None:
    shop.change("calder", products={"quiet": QuietWindow(opens="22:00", closes="06:00", above=0)})
    shop.ask(steps.PRODUCTS_PUSH, "calder/TEE-M")
    reads(shop, tee(name="Light tee"))
    assert [(row.state, row.sentence) for row in preview(shop, "calder")] == [
        ("waits", "waits for the retailer's quiet window")
    ]
    reads(shop, priced(tee(name="Light tee"), "35.00"))
    assert {row.state for row in preview(shop, "calder")} == {"send"}
    reads(shop, priced(tee(name="Light tee"), "3.50"))
    assert {row.attribute: row.state for row in preview(shop, "calder")} == {
        "product_name": "waits", "price": "stopped", "rrp": "stopped",
    }  # fmt: skip


def test_what_is_lost_on_the_way_is_said(shop: World) -> None:
    reads(shop, tee(name="word " * 30))
    (name,) = [row for row in preview(shop, "calder") if row.attribute == "product_name"]
    assert (name.state, len(name.new) <= 80) == ("send", True)
    assert name.sentence == f"was cut from 155 to {len(name.new)} characters"


def test_an_ean_of_two_sizes_is_shown_as_invalid(shop: World) -> None:
    reads(shop, tee(32, 12, "TEE-L", ean=EAN))
    lists(shop, "calder", 903, (12, "TEE-L"), accepted={})
    found = preview(shop, "calder")
    assert {row.sku for row in found} == {"TEE-L"}
    assert [row.attribute for row in found if row.state == "invalid"] == [preview_products.EAN]
    assert pushes(shop, "calder", "TEE-L") == []


def test_after_a_call_whose_outcome_is_unknown_all_is_sent_again(shop: World) -> None:
    with shop.store.write() as db:
        (listed,) = contents.of_sku(db, "fernhill", "TEE-M")
        contents.intend(db, listed, {"name": "Tee"}, "token")
    found = preview(shop, "fernhill")
    assert {row.sentence for row in found} == {preview_products.AGAIN}
    assert {(row.attribute, row.old, row.new) for row in found} > {("name", "Tee", "Tee")}


def test_a_listing_that_would_be_made_has_its_rows(shop: World, cvsync: Command) -> None:
    reads(shop, tee(32, 12, "TEE-L", ean="5012345678917"))
    assert preview(shop, "calder") == [], "before its catalogue was read nobody knows what a retailer lists"
    read_completely(shop, "calder")
    read_completely(shop, "fernhill")
    found = rows(cvsync("sync", "products", "--all", "--dry-run", "--json"))
    assert {(row["retailer"], row["sku"], row["state"]) for row in found} == {("calder", "TEE-L", "send")}
    assert (found[0]["attribute"], found[0]["new"]) == ("(new)", "TEE-L")
    assert "5544" in found[0]["sentence"]
    assert ("price", "36.00") in {(row["attribute"], row["new"]) for row in found}
    asked = json.loads(cvsync("sync", "products", "--sku", "TEE-L", "--json").stdout)["asked"]
    assert {"step": "products.create", "subject": "calder/TEE-L"} in asked


def test_a_listing_that_cannot_be_made_says_why(shop: World) -> None:
    read_completely(shop, "calder")
    reads(shop, tee(32, 12, "TEE-L", ean="1"), tee(33, 13, "TEE-S", ean="5012345678924", categories=()))
    found = {(row.sku, row.attribute): row for row in preview(shop, "calder")}
    assert (found["TEE-L", "(new)"].state, found["TEE-L", "ean"].state) == ("waits", "invalid")
    assert found["TEE-L", "product_name"].state == "waits"
    assert "category" in found["TEE-S", "(new)"].sentence


def test_a_listing_is_not_made_before_its_images_were_looked_at_nor_with_prices_that_are_switched_off(
    shop: World,
) -> None:
    read_completely(shop, "calder")
    reads(shop, tee(32, 12, "TEE-L", ean="5012345678917"))
    shop.change("calder", switches={"prices": "shadow"})
    made = preview(shop, "calder")
    assert {row.state for row in made} == {"send"}
    assert "price" not in {row.attribute for row in made}
    with shop.store.write() as db:
        db.execute(sa.delete(images.LINK))
    assert {(row.state, row.sentence) for row in preview(shop, "calder")} == {
        ("waits", "its image links are being checked")
    }
    with shop.store.write() as db:
        images.record(db, LINK.format(32), "no image", shop.at, shop.at)
    assert [row.attribute for row in preview(shop, "calder") if row.state == "invalid"] == [preview_products.IMAGE]


def test_the_sheet_opens_in_a_spreadsheet_and_runs_no_formula(shop: World, cvsync: Command, tmp_path: Path) -> None:
    name = "=HYPERLINK(1), " + "long " * 14 + "long"
    reads(shop, tee(name=name))
    file = tmp_path / "changes.csv"
    result = cvsync("sync", "products", "--retailer", "fernhill", "--dry-run", "--csv", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (row["attribute"], row["new"], row["state"]) == ("name", f"'{name}", "send")
    out = cvsync("sync", "products", "--retailer", "fernhill", "--dry-run", "--csv", "-")
    assert out.stdout_bytes == file.read_bytes()
    assert "…" in cvsync("sync", "products", "--retailer", "fernhill", "--dry-run").stdout


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
def test_every_beginning_of_a_formula_is_defused(shop: World, tmp_path: Path, begin: str) -> None:
    with sheet(str(tmp_path / "one.csv"), ("cell",)) as write:
        write((f"{begin}1", "a=1", 5))
    text = (tmp_path / "one.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[1] == f"'{begin}1,a=1,5"


def test_rows_come_page_by_page(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_products, "AT_ONCE", 2)
    monkeypatch.setattr(catalogue_report, "PRODUCTS_AT_ONCE", 2)
    many = [tee(100 + number, 1000 + number, f"S-{number}", ean="") for number in range(7)]
    reads(shop, *many)
    for number in range(7):
        lists(shop, "fernhill", 2000 + number, (1000 + number, f"S-{number}"), accepted={"name": "Old"})
    found = preview_products.rows(shop.services, retailer="fernhill")
    first = next(found)
    with shop.store.write() as db:
        products.record(db, [tee(106, 1006, "S-6", ean="", name="Newest")], products.begin_read(db), shop.at, {})
    names = {row.sku: row.new for row in [first, *found] if row.attribute == "name"}
    assert names == {**{f"S-{number}": "Tee" for number in range(6)}, "S-6": "Newest"}
    shop.change("fernhill", products={"create": True})
    read_completely(shop, "fernhill")
    reads(shop, *[tee(200 + number, 3000 + number, f"N-{number}", ean="") for number in range(5)])
    made = {row.sku for row in preview(shop, "fernhill") if row.attribute == preview_products.CREATION}
    assert made == {f"N-{number}" for number in range(5)}


def test_asking_for_a_sku_reads_its_product_again_and_pushes_its_listings(shop: World, cvsync: Command) -> None:
    asked = json.loads(cvsync("sync", "products", "--sku", "TEE-M", "--json").stdout)["asked"]
    assert [(each["step"], each["subject"]) for each in asked] == [
        ("products.read", "centra"), ("products.push", "calder/TEE-M"), ("products.push", "fernhill/TEE-M"),
    ]  # fmt: skip
    assert shop.asked(steps.PRODUCTS_PUSH) == ["calder/TEE-M", "fernhill/TEE-M"]
    with shop.store.read() as db:
        assert set(products.stale(db, 10, shop.at)) == {31}, "a person who asks does not wait"
    assert "nothing to ask" in cvsync("sync", "products", "--sku", "NOPE").stdout


def test_asking_for_a_retailer_has_all_its_listings_judged_afresh(shop: World, cvsync: Command) -> None:
    assert cvsync("sync", "products", "--retailer", "calder").exit_code == 0
    assert shop.asked(steps.PRODUCTS_REVIEW) == ["calder"]
    assert shop.item(steps.PRODUCTS_REVIEW, "calder").asked == 1, "a second asking would review everything twice"
    assert shop.asked(steps.PRODUCTS_SWEEP) == []
    assert cvsync("sync", "products", "--all").exit_code == 0
    assert shop.asked(steps.PRODUCTS_REVIEW) == sorted(shop.rules.retailers)
    assert shop.asked(steps.PRODUCTS_SWEEP) == ["centra"]


@pytest.mark.parametrize(
    "words",
    [
        ("products",), ("products", "--order", "PO-1"), ("products", "--all", "--csv", "-"),
        ("products", "--all", "--dry-run", "--csv", "-", "--json"), ("stock", "--all", "--dry-run", "--csv", "-"),
        ("products", "--all", "--dry-run", "--csv", "/nowhere/at/all.csv"),
    ],
)  # fmt: skip
def test_wrong_use_of_products_ends_with_status_2(shop: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("sync", *words).exit_code == 2


def test_a_sku_shows_the_product_data_that_each_retailer_accepted(shop: World, cvsync: Command) -> None:
    reads(shop, priced(tee(name="Light tee"), "30.00"))
    pushes(shop, "calder", "TEE-M")
    shop.ask(steps.PRODUCTS_PUSH, "fernhill/TEE-M")
    found = json.loads(cvsync("sku", "TEE-M", "--json").stdout)["retailers"]
    calder, fernhill = found["calder"], found["fernhill"]
    assert calder["products"]["accepted"]["product_name"] == "Light tee Navy"
    assert (calder["products"]["wanted"], calder["products"]["pending_since"]) == ({}, None)
    assert {(each["attribute"], each["amount"], each["source"]) for each in calder["prices"]} == {
        ("price", "30.00", "pricelist 7"), ("rrp", "30.00", "pricelist 7"),
    }  # fmt: skip
    assert fernhill["products"]["wanted"] == {"name": "Light tee", "price": "25.00"}
    assert fernhill["products"]["pending_since"] is not None
    page = cvsync("sku", "TEE-M").stdout
    assert "Light tee Navy" in page


def test_status_names_the_retailers_in_shadow(shop: World, cvsync: Command) -> None:
    assert report.status(shop.services)["flows"]["products"]["shadow"] == []
    shop.change("calder", switches={"prices": "shadow"})
    shop.change("fernhill", switches={"stock": "shadow"})
    flows = report.status(shop.services)["flows"]
    assert (flows["products"]["shadow"], flows["stock"]["shadow"]) == (["calder"], ["fernhill"])
    assert flows["products"]["paused"] is flows["images"]["paused"] is False
    for code in shop.rules.retailers:
        shop.change(code, products={"enabled": False})
    flows = report.status(shop.services)["flows"]
    assert (flows["products"]["paused"], flows["images"]["paused"]) == (False, True)
