"""A range in the database as the flows would have left it: every retailer has accepted just what Centra says."""

from collections.abc import Mapping
from typing import Any

from integration import steps
from integration.centra.content import Amount, Display, Image, Named, Price, Product, Size, Variant
from integration.centra.schema import Size as SizeRead
from integration.flows import creations, product_moves
from integration.lanes import Lane
from integration.storage import contents, images, journal, listings, products, sizes
from integration.virtualstock.schema import Product as Listed
from tests.world import World

TEE, EAN = 11, "5012345678900"
LINK = "https://images.example/{}.jpg"


def tee(number: int = 31, size_id: int = TEE, sku: str = "TEE-M", ean: str = EAN, **changes: Any) -> Product:
    """A T-shirt of one size, on sale in the market of every retailer; `changes` are fields of its display."""
    size = Size(id=size_id, sku=sku, ean=ean, label="M")
    price = Price(id=number + 100, pricelist_id=7, amount=Amount(value="36.00", currency="GBP"))
    variant = Variant(
        id=number + 200, attributes={"colour.text": "Navy"}, prices=(price,), sizes=(size,),
        unit_cost=Amount(value="14.40", currency="GBP"), images=(Image(id=number + 300, url=LINK.format(number)),),
    )  # fmt: skip
    shown = {
        "id": number + 400, "name": "Tee", "store_id": 1, "market_ids": (3,), "variant_ids": (variant.id,),
        "description": "<p>Soft.</p>", "categories": (Named(id=1, name="Tops"),),
    } | changes  # fmt: skip
    return Product(
        id=number, name="Tee", weight="0.2", weight_unit="KILOGRAMS", country_of_origin="GB",
        brand=Named(id=2, name="Harrow & Fen"), variants=(variant,), displays=(Display(**shown),),
    )  # fmt: skip


def priced(product: Product, amount: str) -> Product:
    """The same at another price."""
    variants = tuple(
        each.model_copy(update={"prices": tuple(
            price.model_copy(update={"amount": Amount(value=amount, currency="GBP")}) for price in each.prices
        )})
        for each in product.variants
    )  # fmt: skip
    return product.model_copy(update={"variants": variants})


def reads(world: World, *found: Product) -> None:
    """Products are read from Centra, with their sizes, and their image links are good."""
    inside = [(product, variant, size) for product in found for variant in product.variants for size in variant.sizes]
    with world.store.write() as db:
        seq = products.begin_read(db)
        sizes.record(db, [
            SizeRead(id=size.id, sku=size.sku, ean=size.ean, variant_id=variant.id) for _, variant, size in inside
        ], seq, world.at)  # fmt: skip
        products.record(db, found, seq, world.at, {})
        for _, variant, _ in inside:
            for image in variant.images:
                images.record(db, image.url or "", None, world.at, world.at)


def lists(
    world: World, retailer: str, product_id: int, size: tuple[int, str] | None = (TEE, "TEE-M"), *,
    part_number: str = "TEE-M", accepted: Mapping[str, str] | None = None, gone: bool = False,
) -> None:
    """A retailer lists a size, and has accepted what Centra says of it unless `accepted` says otherwise."""
    size_id, sku = size or (None, None)
    row = {"retailer": retailer, "product_id": product_id, "part_number": part_number, "sku": sku, "size_id": size_id,
           "agreed": 8, "seen_at": world.at, "gone": gone}  # fmt: skip
    with world.store.write() as db:
        listings.record(db, [row])
        contents.record_read(db, retailer, {product_id: (5544, accepted or {})}, world.at)
    if accepted is None and sku is not None:
        texts = {}
        for move in product_moves.plan(world.services, f"{retailer}/{sku}"):
            texts = {**move.real, **move.shadow}
        with world.store.write() as db:
            contents.record_read(db, retailer, {product_id: (5544, texts)}, world.at)


def read_completely(world: World, retailer: str) -> None:
    """The retailer's catalogue has been read to its end once."""
    with world.store.write() as db:
        journal.draw(db, creations.READS + retailer)


def pushes(world: World, retailer: str, *skus: str) -> list[dict[str, str]]:
    """Push these SKUs; returns the body of each call. The retailer takes all of it."""
    said: list[dict[str, str]] = []

    def patch_product(product_id: int, attributes: Mapping[str, str], *, lane: Lane) -> Listed:
        said.append(dict(attributes))
        return Listed.model_validate({"id": product_id, "data": {}})

    world.retailers[retailer].patch_product = patch_product  # type: ignore[method-assign,assignment,attr-defined]
    for sku in skus:
        world.do(steps.PRODUCTS_PUSH, f"{retailer}/{sku}")
    return said
