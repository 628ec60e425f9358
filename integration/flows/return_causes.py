"""People hear of a return when only they can go on with it, until when, and no longer than it concerns them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from integration import kinds
from integration.domain.deadlines import Clock, deadline
from integration.domain.returns import OVER, TO_AUTHORISE
from integration.kinds import Kind
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes
from integration.storage.returns import StoredReturn
from integration.virtualstock.schema import Status

_OF_ACKNOWLEDGING = (kinds.RETURN_MISMATCH, kinds.RETURN_REFUSED)
_ALL = (kinds.RETURN_UNKNOWN, kinds.RETURN_TO_AUTHORISE, kinds.RETURN_TO_DECIDE, *_OF_ACKNOWLEDGING)


def problem(
    services: Services, kind: Kind, row: StoredReturn, *, due_at: datetime | None = None, **facts: str
) -> Problem:
    """A problem with one return; `facts` besides those that every kind has."""
    about = {"retailer": services.rules().retailers[row.retailer].name, "reference": row.reference or "unknown"}
    return Problem(kind, row.subject, {**about, **facts}, due_at=due_at)


def ask_to_authorise(services: Services, db: sa.Connection, row: StoredReturn) -> None:
    """A person must authorise or decline it in the portal."""
    _ask(services, db, row, kinds.RETURN_TO_AUTHORISE, Clock.AUTHORISE_RETURN, row.asked_at, row.quantity)


def ask_to_decide(services: Services, db: sa.Connection, row: StoredReturn, came: int) -> None:
    """The goods are back: a person must approve or reject it in the portal.

    :param came: units of the line that came back, in this return and perhaps in others of it.
    """
    since = row.back_at or services.now()
    _ask(services, db, row, kinds.RETURN_TO_DECIDE, Clock.DECIDE_RETURN, since, min(came, row.quantity))


def close_what_is_over(services: Services, db: sa.Connection, row: StoredReturn, status: str) -> None:
    """Close the causes that do not concern a return any more, now that the platform shows it in `status`."""
    over: tuple[Kind, ...] = ()
    if row.state in OVER:
        over = _ALL
    elif status not in TO_AUTHORISE:
        over = (kinds.RETURN_TO_AUTHORISE, *_OF_ACKNOWLEDGING)
    elif status != Status.RMA:
        over = _OF_ACKNOWLEDGING
    for kind in over:
        causes.close_one(db, services.now(), f"the return is {row.state}", kind.code, row.subject)


def _ask(
    services: Services, db: sa.Connection, row: StoredReturn, kind: Kind, clock: Clock, since: datetime, units: int
) -> None:
    book = services.rules()
    profile = book.retailers[row.retailer]
    due = deadline(clock, profile, book.calendars[profile.sla.calendar], since).due_at
    facts = {
        "units": f"{units} of line {row.line_reference}", "reason": row.reason,
        "until": f"{due.astimezone(ZoneInfo(profile.timezone)):%d %B %Y, %H:%M} ({profile.timezone})",
    }  # fmt: skip
    if units < row.quantity:
        facts["units"] = f"{units} of the {row.quantity} units of line {row.line_reference}"
    causes.open_for(db, [problem(services, kind, row, due_at=due, **facts)], services.now(), item_id=None)
