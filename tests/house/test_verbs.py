"""Whatever a person can do with a button or a program with a call, the command line can do too."""

from itertools import chain
from typing import Any, cast

import pytest
import typer

from integration import cli
from integration.web import api, console
from integration.web.console import login
from integration.web.limits import Tries

NO_COMMAND = {
    "/login": "whoever has the terminal is in already", "/logout": "the same",
    "/mappings/draft": "it only shows again what was typed; a file is its own editor",
    "GET /me": "a terminal has no token",
}  # fmt: skip
BUTTONS = {
    "/exceptions/acknowledge": "exceptions acknowledge",
    "/exceptions/assign": "exceptions assign --to --reason",
    "/exceptions/mute": "exceptions mute --until --off --reason",
    "/exceptions/retry": "exceptions retry --kind --owner --retailer --text --assigned --severity --overdue --reason",
    "/exceptions/{cause_id:int}/comment": "exceptions comment",
    "/exceptions/{cause_id:int}/resolve": "exceptions resolve --reason",
    "/exceptions/{cause_id:int}/release": "exceptions release --sku --reason",
    "/orders/{name:path}": "sync --order --reason",
    "/skus/{sku:path}": "sync --sku --reason",
    "/mappings/preview": "mappings diff",
    "/mappings/publish": "mappings publish --reason",
    "/mappings/versions/{version:int}/roll-back": "mappings rollback --reason",
    "/retailers/pause": "flows pause --retailer --all --reason",
    "/retailers/resume": "flows resume --retailer --all --reason",
}
CALLS = {
    "GET /status": "status",
    "GET /activity": "activity --about --subject --by --before --limit",
    "GET /exceptions": "exceptions list --kind --owner --retailer --assigned --severity --text --muted --closed "
    "--overdue --limit",
    "GET /exceptions/counts": "status",
    "GET /exceptions/{cause_id}": "exceptions show",
    "POST /exceptions/preview": "exceptions retry --dry-run",
    "POST /exceptions/acknowledge": "exceptions acknowledge",
    "POST /exceptions/assign": "exceptions assign --to --reason",
    "POST /exceptions/mute": "exceptions mute --until --off --reason",
    "POST /exceptions/retry": "exceptions retry --reason",
    "POST /exceptions/{cause_id}/comment": "exceptions comment",
    "POST /exceptions/{cause_id}/resolve": "exceptions resolve --reason",
    "POST /exceptions/{cause_id}/release": "exceptions release --sku --reason",
    "GET /mappings": "mappings export",
    "GET /mappings/export": "mappings export",
    "GET /mappings/drift": "mappings drift",
    "GET /mappings/suggestions": "mappings suggest",
    "GET /mappings/history": "mappings history --limit",
    "GET /mappings/versions/{version}": "mappings history",
    "POST /mappings/check": "mappings diff",
    "POST /mappings/publish": "mappings publish --reason",
    "POST /mappings/versions/{version}/roll-back": "mappings rollback --reason",
    "GET /orders": "find",
    "GET /orders/{retailer}/{reference}": "order",
    "GET /skus": "find",
    "GET /skus/{sku}": "sku",
    "POST /dry-run": "sync --order --sku --dry-run",
    "POST /send": "sync --order --sku --reason",
    "GET /flows": "flows list",
    "POST /flows/pause": "flows pause --retailer --all --reason",
    "POST /flows/resume": "flows resume --retailer --all --reason",
    "GET /retailers": "flows list",
    "GET /retailers/{code}/scorecard": "flows scorecard --retailer",
}
NOTHING: Any = cast(Any, None)
"""Routes are made without services; nothing calls them here."""


def buttons() -> set[str]:
    parts = [*(each.router(NOTHING) for each in console.PAGES), login.router(NOTHING, Tries(None), None)]
    routes: Any = chain.from_iterable(part.routes for part in parts)
    return {route.path for route in routes if "POST" in route.methods}


def calls() -> set[str]:
    paths = api.application(NOTHING, NOTHING).openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_button_of_the_console_has_its_command_and_no_command_is_named_for_one_that_is_gone() -> None:
    assert buttons() == {*BUTTONS, *(each for each in NO_COMMAND if each.startswith("/"))}


def test_every_call_of_the_api_has_its_command_and_no_command_is_named_for_one_that_is_gone() -> None:
    assert calls() == {*CALLS, *(each for each in NO_COMMAND if not each.startswith("/"))}


@pytest.mark.parametrize("command", sorted({*BUTTONS.values(), *CALLS.values()}))
def test_the_command_exists_with_what_it_can_be_told(command: str) -> None:
    found: Any = typer.main.get_command(cli.app)
    words = command.split()
    for word in (word for word in words if not word.startswith("--")):
        assert word in found.commands, command
        found = found.commands[word]
    assert {word for word in words if word.startswith("--")} <= {name for each in found.params for name in each.opts}
    assert not hasattr(found, "commands"), "it is a group of commands"
