"""The names that may come into the console and the API are read from one line of settings, or from a file of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from integration.people import Role

_BETWEEN = re.compile(r"[\s;]+|,(?=[\w.@-]+(?:/\w*)?:)")
"""White space, a semicolon, or a comma before the next name: password hashes hold commas of their own."""
_ENTRY = re.compile(r"(?P<name>[^:/\s]{1,100})(?:/(?P<role>\w+))?:(?P<hash>\S+)")
PASSWORD = re.compile(r"\$argon2(id|i|d)\$\S+")
TOKEN = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class Login:
    """A name that may come in, its role, and the hash of its password (argon2) or token (SHA-256)."""

    name: str
    role: Role
    hash: str

    def __repr__(self) -> str:
        return f"Login({self.name!r}, {self.role.value!r})"


def parse(setting: str, text: str, hashed: re.Pattern[str]) -> list[Login]:
    """The logins of a setting: ``name[/role]:hash`` entries, or the path of a file of them; the role is operator
    where none is given.

    :raises ValueError: an entry cannot be read; says which by its number, and never repeats it.
    :raises OSError: the file cannot be read.
    """
    if ":" not in text:
        text = Path(text).read_text()
    found: dict[str, Login] = {}
    for number, entry in enumerate(filter(None, _BETWEEN.split(text)), start=1):
        parts = _ENTRY.fullmatch(entry)
        if parts is None:
            raise ValueError(f"{setting}: entry {number} is not name[/role]:hash")
        if (parts["role"] or Role.OPERATOR) not in list(Role):
            raise ValueError(f"{setting}: entry {number} has a role that is none of {', '.join(Role)}")
        if not hashed.fullmatch(parts["hash"]):
            raise ValueError(f"{setting}: entry {number} has no usable hash; make one with `cvsync console hash`")
        if parts["name"] in found:
            raise ValueError(f"{setting}: entry {number} has a name that was there before")
        found[parts["name"]] = Login(parts["name"], Role(parts["role"] or Role.OPERATOR), parts["hash"])
    return list(found.values())


def parse_groups(setting: str, text: str) -> Mapping[str, Role]:
    """The roles by group of an identity provider: ``group=role`` entries with commas between.

    :raises ValueError: an entry cannot be read.
    """
    roles: dict[str, Role] = {}
    for number, entry in enumerate(filter(None, (part.strip() for part in text.split(","))), start=1):
        group, _, role = (part.strip() for part in entry.rpartition("="))
        if not group or role not in list(Role):
            raise ValueError(f"{setting}: entry {number} is not group=role with a role of {', '.join(Role)}")
        roles[group] = Role(role)
    return roles
