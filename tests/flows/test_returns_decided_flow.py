"""What people do in the portal and in Centra is followed, and they are asked only for what no call can do."""

from datetime import UTC, datetime, timedelta

import pytest

from integration import steps
from integration.domain.returns import ReturnState
from integration.flows import intake
from integration.problems import Refused
from tests.flows.returning import WANTED, acknowledge, cause, centra_tells, kinds_open, poll, row, state, story, told
from tests.world import World

# The portal


@pytest.mark.parametrize(
    ("status", "there", "closed"),
    [
        ("RMA_AUTHORISED", ReturnState.AUTHORISED, False),
        ("RMA_COLLECTION_BOOKED", ReturnState.COLLECTING, False),
        ("RMA_REJ", ReturnState.DECLINED, True),
        ("RMA_REC", ReturnState.APPROVED, True),
        ("RMA_EXC", ReturnState.REJECTED, True),
    ],
)
def test_what_is_done_in_the_portal_is_followed(
    gone: World, status: str, there: ReturnState, closed: bool
) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    acknowledge(gone)

    gone.northgate.portal(status)
    poll(gone)

    assert state(gone) is there
    assert (row(gone).closed_at is not None) == closed
    assert gone.causes() == []


def test_an_old_reading_of_the_list_moves_nothing_back(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_AUTHORISED")
    poll(gone)
    gone.northgate.portal("RMA_ACK")
    poll(gone)

    assert state(gone) is ReturnState.AUTHORISED
    assert gone.causes() == []


def test_a_status_nobody_knows_is_kept_and_reported_and_changes_nothing(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_TELEPORTED")
    poll(gone)
    gone.settle()

    assert (row(gone).status, state(gone)) == ("RMA_TELEPORTED", ReturnState.ASKED)
    assert gone.causes() == [("unknown-status", "northgate/r-1")]
    assert told(gone) == []

    gone.northgate.portal("RMA")
    poll(gone)
    gone.settle()
    assert kinds_open(gone) == ["return-to-authorise"]
    assert told(gone) == [[WANTED]]


# Centra


def test_a_complete_return_in_centra_asks_a_person_to_decide(gone: World) -> None:
    gone.northgate.asks_back(5001, 2)
    gone.northgate.portal("RMA_AUTHORISED")
    poll(gone)

    gone.centra.takes_back(1200, {12000: 2})
    centra_tells(gone)
    assert row(gone).centra_return_id == 61
    assert gone.causes() == []

    gone.centra.takes_back(1200, {12000: 2}, complete=True)
    centra_tells(gone)

    assert state(gone) is ReturnState.BACK
    found = cause(gone, "return-to-decide")
    assert "The return of 2 of line 1 of PO-1" in found.sentence
    # Five working days after Monday, 2 March.
    assert found.due_at == datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC)
    assert story(gone) == [
        "return asked for", "return authorised", "return made in Centra", "return matched with Centra's",
        "return complete in Centra", "return back",
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "there"), [("RMA_REC", "approved"), ("RMA_EXC", "rejected")])
def test_the_decision_in_the_portal_ends_it(gone: World, status: str, there: str) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_AUTHORISED")
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    assert kinds_open(gone) == ["return-to-decide"]

    gone.northgate.portal(status)
    poll(gone)

    assert state(gone) == there
    assert gone.causes() == []


def test_a_collection_that_is_booked_late_does_not_send_the_goods_off_again(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    acknowledge(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    assert kinds_open(gone) == ["return-to-authorise", "return-to-decide"]

    gone.northgate.portal("RMA_COLLECTION_BOOKED")
    poll(gone)

    assert state(gone) is ReturnState.BACK
    assert kinds_open(gone) == ["return-to-decide"]


def test_goods_that_are_back_before_the_return_was_acknowledged_are_acknowledged_too(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    poll(gone)
    acknowledge(gone)

    assert told(gone) == [[WANTED]]
    assert state(gone) is ReturnState.BACK
    assert row(gone).acknowledged_at is not None


def test_a_return_in_centra_may_be_first(gone: World) -> None:
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    assert story(gone) == ["return made in Centra", "return complete in Centra"]
    assert gone.causes() == []

    gone.northgate.asks_back(5001)
    poll(gone)

    assert state(gone) is ReturnState.BACK
    assert row(gone).centra_return_id == 61


def test_fewer_units_than_asked_for_are_named(gone: World) -> None:
    gone.northgate.asks_back(5001, 2)
    gone.northgate.portal("RMA_AUTHORISED")
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)

    assert "1 of the 2 units of line 1" in cause(gone, "return-to-decide").sentence


def test_news_of_what_is_known_asks_for_nothing(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    before = story(gone)

    centra_tells(gone)

    assert story(gone) == before


def test_a_return_that_is_decided_already_asks_for_nothing(gone: World) -> None:
    gone.northgate.asks_back(5001)
    gone.northgate.portal("RMA_REC")
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)

    assert gone.causes() == []
    assert row(gone).centra_return_id == 61


def test_a_return_that_is_deleted_in_centra_makes_room_for_another(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1})
    centra_tells(gone)
    del gone.centra.returned[61]
    centra_tells(gone)
    assert row(gone).centra_return_id is None
    assert story(gone)[-1] == "return deleted in Centra"

    gone.centra.takes_back(1200, {12000: 1}, 62, complete=True)
    centra_tells(gone, 62)

    assert state(gone) is ReturnState.BACK


def test_a_return_that_is_opened_again_in_centra_stands_on_the_timeline_only(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    centra_tells(gone)
    gone.centra.takes_back(1200, {12000: 1})
    centra_tells(gone)

    assert story(gone)[-1] == "return opened again in Centra"
    assert state(gone) is ReturnState.BACK


def test_a_return_of_the_own_shop_is_no_concern(gone: World) -> None:
    gone.centra.takes_back(999, {5: 1}, complete=True)
    centra_tells(gone)

    assert gone.causes() == []
    assert gone.items() == []


def test_a_token_that_may_not_see_returns_keeps_nothing_else_waiting(gone: World) -> None:
    gone.centra.fail("returns", Refused("no permission", code="authorization"))
    gone.centra.tells("Return", 61)
    gone.centra.tells("Order", 1200)
    gone.do(steps.INTAKE_POLL, steps.CENTRA)

    assert gone.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "again"

    assert gone.asked(steps.STOCK_READ) == [steps.CENTRA]
    gone.wait(timedelta(minutes=3).total_seconds())
    assert gone.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"


def test_the_event_list_tells_of_returns_too(gone: World) -> None:
    gone.northgate.asks_back(5001)
    poll(gone)
    gone.centra.takes_back(1200, {12000: 1}, complete=True)
    gone.centra.tells("Return", 61, action="COMPLETED")
    gone.do(steps.INTAKE_POLL, steps.CENTRA)
    gone.run(steps.INTAKE_ABSORB, steps.CENTRA)

    assert state(gone) is ReturnState.BACK


def test_an_event_about_a_return_that_nobody_can_read_is_reported_and_asks_centra_nothing(gone: World) -> None:
    event = {"type": "return", "action": "update", "id": "?", "date": "2026-03-02 12:00:00"}
    intake.store_webhook(gone.services, {"events": [event]})

    assert gone.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"

    assert kinds_open(gone) == ["unreadable-event"]
    assert gone.centra.said("returns") == []
