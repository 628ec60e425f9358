"""The benchmark of the console opens every page there is, and what it says of bulk work is true at any size."""

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import URL

from benchmarks import console, console_acts, console_pages, console_past, console_site
from benchmarks.figures import Section
from benchmarks.plan import Plan
from integration.services import Services
from integration.web import access, api
from integration.web import console as pages
from tests.cluster import administer

SMALL = Plan(scale=0.001)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def services(postgres_server: URL, redis_url: str) -> Iterator[Services]:
    name = f"cvsync_bench_{uuid.uuid4().hex[:12]}"
    administer(postgres_server, f'CREATE DATABASE "{name}"')
    made = console_site.wired(postgres_server.set(database=name).render_as_string(hide_password=False), redis_url)
    yield made
    made.store.close()
    administer(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


def figure(sections: list[Section], beginning: str) -> float | None:
    rows = [row for section in sections for row in section.rows if row.what.startswith(beginning)]
    assert rows, beginning
    return rows[0].product


@pytest.mark.postgres
def test_a_small_run_opens_everything_and_what_it_lets_go_is_paced(services: Services) -> None:
    sections = console.measure(services, SMALL, times=1)
    assert [section.letter for section in sections] == ["m", "n", "o"]
    assert all(row.product is not None for section in sections for row in section.rows)
    assert figure(sections, "messages to a channel about 600 pieces of work of one cause") == 1
    paced = [row for row in sections[2].rows if row.what.startswith("· of these, due in the busiest minute")]
    assert [row.met for row in paced] == [True, True]
    assert all(0 < (row.product or 0) < SMALL.console_held for row in paced)


@pytest.mark.postgres
def test_every_page_and_every_list_of_the_api_is_opened(services: Services) -> None:
    console_past.fill(services.store, SMALL, services.now())
    guarded = console_past.stopped(services.store, "calder", 10, services.now())
    visits = console_pages.visits(services.store, SMALL, guarded, services.now())
    opened = {visit.path.partition("?")[0] for visit in visits}
    wanted = [*_looks(pages.PAGES, services), *(f"{access.API}{path}" for path in _looks(api.PARTS, services))]
    assert [path for path in wanted if not any(re.fullmatch(_pattern(path), each) for each in opened)] == []


def _looks(modules: Sequence[Any], services: Services) -> list[str]:
    return [each.path for module in modules for each in module.router(services).routes if "GET" in each.methods]


def _pattern(path: str) -> str:
    for kind, letters in (("int", "[0-9]+"), ("path", ".+"), ("", "[^/]+")):
        path = re.sub(r"\{\w+" + (f":{kind}" if kind else "") + r"\}", lambda _, letters=letters: letters, path)
    return path


def test_the_fullest_minute_counts_from_the_first_moment() -> None:
    moments = [NOON + timedelta(seconds=second) for second in (30, 50, 89, 90, 200)]
    assert console_acts.most_a_minute(moments) == 3
    assert console_acts.most_a_minute([]) == 0
