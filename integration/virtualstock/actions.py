"""An order action is checked line by line before it is sent, and nothing in it is ever cut to fit."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    """What every order action says of a line."""

    part_number: str
    line_ref: str
    quantity: int

    LIMITS: ClassVar[dict[str, int]] = {
        "part_number": 255,
        "line_ref": 100,
        "sub_status": 100,
        "comment": 255,
        "fulfillment_route": 255,
        "carrier": 255,
        "tracking_number": 100,
        "tracking_url": 255,
    }
    """Longest text per field, in characters."""
    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref")

    def violations(self) -> list[str]:
        """Sentences on what Virtualstock would refuse; empty when the line may be sent. They quote no values."""
        found = [f"{name} is missing" for name in self.REQUIRED if not getattr(self, name)]
        if self.quantity < 1:
            found.append("quantity is below 1")
        for name, value in self._values():
            if isinstance(value, str) and len(value) > self.LIMITS[name]:
                found.append(f"{name} has {len(value)} characters, {self.LIMITS[name]} are allowed")
            if isinstance(value, datetime) and value.tzinfo is not None:
                found.append(f"{name} has a time zone; they take the retailer's local time")
        return found

    def to_json(self) -> dict[str, Any]:
        """The line as the API takes it; what is not set is left out."""
        return {name: self._written(value) for name, value in self._values() if value not in (None, "")}

    @staticmethod
    def _written(value: object) -> object:
        return f"{value:%Y-%m-%dT%H:%M:%S}" if isinstance(value, datetime) else value

    def _values(self) -> list[tuple[str, Any]]:
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


@dataclass(frozen=True, kw_only=True)
class AcknowledgeItem(ActionItem):
    """A line we accept. Dates are datetimes in the retailer's local time, without zone."""

    sub_status: str | None = None
    supplier_dispatch_date: datetime | None = None
    supplier_delivery_date: datetime | None = None
    comment: str | None = field(default=None, repr=False)
    fulfillment_route: str | None = None


@dataclass(frozen=True, kw_only=True)
class BackorderItem(ActionItem):
    """A line that will be late. Dates are datetimes in the retailer's local time, without zone."""

    sub_status: str
    supplier_dispatch_date: datetime
    supplier_delivery_date: datetime | None = None
    comment: str | None = field(default=None, repr=False)
    fulfillment_route: str | None = None

    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref", "sub_status")


@dataclass(frozen=True, kw_only=True)
class DispatchItem(ActionItem):
    """A line that left. `carrier` is a slug; unlike in the other actions, dates are plain dates."""

    carrier: str
    tracking_number: str
    supplier_dispatch_date: date
    supplier_delivery_date: date | None = None
    tracking_url: str | None = None

    REQUIRED: ClassVar[tuple[str, ...]] = ("part_number", "line_ref", "carrier", "tracking_number")

    @staticmethod
    def _written(value: object) -> object:
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


@dataclass(frozen=True, kw_only=True)
class CancelItem(ActionItem):
    """A line whose cancellation we confirm."""

    comment: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ReturnItem(ActionItem):
    """A line whose return we have seen. It decides nothing: authorising, declining and refunding are the portal's."""
