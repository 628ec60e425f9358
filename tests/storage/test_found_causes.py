"""Exceptions are found by anything that is known of them, page by page, on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from trouble_asks import cause, close, hold, report
from work_asks import NOW

from integration import kinds
from integration.problems import Problem
from integration.storage import Store, causes, found
from integration.storage.found import Filter

HOUR = timedelta(hours=1)
SKU = Problem(kinds.UNMAPPED_SKU, "northgate/7100", {"retailer": "Northgate", "item": "100% Wool_Scarf"})
CARRIER = Problem(kinds.UNMAPPED_CARRIER, "ups/standard", {"carrier": "UPS", "service": "", "retailer": "Calder"})
EAN = Problem(kinds.DUPLICATE_EAN, "500", {"ean": "500", "skus": "A, B"})
SPLIT = Problem(kinds.ORDER_SPLIT, "north/PO-1", {"reference": "PO-1", "retailer": "North", "numbers": "1, 2"})


@pytest.fixture
def desk(store: Store) -> Iterator[Store]:
    """Four causes, due in this sequence: SKU (assigned to ada), CARRIER (holds work of calder), SPLIT, EAN."""
    hold(store, "northgate/TEE-M", SKU)
    hold(store, "calder/CAP", CARRIER, at=NOW + HOUR / 2)
    report(store, SPLIT, at=NOW + HOUR)
    report(store, EAN)
    with store.write() as db:
        causes.change(db, [cause(store, SKU).id], {"assigned_to": "ada"})
    return store


def keys(store: Store, wanted: Filter, **more: Any) -> list[str]:
    with store.read() as db:
        return [row["key"] for row in found.find(db, wanted, **{"now": NOW, "after": None, "limit": 50} | more)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), [SKU, CARRIER, SPLIT, EAN]),
        (Filter(kind="unmapped-carrier"), [CARRIER]), (Filter(owner="operations"), [SPLIT]),
        (Filter(severity="today"), [EAN]), (Filter(assigned_to="ada"), [SKU]), (Filter(assigned_to="bob"), []),
        (Filter(retailer="northgate"), [SKU]), (Filter(retailer="calder"), [CARRIER]),
        (Filter(retailer="north"), [SPLIT]), (Filter(retailer="%"), []), (Filter(retailer="north_ate"), []),
        (Filter(text="wool_SCARF"), [SKU]), (Filter(text="100%"), [SKU]), (Filter(text="%"), [SKU]),
        (Filter(text="_"), [SKU]), (Filter(text="ups/"), [CARRIER]), (Filter(text="'; DROP TABLE cause; --"), []),
        (Filter(text="po-1", retailer="north"), [SPLIT]), (Filter(text="po-1", retailer="calder"), []),
        (Filter(state="closed"), []), (Filter(state="muted"), []), (Filter(ids=(999,)), []),
    ],
)  # fmt: skip
def test_a_filter_finds_exactly_what_it_says(desk: Store, wanted: Filter, expected: list[Problem]) -> None:
    assert keys(desk, wanted) == [each.key for each in expected]
    with desk.read() as db:
        assert found.count(db, wanted, now=NOW) == len(expected)
        assert set(found.ids(db, wanted, 50, now=NOW)) == {cause(desk, each).id for each in expected}


def test_each_cause_says_how_much_waits(desk: Store) -> None:
    hold(desk, "northgate/CAP", SKU)

    with desk.read() as db:
        rows = found.find(db, Filter(), now=NOW, after=None, limit=50)

    assert [row["held"] for row in rows] == [2, 1, 0, 0]
    assert rows[0]["sentence"] == SKU.sentence


def test_pages_follow_each_other_without_gap_or_repeat(desk: Store) -> None:
    seen: list[str] = []
    after = None
    for _ in range(4):
        with desk.read() as db:
            (row,) = found.find(db, Filter(), now=NOW, after=after, limit=1)
        seen.append(row["key"])
        after = found.place(Filter(), row)

    assert seen == keys(desk, Filter())
    assert keys(desk, Filter(), after=after) == []


def test_causes_that_are_due_together_are_paged_by_their_numbers(store: Store) -> None:
    problems = [Problem(kinds.DUPLICATE_EAN, str(number)) for number in range(5)]
    report(store, *problems)
    with store.read() as db:
        first = found.find(db, Filter(), now=NOW, after=None, limit=2)
        rest = found.find(db, Filter(), now=NOW, after=found.place(Filter(), first[-1]), limit=50)

    assert [row["key"] for row in first + rest] == [each.key for each in problems]


def test_a_muted_cause_is_out_of_the_way_until_its_moment(desk: Store) -> None:
    with desk.write() as db:
        causes.change(db, [cause(desk, EAN).id], {"muted_until": NOW + HOUR})

    assert EAN.key not in keys(desk, Filter())
    assert keys(desk, Filter(state="muted")) == [EAN.key]
    assert keys(desk, Filter(ids=(cause(desk, EAN).id,))) == [EAN.key]
    assert EAN.key in keys(desk, Filter(), now=NOW + HOUR)
    assert keys(desk, Filter(state="muted"), now=NOW + HOUR) == []


def test_closed_causes_come_with_the_last_closed_first(desk: Store) -> None:
    close(desk, SKU, NOW)
    close(desk, SPLIT, NOW + HOUR)
    wanted = Filter(state="closed")

    assert keys(desk, wanted) == [SPLIT.key, SKU.key]
    with desk.read() as db:
        (first,) = found.find(db, wanted, now=NOW, after=None, limit=1)
    assert keys(desk, wanted, after=found.place(wanted, first)) == [SKU.key]
    assert len(keys(desk, Filter(state="all"))) == 4


def test_what_is_overdue_is_found_from_the_moment_on(desk: Store) -> None:
    due_at = cause(desk, SKU).due_at

    assert keys(desk, Filter(overdue=True), now=due_at) == []
    assert keys(desk, Filter(overdue=True), now=due_at + timedelta(microseconds=1)) == [SKU.key]


def test_the_open_ones_are_counted_by_whom_and_what_and_the_muted_ones_apart(desk: Store) -> None:
    close(desk, SPLIT)
    with desk.write() as db:
        causes.change(db, [cause(desk, EAN).id], {"muted_until": NOW + 48 * HOUR})
    with desk.read() as db:
        counted = found.numbers(db, cause(desk, SKU).due_at + timedelta(seconds=1))

    assert counted == {
        "open": 2, "muted": 1, "overdue": 1,
        "by_owner": {"catalogue": 1, "warehouse": 1},
        "by_kind": {"unmapped-carrier": 1, "unmapped-sku": 1},
        "by_severity": {"act now": 2},
    }  # fmt: skip


def test_only_work_that_still_waits_could_be_tried_again(desk: Store) -> None:
    item = hold(desk, "northgate/CAP", SKU, CARRIER)
    with desk.read() as db:
        rows = found.behind(db, Filter(), now=NOW)
        behind = sorted((row.cause_id, row.id) for row in rows)
        assert [row.id for row in rows].count(item) == 2
    with desk.write() as db:
        causes.release(db, [item], NOW)

    with desk.read() as db:
        left = sorted((row.cause_id, row.id) for row in found.behind(db, Filter(), now=NOW))
        assert left == [pair for pair in behind if pair[1] != item]
        assert found.under_way(db, cause(desk, SKU).id) == 1
        assert causes.behind(db, cause(desk, SKU).id) == 2


def test_the_sample_shows_the_oldest_work_first(desk: Store) -> None:
    for number in range(3):
        hold(desk, f"northgate/{number}", SKU, at=NOW - (number + 1) * HOUR)

    with desk.read() as db:
        shown = found.sample(db, cause(desk, SKU).id, 2)

    assert [each["subject"] for each in shown] == ["northgate/2", "northgate/1"]
    assert [each["last_error"] for each in shown] == ["held", "held"]
