"""One order and everybody who does something to it: shopper, retailer, warehouse, staff and the passing of time.

A plot is written in words, one act after another with commas between: ``order 2 1, wait, cancel 2, wait, ship 1:2``.
Lines are numbered as they were ordered; ``2:1`` is one unit of line 2, and ``2`` alone is all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

PLENTY = 50
"""Units of each article that a plot begins with, unless it says otherwise."""


class Place(Protocol):
    """Where a plot is played: both twins, and a way to let time pass."""

    centra: Any
    virtualstock: Any


@dataclass
class Order:
    """One order of a plot: what was ordered, and under which names it goes."""

    place: Place
    retailer: str
    skus: list[str]
    reference: str = ""
    shipments: list[int] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """How work items and timelines name it."""
        return f"{self.retailer}/{self.reference}"

    # Looking

    def at_retailer(self) -> dict[str, Any]:
        """The order as Virtualstock has it."""
        found: dict[str, Any] = self.place.virtualstock.get("state")["orders"][self.reference]
        return found

    def in_centra(self) -> list[dict[str, Any]]:
        """The Centra orders that carry its reference; reservations that were never finished are none."""
        mark = f"Reference: {self.subject}"
        orders = self.place.centra.get("state")["orders"]
        found = [{"number": int(number), **order} for number, order in orders.items()]
        return [order for order in found if mark in (order["internal_comment"] or "").splitlines()]

    def units(self) -> dict[str, tuple[int, int]]:
        """Dispatched and cancelled units at the retailer, by number of the line."""
        lines = self.at_retailer()["lines"]
        return {str(number): (line["dispatched"], line["cancelled"]) for number, line in enumerate(lines, 1)}

    # Doing

    def act(self, words: str) -> None:
        """Do what one act of a plot says; a platform that does not let it happen is part of the plot."""
        verb, *rest = words.split()
        ACTS[verb](self, rest)

    def line_reference(self, number: str) -> str:
        """What the retailer calls a line."""
        reference: str = self.at_retailer()["lines"][int(number) - 1]["line_reference"]
        return reference

    def asked_units(self, words: list[str]) -> dict[str, int]:
        """Units by number of the line: what is named, or everything that was ordered."""
        lines = {str(number): line for number, line in enumerate(self.at_retailer()["lines"], 1)}
        named = words if words and words != ["all"] else list(lines)
        pairs = (word.partition(":") for word in named)
        return {number: int(units or lines[number]["quantity"]) for number, _, units in pairs}

    def centra_order(self) -> dict[str, Any]:
        """Its one order in Centra."""
        (found,) = self.in_centra()
        return found

    def centra_units(self, words: list[str]) -> dict[str, int]:
        """The same units by Centra order line id; everything means what is still open there."""
        order = self.centra_order()
        by_sku = {line["sku"]: line for line in order["lines"]}
        if not words or words == ["all"]:
            return {str(line["id"]): line["quantity"] - line["shipped"] for line in order["lines"]}
        return {str(by_sku[self.skus[int(n) - 1]]["id"]): units for n, units in self.asked_units(words).items()}


def _order(order: Order, words: list[str]) -> None:
    """``order 2 1 [test] [short]``: so many units of each line; short = Centra has no unit of the first line."""
    flags = {word for word in words if not word.isdecimal()}
    units = [int(word) for word in words if word.isdecimal()]
    for number, sku in enumerate(order.skus[: len(units)]):
        stock = 0 if "short" in flags and number == 0 else PLENTY
        for warehouse in (1, 2):
            order.place.centra.post("stock", sku=sku, quantity=stock if warehouse == 1 else 0, warehouse=warehouse)
    lines = [{"sku": sku, "quantity": count} for sku, count in zip(order.skus, units, strict=False)]
    overrides = {"test_flag": True} if "test" in flags else {}
    placed = order.place.virtualstock.post("orders", retailer=order.retailer, lines=lines, overrides=overrides)
    order.reference = placed["reference"]


def _stock(order: Order, words: list[str]) -> None:
    """``stock 1:5``: so many units of the article of a line come in."""
    for word in words:
        number, _, units = word.partition(":")
        order.place.centra.post("stock", sku=order.skus[int(number) - 1], delta=int(units), warehouse=1)


def _cancel(order: Order, words: list[str]) -> None:
    """``cancel [all | 1 | 1:1 …]``: the retailer asks to cancel."""
    units = order.asked_units(words)
    lines: Any = {order.line_reference(number): count for number, count in units.items()}
    if not any(":" in word for word in words):
        lines = list(lines)
    order.place.virtualstock.post("cancel_request", order=order.reference, lines=lines)


def _ship(order: Order, words: list[str]) -> None:
    """``ship [all | 1:1 …] [packed] [untracked]``: the warehouse sends, or only packs."""
    flags = {word for word in words if word.isalpha() and word != "all"}
    units = order.centra_units([word for word in words if word not in flags])
    more: dict[str, Any] = {"complete": False} if "packed" in flags else {}
    if "untracked" in flags:
        more["missing"] = ["tracking"]
    made = order.place.centra.post(
        "ship", order=order.centra_order()["number"], lines={line: n for line, n in units.items() if n}, **more
    )
    order.shipments.append(made["shipment"])


def _send(order: Order, _words: list[str]) -> None:
    """``send``: what was packed last leaves."""
    order.place.centra.post("ship_complete", shipment=order.shipments[-1])


def _unship(order: Order, _words: list[str]) -> None:
    """``unship``: the last shipment is deleted."""
    order.place.centra.post("unship", shipment=order.shipments.pop())


def _track(order: Order, words: list[str]) -> None:
    """``track ABC``: staff enter or correct the tracking number of the last shipment."""
    order.place.centra.post("tracking", shipment=order.shipments[-1], tracking=words[0])


def _staff_cancel(order: Order, words: list[str]) -> None:
    """``staffcancel [all | 1:1 …]``: somebody cancels in Centra."""
    body: dict[str, Any] = {"order": order.centra_order()["number"]}
    if words and words != ["all"]:
        body["lines"] = order.centra_units(words)
    order.place.centra.post("cancel", **body)


def _restore(order: Order, _words: list[str]) -> None:
    """``restore``: somebody takes that back."""
    order.place.centra.post("restore", order=order.centra_order()["number"])


def _return(order: Order, words: list[str]) -> None:
    """``return [all | 1:1 …]``: the retailer's customer wants to send something back."""
    units = order.asked_units(words)
    lines = {order.line_reference(number): count for number, count in units.items()}
    order.place.virtualstock.post("return_request", order=order.reference, lines=lines)


