"""What the retailer's side shows of an order moves our lines along, whoever acted there, and never backwards."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ordering import PO, clock, lines, states, stored, story

from integration import steps
from integration.flows import mirror
from integration.lifecycle import MOVES, OVER, LineState
from integration.problems import TryAgain
from integration.storage.order_lines import LINE
from integration.virtualstock.schema import Order, Status
from tests.world import CAUSE, World


def look(world: World) -> None:
    mirror.look(world.services, stored(world))


def adopt(world: World, status: str) -> None:
    """A reading arrives that shows the line so, however old it is."""
    raw = world.northgate.placed[5001]
    shown = raw | {"status": status, "items": [raw["items"][0] | {"status": status}]}
    with world.store.write() as db:
        mirror.adopt(world.services, db, stored(world), Order.parse(shown), "a test", read_at=world.at)


@pytest.mark.parametrize(("status", "state"), [
    ("ORDER_ACK", LineState.ACKNOWLEDGED), ("BACKORDER", LineState.BACKORDERED), ("CANCEL", LineState.CANCELLING),
    ("CANCEL_ACK", LineState.CANCELLED), ("DISPATCH", LineState.DISPATCHED), ("RMA", LineState.DISPATCHED),
    ("ORDER", LineState.RECEIVED),
])  # fmt: skip
def test_a_line_follows_what_is_shown_of_it(ordered: World, status: str, state: LineState) -> None:
    ordered.northgate.shows(5001, status)

    look(ordered)

    assert states(ordered) == [state]


def test_an_order_that_left_through_the_portal_is_dispatched_and_has_no_clock_left(taken: World) -> None:
    taken.northgate.shows(5001, "DISPATCH")

    look(taken)

    assert (lines(taken)[0].dispatched, lines(taken)[0].open) == (2, 0)
    assert clock(taken, "dispatch").met_at is not None
    assert taken.asked(steps.INVOICES_SEND) == [PO]


def test_an_answer_given_in_the_portal_stops_the_clock_of_the_answer(ordered: World) -> None:
    ordered.northgate.shows(5001, "ORDER_ACK")

    look(ordered)

    assert clock(ordered, "acknowledge").met_at is not None
    assert clock(ordered, "dispatch").met_at is None


def test_what_is_seen_is_on_the_timeline_once(taken: World) -> None:
    taken.northgate.shows(5001, "DISPATCH")
    for _ in range(3):
        look(taken)

    assert story(taken).count("line dispatched") == 1


def test_a_line_nobody_knows_and_a_line_that_is_not_shown_change_nothing(taken: World) -> None:
    taken.northgate.placed[5001]["items"] = [{"line_reference": "9", "status": "CANCEL", "quantity": 1}]

    look(taken)

    assert states(taken) == [LineState.ACKNOWLEDGED]


def test_an_order_that_is_not_shown_is_looked_for_again(taken: World) -> None:
    taken.northgate.placed.clear()

    with pytest.raises(TryAgain):
        look(taken)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(LineState), st.lists(st.sampled_from([*Status, "ON_THE_MOON", ""]), min_size=1, max_size=5))
def test_in_whatever_order_readings_arrive_no_line_moves_backwards(
    ordered: World, here: LineState, shown: list[str]
) -> None:
    units = {LineState.DISPATCHED: {"dispatched": 2}, LineState.CANCELLED: {"cancelled": 2}}.get(here, {})
    with ordered.store.write() as db:
        db.execute(LINE.update().values({"state": here, "state_before": None, "dispatched": 0, "cancelled": 0} | units))
    for status in shown:
        adopt(ordered, status)
        there = states(ordered)[0]
        assert there is here or there in MOVES[here]
        assert here not in OVER or there is here
        assert here is LineState.RECEIVED or there is not LineState.RECEIVED
        assert lines(ordered)[0].open == (0 if there in OVER else 2)
        here = there


@pytest.mark.parametrize(("changes", "how"), [
    ({"items": [{"quantity": 5}]}, "line 1 has 5 units, not 2"),
    ({"items": [{}, {"line_reference": "9", "part_number": "X", "quantity": 1, "status": "CANCEL"}]},
     "it has a line 9 that was not ordered"),
    ({"shipping_address": {"line_1": "2 Elsewhere Road"}}, "the delivery address"),
])  # fmt: skip
def test_an_order_changed_after_it_went_into_centra_is_told_to_a_person(
    taken: World, changes: dict[str, Any], how: str
) -> None:
    raw = taken.northgate.placed[5001]
    shown = raw | {
        "items": [raw["items"][0] | each if not number else each
                  for number, each in enumerate(changes.get("items", [{}]))],
        "shipping_address": raw["shipping_address"] | changes.get("shipping_address", {}),
    }  # fmt: skip
    with taken.store.write() as db:
        mirror.adopt(taken.services, db, stored(taken), Order.parse(shown), "a test", read_at=taken.at)

    assert ("order-changed", PO) in taken.causes()
    with taken.store.read() as db:
        assert how in " ".join(db.scalars(sa.select(CAUSE.c.sentence)))


def test_fewer_units_and_a_withheld_address_are_no_change(taken: World) -> None:
    raw = taken.northgate.placed[5001]
    shown = raw | {"items": [raw["items"][0] | {"quantity": 1}], "shipping_address": {}}
    with taken.store.write() as db:
        mirror.adopt(taken.services, db, stored(taken), Order.parse(shown), "a test", read_at=taken.at)

    assert taken.causes() == []
