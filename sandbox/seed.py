"""Both twins start from the same shop: one clothing brand, its stock, and the three retailers that sell it.

The same (size, random seed) always gives the same shop. Everything here is frozen; a twin copies what it changes.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from sandbox.seed_content import STYLES, Style, as_html

STORE_ID = 1
OWN_SHOP_MARKET_ID = 1
MARKETPLACES_MARKET_ID = 3
PRICELIST_ID = 7
TRADE_PRICELIST_ID = 8
PAYMENT_PLUGIN_ID = 36
CURRENCY = "GBP"
SHIPPING_OPTIONS = ("standard", "express")
CENTRA_TOKEN = "sandbox-centra-token"
ORDER_API_KEY = "sandbox-order-api-key"

SUPPLIER_ID_IN_ORDERS = 1569
SUPPLIER_ID_IN_PRODUCTS = 2210
BRAND = "Harrow & Fen"
COLLECTION = "Core"
COUNTRY_OF_ORIGIN = "GB"
COST_PERCENT, TRADE_PERCENT = 40, 55
"""What a variant costs the brand, and what it costs in the trade price list, of its price in the shop."""
IMAGES = "/client/dynamic/images"
"""Where Centra serves images, below its base URL."""

CARRIERS: tuple[tuple[int, str, str], ...] = (
    (144, "2go", "2GO"),
    (30, "4px", "4PX"),
    (601, "royal-mail", "Royal Mail"),
    (602, "dpd", "DPD"),
    (603, "dpd-uk", "DPD UK"),
    (604, "dx", "DX Delivery"),
    (605, "evri", "Evri"),
    (606, "ups", "UPS"),
    (607, "fedex", "FedEx"),
    (608, "yodel", "Yodel"),
    (609, "parcelforce", "Parcelforce"),
    (610, "dhl", "DHL Express"),
    (611, "arrowxl", "ArrowXL"),
    (612, "tuffnells", "Tuffnells"),
)
"""Virtualstock's tracking carriers (id, slug, name). 2go and 4px are published rows, the rest is made up."""

_STYLES = (
    ("Crew Neck Jumper", "letters", "79.00"), ("Merino Cardigan", "letters", "95.00"),
    ("Oxford Shirt", "letters", "59.00"), ("Linen Shirt", "letters", "65.00"),
    ("Slim Chino", "waist", "69.00"), ("Selvedge Jean", "waist", "98.00"),
    ("Waxed Jacket", "letters", "189.00"), ("Quilted Gilet", "letters", "119.00"),
    ("Wrap Dress", "numbers", "110.00"), ("Pleated Skirt", "numbers", "72.00"),
    ("Pique Polo", "letters", "45.00"), ("Heavy Cotton Tee", "letters", "29.00"),
    ("Wool Overcoat", "letters", "275.00"), ("Chelsea Boot", "shoes", "160.00"),
    ("Suede Loafer", "shoes", "135.00"), ("Lambswool Scarf", "one", "39.00"),
    ("Leather Belt", "one", "42.00"), ("Cord Trouser", "waist", "85.00"),
)
_PLACES = ("Harbour", "Alder", "Marsh", "Wold", "Fenland", "Cromer", "Ludlow", "Kendal", "Rye", "Tarn", "Ashdown",
           "Whitby", "Malvern", "Denham", "Exmoor", "Orford", "Selby", "Hexham")
_COLOURS = (("Navy", "NVY"), ("Oatmeal", "OAT"), ("Moss", "MOS"), ("Black", "BLK"), ("Rust", "RST"), ("Stone", "STN"),
            ("Sky", "SKY"), ("Burgundy", "BUR"))
_SIZES = {
    "letters": ("XS", "S", "M", "L", "XL", "XXL"),
    "waist": ("28", "30", "32", "34", "36", "38", "40"),
    "numbers": ("6", "8", "10", "12", "14", "16"),
    "shoes": ("6", "7", "8", "9", "10", "11", "12"),
    "one": ("One Size",),
}


@dataclass(frozen=True)
class Warehouse:
    """A place that holds stock; `threshold` units of each size are never published."""

    id: int
    name: str
    threshold: int | None
    priority: int


WAREHOUSES = (Warehouse(1, "Corby", None, 1), Warehouse(2, "Reading", 2, 2))
"""The warehouses of the one allocation rule that the Marketplaces market uses."""


