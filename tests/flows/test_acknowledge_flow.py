"""A retailer is told once that its order is in Centra, and never before it is."""

import pytest
from ordering import PO, acknowledge, place, stored

from integration import steps
from integration.lifecycle import OrderState
from integration.problems import LookFirst, Refused
from tests.world import World, line


@pytest.fixture
def placed(ordered: World) -> World:
    """That order is in Centra, and its acknowledgement is due."""
    assert place(ordered).state == "done"
    return ordered


def test_a_placed_order_is_acknowledged_once(placed: World) -> None:
    assert acknowledge(placed).state == "done"

    assert placed.northgate.placed[5001]["status"] == "ORDER_ACK"
    assert stored(placed).state == OrderState.ACKNOWLEDGED
    placed.do(steps.ORDERS_ACKNOWLEDGE, PO)
    assert len(placed.northgate.said("acknowledge")) == 1


def test_a_poll_asks_again_for_an_acknowledgement_that_is_still_missing(placed: World) -> None:
    placed.change("northgate", switches={"acknowledgements": False})
    acknowledge(placed)
    placed.change("northgate", switches={"acknowledgements": True})

    placed.do(steps.ORDERS_POLL, "northgate")

    assert placed.asked(steps.ORDERS_ACKNOWLEDGE) == [PO]


def test_a_poll_that_still_lists_an_acknowledged_order_asks_for_nothing(placed: World) -> None:
    acknowledge(placed)
    placed.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))

    placed.do(steps.ORDERS_POLL, "northgate")

    assert placed.asked(steps.ORDERS_PLACE) == []
    assert placed.asked(steps.ORDERS_ACKNOWLEDGE) == []


def test_a_lost_answer_to_the_acknowledgement_is_looked_up_and_not_repeated(placed: World) -> None:
    placed.northgate.lose_answer("acknowledge", LookFirst("lost"))
    assert acknowledge(placed).state == "again"
    placed.wait(60)

    assert acknowledge(placed).state == "done"

    assert len(placed.northgate.said("acknowledge")) == 1


def test_an_acknowledgement_that_never_arrived_is_repeated(placed: World) -> None:
    placed.northgate.fail("acknowledge", LookFirst("lost before it arrived"))
    acknowledge(placed)
    placed.wait(60)

    assert acknowledge(placed).state == "done"

    assert placed.northgate.placed[5001]["status"] == "ORDER_ACK"


def test_an_order_acknowledged_in_the_portal_counts_as_acknowledged(placed: World) -> None:
    placed.northgate.shows(5001, "ORDER_ACK")

    assert acknowledge(placed).state == "done"

    assert stored(placed).acknowledged_at is not None
    assert placed.causes() == []


def test_a_refused_acknowledgement_waits_for_a_person(placed: World) -> None:
    placed.northgate.fail("acknowledge", Refused("sub status unknown", status=400))

    assert acknowledge(placed).state == "held"

    assert placed.causes() == [("acknowledge-refused", PO)]
    assert stored(placed).acknowledged_at is None


def test_no_acknowledgement_leaves_before_the_order_is_in_centra(ordered: World) -> None:
    assert ordered.do(steps.ORDERS_ACKNOWLEDGE, PO).state == "done"

    assert ordered.northgate.said("acknowledge") == []


def test_a_switched_off_acknowledgement_is_not_sent(placed: World) -> None:
    placed.change("northgate", switches={"acknowledgements": False})

    acknowledge(placed)

    assert placed.northgate.said("acknowledge") == []
