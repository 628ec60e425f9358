"""What people are told of one exception, from its first second to the day on which it comes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from integration import kinds, policy, steps
from integration.flows import exceptions
from integration.problems import Problem, Refused
from integration.steps import STEPS
from integration.storage.found import Filter
from tests.life.desk import FACTS, JANE, Desk, Silence
from tests.world import line

# Apprise imports all its senders at the first use, and some of them what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEN_THOUSAND = 10_000
CARRIER = Problem(kinds.UNMAPPED_CARRIER, "UPS/Express", FACTS)
SERVICE = kinds.UNMAPPED_DELIVERY_SERVICE
FIRST = "act now: unmapped-sku (no work so far)"
TOLD = ("alerts.send", "exceptions.weigh")
HOUR = 3600.0


def sell(desk: Desk) -> None:
    """Centra has a T-shirt that Northgate lists."""
    desk.centra.has(11, "TEE-M", 8, ean="5000000000011")
    desk.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    desk.ask(steps.STOCK_SWEEP, steps.CENTRA)
    desk.settle()
    desk.ask(steps.CATALOGUE_LISTINGS, "northgate")
    desk.settle()


def shipping(desk: Desk, **services: str) -> None:
    """Publish which of Northgate's delivery services are which of Centra's."""
    profile = desk.rules.retailers["northgate"]
    rule = profile.centra.shipping.model_copy(update={"services": {"standard": "standard", **services}})
    desk.change("northgate", centra={"shipping": rule})


def test_ten_thousand_pieces_of_work_behind_one_cause_are_one_message(desk: Desk) -> None:
    for start in range(0, 240, 60):
        # They come while people are being told, and what they are told of grows under their hands.
        desk.flood(CARRIER, [f"northgate/{number}" for number in range(start, start + 60)])
        desk.chores(60, 15, *TOLD)
    desk.pile(CARRIER, [f"calder/{number}" for number in range(240, TEN_THOUSAND)])
    desk.chores(600, 60, *TOLD)

    found = exceptions.one(desk.services, desk.cause(CARRIER.kind, CARRIER.key).id)
    assert found is not None
    assert (found["held"], found["times"]) == (TEN_THOUSAND, 1)
    (told,) = desk.heard()
    assert (told.channel, told.title[:26]) == ("warehouse", "act now: unmapped-carrier ")
    assert f"https://console.example.com/exceptions/{found['id']}" in told.body

    desk.mends(CARRIER.kind, CARRIER.key)
    desk.chores(300, 60, *TOLD)
    assert desk.heard() == [told], "that it is over is no message"


def outage(desk: Desk) -> Callable[[], None]:
    """The breakers of both platforms are open for a few looks."""
    desk.quota.snapshot = lambda: {"learned": True, "open": True}  # type: ignore[method-assign]
    while not desk.causes():
        desk.beat(15)
    return lambda: vars(desk.quota).pop("snapshot")


def wrong_password(desk: Desk) -> Callable[[], None]:
    """Virtualstock denies Northgate's credential once."""
    desk.northgate.fail("orders", Refused("401: Invalid credentials", status=401))
    desk.beat(30)
    return lambda: None


def short_of_stock(desk: Desk) -> Callable[[], None]:
    """Centra lacks stock for an order until some comes in."""
    sell(desk)
    desk.centra.fail("create_order", Refused("not enough", status=200, code="-2"))
    desk.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    desk.beat(45)

    return lambda: desk.ask(steps.STOCK_SWEEP, steps.CENTRA)


def stuck(desk: Desk) -> Callable[[], None]:
    """A worker hangs over one flow and goes on."""
    desk.silence(STEPS["stock.read"], Silence.FAILS)
    while not desk.causes():
        desk.beat(15)
    return desk.restore


@pytest.mark.parametrize(
    ("breaks", "kind"),
    [
        (outage, "platform-down"), (wrong_password, "credential-refused"), (short_of_stock, "order-out-of-stock"),
        (stuck, "silent-flow"),
    ],
)  # fmt: skip
def test_a_fault_that_heals_itself_is_told_to_nobody(
    desk: Desk, breaks: Callable[[Desk], Callable[[], None]], kind: str
) -> None:
    # Those who fail together are spread, and whoever is spread furthest must not be told of either.
    desk.dice = 0.99
    desk.beat(30)
    heal = breaks(desk)
    assert kind in [found for found, _ in desk.causes()], "there was something to be told"
    heal()
    desk.beat(240)

    assert desk.causes() == []
    assert desk.heard() == []


