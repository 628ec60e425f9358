"""An order has one invoice that counts, and what may be over there is never written over."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integration.storage import Store, invoices, orders
from integration.storage.invoices import InvoiceState, StoredInvoice
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def order_id(store: Store) -> int:
    return make_order(store, "PO-1")


def make_order(store: Store, reference: str) -> int:
    with store.write() as db:
        orders.receive(db, "northgate", reference, 5001, {}, NOW)
        found = orders.by_subject(db, f"northgate/{reference}")
    assert found is not None
    return found.id


def body(price: str = "10.00", tax: str = "2.00") -> dict[str, Any]:
    return {"currency_code": "GBP", "lines": [{"subtotal": price, "tax": tax}, {"subtotal": "0.10", "tax": "0.02"}]}


def begin(store: Store, order_id: int, attempt: int = 1, number: str = "HF-1", price: str = "10.00") -> bool:
    with store.write() as db:
        return invoices.begin_sending(db, order_id, attempt, number, body(price), NOW)


def newest(store: Store, order_id: int) -> StoredInvoice:
    with store.read() as db:
        found = invoices.newest(db, order_id)
    assert found is not None
    return found


def accept(store: Store, order_id: int) -> bool:
    with store.write() as db:
        return invoices.accepted(db, newest(store, order_id).id, LATER)


def test_an_order_without_an_invoice_has_none(store: Store, order_id: int) -> None:
    with store.read() as db:
        assert (invoices.newest(db, order_id), invoices.of_order(db, order_id)) == (None, [])


def test_amounts_are_summed_over_the_lines_to_the_penny(store: Store, order_id: int) -> None:
    begin(store, order_id)
    found = newest(store, order_id)
    assert (found.net, found.tax, found.total, found.currency) == (
        Decimal("10.10"), Decimal("2.02"), Decimal("12.12"), "GBP",
    )  # fmt: skip


def test_what_may_be_over_there_is_not_written_over(store: Store, order_id: int) -> None:
    assert begin(store, order_id)
    assert not begin(store, order_id, number="HF-9", price="99.00")
    found = newest(store, order_id)
    assert (found.number, found.body, found.state) == ("HF-1", body(), InvoiceState.IN_DOUBT)


def test_what_is_known_not_to_be_there_may_say_something_else(store: Store, order_id: int) -> None:
    begin(store, order_id)
    with store.write() as db:
        invoices.not_sent(db, newest(store, order_id).id)
    assert newest(store, order_id).state is InvoiceState.NOT_SENT

    assert begin(store, order_id, number="HF-9", price="99.00")

    found = newest(store, order_id)
    assert (found.attempt, found.number, found.body) == (1, "HF-9", body("99.00"))


def test_racing_runs_send_one_invoice(store: Store, order_id: int) -> None:
    began = race(*[lambda: begin(store, order_id)] * 6)
    assert sum(began) == 1
    with store.read() as db:
        assert len(invoices.of_order(db, order_id)) == 1


def test_an_invoice_is_accepted_once_and_stays_as_it_was_sent(store: Store, order_id: int) -> None:
    begin(store, order_id)
    assert accept(store, order_id)
    assert not accept(store, order_id)
    assert not begin(store, order_id, price="99.00")
    with store.write() as db:
        assert not invoices.not_sent(db, newest(store, order_id).id)
    found = newest(store, order_id)
    assert (found.state, found.accepted_at, found.sending_since, found.body) == (
        InvoiceState.ACCEPTED, LATER, None, body(),
    )  # fmt: skip


def test_only_an_accepted_invoice_is_replaced_and_only_once(store: Store, order_id: int) -> None:
    begin(store, order_id)
    first = newest(store, order_id).id
    with store.write() as db:
        assert not invoices.replaced(db, first, LATER)
    accept(store, order_id)
    assert sum(race(*[lambda: _replace(store, first)] * 4)) == 1
    assert newest(store, order_id).state is InvoiceState.REPLACED

    assert begin(store, order_id, attempt=2, number="HF-1-2")
    with store.read() as db:
        assert [each.number for each in invoices.of_order(db, order_id)] == ["HF-1", "HF-1-2"]
    assert newest(store, order_id).attempt == 2


def _replace(store: Store, invoice_id: int) -> bool:
    with store.write() as db:
        return invoices.replaced(db, invoice_id, LATER)


def test_a_number_of_another_invoice_is_taken(store: Store, order_id: int) -> None:
    begin(store, order_id)
    with store.read() as db:
        assert not invoices.is_taken(db, "HF-1", order_id, 1)
        assert invoices.is_taken(db, "HF-1", order_id, 2)
        assert invoices.is_taken(db, "HF-1", order_id + 1, 1)
        assert not invoices.is_taken(db, "HF-2", order_id + 1, 1)


def test_what_a_person_saw_to_has_no_amounts_of_ours(store: Store, order_id: int) -> None:
    begin(store, order_id)
    with store.write() as db:
        assert invoices.settled_by_hand(db, order_id, 1, "portal", LATER)
        assert not invoices.settled_by_hand(db, order_id, 1, "portal", LATER)
    found = newest(store, order_id)
    assert (found.state, found.number, found.total) == (InvoiceState.BY_HAND, "HF-1", None)


def test_a_person_may_see_to_an_invoice_that_was_never_made(store: Store, order_id: int) -> None:
    with store.write() as db:
        assert invoices.settled_by_hand(db, order_id, 1, "portal", LATER)
    assert newest(store, order_id).state is InvoiceState.BY_HAND
    assert not begin(store, order_id)
