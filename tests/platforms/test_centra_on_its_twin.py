"""The client and the twin of Centra agree about the whole life of an order, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from recording_gate import RecordingGate

from integration.centra.client import CentraClient
from integration.centra.drafts import DraftAddress, DraftLine, OrderDraft
from integration.centra.schema import Order
from integration.http import open_session
from integration.lanes import Lane
from integration.problems import Refused
from sandbox.centra import CentraTwin
from sandbox.centra.options import Options, Token
from sandbox.centra.twin import CentraServer
from sandbox.seed import CENTRA_TOKEN, ORDER_API_KEY, Seed, build_seed

LANE = Lane.ORDERS
PERMISSIONS = frozenset({
    "Order:read", "Order:write", "Order.internalComment:read", "ProductSize:read", "Shipment:read", "Return:read",
})  # fmt: skip
"""Enough for all of this but allocations."""


class Shop:
    """A running twin, our client of it, and its staff."""

    def __init__(self, seed: Seed) -> None:
        self.options = Options(plan="high_volume")
        self.server = CentraServer(CentraTwin(self.options, seed)).start()
        self.session = open_session(self.server.url)
        self.client = CentraClient(
            f"{self.server.url}/graphql", CENTRA_TOKEN, f"{self.server.url}/api/order-api", ORDER_API_KEY,
            RecordingGate(), session=self.session,
        )  # fmt: skip
        self.sku = next(
            size.sku for _, variant, size in seed.sizes() if size.active and variant.active and not size.preorder
        )

    def close(self) -> None:
        self.session.close()
        self.server.stop()

    def staff(self, verb: str, **body: Any) -> Any:
        """What people in the shop do."""
        answer = requests.post(f"{self.server.url}/_control/{verb}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def sold(self, units: int, *, stock: int) -> Order:
        """A confirmed order for one size, of which so many are on the shelf."""
        places = [{"sku": self.sku, "quantity": count, "warehouse": place} for place, count in ((1, stock), (2, 0))]
        self.staff("stock", changes=places)
        price = Decimal("10.00")
        draft = OrderDraft(
            address=DraftAddress(email="a@example.com", first_name="A", last_name="B", address="1 High Street",
                                 city="London", zip_code="SW1A 1AA", country="GB"),
            lines=(DraftLine(sku=self.sku, quantity=units, unit_price=price),), market_id=3, pricelist_id=7,
            shipping="standard", ordered_at=datetime.now(UTC), zone="Europe/London", internal_comment="VS-1",
            payment_id=1, reference="VS-1", total=price * units, force_create=True,
        )  # fmt: skip
        (number,) = self.client.create_order(draft, create_only=False, lane=LANE).numbers
        self.client.confirm_order(number, lane=LANE)
        return self.seen(number)

    def seen(self, number: int) -> Order:
        """The order as our client reads it now."""
        (order,) = self.client.orders(numbers=[number], lane=LANE)
        return order


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop(build_seed(60))
    yield shop
    shop.close()


def test_units_without_stock_are_seen_as_not_allocated(shop: Shop) -> None:
    (line,) = shop.sold(3, stock=2).lines
    assert (line.quantity, line.allocated) == (3, 2)


def test_a_token_without_the_permission_still_reads_orders(shop: Shop) -> None:
    shop.options.tokens[CENTRA_TOKEN] = Token("marketplaces", PERMISSIONS)
    (line,) = shop.sold(3, stock=2).lines
    assert (line.quantity, line.allocated) == (3, None)
    assert shop.client.returns([1], lane=LANE) == []


def test_open_units_are_cancelled_and_shipped_ones_are_refused(shop: Shop) -> None:
    order = shop.sold(3, stock=3)
    (line,) = order.lines
    shop.staff("ship", order=order.number, lines={line.id: 1}, complete=False)
    with pytest.raises(Refused):
        shop.client.cancel_lines(order.number, {line.id: 3}, "The retailer cancelled it", lane=LANE)
    with pytest.raises(Refused):
        shop.client.cancel_order(order.id, "The retailer cancelled it", lane=LANE)
    shop.client.cancel_lines(order.number, {line.id: 2}, "The retailer cancelled it", lane=LANE)
    after = shop.seen(order.number)
    assert (after.lines[0].quantity, after.lines[0].cancelled_quantity) == (1, 2)
    assert "The retailer cancelled it" in (after.internal_comment or "")


def test_a_whole_order_is_cancelled_and_keeps_its_quantities(shop: Shop) -> None:
    order = shop.sold(2, stock=2)
    shop.client.cancel_order(order.id, "The retailer cancelled it", lane=LANE)
    after = shop.seen(order.number)
    assert (after.status, after.lines[0].quantity, after.lines[0].allocated) == ("CANCELLED", 2, 0)


def test_a_return_is_found_by_id_and_by_age_until_it_is_completed(shop: Shop) -> None:
    order = shop.sold(2, stock=2)
    (line,) = order.lines
    sent = shop.staff("ship", order=order.number)
    made = shop.staff("return", order=order.number, lines={line.id: 1})["return"]
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    (found,) = shop.client.returns(created_from=hour_ago, lane=LANE)
    assert (found.id, found.order_number, found.shipment_id) == (made, order.number, sent["shipment"])
    assert [(each.order_line_id, each.quantity) for each in found.lines] == [(line.id, 1)]
    assert not found.is_completed
    shop.staff("return_complete", **{"return": made})
    assert shop.client.returns([made], lane=LANE)[0].is_completed
    assert shop.seen(order.number).lines[0].returned_quantity == 1


def test_an_order_is_found_once_it_changed(shop: Shop) -> None:
    order = shop.sold(1, stock=1)
    assert order.updated_at is not None
    found = shop.client.orders(updated_from=order.updated_at, lane=LANE)
    later = shop.client.orders(updated_from=order.updated_at + timedelta(minutes=1), lane=LANE)
    assert ([each.number for each in found], later) == ([order.number], [])


def test_a_deleted_shipment_is_simply_absent(shop: Shop) -> None:
    order = shop.sold(1, stock=1)
    sent = shop.staff("ship", order=order.number)["shipment"]
    assert [each.id for each in shop.client.shipments([sent], lane=LANE)] == [sent]
    shop.staff("unship", shipment=sent)
    assert shop.client.shipments([sent], lane=LANE) == []
