"""What a cause blocks is read the same from both engines, whatever work names the order by."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from trouble_asks import cause, close, hold, report
from work_asks import NOW, STEP

from integration import kinds
from integration.problems import Problem
from integration.storage import Store, deadlines, impacts, order_lines, orders
from integration.storage.announcements import ANNOUNCEMENT
from integration.storage.returns import RETURN

HOUR = timedelta(hours=1)
EAN = Problem(kinds.DUPLICATE_EAN, "500", {"ean": "500"})
MONEY = {"total": "24.00", "items": [{"line_reference": "1", "total": "24.00"}], "currency_code": "GBP"}


@pytest.fixture
def order(store: Store) -> int:
    """Northgate's PO/1 (a reference may hold a slash): five units, of which one left and one was cancelled."""
    with store.write() as db:
        orders.receive(db, "northgate", "PO/1", 5001, {**MONEY, "shipping_address": {"name": "Ada"}}, NOW)
        found = orders.by_subject(db, "northgate/PO/1")
        assert found is not None
        order_lines.store(db, found.id, [
            {"line_reference": "1", "part_number": "71", "quantity": 3, "state": "received", "dispatched": 1},
            {"line_reference": "2", "part_number": "72", "quantity": 2, "state": "received", "cancelled": 1},
        ])  # fmt: skip
        deadlines.start(db, found.id, "acknowledge", NOW, NOW + HOUR, None)
        deadlines.start(db, found.id, "dispatch", NOW, NOW + 24 * HOUR, None)
        deadlines.meet(db, found.id, NOW, ["acknowledge"])
    return found.id


def test_an_order_is_found_by_reference_by_shipment_and_by_return(store: Store, order: int) -> None:
    with store.write() as db:
        db.execute(sa.insert(ANNOUNCEMENT).values(shipment_id=41, order_id=order, number="1200-1", items=[]))
        db.execute(sa.insert(RETURN), [
            {"id": name, "retailer": "northgate", "order_id": of, "reference": "PO/1", "line_reference": "1",
             "part_number": "71", "quantity": 1, "reason": "", "status": "", "state": "asked", "asked_at": NOW}
            for name, of in (("ab-1", order), ("ab-2", None))
        ])  # fmt: skip
    with store.read() as db:
        assert impacts.by_reference(db, {"northgate/PO/1", "calder/PO/1", "northgate/x"}) == {"northgate/PO/1": order}
        assert impacts.by_shipment(db, {"northgate/41", "northgate/42", "northgate/TEST"}) == {"northgate/41": order}
        assert impacts.by_return(db, {"northgate/ab-1", "northgate/ab-2"}) == {"northgate/ab-1": order}
        assert impacts.by_reference(db, set()) == {}


def test_only_open_units_running_clocks_and_no_personal_data_are_read(store: Store, order: int) -> None:
    with store.read() as db:
        found = impacts.waiting(db, {order, order + 1})

    assert found == {order: impacts.Waiting(order, 3, [NOW + 24 * HOUR], MONEY)}


def test_an_order_that_names_no_amounts_is_read_as_well(store: Store) -> None:
    with store.write() as db:
        orders.receive(db, "northgate", "PO-2", 5002, {}, NOW)
        found = orders.by_subject(db, "northgate/PO-2")
    assert found is not None
    with store.read() as db:
        (waits,) = impacts.waiting(db, [found.id]).values()

    assert (waits.units, list(waits.deadlines)) == (0, [])
    assert set(waits.amounts.values()) == {None}


def test_the_work_behind_each_open_cause_is_read_at_once(store: Store) -> None:
    other = Problem(kinds.DUPLICATE_EAN, "501")
    hold(store, "northgate/1", EAN, other)
    hold(store, "northgate/2", EAN)
    report(store, Problem(kinds.DUPLICATE_EAN, "502"))
    close(store, Problem(kinds.DUPLICATE_EAN, "502"))

    with store.read() as db:
        assert impacts.held(db) == {
            cause(store, EAN).id: [(STEP, "northgate/1"), (STEP, "northgate/2")],
            cause(store, other).id: [(STEP, "northgate/1")],
        }
        assert sorted(row.key for row in impacts.open_causes(db)) == ["500", "501"]


@pytest.mark.parametrize(("times", "closed"), [(1, True), (2, False)])
def test_a_cause_that_was_closed_or_opened_again_meanwhile_is_not_weighed(
    store: Store, times: int, closed: bool
) -> None:
    hold(store, "northgate/1", EAN)
    if closed:
        close(store, EAN)

    with store.write() as db:
        impacts.weigh(db, [impacts.Weight(cause(store, EAN).id, times, "act now", NOW, {"orders": 1})])

    assert (cause(store, EAN).severity, cause(store, EAN).impact) == ("today", None)


def test_each_cause_is_given_its_own_weight(store: Store) -> None:
    other = Problem(kinds.DUPLICATE_EAN, "501")
    report(store, EAN, other)
    found = {each.key: impacts.Weight(cause(store, each).id, 1, "act now", NOW + place * HOUR, {"orders": place})
             for place, each in enumerate((EAN, other), start=1)}  # fmt: skip

    with store.write() as db:
        impacts.weigh(db, list(found.values()))
        impacts.weigh(db, [])

    for each, place in ((EAN, 1), (other, 2)):
        row = cause(store, each)
        assert (row.severity, row.due_at, row.impact) == ("act now", NOW + place * HOUR, {"orders": place})
