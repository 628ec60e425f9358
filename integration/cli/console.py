"""Logins of the console and tokens of its API are made here; what is kept in the settings is only a hash."""

import secrets
import sys
from getpass import getpass
from typing import Annotated

import typer

from integration.cli.output import say, wrong_use
from integration.logins import PASSWORD as ENTRY
from integration.logins import parse
from integration.passwords import LONGEST, password_hash, token_hash
from integration.people import Role

SHORTEST = 10
"""Characters of a password that we make a login of."""

app = typer.Typer(no_args_is_help=True, help="Logins of the console and tokens of the API.")
Name = Annotated[str, typer.Argument(help="Whose it is: what the record of activities says.")]
As = Annotated[Role, typer.Option("--role", help="What it may do.")]


@app.command(name="hash")
def make_hash(name: Name, role: As = Role.OPERATOR) -> None:
    """Print the entry of CONSOLE_USERS for a password that is asked for, or read from a pipe."""
    password = _password()
    if not SHORTEST <= len(password) <= LONGEST:
        wrong_use(f"A password has {SHORTEST} to {LONGEST} characters.")
    entry = f"{name}/{role}:{password_hash(password)}"
    try:
        parse("the name", entry, ENTRY)
    except ValueError:
        wrong_use("A name has no white space, colon, comma, semicolon or slash.")
    say(entry)


@app.command(name="token")
def make_token(name: Name, role: As = Role.OPERATOR) -> None:
    """Make up a token of the API; print it, and the entry of CONSOLE_TOKENS that lets it in."""
    token = secrets.token_urlsafe(32)
    say(f"The token, shown this once: {token}")
    say(f"For CONSOLE_TOKENS: {name}/{role}:{token_hash(token)}")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        wrong_use("These were two different passwords.")
    return password
