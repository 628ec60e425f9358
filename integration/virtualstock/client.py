"""What a supplier may ask of Virtualstock is a method here, and a method ends in a value or in a `Failure`.

One client per credential. Every method takes the `Lane` it works for; every request, also for tokens, passes the
gate, because all of them count (Virtualstock API docs: rate limits, 250 requests a minute over all calls).
All methods raise `Throttled` and `TryAgain` when nothing happened, and `Refused` when Virtualstock said no.
Those that change something also raise `LookFirst` when the answer was lost.
"""

from collections.abc import Sequence
from datetime import date

from integration.lanes import Lane
from integration.problems import Refused, TryAgain
from integration.virtualstock.actions import (
    AcknowledgeItem,
    ActionItem,
    BackorderItem,
    CancelItem,
    DispatchItem,
    ReturnItem,
)
from integration.virtualstock.connection import Row
from integration.virtualstock.invoices import Invoice
from integration.virtualstock.listing_calls import ListingCalls
from integration.virtualstock.paging import page_of
from integration.virtualstock.schema import Carrier, Customer
from integration.virtualstock.values import id_in_link

ORDERS_PER_PAGE = 100
RETURNS_PER_PAGE = 100
CARRIERS_PER_PAGE = 1000
_ORDERS = "/restapi/v4/orders/"
_ORDERS_V3 = "/restapi/v3/orders/"
_RETURNS = "/restapi/v4/returns/"
_INVOICES = "/api/v4/invoices/"
_CUSTOMERS = "/restapi/v4/customers/"
_CARRIERS = "/restapi/v4/order-tracking-carriers/"


