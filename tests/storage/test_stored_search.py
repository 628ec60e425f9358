"""An order or an article is found by each name it has, and by nothing else, whatever characters are typed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from work_asks import NOW

from integration.centra.schema import Size as SizeRead
from integration.storage import Store, announcements, order_lines, orders, search, sizes
from integration.storage.listings import LISTING
from integration.storage.order_lines import LINE
from integration.storage.orders import ORDER

NASTY = ["' OR 1=1 --", "%", "_", "PO-_", "PO%", "<script>alert(1)</script>", "\\", '"', "PO-1'; DROP TABLE size;--",
         "9" * 30, "²", "١٢", "x" * 10_000, "{\"", "null", "tracking_number"]  # fmt: skip


@pytest.fixture
def stocked(store: Store) -> Store:
    """Three orders: northgate's PO-1 (Centra 1200) with a shipment that was told, calder's PO-1, and calder's "50%_Ü"
    with a shipment that was not. Only the first is placed, so only its line has its SKU, TEE-M."""
    made = [("northgate", "PO-1"), ("calder", "PO-1"), ("calder", "50%_Ü")]
    listed = [("northgate", "TEE-M"), ("calder", "TEE-M"), ("calder", "100%_A")]
    with store.write() as db:
        for number, (retailer, reference) in enumerate(made):
            orders.receive(db, retailer, reference, number, {"secret": "Ada"}, NOW + timedelta(hours=number))
            order_lines.store(db, number + 1, [
                {"line_reference": "1", "part_number": f"7100000{number}", "quantity": 1, "state": "received"}
            ])  # fmt: skip
        orders.bind(db, 1, 1200)
        db.execute(sa.update(LINE).where(LINE.c.order_id == 1).values(sku="TEE-M"))
        said = [{"line_ref": "1", "quantity": 1, "carrier": "dpd", "tracking_number": 'JD/ü"1'}]
        announcements.begin_announcing(db, 41, 1, "1200-1", said, NOW, snapshot={})
        announcements.note_shipment(db, 42, 3, "1300-1", {"tracking_number": "JD 2"}, NOW)
        read = SizeRead.model_validate({"id": 11, "sku": "TEE-M", "ean": "5000000000011", "variant_id": 1, "stock": []})
        sizes.record(db, [read], 1, NOW)
        db.execute(sa.insert(LISTING), [
            {"retailer": retailer, "product_id": number, "part_number": f"7100000{number}", "sku": sku, "agreed_seq": 0,
             "agreed": 3, "seen_at": NOW, "gone": False}
            for number, (retailer, sku) in enumerate(listed)
        ])  # fmt: skip
    return store


def found(store: Store, text: str) -> list[str]:
    with store.read() as db:
        return [f"{row['retailer']}/{row['reference']}" for row in search.orders(db, text, 50)]


def named(store: Store, text: str) -> list[str]:
    with store.read() as db:
        return [row["sku"] for row in search.skus(db, text, 50)]


@pytest.mark.parametrize(("text", "wanted"), [
    ("PO-1", ["calder/PO-1", "northgate/PO-1"]),
    ("northgate/PO-1", ["northgate/PO-1"]),
    ("1200", ["northgate/PO-1"]),
    ("1200-1", ["northgate/PO-1"]),
    ("JD/ü\"1", ["northgate/PO-1"]),
    ("JD 2", ["calder/50%_Ü"]),
    ("TEE-M", ["calder/PO-1", "northgate/PO-1"]),
    ("5000000000011", ["calder/PO-1", "northgate/PO-1"]),
    ("100%_A", ["calder/50%_Ü"]),
    ("71000002", ["calder/50%_Ü"]),
    ("50%_Ü", ["calder/50%_Ü"]),
    ("50%", ["calder/50%_Ü"]),
    ("po-", ["calder/PO-1", "northgate/PO-1"]),
    ("JD", []),
    ("dpd", []),
    ("Ada", []),
    ("", []),
])  # fmt: skip
def test_an_order_is_found_by_each_of_its_names(stocked: Store, text: str, wanted: list[str]) -> None:
    assert found(stocked, text) == wanted


@pytest.mark.parametrize(("text", "wanted"), [
    ("TEE-M", ["TEE-M"]), ("71000000", ["TEE-M"]), ("71000001", ["TEE-M"]), ("5000000000011", ["TEE-M"]),
    ("tee", ["TEE-M"]), ("7100000", ["100%_A", "TEE-M"]), ("%", ["100%_A"]), ("_", ["100%_A"]), ("0%_A", ["100%_A"]),
    ("CAP", []), ("", []),
])  # fmt: skip
def test_an_article_is_found_by_each_of_its_names(stocked: Store, text: str, wanted: list[str]) -> None:
    assert named(stocked, text) == wanted


@pytest.mark.parametrize("text", NASTY)
def test_what_looks_like_a_command_is_only_text(stocked: Store, text: str) -> None:
    assert found(stocked, text) == []
    assert set(named(stocked, text)) <= {"100%_A"}
    with stocked.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ORDER)) == 3


def test_nothing_personal_is_in_what_is_found(stocked: Store) -> None:
    with stocked.read() as db:
        assert "Ada" not in repr(search.orders(db, "PO-1", 50)) + repr(search.orders_page(db, limit=50))


def test_all_orders_can_be_leafed_through_newest_first_within_what_is_wanted(stocked: Store) -> None:
    with stocked.read() as db:
        first = search.orders_page(db, limit=2)
        second = search.orders_page(db, before=first[-1]["id"], limit=2)
        assert [row["id"] for row in first + second] == [3, 2, 1]
        assert [row["id"] for row in search.orders_page(db, retailer="calder", limit=9)] == [3, 2]
        assert search.orders_page(db, state="dispatched", limit=9) == []


def test_all_articles_can_be_leafed_through_with_what_each_retailer_shows(stocked: Store) -> None:
    with stocked.read() as db:
        first = search.skus_page(db, retailer=None, after="", limit=1)
        second = search.skus_page(db, retailer=None, after=first[0]["sku"], limit=5)
        assert [row["sku"] for row in first + second] == ["100%_A", "TEE-M"]
        assert [each["retailer"] for each in second[0]["retailers"]] == ["calder", "northgate"]
        assert second[0]["ean"] == "5000000000011"
        assert [row["sku"] for row in search.skus_page(db, retailer="northgate", after="", limit=5)] == ["TEE-M"]
