"""What left is invoiced once: under one number, whatever is lost on the way, and anew only when a person says so."""

from collections.abc import Callable
from typing import Any

import pytest

from integration import kinds, steps
from integration.flows import invoices, mappings, mappings_afresh
from integration.people import Door, Person, Role
from integration.problems import LookFirst, Throttled, TryAgain
from integration.storage import invoices as on_record
from integration.storage import order_lines
from integration.storage.invoices import InvoiceState, StoredInvoice
from integration.virtualstock.invoices import Invoice
from tests.flows.invoicing import (
    DAY,
    again,
    attempts,
    cancel,
    leave,
    mended,
    refused,
    replace,
    said,
    send,
    states,
    told,
)
from tests.flows.ordering import PO, acknowledge, confirm, place, stored
from tests.world import World, line

ADA = Person("ada", Role.OPERATOR, Door.CONSOLE)

UUID = "3f0f7f0c-4f0e-4e5e-9b7e-0d3b6a1f2c11"
LOST = LookFirst("the answer was lost")
RULES: dict[str, Any] = {"enabled": True, "retailer_id": UUID, "number_prefix": "NG-"}


@pytest.fixture
def bought(shop: World) -> World:
    """Northgate, which is invoiced, has ordered two T-shirts for 24.00 and a cap for 6.00; they are in Centra."""
    shop.change("northgate", invoices=RULES)
    shirts = line("1", "71000001", 2, "24.00") | {"subtotal": "20.00", "tax": "4.00", "tax_rate": "20.00"}
    cap = line("2", "71000002", 1, "6.00") | {"subtotal": "5.00", "tax": "1.00", "tax_rate": "20.00"}
    shop.orders("northgate", 5001, "PO-1", shirts, cap)
    assert shop.do(steps.ORDERS_POLL, "northgate").state == "done"
    for act in (place, confirm, acknowledge):
        assert act(shop).state == "done"
    return shop


@pytest.fixture
def over(bought: World) -> World:
    """Both T-shirts left, the cap was cancelled."""
    leave(bought, {"1": 2})
    cancel(bought, "2")
    return bought


def test_what_left_is_invoiced_at_the_retailers_price_with_the_day_it_left(over: World) -> None:
    assert send(over).state == "done"

    (body,) = said(over)
    assert (body["retailer_id"], body["retailer_order_reference"], body["invoice_number"], body["invoice_date"]) == (
        UUID, "PO-1", "NG-1200", DAY,
    )  # fmt: skip
    (shirts,) = body["lines"]
    assert shirts.items() >= {
        "order_line_reference": "1", "quantity": 2, "unit_price": "10.00", "subtotal": "20.00", "tax": "4.00",
        "supply_date": DAY, "supplier_sku": "TEE-M", "retailer_sku": "71000001",
    }.items()  # fmt: skip
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]
    (entry,) = told(over, "invoiced")
    assert (entry["number"], entry["total"]) == ("NG-1200", "24.00 GBP")


def test_the_day_of_a_line_is_that_of_its_last_parcel(bought: World) -> None:
    leave(bought, {"1": 1, "2": 1}, day="2026-03-02", shipment=41)
    leave(bought, {"1": 1}, day="2026-02-28", shipment=42)
    send(bought)
    assert [each["supply_date"] for each in said(bought)[0]["lines"]] == ["2026-03-02", "2026-03-02"]


def test_an_order_is_invoiced_once_however_often_it_is_asked_for(over: World) -> None:
    assert [send(over).state for _ in range(3)] == ["done"] * 3
    assert len(said(over)) == 1
    assert len(told(over, "invoiced")) == 1


def _whole(world: World) -> None:
    leave(world, {"1": 2, "2": 1})


def _half(world: World) -> None:
    leave(world, {"1": 2})


def _nothing(world: World) -> None:
    cancel(world, "1", "2")


def _not_ours(world: World) -> None:
    _whole(world)
    world.change("northgate", invoices={"enabled": False})


@pytest.mark.parametrize("happens", [_half, _nothing, _not_ours])
def test_there_is_nothing_to_invoice(bought: World, happens: Callable[[World], None]) -> None:
    happens(bought)
    assert send(bought).state == "done"
    assert (said(bought), attempts(bought)) == ([], [])


def test_a_rehearsal_is_not_invoiced(shop: World) -> None:
    shop.change("northgate", invoices=RULES, test_orders={"warehouse": False, "carrier": "royal-mail"})
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001"), test_flag=True)
    shop.do(steps.ORDERS_POLL, "northgate")
    assert stored(shop).rehearsal
    with shop.store.write() as db:
        order_lines.count_dispatched(db, stored(shop), {"1": 1}, shop.at, "rehearsed")
    assert send(shop).state == "done"
    assert said(shop) == []


def test_an_order_that_is_not_known_is_none_to_invoice(shop: World) -> None:
    assert shop.do(steps.INVOICES_SEND, "northgate/PO-404").state == "done"


