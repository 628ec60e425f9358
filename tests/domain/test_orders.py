"""From a retailer's order to a Centra draft."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from builders import CALDER, NORTHGATE, RECEIVED, changed, codes, draft, item, pennies, problems, raw_order, translate
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.drafts import OrderDraft
from integration.domain.orders import ordered_at, sku_keys
from integration.problems import Problem
from integration.virtualstock.schema import Order, OrderItem


def test_an_order_becomes_one_draft_with_its_goods_money_and_references() -> None:
    made = draft(
        raw_order(
            item("1", 2, "12.00"),
            item("2", 1, "5.50"),
            comment="Leave with neighbour",
            purchase_order_reference="PO7",
            delivery_service_code="Express",
        )
    )
    assert [(line.sku, line.quantity, line.unit_price, line.comment) for line in made.lines] == [
        ("SKU-1", 2, Decimal("6.00"), "1"),
        ("SKU-2", 1, Decimal("5.50"), "2"),
    ]
    assert (made.total, made.shipping_value) == (Decimal("17.50"), Decimal("0.00"))
    assert (made.market_id, made.pricelist_id, made.payment_id, made.shipping) == (3, 7, 36, "express")
    assert made.comment == "Leave with neighbour"
    assert made.reference == "cv-1"
    assert made.internal_comment == "Virtualstock Calder NG100\nReference: cv-1\nPurchase order: PO7"
    assert made.address.last_name == "King"


def test_the_order_date_is_read_on_the_retailers_clock_and_written_on_centras() -> None:
    body = draft(raw_order()).to_json(create_only=False)
    assert body["orderDate"] == "2026-07-01 11:00:00"  # 10:00 in London is 11:00 in Stockholm


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2026-01-05T08:00:00", datetime(2026, 1, 5, 8, 0, tzinfo=UTC)),
        (None, RECEIVED),
        ("soon", RECEIVED),
        ("0001-01-01T00:00:00", RECEIVED),
        ("9999-12-31T00:00:00", RECEIVED),
        ("2026-07-03T00:00:00", RECEIVED),
    ],
)
def test_a_missing_or_absurd_order_date_is_the_day_it_reached_us(stated: str | None, moment: datetime) -> None:
    order = Order.parse(raw_order(order_date=stated))
    assert ordered_at(order, CALDER, RECEIVED) == moment


def test_odd_pennies_travel_as_shipping_so_that_the_totals_agree() -> None:
    made = draft(raw_order(item("1", 3, "9.97"), item("2", 7, "10.00")))
    assert made.shipping_value == Decimal("0.07")
    assert sum(line.unit_price * line.quantity for line in made.lines) + made.shipping_value == made.total


def test_a_pricelist_without_tax_gets_prices_without_tax_and_the_payment_stays_whole() -> None:
    profile = changed(CALDER, prices={"tax": "excluded"})
    made = draft(raw_order(item(quantity=2, total="12.00", subtotal="10.00", tax="2.00")), profile)
    assert (made.lines[0].unit_price, made.total) == (Decimal("5.00"), Decimal("12.00"))


def test_lines_that_are_no_longer_wanted_are_left_out_and_named() -> None:
    made = draft(
        raw_order(
            item("1"),
            item("2", 0, None),
            item("3", status="CANCEL_ACK"),
            item("4", status="SOMETHING_NEW"),
            {"quantity": 0},
        )
    )
    assert [line.comment for line in made.lines] == ["1", "4"]
    assert made.internal_comment.endswith(
        "Not ordered: line 2 (quantity 0)\n"
        "Not ordered: line 3 (status CANCEL_ACK)\n"
        "Not ordered: line without reference (quantity 0)"
    )


def test_an_order_with_nothing_left_is_held() -> None:
    [(code, sentence)] = problems(translate(raw_order(item(quantity=0))))
    assert code == "unreadable-order"
    assert "no line is left to deliver" in sentence


def test_a_missing_service_uses_the_entry_for_none_or_waits() -> None:
    assert draft(raw_order(delivery_service_code=None)).shipping == "standard"
    strict = CALDER.centra.shipping.model_copy(update={"none": None})
    result = translate(raw_order(delivery_service_code=None), changed(CALDER, centra={"shipping": strict}))
    assert codes(result) == ["unmapped-delivery-service"]


def test_an_unmapped_service_is_one_cause_for_every_order_that_names_it() -> None:
    first = translate(raw_order(delivery_service_code="drone"))
    second = translate(raw_order(delivery_service_code="drone", order_reference="NG101"))
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert [problem.key for problem in first] == [problem.key for problem in second] == ["calder/drone"]


def test_a_currency_is_never_converted() -> None:
    [(code, sentence)] = problems(translate(raw_order(currency_code="EUR")))
    assert code == "currency-mismatch"
    assert "is in EUR, the retailer's pricelist in GBP" in sentence
    assert draft(raw_order(currency_code=None))  # the documented default is GBP


def test_amounts_that_disagree_hold_the_order_with_the_arithmetic() -> None:
    order = raw_order(item("1", total="12.00"), item("2", total="8.50"), total="21.00")
    assert problems(translate(order)) == [
        (
            "money-mismatch",
            "The amounts of order NG100 of Calder do not add up: lines 12.00 + 8.50 = 20.50, order total says 21.00. "
            "The order waits. Have the retailer correct the order; nothing is invented.",
        )
    ]


def test_all_disagreements_of_an_order_are_one_cause_apart_from_missing_prices() -> None:
    wrong = {"subtotal": "10.00", "tax": "1.00"}
    result = translate(raw_order(item("1", **wrong), item("2", **wrong), item("3", total=None)))
    assert isinstance(result, list)
    assert [(problem.kind.code, problem.key) for problem in result] == [
        ("money-mismatch", "calder/NG100"), ("price-missing", "calder/NG100/3"),
    ]  # fmt: skip


def test_no_sku_is_guessed() -> None:
    order = raw_order(item("1"), item("2"), item("3", part_number="PN2"))
    result = translate(order, skus={"1": "A"}, ambiguous={"1": ("B", "A")})
    assert problems(result) == [
        (
            "ambiguous-sku",
            "PN1 of Calder matches more than one Centra SKU (A, B). Nothing is guessed. "
            "Map the part number in the mapping products and publish.",
        ),
        (
            "unmapped-sku",
            "Calder ordered PN2, which matches no Centra SKU. The order waits. "
            "Give the listing the right key, or map the part number in the mapping products and publish.",
        ),
    ]


def test_all_problems_are_found_at_once() -> None:
    broken = raw_order(
        item("1", total=None),
        item("2", "many", part_number=None),
        item("2", 100_001, line_reference="x" * 101),
        item("4", line_reference=None),
        item("5"),
        item("5", part_number="y" * 256),
        order_reference=None,
        currency_code="USD",
        delivery_service_code="drone",
        address={"country": "Atlantis"},
    )
    result = translate(broken, skus={"1": "A", "2": "B", "5": "C"})
    assert sorted(set(codes(result))) == [
        "currency-mismatch", "price-missing", "unmapped-delivery-service", "unmapped-sku", "unreadable-order",
    ]  # fmt: skip
    [why] = [sentence for code, sentence in problems(result) if code == "unreadable-order"]
    for reason in (
        "it has no order reference",
        "a line has no line reference",
        "2 lines are called 5",
        "line 2 has no quantity",
        "line 2 has no part number",
        "orders more than 100000 units",
        "the line_reference of a line is longer than 100 characters",
        "the part_number of a line is longer than 255 characters",
        "the address has no country that we know",
    ):
        assert reason in why


def test_a_shop_order_goes_without_postcode() -> None:
    made = draft(raw_order(shipping_store_number="42", address={"postal_code": ""}))
    assert "Store: 42" in made.internal_comment


def test_problems_hold_no_personal_data() -> None:
    for _, sentence in problems(translate(raw_order(currency_code="EUR", address={"postal_code": None}))):
        for personal in ("Ada", "King", "Mill Lane", "ada@example.com", "0113"):
            assert personal not in sentence


def test_articles_are_looked_up_in_the_order_of_the_profile() -> None:
    line = OrderItem.parse({"part_number": " 71234567 ", "retailer_sku_reference": "5012345678900"})
    assert sku_keys(line, NORTHGATE) == [("listing", "71234567"), ("ean", "5012345678900")]
    assert sku_keys(OrderItem.parse({"part_number": "A-1"}), CALDER) == [("sku", "A-1")]
    assert sku_keys(OrderItem(), NORTHGATE) == []


LINES = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**7)), min_size=1, max_size=6)


@given(LINES)
def test_quantities_and_money_survive_the_translation(lines: list[tuple[int, int]]) -> None:
    made = draft(raw_order(*(item(str(n), quantity, pennies(paid)) for n, (quantity, paid) in enumerate(lines))))
    assert [line.quantity for line in made.lines] == [quantity for quantity, _ in lines]
    assert made.total == Decimal(sum(paid for _, paid in lines)) / 100
    assert sum(line.unit_price * line.quantity for line in made.lines) + made.shipping_value == made.total
    assert made.to_json(create_only=False)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.decimals(allow_nan=True)
    | st.sampled_from(["ORDER", "CANCEL", "GBP", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "99999999999999", "-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ORDER_FIELDS = sorted(raw_order())
MONEY_FIELDS = ["total", "subtotal", "tax", "tax_rate", "unit_cost_price"]
ITEM_FIELDS = ["line_reference", "part_number", "quantity", "status", "promised_date", *MONEY_FIELDS]


@given(
    st.dictionaries(st.sampled_from([*ORDER_FIELDS, *MONEY_FIELDS[:3]]), ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from(ITEM_FIELDS), ANYTHING, max_size=4),
    st.dictionaries(st.sampled_from(["full_name", "line_1", "country", "postal_code", "email"]), ANYTHING, max_size=3),
)
def test_hostile_orders_give_problems_and_never_exceptions(
    order: dict[str, object], line: dict[str, object], address: dict[str, object]
) -> None:
    whole = raw_order(item() | line, item("2"), address=address) | order
    result = translate(whole)
    if isinstance(result, OrderDraft):
        assert result.to_json(create_only=False)
    else:
        assert result
        assert all(isinstance(problem, Problem) and problem.sentence for problem in result)


def test_an_ambiguous_hour_of_the_clock_change_is_still_a_moment() -> None:
    late = datetime(2026, 10, 26, tzinfo=UTC)
    order = Order.parse(raw_order(order_date="2026-10-25T01:30:00"))
    assert ordered_at(order, CALDER, late) == datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"))
