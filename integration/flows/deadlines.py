"""What a retailer waits for has a clock from the first moment on, and people hear of it before it is too late."""

from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from integration import kinds
from integration.domain.calendars import end_of
from integration.domain.deadlines import Clock, Deadline, deadline, marks_passed, next_mark
from integration.domain.orders import ordered_at
from integration.problems import Problem
from integration.rulebook import Calendar, Retailer
from integration.services import Services
from integration.storage import causes, journal, orders
from integration.storage import deadlines as stored
from integration.storage.deadlines import StoredDeadline
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order

AT_ONCE = 500
URGENT = 75
"""Per cent of the time after which a person is asked to act."""
WANTED = {Clock.ACKNOWLEDGE: "acknowledged", Clock.DISPATCH: "dispatched"}

log = structlog.get_logger(__name__)


def begin(services: Services, db: sa.Connection, order: StoredOrder) -> None:
    """Start the clocks of a new order."""
    profile, calendar = _rules(services, order)
    at = ordered_at(Order.parse(order.raw), profile, order.received_at)
    for clock in (Clock.ACKNOWLEDGE, Clock.DISPATCH):
        _start(db, order.id, deadline(clock, profile, calendar, at), profile, calendar)


def postpone_dispatch(services: Services, db: sa.Connection, order: StoredOrder, day: date) -> None:
    """The retailer was given a new day of dispatch: until the end of that day the order is not late."""
    profile, calendar = _rules(services, order)
    now = services.now()
    due = max(end_of(day, profile), now)
    _start(db, order.id, Deadline(Clock.DISPATCH, now, due), profile, calendar)
    _nobody_is_asked(services, db, order, Clock.DISPATCH, "the retailer was given a new day")


def meet(services: Services, db: sa.Connection, order: StoredOrder, *clocks: Clock) -> None:
    """What the retailer waited for has happened; nobody need be asked any more."""
    stored.meet(db, order.id, services.now(), clocks)
    for clock in clocks:
        _nobody_is_asked(services, db, order, clock, "it has happened")


def remind(services: Services) -> None:
    """Note every mark that is reached, on the order's timeline and, when time is short, with a person."""
    now = services.now()
    with services.store.read() as db:
        rows = stored.reached(db, now, AT_ONCE)
    for row in rows:
        with services.store.write() as db:
            order = orders.by_id(db, row.order_id)
            if order is not None:
                _mark(services, db, order, row)


def _mark(services: Services, db: sa.Connection, order: StoredOrder, row: StoredDeadline) -> None:
    now = services.now()
    profile, calendar = _rules(services, order)
    running = Deadline(Clock(row.clock), row.started_at, row.due_at)
    passed = max(row.passed, *marks_passed(running, profile, calendar, now))
    missed = now if passed >= 100 else None
    if not stored.mark(db, row, passed, next_mark(running, profile, calendar, passed), missed):
        return
    what = f"deadline to {row.clock}: " + ("missed" if missed else f"{passed} % of the time are over")
    journal.tell(db, "order", order.subject, what, now, due=row.due_at.isoformat())
    log.warning("deadline", order=order.subject, clock=row.clock, passed=passed, due=row.due_at.isoformat())
    if passed >= URGENT and running.clock in WANTED:
        _ask(services, db, order, row, missed=missed is not None)


def _ask(services: Services, db: sa.Connection, order: StoredOrder, row: StoredDeadline, *, missed: bool) -> None:
    profile, _ = _rules(services, order)
    key = f"{order.subject}/{row.clock}"
    facts = {
        "retailer": profile.name, "reference": order.reference, "what": WANTED[Clock(row.clock)],
        "until": f"{row.due_at.astimezone(ZoneInfo(profile.timezone)):%d %B %Y, %H:%M} ({profile.timezone})",
        "waiting": f"It is {order.state}; cvsync order {order.reference} shows what it waits for.",
    }  # fmt: skip
    kind = kinds.DEADLINE_MISSED if missed else kinds.DEADLINE_NEAR
    causes.open_for(db, [Problem(kind, key, facts, due_at=row.due_at)], services.now(), item_id=None)
    if missed:
        causes.close_one(db, services.now(), "it was missed", kinds.DEADLINE_NEAR.code, key)


def _nobody_is_asked(services: Services, db: sa.Connection, order: StoredOrder, clock: Clock, why: str) -> None:
    for kind in (kinds.DEADLINE_NEAR, kinds.DEADLINE_MISSED):
        causes.close_one(db, services.now(), why, kind.code, f"{order.subject}/{clock}")


def _start(db: sa.Connection, order_id: int, running: Deadline, profile: Retailer, calendar: Calendar) -> None:
    stored.start(
        db, order_id, running.clock, running.started_at, running.due_at, next_mark(running, profile, calendar, 0)
    )


def _rules(services: Services, order: StoredOrder) -> tuple[Retailer, Calendar]:
    rules = services.rules()
    profile = rules.retailers[order.retailer]
    return profile, rules.calendars[profile.sla.calendar]
