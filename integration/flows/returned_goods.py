"""A return in Centra and the retailer's return of the same units find each other, whichever of them comes first."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from integration.centra.schema import Return
from integration.domain.returns import ReturnState, pairs
from integration.flows.return_causes import ask_to_decide
from integration.services import Services
from integration.storage import journal, order_lines, orders, returns
from integration.storage.orders import StoredOrder
from integration.storage.returns import StoredCentraReturn


def observe(services: Services, db: sa.Connection, asked: Collection[int], found: Sequence[Return]) -> None:
    """Write down what Centra shows of the returns it was asked for; one that it no longer shows was deleted."""
    numbers = sorted({each.order_number for each in found if each.order_number is not None})
    ours = {order.centra_number: order for order in orders.by_centra_numbers(db, numbers)}
    for made in sorted(found, key=lambda each: each.id):
        if made.order_number in ours:
            _keep(services, db, ours[made.order_number], made)
            meet(services, db, ours[made.order_number].id)
    for number in sorted(set(asked) - {each.id for each in found}):
        gone = returns.forget_centra_return(db, number)
        order = orders.by_id(db, gone.order_id) if gone else None
        if order is not None:
            journal.tell(db, "order", order.subject, "return deleted in Centra", services.now(), centra_return=number)
            meet(services, db, order.id)


def meet(services: Services, db: sa.Connection, order_id: int) -> None:
    """Match the returns of an order with those in Centra, and ask for a decision on those that are complete."""
    now, lines, made = services.now(), order_lines.lines(db, order_id), returns.in_centra(db, order_id)
    for return_id, centra_return in pairs(returns.of_order(db, order_id), lines, made).items():
        returns.link(db, returns.get(db, return_id), centra_return, now)
    complete = {each.id: each for each in made if each.completed_at}
    centra_lines = {line.line_reference: line.centra_line_id for line in lines}
    for row in returns.of_order(db, order_id):
        theirs = complete.get(row.centra_return_id or 0)
        if theirs and returns.move(db, row, ReturnState.BACK, now, "complete in Centra"):
            came = theirs.units.get(centra_lines.get(row.line_reference) or 0, 0)
            ask_to_decide(services, db, returns.get(db, row.id), came)


def _keep(services: Services, db: sa.Connection, order: StoredOrder, made: Return) -> None:
    units: dict[int, int] = {}
    for line in made.lines:
        if line.order_line_id is not None:
            units[line.order_line_id] = units.get(line.order_line_id, 0) + line.quantity
    now = services.now()
    before = returns.keep_centra_return(db, made.id, order.id, units, now if made.is_completed else None)
    for what in _news(before, made):
        journal.tell(db, "order", order.subject, what, now, centra_return=made.id, units=sum(units.values()))


def _news(before: StoredCentraReturn | None, made: Return) -> list[str]:
    was_complete = before is not None and before.completed_at is not None
    news = [] if before else ["return made in Centra"]
    if made.is_completed and not was_complete:
        news.append("return complete in Centra")
    if was_complete and not made.is_completed:
        news.append("return opened again in Centra")
    return news
