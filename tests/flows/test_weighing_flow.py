"""Each open exception carries what it blocks now, and is as urgent and as early due as that makes it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from ordering import clock

from integration import kinds, steps
from integration.flows import upkeep, weighing, work
from integration.kinds import DUE_HOURS, Severity
from integration.problems import Problem
from integration.steps import Step
from integration.storage import causes, impacts
from tests.world import World, line

SOON = Problem(kinds.WAITS_FOR_STOCK, "northgate/PO-1", {"reference": "PO-1"})
TODAY = Problem(kinds.CONTENT_INVALID, "northgate/colour/missing", {"retailer": "Northgate"})


def hold(world: World, step: Step, subject: str, *problems: Problem) -> None:
    world.ask(step, subject)
    assert work.run(world.services, step, subject, lambda *_: problems).state == "held"


def report(world: World, *problems: Problem) -> None:
    with world.store.write() as db:
        causes.open_for(db, problems, world.at, item_id=None)


def weighed(world: World, problem: Problem) -> Any:
    weighing.weigh(world.services)
    with world.store.read() as db:
        mine = sa.and_(causes.CAUSE.c.kind == problem.kind.code, causes.CAUSE.c.key == problem.key)
        return db.execute(sa.select(causes.CAUSE).where(mine)).one()


def receive(world: World, reference: str, *lines: dict[str, Any], **more: Any) -> None:
    """Northgate orders, and that is stored."""
    world.orders("northgate", 6000 + len(world.northgate.placed), reference, *lines, **more)
    world.do(steps.ORDERS_POLL, "northgate")


def test_an_exception_says_what_it_blocks(shop: World) -> None:
    receive(shop, "PO-1", line("1", "71000001", 2, "24.00"), line("2", "71000002", 1, "9.50"))
    receive(shop, "PO-2", line("1", "71000001", 3), total="40.25", currency_code="EUR")
    for reference in ("PO-1", "PO-2"):
        hold(shop, steps.ORDERS_CONFIRM, f"northgate/{reference}", TODAY)
    nearest = min(clock(shop, name, f"northgate/PO-{n}").due_at for name in ("acknowledge", "dispatch") for n in (1, 2))

    found = weighed(shop, TODAY)

    assert found.impact == {
        "items": 2, "orders": 2, "units": 6, "skus": 0, "money": {"EUR": "40.25", "GBP": "33.50"},
        "deadline": nearest.isoformat(), "until": (shop.at + timedelta(hours=8)).isoformat(),
    }  # fmt: skip


def test_an_order_behind_several_pieces_of_work_counts_once(shop: World) -> None:
    receive(shop, "PO-1", line("1", "71000001", 2, "24.00"))
    hold(shop, steps.ORDERS_CONFIRM, "northgate/PO-1", TODAY)
    hold(shop, steps.CANCELLATIONS_SETTLE, "northgate/PO-1", TODAY)

    found = weighed(shop, TODAY).impact

    assert (found["items"], found["orders"], found["units"], found["money"]) == (2, 1, 2, {"GBP": "24.00"})


def test_a_shipment_weighs_as_much_as_its_order(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.settle()
    shop.centra.ships(1200, {12000: 2})
    shop.northgate.fail("dispatch", RuntimeError("no"))
    assert shop.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "held"
    defect = Problem(kinds.DEFECT, "dispatches.announce/northgate/41")

    found = weighed(shop, defect).impact

    assert (found["orders"], found["units"], found["money"]) == (1, 2, {"GBP": "24.00"})


def test_listings_are_counted_where_no_order_waits(world: World) -> None:
    for place in range(19):
        hold(world, steps.STOCK_PUSH, f"northgate/SKU-{place}", SOON)
    hold(world, steps.PRODUCTS_PUSH, "northgate/SKU-0", SOON)
    assert weighed(world, SOON).severity == Severity.SOON

    hold(world, steps.PRODUCTS_PUSH, "northgate/SKU-19", SOON)

    found = weighed(world, SOON)
    assert (found.impact["items"], found.impact["skus"], found.impact["orders"]) == (21, 20, 0)
    assert found.severity == Severity.TODAY


def test_an_exception_about_an_order_of_which_nothing_waits_weighs_as_much_as_that_order(shop: World) -> None:
    receive(shop, "PO-1", line("1", "71000001", 2, "24.00"))
    report(shop, Problem(kinds.ORDER_NEW_AGAIN, "northgate/PO-1", {"reference": "PO-1"}))

    found = weighed(shop, Problem(kinds.ORDER_NEW_AGAIN, "northgate/PO-1")).impact

    assert (found["items"], found["orders"], found["units"]) == (0, 1, 2)


def test_what_blocks_more_than_its_kind_supposes_becomes_urgent_and_due_earlier(shop: World) -> None:
    receive(shop, "PO-1", line("1", "71000001", 120))
    report(shop, SOON)
    opened = shop.at

    found = weighed(shop, SOON)

    assert found.severity == Severity.NOW
    assert found.due_at == opened + timedelta(hours=DUE_HOURS[Severity.NOW])


def test_what_gets_lighter_has_its_own_time_back(world: World) -> None:
    for place in range(20):
        hold(world, steps.STOCK_PUSH, f"northgate/SKU-{place}", SOON)
    opened = world.at
    assert weighed(world, SOON).severity == Severity.TODAY
    assert weighed(world, SOON).due_at == opened + timedelta(hours=DUE_HOURS[Severity.TODAY])
    with world.store.write() as db:
        causes.release(db, [row.id for row in world.items()], world.at)
    assert work.run(world.services, steps.STOCK_PUSH, "northgate/SKU-3", lambda *_: None).state == "done"

    found = weighed(world, SOON)

    assert (found.severity, found.due_at) == (Severity.SOON, opened + timedelta(hours=DUE_HOURS[Severity.SOON]))


def test_an_exception_becomes_urgent_as_a_deadline_comes_near(shop: World) -> None:
    receive(shop, "PO-1", line("1", "71000001", 2))
    report(shop, SOON)
    ends = min(clock(shop, name).due_at for name in ("acknowledge", "dispatch"))
    shop.at = ends - timedelta(hours=4, seconds=1)
    assert weighed(shop, SOON).severity != Severity.NOW

    shop.wait(1)

    found = weighed(shop, SOON)
    assert found.severity == Severity.NOW
    assert found.due_at <= ends


def test_an_exception_that_opens_again_is_weighed_anew(world: World) -> None:
    for place in range(20):
        hold(world, steps.STOCK_PUSH, f"northgate/SKU-{place}", SOON)
    weighed(world, SOON)
    with world.store.write() as db:
        causes.close(db, world.at, "a person", kinds=[SOON.kind.code])
    world.wait(3600)
    report(world, SOON)

    found = weighed(world, SOON)

    assert (found.severity, found.impact["skus"]) == (Severity.SOON, 0)
    assert found.due_at == world.at + timedelta(hours=DUE_HOURS[Severity.SOON])


def test_what_has_not_changed_is_not_written_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(world, steps.STOCK_PUSH, "northgate/SKU-1", SOON)
    weighed(world, SOON)
    written: list[object] = []
    monkeypatch.setattr(impacts, "weigh", lambda *facts: written.append(facts))

    world.wait(60)
    weighing.weigh(world.services)

    assert written == []


def test_a_kind_that_this_release_does_not_know_is_left_as_it_is(world: World) -> None:
    report(world, SOON)
    with world.store.write() as db:
        db.execute(sa.update(causes.CAUSE).values(kind="gone-kind"))

    weighing.weigh(world.services)

    with world.store.read() as db:
        assert db.execute(sa.select(causes.CAUSE.c.impact)).scalar() is None


def test_the_clock_weighs_every_minute(world: World) -> None:
    hold(world, steps.STOCK_PUSH, "northgate/SKU-1", SOON)

    assert upkeep.tick(world.services, "exceptions.weigh", 60)

    with world.store.read() as db:
        assert db.execute(sa.select(causes.CAUSE.c.impact)).scalar_one()["skus"] == 1
