"""What must hold of every order at every moment, and what both sides must agree on at the end, in one place."""

from collections.abc import Iterable, Mapping
from typing import Any

from integration.lifecycle import LineState, may_move


def always(retailer_side: Mapping[str, Any], centra_side: Mapping[str, Any]) -> list[str]:
    """What is wrong between the two sides, whatever is still on its way; both as their twins' `state` shows them.

    Orders that somebody dispatched in the portal, or that are tests, are the caller's to leave out.
    """
    return [
        wrong
        for reference, order in retailer_side.items()
        for wrong in _of_order(reference, order, _in_centra(order["retailer"], reference, centra_side))
    ]


def at_the_end(reference: str, order: Mapping[str, Any], made: list[Mapping[str, Any]]) -> list[str]:
    """In what the two sides of one order do not agree."""
    wrong = []
    for line in order["lines"]:
        units, told = _units(line, made), (line["dispatched"], line["cancelled"])
        # A line that was cancelled before Centra had the order never got there.
        never_there = made and not _is_there(line, made) and told == (0, line["quantity"])
        # The retailer hears of what is cancelled together with what is packed, once that leaves or is unpacked.
        waits = line["status"] == "CANCEL" and units["packed"] and units["sent"] == line["dispatched"]
        if made and not never_there and not waits and (units["sent"], units["cancelled"]) != told:
            wrong.append(f"{reference}, line {line['line_reference']}: dispatched and cancelled {told}, Centra {units}")
    return wrong


def unfinished(reference: str, order: Mapping[str, Any], made: list[Mapping[str, Any]]) -> list[str]:
    """What somebody still waits for although nothing keeps us from it."""
    wrong = []
    for line in order["lines"]:
        name, units = f"{reference}, line {line['line_reference']}", _units(line, made)
        if line["status"] == "ORDER" and line["dispatched"] + line["cancelled"] < line["quantity"]:
            wrong.append(f"{name}: the retailer has not heard that we take it")
        to_cancel = max(units["free"], units["cancelled"] - line["cancelled"])
        if line["status"] == "CANCEL" and line["cancel_asked"] <= to_cancel:
            wrong.append(f"{name}: the retailer waits for the answer to its wish to cancel")
    for row in order["returns"]:
        if row["status"] == "RMA":
            wrong.append(f"{reference}: return {row['id']} is not acknowledged")
    open_lines = [line for line in order["lines"] if line["dispatched"] + line["cancelled"] < line["quantity"]]
    if open_lines and not made and not all(line["status"] == "BACKORDER" for line in open_lines):
        wrong.append(f"{reference} is not in Centra, and nothing says why")
    return wrong


def records(reference: str, order: Mapping[str, Any], ours: Mapping[str, tuple[int, int]]) -> list[str]:
    """Units dispatched and cancelled that we have written down otherwise than the retailer, by line reference."""
    theirs = {line["line_reference"]: (line["dispatched"], line["cancelled"]) for line in order["lines"]}
    if not ours and all(line["cancelled"] == line["quantity"] for line in order["lines"]):
        # Cancelled and confirmed in the portal before the first poll: Virtualstock never lists it, and nothing is owed.
        return []
    return [
        f"{reference}, line {line}: dispatched and cancelled {theirs[line]}, we have written down {ours.get(line)}"
        for line in theirs if ours.get(line) != theirs[line]
    ]  # fmt: skip


def moves(timeline: Iterable[Mapping[str, Any]]) -> list[str]:
    """Moves on an order's timeline that no line may make."""
    wrong = []
    for entry in timeline:
        _, _, there = entry["what"].partition("line ")
        if there and "was" in entry and not may_move(LineState(entry["was"]), LineState(there)):
            wrong.append(f"line {entry['line']} went from {entry['was']} to {there}")
    return wrong


def _of_order(reference: str, order: Mapping[str, Any], made: list[Mapping[str, Any]]) -> list[str]:
    wrong = [f"{reference} is in Centra {len(made)} times"] if len(made) > 1 else []
    for line in order["lines"]:
        name, units = f"{reference}, line {line['line_reference']}", _units(line, made)
        if line["dispatched"] + line["cancelled"] > line["quantity"]:
            wrong.append(f"{name}: more units dispatched and cancelled than ordered")
        if line["returned"] > line["dispatched"]:
            wrong.append(f"{name}: more units returned than dispatched")
        if made and line["dispatched"] > units["ever sent"]:
            wrong.append(f"{name}: {line['dispatched']} units dispatched, {units['ever sent']} left the warehouse")
        if made and _is_there(line, made) and line["cancelled"] > units["cancelled"]:
            wrong.append(f"{name}: {line['cancelled']} units cancelled at the retailer, {units['cancelled']} in Centra")
    accepted = [each for each in order["invoices"] if each["status"] not in ("REJECTED", "WITHDRAWN")]
    return wrong + ([f"{reference} is invoiced {len(accepted)} times"] if len(accepted) > 1 else [])


def _units(line: Mapping[str, Any], made: list[Mapping[str, Any]]) -> dict[str, int]:
    """Units of a retailer's line in its Centra order: sent, ever sent (also in a
    shipment deleted since), cancelled, and free: in no shipment."""
    found = {"sent": 0, "ever sent": 0, "cancelled": 0, "free": 0, "packed": 0}
    for order in made:
        for theirs in order["lines"]:
            if theirs["comment"] != line["line_reference"]:
                continue
            sent = sum(
                units for each in order["shipments"] if each["shipped"] for row, units in each["lines"].items()
                if int(row) == theirs["id"]
            )
            found["sent"] += sent
            packed = sum(
                units for each in order["shipments"] for row, units in each["lines"].items() if int(row) == theirs["id"]
            )
            found["packed"] += packed - sent
            found["free"] += 0 if order["status"] == "CANCELLED" else theirs["quantity"] - packed
            found["ever sent"] += max(sent, theirs.get("ever_sent", sent))
            # A cancelled order keeps the quantities of its lines.
            found["cancelled"] += theirs["cancelled"] + (order["status"] == "CANCELLED") * (theirs["quantity"] - sent)
    return found


def _is_there(line: Mapping[str, Any], made: list[Mapping[str, Any]]) -> bool:
    return any(theirs["comment"] == line["line_reference"] for order in made for theirs in order["lines"])


def _in_centra(retailer: str, reference: str, centra_side: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    mark = f"Reference: {retailer}/{reference}"
    return [order for order in centra_side.values() if mark in (order["internal_comment"] or "").splitlines()]
