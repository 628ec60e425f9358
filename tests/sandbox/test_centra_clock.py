"""The Centra twin's time can be moved ahead, and everything in it that depends on time moves along."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from centra_merchant import Centra

from sandbox.centra import clock
from sandbox.centra.limits import Limiter
from sandbox.centra.options import Options


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


def test_what_was_confirmed_becomes_old_when_the_clock_is_moved(centra: Centra) -> None:
    number = centra.confirmed(centra.stocked(5))
    assert centra.control("POST", "ship_due", {"seconds": 3600}) == {"shipments": []}
    before = clock.now()
    moved = datetime.fromisoformat(centra.control("POST", "clock", {"advance": 3600})["now"])
    assert 3600 <= (moved - before).total_seconds() < 3700
    assert len(centra.control("POST", "ship_due", {"seconds": 3600})["shipments"]) == 1
    (row,) = centra.ask("query($n: [Int!]) { orders(where: {number: $n}) { createdAt updatedAt } }", n=number)["orders"]
    created, updated = (datetime.fromisoformat(row[name]) for name in ("createdAt", "updatedAt"))
    assert (updated - created).total_seconds() >= 3600
    assert clock.timestamp() == pytest.approx(clock.now().timestamp(), abs=5)


def test_the_clock_never_goes_back(centra: Centra) -> None:
    assert centra.control("POST", "clock", {"advance": -1})[0] == 400


def test_rate_limits_refill_with_the_clock() -> None:
    limiter = Limiter(Options())
    while not (wait := limiter.spend(1, 0)):
        pass
    assert wait < 10
    clock.advance(wait)
    assert limiter.spend(1, 0) == 0
