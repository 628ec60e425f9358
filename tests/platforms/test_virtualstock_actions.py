"""A line of an order action is checked before it is sent and never cut."""

from datetime import UTC, date, datetime

from integration.virtualstock.actions import AcknowledgeItem, BackorderItem, CancelItem, DispatchItem, ReturnItem


def test_acknowledge_writes_line_ref_and_datetimes_of_19_characters() -> None:
    item = AcknowledgeItem(part_number="P", line_ref="001", quantity=2,
                           supplier_delivery_date=datetime(2026, 1, 2, 3, 4, 5, 678))
    assert item.to_json() == {
        "part_number": "P", "line_ref": "001", "quantity": 2, "supplier_delivery_date": "2026-01-02T03:04:05",
    }
    assert item.violations() == []


def test_dispatch_writes_plain_dates_even_of_a_datetime() -> None:
    item = DispatchItem(part_number="P", line_ref="1", quantity=1, carrier="dpd", tracking_number="T",
                        supplier_dispatch_date=datetime(2026, 1, 2, 23), supplier_delivery_date=date(2026, 1, 3))
    sent = item.to_json()
    assert (sent["supplier_dispatch_date"], sent["supplier_delivery_date"]) == ("2026-01-02", "2026-01-03")


def test_too_long_is_named_and_never_cut() -> None:
    item = CancelItem(part_number="P", line_ref="1", quantity=1, comment="c" * 256)
    assert item.violations() == ["comment has 256 characters, 255 are allowed"]
    assert len(item.to_json()["comment"]) == 256


def test_every_violation_of_a_line_is_named() -> None:
    item = BackorderItem(part_number="", line_ref="", quantity=0, sub_status="",
                         supplier_dispatch_date=datetime(2026, 1, 1, tzinfo=UTC))
    assert item.violations() == [
        "part_number is missing", "line_ref is missing", "sub_status is missing", "quantity is below 1",
        "supplier_dispatch_date has a time zone; they take the retailer's local time",
    ]


def test_a_return_is_acknowledged_by_line_and_units_alone() -> None:
    item = ReturnItem(part_number="P", line_ref="10001", quantity=2)
    assert item.to_json() == {"part_number": "P", "line_ref": "10001", "quantity": 2}
    assert item.violations() == []
