"""A paused flow keeps what it is asked for, and resuming makes up for all that passed meanwhile."""

from pathlib import Path

import pytest
import yaml

from integration import steps
from integration.flows import pauses, report, upkeep, work
from integration.flows.exceptions import NotPossible
from integration.people import Door, Person, Role
from integration.steps import STEPS
from integration.storage import activity
from tests.world import World

ADA = Person("Ada", Role.ADMIN, Door.CONSOLE)
TIMETABLE = Path(__file__).parents[2] / "celerybeat-schedule" / "timetable.yaml"


def pause(world: World, flow: str, retailer: str | None = None) -> None:
    pauses.pause(world.services, flow, retailer, ADA, "stock-taking")


def resume(world: World, flow: str, retailer: str | None = None) -> int:
    return pauses.resume(world.services, flow, retailer, ADA, "counted")


def test_no_call_is_made_for_a_paused_retailer_and_all_is_made_up_for(shop: World) -> None:
    pause(shop, "stock", "northgate")
    shop.centra.has(11, "TEE-M", 5)
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)
    assert shop.run(steps.STOCK_PUSH, "northgate/TEE-M").state == "idle"
    assert work.hand_out(shop.services) == []

    shop.wait(3600)
    shop.centra.has(11, "TEE-M", 4)
    shop.do(steps.STOCK_SWEEP, steps.CENTRA)
    assert resume(shop, "stock", "northgate") == 1
    shop.settle()

    assert shop.northgate.said("set_stock") == [(901, 4)], "the newest quantity, once"


def test_another_retailer_goes_on(shop: World) -> None:
    pause(shop, "orders", "northgate")
    shop.ask(steps.ORDERS_POLL, "northgate", "calder")

    assert [item.subject for item in work.hand_out(shop.services)] == ["calder"]


def test_polls_of_a_paused_flow_are_not_asked_for_and_are_asked_once_when_it_goes_on(world: World) -> None:
    pause(world, "orders", "northgate")
    upkeep.tick(world.services, "orders.poll", 30)
    assert world.asked(steps.ORDERS_POLL) == sorted(set(world.rules.retailers) - {"northgate"})

    resume(world, "orders", "northgate")

    assert world.asked(steps.ORDERS_POLL) == sorted(world.rules.retailers)
    assert world.asked(steps.CANCELLATIONS_POLL) == []


def test_a_flow_paused_as_a_whole_asks_centra_for_nothing_until_it_goes_on(world: World) -> None:
    pause(world, "stock")
    upkeep.tick(world.services, "stock.sweep", 1800)
    upkeep.tick(world.services, "orders.poll", 30)
    assert world.asked(steps.STOCK_SWEEP) == []
    assert world.asked(steps.ORDERS_POLL) == sorted(world.rules.retailers)

    assert resume(world, "stock") == 2
    assert world.asked(steps.STOCK_SWEEP) == world.asked(steps.STOCK_READ) == [steps.CENTRA]


def test_an_order_that_came_before_the_pause_waits_and_goes_on(ordered: World) -> None:
    pause(ordered, "orders", "northgate")
    assert ordered.run(steps.ORDERS_PLACE, "northgate/PO-1").state == "idle"
    assert ordered.centra.made == {}

    assert resume(ordered, "orders", "northgate") == 2, "the order, and the poll that was missed"
    ordered.settle()

    assert ordered.northgate.status(5001) == "ORDER_ACK"


def test_resuming_all_leaves_the_retailer_that_was_paused_alone_and_the_other_way_round(world: World) -> None:
    pause(world, "stock", "northgate")
    pause(world, "stock")
    world.ask(steps.STOCK_PUSH, "northgate/A", "calder/A")

    with pytest.raises(NotPossible, match="for all retailers"):
        resume(world, "stock", "calder")
    resume(world, "stock")
    handed = {item.subject for item in work.hand_out(world.services)}

    assert "calder/A" in handed
    assert "northgate/A" not in handed
    with pytest.raises(NotPossible, match="northgate"):
        resume(world, "stock")


