"""What Centra holds of one size is shown on one screen, for assertions in tests and stories."""

from decimal import Decimal
from typing import Any

from sandbox.centra.campaigns import CampaignVariant
from sandbox.centra.content import Content
from sandbox.centra.model import Display, Product, Variant
from sandbox.centra.world import World
from sandbox.seed import image_url

Body = dict[str, Any]


def content(world: World, sku: str) -> Body:
    """The size with its variant, product and displays. Amounts are text.

    :raises KeyError: there is no such SKU.
    """
    size = world.catalogue.by_sku[sku]
    variant, base = size.product_variant, world.options.base_url
    return {
        "size": {
            "id": size.id, "sku": size.sku, "ean": size.ean, "upc": size.upc, "label": size.description,
            "active": size.is_active,
        },
        "variant": _variant(variant, base),
        "product": _product(variant.product, base),
        "displays": [_display(display, base) for display in variant.product.displays],
        "campaigns": [_campaign(row) for row in world.catalogue.campaigns.of([variant])],
    }


def _content(held: Content, base: str) -> Body:
    return {
        "attributes": held.attributes,
        "translations": {code: texts for code, texts in held.translations.items() if texts},
        "images": [image_url(base, number) for number in held.media],
    }


def _amounts(prices: dict[int, Decimal]) -> dict[str, str]:
    return {str(number): f"{amount:.2f}" for number, amount in sorted(prices.items())}


def _variant(variant: Variant, base: str) -> Body:
    return {
        "id": variant.id, "name": variant.name, "status": variant.status, "number": variant.variant_number,
        "prices": _amounts(variant.prices), "recommended": _amounts(variant.recommended),
        "unit_cost": None if variant.unit_cost is None else f"{variant.unit_cost:.2f}",
        "image_ids": variant.content.media, **_content(variant.content, base),
    }


def _product(product: Product, base: str) -> Body:
    return {
        "id": product.id, "name": product.name, "status": product.status, "number": product.product_number,
        "brand": product.brand.name, "collection": product.collection.name if product.collection else None,
        "origin": product.country_of_origin.code, "hs_code": product.harmonized_commodity_code,
        "weight": None if product.weight_kg is None else str(product.weight_kg), **_content(product.content, base),
    }


def _display(display: Display, base: str) -> Body:
    return {
        "id": display.id, "name": display.name, "status": display.status, "description": display.description,
        "short_description": display.short_description, "meta_title": display.meta_title,
        "meta_description": display.meta_description, "markets": [market.id for market in display.markets],
        "categories": [category.name for category in display.categories], **_content(display.content, base),
    }


def _campaign(row: CampaignVariant) -> Body:
    return {
        "id": row.id, "campaign": row.campaign.id, "status": row.status,
        "percent": None if row.percent is None else str(row.percent),
        "fixed": None if row.fixed is None else f"{row.fixed:.2f}",
        "start": row.start_at.isoformat(), "stop": row.stop_at.isoformat(),
    }
