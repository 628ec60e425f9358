"""Who changed what and when can be read, the files can be had back, and files that say something else are noticed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from integration.flows import mappings, mappings_drift, mappings_history
from integration.flows.mappings_drift import PATIENCE
from integration.rulebook import Rulebook
from integration.services import Services
from integration.storage import causes, published
from tests.flows.mapping import ADA, BOB, PIGEON, publish_files, text_of
from tests.world import World

DRIFT = ("mapping-drift", "mappings")


@pytest.fixture
def changed(world: World, tmp_path: Path) -> World:
    """Version 1 stands in files; version 2 by bob has pigeons beside it."""
    publish_files(world)
    write(world, tmp_path / "files")
    world.services = replace_folder(world, tmp_path / "files")
    text = text_of(world, "carriers") + PIGEON
    mappings.publish_document(world.services, "carriers", text, base_version=1, person=BOB, reason="pigeons")
    return world


def replace_folder(world: World, folder: Path) -> Services:
    return replace(world.services, mappings_dir=folder)


def write(world: World, folder: Path) -> list[str]:
    """Export what is in force; returns what was written."""
    files = mappings_history.export(world.services, folder)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return sorted(files)


def test_the_history_says_who_changed_which_document_and_why(changed: World) -> None:
    newest, first = mappings_history.history(changed.services)
    assert (newest.version, newest.author, newest.reason, newest.documents) == (2, "bob", "pigeons", ("carriers",))
    assert (first.version, "retailers/calder" in first.documents) == (1, True)
    assert mappings_history.history(changed.services, before=2) == [first]


def test_a_version_is_shown_with_what_it_changed_and_what_it_says(changed: World) -> None:
    shown = mappings_history.show(changed.services, 2)
    assert shown is not None
    lines = [line for line in shown.difference.splitlines() if line.startswith(("+", "-"))]
    assert lines == ["--- carriers.yaml", "+++ carriers.yaml", "+" + PIGEON.strip()]
    assert shown.texts["carriers"].endswith(PIGEON)
    assert [mappings_history.show(changed.services, number) for number in (0, 3)] == [None, None]


def test_two_versions_are_compared_in_either_direction(changed: World) -> None:
    there = mappings_history.between(changed.services, 1, 2)
    back = mappings_history.between(changed.services, 2, 1)
    assert ("+" + PIGEON.strip() in there.splitlines(), "-" + PIGEON.strip() in back.splitlines()) == (True, True)
    with pytest.raises(LookupError, match="There is no version 9"):
        mappings_history.between(changed.services, 9, 1)


def test_a_version_that_this_release_cannot_read_is_shown_all_the_same(changed: World) -> None:
    with changed.store.write() as db:
        odd = {"retailers": {"mill": 3}, "carriers": "none", "fields": [1]}
        published.publish(db, odd, after=2, author="eve", reason="0.1.0", now=changed.at)
    shown = mappings_history.show(changed.services, 3)
    assert shown is not None
    assert shown.texts["retailers/mill"].startswith("3")


def test_a_giant_difference_is_cut(changed: World) -> None:
    rows = [{"retailer": None, "sku": f"SKU-{n}", "sku_prefix": None, "buffer": 1} for n in range(5000)]
    text = "buffers:\n" + "".join(f"- {row}\n".replace("None", "null").replace("'", "") for row in rows)
    mappings.publish_document(changed.services, "stock", text, base_version=2, person=ADA, reason="many")
    shown = mappings_history.show(changed.services, 3)
    assert shown is not None
    assert mappings_history.LARGEST_DIFFERENCE < len(shown.difference) < mappings_history.LARGEST_DIFFERENCE + 50


def test_exported_files_are_what_is_in_force_and_keep_the_remarks_of_those_that_were_right(
    changed: World, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    stock = folder / "stock.yaml"
    stock.write_text("# why so few\n" + stock.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "retailers" / "old.yaml").write_text(
        (folder / "retailers" / "calder.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert mappings_history.beyond(changed.services, folder) == ["retailers/old.yaml"]
    (folder / "retailers" / "old.yaml").unlink()

    assert write(changed, folder) == ["carriers.yaml"]

    assert stock.read_text(encoding="utf-8").startswith("# why so few")
    with changed.store.read() as db:
        in_force = Rulebook.from_document(published.document(db, 2))
    assert Rulebook.load(folder).fingerprint == in_force.fingerprint
    schema = (folder / "retailers" / "calder.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert schema == "# yaml-language-server: $schema=../schema/retailer.json"


def test_drift_names_each_document_and_the_side_it_is_on(changed: World, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for path, text in mappings_history.export(changed.services).items():
        (folder / path).write_text(text, encoding="utf-8")
    assert mappings_history.drift(changed.services, folder) == []
    (folder / "stock.yaml").write_text(
        "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: 1}\n", encoding="utf-8"
    )
    (folder / "fields" / "mill.yaml").write_text(
        (folder / "fields" / "calder.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert mappings_history.drift(changed.services, folder) == [
        "fields/mill.yaml is in the files only, not in version 2", "stock.yaml differs from version 2",
    ]  # fmt: skip
    (folder / "stock.yaml").write_text("buffers: 3\n", encoding="utf-8")
    assert mappings_history.drift(changed.services, folder)[0].startswith("the files cannot be used: stock.yaml, line")


def test_where_nothing_is_published_nothing_drifts(world: World, tmp_path: Path) -> None:
    assert mappings_history.drift(world.services, tmp_path / "nowhere") == []


def test_drift_is_told_after_a_day_and_over_as_soon_as_the_files_say_the_same(changed: World, tmp_path: Path) -> None:
    changed.at += PATIENCE - timedelta(seconds=1)
    mappings_drift.watch(changed.services)
    assert changed.causes() == [], "whoever published in the console has a day to export"
    changed.wait(1)
    mappings_drift.watch(changed.services)
    assert changed.causes() == [DRIFT]
    with changed.store.read() as db:
        assert causes.facts_of(db, *DRIFT) == {"what": "carriers.yaml differs from version 2"}

    write(changed, tmp_path / "files")
    mappings_drift.watch(changed.services)

    assert changed.causes() == []


def test_a_machine_without_mapping_files_tells_of_no_drift(changed: World, tmp_path: Path) -> None:
    changed.services = replace_folder(changed, tmp_path / "nowhere")
    changed.at += 2 * PATIENCE
    mappings_drift.watch(changed.services)
    assert changed.causes() == []
