"""A return is acknowledged once, if it fits its order, and a lost answer or a refusal is followed by a look."""

from integration import steps
from integration.domain.returns import ReturnState
from integration.problems import LookFirst, Refused, TryAgain
from tests.flows.returning import WANTED, acknowledge, cause, kinds_open, poll, row, state, told
from tests.world import World, line

# Not fitting the order


def test_a_return_of_more_than_was_dispatched_is_held(gone: World) -> None:
    gone.northgate.asks_back(5001, 3)
    poll(gone)

    assert acknowledge(gone).state == "held"

    assert told(gone) == []
    assert ("return-mismatch", "northgate/r-1") in gone.causes()
    assert "3 units of line 1, where 2 were dispatched" in cause(gone, "return-mismatch").sentence


def test_a_return_of_an_unknown_line_is_held(gone: World) -> None:
    gone.northgate.asks_back(5001, order_item={"line_reference": "7", "part_number": "x"})
    poll(gone)

    assert acknowledge(gone).state == "held"


def test_a_return_that_the_retailer_corrects_is_judged_afresh(gone: World) -> None:
    gone.northgate.asks_back(5001, 3)
    poll(gone)
    acknowledge(gone)

    gone.northgate.asks_back(5001, 1)
    poll(gone)
    gone.settle()

    assert told(gone) == [[WANTED]]
    assert kinds_open(gone) == ["return-to-authorise"]


def test_a_return_that_is_authorised_in_the_portal_needs_no_acknowledgement(gone: World) -> None:
    gone.northgate.asks_back(5001, 3)
    poll(gone)
    acknowledge(gone)

    gone.northgate.portal("RMA_AUTHORISED")
    poll(gone)
    gone.settle()

    assert gone.causes() == []
    assert gone.items() == []
    assert told(gone) == []


def test_what_was_dispatched_in_the_portal_may_come_back(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.settle()
    shop.northgate.shows(5001, "DISPATCH")
    shop.northgate.asks_back(5001)

    poll(shop)
    shop.settle()

    assert told(shop) == [[WANTED]]


def test_a_return_without_an_id_is_reported(gone: World) -> None:
    gone.northgate.asks_back(5001, id=None)

    assert poll(gone) == "done"

    assert gone.causes() == [("return-mismatch", "northgate/PO-1")]


def test_one_that_cannot_be_read_does_not_keep_another_waiting(gone: World) -> None:
    odd = {"quantity": "many", "order_item": None, "return_reason": None, "requested_at": None, "status": 7}
    gone.northgate.asks_back(5001, name="odd", **odd)
    gone.northgate.asks_back(5001)

    poll(gone)
    gone.settle()

    assert told(gone) == [[WANTED]]


# Lost answers and refusals


def test_after_a_lost_answer_a_look_finds_it_acknowledged(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.lose_answer("return_acknowledge", LookFirst("lost"))
    assert acknowledge(gone).state == "again"

    gone.wait(30)
    assert acknowledge(gone).state == "done"

    assert len(told(gone)) == 1
    assert state(gone) is ReturnState.ACKNOWLEDGED
    assert row(gone).acknowledging_since is None


def test_after_a_lost_call_a_look_finds_it_new_and_it_is_sent_again(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.fail("return_acknowledge", LookFirst("lost"))
    acknowledge(gone)

    gone.wait(30)
    assert acknowledge(gone).state == "done"

    assert len(told(gone)) == 2
    assert state(gone) is ReturnState.ACKNOWLEDGED


def test_a_call_that_never_went_out_is_repeated_without_a_look(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.fail("return_acknowledge", TryAgain("away"))
    assert acknowledge(gone).state == "again"

    gone.wait(30)
    acknowledge(gone)

    assert len(gone.northgate.said("returns")) == 1
    assert state(gone) is ReturnState.ACKNOWLEDGED


def test_a_refusal_because_somebody_was_quicker_is_success(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.portal("RMA_AUTHORISED")

    assert acknowledge(gone).state == "done"

    assert state(gone) is ReturnState.AUTHORISED
    assert gone.causes() == []


def test_any_other_refusal_waits_for_a_person(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.fail("return_acknowledge", Refused("no such route", status=400))

    assert acknowledge(gone).state == "held"
    assert ("return-refused", "northgate/r-1") in gone.causes()

    poll(gone)
    assert acknowledge(gone).state == "idle"
    gone.northgate.portal("RMA_ACK")
    poll(gone)
    gone.settle()
    assert kinds_open(gone) == ["return-to-authorise"]
    assert gone.items() == []


def test_a_refused_credential_is_no_refusal_of_the_return(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.northgate.fail("return_acknowledge", Refused("not yours", status=403))

    assert acknowledge(gone).state == "again"

    assert "return-refused" not in kinds_open(gone)
    assert row(gone).acknowledging_since is None
