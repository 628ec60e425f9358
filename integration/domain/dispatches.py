"""A shipment is announced with the true date, a carrier the retailer accepts and never more units than are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from integration import kinds
from integration.centra.schema import Shipment
from integration.domain.calendars import local, promised_day
from integration.problems import Problem
from integration.rulebook import Retailer, Rulebook
from integration.rulebook.base import folded
from integration.virtualstock.actions import DispatchItem
from integration.virtualstock.schema import Carrier

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_YEARS = range(2000, 2100)
"""A dispatch date outside of them is as good as none."""


class Line(Protocol):
    """A line of the order as it was placed."""

    @property
    def line_reference(self) -> str:
        """The retailer's name of the line."""

    @property
    def part_number(self) -> str:
        """The retailer's name of the article."""

    @property
    def quantity(self) -> int:
        """Units ordered."""

    @property
    def open(self) -> int:
        """Units that are neither dispatched nor cancelled with the retailer."""

    @property
    def centra_line_id(self) -> int | None:
        """The Centra order line it became."""


@dataclass(frozen=True)
class Dispatch:
    """What to tell the retailer, and the Centra shipments that are told with it."""

    items: tuple[DispatchItem, ...]
    shipments: tuple[Shipment, ...]


def to_virtualstock(
    shipment: Shipment,
    lines: Sequence[Line],
    retailer: Retailer,
    rulebook: Rulebook,
    carriers: Mapping[str, Carrier],
    *,
    reference: str,
    waiting: Sequence[Shipment] = (),
) -> Dispatch | list[Problem]:
    """The announcement of one shipment, or all of its problems.

    Virtualstock API docs: Orders, dispatch. There is one tracking number per line and call, and Centra has one per
    shipment; a line that left in several shipments, and is told of only once, carries that of the last.

    :param carriers: the platform's live list by slug.
    :param reference: the retailer's order reference, for problems.
    :param waiting: other shipments of the order that have left and were not announced. For a retailer that takes full
        lines, those that share a line with this one are announced with it; for one of full orders, all of them.
    """
    scene = _Scene(retailer, rulebook, carriers, reference, shipment.number or str(shipment.id))
    together = _together(shipment, waiting, retailer)
    parts, parcels = _parts(together, lines), {each.id: _parcel(each, scene) for each in together}
    problems = [
        *_quantity_problems(parts, lines, scene),
        *(problem for parcel in parcels.values() if isinstance(parcel, list) for problem in parcel),
    ]
    if problems:
        return list({(problem.kind, problem.key): problem for problem in problems}.values())
    sent = {number: parcel for number, parcel in parcels.items() if isinstance(parcel, _Parcel)}
    items = tuple(_item(line, parts[line.line_reference], sent) for line in lines if line.line_reference in parts)
    if wrong := sorted({violation for item in items for violation in item.violations()}):
        return [scene.problem(kinds.DISPATCH_MISMATCH, scene.label, why="; ".join(wrong))]
    return Dispatch(items, tuple(together))


def to_rehearse(
    lines: Sequence[Line],
    retailer: Retailer,
    rulebook: Rulebook,
    carriers: Mapping[str, Carrier],
    *,
    reference: str,
    now: datetime,
) -> tuple[DispatchItem, ...] | list[Problem]:
    """The dispatch of all open units of an order that never reaches a warehouse, or what keeps it from being said.

    :param now: aware; its day on the retailer's clock is the day of dispatch.
    """
    tracking = f"TEST-{reference}"[:DispatchItem.LIMITS["tracking_number"]]
    scene = _Scene(retailer, rulebook, carriers, reference, tracking)
    slug = _allowed(retailer.test_orders.carrier or "(none)", scene)
    if isinstance(slug, Problem):
        return [slug]
    day = local(now, retailer).date()
    parcel = _Parcel(slug, tracking, day, _delivered_on(day, scene))
    items = tuple(_item(line, [_Part(0, line.open)], {0: parcel}) for line in lines if line.open > 0)
    if wrong := sorted({violation for item in items for violation in item.violations()}):
        return [scene.problem(kinds.DISPATCH_MISMATCH, tracking, why="; ".join(wrong))]
    return items


@dataclass(frozen=True)
class _Scene:
    """What every problem of one announcement tells, and what every shipment of it is measured by."""

    retailer: Retailer
    rulebook: Rulebook
    carriers: Mapping[str, Carrier]
    reference: str
    label: str

    def problem(self, kind: kinds.Kind, cause: str, **facts: str) -> Problem:
        known = {"retailer": self.retailer.name, "reference": self.reference, "shipment": self.label}
        return Problem(kind, f"{self.retailer.code}/{cause}", known | facts)


@dataclass(frozen=True)
class _Part:
    """Units of one order line in one shipment."""

    shipment_id: int
    quantity: int


@dataclass(frozen=True)
class _Parcel:
    """What a retailer wants to know of a shipment beside its lines."""

    slug: str
    tracking_number: str
    dispatched_on: date
    delivered_on: date | None


_Parts = dict[str | None, list[_Part]]
"""By line reference; under None what belongs to no line of the order."""


def _together(shipment: Shipment, waiting: Sequence[Shipment], retailer: Retailer) -> list[Shipment]:
    """The shipment and those that are told with it, in the order in which they left."""
    joined = [shipment]
    if retailer.dispatch.full_orders_only:
        joined += [each for each in waiting if each.id != shipment.id]
    elif retailer.dispatch.full_lines_only:
        joined += _sharing_lines(shipment, waiting)
    return sorted(joined, key=lambda each: (each.shipped_at or _LONG_AGO, each.id))


