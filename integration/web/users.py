"""Who may come in by password or by token is decided here, at the same pace for a right answer and a wrong one."""

import hmac
from collections.abc import Iterable
from functools import cache

from integration.logins import Login
from integration.passwords import fits, password_hash, token_hash
from integration.people import Door, Person, Role


class Users:
    """The people and programs that the settings name."""

    def __init__(self, people: Iterable[Login], programs: Iterable[Login] = ()) -> None:
        self._people = {login.name: login for login in people}
        self._programs = list(programs)

    def __bool__(self) -> bool:
        return bool(self._people)

    def role(self, name: str) -> Role | None:
        """What somebody may do now, or None where the settings do not know the name (any more)."""
        login = self._people.get(name)
        return login.role if login else None

    def by_password(self, name: str, password: str) -> Person | None:
        """The person whose password this is, or None. Takes as long for a name that nobody has."""
        login = self._people.get(name)
        right = fits(password, login.hash if login else _of_nobody())
        return Person(login.name, login.role, Door.CONSOLE) if login and right else None

    def by_token(self, token: str) -> Person | None:
        """The program whose API token this is, or None."""
        given = token_hash(token)
        found = [each for each in self._programs if hmac.compare_digest(each.hash.lower(), given)]
        return Person(found[0].name, found[0].role, Door.API) if found else None


@cache
def _of_nobody() -> str:
    return password_hash("the password of nobody")
