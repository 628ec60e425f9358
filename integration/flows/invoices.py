"""An order that is over is invoiced once, for what left; after a lost answer the same invoice is sent again, never
another one.

There is no call that reads an invoice, so the look after a lost answer is to repeat it: its number is refused as used
when the first call had arrived. Virtualstock API docs: Invoices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from integration import kinds, steps
from integration.domain.calendars import local
from integration.domain.invoice_refusals import Move, Verdict, verdict
from integration.domain.invoices import invoice_number, to_invoice
from integration.flows.work import Findings
from integration.lifecycle import OVER
from integration.problems import Problem, Refused, TryAgain
from integration.services import Services
from integration.storage import announcements, causes, invoices, journal, order_lines, orders
from integration.storage.announcements import StoredAnnouncement
from integration.storage.invoices import InvoiceState, StoredInvoice
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder
from integration.virtualstock.invoices import Invoice
from integration.virtualstock.schema import Order

_SETTLED = (InvoiceState.ACCEPTED, InvoiceState.BY_HAND)


@dataclass(frozen=True)
class _Delivered:
    """A line as it was delivered, for `to_invoice`."""

    line_reference: str
    part_number: str
    sku: str | None
    dispatched: int
    dispatched_on: date | None


def send(services: Services, subject: str) -> Findings:
    """Invoice an order of which every line is over, unless it is invoiced."""
    with services.store.read() as db:
        order = orders.by_subject(db, subject)
    if order is None:
        return None
    planned = plan(services, order)
    if not isinstance(planned, Invoice):
        return planned
    body = planned.to_json()
    with services.store.write() as db:
        attempt = _attempt(invoices.newest(db, order.id))
        began = invoices.begin_sending(db, order.id, attempt, planned.invoice_number, body, services.now())
        sending = invoices.newest(db, order.id)
    if sending is None or sending.state is not InvoiceState.IN_DOUBT or sending.body != body:
        raise TryAgain(f"another run sends the invoice of {subject}; looking what became of it", wait=2)
    return _send(services, order, sending, sent_before=not began)


def plan(services: Services, order: StoredOrder) -> Invoice | list[Problem] | None:
    """What would be sent now: what may have been sent already, word for word, else an invoice by the newest rules.

    Instead, everything that keeps it from being made, or None where there is nothing to send.
    """
    with services.store.read() as db:
        lines, last = order_lines.lines(db, order.id), invoices.newest(db, order.id)
    if not _is_due(services, order, lines) or (last and last.state in _SETTLED):
        return None
    if last and last.state is InvoiceState.IN_DOUBT:
        return Invoice.read(last.body)
    return plan_invoice(services, order, _attempt(last))


def plan_invoice(services: Services, order: StoredOrder, attempt: int) -> Invoice | list[Problem]:
    """The invoice of an order by the newest rules, or everything that keeps it from being made."""
    if order.centra_number is None:
        return _incomplete(services, order, "the order was never in Centra, whose order number an invoice takes")
    profile = services.rules().retailers[order.retailer]
    number = invoice_number(profile, order.centra_number, attempt)
    with services.store.read() as db:
        lines, told = order_lines.lines(db, order.id), announcements.announcements(db, order.id)
        if invoices.is_taken(db, number, order.id, attempt):
            return _incomplete(services, order, f"number {number} is that of another invoice of ours")
    return to_invoice(
        Order.parse(order.raw), _delivered(lines, told), profile,
        number=number, invoice_date=local(services.now(), profile).date(),
    )  # fmt: skip


def replace(services: Services, subject: str, *, by: str, reason: str) -> bool:
    """The retailer rejected an invoice: the next attempt, under a number of its own, takes its place.

    False: the order has no accepted invoice, or its retailer is not invoiced through Virtualstock.
    """
    now = services.now()
    with services.store.write() as db:
        order = orders.by_subject(db, subject)
        profile = services.rules().retailers.get(order.retailer) if order else None
        last = invoices.newest(db, order.id) if order else None
        if last is None or profile is None or not profile.invoices.enabled or not invoices.replaced(db, last.id, now):
            return False
        journal.tell(db, "order", subject, "invoice replaced", now, number=last.number, by=by, reason=reason)
        services.promise(db, steps.INVOICES_SEND, [subject])
    return True


def settle_by_hand(services: Services, key: str, by: str) -> bool:
    """A person wrote the invoice in the portal, or saw that nothing is owed: it is not sent.

    :param key: the key of an `INVOICE_INCOMPLETE` or `INVOICE_REFUSED` cause. False: no invoice of ours waits there.
    """
    now = services.now()
    with services.store.write() as db:
        order = orders.by_subject(db, key)
        if order is None:
            return False
        attempt = _attempt(invoices.newest(db, order.id))
        number = f"{order.subject} {attempt} by hand"
        if not invoices.settled_by_hand(db, order.id, attempt, number, now):
            return False
        journal.tell(db, "order", order.subject, "invoice settled by hand", now, by=by)
        for kind in (kinds.INVOICE_INCOMPLETE, kinds.INVOICE_REFUSED):
            causes.close_one(db, now, f"settled by {by}", kind.code, key)
    return True


def overview(services: Services, reference: str) -> list[dict[str, Any]]:
    """The invoices of the orders with this reference (or Centra number)."""
    with services.store.read() as db:
        return [
            {
                "reference": found.reference, "retailer": found.retailer, "centra_order": found.centra_number,
                "invoices": [in_brief(each) for each in invoices.of_order(db, found.id)],
            }
            for found in orders.find(db, reference)
        ]  # fmt: skip


def in_brief(invoice: StoredInvoice) -> dict[str, Any]:
    """An invoice as people want to see it."""
    return {
        "attempt": invoice.attempt, "number": invoice.number, "state": invoice.state,
        "net": invoice.net, "tax": invoice.tax, "total": invoice.total, "currency": invoice.currency,
        "made_at": invoice.made_at, "accepted_at": invoice.accepted_at, "replaced_at": invoice.replaced_at,
    }  # fmt: skip


def _is_due(services: Services, order: StoredOrder, lines: Sequence[StoredLine]) -> bool:
    if order.rehearsal or not services.rules().retailers[order.retailer].invoices.enabled:
        return False
    return all(line.state in OVER for line in lines) and any(line.dispatched for line in lines)


def _attempt(last: StoredInvoice | None) -> int:
    if last is None:
        return 1
    return last.attempt + 1 if last.state is InvoiceState.REPLACED else last.attempt


def _delivered(lines: Sequence[StoredLine], told: Sequence[StoredAnnouncement]) -> list[_Delivered]:
    days: dict[str, date] = {}
    for item in (item for each in told if each.announced_at for item in each.items):
        day = date.fromisoformat(item["supplier_dispatch_date"])
        days[item["line_ref"]] = max(day, days.get(item["line_ref"], day))
    return [
        _Delivered(
            line.line_reference, line.part_number, line.sku, line.dispatched, days.get(line.line_reference)
        )
        for line in lines
    ]  # fmt: skip


def _send(services: Services, order: StoredOrder, invoice: StoredInvoice, *, sent_before: bool) -> Findings:
    try:
        services.client_of(order.retailer).invoice(Invoice.read(invoice.body), lane=steps.INVOICES_SEND.lane)
    except TryAgain:
        if not sent_before:
            _not_sent(services, invoice)
        raise
    except Refused as failure:
        if not failure.about_credential:
            return _after_refusal(services, order, invoice, failure, sent_before=sent_before)
        if not sent_before:
            _not_sent(services, invoice)
        raise
    return _accepted(services, order, invoice, "invoiced")


def _after_refusal(
    services: Services, order: StoredOrder, invoice: StoredInvoice, failure: Refused, *, sent_before: bool
) -> Findings:
    found = _verdict(invoice, failure, sent_before=sent_before)
    name = services.rules().retailers[order.retailer].name
    if found.move is Move.SENT:
        return _accepted(services, order, invoice, "found invoiced")
    # After an error of their own it may be there all the same; any other refusal is a clear one.
    if found.move is not Move.TRY_AGAIN and not _not_sent(services, invoice):
        return None
    if found.move is not Move.PERSON:
        raise TryAgain(f"{name} did not take the invoice: {found.sentence}")
    with services.store.write() as db:
        journal.tell(
            db, "order", order.subject, "invoice refused", services.now(),
            number=invoice.number, code=failure.code, why=failure.reason,
        )  # fmt: skip
    facts = {"retailer": name, "reference": order.reference, "why": found.sentence}
    return [Problem(kinds.INVOICE_REFUSED, order.subject, facts)]


def _verdict(invoice: StoredInvoice, failure: Refused, *, sent_before: bool) -> Verdict:
    if invoice.attempt > 1 and failure.code != "DUPLICATED_INVOICE_NUMBER":
        # The invoice they speak of may be the one before, which was to be rejected: only the number tells.
        return verdict(failure.code, sent_before=False)
    return verdict(failure.code, sent_before=sent_before)


def _accepted(services: Services, order: StoredOrder, invoice: StoredInvoice, what: str) -> Findings:
    now = services.now()
    with services.store.write() as db:
        if invoices.accepted(db, invoice.id, now):
            journal.tell(
                db, "order", order.subject, what, now,
                number=invoice.number, total=f"{invoice.total:.2f} {invoice.currency}",
            )  # fmt: skip
    return None


def _not_sent(services: Services, invoice: StoredInvoice) -> bool:
    with services.store.write() as db:
        return invoices.not_sent(db, invoice.id)


def _incomplete(services: Services, order: StoredOrder, why: str) -> list[Problem]:
    name = services.rules().retailers[order.retailer].name
    facts = {"retailer": name, "reference": order.reference, "why": why}
    return [Problem(kinds.INVOICE_INCOMPLETE, order.subject, facts)]
