"""Acknowledgements."""

from collections.abc import Collection
from datetime import UTC, datetime

from builders import BOOK, CALDER, NORTHGATE, RECEIVED, codes, item, problems, raw_order
from hypothesis import given
from hypothesis import strategies as st
from test_orders import ANYTHING, ITEM_FIELDS, ORDER_FIELDS

from integration.domain.acknowledgements import Acknowledgement, to_acknowledge
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.virtualstock.schema import Order

CALENDAR = BOOK.calendars["england-and-wales"]


def told(
    raw: object, retailer: Retailer, now: datetime = RECEIVED, only: Collection[str] | None = None
) -> Acknowledgement | list[Problem]:
    order = Order.parse(raw)
    waiting = [line.line_reference or "" for line in order.items] if only is None else only
    return to_acknowledge(order, retailer, CALENDAR, received_at=RECEIVED, now=now, only=waiting)


def bodies(
    raw: object, retailer: Retailer, now: datetime = RECEIVED, only: Collection[str] | None = None
) -> list[dict[str, object]]:
    result = told(raw, retailer, now, only)
    assert isinstance(result, Acknowledgement)
    return [each.to_json() for each in result.items]


def test_a_retailer_with_a_route_gets_its_route_and_the_lines_promise() -> None:
    assert bodies(raw_order(item(promised_date="2026-07-20T00:00:00")), NORTHGATE) == [
        {
            "part_number": "PN1",
            "line_ref": "1",
            "quantity": 2,
            "supplier_delivery_date": "2026-07-20T00:00:00",
            "fulfillment_route": "Direct to customer",
        }
    ]


def test_without_a_promise_on_the_line_five_days_from_the_order_are_promised() -> None:
    assert bodies(raw_order(), NORTHGATE)[0]["supplier_delivery_date"] == "2026-07-06T00:00:00"


def test_a_retailer_with_a_sub_status_gets_it_and_dates_in_working_days() -> None:
    [body] = bodies(raw_order(order_date="2026-07-01T14:30:00"), CALDER, RECEIVED.replace(hour=15))
    assert body["sub_status"] == "Order Acknowledged"
    assert "fulfillment_route" not in body
    # Half past two is after the cut-off: Thursday's order, so it leaves on Monday and arrives on Thursday.
    assert body["supplier_dispatch_date"] == "2026-07-06T00:00:00"
    assert body["supplier_delivery_date"] == "2026-07-09T00:00:00"


def test_no_promise_lies_in_the_past() -> None:
    weeks_later = datetime(2026, 7, 30, 8, 0, tzinfo=UTC)
    [body] = bodies(raw_order(), CALDER, weeks_later)
    assert body["supplier_dispatch_date"] == body["supplier_delivery_date"] == "2026-07-30T00:00:00"


def test_only_lines_that_still_wait_are_acknowledged() -> None:
    lines = [item("1"), item("2", 0), item("3")]
    assert [body["line_ref"] for body in bodies(raw_order(*lines), CALDER, only=["3", "1"])] == ["1", "3"]


def test_an_order_of_which_no_line_waits_needs_nothing() -> None:
    assert told(raw_order(item(quantity=0)), CALDER, only=[]) == Acknowledgement(())


def test_a_line_that_cannot_be_named_is_a_problem_and_not_a_call() -> None:
    result = told(raw_order(item(part_number=None), item("2", line_reference="x" * 101)), CALDER)
    [(code, sentence)] = problems(result)
    assert code == "unreadable-order"
    assert "line_ref has 101 characters, 100 are allowed; part_number is missing" in sentence


def test_an_order_without_reference_is_still_a_problem_with_a_name() -> None:
    assert codes(told(raw_order(item(quantity=None), order_reference=None), CALDER)) == ["unreadable-order"]


@given(
    st.dictionaries(st.sampled_from(ORDER_FIELDS), ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from(ITEM_FIELDS), ANYTHING, max_size=4),
)
def test_hostile_orders_never_raise(order: dict[str, object], line: dict[str, object]) -> None:
    result = told(raw_order(item() | line) | order, CALDER)
    assert isinstance(result, Acknowledgement) or result
