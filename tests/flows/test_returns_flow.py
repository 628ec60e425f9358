"""A return is seen at both ends, acknowledged once, and asks people only for what no call can do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from integration import steps
from integration.domain.returns import ReturnState
from integration.flows import intake
from integration.flows.work import Outcome
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain
from integration.storage import journal, order_lines, orders, returns
from integration.storage.returns import StoredReturn
from tests.world import CAUSE, World, line

PO = "northgate/PO-1"
WANTED = {"part_number": "71000001", "line_ref": "1", "quantity": 1}


@pytest.fixture
def gone(shop: World) -> World:
    """Northgate's order of two T-shirts and a cap was dispatched an hour ago; it is order 1200 in Centra."""
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"), line("2", "71000002", 1))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.settle()
    shop.centra.ships(1200, {12000: 2, 12001: 1})
    assert shop.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    shop.settle()
    shop.wait(3600)
    shop.northgate.calls.clear()
    assert shop.causes() == []
    return shop


def poll(world: World, retailer: str = "northgate") -> str:
    return world.do(steps.RETURNS_POLL, retailer).state


def acknowledge(world: World, name: str = "r-1") -> Outcome:
    return world.run(steps.RETURNS_ACKNOWLEDGE, f"northgate/{name}")


def told(world: World) -> list[Any]:
    return world.northgate.said("return_acknowledge")


def row(world: World, name: str = "r-1") -> StoredReturn:
    with world.store.read() as db:
        return returns.get(db, name)


def state(world: World, name: str = "r-1") -> ReturnState:
    return row(world, name).state


def story(world: World) -> list[str]:
    with world.store.read() as db:
        return [each["what"] for each in journal.story(db, "order", PO) if "return" in each["what"]]


def cause(world: World, kind: str) -> Any:
    with world.store.read() as db:
        return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == kind, CAUSE.c.closed_at.is_(None))).one()


def kinds_open(world: World) -> list[str]:
    return [kind for kind, _ in world.causes()]


def centra_tells(world: World, number: int = 61) -> None:
    """A webhook about a return comes in and is absorbed."""
    world.wait(60)
    event = {"type": "return", "action": "update", "id": number, "date": f"{world.at:%Y-%m-%d %H:%M:%S}"}
    assert intake.store_webhook(world.services, {"events": [event]}) == 1
    assert world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"


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
    gone.centra.tells("ProductSize", 11)
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
