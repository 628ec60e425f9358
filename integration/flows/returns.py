"""Returns: the retailer hears at once that we have seen one, and what becomes of it in the portal is followed.

`poll` reads the platform's list, which is also the only place that shows what people did in its portal; `acknowledge`
says that a return was seen. What Centra tells of a return is in `returned_goods`.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa

from integration import kinds, steps
from integration.domain import returns as rules
from integration.domain.returns import OVER, STATES, TO_AUTHORISE, ReturnState
from integration.flows import mirror, returned_goods
from integration.flows.return_causes import ask_to_authorise, close_what_is_over, problem
from integration.flows.work import Findings, credential_works
from integration.lanes import Lane
from integration.problems import Problem, Refused, TryAgain
from integration.rulebook import Retailer
from integration.services import Services
from integration.storage import causes, journal, order_lines, orders, work
from integration.storage import returns as stored
from integration.storage.orders import StoredOrder
from integration.storage.returns import StoredReturn
from integration.virtualstock.actions import ReturnItem
from integration.virtualstock.schema import Order, ReturnRow, Status

POLLED = "returns-polled/"
"""Begins the names of the watermarks that say when a retailer's returns were last read, in seconds since 1970."""


def poll(services: Services, retailer: str) -> Findings:
    """Note every new return of a retailer, and what became of those that are open."""
    profile = services.rules().retailers[retailer]
    if not profile.returns.enabled:
        return None
    _read(services, profile, Lane.CATALOGUE)
    credential_works(services, steps.RETURNS_POLL, retailer)
    return None


def acknowledge(services: Services, subject: str) -> Findings:
    """Tell the retailer that a return was seen, unless it knows or somebody has done more than that already."""
    with services.store.read() as db:
        row = stored.by_id(db, subject.partition("/")[2])
    if row is None or not services.rules().retailers[row.retailer].returns.enabled:
        return None
    if row.acknowledging_since:
        row = _look(services, row)
    order = _order_to_tell(services, row)
    if order is None:
        return None
    if why := _misfit(services, order, row):
        return [problem(services, kinds.RETURN_MISMATCH, row, why=why)]
    with services.store.write() as db:
        stored.begin_acknowledging(db, row.id, services.now())
    try:
        services.client_of(row.retailer).return_acknowledge(order.virtualstock_id, [to_tell(row)], lane=Lane.ORDERS)
    except (TryAgain, Refused) as failure:
        return _not_acknowledged(services, row, failure)
    with services.store.write() as db:
        stored.acknowledged(db, row, services.now(), "acknowledged")
    return None


def to_tell(row: StoredReturn) -> ReturnItem:
    """What the retailer is told of a return."""
    return ReturnItem(part_number=row.part_number, line_ref=row.line_reference, quantity=row.quantity)


# Reading the list


def _read(services: Services, profile: Retailer, lane: Lane) -> None:
    """Read the list of a retailer's returns as far back as something may have changed, and adopt what it shows."""
    began = services.now()
    with services.store.read() as db:
        watched = [row for row in stored.unfinished(db, profile.code) if began - row.asked_at < rules.LONGEST]
        mark = journal.watermark(db, POLLED + profile.code)
    start = rules.listed_from(
        [row.asked_at for row in watched], datetime.fromtimestamp(mark, UTC) if mark else None, began
    )
    raw = services.client_of(profile.code).returns(lane=lane, from_date=start)
    listed = [ReturnRow.parse(each) for each in raw]
    with services.store.write() as db:
        for seen in listed:
            if _is_ours(services, db, profile, seen):
                _adopt(services, db, profile, seen)
        journal.move_watermark(db, POLLED + profile.code, int(began.timestamp()))
    shown = {seen.id for seen in listed if seen.id}
    for row in watched:
        if row.id not in shown:
            _vanished(services, row, shown, lane)


def _is_ours(services: Services, db: sa.Connection, profile: Retailer, seen: ReturnRow) -> bool:
    """A credential may see the returns of several retailers."""
    if seen.retailer_id is not None:
        return seen.retailer_id == profile.virtualstock.customer_id
    same = [each.code for each in services.rules().retailers.values() if each.credential == profile.credential]
    return same == [profile.code] or orders.by_subject(db, f"{profile.code}/{seen.order_reference}") is not None


def _adopt(services: Services, db: sa.Connection, profile: Retailer, seen: ReturnRow) -> None:
    """Write down what the list shows of a return, and ask for what follows from it."""
    now = services.now()
    if seen.id is None:
        key, reference = f"{profile.code}/{seen.order_reference}", seen.order_reference or "unknown"
        facts = {"retailer": profile.name, "reference": reference, "why": "it has no id"}
        causes.open_for(db, [Problem(kinds.RETURN_MISMATCH, key, facts)], now, item_id=None)
        return
    new = stored.store(db, id=seen.id, **_values(profile, seen, now))
    row = stored.get(db, seen.id)
    if row.retailer != profile.code or _stays_over(services, db, row, seen):
        return
    if new:
        stored.tell(db, row, "return asked for", now, reason=row.reason)
    else:
        _correct(services, db, row, seen)
    _find_order(services, db, row, new=new)
    _follow(services, db, stored.get(db, row.id), seen)


def _values(profile: Retailer, seen: ReturnRow, now: datetime) -> dict[str, object]:
    return {
        **_units(seen), "retailer": profile.code, "reference": seen.order_reference or "",
        "reason": seen.reason or seen.reason_code or "no reason given",
        "asked_at": rules.asked_at(seen.requested_at, now),
        # The status that all was done about that follows from it: none yet.
        "status": "",
    }  # fmt: skip


