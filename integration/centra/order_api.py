"""An order is created through Centra's Order API, and a clear "no" is never mistaken for a lost answer.

The Integration API has no mutation that creates an order, so this older API does it.
"""

from collections.abc import Mapping

import requests

from integration.centra.drafts import OrderDraft
from integration.centra.graphql import wait_of
from integration.centra.schema import Created
from integration.http import Answer, Gate, Platform, call, excerpt, refused
from integration.lanes import Lane
from integration.problems import LookFirst, Refused

NAME = "Centra's Order API"
NOT_ALLOWED = "Not Allowed"
"""`Refused.code` of an endpoint that is not ticked in the settings of the Order API plugin."""

CODES: Mapping[str, str] = {
    "-1": "a product cannot be sold there (inactive, without an active display, or not in the market or pricelist)",
    "-2": "there is not enough stock",
    "-3": "the order has no lines",
    "-4": "a required field is missing",
    "-5": "the order number exists already",
    "-6": "the customer could not be registered",
    "-7": "for a reason given in words only",
}
"""Why an order was not created. Centra docs: Order API, create order, error codes."""


class OrderApi:
    """One Order API plugin behind its secret. Centra docs: Order API."""

    def __init__(self, session: requests.Session, url: str, key: str, gate: Gate) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"API-Authorization": key}
        self._gate = gate
        self._platform = Platform(NAME, wait=wait_of, refusal=_refusal)

    def create(self, draft: OrderDraft, *, create_only: bool, lane: Lane) -> Created:
        """Create an order; with `create_only` it stays incomplete, unseen by the warehouse, until `complete`.

        Centra docs: Order API, create order. There is no idempotency key: after LookFirst, search before repeating.

        :raises LookFirst: it may exist. :raises Refused: `code` is one of `CODES`, or None.
        """
        answer = self._call(lane, "POST", "/order", draft.to_json(create_only=create_only))
        return Created(numbers=_numbers(answer), finished=not create_only)

    def complete(self, number: int, draft: OrderDraft, *, lane: Lane) -> tuple[int, ...]:
        """Finish an order made with `create_only`; several numbers when Centra's rules split it.

        Centra docs: Order API, complete order.

        :raises LookFirst: it may be finished. :raises Refused: Centra said no.
        """
        return _numbers(self._call(lane, "POST", f"/order/{number}", draft.to_completion_json()))

    def ping(self, *, lane: Lane) -> None:
        """Prove that the plugin is there and takes our key. Centra docs: Order API, get orders.

        :raises TryAgain: it cannot be reached. :raises Refused: it does not take the key.
        """
        try:
            self._call(lane, "GET", "/orders", None, params={"limit": 1})
        except Refused as refusal:
            # Reading orders may well be unticked: only creating them is needed.
            if refusal.code != NOT_ALLOWED:
                raise

    def _call(
        self, lane: Lane, method: str, path: str, body: object, params: Mapping[str, str | int] | None = None,
    ) -> Answer:
        return call(
            self._session, self._gate, lane, method, self._url + path,
            platform=self._platform, safe=method == "GET", headers=self._headers, body=body, params=params,
        )


def _numbers(answer: Answer) -> tuple[int, ...]:
    """The order numbers of an answer, which come as ints or texts, under `orders` or `order`."""
    document = answer.data if isinstance(answer.data, dict) else {}
    if document.get("status") == "no":
        raise _said_no(document)
    found = document.get("orders", document.get("order"))
    try:
        numbers = tuple(int(str(number)) for number in (found if isinstance(found, list) else [found]))
    except ValueError:
        numbers = ()
    if document.get("status") != "ok" or not numbers:
        raise LookFirst(f"{NAME} did not say which order it made")
    return numbers


def _said_no(document: Mapping[str, object], status: int | None = None) -> Refused:
    code = str(document["code"]) if document.get("code") is not None else None
    meaning = CODES.get(code or "", "for a reason given in words only")
    return Refused(f"{NAME} said no, {meaning}: {excerpt(str(document.get('msg') or ''))}", status=status, code=code)


def _refusal(answer: Answer) -> Refused:
    document = answer.data if isinstance(answer.data, dict) else {}
    if document.get("status") == "no":
        return _said_no(document, answer.status)
    return refused(NAME, answer, code=NOT_ALLOWED if document.get("status") == NOT_ALLOWED else None)
