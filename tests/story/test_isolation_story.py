"""A retailer that is slow and one that refuses its password cost a third one nothing, and catch up by themselves."""

import signal
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from integration import policy, steps
from integration.storage.store import table_of
from integration.storage.tables import WorkItem
from tests.story.system import System

pytestmark = [pytest.mark.story, pytest.mark.timeout(400)]

SLOW = 10
"""Seconds for each answer: no failure, as our calls wait for 15."""
SOON = 20
"""Seconds, a multiple of what it takes with nobody in the way. A queue behind forty slow calls takes longer."""
ITEM = table_of(WorkItem)


def in_flight(system: System, retailer: str) -> int:
    """Stock calls of a retailer that are on their way to a worker or with one."""
    busy = sa.or_(ITEM.c.handed_until > datetime.now(UTC), ITEM.c.claimed_until > datetime.now(UTC))
    where = (ITEM.c.step == "stock.push", ITEM.c.gate == f"virtualstock:{retailer}", ITEM.c.asked > ITEM.c.answered)
    return int(system.scalar(sa.select(sa.func.count()).where(*where, busy)))


def order(system: System, retailer: str) -> str:
    """An order that the next poll finds, and that poll."""
    reference = system.order(retailer, {"sku": system.sellable(retailer, 1)[0], "quantity": 1})
    system.ask(steps.ORDERS_POLL, retailer)
    return reference


def is_told(system: System, reference: str) -> bool:
    return bool(system.at_retailer(reference)["status"] == "ORDER_ACK")


def fernhill_lives(system: System) -> None:
    """An order is acknowledged and a quantity arrives, soon."""
    reference = order(system, "fernhill")
    system.until(lambda: is_told(system, reference), SOON, "an order of Fernhill is acknowledged")
    sku = system.sellable("fernhill", 1)[0]
    mark = system.virtualstock.mark()
    system.move(sku, -1)
    system.until(
        lambda: [call for call in system.stock_calls(mark, sku) if call["detail"]["retailer"] == "fernhill"],
        SOON, "a quantity reaches Fernhill",
    )  # fmt: skip


def test_a_slow_retailer_and_a_refused_password_hold_up_no_third(system: System) -> None:
    # One worker process with eight threads for everything: the fewest there can be.
    system.kill("worker2", signal.SIGTERM)
    skus = system.sellable("northgate", 40, least=8)
    system.virtualstock.faults(
        {"match": {"caller": "northgate"}, "do": "latency", "value": SLOW},
        {"match": {"caller": "calder"}, "do": "status", "value": 401},
    )
    system.centra.post("stock", changes=[{"sku": sku, "delta": 1} for sku in skus])
    # Not yet known to be slow, Northgate has all the places that a quick retailer has.
    system.until(lambda: in_flight(system, "northgate") >= policy.SLOW_IN_FLIGHT + 1, 20, "Northgate's calls are out")
    fernhill_lives(system)
    late = [order(system, "northgate"), order(system, "calder")]

    system.until(lambda: in_flight(system, "northgate") <= policy.SLOW_IN_FLIGHT, 3 * SLOW, "it is known to be slow")
    fernhill_lives(system)
    assert in_flight(system, "northgate") <= policy.SLOW_IN_FLIGHT, "it gets no more places while it is slow"
    assert [cause.key for cause in system.causes("credential-refused")] == ["virtualstock:calder"]

    system.virtualstock.no_faults()
    system.until(lambda: not system.wrong_listings() and system.idle(), 150, f"they catch up: {system.left()}")
    assert all(is_told(system, reference) for reference in late)
    assert system.causes("credential-refused") == []
