"""Programs see how things stand and who did what, page by page, without a look at our insides."""

import pytest
from browser import Program
from fastapi import FastAPI

from integration import kinds, steps
from integration.people import Door, Person, Role
from integration.problems import Problem
from integration.storage import activity, causes
from tests.world import World


@pytest.fixture
def vera(app: FastAPI) -> Program:
    return Program(app, Role.VIEWER)


def test_the_status_counts_what_is_open_and_whom_it_needs(world: World, vera: Program) -> None:
    world.ask(steps.STOCK_READ, "1", "2")
    world.wait(90)
    with world.store.write() as db:
        facts = {"retailer": "northgate", "sku": "TEE-M", "why": "no"}
        causes.open_for(db, [Problem(kinds.STOCK_REFUSED, "TEE-M", facts)], world.at, item_id=None)
    found = vera.call("GET", "/status").json()
    assert found["flows"]["stock"]["open"] == 2
    assert found["flows"]["stock"]["oldest_open_seconds"] == 90
    assert found["exceptions"] == 1
    assert found["exceptions_by_owner"] == {kinds.STOCK_REFUSED.owner: 1}


def test_a_quota_is_told_without_its_buckets(world: World, vera: Program) -> None:
    quota = {"limit": 60, "used": 7, "window_seconds": 10, "open": False, "buckets": {"x": 1}, "learned": True}
    world.quota.snapshot = lambda: quota  # type: ignore[method-assign]
    told = vera.call("GET", "/status").json()["quotas"]["centra"]
    assert (told["used"], told["limit"], told["window_seconds"]) == (7, 60, 10)
    assert "buckets" not in told


def test_the_record_is_read_page_by_page_to_its_end(world: World, vera: Program) -> None:
    with world.store.write() as db:
        for number in range(5):
            ada = Person("ada", Role.ADMIN, Door.CLI)
            activity.record(db, ada, "retried", "cause", str(number), world.at, "again", items=number)
    seen, before = [], None
    while True:
        more = {} if before is None else {"before": before}
        answer = vera.call("GET", "/activity", params={"limit": 2, "by": "ada", **more}).json()
        seen += [each["subject"] for each in answer["activities"]]
        before = answer["next"]
        if before is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "before=0", "before=x", "before=99999999999", "other=1"])
def test_a_question_that_makes_no_sense_is_refused(vera: Program, query: str) -> None:
    assert vera.call("GET", f"/activity?{query}").status_code == 422
