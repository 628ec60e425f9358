"""Products, listings and calls about them, for tests that say only what matters to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.centra.content import Product, Size, Variant
from integration.storage import Store, contents, listings, products
from integration.storage.contents import Listed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
JUMPER, TEE, RETAILER, SKU = 31, 11, "northgate", "TEE-M"


def product(name: str = "Jumper", number: int = JUMPER, size_ids: Sequence[int] = (TEE,)) -> Product:
    found = tuple(Size(id=size_id, sku=SKU) for size_id in size_ids)
    return Product(id=number, name=name, variants=(Variant(id=number + 1000, sizes=found),))


def read(store: Store, *found: Product, gone: int | None = None) -> None:
    """A reading of Centra that begins and ends now."""
    with store.write() as db:
        asked = {gone: 1} if gone else None
        products.record(db, found, products.begin_read(db), NOW, {}, asked)


def list_(store: Store, product_id: int = 900, **changes: Any) -> None:
    """The retailer lists it; nobody has read its attributes."""
    row = {"retailer": RETAILER, "product_id": product_id, "part_number": "7", "sku": SKU, "size_id": TEE,
           "seen_at": NOW}  # fmt: skip
    with store.write() as db:
        listings.record(db, [row | changes])


def show(
    store: Store, attributes: Mapping[str, str], *, product_id: int = 900, category: int | None = 5544,
    retailer: str = RETAILER, began: datetime = NOW,
) -> None:
    """The retailer shows these attributes of it."""
    with store.write() as db:
        contents.record_read(db, retailer, {product_id: (category, attributes)}, began)


def listed(store: Store) -> Listed:
    with store.read() as db:
        (found,) = contents.of_sku(db, RETAILER, SKU)
    return found


def intend(store: Store, of: Listed, attributes: Mapping[str, str], token: str) -> bool:
    with store.write() as db:
        return contents.intend(db, of, attributes, token)


def accepted(
    store: Store, of: Listed, sent: Mapping[str, str], token: str, shown: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> bool:
    with store.write() as db:
        return contents.accepted(db, of, sent, {**of.shown, **sent} if shown is None else shown, token, now)


def send(store: Store, sent: Mapping[str, str], shown: Mapping[str, str] | None = None, now: datetime = NOW) -> None:
    of = listed(store)
    assert intend(store, of, sent, "worker")
    assert accepted(store, of, sent, "worker", shown, now)


def shop_of(store: Store) -> Store:
    """One listing of a product that was read, with a title and a colour."""
    read(store, product())
    list_(store, agreed=4)
    show(store, {"title": "Jumper", "colour": "BLUE", "care": ""})
    return store
