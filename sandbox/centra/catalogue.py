"""The shared seed becomes a Centra catalogue: one store, two markets, two price lists, warehouses and their rule."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox import seed as shop
from sandbox.centra.campaigns import Campaigns
from sandbox.centra.clock import now
from sandbox.centra.content import AttributeType, Category, Content, Named, SizeChart
from sandbox.centra.model import (
    AllocationRule,
    Country,
    Currency,
    Display,
    DisplayItem,
    Level,
    Market,
    Pricelist,
    Product,
    ProductSize,
    ShippingOption,
    Store,
    Variant,
    Warehouse,
)
from sandbox.seed_content import CATEGORIES

COUNTRIES = (
    Country(1, "GB", "United Kingdom", False), Country(2, "IE", "Ireland", True), Country(3, "SE", "Sweden", True),
    Country(4, "DE", "Germany", True), Country(5, "US", "United States", False),
)
CURRENCIES = {
    code: Currency(number, code, name)
    for number, (code, name) in enumerate(
        ((shop.CURRENCY, "Pound sterling"), ("EUR", "Euro"), ("SEK", "Swedish krona"), ("USD", "US dollar")), start=1,
    )
}
_ATTRIBUTES = (
    AttributeType("Product", "material", "Material", {"text": "INPUT"}),
    AttributeType("Product", "care", "Care", {"text": "INPUT"}),
    AttributeType("Product", "season", "Season", {"choice": "CHOICE"}),
    AttributeType("ProductVariant", "colour", "Colour", {"text": "INPUT"}, is_mapped=True),
)


@dataclass
class Catalogue:
    """Everything a merchant sets up, by id, in ascending order of ids."""

    stores: dict[int, Store]
    markets: dict[int, Market]
    pricelists: dict[int, Pricelist]
    shipping: dict[str, ShippingOption]
    warehouses: dict[int, Warehouse]
    rules: dict[str, AllocationRule]
    products: dict[int, Product]
    variants: dict[int, Variant]
    sizes: dict[int, ProductSize]
    displays: dict[int, Display]
    by_sku: dict[str, ProductSize]
    by_ean: dict[str, ProductSize]
    categories: dict[int, Category]
    size_charts: dict[str, SizeChart]
    brands: dict[int, Named]
    collections: dict[int, Named]
    attribute_types: dict[tuple[str, str], AttributeType]
    """By object type and name."""
    currencies: dict[str, Currency]
    campaigns: Campaigns = field(default_factory=Campaigns)
    images: set[int] = field(default_factory=set)
    """Every image that can be fetched."""
    broken_images: set[int] = field(default_factory=set)

    def rule_of(self, market: Market) -> AllocationRule:
        """The one rule that says where a market's goods come from."""
        return next(rule for rule in self.rules.values() if market in rule.markets)

    def size(self, code: str) -> ProductSize | None:
        """A size by SKU, EAN or UPC, whichever fits."""
        return self.by_sku.get(code) or self.by_ean.get(code)

    def barcode(self, size: ProductSize, ean: str) -> None:
        """Gives a size another EAN, or none. Two sizes may have the same: a look-up finds the one that got it last."""
        if self.by_ean.get(size.ean) is size:
            others = (other for other in self.sizes.values() if other.ean == size.ean and other is not size)
            if (other := next(others, None)) is not None:
                self.by_ean[size.ean] = other
            else:
                del self.by_ean[size.ean]
        size.ean = ean
        if ean:
            self.by_ean[ean] = size

    def remove(self, product: Product) -> None:
        """A product goes with its displays, variants, sizes and images; its sales no longer hold it."""
        del self.products[product.id]
        for display in product.displays:
            del self.displays[display.id]
            self.images.difference_update(display.content.media)
        self.images.difference_update(product.content.media)
        for variant in product.variants:
            del self.variants[variant.id]
            self.campaigns.forget(variant)
            self.images.difference_update(variant.content.media)
            for size in variant.product_sizes:
                del self.sizes[size.id], self.by_sku[size.sku]
                self.barcode(size, "")


def load(seed: shop.Seed) -> Catalogue:
    """The catalogue of a freshly seeded instance."""
    result = _empty(seed)
    made = now() - timedelta(days=30)
    for product in seed.products:
        _add_product(result, product, made)
    return result


