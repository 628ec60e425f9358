"""A cancellation whose answer was lost or that was refused is looked up, and never made twice."""

import pytest
from ordering import (
    FH,
    PO,
    clock,
    lines,
    part,
    retry,
    settle,
    states,
    stored,
    story,
    take,
    tell,
    wish,
)

from integration import policy, steps
from integration.lifecycle import LineState
from integration.problems import LookFirst, Refused, TryAgain
from tests.world import World, line

GRACE = policy.LOOK_GRACE.total_seconds() + 1


def test_a_lost_answer_to_a_cancellation_in_centra_is_looked_up_and_not_repeated(taken: World) -> None:
    taken.centra.lose_answer("cancel_order", LookFirst("lost"))
    wish(taken)
    assert settle(taken).state == "again"
    taken.wait(GRACE)

    assert settle(taken).state == "done"
    tell(taken)

    assert len(taken.centra.said("cancel_order")) == 1
    assert taken.northgate.status(5001) == "CANCEL_ACK"
    assert stored(taken).cancelling_since is None


def test_a_cancellation_that_never_arrived_is_repeated_only_after_a_grace(taken: World) -> None:
    taken.centra.fail("cancel_order", LookFirst("lost before it arrived"))
    wish(taken)
    settle(taken)
    taken.wait(10)
    assert settle(taken).state == "again"
    assert len(taken.centra.said("cancel_order")) == 1

    taken.wait(GRACE)
    assert settle(taken).state == "done"
    assert taken.centra.made[1200].status == "CANCELLED"


def test_while_centra_is_down_the_cancellation_is_tried_again(taken: World) -> None:
    taken.centra.fail("cancel_order", TryAgain("down"))
    wish(taken)
    assert settle(taken).state == "again"
    assert stored(taken).cancelling_since is None
    taken.wait(10)

    assert settle(taken).state == "done"


def test_a_shipment_that_was_quicker_than_the_cancellation_decides(taken: World) -> None:
    taken.centra.meanwhile("cancel_order", lambda: taken.centra.ships(1200, {12000: 2}, is_shipped=False))
    wish(taken)

    assert settle(taken).state == "again"
    taken.wait(5)
    assert settle(taken).state == "done"

    assert taken.causes() == []
    assert "too late to cancel: it ships" in story(taken)


def test_a_cancellation_that_centra_does_not_allow_waits_for_a_person(taken: World) -> None:
    taken.centra.fail("cancel_order", Refused("the order is being captured"))
    wish(taken)

    assert settle(taken).state == "held"
    assert taken.causes() == [("cancel-blocked", PO)]

    retry(taken, "cancel-blocked")
    taken.settle()
    assert taken.northgate.status(5001) == "CANCEL_ACK"


def test_a_lost_answer_to_the_confirmation_is_looked_up_and_not_repeated(taken: World) -> None:
    taken.northgate.lose_answer("cancel_acknowledge", LookFirst("lost"))
    wish(taken)
    settle(taken)
    assert tell(taken).state == "again"
    taken.wait(60)

    assert tell(taken).state == "done"

    assert len(taken.northgate.said("cancel_acknowledge")) == 1
    assert (states(taken), lines(taken)[0].cancelled) == ([LineState.CANCELLED], 2)
    assert clock(taken, "dispatch").met_at is not None


def test_a_confirmation_that_never_arrived_is_repeated(taken: World) -> None:
    taken.northgate.fail("cancel_acknowledge", LookFirst("lost before it arrived"))
    wish(taken)
    settle(taken)
    tell(taken)
    taken.wait(60)

    assert tell(taken).state == "done"

    assert taken.northgate.status(5001) == "CANCEL_ACK"


@pytest.mark.parametrize("before", ["ORDER_ACK", "ORDER"])
def test_a_lost_answer_about_some_units_counts_them_once(fernhill: World, before: str) -> None:
    fernhill.retailers["fernhill"].lose_answer("cancel_acknowledge", LookFirst("lost"))
    fernhill.retailers["fernhill"].shows(7001, before)
    part(fernhill)
    settle(fernhill, FH)
    tell(fernhill, FH)
    fernhill.wait(60)

    assert tell(fernhill, FH).state == "done"

    [line] = lines(fernhill, FH)
    assert (line.state, line.cancelled, line.open) == (LineState.ACKNOWLEDGED, 1, 2)
    assert fernhill.causes() == []
    assert len(fernhill.retailers["fernhill"].said("cancel_acknowledge")) == 1


def test_a_lost_answer_about_the_rest_of_a_line_does_not_count_it_as_dispatched(taken: World) -> None:
    taken.centra.ships(1200, {12000: 1})
    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    taken.settle()
    taken.northgate.lose_answer("cancel_acknowledge", LookFirst("lost"))
    wish(taken)
    settle(taken)
    tell(taken)
    taken.wait(60)

    assert tell(taken).state == "done"

    [line] = lines(taken)
    assert (line.state, line.dispatched, line.cancelled) == (LineState.DISPATCHED, 1, 1)


def test_a_cancellation_that_somebody_confirmed_in_the_portal_needs_no_confirmation(taken: World) -> None:
    wish(taken)
    settle(taken)
    taken.northgate.cancelled(5001, "1", 2)

    assert tell(taken).state == "done"

    assert (states(taken), lines(taken)[0].cancelled) == ([LineState.CANCELLED], 2)
    assert taken.causes() == []


def test_a_real_refusal_of_the_confirmation_waits_for_a_person(taken: World) -> None:
    taken.northgate.fail("cancel_acknowledge", Refused("not now", status=400))
    wish(taken)
    settle(taken)

    assert tell(taken).state == "held"
    assert taken.causes() == [("cancel-refused", PO)]

    retry(taken, "cancel-refused")
    assert tell(taken).state == "done"
    assert taken.northgate.status(5001) == "CANCEL_ACK"


def test_one_line_in_another_state_does_not_keep_the_other_from_being_confirmed(shop: World) -> None:
    take(shop, "northgate", "PO-1", line("1", "71000001", 2), line("2", "71000002", 1), number=5001)
    wish(shop)
    settle(shop)
    shop.northgate.cancelled(5001, "1", 2)

    assert tell(shop).state == "again"
    shop.wait(10)
    assert tell(shop).state == "done"

    assert states(shop) == [LineState.CANCELLED, LineState.CANCELLED]
