"""The part of both fake platforms that is about returns; `tests.fakes` has the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from integration.centra.schema import Return, ReturnLine
from integration.lanes import Lane
from integration.problems import Refused
from integration.virtualstock.actions import ReturnItem


@dataclass
class ReturnsInCentra:
    """Returns as Centra shows them."""

    returned: dict[int, Return] = field(default_factory=dict)

    def takes_back(self, order: int, units: Mapping[int, int], number: int = 61, *, complete: bool = False) -> None:
        """A return is made, or closed, with units by order line id."""
        lines = tuple(ReturnLine(id=line, quantity=count, order_line_id=line) for line, count in units.items())
        status = "COMPLETED" if complete else "PENDING"
        self.returned[number] = Return(id=number, order_number=order, return_status=status, lines=lines)

    def returns(self, ids: Sequence[int], *, lane: Lane) -> list[Return]:
        with self._call("returns", lane, list(ids)):  # type: ignore[attr-defined]
            return [self.returned[number] for number in ids if number in self.returned]


@dataclass
class ReturnsOfRetailers:
    """Returns as the platform lists them: only one that is new may be acknowledged, and an order's line shows it."""

    asked_back: dict[str, dict[str, Any]] = field(default_factory=dict)

    def asks_back(self, order_id: int, units: int = 1, *, name: str = "r-1", line: str = "1", **more: Any) -> None:
        """A customer wants to return units of a line."""
        raw = self.placed[order_id]  # type: ignore[attr-defined]
        (item,) = (each for each in raw["items"] if each["line_reference"] == line)
        self.asked_back[name] = {
            "id": name, "quantity": units, "order": raw, "order_item": item, "requested_at": "2026-03-02 11:30:00",
            "return_reason": {"code": "300", "description": "No longer wanted"}, "status": {"code": "RMA"},
        } | more  # fmt: skip
        self.shows(order_id, "RMA", line)  # type: ignore[attr-defined]

    def portal(self, status: str, name: str = "r-1") -> None:
        """Somebody moves a return along."""
        self.asked_back[name] = self.asked_back[name] | {"status": {"code": status}}

    def takes_it_back(self, order_id: int, name: str = "r-1", line: str = "1") -> None:
        """The retailer withdraws a return."""
        del self.asked_back[name]
        self.shows(order_id, "DISPATCH", line)  # type: ignore[attr-defined]

    def returns(self, *, lane: Lane, from_date: date | None = None) -> list[dict[str, Any]]:
        with self._call("returns", lane, from_date):  # type: ignore[attr-defined]
            first = f"{from_date}"
            return [row for row in self.asked_back.values() if (row["requested_at"] or "9")[:10] >= first]

    def return_acknowledge(self, order_id: int, items: Sequence[ReturnItem], *, lane: Lane) -> None:
        with self._call("return_acknowledge", lane, [item.to_json() for item in items]):  # type: ignore[attr-defined]
            for item in items:
                new = [name for name, row in self.asked_back.items()
                       if row["status"]["code"] == "RMA" and row["quantity"] == item.quantity
                       and row["order_item"]["line_reference"] == item.line_ref]  # fmt: skip
                if not new:
                    raise Refused("no such return is new", status=400)
                self.portal("RMA_ACK", new[0])
