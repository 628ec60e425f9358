"""Mappings are published as checked versions, schemas are upgraded, and the doctor says what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from integration import steps
from integration.flows import mappings
from integration.flows.mappings_afresh import SETTLED
from integration.people import Door, Person, Role
from integration.problems import TryAgain
from integration.storage import published
from tests.world import MAPPINGS, World, line

Command = Callable[..., Result]
ADA = Person("ada", Role.OPERATOR, Door.CONSOLE)


def test_the_shipped_mappings_pass_the_check_and_a_broken_folder_does_not(cvsync: Command, tmp_path: Path) -> None:
    assert cvsync("mappings", "check").exit_code == 0
    folder = tmp_path / "broken"
    shutil.copytree(MAPPINGS, folder)
    (folder / "stock.yaml").write_text("buffers: 3\n")
    result = cvsync("mappings", "check", "--dir", str(folder))
    assert result.exit_code == 1
    assert "stock.yaml" in result.stderr


def test_publishing_releases_what_waited_once_every_process_has_seen_the_version(shop: World) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.run(steps.ORDERS_PLACE, "northgate/PO-2")
    carriers = tuple(row for row in shop.rules.carriers if row.slug in ("royal-mail", "dpd", "parcelforce"))
    rules = shop.rules.model_copy(update={"carriers": carriers})

    made = mappings.publish(shop.services, rules, person=ADA, reason="new part number")

    assert (made.version, made.released, list(made.problems)) == (1, 1, [])
    item = shop.item(steps.ORDERS_PLACE, "northgate/PO-2")
    assert (item.held, item.due_at) == (False, shop.at + SETTLED)
    with shop.store.read() as db:
        assert published.document(db, 1) == rules.to_document()


def test_a_slug_that_is_not_on_the_live_list_is_not_published(shop: World) -> None:
    made = mappings.publish(shop.services, shop.rules, person=ADA, reason="typo")
    assert made.version is None
    assert any("evri" in problem for problem in made.problems)


def test_without_the_live_list_the_slugs_are_taken_on_trust_and_that_is_said(shop: World) -> None:
    shop.northgate.fail("carriers", TryAgain("away"))
    made = mappings.publish(shop.services, shop.rules, person=ADA, reason="evri")
    assert (made.version, made.unchecked) == (1, True)


def test_publish_by_command_needs_a_reason(shop: World, cvsync: Command) -> None:
    assert cvsync("mappings", "publish").exit_code == 2
    result = cvsync("mappings", "publish", "--reason", "first", "--author", "ada")
    assert result.exit_code == 0, result.stderr
    assert "version 1" in result.stdout


def test_a_version_of_an_older_release_that_cannot_be_read_is_replaced_by_publishing(
    shop: World, cvsync: Command
) -> None:
    with shop.store.write() as db:
        published.publish(db, {"retailers": {}}, after=None, author="ada", reason="0.1.0", now=shop.at)

    assert "The mappings cannot be used" in cvsync("status").stderr
    result = cvsync("mappings", "publish", "--reason", "0.2.0", "--author", "ada")

    assert result.exit_code == 0, result.stderr
    assert "version 2" in result.stdout
    assert cvsync("status").exit_code == 0


def test_the_schema_is_upgraded_and_asked_for(cvsync: Command) -> None:
    assert cvsync("db", "current").exit_code == 1
    assert cvsync("db", "upgrade").exit_code == 0
    found = json.loads(cvsync("db", "current", "--json").stdout)
    assert found["current"] == found["newest"]


def test_the_doctor_names_each_trouble_and_a_cure(cvsync: Command) -> None:
    cvsync("db", "upgrade")
    result = cvsync("doctor", "--json")
    found = json.loads(result.stdout)
    checks = {check["name"]: check for check in found["checks"]}
    assert result.exit_code == 1
    assert found["ok"] is False
    assert checks["database"]["ok"]
    assert checks["Redis"]["ok"]
    assert not checks["Centra, GraphQL"]["ok"]
    assert all(check["cure"] for check in found["checks"] if not check["ok"])
    assert "password" not in result.stdout.replace("_PASSWORD", "").lower()


def test_the_doctor_does_not_need_what_it_examines(cvsync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    result = cvsync("doctor", "--json")
    names = {check["name"] for check in json.loads(result.stdout)["checks"] if not check["ok"]}
    assert {"database", "Redis"} <= names
