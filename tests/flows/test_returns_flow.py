"""A return is seen wherever it comes from, belongs to one retailer and one order, and may be taken back."""

from datetime import UTC, date, datetime

from integration import steps
from integration.domain.returns import ReturnState
from integration.lanes import Lane
from integration.storage import order_lines, orders, returns
from tests.flows.returning import PO, WANTED, acknowledge, cause, kinds_open, poll, row, state, story, told
from tests.world import World, line

# Seeing


def test_a_new_return_is_acknowledged_and_a_person_asked_to_authorise_it(gone: World) -> None:
    gone.northgate.asks_back(5001)

    assert poll(gone) == "done"
    assert acknowledge(gone).state == "done"

    assert told(gone) == [[WANTED]]
    assert state(gone) is ReturnState.ACKNOWLEDGED
    assert gone.causes() == [("return-to-authorise", "northgate/r-1")]
    assert story(gone) == ["return asked for", "return acknowledged"]


def test_the_person_hears_units_reason_and_until_when(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)

    found = cause(gone, "return-to-authorise")

    # Two working days after Monday, 2 March.
    assert found.due_at == datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC)
    assert "1 of line 1 of PO-1 (No longer wanted)" in found.sentence
    assert "04 March 2026, 23:59 (Europe/London)" in found.sentence


def test_a_return_is_acknowledged_once_however_often_it_is_listed(gone: World) -> None:
    gone.northgate.asks_back(5001)
    for _ in range(3):
        poll(gone)
        gone.settle()

    assert len(told(gone)) == 1
    assert story(gone) == ["return asked for", "return acknowledged"]


