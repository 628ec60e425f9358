"""One sentence tells of every order who must act next, on what, and until when; each party is named once."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration import kinds, steps
from integration.centra.schema import Shipment
from integration.domain.deadlines import Clock
from integration.domain.returns import ReturnState
from integration.lifecycle import OVER, LineState
from integration.rulebook import Retailer
from integration.storage.announcements import StoredAnnouncement
from integration.storage.deadlines import StoredDeadline
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder
from integration.storage.returns import StoredReturn

WE = "the integration"
OURS: Mapping[str, tuple[str, Clock | None]] = {
    steps.ORDERS_PLACE.name: ("create it in Centra", Clock.ACKNOWLEDGE),
    steps.ORDERS_CONFIRM.name: ("confirm it in Centra", Clock.DISPATCH),
    steps.ORDERS_ACKNOWLEDGE.name: ("acknowledge it", Clock.ACKNOWLEDGE),
    steps.BACKORDERS_ANNOUNCE.name: ("give the retailer new dates", Clock.DISPATCH),
    steps.CANCELLATIONS_SETTLE.name: ("settle the cancellation in Centra", None),
    steps.CANCELLATIONS_CONFIRM.name: ("confirm the cancellation to the retailer", None),
    steps.DISPATCHES_ANNOUNCE.name: ("announce a shipment", Clock.DISPATCH),
    steps.DISPATCHES_REHEARSE.name: ("rehearse its dispatch", Clock.DISPATCH),
    steps.RETURNS_ACKNOWLEDGE.name: ("acknowledge a return", None),
    steps.INVOICES_SEND.name: ("send its invoice", None),
}
"""What the integration does by itself, and the clock that runs on it."""
IN_WORDS: Mapping[str, str] = {
    kinds.WAITS_FOR_STOCK.code: "bring in stock",
    kinds.OUT_OF_STOCK.code: "bring in stock, or have it cancelled",
    kinds.RETURN_TO_AUTHORISE.code: "authorise or decline a return in the portal",
    kinds.RETURN_TO_DECIDE.code: "approve or reject a return in the portal",
}
"""Kinds whose name does not say what is to be done."""
SAID_OTHERWISE = frozenset({kinds.CANCELLED_IN_CENTRA.code, kinds.DEADLINE_NEAR.code, kinds.DEADLINE_MISSED.code})
"""These tell that time is short or whom to ask; the lines themselves say who must act."""
OF_STOCK = frozenset({kinds.WAITS_FOR_STOCK.code, kinds.OUT_OF_STOCK.code})


@dataclass(frozen=True)
class Situation:
    """What is known of an order.

    :param work: its open work, also what is held, by step and subject; see `report.pending`.
    :param causes: open ones, the most urgent first.
    """

    order: StoredOrder
    lines: Sequence[StoredLine]
    profile: Retailer | None
    told: Sequence[StoredAnnouncement]
    returns: Sequence[StoredReturn]
    clocks: Sequence[StoredDeadline]
    work: Mapping[tuple[str, str], Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]

    def is_open(self, *names: str) -> bool:
        """Whether work of one of these steps is open, held or not."""
        return any(step in names for step, _ in self.work)

    def by(self, due: datetime | None) -> str:
        """``by Thu 26 Nov 23:59`` on the retailer's clock."""
        zone = ZoneInfo(self.profile.timezone if self.profile else "UTC")
        return f" by {due.astimezone(zone):%a %d %b %H:%M}" if due else ""

    def by_clock(self, clock: Clock | None) -> str:
        """The same for a clock of the order that runs still."""
        return self.by(next((each.due_at for each in self.clocks if each.clock == clock and not each.met_at), None))


def waits_for(found: Situation) -> str:
    """Who must act and until when; ``nobody: it is over`` where nothing is left to do."""
    parts = list(dict.fromkeys([*_people(found), *_integration(found), *_switched_off(found), *_goods(found)]))
    if parts:
        return "; ".join(parts)
    if found.lines and all(line.state in OVER for line in found.lines):
        return "nobody: it is over"
    return f"engineering: it is {found.order.state}, and no work on it is open"


