"""A retailer that orders less than chance explains, and an order that does not move, are noticed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from ordering import PO, stored

from integration import kinds, policy, steps
from integration.flows import looks, silence_orders
from integration.lifecycle import OrderState
from integration.problems import Problem
from integration.storage import causes, pauses
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER
from integration.storage.work import ITEM
from tests.world import World

WEEK = timedelta(weeks=1)
STALLED = [("order-stalled", PO)]


def ordered_before(world: World, *counts: int, retailer: str = "northgate") -> None:
    """So many orders came in within the last hour, and within the same hour of each week before."""
    rows = [
        {"retailer": retailer, "reference": f"{week}-{number}", "virtualstock_id": 1, "raw": {}, "state": "dispatched",
         "rehearsal": False, "received_at": world.at - WEEK * week - timedelta(minutes=number % 60)}
        for week, count in enumerate(counts) for number in range(count)
    ]  # fmt: skip
    very_first = {"reference": "first", "received_at": world.at - 6 * WEEK}
    with world.store.write() as db:
        db.execute(sa.insert(ORDER), [{**(rows or [_order(world)])[0], **very_first}, *rows])


def _order(world: World) -> dict[str, Any]:
    return {"retailer": "northgate", "virtualstock_id": 1, "raw": {}, "state": "dispatched", "rehearsal": False}


def move(world: World, **values: Any) -> None:
    """The order is somewhere else, or since another time."""
    with world.store.write() as db:
        db.execute(sa.update(ORDER).where(ORDER.c.reference == "PO-1").values(**values))


def look(world: World) -> list[tuple[str, str]]:
    silence_orders.stalled(world.services)
    return world.causes()


def test_an_hour_without_orders_at_a_retailer_that_has_many_is_an_alarm(world: World) -> None:
    ordered_before(world, 0, 20, 25, 18, 22)
    silence_orders.volume(world.services)

    assert world.causes() == [("silent-flow", "northgate/volume")]
    with world.store.read() as db:
        why = causes.facts_of(db, "silent-flow", "northgate/volume")["why"]
    assert why == "0 orders came in the last hour, and 20, 25, 18, 22 in the same hour of the last 4 weeks"


def test_the_next_hour_with_orders_closes_it(world: World) -> None:
    ordered_before(world, 0, 20, 25, 18, 22)
    silence_orders.volume(world.services)
    with world.store.write() as db:
        rows = [{**_order(world), "reference": f"new {number}", "received_at": world.at} for number in range(15)]
        db.execute(sa.insert(ORDER), rows)
    silence_orders.volume(world.services)

    assert world.causes() == []


@pytest.mark.parametrize(
    "counts", [(15, 20, 25, 18, 22), (0, 5, 6, 4, 5), (0, 0, 0, 0, 50)],
    ids=["a weak hour", "a small retailer", "one great week"],
)  # fmt: skip
def test_what_chance_explains_is_no_alarm(world: World, counts: tuple[int, ...]) -> None:
    ordered_before(world, *counts)
    silence_orders.volume(world.services)

    assert world.causes() == []


def test_a_retailer_that_is_new_has_no_past_to_compare_with(world: World) -> None:
    ordered_before(world, 0, 20, 25, 18, 22)
    with world.store.write() as db:
        db.execute(sa.delete(ORDER).where(ORDER.c.received_at <= world.at - 4 * WEEK - policy.HOUR))
        db.execute(sa.delete(ORDER).where(ORDER.c.reference.like("4-%")))
    silence_orders.volume(world.services)

    assert world.causes() == []


def test_a_retailer_whose_orders_are_paused_or_off_orders_nothing_on_purpose(world: World) -> None:
    ordered_before(world, 0, 20, 25, 18, 22)
    with world.store.write() as db:
        pauses.add(db, "orders", "northgate", "ada", "holidays", world.at)
    silence_orders.volume(world.services)
    assert world.causes() == []

    with world.store.write() as db:
        pauses.remove(db, "orders", "northgate")
    world.change("northgate", switches={"orders": False})
    silence_orders.volume(world.services)
    assert world.causes() == []


def test_the_hour_is_compared_on_the_clock_of_the_retailers_shoppers(world: World) -> None:
    """British summer time began on 29 March: noon was at 12 in UTC before, and is at 11 after."""
    world.at = datetime(2026, 4, 1, 11, 0, tzinfo=UTC)
    ordered_before(world, 0)
    with world.store.write() as db:
        rows = [
            {**_order(world), "reference": f"{week}/{number}", "received_at": noon - timedelta(minutes=number)}
            for week in range(1, 5)
            for noon in [datetime(2026, 4, 1, 12 if week else 11, 0, tzinfo=UTC) - WEEK * week]
            for number in range(20)
        ]
        db.execute(sa.insert(ORDER), rows)
    silence_orders.volume(world.services)

    assert world.causes() == [("silent-flow", "northgate/volume")]


def test_it_closes_nothing_that_other_looks_found(world: World) -> None:
    facts = {"flow": "orders.poll", "retailer": "Calder", "why": "?"}
    looks.settle(world.services, kinds.SILENT_FLOW, [Problem(kinds.SILENT_FLOW, "orders.poll/calder", facts)])
    silence_orders.volume(world.services)

    assert world.causes() == [("silent-flow", "orders.poll/calder")]


def test_the_looks_of_other_flows_do_not_close_what_this_one_found(world: World) -> None:
    ordered_before(world, 0, 20, 25, 18, 22)
    silence_orders.volume(world.services)
    looks.settle(world.services, kinds.SILENT_FLOW, [], owns=lambda key: not silence_orders.is_volume(key))

    assert world.causes() == [("silent-flow", "northgate/volume")]


@pytest.mark.parametrize(
    ("state", "since"),
    [("received", "received_at"), ("placing", "placing_since"), ("placed", "placed_at")],
)  # fmt: skip
def test_an_order_that_stays_too_long_in_a_state_is_told(ordered: World, state: str, since: str) -> None:
    move(ordered, state=state, received_at=ordered.at - timedelta(days=2))
    move(ordered, **{since: ordered.at - policy.STALLED_AFTER[state]})
    assert look(ordered) == []
    ordered.wait(1)

    assert look(ordered) == STALLED


@pytest.mark.parametrize("state", ["cancelling", "acknowledged", "backordered"])
def test_a_state_of_lines_counts_from_when_a_line_last_moved(ordered: World, state: str) -> None:
    move(ordered, state=state, received_at=ordered.at - timedelta(days=90))
    order = stored(ordered)
    with ordered.store.write() as db:
        moved_at = ordered.at - policy.STALLED_AFTER[state]
        db.execute(sa.update(LINE).where(LINE.c.order_id == order.id).values(moved_at=moved_at))
    assert look(ordered) == []
    ordered.wait(1)

    assert look(ordered) == STALLED


def test_every_state_that_is_not_the_end_has_a_time_after_which_it_is_too_long() -> None:
    assert set(policy.STALLED_AFTER) == set(silence_orders._NEXT)
    assert {state.value for state in OrderState} - set(policy.STALLED_AFTER) == {
        "dispatched", "cancelled",
    }  # fmt: skip


def test_the_sentence_says_what_it_waits_for(ordered: World) -> None:
    ordered.wait(16 * 60)
    look(ordered)

    def said() -> str:
        with ordered.store.read() as db:
            facts = causes.facts_of(db, "order-stalled", PO)
        return Problem(kinds.ORDER_STALLED, PO, facts).sentence

    assert said().startswith(
        "Order PO-1 of Northgate & Co has been received since 02 March 2026, 12:00, which is too long. "
        "It waits for orders.place, which has not failed."
    )
    with ordered.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.step == "orders.place").values(last_error="Centra answered 500"))
    look(ordered)
    assert "The last try of orders.place failed: Centra answered 500." in said()

    with ordered.store.write() as db:
        db.execute(sa.delete(ITEM).where(ITEM.c.step == "orders.place"))
    look(ordered)
    assert "Nothing has asked for orders.place." in said()


def test_an_order_that_moves_closes_it(ordered: World) -> None:
    ordered.wait(16 * 60)
    assert look(ordered) == STALLED
    ordered.settle()

    assert look(ordered) == []


def test_an_order_of_which_people_know_is_not_told_twice(ordered: World) -> None:
    ordered.wait(16 * 60)
    with ordered.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.step == "orders.place").values(held=True))
    assert look(ordered) == []

    with ordered.store.write() as db:
        db.execute(sa.update(ITEM).values(held=False))
        problem = Problem(kinds.DEADLINE_MISSED, f"{PO}/acknowledge", {})
        causes.open_for(db, [problem], ordered.at, item_id=None)
    assert look(ordered) == [("deadline-missed", f"{PO}/acknowledge")]


def test_its_own_cause_does_not_count_as_known(ordered: World) -> None:
    ordered.wait(16 * 60)
    look(ordered)

    assert look(ordered) == STALLED


def test_orders_that_wait_for_a_platform_or_a_pause_are_explained(ordered: World) -> None:
    ordered.wait(16 * 60)
    with ordered.store.write() as db:
        pauses.add(db, "orders", "northgate", "ada", "stocktaking", ordered.at)
    assert look(ordered) == []

    with ordered.store.write() as db:
        pauses.remove(db, "orders", "northgate")
        facts = {"platform": "Centra", "credential": "token", "why": "away"}
        causes.open_for(db, [Problem(kinds.PLATFORM_DOWN, steps.CENTRA, facts)], ordered.at, item_id=None)
    assert look(ordered) == [("platform-down", "centra")]


def test_a_flow_that_a_profile_switches_off_stalls_nothing(ordered: World) -> None:
    ordered.wait(16 * 60)
    ordered.change("northgate", switches={"orders": False})

    assert look(ordered) == []


def test_a_rehearsal_and_an_order_that_is_over_are_never_stalled(ordered: World) -> None:
    ordered.wait(90 * 86400)
    move(ordered, rehearsal=True)
    assert look(ordered) == []
    move(ordered, rehearsal=False, state="dispatched")
    assert look(ordered) == []