def _portal_return(to: str) -> Callable[[Order, list[str]], None]:
    def move(order: Order, _words: list[str]) -> None:
        for row in order.at_retailer()["returns"]:
            order.place.virtualstock.post("return_move", **{"return": row["id"], "to": to})

    return move


def _back(order: Order, words: list[str]) -> None:
    """``back [all | 1:1 …]``: the goods are back, and Centra's return is complete."""
    order.place.centra.post(
        "return", shipment=order.shipments[-1], lines=_shipped(order, words), complete=True
    )


def _shipped(order: Order, words: list[str]) -> dict[str, int]:
    if words and words != ["all"]:
        return order.centra_units(words)
    last = next(each for each in order.centra_order()["shipments"] if each["id"] == order.shipments[-1])
    return dict(last["lines"])


def _portal(order: Order, words: list[str]) -> None:
    """``portal acknowledge | dispatch | cancel_acknowledge``: somebody acts in the retailer's portal."""
    order.place.virtualstock.post("portal", order=order.reference, action=words[0])


def _relist(order: Order, _words: list[str]) -> None:
    """``relist``: the retailer's side shows the order as new again."""
    order.place.virtualstock.post("relist", order=order.reference)


def _show(order: Order, words: list[str]) -> None:
    """``show STATUS``: the retailer's side shows the order in another status."""
    order.place.virtualstock.post("show_status", order=order.reference, status=words[0] if words else None)


def _reject(order: Order, _words: list[str]) -> None:
    """``reject``: the retailer rejects the invoice."""
    order.place.virtualstock.post("invoice_reject", order=order.reference)


def _never(act: Callable[[Order, list[str]], None]) -> Callable[[Order, list[str]], None]:
    """An act that the platform must refuse."""

    def attempt(order: Order, words: list[str]) -> None:
        try:
            act(order, words)
        except requests.HTTPError:
            return
        raise AssertionError(f"{words} should have been refused")

    return attempt


ACTS: Mapping[str, Callable[[Order, list[str]], None]] = {
    "order": _order, "stock": _stock, "cancel": _cancel, "ship": _ship, "send": _send, "unship": _unship,
    "track": _track, "staffcancel": _staff_cancel, "restore": _restore, "return": _return, "back": _back,
    "authorise": _portal_return("RMA_AUTHORISED"), "decline": _portal_return("RMA_REJ"),
    "collect": _portal_return("RMA_COLLECTION_BOOKED"), "approve": _portal_return("RMA_REC"),
    "refuse": _portal_return("RMA_EXC"), "withdraw": _portal_return("cancel"), "portal": _portal,
    "relist": _relist, "show": _show, "reject": _reject, "cancel!": _never(_cancel), "return!": _never(_return),
}  # fmt: skip
