"""What Prometheus reads is the documented list, and true at that moment."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from integration import kinds, steps
from integration.flows import metrics, upkeep
from integration.flows.metrics import FIGURES
from integration.problems import Problem, Throttled
from integration.storage import alerts, causes, pauses
from integration.storage.alerts import Wanted
from integration.web.metrics import router
from tests.world import World


class Quota:
    """A quota whose figures a test knows."""

    def snapshot(self) -> dict[str, Any]:
        buckets = {"a": {"tokens": 50.0, "capacity": 100.0}, "b": {"tokens": 1.0, "capacity": 10.0}}
        return {"limit": 250, "used": 30, "throttled": 2, "open": True, "learned": True, "buckets": buckets}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.services = replace(made.services, quota=lambda _: cast(Any, Quota()))
    yield made
    made.store.close()


def get(world: World, token: str | None = None, authorization: bytes | None = None) -> httpx.Response:
    """One scrape, of a process that wants this token."""
    app = FastAPI()
    headers = {} if authorization is None else {b"Authorization": authorization}
    app.include_router(router(world.services, token))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web.test") as client:
            return await client.get("/metrics", headers=headers)

    return asyncio.run(ask())


def scraped(world: World) -> dict[str, dict[tuple[str, ...], float]]:
    """The values by metric and labels."""
    answer = get(world)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        family.name: {tuple(sample.labels[label] for label in FIGURES[family.name].labels): sample.value
                      for sample in family.samples}
        for family in families
    }  # fmt: skip


def test_every_documented_metric_is_there_and_no_other(world: World) -> None:
    answer = get(world)
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}

    assert set(families) == set(FIGURES)
    assert all(families[name].documentation == figure.says for name, figure in FIGURES.items())
    assert answer.headers["content-type"].startswith("text/plain")


def test_every_figure_has_a_value_in_a_system_where_everything_happens(world: World) -> None:
    world.orders("northgate", 5001, "PO-1")
    upkeep.tick(world.services, "orders.poll", 30)
    world.run(steps.ORDERS_POLL, "northgate")
    with world.store.write() as db:
        causes.open_for(db, [Problem(kinds.DEFECT, "x", {})], world.at, item_id=None)
        alerts.want(db, [Wanted(1, 1, "opened", "engineering/on-call", world.at)], world.at)
        pauses.add(db, "stock", "", "ada", "stocktaking", world.at)
        db.execute(sa.text("INSERT INTO deadline (order_id, clock, started_at, due_at, passed) "
                           "VALUES (1, 'returns', '2026-03-01', '2026-03-01', 75)"))  # fmt: skip
    world.wait(7200)
    found = scraped(world)

    assert [name for name in FIGURES if not found[name]] == []
    assert found["cvsync_causes_open"] == {("defect", "engineering", "act now"): 1}
    assert found["cvsync_causes_overdue"] == {("engineering",): 1}
    assert found["cvsync_alerts_unsent"] == {("engineering", "on-call"): 1}
    assert found["cvsync_flow_paused"] == {("stock", "all"): 1}
    assert found["cvsync_orders_in_flight"] == {("northgate", "received"): 1}
    assert found["cvsync_poll_age_seconds"][("orders.poll", "northgate")] == 7200
    assert found["cvsync_poll_every_seconds"][("orders.poll",)] == 30
    assert found["cvsync_last_tick_timestamp_seconds"] == {(): world.at.timestamp() - 7200}
    assert found["cvsync_quota_left_ratio"][("centra",)] == 0.1
    assert found["cvsync_quota_breaker_open"][("virtualstock:calder",)] == 1
    assert found["cvsync_backlog"][("virtualstock:calder", "orders")] == 1


def test_without_redis_all_else_is_there_and_it_says_so(world: World) -> None:
    class Away:
        def snapshot(self) -> dict[str, Any]:
            raise Throttled("away", wait=2)

    world.services = replace(world.services, quota=lambda _: cast(Any, Away()), broker_answers=lambda: False)
    found = scraped(world)

    assert found["cvsync_redis_up"] == {(): 0}
    assert found["cvsync_database_up"] == {(): 1}
    assert found["cvsync_quota_limit"] == {}
    assert ("stock",) in found["cvsync_flow_open"]


def test_without_the_database_the_scrape_still_answers_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise sa.exc.OperationalError("select", None, Exception("no route"))

    monkeypatch.setattr(world.store, "read", away)
    found = scraped(world)

    assert found["cvsync_database_up"] == {(): 0}
    assert found["cvsync_redis_up"] == {(): 1}
    assert found["cvsync_causes_open"] == {}


@pytest.mark.parametrize("shown", [None, "secret", "Bearer wrong", "Bearer ", "Basic secret", "Bearer sécret"])
def test_a_token_keeps_others_out(world: World, shown: str | None) -> None:
    answer = get(world, "secret", None if shown is None else shown.encode())

    assert answer.status_code == 401
    assert "cvsync_" not in answer.text


def test_the_token_lets_prometheus_in(world: World) -> None:
    answer = get(world, "secret", b"Bearer secret")

    assert answer.status_code == 200
    assert "cvsync_database_up 1.0" in answer.text


def test_no_label_can_have_any_number_of_values() -> None:
    bounded = {
        "flow",
        "step",
        "lane",
        "state",
        "clock",
        "kind",
        "owner",
        "severity",
        "retailer",
        "quota",
        "team",
        "channel",
    }

    assert {label for figure in metrics.FIGURES.values() for label in figure.labels} <= bounded
