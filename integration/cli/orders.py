"""A person who asks about one order sees on one screen where it is, who must act until when, and its whole story."""

from collections.abc import Callable, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

import typer

from integration.cli.output import ATTENTION, Json, ago, document, say
from integration.cli.session import open_services
from integration.flows import order_report

WIDTH = 100
"""Columns of a screen."""
INDENT = "  "
Clock = Callable[[datetime | None], str]


def order(reference: str, as_json: Json = False) -> None:
    """Show what became of one order, by the retailer's reference, <retailer>/<reference> or Centra's number."""
    with open_services() as services:
        found, now = order_report.order(services, reference), services.now()
    if as_json:
        # Two retailers may use one reference; the second and further ones stand beside the first.
        document({**found[0], "others": found[1:]} if found else None)
    if not found:
        typer.echo(f"There is no order {reference}.", err=True)
        raise typer.Exit(ATTENTION)
    if not as_json:
        for each in found:
            for line in page(each, now):
                say(line)


def page(found: dict[str, Any], now: datetime) -> list[str]:
    """An order as lines of text, none longer than `WIDTH`; all times on the retailer's clock."""
    clock = _clock(found["timezone"])
    sections = {
        "Deadlines": _deadlines(found, clock),
        "Waits for a person": _causes(found, clock),
        "Open work": _work(found, now),
        "Lines": _lines(found),
        "Shipments": _shipments(found, clock),
        "Returns": _returns(found, clock),
        "Invoices": _invoices(found, clock),
        "Timeline": _timeline(found, clock),
    }
    text = [*_head(found), *_wrapped(f"Waits for {found['waits_for']}", "")]
    for title, lines in sections.items():
        text += ["", title, *lines] if lines else []
    return text


def _head(found: dict[str, Any]) -> list[str]:
    kind = " (a test order, rehearsed)" if found["rehearsal"] else ""
    centra = f"Centra order {found['centra_order']}" if found["centra_order"] else "not in Centra"
    return _wrapped(
        f"{found['retailer']}/{found['reference']}{kind} of {found['retailer_name']}: {found['state']}, {centra}; "
        f"times are those of {found['timezone']}", "",
    )  # fmt: skip


def _deadlines(found: dict[str, Any], clock: Clock) -> list[str]:
    def met(each: dict[str, Any]) -> str:
        if each["met_at"]:
            return f"met {clock(each['met_at'])}{', late' if each['met_at'] > each['due_at'] else ''}"
        return "MISSED" if each["percent"] > 100 else f"{each['percent']} % of the time are over"

    return _columns([
        (each["clock"], f"by {clock(each['due_at'])}", met(each)) for each in found["deadlines"]["clocks"]
    ])  # fmt: skip


def _causes(found: dict[str, Any], clock: Clock) -> list[str]:
    text = []
    for each in found["causes"]:
        text += _wrapped(f"exception {each['id']}, {each['kind']}: {each['owner']} by {clock(each['due_at'])}", INDENT)
        text += _wrapped(each["sentence"], INDENT * 3)
        text += _wrapped(f"What to do: {each['manual']}", INDENT * 3)
    return text


def _work(found: dict[str, Any], now: datetime) -> list[str]:
    text = []
    for name, work in found["pending"].items():
        since = ago((now - work["pending_since"]).total_seconds())
        trouble = "held, see above" if work["held_by"] else work["last_error"] or "no trouble so far"
        text += _wrapped(f"{name}, asked for {since} ago: {trouble}", INDENT)
    return text


def _lines(found: dict[str, Any]) -> list[str]:
    head = ("line", "SKU", "part number", "ordered", "sent", "cancelled", "short", "state")
    rows = [
        (each["line_reference"], each["sku"] or "–", each["part_number"], each["quantity"], each["dispatched"],
         each["cancelled"], each["short"], _state(each))
        for each in found["lines"]
    ]  # fmt: skip
    return _columns([head, *rows]) if rows else []


def _state(line: dict[str, Any]) -> str:
    asked = f", {line['cancel_asked']} units" if line["cancel_asked"] else ""
    # On a line that is over these are the units that the retailer counts as cancelled, too.
    gone = line["cancelled_in_centra"] - line["cancelled"]
    return f"{line['state']}{asked}" + (f", {gone} cancelled in Centra" if gone > 0 else "")


def _shipments(found: dict[str, Any], clock: Clock) -> list[str]:
    text = []
    for each in found["shipments"]:
        units = ", ".join(f"{units} of line {line}" for line, units in each["units"].items()) or "no units"
        if each["announced_at"]:
            told = f"told {clock(each['announced_at'])}"
        else:
            told = "answer lost, nobody knows" if each["unclear_at"] else "the retailer was not told yet"
        changed = "; CHANGED in Centra since" if each["changed_since"] else ""
        parcel = f"{each['carrier'] or 'no carrier'} {each['tracking_number'] or 'without tracking number'}"
        text += _wrapped(f"{each['number']}: {units}; {parcel}; {told}{changed}", INDENT)
    return text


def _returns(found: dict[str, Any], clock: Clock) -> list[str]:
    text = []
    for each in found["returns"]:
        centra = f", in Centra return {each['centra_return']}" if each["centra_return"] else ", not in Centra"
        text += _wrapped(
            f"{each['quantity']} of line {each['line_reference']} ({each['reason']}): {each['state']}, "
            f"asked {clock(each['asked_at'])}{centra}", INDENT,
        )  # fmt: skip
    return text


def _invoices(found: dict[str, Any], clock: Clock) -> list[str]:
    text = []
    for each in found["invoices"]:
        amount = "amount unknown" if each["total"] is None else f"{each['total']:.2f} {each['currency']} with tax"
        at = f" {clock(each['replaced_at'] or each['accepted_at'])}" if each["accepted_at"] else ""
        text += _wrapped(f"{each['number']}: {amount}, {each['state']}{at}", INDENT)
    return text


def _timeline(found: dict[str, Any], clock: Clock) -> list[str]:
    text = []
    for each in found["timeline"]:
        facts = ", ".join(f"{key} {value}" for key, value in each.items() if key not in ("at", "what"))
        text += _wrapped(f"{clock(each['at'])}  {each['what']}{f' ({facts})' if facts else ''}", INDENT)
    return text


def _clock(zone: str) -> Clock:
    """Writes a moment as ``Thu 26 Nov 2026 23:59`` on the clock of a time zone."""
    there = ZoneInfo(zone)
    return lambda moment: "–" if moment is None else f"{moment.astimezone(there):%a %d %b %Y %H:%M}"


def _columns(rows: Sequence[Sequence[object]]) -> list[str]:
    """Rows under each other; where they would be wider than the screen, each is broken instead."""
    cells = [[str(cell) for cell in row] for row in rows]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in cells]
    fits = all(len(INDENT + line) <= WIDTH for line in lines)
    return [part for line in lines for part in ([INDENT + line] if fits else _wrapped(line, INDENT))]


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}{INDENT}")
