"""The records a Centra instance keeps, with the field names of its GraphQL types in Python spelling."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from sandbox.centra.content import Category, Content, Named, SizeChart
from sandbox.seed import PRICELIST_ID

CENT = Decimal("0.01")
VAT_PERCENT = 20


def rounded(value: Decimal) -> Decimal:
    """To the cent, halves up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def without_tax(value: Decimal) -> Decimal:
    """The net part of a price that includes VAT."""
    return rounded(value * 100 / (100 + VAT_PERCENT))


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of the instance."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    value: Decimal
    currency: Currency
    conversion_rate: int = 1

    @property
    def formatted_value(self) -> str:
        """As Centra prints it, e.g. ``700.00 GBP``."""
        return f"{self.value:.2f} {self.currency.code}"

    @property
    def value_in_cents(self) -> int:
        """In sub-units."""
        return int(rounded(self.value) * 100)


@dataclass(frozen=True, slots=True)
class Country:
    """A country, by its ISO 3166-1 code."""

    id: int
    code: str
    name: str
    is_eu: bool
    states: tuple[()] = ()


@dataclass(slots=True, eq=False)
class Store:
    """A shop of the merchant."""

    typename: ClassVar[str] = "Store"
    id: int
    name: str
    type: str = "DIRECT_TO_CONSUMER"


@dataclass(slots=True, eq=False)
class Market:
    """A group of customers that sees the same displays and stock."""

    typename: ClassVar[str] = "Market"
    id: int
    name: str
    store: Store
    assigned_to_countries: tuple[Country, ...]


@dataclass(slots=True, eq=False)
class ShippingOption:
    """A way to send goods, known to the Order API by its URI."""

    id: int
    name: str
    uri: str

    @property
    def shipping_option(self) -> "ShippingOption":
        """Orders reach it through a price group of their own."""
        return self


@dataclass(slots=True, eq=False)
class Pricelist:
    """Prices in one currency."""

    typename: ClassVar[str] = "Pricelist"
    id: int
    name: str
    store: Store
    currency: Currency
    assigned_to_countries: tuple[Country, ...]
    default_shipping_option: ShippingOption
    status: str = "ACTIVE"


@dataclass(slots=True, eq=False)
class Warehouse:
    """A place that holds stock. Readers of stock subtract its `threshold` themselves."""

    typename: ClassVar[str] = "Warehouse"
    id: int
    name: str
    threshold: int | None
    country: Country
    allocation_rules: "list[AllocationRule]" = field(default_factory=list)
    status: str = "ACTIVE"
    stock_ownership: str = "OWN"
    allocation_policy: str = "DIRECT"
    stock_master: str = "CENTRA"


@dataclass(slots=True, eq=False)
class AllocationRule:
    """Which warehouses serve which markets, the first one first."""

    id: int
    name: str
    warehouses: tuple[Warehouse, ...]
    markets: tuple[Market, ...]
    stores: tuple[Store, ...]


@dataclass(slots=True, eq=False)
class Product:
    """A style."""

    typename: ClassVar[str] = "Product"
    id: int
    name: str
    product_number: str
    brand: Named
    collection: Named | None
    country_of_origin: Country
    harmonized_commodity_code: str
    weight_kg: Decimal | None
    created_at: datetime
    updated_at: datetime
    content: Content
    variants: "list[Variant]" = field(default_factory=list)
    displays: "list[Display]" = field(default_factory=list)
    status: str = "ACTIVE"
    is_bundle: bool = False


@dataclass(slots=True, eq=False)
class Variant:
    """A style in one colour. Readers of stock subtract `stock_offset` themselves."""

    typename: ClassVar[str] = "ProductVariant"
    id: int
    name: str
    variant_number: str
    product: Product
    prices: dict[int, Decimal]
    """By price list; a list in which it has no price is absent."""
    unit_cost: Decimal | None
    size_chart: SizeChart
    stock_offset: int
    display_item_id: int
    status: str
    updated_at: datetime
    content: Content
    recommended: dict[int, Decimal] = field(default_factory=dict)
    product_sizes: "list[ProductSize]" = field(default_factory=list)

    @property
    def price(self) -> Decimal | None:
        """What it costs in the merchant's own shop; sales are not taken off."""
        return self.prices.get(PRICELIST_ID)


@dataclass(slots=True, eq=False)
class ProductSize:
    """What is sold and counted."""

    typename: ClassVar[str] = "ProductSize"
    id: int
    sku: str
    ean: str
    size_number: str
    description: str
    preorder: bool
    is_active: bool
    product_variant: Variant
    updated_at: datetime
    upc: str = ""
    comment: str = ""
    levels: "list[Level]" = field(default_factory=list)

    @property
    def sellable(self) -> bool:
        """Active on every level, shown, and with a price."""
        variant = self.product_variant
        return (
            self.is_active and variant.status == "ACTIVE" and variant.product.status == "ACTIVE"
            and variant.price is not None
            and any(display.status == "ACTIVE" for display in variant.product.displays)
        )


@dataclass(slots=True, eq=False)
class Level:
    """Stock of one size in one warehouse, in units."""

    product_size: ProductSize
    warehouse: Warehouse
    physical_quantity: int
    allocated_quantity: int = 0
    demand_quantity: int = 0

    @property
    def free_to_allocate_quantity(self) -> int:
        """What new orders can still take; thresholds and offsets are not subtracted."""
        return self.physical_quantity - self.allocated_quantity

    @property
    def available_now_quantity(self) -> int:
        """What is free after back-orders."""
        return self.free_to_allocate_quantity - self.demand_quantity

    @property
    def unshipped_quantity(self) -> int:
        """Ordered and not yet sent."""
        return self.allocated_quantity + self.demand_quantity


@dataclass(slots=True, eq=False)
class DisplayItem:
    """A variant as a store shows it; the storefront APIs and their webhooks call it a product."""

    id: int
    display: "Display"
    product_variant: Variant


@dataclass(slots=True, eq=False)
class Display:
    """A product as a store shows it."""

    typename: ClassVar[str] = "Display"
    id: int
    name: str
    uri: str
    description: str
    short_description: str
    meta_title: str | None
    meta_description: str | None
    product: Product
    store: Store
    markets: tuple[Market, ...]
    categories: list[Category]
    updated_at: datetime
    content: Content
    status: str = "ACTIVE"
    display_items: list[DisplayItem] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class StockChange:
    """A movement of physical stock."""

    typename: ClassVar[str] = "StockChange"
    id: int
    created_at: datetime
    comment: str
    type: str
    warehouse: Warehouse
    lines: "list[StockChangeLine]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class StockChangeLine:
    """One size in a movement; units out are negative."""

    id: int
    stock_change: StockChange
    level: Level
    delivered_quantity: int
    free_to_allocate_quantity: int