def test_a_fault_that_stays_is_told_as_soon_as_it_is_held_back_no_more(desk: Desk) -> None:
    desk.beat(30)
    desk.northgate.fail("orders", *[Refused("401: Invalid credentials", status=401)] * 20)
    desk.beat(30)
    opened = desk.cause(kinds.CREDENTIAL_REFUSED, "virtualstock:northgate").opened_at
    desk.beat(120)

    told = desk.heard("credential-refused", "engineering")
    assert [each.at - opened <= policy.HOLD_BACK + timedelta(seconds=30) for each in told] == [True]
    assert len(desk.heard("credential-refused", "on-call")) == 1


def test_what_nobody_takes_is_told_before_it_is_late_when_it_is_late_and_then_no_more(desk: Desk) -> None:
    opened = desk.at
    desk.opens(kinds.UNMAPPED_SKU, "northgate/1")
    desk.chores(HOUR + 600, 60, *TOLD)
    desk.chores(24 * HOUR, HOUR, *TOLD)

    told = desk.heard()
    assert [each.title for each in told] == [FIRST, f"Nobody has taken it yet: {FIRST}", f"Overdue: {FIRST}"]
    minutes = [(each.at - opened) / timedelta(minutes=1) for each in told]
    assert [minutes[1], minutes[2]] == [45, 60]
    assert minutes[0] == 2


def test_what_somebody_has_taken_is_told_again_only_when_it_is_late(desk: Desk) -> None:
    for key in ("acknowledged", "assigned"):
        desk.opens(kinds.UNMAPPED_SKU, key)
    desk.chores(120, 15, *TOLD)
    assert desk.titles() == [FIRST, FIRST]
    exceptions.acknowledge(desk.services, [desk.cause(kinds.UNMAPPED_SKU, "acknowledged").id], JANE)
    exceptions.assign(desk.services, [desk.cause(kinds.UNMAPPED_SKU, "assigned").id], "Ada", JANE)
    desk.chores(57 * 60, 300, *TOLD)
    assert desk.titles() == [FIRST, FIRST], "three quarters of the time are over, and somebody is at it"

    desk.chores(3 * HOUR, 600, *TOLD)

    assert desk.titles()[2:] == [f"Overdue: {FIRST}"] * 2
    assert any("dealt with by Ada" in each.body for each in desk.heard("Overdue"))


def test_a_fault_that_comes_back_is_opened_and_told_again_whoever_had_taken_it_before(desk: Desk) -> None:
    sell(desk)
    desk.orders("northgate", 5001, "PO-1", line("1", "71000001"), delivery_service_code="drone")
    desk.beat(150)
    assert len(desk.heard(SERVICE.code, "operations")) == 1
    exceptions.acknowledge(desk.services, [desk.cause(SERVICE, "northgate/drone").id], JANE)

    shipping(desk, drone="express")
    exceptions.retry(desk.services, Filter(kind=SERVICE.code), JANE, "published")
    desk.beat(90)
    assert desk.causes() == []
    assert desk.northgate.status(5001) == "ORDER_ACK", "what waited goes on by itself"
    assert len(desk.heard()) == 1

    shipping(desk)
    desk.orders("northgate", 5002, "PO-2", line("1", "71000001"), delivery_service_code="drone")
    desk.beat(150)

    found = desk.cause(SERVICE, "northgate/drone")
    assert (found.times, found.closed_at, found.acknowledged_by) == (2, None, None)
    assert len(desk.heard(SERVICE.code, "operations")) == 2


def test_a_muted_exception_says_nothing_until_then_not_even_when_it_comes_back(desk: Desk) -> None:
    muted = desk.opens(kinds.UNMAPPED_SKU, "northgate/1")
    until = desk.at + timedelta(hours=3)
    exceptions.mute(desk.services, [muted], until, JANE, "the supplier is at it")
    desk.chores(HOUR, 300, *TOLD)
    desk.mends(kinds.UNMAPPED_SKU, "northgate/1")
    desk.chores(600, 300, *TOLD)
    assert desk.opens(kinds.UNMAPPED_SKU, "northgate/1") == muted
    desk.chores((until - desk.at).total_seconds() - 60, 300, *TOLD)
    assert desk.heard() == []

    desk.chores(600, 60, *TOLD)

    assert desk.titles() == [f"Overdue: {FIRST}"]
    assert desk.heard()[0].at - until <= timedelta(minutes=1)


def test_a_mute_that_somebody_takes_back_is_over_at_once(desk: Desk) -> None:
    muted = desk.opens(kinds.UNMAPPED_SKU, "northgate/1")
    exceptions.mute(desk.services, [muted], desk.at + timedelta(days=30), JANE, "later")
    desk.chores(600, 60, *TOLD)
    exceptions.mute(desk.services, [muted], None, JANE, "")
    desk.chores(30, 15, *TOLD)

    assert desk.titles() == [FIRST]