def test_an_accepted_acknowledgement_that_does_not_show_is_not_repeated(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    acknowledge(gone)
    gone.northgate.portal("RMA")

    poll(gone)

    assert gone.asked(steps.RETURNS_ACKNOWLEDGE) == []
    assert len(told(gone)) == 1
    assert state(gone) is ReturnState.ACKNOWLEDGED


def test_a_return_that_was_acknowledged_in_the_portal_is_not_acknowledged_again(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_ACK")

    poll(gone)
    gone.settle()

    assert told(gone) == []
    assert state(gone) is ReturnState.ACKNOWLEDGED
    assert row(gone).acknowledged_at is not None


def test_two_returns_of_one_line_are_each_acknowledged(gone: World) -> None:
    gone.northgate.asks_back(5001, name="r-1")
    gone.northgate.asks_back(5001, name="r-2")
    poll(gone)
    gone.settle()

    assert told(gone) == [[WANTED], [WANTED]]
    assert [state(gone, name) for name in ("r-1", "r-2")] == [ReturnState.ACKNOWLEDGED] * 2


def test_nothing_is_read_where_the_profile_says_so(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.change("northgate", returns={"enabled": False})

    assert poll(gone) == "done"

    assert gone.northgate.calls == []


def test_nothing_is_acknowledged_once_the_profile_says_so(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.change("northgate", returns={"enabled": False})

    assert acknowledge(gone).state == "done"

    assert told(gone) == []


def test_the_poll_travels_below_what_is_urgent_and_the_acknowledgement_does_not(gone: World) -> None:
    gone.northgate.lanes.clear()
    gone.northgate.asks_back(5001)
    poll(gone)
    acknowledge(gone)

    assert gone.northgate.lanes == [Lane.CATALOGUE, Lane.ORDERS]


# How far back


def test_the_list_is_read_back_to_the_oldest_open_return(gone: World) -> None:
    poll(gone)
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.wait(10 * 86_400)
    poll(gone)
    gone.northgate.portal("RMA_REJ")
    poll(gone)
    poll(gone)

    days = gone.northgate.said("returns")
    assert days == [date(2026, 2, 27), date(2026, 2, 27), *[date(2026, 2, 28)] * 2, date(2026, 3, 9)]


def test_after_an_outage_the_list_is_read_back_to_before_it(gone: World) -> None:
    poll(gone)
    gone.wait(6 * 86_400)
    gone.northgate.asks_back(5001, requested_at="2026-03-03 08:00:00")
    poll(gone)

    assert state(gone) is ReturnState.ASKED


# Whose it is


def test_a_return_of_another_retailer_of_the_same_credential_is_left_alone(gone: World) -> None:
    order = gone.northgate.placed[5001] | {"retailer": "https://v/restapi/v4/customers/99/"}
    gone.northgate.asks_back(5001, order=order)

    poll(gone)

    with gone.store.read() as db:
        assert returns.by_id(db, "r-1") is None
    assert gone.causes() == []


def test_a_return_without_its_retailer_belongs_to_whom_the_order_belongs(gone: World) -> None:
    calder = gone.rules.retailers["calder"].model_copy(update={"credential": "northgate"})
    gone.rules = gone.rules.model_copy(update={"retailers": dict(gone.rules.retailers) | {"calder": calder}})
    gone.northgate.asks_back(5001, order=gone.northgate.placed[5001] | {"retailer": None})

    poll(gone, "calder")
    assert gone.causes() == []
    poll(gone)

    assert row(gone).retailer == "northgate"


# Not knowing the order


def test_a_return_of_an_unknown_order_is_reported_and_not_acknowledged(gone: World) -> None:
    gone.northgate.asks_back(5001, order=gone.northgate.placed[5001] | {"order_reference": "PO-9"})

    poll(gone)
    poll(gone)
    gone.settle()

    assert gone.causes() == [("return-unknown", "northgate/r-1")]
    assert told(gone) == []
    assert gone.asked(steps.RETURNS_ACKNOWLEDGE) == []


def test_a_return_is_linked_as_soon_as_its_order_is_known(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    shop.northgate.asks_back(5001)
    poll(shop)
    assert kinds_open(shop) == ["return-unknown"]

    with shop.store.write() as db:
        orders.receive(db, "northgate", "PO-1", 5001, shop.northgate.placed[5001], shop.at)
        known = orders.by_subject(db, PO)
        assert known is not None
        row_of_line = {"line_reference": "1", "part_number": "71000001", "quantity": 2, "state": "dispatched"}
        order_lines.store(db, known.id, [row_of_line | {"dispatched": 2}])
    poll(shop)
    acknowledge(shop)

    assert told(shop) == [[WANTED]]
    assert kinds_open(shop) == ["return-to-authorise"]


def test_a_return_of_an_unknown_order_that_was_decided_in_the_portal_is_over(gone: World) -> None:
    gone.northgate.asks_back(5001, order=gone.northgate.placed[5001] | {"order_reference": "PO-9"})
    poll(gone)
    gone.northgate.portal("RMA_REC")
    poll(gone)

    assert gone.causes() == []
    assert state(gone) is ReturnState.APPROVED


def test_a_return_of_an_unknown_order_that_is_listed_no_more_is_over(gone: World) -> None:
    gone.northgate.asks_back(5001, order=gone.northgate.placed[5001] | {"order_reference": "PO-9"})
    poll(gone)
    gone.northgate.takes_it_back(5001)
    poll(gone)

    assert gone.causes() == []
    assert state(gone) is ReturnState.WITHDRAWN


# Taken back


def test_a_return_that_is_listed_no_more_was_taken_back(gone: World) -> None:
    gone.northgate.asks_back(5001, 3)
    poll(gone)
    acknowledge(gone)
    gone.northgate.takes_it_back(5001)

    poll(gone)
    gone.settle()

    assert state(gone) is ReturnState.WITHDRAWN
    assert row(gone).closed_at is not None
    assert gone.causes() == []
    assert gone.items() == []
    assert story(gone)[-1] == "return withdrawn"


def test_one_gap_in_the_list_takes_nothing_back(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    hidden = gone.northgate.asked_back.pop("r-1")

    poll(gone)
    assert state(gone) is ReturnState.ASKED

    gone.northgate.asked_back["r-1"] = hidden
    poll(gone)
    assert kinds_open(gone) == ["return-to-authorise"]


def test_where_another_return_of_the_line_is_listed_the_line_proves_nothing(gone: World) -> None:
    gone.northgate.asks_back(5001, name="r-1")
    gone.northgate.asks_back(5001, name="r-2")
    poll(gone)
    del gone.northgate.asked_back["r-1"]

    poll(gone)

    assert (state(gone, "r-1"), state(gone, "r-2")) == (ReturnState.WITHDRAWN, ReturnState.ASKED)


def test_a_return_that_is_listed_again_was_not_taken_back(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.takes_it_back(5001)
    poll(gone)

    gone.northgate.asks_back(5001)
    poll(gone)

    assert state(gone) is ReturnState.ASKED
    assert row(gone).closed_at is None
    assert kinds_open(gone) == ["return-to-authorise"]


def test_a_return_that_was_decided_may_leave_the_list(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_REC")
    poll(gone)
    gone.northgate.takes_it_back(5001)

    poll(gone)

    assert state(gone) is ReturnState.APPROVED
