"""A platform that is away for a while costs no storm, no loss and no more than a minute after it is back."""

import time

import pytest

from tests.story.system import RETAILERS, System

pytestmark = [pytest.mark.story, pytest.mark.timeout(400)]

AWAY = 120
"""Seconds."""


def test_virtualstock_away_for_two_minutes(system: System) -> None:
    skus = system.sellable("calder", 20, least=10)
    mark = system.virtualstock.mark()
    system.virtualstock.faults({"match": {}, "do": "down"})

    began = time.monotonic()
    while time.monotonic() - began < AWAY:
        system.centra.post("stock", changes=[{"sku": sku, "delta": 1} for sku in skus])
        time.sleep(4)
    failed = system.virtualstock.calls(mark)
    # Five failures open the breaker of a credential, then one call in twenty seconds asks whether it is back.
    assert len(failed) <= len(RETAILERS) * (5 + AWAY / 20 + 2 + 8), "calls were burnt on a platform that is away"

    system.virtualstock.no_faults()
    back = system.virtualstock.mark()
    system.until(lambda: system.stock_calls(back), 60, "it was noticed that the platform is back")
    system.until(lambda: not system.wrong_listings() and system.idle(), 150, "nothing was lost")
    assert not [call for call in system.virtualstock.calls(back) if call["status"] == 429]


def test_centra_away_holds_no_order_back_for_long(system: System) -> None:
    reference = system.order("calder", {"sku": system.sellable("calder", 1)[0], "quantity": 1})
    system.centra.faults({"match": {}, "do": "down"})
    time.sleep(40)
    assert system.in_centra(f"calder/{reference}") == []

    system.centra.no_faults()

    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 150, "it is placed and acknowledged")
    assert len(system.in_centra(f"calder/{reference}")) == 1
