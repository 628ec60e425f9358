"""A stock change reaches every retailer as one call, whatever is lost, late, doubled or killed on the way."""

import signal
import time

import pytest
import sqlalchemy as sa

from integration import steps
from integration.broker import Sender
from integration.lanes import Lane
from integration.storage.tables import Listing
from integration.storage.work import Handed
from tests.story.system import RETAILERS, System

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]


def test_one_change_is_one_call_per_retailer(system: System) -> None:
    sku = system.sellable("calder", 1)[0]
    before, mark = system.shown("calder", sku), system.virtualstock.mark()
    assert before is not None

    system.move(sku, -3)
    system.until(lambda: system.shown("calder", sku) == before - 3, 10, "the retailer shows the new quantity")
    system.until(system.idle, 30, "everything is done")

    calls = system.stock_calls(mark, sku)
    assert [call["detail"]["after"] for call in calls if call["detail"]["retailer"] == "calder"] == [before - 3]
    assert len(calls) <= len(RETAILERS)
    assert all(call["changed"] for call in calls)


def test_a_change_back_and_forth_is_no_call(system: System) -> None:
    skus = system.sellable("calder", 10)
    mark = system.virtualstock.mark()

    changes = [{"sku": sku, "delta": -4} for sku in skus] + [{"sku": sku, "delta": 4} for sku in skus]
    reads = system.centra.mark()
    system.centra.post("stock", changes=changes)
    system.until(lambda: system.centra.calls(reads, "productSizes"), 10, "the change was noticed")
    system.until(system.idle, 30, "everything is done")

    assert system.stock_calls(mark, *skus) == []


def test_a_burst_ends_with_every_newest_value_and_not_one_wasted_call(system: System) -> None:
    skus = system.sellable("calder", 25, least=5)
    mark = system.virtualstock.mark()

    for round_ in range(40):
        system.centra.post("stock", changes=[{"sku": sku, "delta": -1 if round_ % 2 else 2} for sku in skus])
    system.until(lambda: not system.wrong_listings() and system.idle(), 150, "every retailer shows the newest value")

    calls = system.stock_calls(mark)
    listings = {(call["detail"]["retailer"], call["detail"]["sku"]) for call in calls}
    assert all(call["changed"] for call in calls), "a call that changed nothing was made"
    assert not [call for call in calls if call["status"] == 429]
    # 1,000 events; a listing is called again only if it moved again after it was sent.
    assert len(calls) <= 3 * len(listings)


def test_an_older_reading_never_wins_when_answers_are_reordered(system: System) -> None:
    sku = system.sellable("calder", 1)[0]
    before = system.shown("calder", sku)
    assert before is not None
    mark, reads = system.virtualstock.mark(), system.centra.mark()

    # The sweep reads first and is answered last: its answer is worked out now and held back.
    system.centra.faults({"match": {"operation": "productSizes"}, "do": "late", "value": 6, "times": 1})
    system.ask(steps.STOCK_SWEEP, steps.CENTRA)
    time.sleep(2)
    system.move(sku, -5)
    system.until(lambda: system.shown("calder", sku) == before - 5, 10, "the newer reading is through")
    system.until(lambda: len(system.centra.calls(reads, "productSizes")) >= 2, 15, "the older answer came")
    system.until(system.idle, 30, "everything is done")

    sent = [call["detail"]["after"] for call in system.stock_calls(mark, sku) if call["detail"]["retailer"] == "calder"]
    assert sent == [before - 5]
    assert system.shown("calder", sku) == before - 5


def test_a_worker_killed_in_the_middle_of_a_call_leaves_no_wrong_value(system: System) -> None:
    sku = system.sellable("calder", 1)[0]
    before = system.shown("calder", sku)
    assert before is not None

    system.virtualstock.faults({"match": {"operation": "stock"}, "do": "late", "value": 10})
    system.move(sku, -4)
    system.until(lambda: _sending(system, sku), 15, "the call is out")
    system.until(lambda: system.shown("calder", sku) == before - 4, 10, "the retailer has taken it")
    for name in ("worker1", "worker2"):
        system.kill(name)
    # Back to the value that our books still call accepted: only the mark of the call that was out tells.
    system.move(sku, 4)
    system.virtualstock.no_faults()
    for name in ("worker1", "worker2"):
        system.start_worker(name)

    system.until(lambda: system.shown("calder", sku) == before, 90, "the retailer shows the newest value again")
    system.until(lambda: not system.wrong_listings() and system.idle(), 90, "everything is right")


