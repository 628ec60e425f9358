"""A retailer's wish to cancel ends in Centra and at the retailer as the same number of units, whatever gets lost."""

from typing import Any

import pytest
from ordering import (
    PO,
    acknowledge,
    clock,
    confirm,
    finish,
    lines,
    place,
    settle,
    states,
    stored,
    story,
    take,
    tell,
    wish,
)

from integration import policy, steps
from integration.centra.drafts import OrderDraft
from integration.domain.orders import to_centra
from integration.flows import mirror, orders
from integration.lanes import Lane
from integration.lifecycle import LineState, OrderState
from integration.problems import LookFirst
from integration.virtualstock.schema import Order
from tests.world import World, line

GRACE = policy.LOOK_GRACE.total_seconds() + 1


# In Centra, in no shipment


def test_a_cancelled_order_is_cancelled_in_centra_and_then_confirmed(taken: World) -> None:
    wish(taken)
    assert states(taken) == [LineState.CANCELLING]

    assert settle(taken).state == "done"
    assert taken.centra.said("cancel_order") == ["hash1200"]
    assert taken.northgate.said("cancel_acknowledge") == []
    assert tell(taken).state == "done"

    assert taken.northgate.said("cancel_acknowledge") == [[{"part_number": "71000001", "line_ref": "1", "quantity": 2}]]
    assert (stored(taken).state, lines(taken)[0].cancelled) == (OrderState.CANCELLED, 2)
    assert taken.items() == []
    assert taken.causes() == []


def test_a_cancelled_order_has_no_clock_left(taken: World) -> None:
    wish(taken)
    taken.settle()

    assert clock(taken, "dispatch").met_at is not None


def test_an_order_is_listed_as_cancelled_until_we_confirm_and_is_cancelled_once(taken: World) -> None:
    wish(taken)
    settle(taken)
    taken.do(steps.CANCELLATIONS_POLL, "northgate")
    tell(taken)
    taken.do(steps.CANCELLATIONS_POLL, "northgate")
    taken.settle()

    assert len(taken.centra.said("cancel_order")) == 1
    assert len(taken.northgate.said("cancel_acknowledge")) == 1


def test_one_of_two_lines_is_cancelled_alone(shop: World) -> None:
    subject = take(shop, "northgate", "PO-1", line("1", "71000001", 2), line("2", "71000002", 1), number=5001)

    wish(shop, "2")
    shop.settle()

    assert shop.centra.said("cancel_lines") == [(1200, {12001: 1})]
    assert shop.centra.said("cancel_order") == []
    assert states(shop, subject) == [LineState.ACKNOWLEDGED, LineState.CANCELLED]
    assert stored(shop).state is OrderState.ACKNOWLEDGED


def test_a_switched_off_retailer_is_neither_polled_nor_answered(taken: World) -> None:
    taken.change("northgate", switches={"cancellations": False})
    taken.northgate.wants_cancelled(5001)

    taken.do(steps.CANCELLATIONS_POLL, "northgate")
    taken.do(steps.CANCELLATIONS_CONFIRM, PO)

    assert taken.northgate.calls == []


# Not in Centra


def test_an_order_cancelled_before_it_was_placed_never_reaches_centra(ordered: World) -> None:
    wish(ordered)
    ordered.settle()

    assert ordered.centra.made == {}
    assert ordered.northgate.status(5001) == "CANCEL_ACK"
    assert stored(ordered).state is OrderState.CANCELLED
    assert ordered.causes() == []


def test_an_order_that_was_cancelled_before_we_ever_saw_it_is_only_confirmed(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2))
    wish(shop)
    shop.settle()

    assert shop.centra.made == {}
    assert shop.northgate.said("acknowledge") == []
    assert stored(shop).state is OrderState.CANCELLED


def test_a_held_order_that_is_cancelled_is_held_no_more(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "79999999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    assert place(shop).state == "held"

    wish(shop)
    shop.settle()

    assert shop.causes() == []
    assert shop.items() == []
    assert shop.northgate.status(5001) == "CANCEL_ACK"


def test_the_lines_that_are_left_of_an_order_are_placed_and_acknowledged(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2), line("2", "71000002", 1))
    shop.do(steps.ORDERS_POLL, "northgate")

    wish(shop, "1")
    finish(shop)

    assert [(each.sku, each.quantity) for each in shop.centra.made[1200].lines] == [("CAP", 1)]
    assert states(shop) == [LineState.CANCELLED, LineState.ACKNOWLEDGED]
    assert [shop.northgate.status(5001, each) for each in ("1", "2")] == ["CANCEL_ACK", "ORDER_ACK"]


@pytest.mark.parametrize("article", ["71000002", "71000001"])
def test_a_line_cancelled_while_the_rest_was_placed_is_confirmed_without_a_call_to_centra(
    shop: World, article: str
) -> None:
    """Placing was quicker than settling; the article of both lines may even be the same."""
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2), line("2", article, 1))
    shop.do(steps.ORDERS_POLL, "northgate")
    wish(shop, "1")
    assert place(shop).state == "done"
    confirm(shop)
    acknowledge(shop)

    finish(shop)

    assert [each.quantity for each in shop.centra.made[1200].lines] == [1]
    assert shop.centra.said("cancel_lines") + shop.centra.said("cancel_order") == []
    assert states(shop) == [LineState.CANCELLED, LineState.ACKNOWLEDGED]