def _units(seen: ReturnRow) -> dict[str, object]:
    line, part = seen.line_reference or "", seen.part_number or ""
    return {"line_reference": line, "part_number": part, "quantity": seen.quantity or 0}


def _stays_over(services: Services, db: sa.Connection, row: StoredReturn, seen: ReturnRow) -> bool:
    """Whether a return is over; one that had only vanished from the list comes back to life."""
    if row.state is not ReturnState.WITHDRAWN or seen.status not in STATES:
        return row.state in OVER
    stored.learn(db, row.id, status="")
    return not stored.move(db, row, ReturnState.ASKED, services.now(), "listed again")


def _correct(services: Services, db: sa.Connection, row: StoredReturn, seen: ReturnRow) -> None:
    """The retailer corrected a return that nobody has acknowledged: judge it afresh."""
    known = {name: getattr(row, name) for name in _units(seen)}
    if row.acknowledged_at is None and known != _units(seen):
        stored.learn(db, row.id, **_units(seen))
        work.release_subject(db, steps.RETURNS_ACKNOWLEDGE.name, row.subject, services.now())


def _find_order(services: Services, db: sa.Connection, row: StoredReturn, *, new: bool) -> None:
    """Link a return to its order, which may come to us after it."""
    if row.order_id is not None:
        return
    now, order = services.now(), orders.by_subject(db, row.order_subject)
    if order is not None:
        stored.learn(db, row.id, order_id=order.id)
        causes.close_one(db, now, "the order is known now", kinds.RETURN_UNKNOWN.code, row.subject)
    elif new:
        causes.open_for(db, [problem(services, kinds.RETURN_UNKNOWN, row)], now, item_id=None)


def _follow(services: Services, db: sa.Connection, row: StoredReturn, seen: ReturnRow) -> None:
    """Move a return to where the list shows it, and do once what follows from its status."""
    now = services.now()
    if seen.status not in STATES:
        unknown = problem(services, kinds.UNKNOWN_STATUS, row, status=seen.status[:100] or "none")
        causes.open_for(db, [unknown], now, item_id=None)
        stored.learn(db, row.id, status=seen.status)
        return
    causes.close_one(db, now, "its status is known", kinds.UNKNOWN_STATUS.code, row.subject)
    stored.move(db, row, STATES[seen.status], now, "seen at the retailer")
    after = stored.get(db, row.id)
    close_what_is_over(services, db, after, seen.status)
    if after.order_id is None:
        # Nothing else follows until its order is known.
        return
    stored.learn(db, row.id, status=seen.status)
    if row.status not in TO_AUTHORISE and rules.is_to_authorise(after.state, seen.status):
        ask_to_authorise(services, db, after)
    if seen.status == Status.RMA_ACK and after.acknowledged_at is None:
        stored.learn(db, row.id, acknowledged_at=now)
    if seen.status == Status.RMA and after.acknowledged_at is None:
        services.promise(db, steps.RETURNS_ACKNOWLEDGE, [row.subject])
    returned_goods.meet(services, db, after.order_id)


def _vanished(services: Services, row: StoredReturn, shown: Collection[str], lane: Lane) -> None:
    """A return that is listed no more was taken back, unless its order says otherwise."""
    with services.store.read() as db:
        order = orders.by_id(db, row.order_id) if row.order_id else None
        siblings = stored.of_order(db, order.id) if order else []
    if order is not None:
        seen = Order.parse(services.client_of(row.retailer).order(order.virtualstock_id, lane=lane))
        # A line shows the newest of its returns; where another one is listed, it may be that.
        others = [each for each in siblings if each.line_reference == row.line_reference and each.id in shown]
        if mirror.statuses(seen).get(row.line_reference) in STATES and not others:
            return
    with services.store.write() as db:
        now_there = stored.get(db, row.id)
        if stored.move(db, now_there, ReturnState.WITHDRAWN, services.now(), "listed no more"):
            close_what_is_over(services, db, stored.get(db, row.id), now_there.status)


# Acknowledging


def _look(services: Services, row: StoredReturn) -> StoredReturn:
    """Only the list tells how far a return has come, so the look is the poll in a better lane."""
    _read(services, services.rules().retailers[row.retailer], Lane.ORDERS)
    with services.store.write() as db:
        stored.not_acknowledged(db, row.id)
        return stored.get(db, row.id)


def _order_to_tell(services: Services, row: StoredReturn) -> StoredOrder | None:
    """The order of a return that nobody has acknowledged, else None."""
    if row.order_id is None or row.acknowledged_at is not None or row.status != Status.RMA or row.state in OVER:
        return None
    with services.store.read() as db:
        return orders.by_id(db, row.order_id)


def _misfit(services: Services, order: StoredOrder, row: StoredReturn) -> str | None:
    def judge() -> str | None:
        with services.store.read() as db:
            return rules.misfit(row, order_lines.lines(db, order.id), stored.of_order(db, order.id))

    if judge() is None:
        return None
    # What was dispatched in the portal, nobody told us.
    mirror.look(services, order)
    return judge()


def _not_acknowledged(services: Services, row: StoredReturn, failure: TryAgain | Refused) -> Findings:
    with services.store.write() as db:
        stored.not_acknowledged(db, row.id)
    if isinstance(failure, TryAgain) or failure.about_credential:
        raise failure
    after = _look(services, row)
    if _order_to_tell(services, after) is None:
        return None
    return [problem(services, kinds.RETURN_REFUSED, after, why=failure.reason)]
