"""One screen tells of an order where it is, who must act until when, and all that happened to it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from integration import kinds, steps
from integration.cli.orders import WIDTH, page
from integration.flows import order_report
from integration.lifecycle import LineState
from integration.problems import LookFirst, Problem, Refused, TryAgain
from integration.storage import causes, journal
from tests.flows.invoicing import leave
from tests.flows.ordering import PO, acknowledge, confirm, place
from tests.world import World, line

Command = Callable[..., Result]
ACKNOWLEDGE_BY, DISPATCH_BY = "Tue 03 Mar 11:00", "Wed 04 Mar 23:59"
"""PO-1 was ordered on Monday, 2 March, at 11:00; Northgate wants an answer in 24 hours and the goods in 2 days."""


def order(world: World, reference: str = "PO-1") -> dict[str, Any]:
    (found,) = order_report.order(world.services, reference)
    return found


def waits_for(world: World, reference: str = "PO-1") -> str:
    return str(order(world, reference)["waits_for"])


@pytest.fixture
def placed(shop: World) -> World:
    """PO-1, three T-shirts, is confirmed in Centra as order 1200 and acknowledged."""
    for act in (place, confirm, acknowledge):
        assert act(shop).state == "done"
    return shop


# Whom it waits for


def test_a_new_order_waits_for_the_integration(shop: World) -> None:
    assert waits_for(shop) == f"the integration: create it in Centra by {ACKNOWLEDGE_BY}"
    place(shop)
    assert waits_for(shop) == (
        f"the integration: confirm it in Centra by {DISPATCH_BY}; the integration: acknowledge it by {ACKNOWLEDGE_BY}"
    )


def test_a_held_order_waits_for_the_owner_of_the_cause(shop: World) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    place(shop, "northgate/PO-2")
    assert waits_for(shop, "PO-2") == "catalogue: unmapped SKU (exception 1) by Mon 02 Mar 13:00"
    (cause,) = order(shop, "PO-2")["causes"]
    assert (cause["owner"], cause["manual"]) == ("catalogue", "integration/manual/unmapped-sku.md")


def test_an_acknowledged_order_waits_for_the_warehouse(placed: World) -> None:
    assert waits_for(placed) == f"the warehouse: ship 3 of TEE-M by {DISPATCH_BY}"


def test_what_left_waits_for_the_integration_and_the_rest_for_the_warehouse(placed: World) -> None:
    placed.centra.ships(1200, {12000: 2})
    placed.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert waits_for(placed) == (
        f"the integration: announce a shipment by {DISPATCH_BY}; the warehouse: ship 1 of TEE-M by {DISPATCH_BY}"
    )
    placed.run(steps.DISPATCHES_ANNOUNCE, "northgate/41")
    assert waits_for(placed) == f"the warehouse: ship 1 of TEE-M by {DISPATCH_BY}"


def test_an_order_that_is_over_waits_for_nobody(placed: World) -> None:
    placed.centra.ships(1200, {12000: 3})
    placed.do(steps.DISPATCHES_ANNOUNCE, "northgate/41")
    placed.settle()
    found = order(placed)
    assert (found["state"], found["waits_for"]) == ("dispatched", "nobody: it is over")
    assert {each["clock"] for each in found["deadlines"]["clocks"] if each["met_at"]} == {"acknowledge", "dispatch"}


def test_a_wish_to_cancel_is_settled_and_confirmed_by_the_integration(placed: World) -> None:
    placed.northgate.wants_cancelled(5001)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    assert waits_for(placed) == "the integration: settle the cancellation in Centra"
    placed.run(steps.CANCELLATIONS_SETTLE, PO)
    assert waits_for(placed) == "the integration: confirm the cancellation to the retailer"
    placed.run(steps.CANCELLATIONS_CONFIRM, PO)
    placed.settle()
    assert waits_for(placed) == "nobody: it is over"


def test_a_wish_that_came_too_late_waits_for_the_warehouse(placed: World) -> None:
    placed.centra.ships(1200, {12000: 3}, is_shipped=False)
    placed.northgate.wants_cancelled(5001)
    placed.do(steps.CANCELLATIONS_POLL, "northgate")
    placed.run(steps.CANCELLATIONS_SETTLE, PO)
    assert waits_for(placed) == f"the warehouse: ship 3 of TEE-M by {DISPATCH_BY}"


def test_units_that_staff_cancelled_wait_for_the_retailer(placed: World) -> None:
    placed.centra.cancels(1200, {12000: 1})
    placed.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert waits_for(placed) == (
        f"the warehouse: ship 2 of TEE-M by {DISPATCH_BY}; "
        "the retailer: cancel 1 of TEE-M in the portal; it is cancelled in Centra"
    )
    assert [cause["kind"] for cause in order(placed)["causes"]] == ["cancelled-in-centra"]


def test_what_is_switched_off_waits_for_operations(shop: World) -> None:
    place(shop)
    confirm(shop)
    shop.change("northgate", switches={"acknowledgements": False})
    acknowledge(shop)
    assert waits_for(shop) == "operations: acknowledgements are switched off for Northgate & Co"


def test_lines_without_stock_wait_for_stock(placed: World) -> None:
    made = placed.centra.made[1200]
    short = tuple(each.model_copy(update={"allocated": 1}) for each in made.lines)
    placed.centra.made[1200] = made.model_copy(update={"lines": short})
    placed.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert waits_for(placed) == (
        f"the warehouse: ship 1 of TEE-M by {DISPATCH_BY}; operations: find stock for 2 of TEE-M by {DISPATCH_BY}"
    )


def test_a_return_waits_for_who_may_decide_it_and_then_for_the_customer(placed: World) -> None:
    placed.centra.ships(1200, {12000: 3})
    placed.do(steps.DISPATCHES_ANNOUNCE, "northgate/41")
    placed.settle()
    placed.northgate.asks_back(5001)
    placed.do(steps.RETURNS_POLL, "northgate")
    assert "returns.acknowledge northgate/r-1" in order(placed)["pending"]
    placed.settle()
    assert waits_for(placed).startswith("operations: authorise or decline a return in the portal (exception")
    placed.northgate.portal("RMA_AUTHORISED")
    placed.do(steps.RETURNS_POLL, "northgate")
    assert waits_for(placed) == "the customer: send back 1 of line 1"
    (seen,) = order(placed)["returns"]
    assert (seen["quantity"], seen["state"]) == (1, "authorised")


# What is shown


def test_every_step_that_is_open_is_shown(placed: World) -> None:
    subjects = [
        steps.ORDERS_PLACE, steps.ORDERS_CONFIRM, steps.ORDERS_ACKNOWLEDGE, steps.BACKORDERS_ANNOUNCE,
        steps.CANCELLATIONS_SETTLE, steps.CANCELLATIONS_CONFIRM, steps.DISPATCHES_REHEARSE, steps.INVOICES_SEND,
    ]  # fmt: skip
    for step in subjects:
        placed.ask(step, PO)
    assert order(placed)["pending"].keys() == {f"{step.name} {PO}" for step in subjects}


def test_the_work_of_another_order_is_not_shown(placed: World) -> None:
    placed.orders("northgate", 5041, "41", line("1", "71000001"))
    placed.do(steps.ORDERS_POLL, "northgate")
    placed.centra.ships(1200, {12000: 3})
    placed.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    # Shipment 41 of PO-1 and order 41 have one subject, and steps of their own.
    assert order(placed)["pending"].keys() == {"dispatches.announce northgate/41"}
    assert order(placed, "northgate/41")["pending"].keys() == {"orders.place northgate/41"}


def test_lines_shipments_and_clocks_are_shown(placed: World) -> None:
    placed.centra.ships(1200, {12000: 2})
    placed.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    placed.settle()
    placed.wait(6 * 3600)
    found = order(placed)
    (shown,) = found["lines"]
    assert (shown["state"], shown["quantity"], shown["dispatched"]) == (LineState.ACKNOWLEDGED, 3, 2)
    (shipment,) = found["shipments"]
    assert (shipment["units"], shipment["carrier"]) == ({"1": 2}, "royal-mail")
    assert shipment["tracking_number"] == "TRACK41"
    assert shipment["announced_at"] is not None
    clocks = {each["clock"]: each for each in found["deadlines"]["clocks"]}
    assert clocks["acknowledge"]["met_at"] is not None
    # From Monday, 11:00, to Wednesday, 23:59, are 61 hours; seven are over.
    assert clocks["dispatch"]["percent"] == 11
    assert found["deadlines"]["dispatch_by"] == clocks["dispatch"]["due_at"]


def test_an_invoice_is_shown_with_its_amounts(placed: World) -> None:
    placed.change("northgate", invoices={"enabled": True, "retailer_id": "3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11"})
    leave(placed, {"1": 3})
    placed.do(steps.INVOICES_SEND, PO)
    (cause,) = order(placed)["causes"]
    assert cause["kind"] == "invoice-incomplete"
    assert waits_for(placed).startswith("finance: invoice incomplete (exception")


def test_causes_of_its_shipments_are_shown_the_most_urgent_first(placed: World) -> None:
    facts = {"retailer": "Northgate", "reference": "PO-1"}
    with placed.store.write() as db:
        causes.open_for(db, [
            Problem(kinds.DISPATCH_INCOMPLETE, f"{PO}/41", facts), Problem(kinds.DISPATCH_REFUSED, f"{PO}/42", facts),
            Problem(kinds.DISPATCH_REFUSED, "northgate/PO-10/42", facts),
        ], placed.at, item_id=None)  # fmt: skip
    assert [each["kind"] for each in order(placed)["causes"]] == ["dispatch-refused", "dispatch-incomplete"]


def test_a_test_order_says_so_and_shows_that_nobody_packs_it(shop: World) -> None:
    shop.orders("northgate", 5002, "PO-2", line("1", "71000001"), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    place(shop, "northgate/PO-2")
    acknowledge(shop, "northgate/PO-2")
    found = order(shop, "PO-2")
    assert found["rehearsal"] is True
    assert found["waits_for"].startswith("the integration: rehearse its dispatch by")


# On the screen


def text(world: World, reference: str = "PO-1") -> str:
    return "\n".join(page(order(world, reference), world.at))


def busy(world: World) -> None:
    """Much happens to PO-1, in long words."""
    world.centra.ships(1200, {12000: 1})
    world.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    world.settle()
    world.northgate.fail("dispatch", Refused("a long story about what is wrong with it. " * 8, status=400))
    world.centra.ships(1200, {12000: 1}, shipment=42)
    world.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    world.settle()
    world.northgate.wants_cancelled(5001)
    world.do(steps.CANCELLATIONS_POLL, "northgate")
    world.northgate.lose_answer("cancel_acknowledge", LookFirst("the answer was lost, " + "and lost again, " * 9))
    with world.store.write() as db:
        journal.tell(db, "order", PO, "told", world.at, number="x" * 150)


def test_no_line_is_wider_than_the_screen(placed: World) -> None:
    busy(placed)
    lines = text(placed).splitlines()
    assert len(lines) > 20
    assert [each for each in lines if len(each) > WIDTH] == []


def test_the_command_prints_the_page(placed: World, cvsync: Command) -> None:
    busy(placed)
    result = cvsync("order", "PO-1")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert "Waits for" in result.stdout


def test_people_read_times_on_the_retailers_clock(shop: World) -> None:
    shop.at = shop.at.replace(month=7)
    shop.orders("northgate", 5002, "PO-2", line("1", "71000001"), order_date="2026-07-02T12:30:00")
    shop.do(steps.ORDERS_POLL, "northgate")
    # Noon in UTC is one o'clock in a British summer.
    assert "Thu 02 Jul 2026 13:00 received" in text(shop, "PO-2")
    assert "times are those of Europe/London" in text(shop, "PO-2").replace("\n  ", " ")


def test_what_went_wrong_last_is_on_the_page(shop: World) -> None:
    shop.centra.fail("create_order", TryAgain("Centra is away"))
    place(shop)
    shop.wait(300)
    assert f"orders.place {PO}, asked for 5 min ago: Centra is away" in text(shop)


def test_a_missed_and_a_late_deadline_are_told_apart(shop: World) -> None:
    place(shop)
    confirm(shop)
    shop.wait(30 * 3600)
    assert "MISSED" in text(shop)
    acknowledge(shop)
    assert "MISSED" not in text(shop)
    assert "late" in text(shop)


def test_nothing_personal_is_on_the_page(placed: World, cvsync: Command) -> None:
    busy(placed)
    for words in (("order", "PO-1"), ("order", "PO-1", "--json")):
        shown = cvsync(*words).stdout
        for personal in ("Ada", "King", "Mill Lane", "LS1", "ada@"):
            assert personal not in shown


def test_the_json_document_has_what_others_rely_on(placed: World, cvsync: Command) -> None:
    found = json.loads(cvsync("order", "PO-1", "--json").stdout)
    assert {
        "reference", "retailer", "state", "centra_order", "lines", "held_by", "deadlines", "timeline", "rehearsal",
        "waits_for", "shipments", "returns", "invoices", "pending", "causes",
    } <= found.keys()  # fmt: skip
    assert {"acknowledge_by", "dispatch_by", "clocks"} == found["deadlines"].keys()
    assert found["others"] == []
