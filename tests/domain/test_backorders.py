"""A retailer gets new dates in its own terms, on days on which somebody works."""

from datetime import UTC, datetime

from builders import BOOK, CALDER, NORTHGATE, changed, codes, item, problems, raw_order
from hypothesis import given
from hypothesis import strategies as st
from test_orders import ANYTHING, ITEM_FIELDS, ORDER_FIELDS

from integration.domain.backorders import Postponement, to_backorder
from integration.problems import Problem
from integration.rulebook import Promise, Retailer
from integration.virtualstock.schema import Order

CALENDAR = BOOK.calendars["england-and-wales"]
WEDNESDAY = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


def told(
    raw: object, retailer: Retailer, late: tuple[str, ...] = ("1",), now: datetime = WEDNESDAY
) -> Postponement | list[Problem]:
    return to_backorder(Order.parse(raw), retailer, CALENDAR, now=now, late=late)


def bodies(
    raw: object, retailer: Retailer, late: tuple[str, ...] = ("1",), now: datetime = WEDNESDAY
) -> list[dict[str, object]]:
    result = told(raw, retailer, late, now)
    assert isinstance(result, Postponement)
    return [each.to_json() for each in result.items]


def test_new_dates_count_from_today_by_the_rule_of_the_retailer() -> None:
    # Five working days from Wednesday; eight calendar days.
    assert bodies(raw_order(), CALDER) == [{
        "part_number": "PN1", "line_ref": "1", "quantity": 2, "sub_status": "Stock Due In",
        "supplier_dispatch_date": "2026-07-08T00:00:00", "supplier_delivery_date": "2026-07-09T00:00:00",
    }]  # fmt: skip


def test_a_retailer_with_a_route_gets_its_route() -> None:
    assert bodies(raw_order(), NORTHGATE)[0]["fulfillment_route"] == "Direct to customer"


def test_today_is_the_day_on_the_clock_of_the_retailer() -> None:
    nearly_midnight = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # Thursday in London
    assert bodies(raw_order(), CALDER, now=nearly_midnight)[0]["supplier_dispatch_date"] == "2026-07-09T00:00:00"


def test_a_retailer_that_wants_no_delivery_date_gets_none() -> None:
    [body] = bodies(raw_order(), changed(CALDER, backorder={"delivery_date": None}))
    assert "supplier_delivery_date" not in body


def test_goods_never_arrive_before_they_leave() -> None:
    soon = Promise(days=1, count="calendar", promised_date=False)
    [body] = bodies(raw_order(), changed(CALDER, backorder={"delivery_date": soon}))
    assert body["supplier_delivery_date"] == body["supplier_dispatch_date"]


def test_only_lines_that_are_late_get_new_dates() -> None:
    raw = raw_order(item("1"), item("2"), item("3"))
    assert [body["line_ref"] for body in bodies(raw, CALDER, late=("3", "1"))] == ["1", "3"]
    assert told(raw, CALDER, late=()) == Postponement(())


def test_a_line_that_cannot_be_named_is_a_problem_and_not_a_call() -> None:
    [(code, sentence)] = problems(told(raw_order(item(part_number=None)), CALDER))
    assert code == "unreadable-order"
    assert "part_number is missing" in sentence


def test_an_order_without_reference_is_still_a_problem_with_a_name() -> None:
    assert codes(told(raw_order(item(quantity=None), order_reference=None), CALDER)) == ["unreadable-order"]


@given(
    st.dictionaries(st.sampled_from(ORDER_FIELDS), ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from(ITEM_FIELDS), ANYTHING, max_size=4),
)
def test_hostile_orders_never_raise(order: dict[str, object], line: dict[str, object]) -> None:
    result = told(raw_order(item() | line) | order, CALDER)
    assert isinstance(result, Postponement) or result