def test_a_wiped_redis_in_the_middle_of_a_burst_costs_nothing(system: System) -> None:
    skus = system.sellable("calder", 20, least=5)
    mark = system.virtualstock.mark()

    for round_ in range(20):
        if round_ == 8:
            time.sleep(1)  # the webhooks of the rounds before are on their way
            system.until(system.idle, 60, "no message is out")
            _freeze(system)
        system.centra.post("stock", changes=[{"sku": sku, "delta": 3 if round_ % 2 else -2} for sku in skus])
        if round_ == 14:
            try:
                system.until(lambda: system.redis().llen("orders"), 10, "a message is on its way")
                system.redis().flushall()
            finally:
                _thaw(system)
    system.until(lambda: not system.wrong_listings() and system.idle(), 150, "every retailer shows the newest value")

    assert not [call for call in system.virtualstock.calls(mark) if call["status"] == 429]


def test_lost_webhooks_cost_only_the_wait_for_the_event_list(system: System) -> None:
    sku = system.sellable("calder", 1)[0]
    before = system.shown("calder", sku)
    assert before is not None

    system.centra.faults({"match": {"operation": "webhook"}, "do": "lose"})
    system.move(sku, -3)

    system.until(lambda: system.shown("calder", sku) == before - 3, 90, "the event list told what the webhook did not")


def test_doubled_and_reordered_webhooks_change_nothing(system: System) -> None:
    sku = system.sellable("calder", 1)[0]
    mark = system.virtualstock.mark()

    system.centra.faults(
        {"match": {"operation": "webhook"}, "do": "duplicate"},
        {"match": {"operation": "webhook"}, "do": "reorder", "value": 1, "probability": 0.5},
    )
    for _ in range(5):
        system.move(sku, -1)
        time.sleep(0.3)
    system.until(lambda: not system.wrong_listings() and system.idle(), 60, "every retailer shows the newest value")

    assert all(call["changed"] for call in system.stock_calls(mark, sku))


def test_two_workers_racing_for_one_sku_never_cross(system: System) -> None:
    sku = system.sellable("calder", 1, least=30)[0]
    mark = system.virtualstock.mark()

    # Slow calls and a flood of messages for one subject, as redelivery makes them: every worker has every chance to
    # send while another one is at it.
    system.virtualstock.faults({"match": {"operation": "stock"}, "do": "late", "value": 0.4})
    doubled = [Handed(steps.STOCK_PUSH.name, f"calder/{sku}", Lane.STOCK)] * 4
    sender = Sender(system.server.url)
    for _ in range(20):
        system.move(sku, -1)
        system.ask(steps.STOCK_PUSH, f"calder/{sku}")
        sender.send(doubled)
        time.sleep(0.15)
    system.until(lambda: not system.wrong_listings() and system.idle(), 60, "every retailer shows the newest value")

    sent = [call["detail"]["after"] for call in system.stock_calls(mark, sku) if call["detail"]["retailer"] == "calder"]
    assert sent == sorted(sent, reverse=True), "an older value was sent after a newer one"
    assert len(sent) == len(set(sent)), "a value was sent twice"


def _freeze(system: System) -> None:
    """Let the workers take nothing, so that a wipe surely destroys messages that are on their way."""
    for name in ("worker1", "worker2"):
        system.processes[name].send_signal(signal.SIGSTOP)
    # Redis answers the request for a message that each has out; the sweeps of the next seconds use them up.
    time.sleep(3.5)


def _thaw(system: System) -> None:
    for name in ("worker1", "worker2"):
        system.processes[name].send_signal(signal.SIGCONT)


def _sending(system: System, sku: str) -> bool:
    listing = sa.inspect(Listing).local_table
    where = sa.and_(listing.c.retailer == "calder", listing.c.sku == sku, listing.c.sending.is_not(None))
    return bool(system.scalar(sa.select(sa.func.count()).select_from(listing).where(where)))