def test_an_order_cancelled_while_it_is_being_placed_is_not_placed(
    ordered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker that places has read the lines; before its call, the wish to cancel is found and settled."""
    def slowly(*given: Any, **named: Any) -> Any:
        monkeypatch.undo()
        wish(ordered)
        settle(ordered)
        return to_centra(*given, **named)

    monkeypatch.setattr(orders, "to_centra", slowly)
    place(ordered)
    finish(ordered)

    assert ordered.centra.made == {}
    assert ordered.northgate.status(5001) == "CANCEL_ACK"


def test_a_wish_that_comes_while_the_order_is_created_is_carried_out_once_it_is_there(ordered: World) -> None:
    ordered.centra.meanwhile("create_order", lambda: wish(ordered))
    place(ordered)
    finish(ordered)

    assert [made.status for made in ordered.centra.made.values()] == ["CANCELLED"]
    assert ordered.northgate.status(5001) == "CANCEL_ACK"
    assert ordered.northgate.said("acknowledge") == []


def test_a_wish_that_comes_after_a_lost_answer_to_the_creation_waits_for_the_look(ordered: World) -> None:
    ordered.centra.lose_answer("create_order", LookFirst("lost"))
    place(ordered)
    wish(ordered)
    settle(ordered)
    assert ordered.northgate.said("cancel_acknowledge") == []

    ordered.wait(GRACE)
    ordered.settle()

    assert [made.status for made in ordered.centra.made.values()] == ["CANCELLED"]
    assert ordered.northgate.status(5001) == "CANCEL_ACK"


def test_after_a_lost_answer_an_order_is_paid_as_it_was_created(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "20.00"), line("2", "71000002", 1, "7.00"))
    shop.do(steps.ORDERS_POLL, "northgate")
    wish(shop, "1")
    shop.centra.lose_answer("create_order", LookFirst("lost"))
    place(shop)
    shop.wait(GRACE)
    paid = []
    complete = shop.centra.complete_order

    def remember(number: int, draft: OrderDraft, *, lane: Lane) -> tuple[int, ...]:
        paid.append(str(draft.total))
        return complete(number, draft, lane=lane)

    shop.centra.complete_order = remember  # type: ignore[method-assign]
    place(shop)

    assert paid == ["7.00"]
    finish(shop)
    assert states(shop) == [LineState.CANCELLED, LineState.ACKNOWLEDGED]


# In shipments


def test_what_is_in_a_shipment_ships_and_nothing_is_confirmed(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, is_shipped=False)
    wish(taken)

    assert settle(taken).state == "done"

    assert taken.centra.said("cancel_order") + taken.centra.said("cancel_lines") == []
    assert taken.asked(steps.CANCELLATIONS_CONFIRM) == []
    assert "too late to cancel: it ships" in story(taken)


def test_that_it_is_too_late_is_told_once_however_often_it_is_looked_at(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, is_shipped=False)
    wish(taken)
    for _ in range(3):
        taken.do(steps.CANCELLATIONS_SETTLE, PO)

    assert story(taken).count("too late to cancel: it ships") == 1


def test_a_shipment_that_is_undone_lets_the_cancellation_through(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, is_shipped=False)
    wish(taken)
    settle(taken)
    taken.centra.shipped.clear()

    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    taken.settle()

    assert taken.northgate.status(5001) == "CANCEL_ACK"


def test_of_a_line_that_has_shipped_in_part_the_rest_is_cancelled(taken: World) -> None:
    taken.centra.ships(1200, {12000: 1})
    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    taken.settle()
    assert lines(taken)[0].dispatched == 1

    wish(taken)
    taken.settle()

    assert taken.centra.said("cancel_lines") == [(1200, {12000: 1})]
    assert (taken.northgate.status(5001), states(taken)) == ("DISPATCH", [LineState.DISPATCHED])
    assert lines(taken)[0].cancelled == 1


# Others act


def test_what_staff_cancelled_first_is_only_confirmed(taken: World) -> None:
    taken.centra.cancels(1200, {12000: 2})
    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert taken.causes() == [("cancelled-in-centra", PO)]

    wish(taken)
    taken.settle()

    assert taken.centra.said("cancel_order") + taken.centra.said("cancel_lines") == []
    assert taken.northgate.status(5001) == "CANCEL_ACK"
    assert taken.causes() == []


def test_what_was_cancelled_and_acknowledged_in_the_portal_leaves_centra_too(taken: World) -> None:
    taken.northgate.wants_cancelled(5001)
    taken.northgate.cancelled(5001, "1", 2)
    taken.northgate.shows(5001, "CANCEL_ACK")

    taken.do(steps.ORDERS_POLL, "northgate")
    assert states(taken) == [LineState.ACKNOWLEDGED], "no list shows it"
    with taken.store.write() as db:
        seen = Order.parse(taken.northgate.placed[5001])
        mirror.adopt(taken.services, db, stored(taken), seen, "a look", read_at=taken.at)
    taken.settle()

    assert taken.centra.made[1200].status == "CANCELLED"
    assert clock(taken, "dispatch").met_at is not None
    assert taken.northgate.said("cancel_acknowledge") == []


def test_a_list_of_new_orders_that_is_older_than_the_wish_takes_nothing_back(ordered: World) -> None:
    old = dict(ordered.northgate.placed[5001])
    wish(ordered)
    asked = ordered.northgate.placed[5001]
    ordered.northgate.placed[5001] = old

    ordered.do(steps.ORDERS_POLL, "northgate")
    assert states(ordered) == [LineState.CANCELLING]

    ordered.northgate.placed[5001] = asked
    ordered.settle()
    assert ordered.centra.made == {}
    assert ordered.northgate.status(5001) == "CANCEL_ACK"
