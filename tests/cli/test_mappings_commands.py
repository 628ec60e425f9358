"""The command line changes mappings as the console does: files and versions are compared, published and had back."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from integration.centra.schema import Shipment
from integration.flows import mappings, new_carriers
from integration.people import Door, Person, Role
from integration.storage import activity
from tests.world import MAPPINGS, World

Command = Callable[..., Result]
ADA = Person("ada", Role.OPERATOR, Door.CONSOLE)
STOCK = "buffers:\n- {retailer: null, sku: TEE-M, sku_prefix: null, buffer: 2}\n"


@pytest.fixture
def folder(shop: World, cvsync: Command, tmp_path: Path) -> Path:
    """A folder of files that were published as version 1; the live lists are away, as for every command here."""
    found = Path(shutil.copytree(MAPPINGS, tmp_path / "files"))
    result = cvsync("mappings", "publish", "--dir", str(found), "--reason", "first", "--author", "eve")
    assert result.exit_code == 0, result.stderr
    assert "not checked against the live lists" in result.stdout
    return found


def in_console(shop: World) -> None:
    """Ada changes the buffers in the console: version 2."""
    made = mappings.publish_document(shop.services, "stock", STOCK, base_version=1, person=ADA, reason="keep two back")
    assert made.version == 2


def test_a_difference_is_shown_with_what_it_sets_in_motion(shop: World, cvsync: Command, folder: Path) -> None:
    assert cvsync("mappings", "diff", "--dir", str(folder)).stdout == "no difference\n"
    (folder / "stock.yaml").write_text(STOCK, encoding="utf-8")
    shown = cvsync("mappings", "diff", "--dir", str(folder)).stdout
    assert "+- {retailer: null, sku: TEE-M, sku_prefix: null, buffer: 2}" in shown
    assert "Publishing changes 1 stock quantity." in shown
    found = json.loads(cvsync("mappings", "diff", "--dir", str(folder), "--json").stdout)
    assert found["effect"] == ["changes 1 stock quantity"]


def test_two_versions_are_compared_and_one_that_is_not_there_is_named(
    shop: World, cvsync: Command, folder: Path
) -> None:
    in_console(shop)
    assert "buffer: 2" in cvsync("mappings", "diff", "--from", "1", "--to", "2").stdout
    result = cvsync("mappings", "diff", "--from", "1", "--to", "9")
    assert (result.exit_code, result.stderr) == (1, "There is no version 9.\n")


def test_the_history_names_who_and_why_and_shows_one_version(shop: World, cvsync: Command, folder: Path) -> None:
    in_console(shop)
    found = json.loads(cvsync("mappings", "history", "--json").stdout)
    assert [(each["version"], each["author"], each["reason"]) for each in found] == [
        (2, "ada", "keep two back"), (1, "eve", "first"),
    ]  # fmt: skip
    assert found[0]["documents"] == ["stock"]
    assert "keep two back" in cvsync("mappings", "history").stdout
    assert "+- {retailer: null, sku: TEE-M" in cvsync("mappings", "history", "2").stdout
    assert cvsync("mappings", "history", "7").exit_code == 1


def test_files_never_undo_unseen_what_was_changed_in_the_console(shop: World, cvsync: Command, folder: Path) -> None:
    in_console(shop)
    drift = cvsync("mappings", "drift", "--dir", str(folder))
    assert (drift.exit_code, drift.stdout) == (1, "stock.yaml differs from version 2\n")
    refused = cvsync("mappings", "publish", "--dir", str(folder), "--reason", "again")
    assert refused.exit_code == 1
    assert "stock.yaml was changed by ada in version 2" in refused.stderr

    exported = cvsync("mappings", "export", str(folder))

    assert exported.stdout == "written: stock.yaml\n"
    assert cvsync("mappings", "drift", "--dir", str(folder)).exit_code == 0
    assert cvsync("mappings", "publish", "--dir", str(folder), "--reason", "again").exit_code == 0


def test_a_version_is_rolled_back_under_the_name_of_who_did_it(shop: World, cvsync: Command, folder: Path) -> None:
    in_console(shop)
    assert cvsync("mappings", "rollback", "1").exit_code == 2, "a reason is needed"
    result = cvsync("mappings", "rollback", "1", "--reason", "too few", "--author", "bob")
    assert "version 3 is published" in result.stdout
    with shop.store.read() as db:
        (act,) = activity.page(db, before=None, limit=1, about="mappings")
    assert (act["by"], act["door"], act["verb"], act["reason"]) == ("bob", "cli", "rolled back", "too few")
    again = cvsync("mappings", "rollback", "1", "--reason", "too few")
    assert (again.exit_code, again.stderr) == (1, "What is in force says just what version 1 says.\n")


def test_a_base_that_is_not_the_newest_is_refused_with_the_difference(
    shop: World, cvsync: Command, folder: Path
) -> None:
    in_console(shop)
    refused = cvsync("mappings", "publish", "--dir", str(folder), "--reason", "again", "--base", "1")
    assert refused.exit_code == 1
    assert "Version 2 by ada" in refused.stderr
    assert "+- {retailer: null, sku: TEE-M" in refused.stderr


def test_an_export_into_an_empty_folder_is_a_folder_of_mappings(cvsync: Command, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "mappings"
    assert cvsync("mappings", "export", str(target)).exit_code == 0
    assert cvsync("mappings", "check", "--dir", str(target)).exit_code == 0
    assert cvsync("mappings", "drift", "--dir", str(target)).exit_code == 0
    shutil.copy(target / "retailers" / "calder.yaml", target / "retailers" / "old.yaml")
    assert "yours to delete: retailers/old.yaml" in cvsync("mappings", "export", str(target)).stdout


def test_a_suggestion_says_when_no_live_list_could_be_asked(shop: World, cvsync: Command, folder: Path) -> None:
    assert "no carrier and no delivery service waits" in cvsync("mappings", "suggest").stdout
    with shop.store.write() as db:
        new_carriers.notice(shop.services, db, [Shipment(id=1, carrier="Pigeon Post")], ours=())
    shown = cvsync("mappings", "suggest").stdout
    assert "Pigeon Post, every retailer" in shown
    assert "could not be asked" in shown
    (offer,) = json.loads(cvsync("mappings", "suggest", "--json").stdout)
    assert (offer["wanted"], offer["suggestions"], offer["unchecked"]) == ("Pigeon Post", [], True)
