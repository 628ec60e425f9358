"""A program changes a mapping by calls alone, with the rights of its token, and is told what is wrong by line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Program, site

from integration.people import Role
from tests.flows.mapping import PIGEON, publish_files, text_of, versions
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Version 1 is in force."""
    made = World(tmp_path)
    publish_files(made)
    yield made
    made.store.close()


def program(world: World, role: Role = Role.OPERATOR) -> Program:
    return Program(site(world), role)


def draft(world: World, **more: Any) -> dict[str, Any]:
    return {"name": "carriers", "text": text_of(world, "carriers") + PIGEON, "base_version": 1, **more}


def test_a_document_is_checked_published_shown_and_rolled_back(world: World) -> None:
    admin = program(world, Role.ADMIN)
    checked = admin.call("POST", "/mappings/check", json=draft(world)).json()
    assert (checked["version"], checked["mistakes"], checked["meanwhile"]) == (1, [], [])
    assert checked["effect"] == ["changes nothing that is held or shown at the moment"]
    made = admin.call("POST", "/mappings/publish", json=draft(world, reason="pigeons")).json()
    assert made == {"version": 2, "released": 0, "unchecked": False}
    assert "Pigeon Post" in admin.call("GET", "/mappings").json()["documents"]["carriers"]
    shown = admin.call("GET", "/mappings/versions/2").json()
    assert (shown["author"], shown["reason"], shown["documents"]) == ("ada-program", "pigeons", ["carriers"])
    assert admin.call("POST", "/mappings/versions/1/roll-back", json={"reason": "back"}).json()["version"] == 3
    history = admin.call("GET", "/mappings/history", params={"limit": 2}).json()["versions"]
    assert [each["version"] for each in history] == [3, 2]


def test_a_mistake_is_answered_with_its_line_and_nothing_is_published(world: World) -> None:
    asked = draft(world, text="- {retailer: nobody, carrier: A, service: null, slug: dpd}\n")
    checked = program(world).call("POST", "/mappings/check", json=asked).json()
    assert [(each["document"], each["line"]) for each in checked["mistakes"]] == [("carriers", 1)]
    refused = program(world).call("POST", "/mappings/publish", json={**asked, "reason": "x"})
    assert (refused.status_code, "there is no retailer nobody" in refused.json()["detail"]) == (409, True)
    assert versions(world) == [1]


def test_a_program_that_was_overtaken_is_told(world: World) -> None:
    first, late = draft(world, reason="pigeons"), draft(world, reason="pigeons too")
    program(world).call("POST", "/mappings/publish", json=first)
    refused = program(world).call("POST", "/mappings/publish", json=late)
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("Version 2 by olga-program came into force meanwhile")
    assert program(world).call("POST", "/mappings/check", json=late).json()["meanwhile"]


@pytest.mark.parametrize(("method", "path", "least"), [
    ("GET", "", Role.VIEWER), ("GET", "/export", Role.VIEWER), ("GET", "/drift", Role.VIEWER),
    ("GET", "/suggestions", Role.VIEWER), ("GET", "/history", Role.VIEWER), ("GET", "/versions/1", Role.VIEWER),
    ("POST", "/check", Role.OPERATOR), ("POST", "/publish", Role.OPERATOR),
    ("POST", "/versions/1/roll-back", Role.ADMIN),
])  # fmt: skip
def test_each_call_needs_its_role(world: World, method: str, path: str, least: Role) -> None:
    app = site(world)
    for role in Role:
        answer = Program(app, role).call(method, f"/mappings{path}", json=draft(world, reason="x"))
        assert (answer.status_code == 403) == (not role.covers(least)), role
    assert Program(app, None).call(method, f"/mappings{path}").status_code == 401


@pytest.mark.parametrize("body", [
    {}, {"name": "carriers"}, {"name": 3, "text": "[]", "base_version": 1},
    {"name": "a\x00b", "text": "[]", "base_version": 1}, {"name": "x" * 300, "text": "[]", "base_version": 1},
    {"name": "carriers", "text": "[]", "base_version": 2**70}, {"name": "carriers", "text": ["a"], "base_version": 1},
    {"name": "carriers", "text": "\ud800", "base_version": 1},
])  # fmt: skip
def test_what_is_no_draft_is_refused(world: World, body: dict[str, Any]) -> None:
    answer = program(world).call("POST", "/mappings/publish", content=json.dumps({**body, "reason": "x"}))
    assert answer.status_code == 422
    assert versions(world) == [1]


def test_a_text_of_more_than_a_megabyte_is_refused_in_words(world: World) -> None:
    checked = program(world).call("POST", "/mappings/check", json=draft(world, text="- " + "é" * 600_000)).json()
    assert [each["words"] for each in checked["mistakes"]] == ["is larger than 1000000 bytes"]


def test_a_version_that_is_not_there_is_a_404(world: World) -> None:
    assert program(world).call("GET", "/mappings/versions/7").status_code == 404
    assert program(world).call("GET", "/mappings/versions/0").status_code == 422