@pytest.mark.parametrize(("flow", "retailer", "reason", "said"), [
    ("stok", None, "why", "There is no flow stok"),
    ("stock", "nobody", "why", "There is no retailer nobody"),
    ("stock", "", "why", "There is no retailer"),
    ("stock", "northgate", " \n", "Say why"),
    ("intake", "northgate", "why", "for all"),
    ("images", "northgate", "why", "for all"),
])  # fmt: skip
def test_what_cannot_be_switched_is_told_and_changes_nothing(
    world: World, flow: str, retailer: str | None, reason: str, said: str
) -> None:
    for act in (pauses.pause, pauses.resume):
        with pytest.raises(NotPossible, match=said):
            act(world.services, flow, retailer, ADA, reason)

    assert pauses.paused(world.services) == []
    with world.store.read() as db:
        assert activity.page(db, before=None, limit=10) == []


def test_whoever_comes_second_is_told_who_paused_it_and_why(world: World) -> None:
    pause(world, "stock")

    with pytest.raises(NotPossible, match="by Ada: stock-taking"):
        pauses.pause(world.services, "stock", "northgate", Person("Bob", Role.ADMIN, Door.CLI), "me too")
    with pytest.raises(NotPossible, match="not paused"):
        resume(world, "orders")


def test_who_switched_what_and_why_is_on_record(world: World) -> None:
    world.ask(steps.STOCK_PUSH, "northgate/A")
    pause(world, "stock", "northgate")
    world.wait(60)
    resume(world, "stock", "northgate")

    with world.store.read() as db:
        found = activity.page(db, before=None, limit=10)
    assert [(row["verb"], row["about"], row["subject"], row["by"], row["reason"]) for row in found] == [
        ("resumed", "flow", "stock/northgate", "Ada", "counted"),
        ("paused", "flow", "stock/northgate", "Ada", "stock-taking"),
    ]
    assert found[0]["facts"] == {"due": 1}


def test_the_report_shows_what_is_paused_and_for_whom(world: World) -> None:
    pause(world, "stock", "northgate")
    shown = report.status(world.services)["flows"]
    assert (shown["stock"]["paused"], shown["stock"]["paused_for"]) == (False, ["northgate"])

    pause(world, "stock")
    pause(world, "intake")
    shown = report.status(world.services)["flows"]
    assert (shown["stock"]["paused"], shown["stock"]["paused_for"]) == (True, list(world.rules.retailers))
    assert shown["intake"]["paused"]
    assert not shown["orders"]["paused"]


def test_a_flow_that_every_retailer_has_paused_or_switched_off_is_paused(world: World) -> None:
    first, *others = world.rules.retailers
    world.change(first, switches={"stock": False})
    for code in others:
        assert not report.status(world.services)["flows"]["stock"]["paused"]
        pause(world, "stock", code)

    assert report.status(world.services)["flows"]["stock"]["paused"]


def test_every_flow_at_every_retailer_is_shown_with_its_switch(world: World) -> None:
    world.change("calder", switches={"stock": "shadow", "dispatches": False})
    world.ask(steps.STOCK_PUSH, "northgate/A", "northgate/B")
    pause(world, "stock", "northgate")

    shown = {(row["flow"], row["retailer"]): row for row in pauses.switches(world.services)}

    assert shown["stock", "northgate"]["state"] == "paused"
    assert shown["stock", "northgate"]["pause"]["waiting"] == 2
    assert shown["stock", "calder"]["state"] == "shadow"
    assert shown["dispatches", "calder"]["state"] == "off"
    assert shown["orders", "fernhill"] == {"flow": "orders", "retailer": "fernhill", "state": "runs", "pause": None}
    assert shown["intake", ""]["state"] == "runs"
    assert len(shown) == (len(pauses.FLOWS) - 2) * len(world.rules.retailers) + 2


def test_what_the_timetable_asks_for_is_what_resuming_makes_up_for() -> None:
    jobs = set(yaml.safe_load(TIMETABLE.read_text()))

    assert {step.name for step in pauses.POLLS} == jobs & set(STEPS)