def _people(found: Situation) -> Iterator[str]:
    for cause in found.causes:
        if cause["kind"] not in SAID_OTHERWISE:
            what = IN_WORDS.get(cause["kind"], cause["kind"].replace("-", " ").replace("sku", "SKU"))
            yield f"{cause['owner']}: {what} (exception {cause['id']}){found.by(cause['due_at'])}"


def _integration(found: Situation) -> Iterator[str]:
    for (step, _), work in found.work.items():
        if not work["held_by"]:
            what, clock = OURS[step]
            yield f"{WE}: {what}{found.by_clock(clock)}"


def _switched_off(found: Situation) -> Iterator[str]:
    """Work that nobody asks for, because the profile does not let it run."""
    if found.profile is None:
        return
    states, switches = {line.state for line in found.lines}, found.profile.switches
    waits = {
        "acknowledgements": found.order.placed_at is not None and LineState.RECEIVED in states,
        "cancellations": LineState.CANCELLING in states,
        "dispatches": any(_left(each) for each in found.told),
    }
    for name, does in waits.items():
        if does and not getattr(switches, name):
            yield f"operations: {name} are switched off for {found.profile.name}"


def _goods(found: Situation) -> Iterator[str]:
    """What has to be found, shipped, cancelled by the retailer or sent back by its customer, in units."""
    left = _left_units(found.told)
    to_ship, to_find, to_cancel = Counter[str](), Counter[str](), Counter[str]()
    for line in found.lines:
        if line.state in OVER or found.order.rehearsal:
            continue
        name = line.sku or line.part_number
        unasked = 0 if line.state is LineState.CANCELLING else max(0, line.centra_cancelled - line.cancelled)
        to_cancel[name] += unasked
        if found.order.confirmed_at is None:
            continue
        short = min(line.short, line.open)
        to_find[name] += short
        if _is_the_warehouses(found, line):
            to_ship[name] += max(0, line.open - unasked - short - left.get(line.centra_line_id or 0, 0))
    until = found.by_clock(Clock.DISPATCH)
    if any(to_ship.values()):
        yield f"the warehouse: ship {_units(to_ship)}{until}"
    if any(to_find.values()) and not any(cause["kind"] in OF_STOCK for cause in found.causes):
        yield f"operations: find stock for {_units(to_find)}{until}"
    if any(to_cancel.values()):
        yield f"the retailer: cancel {_units(to_cancel)} in the portal; it is cancelled in Centra"
    yield from _customers(found.returns)


def _is_the_warehouses(found: Situation, line: StoredLine) -> bool:
    """Lines to be cancelled ship where they were found to be in a shipment: then no work on them is open."""
    if line.state is LineState.CANCELLING:
        settling = found.is_open(steps.CANCELLATIONS_SETTLE.name, steps.CANCELLATIONS_CONFIRM.name)
        return not settling and line.centra_cancelled <= line.cancelled
    return line.state is not LineState.RECEIVED


def _customers(returns: Iterable[StoredReturn]) -> Iterator[str]:
    on_the_way = Counter[str]()
    for each in returns:
        if each.state in (ReturnState.AUTHORISED, ReturnState.COLLECTING):
            on_the_way[f"line {each.line_reference}"] += each.quantity
    if on_the_way:
        yield f"the customer: send back {_units(on_the_way)}"


def _left(each: StoredAnnouncement) -> Shipment | None:
    """A shipment that left and that the retailer has not been told of."""
    if each.announced_at is not None or not each.snapshot:
        return None
    shipment = Shipment.model_validate(each.snapshot)
    return shipment if shipment.is_shipped else None


def _left_units(told: Collection[StoredAnnouncement]) -> Counter[int]:
    """Units by Centra order line that left and that the retailer has not been told of."""
    units = Counter[int]()
    for shipment in filter(None, map(_left, told)):
        for row in shipment.lines:
            units[row.order_line_id or 0] += row.quantity
    return units


def _units(counts: Counter[str]) -> str:
    return " and ".join(f"{units} of {name}" for name, units in counts.items() if units)
