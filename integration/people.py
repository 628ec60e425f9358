"""Whoever changes something by hand has a name and a role, and came in by one of three doors."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; each role may do what those before it may."""

    VIEWER = "viewer"
    """Looks at everything."""
    OPERATOR = "operator"
    """Clears exceptions, sends now, publishes mappings."""
    ADMIN = "admin"
    """Pauses and resumes flows, rolls mappings back."""

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class Door(StrEnum):
    """How a person came in."""

    CONSOLE = "console"
    API = "api"
    CLI = "cli"


@dataclass(frozen=True)
class Person:
    """Somebody who acts."""

    name: str
    role: Role
    door: Door