def _sharing_lines(shipment: Shipment, waiting: Sequence[Shipment]) -> list[Shipment]:
    """What waits for lines of the shipment, directly or through a third shipment."""
    joined, lines = {shipment.id}, _order_lines(shipment)
    while more := [each for each in waiting if each.id not in joined and lines & _order_lines(each)]:
        joined |= {each.id for each in more}
        lines |= {reference for each in more for reference in _order_lines(each)}
    return [each for each in waiting if each.id in joined and each.id != shipment.id]


def _order_lines(shipment: Shipment) -> set[int | None]:
    return {row.order_line_id for row in shipment.lines}


def _parts(shipments: Sequence[Shipment], lines: Sequence[Line]) -> _Parts:
    by_centra_line = {line.centra_line_id: line.line_reference for line in lines if line.centra_line_id is not None}
    parts: _Parts = {}
    for shipment in shipments:
        for row in shipment.lines:
            if row.quantity != 0:
                reference = by_centra_line.get(row.order_line_id) if row.order_line_id is not None else None
                parts.setdefault(reference, []).append(_Part(shipment.id, row.quantity))
    return parts


def _quantity_problems(parts: _Parts, lines: Sequence[Line], scene: _Scene) -> list[Problem]:
    mismatches, incomplete = [], []
    if None in parts:
        mismatches.append("it holds an article that is no line of the order")
    if not parts:
        mismatches.append("it holds nothing")
    for line in lines:
        held = parts.get(line.line_reference, [])
        units, remaining = sum(part.quantity for part in held), line.open
        if any(part.quantity < 0 for part in held):
            mismatches.append(f"line {line.line_reference} has a negative quantity")
        elif units > remaining:
            mismatches.append(f"{units} units of line {line.line_reference} left, {remaining} are open")
        elif units < remaining and _must_be_full(scene.retailer, held):
            incomplete.append(f"{units} of {remaining} units of line {line.line_reference}")
    problems = []
    if mismatches:
        problems.append(scene.problem(kinds.DISPATCH_MISMATCH, scene.label, why="; ".join(mismatches)))
    if incomplete:
        wanted = "full orders" if scene.retailer.dispatch.full_orders_only else "full lines"
        why = "; ".join(incomplete)
        problems.append(scene.problem(kinds.DISPATCH_INCOMPLETE, scene.label, wanted=wanted, why=why))
    return problems


def _must_be_full(retailer: Retailer, held: Sequence[_Part]) -> bool:
    return retailer.dispatch.full_orders_only or (retailer.dispatch.full_lines_only and bool(held))


def _parcel(shipment: Shipment, scene: _Scene) -> _Parcel | list[Problem]:
    carrier, tracking = (shipment.carrier or "").strip(), (shipment.tracking_number or "").strip()
    shipped_at = shipment.shipped_at if shipment.shipped_at and shipment.shipped_at.year in _YEARS else None
    wanted = {"a carrier": carrier, "a tracking number": tracking, "a dispatch date": shipped_at}
    problems = []
    if missing := [name for name, value in wanted.items() if not value]:
        label = shipment.number or str(shipment.id)
        facts = {"shipment": label, "missing": " and without ".join(missing)}
        problems.append(scene.problem(kinds.TRACKING_MISSING, label, **facts))
    slug = _slug(carrier, shipment.service, scene) if carrier else None
    if isinstance(slug, Problem):
        problems.append(slug)
    if problems or not isinstance(slug, str) or shipped_at is None:
        return problems
    day = local(shipped_at, scene.retailer).date()
    return _Parcel(slug, tracking, day, _delivered_on(day, scene))


def _slug(carrier: str, service: str | None, scene: _Scene) -> str | Problem:
    code, service = scene.retailer.code, (service or "").strip() or None
    slug = scene.rulebook.carrier_slug(code, carrier, service)
    if slug is None:
        facts = {"carrier": carrier, "service": service or "(no service)"}
        return scene.problem(kinds.UNMAPPED_CARRIER, f"{folded(carrier)}/{folded(service or '')}", **facts)
    return _allowed(slug, scene)


def _allowed(slug: str, scene: _Scene) -> str | Problem:
    allowed = scene.retailer.dispatch.carriers
    if slug not in scene.carriers:
        why = "it is not in the live carrier list"
    elif allowed is not None and slug not in allowed:
        why = "the retailer's profile does not allow it"
    else:
        return slug
    return scene.problem(kinds.CARRIER_NOT_ALLOWED, slug, slug=slug, why=why)


def _delivered_on(day: date, scene: _Scene) -> date | None:
    promise = scene.retailer.dispatch.delivery_date
    calendar = scene.rulebook.calendars[scene.retailer.sla.calendar]
    return promised_day(promise, day, calendar) if promise is not None else None


def _item(line: Line, parts: Sequence[_Part], sent: Mapping[int, _Parcel]) -> DispatchItem:
    parcel = sent[parts[-1].shipment_id]
    return DispatchItem(
        part_number=line.part_number,
        line_ref=line.line_reference,
        quantity=sum(part.quantity for part in parts),
        carrier=parcel.slug,
        tracking_number=parcel.tracking_number,
        supplier_dispatch_date=parcel.dispatched_on,
        supplier_delivery_date=parcel.delivered_on,
    )
