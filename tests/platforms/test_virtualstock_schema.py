"""Odd values in what they answer become None or text, never a crash."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AliasPath

from integration.virtualstock.schema import Carrier, Order, OrderItem, Product, Status
from integration.virtualstock.values import id_in_link

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def _aliases(model: Any) -> list[str]:
    """Top-level keys that a model reads."""
    found = {name: each.validation_alias or name for name, each in model.model_fields.items()}
    return sorted({alias.path[0] if isinstance(alias, AliasPath) else str(alias) for alias in found.values()})


@QUICK
@given(st.dictionaries(st.sampled_from(_aliases(Order)), JSON, max_size=4))
def test_no_order_is_too_odd_to_be_parsed(raw: dict[str, Any]) -> None:
    order = Order.parse(raw)
    assert isinstance(order.status, str)
    assert str(order).encode()


@QUICK
@given(st.dictionaries(st.sampled_from(_aliases(OrderItem)), JSON, max_size=4))
def test_no_line_is_too_odd_to_be_parsed(raw: dict[str, Any]) -> None:
    (line,) = Order.parse({"items": [raw]}).items
    assert line.quantity is None or line.quantity >= 0


@pytest.mark.parametrize("raw", [None, [], "x", 5, True])
def test_what_is_no_object_parses_as_an_empty_order(raw: object) -> None:
    assert Order.parse(raw) == Order()


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (2, 2), ("2", 2), (" 2 ", 2), ("2.00", 2), (Decimal("2.0"), 2), (0, 0), ("0", 0),
        ("2.5", None), ("two", None), (-1, None), (True, None), (None, None), ("", None), ([2], None),
        (Decimal("1E+400"), None), (Decimal("NaN"), None), ("1_000", None), ("٢", None),
    ],
)
def test_a_quantity_is_a_whole_number_or_unreadable(sent: object, read: int | None) -> None:
    assert OrderItem.parse({"quantity": sent}).quantity == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [("12.00", Decimal("12.00")), ("-1.50", Decimal("-1.50")), (12, Decimal(12)), (None, None), ("", None),
     ("1,200.00", None), ("NaN", None), ("free", None)],
)
def test_a_price_is_exact_or_unreadable(sent: object, read: Decimal | None) -> None:
    assert OrderItem.parse({"total": sent}).total == read


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_null_empty_and_missing_are_the_same(nothing: object) -> None:
    fields = dict.fromkeys(_aliases(Order), nothing)
    assert Order.parse(fields) == Order.parse({})


def test_dates_keep_the_retailers_local_time_and_the_text_as_sent() -> None:
    order = Order.parse({"order_date": "2025-05-08T00:42:32", "items": [{"promised_date": "soon"}]})
    assert order.order_date == datetime(2025, 5, 8, 0, 42, 32)
    assert order.order_date_text == "2025-05-08T00:42:32"
    assert (order.items[0].promised_date, order.items[0].promised_date_text) == (None, "soon")


def test_a_date_with_an_offset_stays_text_because_no_zone_is_promised() -> None:
    order = Order.parse({"order_date": "2025-05-08T00:42:32Z"})
    assert (order.order_date, order.order_date_text) == (None, "2025-05-08T00:42:32Z")


def test_an_unknown_status_stays_text_and_a_known_one_equals_its_key() -> None:
    assert Order.parse({"status": "TELEPORTED"}).status == "TELEPORTED"
    assert Order.parse({"status": "ORDER"}).status == Status.ORDER


def test_a_line_that_is_no_object_is_still_a_line() -> None:
    assert len(Order.parse({"items": ["odd", {"quantity": 1}]}).items) == 2


@pytest.mark.parametrize(
    ("link", "number"),
    [
        ("https://www.the-edge.io/restapi/v4/orders/259313/", 259313),
        ("https://api.virtualstock.com/api/v4/products/617172/?format=json", 617172),
        ("https://host/restapi/v4/orders/7", 7),
        ("https://host/restapi/v4/orders/", None), ("7", None), (None, None), (7, None),
    ],
)
def test_the_id_is_the_integer_that_the_link_ends_in(link: object, number: int | None) -> None:
    assert id_in_link(link) == number


def test_an_order_reads_its_ids_from_its_links() -> None:
    order = Order.parse({"url": "https://x/orders/9/", "retailer": "https://x/customers/13/?format=json"})
    assert (order.id, order.retailer_id, order.supplier_id) == (9, 13, None)


def test_characters_that_no_database_takes_are_removed() -> None:
    assert Order.parse({"comment": "a\x00b\ud800"}).comment == "ab?"


def test_personal_data_shows_in_no_repr() -> None:
    order = Order.parse({
        "comment": "ring twice",
        "shipping_address": {"full_name": "Ada Byron", "email": "ada@example.org", "country": "GB"},
    })
    shown = repr(order) + str(order) + repr(order.shipping_address)
    assert not any(secret in shown for secret in ("ring twice", "Ada", "ada@"))


def test_an_order_names_the_retailer_that_invoices_take() -> None:
    assert Order.parse({"retailer_data": {"uuid": "a9f66013", "name": "Retailer"}}).retailer_uuid == "a9f66013"
    for without in ({}, {"retailer_data": None}, {"retailer_data": "x"}, {"retailer_data": {"uuid": ""}}):
        assert Order.parse(without).retailer_uuid is None


def test_a_product_takes_its_back_in_stock_date_from_the_top_level() -> None:
    product = Product.parse({"url": "https://x/products/5/", "data": {"back_in_stock_date": ""},
                             "back_in_stock_date": "2026-02-01", "client": "https://x/clients/637/"})
    assert (product.id, product.client_id, product.back_in_stock_date) == (5, 637, date(2026, 2, 1))
    assert Product.parse({"data": None}).data == {}


def test_models_can_be_built_by_field_name() -> None:
    order = Order(id=5, retailer_id=13, items=(OrderItem(quantity=1, promised_date=datetime(2026, 1, 1)),))
    assert (order.id, order.retailer_id, order.items[0].promised_date) == (5, 13, datetime(2026, 1, 1))
    assert Carrier(id=1, slug="dpd", name="DPD").slug == "dpd"