def _empty(seed: shop.Seed) -> Catalogue:
    britain = COUNTRIES[0]
    store = Store(shop.STORE_ID, "Harrow & Fen")
    own = Market(shop.OWN_SHOP_MARKET_ID, "Own shop", store, (britain,))
    marketplaces = Market(shop.MARKETPLACES_MARKET_ID, "Marketplaces", store, (britain,))
    shipping = {
        uri: ShippingOption(number, uri.title(), uri) for number, uri in enumerate(shop.SHIPPING_OPTIONS, start=1)
    }
    ordered = sorted(seed.warehouses, key=lambda warehouse: warehouse.priority)
    warehouses = {
        warehouse.id: Warehouse(warehouse.id, warehouse.name, warehouse.threshold, britain) for warehouse in ordered
    }
    rule = AllocationRule(1, "Default", tuple(warehouses.values()), (own, marketplaces), (store,))
    for warehouse in warehouses.values():
        warehouse.allocation_rules.append(rule)
    charts = sorted({product.size_chart for product in seed.products})
    return Catalogue(
        stores={store.id: store}, markets={own.id: own, marketplaces.id: marketplaces},
        pricelists=_pricelists(store, britain, shipping[shop.SHIPPING_OPTIONS[0]]), shipping=shipping,
        warehouses=dict(sorted(warehouses.items())), rules={rule.name: rule},
        products={}, variants={}, sizes={}, displays={}, by_sku={}, by_ean={},
        categories={number: Category(number, name) for name, number in CATEGORIES.items()},
        size_charts={name: SizeChart(number, name.title()) for number, name in enumerate(charts, start=1)},
        brands={1: Named(1, shop.BRAND)}, collections={1: Named(1, shop.COLLECTION)},
        currencies=dict(CURRENCIES), attribute_types={(each.object_type, each.name): each for each in _ATTRIBUTES},
    )


def _pricelists(store: Store, country: Country, option: ShippingOption) -> dict[int, Pricelist]:
    """The shop's own, and one for trade that no country leads to."""
    currency = CURRENCIES[shop.CURRENCY]
    return {
        shop.PRICELIST_ID: Pricelist(shop.PRICELIST_ID, "GBP", store, currency, (country,), option),
        shop.TRADE_PRICELIST_ID: Pricelist(shop.TRADE_PRICELIST_ID, "GBP trade", store, currency, (), option),
    }


def _add_product(into: Catalogue, source: shop.Product, made: datetime) -> None:
    product = Product(
        source.id, source.name, source.number, into.brands[1], into.collections[1], COUNTRIES[0],
        source.content.hs_code, source.weight_kg, made, made,
        Content({"material.text": source.material, "care.text": source.care, "season.choice": "All year"}),
    )
    into.products[product.id] = product
    display = _display(into, source, product)
    into.displays[display.id] = display
    product.displays.append(display)
    for source_variant in source.variants:
        variant = _variant(into, product, source, source_variant)
        product.variants.append(variant)
        into.variants[variant.id] = variant
        into.images.update(variant.content.media)
        display.display_items.append(DisplayItem(variant.display_item_id, display, variant))
        for source_size in source_variant.sizes:
            size = _size(into, variant, source_size)
            variant.product_sizes.append(size)
            into.sizes[size.id] = into.by_sku[size.sku] = into.by_ean[size.ean] = size


def _display(into: Catalogue, source: shop.Product, product: Product) -> Display:
    swedish = source.swedish_name
    return Display(
        source.display_id, source.display_name, source.name.lower().replace(" ", "-"), source.description_html,
        source.short_description, source.display_name, None, product, into.stores[shop.STORE_ID],
        tuple(into.markets.values()), [into.categories[CATEGORIES[source.category]]], product.updated_at,
        Content(translations={"sv-SE": {"name": swedish}} if swedish else {}),
    )


def _variant(into: Catalogue, product: Product, source: shop.Product, colour: shop.Variant) -> Variant:
    return Variant(
        colour.id, colour.colour, colour.number.removeprefix(product.product_number), product,
        {shop.PRICELIST_ID: colour.price, shop.TRADE_PRICELIST_ID: colour.trade_price}, colour.unit_cost,
        into.size_charts[source.size_chart], colour.stock_offset, colour.display_item_id,
        "ACTIVE" if colour.active else "INACTIVE", product.updated_at,
        Content({"colour.text": colour.colour}, media=list(colour.image_ids)),
    )


def _size(into: Catalogue, variant: Variant, source: shop.Size) -> ProductSize:
    glued = variant.product.product_number + variant.variant_number
    size = ProductSize(
        source.id, source.sku, source.ean, source.sku.removeprefix(glued), source.name, source.preorder,
        source.active, variant, variant.updated_at,
    )
    size.levels = [Level(size, house, source.stock.get(number, 0)) for number, house in into.warehouses.items()]
    return size
