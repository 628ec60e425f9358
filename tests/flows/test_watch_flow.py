"""Whatever Centra shows of our orders is held against what was agreed with the retailer, whoever reads it first."""

from typing import Any

import pytest
from ordering import PO, finish, lines, settle, states, stored, take, tell, wish

from integration import steps
from integration.flows import intake
from integration.lifecycle import LineState
from tests.world import World, line

CAUSE = ("cancelled-in-centra", PO)


def sweep(world: World) -> None:
    world.do(steps.DISPATCHES_SWEEP, steps.CENTRA)


def event(world: World) -> None:
    intake.store_webhook(world.services, {"events": [
        {"type": "order", "action": "update", "id": 1200, "date": f"{world.at}"}
    ]})  # fmt: skip
    world.run(steps.INTAKE_ABSORB, steps.CENTRA)


@pytest.fixture
def cancelled(taken: World) -> World:
    """Staff cancel one of the two units in Centra, for whatever reason, and a sweep finds it."""
    taken.centra.cancels(1200, {12000: 1})
    sweep(taken)
    return taken


@pytest.mark.parametrize("how", [sweep, event])
def test_units_that_staff_cancel_are_a_cause_however_it_is_noticed(taken: World, how: Any) -> None:
    taken.centra.cancels(1200, {12000: 1})

    how(taken)

    assert taken.causes() == [CAUSE]
    assert states(taken) == [LineState.ACKNOWLEDGED], "the retailer still expects them"
    assert taken.asked(steps.CANCELLATIONS_SETTLE) + taken.asked(steps.CANCELLATIONS_CONFIRM) == []


def test_an_order_that_staff_cancel_as_a_whole_is_a_cause(taken: World) -> None:
    taken.centra.made[1200] = taken.centra.made[1200].model_copy(update={"status": "CANCELLED"})

    sweep(taken)

    assert taken.causes() == [CAUSE]
    assert lines(taken)[0].centra_cancelled == 2


def test_a_cancellation_that_staff_take_back_needs_nobody(cancelled: World) -> None:
    made = cancelled.centra.made[1200]
    cancelled.centra.made[1200] = made.model_copy(update={"lines": tuple(
        each.model_copy(update={"quantity": 2, "cancelled_quantity": 0}) for each in made.lines
    )})  # fmt: skip

    sweep(cancelled)

    assert cancelled.causes() == []


def test_the_retailer_that_cancels_too_closes_it(cancelled: World) -> None:
    wish(cancelled)
    finish(cancelled)

    assert cancelled.causes() == []
    assert cancelled.northgate.status(5001) == "CANCEL_ACK"


def test_a_cancellation_of_another_line_does_not_close_it(shop: World) -> None:
    take(shop, "northgate", "PO-1", line("1", "71000001", 2), line("2", "71000002", 1), number=5001)
    shop.centra.cancels(1200, {12000: 1})
    sweep(shop)

    wish(shop, "2")
    settle(shop)
    tell(shop)

    assert states(shop) == [LineState.ACKNOWLEDGED, LineState.CANCELLED]
    assert shop.causes() == [CAUSE]


def test_an_order_of_somebody_else_is_not_ours(taken: World) -> None:
    taken.centra.made[1300] = taken.centra.made[1200].model_copy(update={"number": 1300, "status": "CANCELLED"})
    intake.store_webhook(taken.services, {"events": [
        {"type": "order", "action": "update", "id": 1300, "date": f"{taken.at}"}
    ]})  # fmt: skip
    taken.run(steps.INTAKE_ABSORB, steps.CENTRA)

    assert taken.causes() == []


def test_an_order_that_is_over_is_not_watched(taken: World) -> None:
    wish(taken)
    finish(taken)
    taken.centra.calls.clear()

    sweep(taken)

    assert taken.centra.said("orders") == []
    assert stored(taken).centra_number == 1200


def test_a_wish_that_could_not_be_settled_is_settled_by_what_is_read_next(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, is_shipped=False)
    wish(taken)
    settle(taken)
    assert taken.asked(steps.CANCELLATIONS_SETTLE) + taken.asked(steps.CANCELLATIONS_CONFIRM) == []
    taken.centra.shipped.clear()

    event(taken)
    finish(taken)

    assert taken.northgate.status(5001) == "CANCEL_ACK"
