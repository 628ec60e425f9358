"""Whatever Centra shows of a shipment is held against what its retailer was told: told, told again, or corrected.

Events and the sweep both end here. A shipment nobody was told of is judged afresh whenever it changes; one that was
told and then changed or went away is a person's, because no call can correct it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra.schema import Order as CentraOrder
from integration.centra.schema import Shipment
from integration.domain.shipments import differences
from integration.flows import new_carriers
from integration.problems import Problem
from integration.services import Services
from integration.storage import announcements, causes, journal, order_lines, orders, work
from integration.storage.announcements import StoredAnnouncement
from integration.storage.orders import StoredOrder

OPEN = "open"
"""Beside the shipment, a snapshot notes the units that were open at the retailer: it may be judged otherwise now."""


def as_told(shipment: Shipment) -> dict[str, Any]:
    """A shipment as it is kept: without its stamp, which moves without anything of concern."""
    return shipment.model_dump(mode="json", exclude={"updated_at"})


def is_on_record(known: StoredAnnouncement | None, shipment: Shipment) -> bool:
    """Whether a shipment is on record exactly as it was judged."""
    return known is not None and _without_open(known.snapshot) == as_told(shipment)


def not_shown(services: Services, found: Sequence[CentraOrder]) -> set[int]:
    """Shipments on record that their orders do not show as shipped. They may be gone, or younger than the reading."""
    shown = {shipment.id for order in found for shipment in order.shipments if shipment.is_shipped}
    with services.store.read() as db:
        known = announcements.of_centra_orders(db, [order.number for order in found])
    return {each.shipment_id for each in known if each.differs != {}} - shown


def ask_announcements(
    services: Services, db: sa.Connection, shipments: Iterable[Shipment], *, named: Collection[int] = ()
) -> None:
    """Keep what was read of each shipment of ours, ask to announce it, and report what no longer is what was told.

    :param named: the ids that were asked for; those that did not come back are gone.
    """
    read = {each.id: each for each in shipments}
    known = announcements.by_shipments(db, {*read, *named})
    numbers = {each.order_number for each in read.values() if each.order_number is not None}
    ours = {order.centra_number: order for order in orders.by_centra_numbers(db, sorted(numbers))}
    new_carriers.notice(services, db, read.values(), ours=ours)
    asked = []
    # Always in the same order: two writers that lock the same rows crosswise would deadlock in PostgreSQL.
    for shipment_id in sorted({*read, *known}):
        shipment, row = read.get(shipment_id), known.get(shipment_id)
        if row is not None:
            order = orders.by_id(db, row.order_id)
        else:
            order = ours.get(shipment.order_number) if shipment is not None else None
        if order is not None and _to_judge(services, db, order, shipment, row):
            asked.append(f"{order.retailer}/{shipment_id}")
    services.promise(db, steps.DISPATCHES_ANNOUNCE, asked)


def note(services: Services, db: sa.Connection, order: StoredOrder, shipment: Shipment) -> None:
    """Keep a shipment as just read, unless the retailer was told of it."""
    units = {line.line_reference: line.open for line in order_lines.lines(db, order.id)}
    snapshot = as_told(shipment) | {OPEN: units}
    announcements.note_shipment(db, shipment.id, order.id, shipment.number or "", snapshot, services.now())


def report_differences(services: Services, db: sa.Connection, order: StoredOrder, told: Collection[int]) -> None:
    """Tell a person which of these announced shipments are not what the retailer was told."""
    for row in announcements.by_shipments(db, told).values():
        if row.announced_at is not None and row.differs is not None:
            _report(services, db, order, row, row.differs)


def stands_again(services: Services, db: sa.Connection, order: StoredOrder, shipment_id: int, why: str) -> None:
    """What the retailer was told is true again."""
    causes.close_one(db, services.now(), why, kinds.SHIPMENT_CHANGED.code, f"{order.subject}/{shipment_id}")


def settle_by_hand(services: Services, key: str, by: str) -> None:
    """A person corrected it in the portal; it is reported again only when it changes again."""
    with services.store.write() as db:
        causes.close_one(db, services.now(), f"corrected by {by}", kinds.SHIPMENT_CHANGED.code, key)


def _to_judge(
    services: Services, db: sa.Connection, order: StoredOrder, shipment: Shipment | None,
    known: StoredAnnouncement | None,
) -> bool:
    """Learn what Centra shows of a shipment, if anything. Returns whether its announcement is to be judged."""
    if known is not None and known.is_told:
        _compare(services, db, order, known, shipment)
        return known.announced_at is None
    if shipment is None or not shipment.is_shipped:
        if known is not None:
            announcements.forget(db, known.shipment_id)
            _judge_afresh(services, db, order, known.shipment_id)
        return known is not None
    note(services, db, order, shipment)
    now_known = announcements.announcement(db, shipment.id)
    if known is not None and now_known is not None and _says_else(known.snapshot, now_known.snapshot):
        # Somebody mended what it may be held for: judge it afresh.
        _judge_afresh(services, db, order, shipment.id)
    return True


def _compare(
    services: Services, db: sa.Connection, order: StoredOrder, known: StoredAnnouncement, shown: Shipment | None
) -> None:
    """Learn whether a told shipment still is what was told. While its answer is open, nobody is asked to act."""
    if known.snapshot is None:
        return
    if shown is not None and not differences(Shipment.model_validate(known.snapshot), shown):
        if known.differs is not None:
            announcements.learn_difference(db, known.shipment_id, None)
            stands_again(services, db, order, known.shipment_id, "Centra shows again what was told")
        return
    if _is_known(known.differs, shown):
        return
    differs = as_told(shown) if shown is not None else {}
    announcements.learn_difference(db, known.shipment_id, differs)
    if known.announced_at is not None:
        _report(services, db, order, known, differs)
    if shown is None:
        # Perhaps it was made anew, and that one waits because its units count as dispatched.
        for other in announcements.announcements(db, order.id):
            if not other.is_told:
                _judge_afresh(services, db, order, other.shipment_id)


def _is_known(differs: dict[str, Any] | None, shown: Shipment | None) -> bool:
    if differs is None or shown is None:
        return differs == {} and shown is None
    return bool(differs) and as_told(shown)["is_shipped"] == differs.get("is_shipped") and not differences(
        Shipment.model_validate(differs | {"is_shipped": True}), shown.model_copy(update={"is_shipped": True})
    )


def _report(
    services: Services, db: sa.Connection, order: StoredOrder, row: StoredAnnouncement, differs: dict[str, Any]
) -> None:
    how = "deleted"
    if differs:
        told, shown = Shipment.model_validate(row.snapshot), Shipment.model_validate(differs)
        how = "changed: " + ", ".join(differences(told, shown))
    name, label = services.rules().retailers[order.retailer].name, row.number or str(row.shipment_id)
    facts = {"retailer": name, "reference": order.reference, "shipment": label, "how": how}
    problem = Problem(kinds.SHIPMENT_CHANGED, f"{order.subject}/{row.shipment_id}", facts)
    now = services.now()
    journal.tell(db, "order", order.subject, "shipment changed after it was announced", now, shipment=label, how=how)
    causes.open_for(db, [problem], now, item_id=None)


def _judge_afresh(services: Services, db: sa.Connection, order: StoredOrder, shipment_id: int) -> None:
    work.release_subject(db, steps.DISPATCHES_ANNOUNCE.name, f"{order.retailer}/{shipment_id}", services.now())


def _says_else(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether a snapshot differs from an earlier one; one that was told did not note what was open."""
    if before is None or after is None:
        return False
    return {OPEN: after.get(OPEN)} | before != after


def _without_open(snapshot: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (snapshot or {}).items() if name != OPEN}
