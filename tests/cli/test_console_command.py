"""A login and a token are made on the command line, and what it prints is what the settings take."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from integration.cli import app, whole
from integration.cli import plan as planning
from integration.logins import PASSWORD, TOKEN, parse
from integration.passwords import fits, token_hash
from integration.people import Role
from integration.settings import Settings


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["console", *words], input=typed, env={"COLUMNS": "40"})


def test_the_hash_of_a_password_is_an_entry_of_the_settings() -> None:
    made = run("hash", "anna", "--role", "admin", typed="a long password\n")

    assert made.exit_code == 0, made.output
    [login] = parse("CONSOLE_USERS", made.output.strip(), PASSWORD)
    assert (login.name, login.role) == ("anna", Role.ADMIN)
    assert fits("a long password", login.hash)
    assert "a long password" not in made.output


@pytest.mark.parametrize(("name", "typed"), [
    ("anna", "short\n"), ("anna", ""), ("anna", "x" * 2000), ("an na", "a long password\n"),
    ("an:na", "a long password\n"), ("an/na", "a long password\n"), ("an,na:x", "a long password\n"),
])  # fmt: skip
def test_a_password_too_short_or_a_name_that_no_entry_can_hold_is_refused(name: str, typed: str) -> None:
    made = run("hash", name, typed=typed)

    assert made.exit_code == 2
    assert "$argon2" not in made.output


def test_a_token_is_shown_once_with_the_entry_that_lets_it_in() -> None:
    made = run("token", "erp", "--role", "viewer")

    token = re.search(r"once: (\S+)", made.output)
    [login] = parse("CONSOLE_TOKENS", made.output.rpartition("CONSOLE_TOKENS: ")[2].strip(), TOKEN)
    assert token is not None
    assert login.hash == token_hash(token[1])
    assert (login.name, login.role) == ("erp", Role.VIEWER)
    assert len(token[1]) >= 40


def test_a_role_that_is_none_is_refused() -> None:
    assert run("token", "erp", "--role", "king").exit_code == 2


def test_the_sandbox_has_a_login_of_its_own_which_only_its_processes_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(planning, "_must_be_free", lambda *_: None)
    made = planning.plan(Settings(), None, None)
    name, _, password = made.console_login.partition(":")
    [login] = parse("CONSOLE_USERS", whole._environment(made)["CONSOLE_USERS"], PASSWORD)

    assert (name, login.name, login.role) == ("ops", "ops", Role.ADMIN)
    assert fits(password, login.hash)
    assert password not in repr(made)
    named = planning.plan(Settings(console_users=f"anna:{login.hash}"), None, None)
    assert named.console_login == ""
