"""The real console and API stand before a PostgreSQL server and a Redis of their own, without a network between."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import httpx
from fastapi import FastAPI

from benchmarks.console_pages import Visit
from integration import embedded, wiring
from integration.logins import Login
from integration.passwords import password_hash, token_hash
from integration.people import Role
from integration.problems import TryAgain
from integration.services import Services
from integration.settings import Settings
from integration.storage import schema
from integration.web.access import API, CSRF_FIELD, Access
from integration.web.app import add_console
from integration.web.headers import Guarded
from integration.web.limits import Tries
from integration.web.users import Users
from tests.cluster import Cluster, programs
from tests.story.system import ROOT

ADMIN, PASSWORD, TOKEN = "ada", secrets.token_urlsafe(16), secrets.token_urlsafe(32)
HOST = "http://console.test"
NO_POSTGRES = "PostgreSQL's programs are needed: initdb and postgres"


@contextmanager
def services() -> Iterator[Services]:
    """Everything that the product is wired to, but for the platforms: a page asks none, and a publication of mappings
    takes on trust what it cannot look up."""
    found = programs()
    if found is None:
        raise SystemExit(NO_POSTGRES)
    # As it comes, but for what makes a bulk of rows quick: a benchmark is of what is read.
    cluster = Cluster(found, ["max_connections=100", "max_wal_size=4GB"])
    with tempfile.TemporaryDirectory(prefix="benchmark-redis-") as folder:
        redis = embedded.start(Path(folder))
        try:
            yield wired(cluster.start().render_as_string(hide_password=False), redis.url)
        finally:
            redis.stop()
            cluster.stop()


def wired(database: str, redis: str) -> Services:
    """The same on a database and a Redis that are there."""
    made = wiring.build(Settings(database_url=database, redis_url=redis, mappings_dir=ROOT / "mappings"))
    schema.upgrade(made.store)
    return replace(made, virtualstock=_away, carriers=_away)


def _away(_: str) -> NoReturn:
    raise TryAgain("a benchmark of pages has no platforms")


def site(services: Services) -> FastAPI:
    """The console with one administrator, and a token for programs."""
    app = FastAPI(openapi_url=None)
    users = Users(
        [Login(ADMIN, Role.ADMIN, password_hash(PASSWORD))], [Login(f"{ADMIN}-program", Role.ADMIN, token_hash(TOKEN))]
    )
    add_console(app, services, Access(users, [PASSWORD], services.now), Tries(None), flower="http://flower.test")
    return app


@dataclass
class Visitor:
    """Somebody who is logged in, and asks for one thing after the other."""

    client: httpx.AsyncClient
    loop: asyncio.Runner

    def ask(self, visit: Visit) -> tuple[httpx.Response, float]:
        """The answer, and the seconds from the request to its last byte."""
        headers = dict(visit.headers)
        if visit.path.startswith(API):
            headers["Authorization"] = f"Bearer {TOKEN}"
        began = time.perf_counter()
        method = "GET" if visit.body is None else "POST"
        answer = self.loop.run(self.client.request(method, visit.path, headers=headers, json=visit.body))
        return answer, time.perf_counter() - began

    def must(self, visit: Visit) -> tuple[Any, float]:
        """What the API says, and the seconds that took."""
        answer, seconds = self.ask(visit)
        if answer.status_code != 200:
            raise RuntimeError(f"{visit.path}: {answer.status_code} {answer.text[:300]}")
        return answer.json(), seconds


@contextmanager
def visitor(app: FastAPI) -> Iterator[Visitor]:
    """An administrator in front of the console."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(Guarded(app)), base_url=HOST)
    with asyncio.Runner() as loop:
        page = loop.run(client.get("/login")).text
        seal = page.partition(f'name="{CSRF_FIELD}" value="')[2].partition('"')[0]
        form = {"name": ADMIN, "password": PASSWORD, CSRF_FIELD: seal}
        entered = loop.run(client.post("/login", data=form))
        if entered.status_code != 303:
            raise RuntimeError(f"the login answered {entered.status_code}")
        yield Visitor(client, loop)
        loop.run(client.aclose())
