"""Stock is read whole, as cheaply as it can be, with nothing subtracted; a quantity with a part left out is refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import responses
from centra_stub import SIZE, TOKEN, URL, answers, sent
from recording_gate import RecordingGate

from integration.centra.client import FEW_WAREHOUSES, MOST_WAREHOUSES, CentraClient
from integration.centra.schema import Warehouse, WarehouseStock
from integration.lanes import Lane
from integration.problems import Refused

LANE = Lane.STOCK


@pytest.fixture
def client(gate: RecordingGate) -> CentraClient:
    return CentraClient(URL, TOKEN, "https://example.centra.com/api/order-api", "key", gate)


@pytest.fixture
def centra() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as stub:
        yield stub


def test_a_size_carries_its_stock_by_warehouse_with_nothing_subtracted(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    answers(centra, data={"productSizes": [SIZE]})
    (size,) = client.sizes_page(3, lane=LANE)
    assert (size.sku, size.variant_id, size.stock_offset) == ("AB1", 3, 2)
    assert size.stock == (
        WarehouseStock(warehouse_id=1, free_to_allocate=7, threshold=2),
        WarehouseStock(warehouse_id=2, free_to_allocate=-1, threshold=None),
    )
    assert sent(centra)["variables"] == {"limit": 200, "page": 3, "warehouses": FEW_WAREHOUSES}
    assert "freeToAllocateQuantity" in sent(centra)["query"]
    assert "physicalQuantity" not in sent(centra)["query"]


def test_missing_and_null_fields_of_a_size_are_none(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"productSizes": [{"id": 5, "SKU": None, "productVariant": None, "stock": None}]})
    (size,) = client.sizes([5], lane=LANE)
    assert (size.sku, size.ean, size.variant_id, size.stock_offset, size.stock) == (None, None, None, None, ())


def test_sizes_are_asked_200_at_a_time(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"productSizes": []})
    assert client.sizes(range(401), lane=LANE) == []
    assert [len(sent(centra, index)["variables"]["where"]["id"]) for index in range(3)] == [200, 200, 1]


def test_a_size_in_many_warehouses_is_asked_again_for_all_of_them_and_so_is_every_later_one(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    stock = [{"freeToAllocateQuantity": 1, "warehouse": {"id": n}} for n in range(FEW_WAREHOUSES + 3)]
    answers(centra, data={"productSizes": [SIZE | {"stock": stock[:FEW_WAREHOUSES]}]})
    answers(centra, data={"productSizes": [SIZE | {"stock": stock}]})
    answers(centra, data={"productSizes": [SIZE]})
    (size,) = client.sizes([5], lane=LANE)
    assert len(size.stock) == FEW_WAREHOUSES + 3
    client.sizes([6], lane=LANE)
    asked = [sent(centra, index)["variables"]["warehouses"] for index in range(len(centra.calls))]
    assert asked == [FEW_WAREHOUSES, MOST_WAREHOUSES, MOST_WAREHOUSES]


def test_more_warehouses_than_we_read_are_refused_instead_of_left_out(
    client: CentraClient, centra: responses.RequestsMock,
) -> None:
    stock = [{"freeToAllocateQuantity": 1, "warehouse": {"id": n}} for n in range(MOST_WAREHOUSES)]
    answers(centra, data={"productSizes": [SIZE | {"stock": stock}]})
    with pytest.raises(Refused, match="Size 5"):
        client.sizes([5], lane=LANE)


def test_display_items_say_whether_there_is_more(client: CentraClient, centra: responses.RequestsMock) -> None:
    displays = [
        {"id": 1, "displayItems": [{"id": 10, "productVariant": {"id": 3}}, {"id": 11, "productVariant": {"id": 4}}]},
        {"id": 2, "displayItems": []},
    ]
    answers(centra, data={"displays": displays})
    items, more = client.display_items_page(1, limit=2, lane=LANE)
    assert [(item.id, item.variant_id) for item in items] == [(10, 3), (11, 4)]
    assert more
    assert client.display_items_page(1, limit=3, lane=LANE)[1] is False


def test_stock_change_lines_name_the_sizes_touched(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, data={"stockChangeLines": [
        {"id": 1, "stockChange": {"id": 8}, "productSize": {"id": 5}}, {"id": 2, "stockChange": {"id": 8}},
    ]})
    since = datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=1)))
    lines = client.stock_change_lines(since, 1, lane=LANE)
    assert [(line.stock_change_id, line.size_id) for line in lines] == [(8, 5), (8, None)]
    assert sent(centra)["variables"]["where"] == {"createdAt": {"from": "2026-11-24T12:00:00+01:00"}}
    with pytest.raises(ValueError, match="time zone"):
        client.stock_change_lines(datetime(2026, 11, 24), 1, lane=LANE)


def test_warehouses_know_their_markets(client: CentraClient, centra: responses.RequestsMock) -> None:
    rules = [{"markets": [{"id": 3}, {"id": 4}]}, {"markets": [{"id": 3}]}, {"markets": None}]
    answers(centra, data={"warehouses": [{"id": 1, "threshold": 2, "allocationRules": rules}, {"id": 2}]})
    assert client.warehouses(lane=LANE) == [
        Warehouse(id=1, threshold=2, market_ids=frozenset({3, 4})), Warehouse(id=2),
    ]
