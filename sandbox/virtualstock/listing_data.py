"""A listing starts as if the supplier had sent everything once: what each retailer shows agrees with the shop.

Every 97th listing of a retailer is the exception, it still has a title from before the brand stood in it.
"""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from inscriptis import get_text

from sandbox.seed import BRAND, COUNTRY_OF_ORIGIN, Listing, Product, Seed, Size, Variant, image_url
from sandbox.virtualstock.models import ACCESSORIES, CLOTHING, FOOTWEAR

OUTDATED_EVERY = 97
COLOURS = {"Navy": "BLUE", "Oatmeal": "CREAM", "Moss": "GREEN", "Black": "BLACK", "Rust": "ORANGE", "Stone": "GREY",
           "Sky": "BLUE", "Burgundy": "PURPLE"}
"""What northgate calls the shop's colours."""
TITLES = {"northgate": "productTitle", "calder": "product_name", "fernhill": "name"}
"""The attribute that shoppers read first, by retailer."""
_CALDER_CATEGORIES = {"Footwear": FOOTWEAR, "Accessories": ACCESSORIES}
_TAX = Decimal("1.20")
_PENNY = Decimal("0.01")


class ListingData:
    """Category and attributes of the listings of a seed; `media_url` is where the images of the shop lie."""

    def __init__(self, seed: Seed, media_url: str) -> None:
        self._media_url = media_url
        self._of_sku = {size.sku: (product, variant, size) for product, variant, size in seed.sizes()}
        self._descriptions: dict[int, str] = {}
        self._images: dict[int, list[str]] = {}
        self._listed: Counter[str] = Counter()

    def of(self, listing: Listing) -> tuple[int, dict[str, str]]:
        """The category and the data of the retailer's next listing."""
        product, variant, size = self._of_sku[listing.sku]
        build = {"northgate": self._northgate, "calder": self._calder, "fernhill": self._fernhill}[listing.retailer]
        data = build(listing, product, variant, size)
        self._listed[listing.retailer] += 1
        if self._listed[listing.retailer] % OUTDATED_EVERY == 0:
            title = TITLES[listing.retailer]
            data[title] = data[title].removeprefix(f"{BRAND} ")
        calder = listing.retailer == "calder"
        return _CALDER_CATEGORIES.get(product.category, CLOTHING) if calder else CLOTHING, data

    def _northgate(self, listing: Listing, product: Product, variant: Variant, size: Size) -> dict[str, str]:
        first, second, third = self._links(variant)
        return {
            "tradedCode": size.sku, "barcode": size.ean, "brandName": BRAND,
            "productTitle": f"{product.display_name}, {variant.colour}, {size.name}",
            "longDescription": self._description(product), "colour": COLOURS[variant.colour], "size": size.name,
            "material": product.material, "countryOfOrigin": COUNTRY_OF_ORIGIN,
            "weightGrams": str(int(product.weight_kg * 1000)), "image": first, "image_2": second, "image_3": third,
            "listingStatus": "LIVE" if variant.active and size.active else "DISCONTINUED",
            "current_lead_time_to_delivery_in_days": "3", "prodId": listing.part_number, "supplierNum": "48211",
            "fulfilmentType": "Direct",
        }

    def _calder(self, listing: Listing, product: Product, variant: Variant, size: Size) -> dict[str, str]:
        first, second, _ = self._links(variant)
        data = {
            "product_name": f"{product.display_name} {variant.colour}", "description": self._description(product),
            "ean": size.ean, "colour": variant.colour, "size": size.name, "fabric": product.material,
            "care": product.care, "image": first, "image_2": second,
            "price": f"{variant.price:.2f}", "rrp": f"{variant.price:.2f}", "cost_price": f"{variant.unit_cost:.2f}",
            "discontinued": "no" if variant.active and size.active else "yes", "lead_time_days": "3",
            "part_number": listing.part_number,
        }
        return data | ({"shoe_size": size.name} if product.category == "Footwear" else {})

    def _fernhill(self, listing: Listing, product: Product, variant: Variant, size: Size) -> dict[str, str]:
        without_tax = (variant.price / _TAX).quantize(_PENNY, ROUND_HALF_UP)
        return {
            "name": product.display_name, "description": self._description(product), "barcode": size.ean,
            "colour": variant.colour, "size": size.name, "weight_kg": f"{product.weight_kg.normalize():f}",
            "image": self._links(variant)[0], "price": f"{without_tax:.2f}", "lead_time_days": "3",
            "part_number": listing.part_number, "product_name": listing.name,
        }

    def _description(self, product: Product) -> str:
        """One text for all listings of a product: reading HTML is slow."""
        if product.id not in self._descriptions:
            self._descriptions[product.id] = get_text(product.description_html).strip()
        return self._descriptions[product.id]

    def _links(self, variant: Variant) -> list[str]:
        if variant.id not in self._images:
            self._images[variant.id] = [image_url(self._media_url, number) for number in variant.image_ids]
        return self._images[variant.id]
