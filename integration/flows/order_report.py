"""What became of an order can be read on one page: where it is, who must act until when, and all that happened.

Nothing here asks a platform, and nothing personal is in the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.centra.schema import Shipment
from integration.domain.calendars import working_time
from integration.domain.deadlines import Clock
from integration.flows.invoices import in_brief
from integration.flows.order_waits import Situation, waits_for
from integration.flows.report import CAUSE, HOLD, ITEM, pending
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import announcements, deadlines, invoices, journal, order_lines, orders, returns
from integration.storage.announcements import StoredAnnouncement
from integration.storage.deadlines import StoredDeadline
from integration.storage.order_lines import StoredLine
from integration.storage.orders import StoredOrder
from integration.storage.returns import StoredReturn

OF_ORDER = (
    steps.ORDERS_PLACE, steps.ORDERS_CONFIRM, steps.ORDERS_ACKNOWLEDGE, steps.BACKORDERS_ANNOUNCE,
    steps.CANCELLATIONS_SETTLE, steps.CANCELLATIONS_CONFIRM, steps.DISPATCHES_REHEARSE, steps.INVOICES_SEND,
)  # fmt: skip
"""Steps whose subject is the order itself."""


def order(services: Services, reference: str) -> list[dict[str, Any]]:
    """Everything known of the orders with this reference (or Centra number), free of personal data."""
    with services.store.read() as db:
        return [_order(db, services.rules(), found, services.now()) for found in orders.find(db, reference)]


def _order(db: sa.Connection, rules: Rulebook, found: StoredOrder, now: datetime) -> dict[str, Any]:
    profile = rules.retailers.get(found.retailer)
    lines, told = order_lines.lines(db, found.id), announcements.announcements(db, found.id)
    came, billed = returns.of_order(db, found.id), invoices.of_order(db, found.id)
    clocks = deadlines.of_order(db, found.id)
    asked = _steps(found, told, came)
    work, causes = pending(db, asked), _causes(db, asked, found, came)
    situation = Situation(found, lines, profile, told, came, clocks, work, causes)
    due = {clock.clock: clock.due_at for clock in clocks}
    return {
        "reference": found.reference,
        "retailer": found.retailer,
        "retailer_name": profile.name if profile else found.retailer,
        "timezone": profile.timezone if profile else "UTC",
        "state": found.state,
        "rehearsal": found.rehearsal,
        "waits_for": waits_for(situation),
        "centra_order": found.centra_number,
        "received_at": found.received_at,
        "placed_at": found.placed_at,
        "confirmed_at": found.confirmed_at,
        "acknowledged_at": found.acknowledged_at,
        "lines": [_line(line) for line in lines],
        "shipments": [_shipment(each, lines) for each in told],
        "returns": [_return(each) for each in came],
        "invoices": [in_brief(each) for each in billed],
        "pending": {f"{step} {subject}": each for (step, subject), each in work.items()},
        "held_by": [cause["sentence"] for cause in causes],
        "causes": causes,
        "deadlines": {
            "acknowledge_by": due.get(Clock.ACKNOWLEDGE),
            "dispatch_by": due.get(Clock.DISPATCH),
            "clocks": [_clock(each, rules, profile, now) for each in clocks],
        },
        "timeline": journal.story(db, "order", found.subject),
    }


def _steps(
    found: StoredOrder, told: Iterable[StoredAnnouncement], came: Iterable[StoredReturn]
) -> list[tuple[str, str]]:
    """Every piece of work there may be about an order."""
    return [
        *((step.name, found.subject) for step in OF_ORDER),
        *((steps.DISPATCHES_ANNOUNCE.name, f"{found.retailer}/{each.shipment_id}") for each in told),
        *((steps.RETURNS_ACKNOWLEDGE.name, each.subject) for each in came),
    ]


def _causes(
    db: sa.Connection, asked: Sequence[tuple[str, str]], found: StoredOrder, came: Iterable[StoredReturn]
) -> list[dict[str, Any]]:
    """The open causes that hold work of the order, or that name it, its shipments or its returns; most urgent first."""
    holding = (
        sa.select(HOLD.c.cause_id).join(ITEM, ITEM.c.id == HOLD.c.work_item_id)
        .where(sa.tuple_(ITEM.c.step, ITEM.c.subject).in_(asked))
    )  # fmt: skip
    about = sa.or_(
        CAUSE.c.id.in_(holding),
        CAUSE.c.key.in_([found.subject, *(each.subject for each in came)]),
        CAUSE.c.key.startswith(f"{found.subject}/", autoescape=True),
    )
    rows = db.execute(sa.select(CAUSE).where(about, CAUSE.c.closed_at.is_(None)).order_by(CAUSE.c.due_at, CAUSE.c.id))
    return [
        {
            "id": row.id, "kind": row.kind, "sentence": row.sentence, "owner": row.owner, "severity": row.severity,
            "opened_at": row.opened_at, "due_at": row.due_at, "manual": f"integration/manual/{row.kind}.md",
        }
        for row in rows
    ]  # fmt: skip


def _line(line: StoredLine) -> dict[str, Any]:
    return {
        "line_reference": line.line_reference, "part_number": line.part_number, "sku": line.sku, "state": line.state,
        "quantity": line.quantity, "dispatched": line.dispatched, "cancelled": line.cancelled,
        "cancel_asked": line.cancel_asked, "cancelled_in_centra": line.centra_cancelled, "short": line.short,
    }  # fmt: skip


def _shipment(each: StoredAnnouncement, lines: Iterable[StoredLine]) -> dict[str, Any]:
    """What left Centra, and what of it the retailer was told."""
    shown = Shipment.model_validate(each.snapshot) if each.snapshot else None
    references: dict[int | None, str] = {
        line.centra_line_id: line.line_reference for line in lines if line.centra_line_id is not None
    }
    said: Mapping[str, Any] = each.items[0] if each.items else {}
    return {
        "number": each.number,
        "units": {
            references.get(row.order_line_id, "unknown"): row.quantity for row in (shown.lines if shown else ())
        } or announcements.units(each.items),
        "carrier": said.get("carrier") or (shown.carrier if shown else None),
        "tracking_number": said.get("tracking_number") or (shown.tracking_number if shown else None),
        "dispatch_date": said.get("supplier_dispatch_date"),
        "shipped_at": shown.shipped_at if shown else None,
        "announcing_since": each.announcing_since,
        "announced_at": each.announced_at,
        "unclear_at": each.unclear_at,
        "changed_since": each.differs is not None,
    }  # fmt: skip


def _return(each: StoredReturn) -> dict[str, Any]:
    return {
        "id": each.id, "line_reference": each.line_reference, "quantity": each.quantity, "reason": each.reason,
        "state": each.state, "status": each.status, "asked_at": each.asked_at, "acknowledged_at": each.acknowledged_at,
        "centra_return": each.centra_return_id, "back_at": each.back_at, "closed_at": each.closed_at,
    }  # fmt: skip


def _clock(each: StoredDeadline, rules: Rulebook, profile: Retailer | None, now: datetime) -> dict[str, Any]:
    return {
        "clock": each.clock, "started_at": each.started_at, "due_at": each.due_at, "met_at": each.met_at,
        "missed_at": each.missed_at, "percent": _percent(each, rules, profile, each.met_at or now),
    }  # fmt: skip


def _percent(each: StoredDeadline, rules: Rulebook, profile: Retailer | None, at: datetime) -> int:
    """How much of the time that counts is over, or was when the clock was met; above 100 it is late."""
    if profile is None:
        return each.passed
    calendar = rules.calendars[profile.sla.calendar]
    length = working_time(profile, calendar, each.started_at, each.due_at)
    gone = working_time(profile, calendar, each.started_at, max(at, each.started_at))
    # All of no time is over as soon as it began.
    return int(100 * gone / length) if length > timedelta() else 100