def test_it_is_written_down_before_the_call_with_exactly_what_is_said(over: World) -> None:
    seen: list[StoredInvoice] = []
    over.northgate.meanwhile("invoice", lambda: seen.extend(attempts(over)))
    send(over)
    assert (seen[0].state, seen[0].body) == (InvoiceState.IN_DOUBT, said(over)[0])


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_lost_answer_the_same_invoice_is_sent_again(over: World, arrived: bool) -> None:
    (over.northgate.lose_answer if arrived else over.northgate.fail)("invoice", LOST)
    assert send(over).state == "again"
    assert states(over) == [("NG-1200", InvoiceState.IN_DOUBT)]
    # Neither the day nor new rules change what may be over there already.
    over.change("northgate", invoices={"number_prefix": "XX-"})
    over.wait(86_400)

    assert again(over).state == "done"

    first, second = said(over)
    assert first == second
    assert len(over.northgate.invoices) == 1
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]
    assert len(told(over, "found invoiced" if arrived else "invoiced")) == 1


@pytest.mark.parametrize("failure", [TryAgain("away"), Throttled("wait", wait=1)])
def test_a_call_that_did_not_happen_leaves_no_doubt_of_its_own_but_does_not_end_an_older_one(
    over: World, failure: TryAgain
) -> None:
    over.northgate.fail("invoice", failure)
    assert send(over).state == "again"
    assert states(over) == [("NG-1200", InvoiceState.NOT_SENT)]
    over.northgate.lose_answer("invoice", LOST)
    assert again(over).state == "again"
    over.northgate.fail("invoice", failure)
    assert again(over).state == "again"
    assert states(over) == [("NG-1200", InvoiceState.IN_DOUBT)]

    assert again(over).state == "done"

    assert len(over.northgate.invoices) == 1
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]


def test_an_error_of_theirs_may_have_taken_it(over: World) -> None:
    over.northgate.lose_answer("invoice", refused("UNEXPECTED_ERROR"))
    assert send(over).state == "again"
    assert states(over) == [("NG-1200", InvoiceState.IN_DOUBT)]
    assert again(over).state == "done"
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]


def test_a_run_that_died_before_its_call_is_made_good(over: World) -> None:
    planned = invoices.plan(over.services, stored(over))
    assert isinstance(planned, Invoice)
    with over.store.write() as db:
        on_record.begin_sending(db, stored(over).id, 1, planned.invoice_number, planned.to_json(), over.at)
    assert send(over).state == "done"
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]


def test_a_slow_run_and_the_one_that_took_over_send_one_invoice(over: World) -> None:
    over.northgate.meanwhile("invoice", lambda: invoices.send(over.services, PO))
    assert send(over).state == "done"
    assert len(over.northgate.invoices) == 1
    assert said(over)[0] == said(over)[1]
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]
    assert told(over, "invoice refused") == []


def test_an_order_that_is_not_over_there_yet_waits_and_is_judged_afresh(over: World) -> None:
    over.northgate.shows(5001, "ORDER_ACK", "1")
    assert send(over).state == "again"
    over.northgate.shows(5001, "DISPATCH", "1")
    over.wait(86_400)

    assert again(over).state == "done"

    assert said(over)[-1]["invoice_date"] == "2026-03-03"
    assert told(over, "invoice refused") == []


@pytest.mark.parametrize(
    "code", ["RETAILER_NOT_FOUND", "DUPLICATED_INVOICE_NUMBER", "ORDER_ALREADY_INVOICED", "NEW", None]
)
def test_what_a_person_must_mend_is_held_with_the_sentence(over: World, code: str | None) -> None:
    over.northgate.fail("invoice", refused(code))
    outcome = send(over)
    assert outcome.state == "held"
    assert over.causes() == [("invoice-refused", PO)]
    (entry,) = told(over, "invoice refused")
    assert (entry["code"], entry["number"]) == (code, "NG-1200")
    assert states(over) == [("NG-1200", InvoiceState.NOT_SENT)]


def test_a_refused_invoice_is_made_anew_from_what_was_mended(over: World) -> None:
    over.northgate.fail("invoice", refused("RETAILER_NOT_FOUND"))
    send(over)
    over.change("northgate", invoices={"retailer_id": "another", "number_prefix": "AB-"})

    assert mended(over).state == "done"

    assert (said(over)[-1]["retailer_id"], said(over)[-1]["invoice_number"]) == ("another", "AB-1200")
    assert states(over) == [("AB-1200", InvoiceState.ACCEPTED)]
    assert over.causes() == []


def test_a_clear_refusal_after_a_lost_answer_ends_the_doubt(over: World) -> None:
    over.northgate.fail("invoice", LOST, refused("RETAILER_NOT_FOUND"))
    send(over)
    assert again(over).state == "held"
    over.change("northgate", invoices={"retailer_id": "another"})
    assert mended(over).state == "done"
    assert [each["retailer_id"] for each in said(over)] == [UUID, UUID, "another"]