class VirtualstockClient(ListingCalls):
    """Virtualstock as one credential sees it, see `Connection` for how it is made."""

    # Orders

    def orders(
        self, status: str, *, lane: Lane, retailer_id: int | None = None, limit: int = ORDERS_PER_PAGE
    ) -> list[Row]:
        """Every order in `status`, as raw rows (`Order.parse` reads one), each once.

        All pages are collected before any is returned: acknowledging while paging moves orders out of the filter
        and would skip others. Virtualstock API docs: Orders, list orders; pagination.

        :param status: one status key, such as ``ORDER``.
        :param retailer_id: the retailer's id in the orders family (``customers/{id}``).
        """
        filters: dict[str, str | int] = {"status": status}
        if retailer_id is not None:
            filters["retailer_id"] = retailer_id
        rows: dict[object, Row] = {}
        for row in self._rows(_ORDERS, filters, limit, lane):
            if _is_of(row, retailer_id):
                # An order without a link equals no other and is kept: somebody must see it.
                rows.setdefault(id_in_link(row.get("url")) or object(), row)
        return list(rows.values())

    def order(self, order_id: int, *, lane: Lane) -> Row | None:
        """One order as a raw row, None if Virtualstock does not know it. Virtualstock API docs: Orders, get order."""
        return self._one_order(_ORDERS, order_id, lane)

    def order_v3(self, order_id: int, *, lane: Lane) -> Row | None:
        """One order as API v3 tells it (`OrderV3.parse` reads it), None if it is not known or v3 is not served.

        Only there it may stand how many units a cancellation asks for. Virtualstock API docs: Orders V3, get order.

        :param order_id: the same integer as in v4.
        """
        return self._one_order(_ORDERS_V3, order_id, lane)

    def orders_cancelled_lately(self, *, lane: Lane) -> list[Row]:
        """Orders whose cancellation was acknowledged in the last two days, as raw rows of API v3 (`OrderV3.parse`).

        Somebody may have done so in the portal. API v4 cannot ask for what changed; v3 can, in windows of 73 hours.
        Virtualstock API docs: Orders V3, list orders, filters ``chg_days`` and ``status``.
        """
        return list(self._rows(_ORDERS_V3, {"chg_days": 2, "status": "cancel_ack"}, ORDERS_PER_PAGE, lane))

    def find_order(self, reference: str, retailer_id: int | None, *, lane: Lane) -> Row | None:
        """The order with exactly that reference at that retailer, as a raw row; None if there is none.

        This is the look after a `LookFirst`. Virtualstock API docs: Orders, list orders, filter ``order_reference``.
        """
        filters: dict[str, str | int] = {"order_reference": reference, "limit": ORDERS_PER_PAGE}
        if retailer_id is not None:
            filters["retailer_id"] = retailer_id
        found = page_of(self._get(_ORDERS, filters, lane).data, 0, ORDERS_PER_PAGE)
        matches = (row for row in found.rows if row.get("order_reference") == reference and _is_of(row, retailer_id))
        return next(matches, None)

    def acknowledge(self, order_id: int, items: Sequence[AcknowledgeItem], *, lane: Lane) -> None:
        """Accept lines of an order; cannot be undone. Virtualstock API docs: Orders, acknowledge.

        :raises LookFirst: the answer was lost; read the order before repeating.
        :raises Refused: Virtualstock said no, or a field is missing or too long (then nothing was sent).
        """
        self._act(order_id, "acknowledge", items, lane)

    def backorder(self, order_id: int, items: Sequence[BackorderItem], *, lane: Lane) -> None:
        """Give late lines new dates. Virtualstock API docs: Orders, backorder. Raises as `acknowledge`."""
        self._act(order_id, "backorder", items, lane)

    def dispatch(self, order_id: int, items: Sequence[DispatchItem], *, lane: Lane) -> None:
        """Announce lines as handed to a carrier. Virtualstock API docs: Orders, dispatch. Raises as `acknowledge`."""
        self._act(order_id, "dispatch", items, lane)

    def cancel_acknowledge(self, order_id: int, items: Sequence[CancelItem], *, lane: Lane) -> None:
        """Confirm a cancellation that the retailer requested. Raises as `acknowledge`.

        There is no call to refuse one: dispatch instead. Virtualstock API docs: Orders, acknowledge cancellation.
        """
        self._act(order_id, "cancel_acknowledge", items, lane)

    # Returns

    def returns(self, *, lane: Lane, from_date: date | None = None, limit: int = RETURNS_PER_PAGE) -> list[Row]:
        """Every return of every retailer of this credential, as raw rows (`ReturnRow.parse` reads one), each once.

        There is no filter by retailer. Virtualstock API docs: Returns, list returns; pagination.

        :param from_date: leaves out older returns; the docs do not say by which of their dates.
        """
        filters = {"from_date": from_date.isoformat()} if from_date else {}
        rows: dict[object, Row] = {}
        for row in self._rows(_RETURNS, filters, limit, lane):
            key = row.get("id")
            # A return without an id equals no other and is kept: somebody must see it.
            rows.setdefault(key if isinstance(key, str) and key else object(), row)
        return list(rows.values())

    def return_acknowledge(self, order_id: int, items: Sequence[ReturnItem], *, lane: Lane) -> None:
        """Tell the retailer that its return requests were seen. Raises as `acknowledge`.

        It decides nothing: authorising, declining, approving and refunding are steps in the portal.
        Virtualstock API docs: Orders, acknowledge return.
        """
        self._act(order_id, "return_acknowledge", items, lane)

    # Invoices

    def invoice(self, invoice: Invoice, *, lane: Lane) -> None:
        """Send the one invoice of an order. Virtualstock API docs: Invoices, create an invoice.

        There is no call that reads an invoice: the look after a lost answer is to send the same number again, which
        is refused as ``DUPLICATED_INVOICE_NUMBER`` or ``ORDER_ALREADY_INVOICED`` when the first had arrived.

        :raises LookFirst: the answer was lost.
        :raises Refused: Virtualstock said no and why (``code``, such as ``ORDER_NOT_FULFILLED``), or a field is
            missing or does not fit (then nothing was sent).
        """
        if wrong := invoice.violations():
            raise Refused(f"The invoice was not sent to Virtualstock: {'; '.join(wrong)}")
        self._request("POST", _INVOICES, lane, safe=False, params={"format": "json"}, body=invoice.to_json())

    # What the platform knows besides

    def carriers(self, *, lane: Lane) -> list[Carrier]:
        """Every carrier of the platform, without those that have no slug.

        A retailer may allow fewer. Virtualstock API docs: Orders, order tracking carriers (a list without envelope).
        """
        found = [Carrier.parse(row) for row in self._rows(_CARRIERS, {}, CARRIERS_PER_PAGE, lane)]
        return [carrier for carrier in found if carrier.slug]

    def customers(self, *, lane: Lane) -> list[Customer]:
        """The retailers this credential works for. Virtualstock API docs: Orders, list customers."""
        return [Customer.parse(row) for row in self._rows(_CUSTOMERS, {}, ORDERS_PER_PAGE, lane)]

    def ping(self, *, lane: Lane) -> None:
        """Return if Virtualstock answers and takes our user name and password, whatever tokens are still good.

        Virtualstock API docs: authentication, obtain tokens; Orders, list customers.
        """
        self._log_in()
        page_of(self._get(_CUSTOMERS, {"limit": 1}, lane).data, 0, 1)

    # Requests

    def _one_order(self, path: str, order_id: int, lane: Lane) -> Row | None:
        try:
            answer = self._get(f"{path}{order_id:d}/", {}, lane)
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise
        if not isinstance(answer.data, dict):
            raise TryAgain("Virtualstock answered a request for an order without an order")
        return answer.data

    def _act(self, order_id: int, action: str, items: Sequence[ActionItem], lane: Lane) -> None:
        wrong = [f"line {item.line_ref[:100]}: {each}" for item in items for each in item.violations()]
        if wrong or not items:
            raise Refused(f"The {action} was not sent to Virtualstock: {'; '.join(wrong) or 'it has no lines'}")
        self._request(
            "POST", f"{_ORDERS}{order_id:d}/{action}/", lane, safe=False,
            params={"format": "json"}, body={"items": [item.to_json() for item in items]},
        )


def _is_of(row: Row, retailer_id: int | None) -> bool:
    """False only for an order that names another retailer: a filter they ignored must not mix retailers up."""
    return retailer_id is None or id_in_link(row.get("retailer")) in (None, retailer_id)