@dataclass(frozen=True)
class Size:
    """What is sold and counted: one SKU. `stock` maps a warehouse id to physical units."""

    id: int
    sku: str
    ean: str
    name: str
    price: Decimal
    preorder: bool
    active: bool
    stock: dict[int, int]


@dataclass(frozen=True)
class Variant:
    """One colour of a product. `stock_offset` units of each size are withheld from publication."""

    id: int
    display_item_id: int
    number: str
    colour: str
    active: bool
    stock_offset: int
    sizes: tuple[Size, ...]

    @property
    def price(self) -> Decimal:
        """In the shop's own price list, tax included; all sizes cost the same."""
        return self.sizes[0].price

    @property
    def unit_cost(self) -> Decimal:
        """What one unit costs the brand."""
        return _share(self.price, COST_PERCENT)

    @property
    def trade_price(self) -> Decimal:
        """In the trade price list."""
        return _share(self.price, TRADE_PERCENT)

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Its images in order; see `image_url`."""
        return tuple(self.id * 10 + place for place in (1, 2, 3))


@dataclass(frozen=True)
class Product:
    """One style of the brand in all its colours."""

    id: int
    display_id: int
    number: str
    name: str
    style: str
    size_chart: str
    variants: tuple[Variant, ...]

    @property
    def content(self) -> Style:
        """What it has in common with all products of its style."""
        return STYLES[self.style]

    @property
    def category(self) -> str:
        """The name of the one category it is in."""
        return self.content.category

    @property
    def material(self) -> str:
        """The attribute ``material.text``."""
        return self.content.material

    @property
    def care(self) -> str:
        """The attribute ``care.text``."""
        return self.content.care

    @property
    def weight_kg(self) -> Decimal:
        """What one unit weighs."""
        return self.content.weight_kg

    @property
    def display_name(self) -> str:
        """What customers read."""
        return f"{BRAND} {self.name}"

    @property
    def swedish_name(self) -> str | None:
        """The display name in sv-SE, which every third product has."""
        return f"{BRAND} {self.name.split()[0]} {self.content.swedish}" if self.id % 3 == 0 else None

    @property
    def description_lines(self) -> tuple[str, ...]:
        """The description without any mark-up: a sentence, then the points of a list."""
        style = self.content
        return f"{style.opening}: the {self.name} by {BRAND}.", *style.points, f"Material: {style.material}"

    @property
    def description_html(self) -> str:
        """The description as Centra keeps it: ``<p>…</p><ul><li>…</li></ul>``."""
        return as_html(self.description_lines)

    @property
    def short_description(self) -> str:
        """One line."""
        return f"{self.name} in {self.material}."


@dataclass(frozen=True)
class Retailer:
    """A retailer on Virtualstock with its own credential and its own rules for the actions of a supplier."""

    code: str
    name: str
    customer_id: int
    client_id: int
    requests_per_minute: int = 250
    stock_field: str = "supplier_free_stock"
    stock_readable: bool = True
    share_of_range: float = 1.0
    own_part_numbers: bool = False
    sub_statuses: tuple[str, ...] = ("Pending",)
    sub_status_required: bool = False
    backorder_sub_statuses: tuple[str, ...] = ("Pending", "Out of Stock", "Stock Due In")
    routes: tuple[str, ...] = ()
    delivery_date_required: bool = False
    full_lines_only: bool = False
    full_orders_only: bool = False
    partial_cancel: bool = False
    invoicing: bool = False
    tax_code_missing: bool = False
    carriers: tuple[str, ...] | None = None
    delivery_services: tuple[str | None, ...] = (None,)

    @property
    def uuid(self) -> str:
        """How invoices name it; its orders carry it."""
        return f"5f0c2a1e-0000-4000-8000-{self.customer_id:012d}"

    @property
    def username(self) -> str:
        """The login of its credential."""
        return self.code

    @property
    def password(self) -> str:
        """The password of its credential."""
        return f"{self.code}-secret"


RETAILERS = (
    Retailer(
        "northgate", "Northgate & Co", 13, 637, stock_field="free_stock", share_of_range=0.8, own_part_numbers=True,
        routes=("Direct to customer",), delivery_date_required=True,
    ),
    Retailer(
        "calder", "Calder", 14, 638, full_lines_only=True, sub_statuses=("Order Acknowledged",),
        sub_status_required=True, delivery_services=("standard", "express"),
        carriers=("royal-mail", "dpd", "dpd-uk", "dx", "evri", "ups", "fedex", "yodel", "parcelforce", "dhl"),
    ),
    Retailer(
        "fernhill", "Fernhill Stores", 15, 639, requests_per_minute=150, share_of_range=0.6, stock_readable=False,
        sub_statuses=("Pending", "Delivery Booked", "Delivery Deferred"), partial_cancel=True, invoicing=True,
    ),
)


@dataclass(frozen=True)
class Listing:
    """One size as a retailer lists it on Virtualstock."""

    id: int
    retailer: str
    part_number: str
    sku: str
    ean: str
    name: str
    price: Decimal


@dataclass(frozen=True)
class Seed:
    """The shop both twins start from."""

    products: tuple[Product, ...]
    listings: tuple[Listing, ...]
    warehouses: tuple[Warehouse, ...] = WAREHOUSES
    retailers: tuple[Retailer, ...] = field(default=RETAILERS)

    def sizes(self) -> Iterator[tuple[Product, Variant, Size]]:
        """Every size with what it belongs to, by ascending id."""
        for product in self.products:
            for variant in product.variants:
                for size in variant.sizes:
                    yield product, variant, size


def image_url(base: str, image_id: int) -> str:
    """The link of an image in the merchant's standard size; `base` is Centra's URL without a trailing slash."""
    return f"{base}{IMAGES}/{image_id}_standard.jpg"


def _share(amount: Decimal, percent: int) -> Decimal:
    return (amount * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def ean13(number: int) -> str:
    """A 13-digit EAN of the brand with a valid check digit (GS1: weights 1 and 3 from the left)."""
    digits = f"5060412{number:05d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def build_seed(skus: int = 2000, seed: int = 1) -> Seed:
    """A shop with at least `skus` sizes, below 90,000, the same for the same arguments."""
    chance = random.Random(seed)
    products: list[Product] = []
    built = 0
    while built < skus:
        product = _product(len(products), built, chance)
        built += sum(len(variant.sizes) for variant in product.variants)
        products.append(product)
    return Seed(tuple(products), tuple(_listings(products, chance)))


def _product(index: int, first_size: int, chance: random.Random) -> Product:
    style, chart, price = _STYLES[index % len(_STYLES)]
    place = _PLACES[(index + index // len(_STYLES)) % len(_PLACES)]
    number = f"HF{1001 + index}"
    variants: list[Variant] = []
    for colour, code in chance.sample(_COLOURS, chance.randint(2, 4)):
        variant_id = 2001 + index * 4 + len(variants)
        sizes = tuple(
            _size(first_size + len(variants) * len(_SIZES[chart]) + place_in_chart, f"{number}-{code}-", name,
                  Decimal(price), chance)
            for place_in_chart, name in enumerate(_SIZES[chart])
        )
        offset = chance.randint(1, 5) if chance.random() < 0.08 else 0
        variants.append(Variant(variant_id, variant_id + 50_000, f"{number}-{code}", colour,
                                chance.random() >= 0.02, offset, sizes))
    return Product(1001 + index, 40_001 + index, number, f"{place} {style}", style, chart,
                   tuple(variants))


def _size(index: int, prefix: str, name: str, price: Decimal, chance: random.Random) -> Size:
    empty = chance.random() < 0.12
    stock = {warehouse.id: 0 if empty else chance.randint(0, 60) for warehouse in WAREHOUSES}
    return Size(
        id=10_001 + index, sku=prefix + name.replace(" ", "").upper().replace("ONESIZE", "OS"), ean=ean13(index + 1),
        name=name, price=price, preorder=chance.random() < 0.01, active=chance.random() >= 0.02, stock=stock,
    )


def _listings(products: list[Product], chance: random.Random) -> Iterator[Listing]:
    listing_id = 617_000
    for product, variant, size in Seed(tuple(products), ()).sizes():
        for retailer in RETAILERS:
            if chance.random() >= retailer.share_of_range:
                continue
            listing_id += chance.randint(1, 3)
            part_number = str(70_000_000 + size.id * 11) if retailer.own_part_numbers else size.sku
            yield Listing(
                listing_id, retailer.code, part_number, size.sku, size.ean,
                f"{BRAND} {product.name}, {variant.colour}, {size.name}", size.price,
            )