def test_a_credential_that_is_refused_is_no_fault_of_the_invoice(over: World) -> None:
    over.northgate.fail("invoice", refused(None, status=403))
    assert send(over).state == "again"
    assert states(over) == [("NG-1200", InvoiceState.NOT_SENT)]
    assert [kind for kind, _ in over.causes()] == ["credential-refused"]


def test_what_cannot_be_made_is_held_until_new_rules_are_published(over: World) -> None:
    over.change("northgate", invoices={"retailer_id": None})
    outcome = send(over)
    assert outcome.state == "held"
    assert "UUID" in outcome.reason
    assert (said(over), attempts(over)) == ([], [])
    over.change("northgate", invoices={"retailer_id": UUID})
    carriers = tuple(row for row in over.rules.carriers if row.slug in ("royal-mail", "dpd", "parcelforce"))
    rules = over.rules.model_copy(update={"carriers": carriers})
    assert mappings.publish(over.services, rules, person=ADA, reason="the UUID").released == 1
    assert again(over).state == "done"
    assert len(said(over)) == 1


def test_every_kind_of_this_flow_is_judged_afresh_by_new_rules() -> None:
    assert {kinds.INVOICE_INCOMPLETE.code, kinds.INVOICE_REFUSED.code} <= set(mappings_afresh.ANSWERED)


def test_a_number_of_another_invoice_of_ours_is_not_used_twice(over: World) -> None:
    over.orders("northgate", 5002, "PO-2", line("1", "71000001"))
    over.do(steps.ORDERS_POLL, "northgate")
    with over.store.write() as db:
        on_record.begin_sending(db, stored(over, "northgate/PO-2").id, 1, "NG-1200", {}, over.at)
    outcome = send(over)
    assert (outcome.state, said(over)) == ("held", [])
    assert "NG-1200" in outcome.reason


def test_a_rejected_invoice_is_replaced_by_one_with_a_new_number(over: World) -> None:
    send(over)
    over.northgate.rejected.add("NG-1200")

    assert replace(over)
    assert over.run(steps.INVOICES_SEND, PO).state == "done"

    assert states(over) == [("NG-1200", InvoiceState.REPLACED), ("NG-1200-2", InvoiceState.ACCEPTED)]
    assert [each.invoice_number for each in over.northgate.standing()] == ["NG-1200-2"]
    (entry,) = told(over, "invoice replaced")
    assert (entry["number"], entry["by"], entry["reason"]) == ("NG-1200", "ada", "wrong tax code")


def test_only_what_was_accepted_is_replaced_and_only_once(over: World) -> None:
    assert not replace(over)
    over.northgate.lose_answer("invoice", LOST)
    send(over)
    assert not replace(over)
    again(over)
    assert replace(over)
    assert not replace(over)
    assert not invoices.replace(over.services, "northgate/PO-404", by="ada", reason="?")


def test_nothing_is_replaced_at_a_retailer_that_is_not_invoiced(over: World) -> None:
    send(over)
    over.change("northgate", invoices={"enabled": False})
    assert not replace(over)
    assert states(over) == [("NG-1200", InvoiceState.ACCEPTED)]


def test_an_invoice_that_was_not_rejected_is_not_taken_for_its_replacement(over: World) -> None:
    send(over)
    replace(over)
    over.northgate.fail("invoice", LOST)
    assert over.run(steps.INVOICES_SEND, PO).state == "again"

    assert again(over).state == "held"

    assert [each.invoice_number for each in over.northgate.standing()] == ["NG-1200"]
    assert states(over)[-1] == ("NG-1200-2", InvoiceState.NOT_SENT)


def test_a_replacement_whose_answer_was_lost_is_known_by_its_number(over: World) -> None:
    send(over)
    over.northgate.rejected.add("NG-1200")
    replace(over)
    over.northgate.lose_answer("invoice", LOST)
    assert over.run(steps.INVOICES_SEND, PO).state == "again"
    assert again(over).state == "done"
    assert states(over)[-1] == ("NG-1200-2", InvoiceState.ACCEPTED)


@pytest.mark.parametrize("code", [None, "ORDER_ALREADY_INVOICED"])
def test_what_a_person_saw_to_is_not_sent_any_more(over: World, code: str | None) -> None:
    if code:
        over.northgate.fail("invoice", refused(code))
    else:
        over.change("northgate", invoices={"retailer_id": None})
    assert send(over).state == "held"
    calls = len(said(over))

    assert invoices.settle_by_hand(over.services, PO, "ada: it is in the portal")

    assert over.run(steps.INVOICES_SEND, PO).state == "done"
    assert (over.causes(), len(said(over))) == ([], calls)
    assert [each.state for each in attempts(over)] == [InvoiceState.BY_HAND]
    assert told(over, "invoice settled by hand")[0]["by"] == "ada: it is in the portal"
    assert not invoices.settle_by_hand(over.services, PO, "ada: again")
    assert not invoices.settle_by_hand(over.services, "northgate/PO-404", "ada: what")
