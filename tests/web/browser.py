"""A person in front of the console without a server and without JavaScript: follows links, fills forms in, keeps its
cookie. And a program that calls the API with a token."""

import asyncio
import re
from typing import Any

import httpx
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.types import ASGIApp

from integration.logins import Login
from integration.passwords import token_hash
from integration.people import Role
from integration.web import access
from integration.web.app import add_console
from integration.web.headers import Guarded
from integration.web.limits import Tries
from integration.web.oidc import Provider
from integration.web.users import Users
from tests.world import World

PASSWORD = "of these tests only"
HASHER = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
"""Cheap: a test logs in many times."""
HASH = HASHER.hash(PASSWORD)
TOKENS = {role: f"token-of-a-{role}" for role in Role}
NAMES = {Role.VIEWER: "vera", Role.OPERATOR: "olga", Role.ADMIN: "ada"}
SEAL = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


def site(
    world: World, *, tries: Tries | None = None, provider: Provider | None = None, flower: str = "http://flower.test"
) -> FastAPI:
    """The console and the API of a world, with a person and a token of each role."""
    app = FastAPI(openapi_url=None)
    users = Users(
        [Login(name, role, HASH) for role, name in NAMES.items()],
        [Login(f"{name}-program", role, token_hash(TOKENS[role])) for role, name in NAMES.items()],
    )
    doors = access.Access(users, ["of these tests only"], world.services.now)
    add_console(app, world.services, doors, tries or Tries(None), provider, flower=flower)
    return app


class Browser:
    """One browser. Where `role` is given, somebody of that role is logged in."""

    def __init__(self, app: ASGIApp, role: Role | None = None, *, base: str = "http://console.test") -> None:
        wire = httpx.ASGITransport(Guarded(app), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=wire, base_url=base)
        self.app = app
        self.seal = ""
        if role is not None:
            self.get("/login")
            entered = self.post("/login", name=NAMES[role], password=PASSWORD)
            assert entered.status_code == 303, entered.text
            self.get("/login")
            self.get("/activity")

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page; its seal is kept for the next form."""
        return self._keep(self._send("GET", path, headers=headers))

    def post(self, path: str, *, sealed: bool = True, **fields: Any) -> httpx.Response:
        """Send a form, as the page that was opened last would; a list gives a field several times."""
        seal = {"_csrf": self.seal} if sealed else {}
        return self._keep(self._send("POST", path, data={**seal, **fields}))

    def follow(self, response: httpx.Response) -> httpx.Response:
        """Go where a redirect leads."""
        assert response.status_code == 303, f"{response.status_code}: {response.text}"
        return self.get(response.headers["Location"])

    def _keep(self, response: httpx.Response) -> httpx.Response:
        found = SEAL.search(response.text)
        self.seal = found.group(1) if found else self.seal
        return response

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self.client.request(method, path, **more))


class Program:
    """Calls the API with the token of a role, or with the one given."""

    def __init__(self, app: FastAPI, role: Role | None = Role.ADMIN, *, token: str | None = None) -> None:
        wire = httpx.ASGITransport(Guarded(app), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=wire, base_url="http://console.test")
        own = TOKENS[role] if role else token
        self.headers = {"Authorization": f"Bearer {own}"} if own else {}

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One call; `path` begins after /api/v1."""
        return asyncio.run(self.client.request(method, f"{access.API}{path}", headers=self.headers, **more))
