"""The shared seed becomes a Centra catalogue: one store, two markets, a price list, warehouses and their rule."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sandbox import seed as shop
from sandbox.centra.clock import now
from sandbox.centra.model import (
    AllocationRule,
    Brand,
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

COUNTRIES = (
    Country(1, "GB", "United Kingdom", False), Country(2, "IE", "Ireland", True), Country(3, "SE", "Sweden", True),
    Country(4, "DE", "Germany", True), Country(5, "US", "United States", False),
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

    def rule_of(self, market: Market) -> AllocationRule:
        """The one rule that says where a market's goods come from."""
        return next(rule for rule in self.rules.values() if market in rule.markets)

    def size(self, code: str) -> ProductSize | None:
        """A size by SKU, EAN or UPC, whichever fits."""
        return self.by_sku.get(code) or self.by_ean.get(code)


def load(seed: shop.Seed) -> Catalogue:
    """The catalogue of a freshly seeded instance."""
    britain = COUNTRIES[0]
    currency = Currency(1, shop.CURRENCY, "Pound sterling")
    store = Store(shop.STORE_ID, "Harrow & Fen")
    own = Market(shop.OWN_SHOP_MARKET_ID, "Own shop", store, (britain,))
    marketplaces = Market(shop.MARKETPLACES_MARKET_ID, "Marketplaces", store, (britain,))
    shipping = {
        uri: ShippingOption(number, uri.title(), uri) for number, uri in enumerate(shop.SHIPPING_OPTIONS, start=1)
    }
    pricelist = Pricelist(
        shop.PRICELIST_ID, "GBP", store, currency, (britain,), shipping[shop.SHIPPING_OPTIONS[0]]
    )
    ordered = sorted(seed.warehouses, key=lambda warehouse: warehouse.priority)
    warehouses = {
        warehouse.id: Warehouse(warehouse.id, warehouse.name, warehouse.threshold, britain) for warehouse in ordered
    }
    rule = AllocationRule(1, "Default", tuple(warehouses.values()), (own, marketplaces), (store,))
    for warehouse in warehouses.values():
        warehouse.allocation_rules.append(rule)
    result = Catalogue(
        {store.id: store}, {own.id: own, marketplaces.id: marketplaces}, {pricelist.id: pricelist}, shipping,
        dict(sorted(warehouses.items())), {rule.name: rule}, {}, {}, {}, {}, {}, {},
    )
    for product in seed.products:
        _add_product(result, product)
    return result


def _add_product(into: Catalogue, source: shop.Product) -> None:
    store = into.stores[shop.STORE_ID]
    made = now() - timedelta(days=30)
    product = Product(
        source.id, source.name, source.number, Brand(1, shop.BRAND), COUNTRIES[0], "6110209100", Decimal("0.400"),
        made, made,
    )
    into.products[product.id] = product
    display = Display(
        source.display_id, f"{shop.BRAND} {source.name}", source.name.lower().replace(" ", "-"),
        f"{source.name} by {shop.BRAND}.", product, store, tuple(into.markets.values()), made,
    )
    into.displays[display.id] = display
    product.displays.append(display)
    for source_variant in source.variants:
        variant = _variant(product, source_variant)
        product.variants.append(variant)
        into.variants[variant.id] = variant
        display.display_items.append(DisplayItem(variant.display_item_id, display, variant))
        for source_size in source_variant.sizes:
            size = _size(into, variant, source_size)
            variant.product_sizes.append(size)
            into.sizes[size.id] = into.by_sku[size.sku] = into.by_ean[size.ean] = size


def _variant(product: Product, source: shop.Variant) -> Variant:
    return Variant(
        source.id, source.colour, source.number.removeprefix(product.product_number), product, source.sizes[0].price,
        source.stock_offset, source.display_item_id, "ACTIVE" if source.active else "INACTIVE", product.updated_at,
    )


def _size(into: Catalogue, variant: Variant, source: shop.Size) -> ProductSize:
    glued = variant.product.product_number + variant.variant_number
    size = ProductSize(
        source.id, source.sku, source.ean, source.sku.removeprefix(glued), source.name, source.preorder,
        source.active, variant, variant.updated_at,
    )
    size.levels = [Level(size, house, source.stock.get(number, 0)) for number, house in into.warehouses.items()]
    return size
