"""A supplier reads the returns of its orders, with every field and filter that is published."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import Retailer
from sandbox.virtualstock.orders import show, show_item
from sandbox.virtualstock.paging import page
from sandbox.virtualstock.returns import listed, shown_status
from sandbox.virtualstock.state import Memory, Order, Return
from sandbox.virtualstock.workflow import LABELS, RETURN_REASONS

SUPPLIER_UUID = "5f0c2a1e-0000-4000-9000-000000001569"
_REASONS_SINCE = "2021-02-11T09:14:07.518204"
_STATUS_NUMBERS = {code: str(number) for number, code in enumerate(LABELS, start=1)}
_REASON_NUMBERS = {code: number for number, code in enumerate(RETURN_REASONS, start=1)}
_AUTHORISE_HOURS = 48
_LIMIT = 10
_END = ("approved", "rejected", "declined")

Filter = Callable[[Memory, Order, Return, str], bool]


def _day(row: Return, *names: str) -> date:
    return max((row.stamps[name].date() for name in names if name in row.stamps), default=date.min)


def _is_late(memory: Memory, _order: Order, row: Return, kind: str) -> bool:
    hours = (memory.now() - row.stamps["requested"]).total_seconds() / 3600
    waits = row.status in ("RMA", "RMA_ACK") and not row.withdrawn
    return kind == "return_time_to_authorise" and waits and hours > _AUTHORISE_HOURS


_FILTERS: dict[str, Filter] = {
    "supplier_uuid": lambda _memory, _order, _row, value: value == SUPPLIER_UUID,
    "return_status": lambda _memory, _order, row, value:
        value in (shown_status(row), _STATUS_NUMBERS.get(shown_status(row))),
    "return_reason": lambda _memory, _order, row, value: value in (row.reason_code, str(_reason_number(row))),
    "return_approve_reason": lambda _memory, _order, row, value: row.status == "RMA_REC" and value == "1",
    "return_reject_reason": lambda _memory, _order, row, value: row.status == "RMA_EXC" and value == "1",
    "sla_violation": _is_late,
    "item_reference": lambda _memory, _order, row, value: value == row.line.reference,
    "order_reference": lambda _memory, order, _row, value: value == order.reference,
    "return_amount": lambda _memory, _order, row, value: _amount(row)[1] == value,
    "from_date": lambda _memory, _order, row, value: _day(row, "requested") >= date.fromisoformat(value),
    "to_date": lambda _memory, _order, row, value: _day(row, "requested") <= date.fromisoformat(value),
    "from_date_complete": lambda _memory, _order, row, value: _day(row, *_END) >= date.fromisoformat(value),
    "to_date_complete": lambda _memory, _order, row, value:
        date.min < _day(row, *_END) <= date.fromisoformat(value),
}


def list_returns(memory: Memory, retailer: Retailer, request: Request) -> Response:
    """``GET /restapi/v4/returns/``: the newest first, 10 a page unless asked otherwise."""
    rows = listed(memory, memory.orders_of[retailer.code])
    for name, matches in _FILTERS.items():
        value = request.parameters.get(name)
        if not value:
            continue
        if "date" in name and not _is_date(value):
            return json_response({name: ["Enter a valid date."]}, 400)
        rows = [(order, row) for order, row in rows if matches(memory, order, row, value)]
    _turn_to_page(request.parameters)
    return page(request, rows, lambda pair: _row(memory, *pair), default_limit=_LIMIT,
                repeat=memory.settings.duplicate_listing)


def _turn_to_page(asked: dict[str, str]) -> None:
    """A page by its number is one by its offset."""
    number, limit = asked.pop("page", ""), asked.get("limit", "")
    if number.isdecimal() and int(number) > 0:
        asked.setdefault("offset", str((int(number) - 1) * (int(limit) if limit.isdecimal() else _LIMIT)))


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _row(memory: Memory, order: Order, row: Return) -> dict[str, Any]:
    amount, amount_status = _amount(row)
    status = shown_status(row)
    stamps = {f"{name}_at": _blank(row.stamps.get(name))
              for name in ("requested", "authorised", "declined", "rejected", "approved")}
    messages = {f"{name}_message": "" if name in row.stamps else None
                for name in ("requested", "authorised", "declined", "rejected")}
    return {
        "id": row.id,
        "quantity": row.quantity,
        "order": show(memory, order),
        "order_item": show_item(memory, row.line),
        "return_reason": {
            "id": _reason_number(row), "code": row.reason_code,
            "description": RETURN_REASONS.get(row.reason_code, row.reason_code), "is_enabled": True,
            "created_at": _REASONS_SINCE,
        },
        "return_reason_code": row.reason_code,
        "status": {"code": status, "description": LABELS.get(status, "Return Cancelled")},
        "return_date": _blank(row.stamps["requested"]),
        **stamps, **messages,
        "created_at": _blank(row.stamps["created"]),
        "supplier": {"name": "Harrow & Fen Ltd"},
        "retailer": {"name": order.retailer.name},
        "return_approved": _verdict("1", "Approved", row.stamps.get("approved")),
        "return_rejected": _verdict("1", "Not as returned", row.stamps.get("rejected")),
        "return_approved_amount": amount,
        "return_approved_amount_status": amount_status,
        "return_authorised_collection_date": _blank(row.stamps.get("collection")),
    }


def _reason_number(row: Return) -> int:
    return _REASON_NUMBERS.get(row.reason_code, 900)


def _verdict(code: str, description: str, at: datetime | None) -> dict[str, Any] | None:
    return {"code": code, "description": description, "created_at": f"{at.isoformat()}.000000"} if at else None


def _amount(row: Return) -> tuple[str | None, str | None]:
    """What is paid back, and whether it is all of it; the share of the units in their line unless it was said."""
    if row.status != "RMA_REC":
        return None, None
    try:
        whole = Decimal(str(row.line.row.get("total"))) * row.quantity / row.line.quantity
    except (InvalidOperation, ZeroDivisionError):
        return row.amount, None
    amount = whole if row.amount is None else Decimal(row.amount)
    return f"{amount:.2f}", "partially" if amount < whole else "full"


def _blank(at: datetime | None) -> str | None:
    """The form of moments in this list: a blank between date and time."""
    return at.isoformat(" ") if at else None
